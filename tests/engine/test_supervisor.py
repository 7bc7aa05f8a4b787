"""The supervisor over a made-up network: a client's whole life in virtual time."""

from __future__ import annotations

import asyncio
import itertools
import json
from typing import TYPE_CHECKING, Any

import pytest

from tautwire import facts
from tautwire.engine import supervisor as module
from tautwire.engine.transport import CloseFrame, Gone, PongFrame
from tautwire.errors import (
    ClientClosedError,
    DialError,
    DialTimeoutError,
    HandshakeRefusedError,
    InvalidTokenError,
    NotConnectedError,
    RateLimitedError,
    SocketModeDisabledError,
)
from tautwire.protocol.effects import Cause, Departure

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

#: The fixtures of conftest, whose types no other file may import.
Make = Any
Virtually = Any


def disconnect(reason: str) -> str:
    return json.dumps({"type": "disconnect", "reason": reason})


def hello(count: int = 1) -> str:
    return json.dumps({"type": "hello", "num_connections": count})


def envelope(name: str = "e1") -> str:
    return json.dumps({"type": "events_api", "envelope_id": name, "payload": {"event_id": name}})


def in_a_world(virtually: Virtually, world: Make, scenario: Callable[[Any], Awaitable[Any]], **options: Any) -> Any:
    """Run `scenario(world)`, then shut: no task, no connection may be left."""

    async def whole() -> Any:
        it = world(**options)
        try:
            return await scenario(it)
        finally:
            await it.supervisor.shut()
            assert len(it.supervisor._tasks) == 0
            assert it.supervisor.runners == []
            assert not it.supervisor.is_running
            assert [one.releases for one in it.network.connections] == [1] * len(it.network.connections)

    return virtually(whole())


def test_the_limits_are_ten_seconds() -> None:
    assert (module.API_WAIT, module.HANDSHAKE_WAIT) == (10.0, 10.0)


# The plan, performed.


def test_one_dial_one_hello_one_connection(virtually: Virtually, world: Make) -> None:
    async def scenario(it: Any) -> None:
        one = it.supervisor
        assert (one.is_running, one.is_connected, one.runners, one.dials) == (False, False, [], 0)
        one.start()
        one.start()
        assert one.is_running
        assert one.is_recovering
        await it.turn()
        assert (one.is_connected, one.newest_ready, one.dials) == (False, None, 1)
        assert one.newest_open is one.runners[0]
        it.newest.say(hello())
        await it.turn()
        assert one.is_connected
        assert one.newest_ready is one.runners[0]
        assert not one.is_recovering
        assert (it.asked, len(it.network.connections)) == (1, 1)
        assert it.network.dialled[0].url.reveal().endswith("t1")
        assert [type(fact) for fact in it.facts] == [facts.LinkOpened, facts.LinkReady]

    in_a_world(virtually, world, scenario)


def test_a_refresh_dials_first_and_retires_then(virtually: Virtually, world: Make) -> None:
    async def scenario(it: Any) -> None:
        old = await it.up()
        old.say(disconnect("warning"))
        await it.turn()
        assert it.supervisor.is_rotating
        assert it.supervisor.is_connected, "events still arrive"
        assert it.supervisor.dials == 2
        new = it.newest
        assert old.of_kind("close") == []
        new.say(hello(2))
        await it.turn()
        assert not it.supervisor.is_rotating
        assert [fact.departure for fact in it.of(facts.LinkRetired)] == [Departure.WARNING]
        old.say(envelope())
        await it.turn()
        assert [one.receipt.link for one in it.intake.taken] == [1]
        await it.intake.taken[0].receipt.send("ack")
        assert old.of_kind("text") == ["ack"]
        old.say(CloseFrame(1000, ""))
        await it.turn()
        assert [fact.link for fact in it.of(facts.LinkClosed)] == [1]
        assert it.of(facts.LinkLost) == []
        assert it.of(facts.Gap) == []
        assert [runner.number for runner in it.supervisor.runners] == [2]

    in_a_world(virtually, world, scenario)


