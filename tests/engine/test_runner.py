"""One link at work: what comes in, what goes out, and in which order it ends."""

from __future__ import annotations

import asyncio
import json
from typing import TYPE_CHECKING, Any

import pytest

from tautwire import facts
from tautwire.engine.runner import Receipt
from tautwire.engine.transport import CloseFrame, Gone, Odd, PingFrame, PongFrame, Text
from tautwire.errors import NotConnectedError
from tautwire.protocol.effects import Cause
from tautwire.protocol.link import Ready
from tautwire.protocol.messages import Disconnect, Hello, Malformed, Unknown

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

HELLO = '{"type":"hello","num_connections":1}'


def envelope(name: str = "e1") -> str:
    return json.dumps({"type": "events_api", "envelope_id": name, "payload": {}})


@pytest.fixture
def lived(virtually: Any, world: Any) -> Callable[[Callable[[Any, Any], Awaitable[Any]]], None]:
    """Run `scenario(world, connection)` on a connection that is ready."""

    def run(scenario: Callable[[Any, Any], Awaitable[Any]]) -> None:
        async def whole() -> None:
            it = world(auto_reconnect=False)
            try:
                await scenario(it, await it.up(HELLO))
            finally:
                await it.supervisor.shut()

        virtually(whole())

    return run


Lived = Any


def test_a_ping_is_answered_with_its_own_data(lived: Lived) -> None:
    async def scenario(it: Any, connection: Any) -> None:
        connection.say(PingFrame(b"Ping from applink-7"), PingFrame(b""))
        await it.turn()
        assert connection.of_kind("pong") == [b"Ping from applink-7", b""]

    lived(scenario)


def test_our_pings_go_out_on_time_and_their_pongs_are_noted(lived: Lived) -> None:
    async def scenario(it: Any, connection: Any) -> None:
        runner = it.supervisor.runners[0]
        began = it.clock.monotonic()
        assert connection.of_kind("ping") == [b"tautwire"]
        assert (runner.first_ping, runner.last_pong, runner.last_pong_wall) == (began, None, None)
        for _ in range(4):
            await asyncio.sleep(5)
            await it.turn()
            connection.say(PongFrame(b"tautwire"))
            await it.turn()
        assert len(connection.of_kind("ping")) == 5
        assert runner.first_ping == began
        assert runner.last_pong == runner.last_heard == pytest.approx(began + 20)
        assert runner.last_pong_wall == pytest.approx(it.clock.wall())
        assert not runner.is_suspect

    lived(scenario)


def test_what_is_no_envelope_is_shown_with_its_text(lived: Lived) -> None:
    async def scenario(it: Any, connection: Any) -> None:
        unknown, refresh = '{"type":"novelty"}', '{"type":"disconnect","reason":"warning"}'
        connection.say("nonsense", unknown, HELLO, refresh, Odd("binary", 7))
        await it.turn()
        shown = [(message, text) for _, message, text in it.intake.shown]
        assert [type(message) for message, _ in shown] == [Hello, Malformed, Unknown, Hello, Disconnect, Malformed]
        assert [text for _, text in shown] == [HELLO, "nonsense", unknown, HELLO, refresh, ""]
        assert shown[-1][0] == Malformed("binary frame", 7)
        assert it.intake.taken == []
        assert len(it.of(facts.LinkReady)) == 1

    lived(scenario)


def test_raw_frames_are_shown_once(lived: Lived) -> None:
    async def scenario(it: Any, connection: Any) -> None:
        lost = Gone(ConnectionResetError())
        connection.say(PingFrame(b""), lost)
        await it.turn()
        assert it.intake.frames == [Text(HELLO), lost]

    lived(scenario)


def test_an_envelope_carries_the_receipt_of_its_link(lived: Lived) -> None:
    async def scenario(it: Any, connection: Any) -> None:
        connection.say(envelope("e1"))
        await it.turn()
        (received,) = it.intake.taken
        receipt = received.receipt
        assert (received.text, received.envelope.envelope_id) == (envelope("e1"), "e1")
        assert (receipt.envelope_id, receipt.link, receipt.received_at) == ("e1", 1, it.clock.monotonic())
        assert receipt.is_open
        await receipt.send("ack")
        assert connection.of_kind("text") == ["ack"]
        connection.say(Gone())
        await it.turn()
        assert not receipt.is_open
        with pytest.raises(NotConnectedError, match="this connection is closed"):
            await receipt.send("ack")

    lived(scenario)


async def test_a_receipt_of_no_link() -> None:
    receipt = Receipt("e1", 0, 0.0)
    assert not receipt.is_open
    with pytest.raises(NotConnectedError, match="came from no connection"):
        await receipt.send("ack")


def test_without_room_nothing_is_read_and_silence_means_nothing(lived: Lived) -> None:
    async def scenario(it: Any, connection: Any) -> None:
        it.intake.on_take = lambda _: it.intake.space.clear()
        connection.say(envelope("e1"), envelope("e2"))
        await it.turn()
        assert [received.envelope.envelope_id for received in it.intake.taken] == ["e1"]
        await asyncio.sleep(100)
        assert it.supervisor.is_connected
        assert connection.releases == 0
        it.intake.on_take = lambda _: None
        it.intake.space.set()
        await it.turn()
        assert [received.envelope.envelope_id for received in it.intake.taken] == ["e1", "e2"]
        assert it.intake.waits == [pytest.approx(100)]
        await asyncio.sleep(30)
        assert connection.releases == 1, "read again, silence counts again"
        assert it.of(facts.LinkLost)[0].cause is Cause.SILENT

    lived(scenario)


