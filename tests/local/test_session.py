"""One connection from hello to its many ends, seen by a bare client."""

from __future__ import annotations

import asyncio
import json
import ssl
from typing import TYPE_CHECKING, Any

import aiohttp
import pytest

from tautwire.errors import ConfigurationError
from tautwire.local import NUISANCES, VIOLATIONS, Fault, LocalSlack, Phase, State, Switches

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

PING, PONG, TEXT = aiohttp.WSMsgType.PING, aiohttp.WSMsgType.PONG, aiohttp.WSMsgType.TEXT


async def raw_upgrade(slack: LocalSlack) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    """A client that shows bytes: the handshake is done, the hello not yet read."""
    url = slack.websocket_url()
    reader, writer = await asyncio.open_connection("127.0.0.1", slack.port)
    path = url.split(str(slack.port), 1)[1]
    key = "dGhlIHNhbXBsZSBub25jZQ=="
    # As slack_sdk's builtin client does it: no port in Host.
    writer.write(
        f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        f"Sec-WebSocket-Key: {key}\r\nSec-WebSocket-Version: 13\r\n"
        "Sec-WebSocket-Extensions: permessage-deflate\r\n\r\n".encode()
    )
    head = await reader.readuntil(b"\r\n\r\n")
    assert b" 101 " in head.splitlines()[0]
    assert b"deflate" not in head
    return reader, writer


@pytest.fixture
async def raw(slack: LocalSlack) -> AsyncIterator[tuple[asyncio.StreamReader, asyncio.StreamWriter]]:
    reader, writer = await raw_upgrade(slack)
    await slack.wait_connections(1)
    yield reader, writer
    writer.close()
    await asyncio.gather(writer.wait_closed(), return_exceptions=True)


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
async def test_tcp_after_the_close_handshake(
    slack: LocalSlack, raw: tuple[asyncio.StreamReader, asyncio.StreamWriter], is_left_open: bool
) -> None:
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


async def test_a_client_that_does_not_answer_the_close(clock: Any) -> None:
    async with LocalSlack(clock=clock, switches=Switches(leave_tcp_open=False)) as slack:
        reader, writer = await raw_upgrade(slack)
        await slack.wait_connections(1)
        slack.newest.close()
        await clock.settle()
        await clock.advance(10)
        await reader.read()
        writer.close()
        await asyncio.gather(writer.wait_closed(), return_exceptions=True)


async def test_a_client_may_close(slack: LocalSlack, dial: Any) -> None:
    async with dial(slack) as wire:
        session = slack.newest
        await wire.ws.close(code=1000)
        assert wire.ws.close_code == 1000
        await session.ended()
        assert (session.cause, session.client_close_code) == ("client", 1000)


async def test_a_client_may_vanish(slack: LocalSlack, raw: tuple[asyncio.StreamReader, asyncio.StreamWriter]) -> None:
    session = slack.newest
    raw[1].transport.abort()
    await session.ended()
    assert (session.cause, session.client_close_code) == ("client", None)


async def test_a_client_that_breaks_the_protocol_is_out(
    slack: LocalSlack, raw: tuple[asyncio.StreamReader, asyncio.StreamWriter]
) -> None:
    session = slack.newest
    raw[1].write(b"\xf3\x80\0\0\0\0")
    await session.ended()


@pytest.mark.parametrize(("how", "end"), [("fin", b""), ("close", b"\x88\x02\x03\xe9")])
async def test_drop_by_fin_and_close(
    slack: LocalSlack, raw: tuple[asyncio.StreamReader, asyncio.StreamWriter], how: str, end: bytes
) -> None:
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


async def test_drop_by_rst(slack: LocalSlack, raw: tuple[asyncio.StreamReader, asyncio.StreamWriter]) -> None:
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


# Hello faults, the cap, ghosts


async def test_no_hello(slack: LocalSlack, dial: Any) -> None:
    slack.faults.add(Fault(where="hello", kind="missing"))
    async with dial(slack, hello=False):
        await slack.wait_for(lambda slack: slack.registered == 1)
        assert (slack.ready, len(slack.connections)) == ([], 1)
        assert slack.send_command().user_error == "dispatch_failed"


async def test_a_late_hello(still: LocalSlack, clock: Any, dial: Any) -> None:
    still.faults.add(Fault(where="hello", kind="late", delay=20))
    async with dial(still, hello=False) as wire:
        await clock.advance(19)
        assert still.ready == []
        await clock.advance(1)
        assert (await wire.message())["type"] == "hello"
        still.newest.say_hello()
        still.newest.say('{"type":"next"}')
        assert (await wire.message())["type"] == "next"


