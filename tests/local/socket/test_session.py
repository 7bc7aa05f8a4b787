"""One connection from hello to its many ends, seen by a bare client."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import aiohttp
import pytest

from tautwire.errors import ConfigurationError
from tautwire.local import Fault, LocalSlack, Phase, State, Switches

PING, PONG, TEXT = aiohttp.WSMsgType.PING, aiohttp.WSMsgType.PONG, aiohttp.WSMsgType.TEXT


async def test_hello_has_every_key(slack: LocalSlack, dial: Any) -> None:
    async with dial(slack), dial(slack, hello=False) as wire:
        hello = await wire.message()
        assert hello == {
            "type": "hello",
            "num_connections": 2,
            "debug_info": {"host": "applink-2", "build_number": 14, "approximate_connection_time": 18060},
            "connection_info": {"app_id": "A0LOCAL01"},
        }
        assert slack.newest.ready
        assert slack.newest.ready_at is not None


async def test_hello_started_by_switch(dial: Any) -> None:
    async with LocalSlack(switches=Switches(hello_started=True)) as slack, dial(slack, hello=False) as wire:
        assert "started" in (await wire.message())["debug_info"]


async def test_pings_come_at_three_and_a_half_and_then_every_ten(still: LocalSlack, clock: Any, dial: Any) -> None:
    async with dial(still) as wire:
        for wait in (3.5, 10, 10):
            await clock.advance(wait - 0.1)
            count = still.newest.counts["pings_sent"]
            await clock.advance(0.1)
            assert still.newest.counts["pings_sent"] == count + 1
            frame = await wire.frame()
            assert (frame.type, frame.data) == (PING, b"Ping from applink-1")
            await wire.ws.pong(frame.data)
        await still.wait_for(lambda slack: slack.newest.counts["pongs"] == 3)


async def test_pings_can_stop(still: LocalSlack, clock: Any, dial: Any) -> None:
    still.faults.add(Fault(where="ping", kind="missing"))
    async with dial(still):
        await clock.advance(60)
        assert still.newest.counts["pings_sent"] == 0


async def test_a_clients_ping_is_echoed(slack: LocalSlack, dial: Any) -> None:
    async with dial(slack) as wire:
        await wire.ws.ping(b"12:34")
        frame = await wire.frame()
        assert (frame.type, frame.data) == (PONG, b"12:34")
        slack.faults.add(Fault(where="pong", kind="missing", count=1))
        await wire.ws.ping(b"lost")
        await wire.ws.ping(b"heard")
        assert (await wire.frame()).data == b"heard"


async def test_refresh_warns_asks_and_closes(still: LocalSlack, clock: Any, dial: Any) -> None:
    async with dial(still) as wire:
        session = still.newest
        still.refresh()
        assert await wire.message() == {"type": "disconnect", "reason": "warning", "debug_info": {"host": "applink-1"}}
        await clock.advance(9.9)
        assert session.phase is Phase.READY
        await clock.advance(0.1)
        assert (await wire.message())["reason"] == "refresh_requested"
        assert session.takes_envelopes
        event = still.send_event()
        await wire.ack(await wire.message())
        await still.settled()
        assert event.state is State.ACKED
        await clock.advance(1)
        assert await wire.closed() == 1000
        assert (session.cause, still.connections) == ("refresh", [])
    await session.ended()


async def test_after_refresh_requested_nothing_more_by_switch(clock: Any, dial: Any) -> None:
    switches = Switches(deliver_after_refresh_requested=False)
    async with LocalSlack(clock=clock, switches=switches) as slack, dial(slack):
        slack.newest.refresh(warning=False)
        await clock.settle()
        assert slack.newest.phase is Phase.REPLACED
        assert slack.send_command().user_error == "dispatch_failed"


async def test_a_missing_warning(still: LocalSlack, clock: Any, dial: Any) -> None:
    still.faults.add(Fault(where="disconnect", kind="missing", match="warning"))
    async with dial(still) as wire:
        still.refresh()
        await clock.advance(10)
        assert (await wire.message())["reason"] == "refresh_requested"


async def test_the_end_of_a_natural_life(clock: Any, dial: Any) -> None:
    async with LocalSlack(clock=clock, connection_time=100, ping_interval=1e6) as slack, dial(slack) as wire:
        await clock.advance(90)
        assert (await wire.message())["reason"] == "warning"
        await clock.advance(10)
        assert (await wire.message())["reason"] == "refresh_requested"


async def test_debug_reconnects_shortens_it(clock: Any, dial: Any) -> None:
    async with (
        LocalSlack(clock=clock) as slack,
        dial(slack, hello=False, query="&debug_reconnects=true") as wire,
    ):
        assert (await wire.message())["debug_info"]["approximate_connection_time"] == 360
        await clock.advance(350)
        assert (await wire.message())["reason"] == "warning"


@pytest.mark.parametrize("is_left_open", [True, False])
async def test_tcp_after_the_close_handshake(slack: LocalSlack, raw: Any, is_left_open: bool) -> None:
    reader, writer = raw
    session = slack.newest
    session.close(1000, leave_tcp_open=is_left_open)
    await reader.readuntil(b"\x88\x02\x03\xe8")
    writer.write(b"\x88\x82\0\0\0\0\x03\xe8")
    await slack.wait_for(lambda _: session.client_close_code == 1000)
    if is_left_open:
        assert session.phase is Phase.CLOSING
        assert session._link.is_up
    else:
        assert await reader.read() == b""
        await session.ended()


async def test_a_client_that_does_not_answer_the_close(clock: Any, upgrade: Any) -> None:
    async with LocalSlack(clock=clock, switches=Switches(leave_tcp_open=False)) as slack:
        reader, _writer = await upgrade(slack)
        slack.newest.close()
        await clock.settle()
        await clock.advance(10)
        await reader.read()


async def test_a_client_may_close(slack: LocalSlack, dial: Any) -> None:
    async with dial(slack) as wire:
        session = slack.newest
        await wire.ws.close(code=1000)
        assert wire.ws.close_code == 1000
        await session.ended()
        assert (session.cause, session.client_close_code) == ("client", 1000)


async def test_a_client_may_vanish(slack: LocalSlack, raw: Any) -> None:
    session = slack.newest
    raw[1].transport.abort()
    await session.ended()
    assert (session.cause, session.client_close_code) == ("client", None)


async def test_a_client_that_breaks_the_protocol_is_out(slack: LocalSlack, raw: Any) -> None:
    session = slack.newest
    raw[1].write(b"\xf3\x80\0\0\0\0")
    await session.ended()


@pytest.mark.parametrize(("how", "end"), [("fin", b""), ("close", b"\x88\x02\x03\xe9")])
async def test_drop_by_fin_and_close(slack: LocalSlack, raw: Any, how: str, end: bytes) -> None:
    reader, _ = raw
    session = slack.newest
    hello = await reader.readexactly(2)
    assert hello[0] == 0x81
    slack.drop(how)
    assert slack.connections == []
    rest = await reader.read()
    assert rest.endswith(end)
    assert b"\x88\x02" not in rest[: -len(end) or None]
    assert session.cause == how
    assert not session.post(b"{}")
    session.drop("rst")


async def test_drop_by_rst(slack: LocalSlack, raw: Any) -> None:
    session = slack.newest
    slack.drop("rst")
    with pytest.raises(ConnectionResetError):
        await raw[0].read()
    await session.ended()
    session.drop("rst")
    session.half_open()
    assert session.phase is Phase.ENDED


async def test_there_are_three_ways_to_drop(slack: LocalSlack, dial: Any) -> None:
    async with dial(slack):
        with pytest.raises(ConfigurationError):
            slack.drop("gently")
        assert slack.newest.ready


async def test_half_open_swallows_and_says_nothing(still: LocalSlack, clock: Any, dial: Any) -> None:
    async with dial(still) as wire:
        still.half_open()
        session = still.newest
        assert (session.phase, session.ready, session.takes_envelopes) == (Phase.HALF_OPEN, False, True)
        command = still.send_command()
        session.ping()
        session.say("anything")
        session.close()
        await wire.ws.ping(b"?")
        await wire.ws.send_str("{}")
        await clock.advance(60)
        await still.wait_for(lambda _: session.counts["swallowed"] == 2)
        assert command.state is State.LOST
        with pytest.raises(TimeoutError):
            await wire.ws.receive(timeout=0.01)
        assert session._link.is_up
        assert still.registered == 1


async def test_every_reason_can_be_said(slack: LocalSlack, dial: Any) -> None:
    for reason in ("warning", "refresh_requested", "link_disabled", "too_many_websockets", "novelty"):
        async with dial(slack) as wire:
            slack.newest.disconnect(reason)
            assert (await wire.message())["reason"] == reason
            assert await wire.closed() == 1000
    async with dial(slack) as wire:
        slack.newest.notify("warning")
        assert (await wire.message())["reason"] == "warning"
        assert slack.newest.ready


@pytest.mark.parametrize(("size", "code"), [(20_480, None), (20_481, 1009)])
async def test_large_client_frames(slack: LocalSlack, dial: Any, size: int, code: int | None) -> None:
    async with dial(slack) as wire:
        session = slack.newest
        delivery = slack.send_command()
        await wire.message()
        text = json.dumps({"envelope_id": delivery.envelope_id, "payload": {"text": ""}})
        await wire.ws.send_str(text[:-3] + "x" * (size - len(text)) + text[-3:])
        if code is None:
            await slack.settled()
            assert delivery.state is State.ACKED
        else:
            frame = await wire.frame()
            assert (frame.data, frame.extra) == (code, "Max frame length of 20480 has been exceeded.")
            assert session.cause == "too_big"


async def test_bytes_count_not_characters(slack: LocalSlack, dial: Any) -> None:
    async with dial(slack) as wire:
        await wire.ws.send_str("é" * 10_241)
        assert await wire.closed() == 1009


async def test_a_client_that_closes_gets_its_answer_before_tcp_ends(upgrade: Any) -> None:
    async with LocalSlack(switches=Switches(leave_tcp_open=False)) as slack:
        reader, writer = await upgrade(slack)
        writer.write(b"\x89\x80\0\0\0\0" + b"\x88\x82\0\0\0\0\x03\xe8" + b"\x89\x80\0\0\0\0")
        assert (await reader.read()).endswith(b"\x8a\x00" + b"\x88\x02\x03\xe8")


async def test_after_the_close_frame_nothing_of_slacks_own_follows(slack: LocalSlack, raw: Any) -> None:
    reader, writer = raw
    session = slack.newest
    session.close()
    session.ping()
    assert not session.post(b"{}")
    writer.write(b"\x89\x80\0\0\0\0")
    await slack.wait_for(lambda _: session.counts["pings"] == 1)
    for _ in range(10):  # turns for the writer, had it anything to write
        await asyncio.sleep(0)
    session.drop("fin")
    assert (await reader.read()).endswith(b"\x88\x02\x03\xe8")


@pytest.mark.parametrize("how", ["fin", "close"])
async def test_closing_does_not_wait_for_a_client_that_keeps_its_half(how: str, upgrade: Any) -> None:
    slack = LocalSlack()
    await slack.start()
    _, _writer = await upgrade(slack)
    slack.newest.drop(how)
    async with asyncio.timeout(10):
        await slack.close()


async def test_a_connection_dropped_during_its_handshake(
    slack: LocalSlack, dial: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    from tautwire.local.socket.link import Link

    accept = Link.accept

    async def slow_accept(link: Link, request: Any) -> Any:
        response = await accept(link, request)
        slack.drop("rst")
        return response

    monkeypatch.setattr(Link, "accept", slow_accept)
    async with dial(slack, hello=False) as wire:
        assert await wire.closed() is None
    assert slack.registered == 0