def test_an_end_without_room_is_an_end(lived: Lived) -> None:
    async def scenario(it: Any, connection: Any) -> None:
        it.intake.on_take = lambda _: it.intake.space.clear()
        connection.say(envelope("e1"))
        await it.turn()
        await it.supervisor.shut()
        assert connection.releases == 1

    lived(scenario)


def test_full_buffers_stop_neither_the_reading_nor_the_watching(lived: Lived) -> None:
    async def scenario(it: Any, connection: Any) -> None:
        connection.flows.clear()
        connection.say(PingFrame(b""), envelope("e1"))
        await it.turn()
        assert len(it.intake.taken) == 1
        await asyncio.sleep(6)
        connection.say(PingFrame(b""))
        await it.turn()
        assert it.supervisor.runners[0].last_heard == pytest.approx(it.clock.monotonic())
        connection.flows.set()
        await it.turn()
        assert connection.of_kind("pong") == [b"", b""]

    lived(scenario)


# How it ends.


def test_their_close_gets_ours_after_the_acks_that_are_due(lived: Lived) -> None:
    async def scenario(it: Any, connection: Any) -> None:
        connection.say(envelope("e1"), envelope("e2"), CloseFrame(1000, "bye"))
        await it.turn()
        assert connection.of_kind("close") == []
        for received in it.intake.taken:
            await asyncio.sleep(0.2)
            await received.receipt.send(f"ack {received.envelope.envelope_id}")
        await it.turn()
        said = [(kind, data) for kind, data in connection.sent if kind != "ping"]
        assert said == [("text", "ack e1"), ("text", "ack e2"), ("close", 1000)]
        assert connection.releases == 1
        assert it.intake.frames[-1] == CloseFrame(1000, "bye")
        assert it.of(facts.LinkLost)[0].cause is Cause.CLOSED

    lived(scenario)


def test_acks_that_do_not_come_hold_up_their_close_for_half_a_second(lived: Lived) -> None:
    async def scenario(it: Any, connection: Any) -> None:
        connection.say(envelope("e1"), CloseFrame(1000, ""))
        began = it.clock.monotonic()
        await it.turn()
        assert [fact.cause for fact in it.of(facts.LinkLost)] == [Cause.CLOSED], "whoever plans hears of it at once"
        assert it.intake.taken[0].receipt.is_open
        await connection.released.wait()
        assert it.clock.monotonic() - began == pytest.approx(0.5)
        assert connection.of_kind("close") == [1000]
        assert not it.intake.taken[0].receipt.is_open

    lived(scenario)


def test_acks_that_slack_has_given_up_on_hold_up_nothing(lived: Lived) -> None:
    async def scenario(it: Any, connection: Any) -> None:
        connection.say(envelope("e1"))
        await it.turn()
        await asyncio.sleep(3)
        connection.say(CloseFrame(1000, ""))
        began = it.clock.monotonic()
        await connection.released.wait()
        assert it.clock.monotonic() == pytest.approx(began)
        assert connection.of_kind("close") == [1000]

    lived(scenario)


def test_their_close_on_full_buffers_is_cut_in_two_seconds(lived: Lived) -> None:
    async def scenario(it: Any, connection: Any) -> None:
        connection.flows.clear()
        connection.say(CloseFrame(1000, ""))
        began = it.clock.monotonic()
        await connection.released.wait()
        assert it.clock.monotonic() - began <= 2.0
        assert connection.of_kind("close") == []

    lived(scenario)


def test_our_close_goes_out_after_the_acks_that_are_due(lived: Lived) -> None:
    async def scenario(it: Any, connection: Any) -> None:
        connection.say(envelope("e1"))
        await it.turn()
        receipt = it.intake.taken[0].receipt
        shutting = asyncio.create_task(it.supervisor.shut())
        await asyncio.sleep(0.2)
        assert connection.of_kind("close") == []
        await receipt.send("ack")
        await it.turn()
        assert connection.of_kind("close") == [1000]
        assert not receipt.is_open
        connection.say(envelope("late"), CloseFrame(1000, ""))
        await shutting
        assert [received.envelope.envelope_id for received in it.intake.taken] == ["e1", "late"]
        with pytest.raises(NotConnectedError):
            await it.intake.taken[1].receipt.send("too late for this one")
        assert it.of(facts.LinkClosed)[0].cause is Cause.RETIRED

    lived(scenario)


def test_our_close_waits_half_a_second_for_acks_at_most(lived: Lived) -> None:
    async def scenario(it: Any, connection: Any) -> None:
        connection.say(envelope("e1"))
        await it.turn()
        began = it.clock.monotonic()
        shutting = asyncio.create_task(it.supervisor.shut())
        await asyncio.sleep(0.45)
        assert connection.of_kind("close") == []
        await asyncio.sleep(0.1)
        assert connection.of_kind("close") == [1000]
        await shutting
        assert it.clock.monotonic() - began <= 2.0

    lived(scenario)


def test_a_runner_shows_itself(lived: Lived) -> None:
    async def scenario(it: Any, connection: Any) -> None:
        (runner,) = it.supervisor.runners
        assert isinstance(runner.state, Ready)
        assert repr(runner) == f"Runner(1, {runner.state!r})"
        assert runner.connection is connection
        assert runner.reader is not None
        assert runner.watcher is not None
        assert not runner.reader.done()
        connection.say(Gone())
        await it.turn()
        assert runner.reader.done()
        assert runner.watcher.done()
        assert (runner.is_open, runner.is_ready) == (False, False)

    lived(scenario)