def test_at_slacks_limit_the_old_one_is_closed_first(virtually: Virtually, world: Make) -> None:
    async def scenario(it: Any) -> None:
        old = await it.up(hello(10))
        old.say(disconnect("warning"))
        await it.turn()
        assert old.of_kind("close") == [1000]
        assert it.supervisor.dials == 1
        old.say(CloseFrame(1000, ""))
        await it.turn()
        assert it.supervisor.dials == 2
        it.newest.say(hello(10))
        await it.turn()
        assert it.supervisor.is_connected
        assert [fact.cause for fact in it.of(facts.LinkClosed)] == [Cause.RETIRED]

    in_a_world(virtually, world, scenario)


def test_failures_wait_longer_and_longer_and_each_asks_anew(virtually: Virtually, world: Make) -> None:
    async def scenario(it: Any) -> None:
        it.network.troubles = [HandshakeRefusedError("no", status=503) for _ in range(6)]
        asked_at: list[float] = []
        began = it.clock.monotonic()
        endpoint = it.supervisor._endpoints

        async def endpoints() -> Any:
            asked_at.append(it.clock.monotonic() - began)
            return await endpoint()

        it.supervisor._endpoints = endpoints
        it.supervisor.start()
        await it.supervisor.until(lambda: it.supervisor.newest_open is not None)
        waits = [after - before for before, after in itertools.pairwise(asked_at)]
        assert len(waits) == 6
        assert all(0.2 - 1e-6 <= wait <= max(0.2, 2.0**n) + 1e-6 for n, wait in enumerate(waits)), waits
        assert len({one.url.reveal() for one in it.network.dialled}) == 7
        assert [type(fact.error) for fact in it.of(facts.DialFailed)] == [HandshakeRefusedError] * 6

    in_a_world(virtually, world, scenario)


@pytest.mark.parametrize("after", [7.0, None])
def test_a_rate_limit_is_waited_out(after: float | None, virtually: Virtually, world: Make) -> None:
    async def scenario(it: Any) -> float:
        it.answers = [RateLimitedError("later", {}, retry_after=after)]
        began = it.clock.monotonic()
        it.supervisor.start()
        await it.supervisor.until(lambda: it.supervisor.newest_open is not None)
        waited: float = it.clock.monotonic() - began
        return waited

    wait = after or 30.0
    assert wait <= in_a_world(virtually, world, scenario) <= wait * 1.1 + 0.01


def test_a_lost_connection_is_replaced_at_once_and_the_gap_is_told(virtually: Virtually, world: Make) -> None:
    async def scenario(it: Any) -> None:
        old = await it.up()
        old.say(Gone(ConnectionResetError()))
        await it.turn()
        assert it.supervisor.dials == 2
        await asyncio.sleep(3)
        it.newest.say(hello())
        await it.turn()
        assert [(fact.link, fact.cause) for fact in it.of(facts.LinkLost)] == [(1, Cause.LOST)]
        assert [fact.seconds for fact in it.of(facts.Gap)] == [pytest.approx(3)]
        assert old.releases == 1

    in_a_world(virtually, world, scenario)


def test_without_a_hello_it_is_given_up_after_ten_seconds(virtually: Virtually, world: Make) -> None:
    async def scenario(it: Any) -> None:
        it.supervisor.start()
        await it.turn()
        first = it.newest
        await asyncio.sleep(9.9)
        assert first.of_kind("close") == []
        await asyncio.sleep(0.2)
        assert first.of_kind("close") == [1001]
        await asyncio.sleep(1)
        assert first.releases == 1
        assert [fact.cause for fact in it.of(facts.LinkLost)] == [Cause.NO_HELLO]

    in_a_world(virtually, world, scenario)


def test_a_silent_connection_is_suspect_then_replaced_then_cut(virtually: Virtually, world: Make) -> None:
    async def scenario(it: Any) -> None:
        old = await it.up()
        old.say(PongFrame(b"tautwire"))
        heard = it.clock.monotonic()
        await it.supervisor.until(lambda: not it.supervisor.is_connected)
        assert 10 <= it.clock.monotonic() - heard <= 15.1
        assert it.supervisor.newest_ready is not None
        assert [fact.departure for fact in it.of(facts.LinkLeaving)] == [Departure.SUSPECT]
        await it.turn()
        it.newest.say(hello())
        await it.turn()
        assert it.supervisor.is_connected
        await it.supervisor.until(lambda: old.releases == 1)
        assert it.clock.monotonic() - heard <= 21
        assert old.is_aborted
        assert [fact.link for fact in it.of(facts.LinkClosed)] == [1], "it was replaced, so it is not lost"

    in_a_world(virtually, world, scenario)