async def test_something_else_than_hello(slack: LocalSlack, dial: Any) -> None:
    slack.faults.add(Fault(where="hello", kind="not_json"))
    async with dial(slack, hello=False) as wire:
        assert (await wire.frame()).data == "UNAUTHENTICATED: cache_error"


async def test_the_eleventh_is_turned_away(slack: LocalSlack, http: aiohttp.ClientSession, dial: Any) -> None:
    sockets = [await http.ws_connect(slack.websocket_url()) for _ in range(10)]
    await slack.wait_connections(10)
    async with dial(slack, hello=False) as wire:
        assert (await wire.message())["reason"] == "too_many_websockets"
        assert await wire.closed() == 1000
    assert slack.registered == 10
    await sockets[0].close()
    await slack.wait_connections(9)
    async with dial(slack):
        assert slack.registered == 10
    for ws in sockets:
        await ws.close()


async def test_two_who_knock_together_are_not_both_the_tenth(http: aiohttp.ClientSession) -> None:
    async with LocalSlack(max_connections=1) as slack:
        sockets = await asyncio.gather(*(http.ws_connect(slack.websocket_url()) for _ in range(5)))
        first = [(await ws.receive_json())["type"] for ws in sockets]
        assert sorted(first) == ["disconnect"] * 4 + ["hello"]
        for ws in sockets:
            await ws.close()


async def test_turned_away_after_hello_by_switch(dial: Any) -> None:
    switches = Switches(over_limit="newcomer_after_hello")
    async with LocalSlack(max_connections=1, switches=switches) as slack, dial(slack), dial(slack) as wire:
        assert (await wire.message())["reason"] == "too_many_websockets"
        assert len(slack.ready) == 1


async def test_the_oldest_goes_by_switch(dial: Any) -> None:
    switches = Switches(over_limit="oldest")
    async with LocalSlack(max_connections=1, switches=switches) as slack, dial(slack) as old, dial(slack):
        assert (await old.message())["reason"] == "too_many_websockets"
        assert [session.id for session in slack.ready] == ["c2"]


async def test_ghosts_count_until_they_are_gone(clock: Any, dial: Any) -> None:
    async with LocalSlack(clock=clock, ghost_seconds=30, max_connections=2) as slack:
        async with dial(slack):
            session = slack.newest
        await session.ended()
        assert (slack.connections, slack.registered) == ([], 1)
        async with dial(slack, hello=False) as wire:
            assert (await wire.message())["num_connections"] == 2
            async with dial(slack, hello=False) as third:
                assert (await third.message())["reason"] == "too_many_websockets"
            await clock.advance(30)
            assert slack.registered == 1
            async with dial(slack):
                assert len(slack.ready) == 2


async def test_ghosts_can_swallow_envelopes_by_switch(clock: Any, dial: Any) -> None:
    async with LocalSlack(clock=clock, ghost_seconds=1e6, switches=Switches(route_to_ghosts=True)) as slack:
        async with dial(slack):
            session = slack.newest
        await session.ended()
        slack.faults.add(Fault(where="frame", kind="malformed"), Fault(where="envelope", kind="drop", count=1))
        slack.faults.add(Fault(where="envelope", kind="half_open", count=1))
        for _ in range(3):
            assert slack.send_command().attempts[0].connection_id == "c1"
        await clock.advance(3)
        assert slack.ledger.summary().lost == 3


async def test_socket_mode_off(slack: LocalSlack, dial: Any, call: Any) -> None:
    async with dial(slack) as wire:
        slack.disable_socket_mode()
        assert (await wire.message())["reason"] == "link_disabled"
        assert await wire.closed() == 1000
    assert (await call(slack, "apps.connections.open", slack.app_token))[2]["ok"]
    async with dial(slack, hello=False) as wire:
        assert (await wire.message())["reason"] == "link_disabled"
    slack.enable_socket_mode()
    async with dial(slack):
        pass


async def test_socket_mode_off_shows_in_the_api_by_switch(call: Any) -> None:
    async with LocalSlack(switches=Switches(socket_mode_off="open_fails")) as slack:
        slack.disable_socket_mode()
        assert (await call(slack, "apps.connections.open", slack.app_token))[2] == {
            "ok": False,
            "error": "access_denied",
        }
        slack.enable_socket_mode()
        assert (await call(slack, "apps.connections.open", slack.app_token))[2]["ok"]


