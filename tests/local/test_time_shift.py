"""Time that can be moved forward: everybody wakes at their own moment, and nobody who is under way is jumped over."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import pytest

from tautwire.errors import ConfigurationError
from tautwire.local import Fault, LocalSlack, Phase, State, Switches
from tautwire.local.time_shift import ShiftedClock
from tautwire.local.timers import Timers

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine

HOUR = 3600.0


def state(delivery: Any) -> State:
    """As it is now; an attribute would be taken for what it was a moment ago."""
    found = delivery.state
    assert isinstance(found, State)
    return found


# The clock


async def test_it_goes_with_the_clock_beneath_and_is_ahead_of_it(clock: Any) -> None:
    shifted = ShiftedClock(clock)
    assert (shifted.monotonic(), shifted.wall()) == (clock.monotonic(), clock.wall())
    shifted.shift(HOUR)
    shifted.shift(-HOUR)
    await clock.advance(5)
    assert (shifted.monotonic() - 1000, shifted.wall() - clock.wall()) == (HOUR + 5, HOUR)


async def test_sleepers_wake_when_their_time_is_jumped_to(clock: Any) -> None:
    shifted, woken = ShiftedClock(clock), list[str]()

    async def sleep(name: str, seconds: float) -> None:
        await shifted.sleep(seconds)
        woken.append(name)

    tasks = [asyncio.create_task(sleep(name, seconds)) for name, seconds in [("a", 10), ("b", 100), ("now", 0)]]
    await clock.settle()
    assert woken == ["now"]
    shifted.shift(9)
    await clock.settle()
    assert [*woken] == ["now"]
    shifted.shift(1)
    await clock.settle()
    assert [*woken] == ["now", "a"]
    shifted.shift(50)
    await clock.advance(40)
    assert [*woken] == ["now", "a", "b"]
    await asyncio.gather(*tasks)


async def test_waiting_for_an_event_or_for_the_time(clock: Any) -> None:
    shifted, event = ShiftedClock(clock), asyncio.Event()
    waits = [asyncio.create_task(shifted.wait(event, seconds)) for seconds in (10, 1000)]
    await clock.settle()
    shifted.shift(10)
    assert await waits[0] is False
    event.set()
    assert await waits[1] is True
    assert await shifted.wait(event, 5) is True
    assert await shifted.wait(asyncio.Event(), 0) is False


async def test_who_is_cancelled_leaves_nothing_behind(clock: Any) -> None:
    shifted = ShiftedClock(clock)
    task = asyncio.create_task(shifted.sleep(10))
    await clock.settle()
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    shifted.shift(100)
    assert not shifted._resting


async def test_timers_notice_a_jump_when_nudged(clock: Any) -> None:
    shifted = ShiftedClock(clock)
    timers, fired = Timers(shifted, clock), list[float]()
    task = asyncio.create_task(timers.run())
    timers.after(100, lambda: fired.append(shifted.monotonic() - 1000))
    cancelled = timers.after(1, lambda: fired.append(0))
    cancelled.cancel()
    assert [timers.next_due] == [1100]
    await clock.settle()
    shifted.shift(100)
    timers.nudge()
    await clock.settle()
    assert fired == [100]
    assert timers.next_due is None
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)


# The machine


async def test_everything_on_the_way_happens_at_its_own_moment(still: LocalSlack, clock: Any) -> None:
    seen: list[tuple[str, float]] = []

    def note(name: str) -> Callable[[], None]:
        return lambda: seen.append((name, round(still._clock.monotonic() - 1000, 6)))

    def again() -> None:
        note("again")()
        still._timers.after(40, note("third"))

    still._timers.after(300, note("never"))
    still._timers.after(20, again)
    still._timers.after(10, note("first"))
    before = still._clock.wall()
    await still.advance(minutes=1, seconds=5)
    assert seen == [("first", 10), ("again", 20), ("third", 60)]
    assert still._clock.wall() - before == 65
    assert clock.now == 1000


async def test_units_add_up(still: LocalSlack) -> None:
    before = still._clock.monotonic()
    await still.advance(days=1, hours=2, minutes=3, seconds=4.5)
    assert still._clock.monotonic() - before == pytest.approx(86_400 + 7200 + 180 + 4.5)
    with pytest.raises(ConfigurationError, match="forward only"):
        await still.advance(hours=1, minutes=-61)


async def test_a_retry_is_waited_for_on_the_way(seed: int, dial: Any) -> None:
    """In real time: the client acks when it gets to it, and no jump makes that too late."""
    async with LocalSlack(seed=seed, deadline=0.5) as slack, dial(slack) as wire:
        slack.inject(Fault(where="envelope", kind="lost", count=1))

        async def serve() -> None:
            while True:
                message = await wire.message()
                for _ in range(50):
                    await asyncio.sleep(0)
                await wire.ack(message)

        server = asyncio.create_task(serve())
        events = [slack.send_event() for _ in range(3)]
        await slack.wait_for(lambda slack: slack.ledger.summary().acked_in_time == 2)
        journey = asyncio.create_task(slack.advance(minutes=10))
        await journey
        assert [state(each) for each in events] == [State.ACKED] * 3
        assert slack.ledger.summary().late_acks == 0
        server.cancel()
        await asyncio.gather(server, return_exceptions=True)


async def machine_waits(still: LocalSlack, clock: Any, journey: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
    task = asyncio.create_task(journey)
    await clock.settle()
    assert not task.done()
    return task


async def test_no_jump_over_an_ack_that_is_due(still: LocalSlack, clock: Any, dial: Any) -> None:
    async with dial(still) as wire:
        command = still.send_command()
        journey = await machine_waits(still, clock, still.advance(hours=1))
        assert still._clock.monotonic() == clock.now
        await wire.ack(await wire.message())
        await journey
        assert state(command) is State.ACKED
        assert still._clock.monotonic() == clock.now + HOUR


async def test_who_does_not_ack_has_three_seconds_in_earnest(still: LocalSlack, clock: Any, dial: Any) -> None:
    async with dial(still):
        command = still.send_command()
        journey = await machine_waits(still, clock, still.advance(hours=1))
        await clock.advance(2.9)
        assert not journey.done()
        await clock.advance(0.1)
        await journey
        assert state(command) is State.LOST


async def test_a_machine_that_does_not_wait_would_be_noticed(still: LocalSlack, clock: Any, dial: Any) -> None:
    """The control: with nobody looking at what is under way, an ack that would have been in time comes too late."""
    still._machine._is_quiet = lambda: True  # type: ignore[method-assign]
    async with dial(still) as wire:
        command = still.send_command()
        await still.advance(hours=1)
        await wire.ack(await wire.message())
        await still.wait_for(lambda _: state(command) is not State.LOST)
        assert state(command) is State.LATE


async def test_a_replacement_is_waited_for(clock: Any, dial: Any) -> None:
    async with LocalSlack(clock=clock, connection_time=100) as slack, dial(slack) as old:
        journey = await machine_waits(slack, clock, slack.advance(hours=1))
        assert slack._clock.monotonic() - clock.now == 100
        assert [(await old.message())["reason"] for _ in range(2)] == ["warning", "refresh_requested"]
        assert slack.sessions[0].phase is Phase.REPLACED
        await clock.advance(1)
        await journey
        assert slack._clock.monotonic() - clock.now == HOUR - 1
        assert await old.closed() == 1000


async def test_nobody_acks_what_nobody_got(still: LocalSlack) -> None:
    event = still.send_event()
    await still.advance(minutes=7)
    assert (state(event), len(event.attempts)) == (State.LOST, 4)
    assert [round(attempt.sent_at - event.created_at) for attempt in event.attempts] == [0, 1, 61, 361]


async def test_pings_come_all_the_way(still: LocalSlack, dial: Any) -> None:
    async with dial(still):
        await still.advance(minutes=10)
        assert still.newest.counts["pings_sent"] == 60


async def test_journeys_follow_each_other(still: LocalSlack, clock: Any) -> None:
    await asyncio.gather(*(still.advance(minutes=1) for _ in range(5)))
    assert still._clock.monotonic() == clock.now + 300


async def test_closing_ends_a_journey(clock: Any, dial: Any) -> None:
    async with LocalSlack(clock=clock) as slack, dial(slack):
        slack.send_command()
        journey = await machine_waits(slack, clock, slack.advance(hours=1))
        await slack.close()
        await journey
        assert slack._clock.monotonic() == clock.now


async def test_a_hang_ends_when_its_time_is_jumped_to(slack: LocalSlack, call: Any) -> None:
    slack.inject(Fault(where="api", kind="slow", delay=1000, count=1))
    answer = asyncio.create_task(call(slack, "auth.test"))
    await slack.wait_for(lambda slack: slack.faults.rules[0].is_spent)
    while not answer.done():
        await slack.advance(minutes=20)
        await asyncio.sleep(0)
    assert (await answer)[2]["ok"]


async def test_a_trigger_and_a_ticket_grow_old(call: Any, dial: Any) -> None:
    async with LocalSlack(switches=Switches(ticket_lifetime=30)) as slack:
        url = slack.websocket_url()
        trigger = slack.send_command().payload["trigger_id"]
        await slack.advance(minutes=1)
        with pytest.raises(Exception, match="403"):
            async with dial(slack, url):
                pass
        view = {"type": "modal", "title": {"type": "plain_text", "text": "x"}, "blocks": []}
        answer = await call(slack, "views.open", json={"trigger_id": trigger, "view": view})
        assert answer[2]["error"] == "expired_trigger_id"