def test_several_connections_are_dialled_one_after_the_other(virtually: Virtually, world: Make) -> None:
    async def scenario(it: Any) -> None:
        it.supervisor.start()
        for count in (1, 2, 3):
            await it.turn()
            assert len(it.network.connections) == count
            it.newest.say(hello(count))
        await it.turn()
        assert [runner.is_ready for runner in it.supervisor.runners] == [True] * 3
        assert it.supervisor.newest_ready is it.supervisor.runners[-1]
        assert [fact.own for fact in it.of(facts.LinkReady)] == [1, 2, 3]

    in_a_world(virtually, world, scenario, connections=3)


def test_too_many_websockets_lowers_the_target(virtually: Virtually, world: Make) -> None:
    async def scenario(it: Any) -> None:
        await it.up(hello(10))
        await it.turn()
        it.newest.say(disconnect("too_many_websockets"))
        await it.turn()
        it.newest.say(CloseFrame(1000, ""))
        await it.turn()
        assert it.plan.target == 1
        assert [fact.cause for fact in it.of(facts.LinkLost)] == [Cause.TOO_MANY_WEBSOCKETS]
        assert it.supervisor.is_connected

    in_a_world(virtually, world, scenario, connections=2)


# Ten seconds.


def test_an_api_call_that_hangs_is_given_up_after_ten_seconds(virtually: Virtually, world: Make) -> None:
    async def scenario(it: Any) -> None:
        it.answers = [asyncio.Event().wait()]
        began = it.clock.monotonic()
        it.supervisor.start()
        await it.supervisor.until(lambda: it.of(facts.DialFailed))
        assert it.clock.monotonic() - began == pytest.approx(10)
        error = it.of(facts.DialFailed)[0].error
        assert isinstance(error, DialTimeoutError)
        assert str(error) == "apps.connections.open did not answer within 10 s"
        assert (error.__cause__, error.__context__) == (None, None)
        await it.supervisor.until(lambda: it.supervisor.newest_open is not None)
        assert it.asked == 2

    in_a_world(virtually, world, scenario)


def test_a_handshake_that_hangs_is_given_up_after_ten_seconds(virtually: Virtually, world: Make) -> None:
    async def scenario(it: Any) -> None:
        it.network.is_up.clear()
        began = it.clock.monotonic()
        it.supervisor.start()
        await it.supervisor.until(lambda: it.of(facts.DialFailed))
        assert it.clock.monotonic() - began == pytest.approx(10)
        error = it.of(facts.DialFailed)[0].error
        assert isinstance(error, DialTimeoutError)
        assert str(error) == "the WebSocket handshake did not end within 10 s"
        assert (error.__cause__, error.__context__) == (None, None)
        it.network.is_up.set()
        await it.supervisor.until(lambda: it.supervisor.newest_open is not None)
        assert it.network.dialled[0] != it.network.dialled[1], "a fresh URL for every dial"

    in_a_world(virtually, world, scenario)


def test_both_have_ten_seconds_each(virtually: Virtually, world: Make) -> None:
    async def scenario(it: Any) -> None:
        it.answers = [asyncio.sleep(9.5)]
        it.network.is_up.clear()
        asyncio.get_running_loop().call_later(19, it.network.is_up.set)
        it.supervisor.start()
        await it.supervisor.until(lambda: it.supervisor.newest_open is not None)
        assert it.of(facts.DialFailed) == []

    in_a_world(virtually, world, scenario)


# Defects of others.


@pytest.mark.parametrize("where", ["endpoints", "dialer"])
def test_an_exception_of_any_kind_is_a_fault_and_one_failed_dial(where: str, virtually: Virtually, world: Make) -> None:
    async def scenario(it: Any) -> None:
        error = ZeroDivisionError("odd")
        (it.answers if where == "endpoints" else it.network.troubles).append(error)
        began = it.clock.monotonic()
        it.supervisor.start()
        await it.supervisor.until(lambda: it.supervisor.newest_open is not None)
        assert [(fact.where, fact.error) for fact in it.of(facts.EngineFault)] == [("tautwire-link-1", error)]
        assert it.asked == 2
        assert 0.2 - 1e-6 <= it.clock.monotonic() - began <= 1.01, "with back-off"
        assert [runner.number for runner in it.supervisor.runners] == [2]

    in_a_world(virtually, world, scenario)