# Frames that are not Slack's


@pytest.mark.parametrize("form", NUISANCES)
async def test_a_nuisance_is_well_formed(slack: LocalSlack, dial: Any, form: str) -> None:
    async with dial(slack) as wire:
        slack.newest.say_form(form)
        slack.newest.say('{"type":"still here"}')
        await wire.frame()
        assert (await wire.message())["type"] == "still here"


@pytest.mark.parametrize("form", sorted(set(VIOLATIONS) - {"masked"}))
async def test_a_violation_ends_an_honest_client(slack: LocalSlack, dial: Any, form: str) -> None:
    async with dial(slack) as wire:
        slack.newest.say_form(form)
        slack.newest.say('{"type":"still here"}')
        frame = await wire.frame()
        assert frame.type in (aiohttp.WSMsgType.ERROR, aiohttp.WSMsgType.CLOSED, aiohttp.WSMsgType.CLOSE), frame


async def test_a_masked_frame_is_masked_on_the_wire(
    slack: LocalSlack, raw: tuple[asyncio.StreamReader, asyncio.StreamWriter]
) -> None:
    # aiohttp's client forgives it, so the bytes themselves have to show it.
    slack.newest.say_form("masked")
    data = await raw[0].readuntil(b'\x81\x90\0\0\0\0{"type":"hello"}')
    assert data


async def test_a_megabyte_event_arrives_whole(slack: LocalSlack, dial: Any) -> None:
    async with dial(slack) as wire:
        slack.send_event(text="x" * 5_000_000)
        assert len((await wire.message())["payload"]["event"]["text"]) == 5_000_000


async def test_nothing_is_ever_fragmented(
    slack: LocalSlack, raw: tuple[asyncio.StreamReader, asyncio.StreamWriter]
) -> None:
    reader, _ = raw
    slack.send_event(text="x" * 200_000)
    for _ in range(2):
        first, size = await reader.readexactly(2)
        assert first == 0x81
        length = {126: 2, 127: 8}.get(size, 0)
        total = int.from_bytes(await reader.readexactly(length)) if length else size
        json.loads(await reader.readexactly(total))


async def test_a_client_that_does_not_read_stops_nobody(seed: int, dial: Any) -> None:
    async with LocalSlack(seed=seed) as slack:
        _, writer = await raw_upgrade(slack)
        await slack.wait_connections(1)
        stuck = slack.newest
        async with dial(slack) as wire:
            for _ in range(20):
                slack.send_event(to=stuck, text="x" * 1_000_000)
            event = slack.send_event(to=slack.newest)
            await wire.ack(await wire.message())
            await slack.wait_for(lambda _: event.state is State.ACKED)
            assert len(stuck._link._queue) > 0
        stuck.drop("rst")
        await stuck.ended()
        writer.close()
        await asyncio.gather(writer.wait_closed(), return_exceptions=True)


async def test_the_queue_is_bounded(slack: LocalSlack, raw: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tautwire.local.link.QUEUE_BYTES", 1000)
    assert slack.newest.post(b"x" * 600)
    assert not slack.newest.post(b"x" * 600)


async def test_repr_tells_the_state_and_no_secret(slack: LocalSlack, dial: Any) -> None:
    url = slack.websocket_url()
    async with dial(slack, url):
        ticket = url.split("ticket=")[1].split("&")[0]
        shown = repr([slack, slack.newest, slack.newest.ticket, slack.dials])
        assert ticket not in shown
        assert slack.app_token not in shown
        assert "c1 ready" in shown


async def test_over_tls(seed: int) -> None:
    import trustme

    authority = trustme.CA()
    server, client = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH), ssl.create_default_context()
    authority.issue_cert("127.0.0.1").configure_cert(server)
    authority.configure_trust(client)
    async with (
        LocalSlack(seed=seed, ssl_context=server) as slack,
        aiohttp.ClientSession(connector=aiohttp.TCPConnector(ssl=client)) as http,
    ):
        assert slack.api_url.startswith("https://")
        headers = {"Authorization": f"Bearer {slack.app_token}"}
        for how in ("fin", "rst", "close"):
            async with http.post(slack.api_url + "apps.connections.open", headers=headers) as response:
                url = (await response.json())["url"]
            assert url.startswith("wss://127.0.0.1:")
            async with http.ws_connect(url) as ws:
                assert (await ws.receive_json())["type"] == "hello"
                session = slack.newest
                slack.drop(how)
                await ws.receive(timeout=10)
            await session.ended()