def test_a_connection_that_cannot_be_served_is_given_back(virtually: Virtually, world: Make) -> None:
    async def scenario(it: Any) -> None:
        it.ping_interval = "5"
        it.supervisor.start()
        await it.supervisor.until(lambda: it.of(facts.EngineFault))
        assert it.network.connections[0].releases == 1
        it.ping_interval = 5.0
        await it.supervisor.until(lambda: it.supervisor.newest_open is not None)

    in_a_world(virtually, world, scenario)


def test_an_intake_that_raises_costs_one_connection(virtually: Virtually, world: Make) -> None:
    async def scenario(it: Any) -> None:
        error = ZeroDivisionError("odd")

        def raise_it(_: Any) -> None:
            raise error

        old = await it.up()
        it.intake.on_take = raise_it
        old.say(envelope())
        await it.turn()
        assert [(fact.where, fact.error) for fact in it.of(facts.EngineFault)] == [("tautwire-read-1", error)]
        assert old.releases == 1
        assert it.supervisor.dials == 2

    in_a_world(virtually, world, scenario)


def test_a_broken_plan_ends_it_and_says_so(virtually: Virtually, world: Make) -> None:
    async def scenario(it: Any) -> None:
        it.plan._pace = None
        it.supervisor.start()
        with pytest.raises(ClientClosedError):
            await it.supervisor.until(lambda: False)
        assert [fact.where for fact in it.of(facts.EngineFault)] == ["tautwire-supervisor"]
        assert isinstance(it.of(facts.EngineFault)[0].error, AttributeError)

    in_a_world(virtually, world, scenario)


# Cancelled tasks.


def test_a_dial_that_is_cancelled_before_its_first_step_leaves_no_ghost(virtually: Virtually, world: Make) -> None:
    async def scenario(it: Any) -> None:
        it.supervisor.start()
        await asyncio.sleep(0)
        (link,) = it.supervisor._links.values()
        link.task.cancel()
        await it.turn(3)
        assert it.asked == 0, "it was to be cancelled before its first step"
        assert it.supervisor._links == {}
        assert it.plan._views == {}
        await it.supervisor.until(lambda: it.supervisor.newest_open is not None)
        assert (it.asked, it.supervisor.dials) == (1, 2)

    in_a_world(virtually, world, scenario)


@pytest.mark.parametrize("turns", range(12))
def test_stopped_at_any_moment_of_a_dial(turns: int, virtually: Virtually, world: Make) -> None:
    async def scenario(it: Any) -> None:
        it.supervisor.start()
        await it.turn(turns)
        it.supervisor.stop()
        await it.turn()
        if not it.network.connections:
            assert not it.supervisor.is_running
            assert it.plan._views == {}
            assert [fact.error for fact in it.of(facts.Stopped)] == [None]
        else:
            assert it.supervisor.newest_open is not None, "what is open serves on"

    in_a_world(virtually, world, scenario)


def test_a_link_that_is_cancelled_is_an_abort(virtually: Virtually, world: Make) -> None:
    async def scenario(it: Any) -> None:
        old = await it.up()
        (link,) = it.supervisor._links.values()
        link.task.cancel()
        await it.turn()
        assert (old.is_aborted, old.releases) == (True, 1)
        assert it.plan._views.keys() == {2}

    in_a_world(virtually, world, scenario)


# The end, and the beginning after it.


def test_a_fatal_answer_ends_it_for_good(virtually: Virtually, world: Make) -> None:
    async def scenario(it: Any) -> None:
        error = InvalidTokenError("no", code="invalid_auth")
        it.answers = [error]
        it.supervisor.start()
        with pytest.raises(InvalidTokenError) as caught:
            await it.supervisor.until(lambda: it.supervisor.newest_open is not None)
        assert caught.value is error
        await it.turn()
        with pytest.raises(InvalidTokenError):
            await it.supervisor.until_over(lambda: False)
        assert it.supervisor.outcome is error
        assert not it.supervisor.is_running
        assert it.asked == 1
        assert [fact.error for fact in it.of(facts.Stopped)] == [error]
        await asyncio.sleep(3600)
        assert it.asked == 1
        await it.up()
        assert it.supervisor.is_connected
        assert not it.supervisor.outcome

    in_a_world(virtually, world, scenario)


def test_socket_mode_off_ends_it_after_the_last_acks(virtually: Virtually, world: Make) -> None:
    async def scenario(it: Any) -> None:
        one = await it.up()
        one.say(disconnect("link_disabled"))
        await it.turn()
        assert isinstance(it.supervisor.outcome, SocketModeDisabledError)
        assert one.releases == 0
        with pytest.raises(SocketModeDisabledError):
            await it.supervisor.until_over(lambda: False)
        await it.turn()
        assert one.releases == 1
        assert isinstance(it.of(facts.Stopped)[0].error, SocketModeDisabledError)
        with pytest.raises(NotConnectedError):
            await it.supervisor.send("x", within=10)

    in_a_world(virtually, world, scenario)


def test_shut_says_close_and_waits_for_the_answer(virtually: Virtually, world: Make) -> None:
    async def scenario(it: Any) -> None:
        one = await it.up()
        began = it.clock.monotonic()
        shutting = asyncio.create_task(it.supervisor.shut())
        await it.turn()
        assert one.of_kind("close") == [1000]
        one.say(envelope("late"))
        await it.turn()
        assert [received.envelope.envelope_id for received in it.intake.taken] == ["late"]
        one.say(CloseFrame(1000, ""))
        await shutting
        assert it.clock.monotonic() == pytest.approx(began)
        assert [type(fact) for fact in it.facts[-2:]] == [facts.LinkClosed, facts.Stopped]
        assert it.of(facts.Gap) == []
        assert it.of(facts.EngineFault) == []

    in_a_world(virtually, world, scenario)


def test_a_close_without_an_answer_is_cut_after_a_second(virtually: Virtually, world: Make) -> None:
    async def scenario(it: Any) -> None:
        one = await it.up()
        began = it.clock.monotonic()
        await it.supervisor.shut()
        assert 0.9 <= it.clock.monotonic() - began <= 2.0
        assert one.is_aborted

    in_a_world(virtually, world, scenario)


def test_full_buffers_do_not_hold_up_the_end(virtually: Virtually, world: Make) -> None:
    async def scenario(it: Any) -> None:
        one = await it.up()
        one.flows.clear()
        one.sent.clear()
        began = it.clock.monotonic()
        await it.supervisor.shut()
        assert it.clock.monotonic() - began <= 2.0
        assert (one.is_aborted, one.sent) == (True, [])

    in_a_world(virtually, world, scenario)


def test_shut_before_start_and_twice(virtually: Virtually, world: Make) -> None:
    async def scenario(it: Any) -> None:
        await it.supervisor.shut()
        await it.supervisor.shut()
        await it.up()
        await asyncio.gather(it.supervisor.shut(), it.supervisor.shut())
        await it.supervisor.shut()

    in_a_world(virtually, world, scenario)


@pytest.mark.parametrize("is_late", [False, True])
def test_shut_can_be_cancelled_at_every_await(
    is_late: bool, virtually: Virtually, world: Make, cancelled_at: Any
) -> None:
    for step in range(1, 50):

        async def scenario(it: Any, step: int = step) -> bool:
            await it.up()
            it.newest.say(disconnect("warning"))
            await it.turn()
            driven = cancelled_at(it.supervisor.shut(), step, is_late=is_late)
            task = asyncio.create_task(driven.run())
            await asyncio.wait({task})
            return bool(driven.suspensions < step)

        if in_a_world(virtually, world, scenario):
            break
    assert step > 1


@pytest.mark.parametrize("turns", range(0, 40, 3))
def test_shut_in_the_middle_of_anything(turns: int, virtually: Virtually, world: Make) -> None:
    async def scenario(it: Any) -> None:
        it.network.troubles = [DialError("no")]
        it.supervisor.start()
        await it.turn(turns)
        for connection in it.network.connections:
            connection.say(hello(), disconnect("warning"))
        await it.turn(turns)

    in_a_world(virtually, world, scenario, connections=2)


def test_start_again_on_the_same_loop_and_on_another(virtually: Virtually, world: Make) -> None:
    it = world()

    async def life() -> None:
        await it.up()
        assert it.supervisor.is_connected
        await it.supervisor.shut()
        assert not it.supervisor.is_connected
        await it.up()
        assert it.supervisor.is_connected
        await it.supervisor.shut()

    virtually(life())
    virtually(life())
    assert it.supervisor.dials == 4
    assert it.of(facts.EngineFault) == []
    assert len(it.of(facts.Stopped)) == 4


def test_shut_on_another_loop_than_the_one_it_ran_on(virtually: Virtually, world: Make) -> None:
    it = world()

    async def first() -> None:
        await it.up()
        await it.supervisor.shut()

    virtually(first())
    virtually(it.supervisor.shut())
    assert it.of(facts.EngineFault) == []


# What others ask for.


def test_until_is_told_of_a_disconnect_and_until_over_is_not(virtually: Virtually, world: Make) -> None:
    async def scenario(it: Any) -> None:
        is_over = False
        await it.up()
        waiting = asyncio.create_task(it.supervisor.until(lambda: False))
        serving = asyncio.create_task(it.supervisor.until_over(lambda: is_over))
        await it.supervisor.shut()
        await it.turn()
        with pytest.raises(ClientClosedError):
            waiting.result()
        assert not serving.done()
        await it.up()
        assert not serving.done()
        is_over = True
        it.supervisor.nudge()
        await serving

    in_a_world(virtually, world, scenario)


def test_rotate_replaces_the_newest_once_at_a_time(virtually: Virtually, world: Make) -> None:
    async def scenario(it: Any) -> None:
        it.supervisor.rotate()
        await it.up()
        it.supervisor.rotate()
        it.supervisor.rotate()
        await it.turn()
        assert it.supervisor.is_rotating
        assert it.supervisor.dials == 2
        it.newest.say(hello(2))
        await it.turn()
        assert not it.supervisor.is_rotating
        assert [fact.departure for fact in it.of(facts.LinkLeaving)] == [Departure.REQUESTED]

    in_a_world(virtually, world, scenario)


def test_send_goes_out_on_the_newest_ready_connection(virtually: Virtually, world: Make) -> None:
    async def scenario(it: Any) -> None:
        await it.up(hello(1))
        it.newest.say(hello(2))
        await it.turn()
        await it.supervisor.send("x", within=10)
        it.supervisor.rotate()
        await it.turn()
        third = it.newest
        assert await it.supervisor.send("y", within=10) == it.supervisor.newest_ready.number
        assert third.of_kind("text") == [], "it has had no hello"

    in_a_world(virtually, world, scenario, connections=2)


def test_send_with_nothing_under_way_fails_at_once(virtually: Virtually, world: Make) -> None:
    async def scenario(it: Any) -> None:
        began = it.clock.monotonic()
        with pytest.raises(NotConnectedError, match=r"^no connection is open$"):
            await it.supervisor.send("x", within=10)
        assert it.clock.monotonic() == began

    in_a_world(virtually, world, scenario)


def test_send_waits_for_a_connection_that_is_under_way(virtually: Virtually, world: Make) -> None:
    async def scenario(it: Any) -> None:
        it.network.is_up.clear()
        it.supervisor.start()
        began = it.clock.monotonic()
        with pytest.raises(NotConnectedError, match=r"^no connection is open yet$"):
            await it.supervisor.send("x", within=4)
        assert it.clock.monotonic() - began == pytest.approx(4)
        asyncio.get_running_loop().call_later(3, it.network.is_up.set)
        assert await it.supervisor.send("x", within=4) == 1
        assert it.newest.of_kind("text") == ["x"]

    in_a_world(virtually, world, scenario)


def test_send_ends_with_what_it_waits_for(virtually: Virtually, world: Make) -> None:
    async def scenario(it: Any) -> None:
        for end in ("shut", "fatal"):
            it.network.is_up.clear()
            it.supervisor.start()
            sending = asyncio.create_task(it.supervisor.send("x", within=3600))
            await it.turn()
            if end == "shut":
                await it.supervisor.shut()
            else:
                it.network.troubles = [InvalidTokenError("no", code="invalid_auth")]
                it.network.is_up.set()
            await it.turn()
            with pytest.raises(NotConnectedError):
                sending.result()

    in_a_world(virtually, world, scenario)


def test_without_auto_reconnect_a_loss_stays_a_loss(virtually: Virtually, world: Make) -> None:
    async def scenario(it: Any) -> None:
        one = await it.up()
        one.say(Gone())
        await it.turn()
        await asyncio.sleep(3600)
        assert (it.supervisor.dials, it.supervisor.is_recovering, it.supervisor.is_running) == (1, False, True)
        it.supervisor.start()
        await it.turn()
        assert it.supervisor.dials == 2

    in_a_world(virtually, world, scenario, auto_reconnect=False)
