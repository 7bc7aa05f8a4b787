from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import pytest

from tautwire.local import LocalSlack
from tautwire.local.bell import Bell
from tautwire.local.timers import Timers

if TYPE_CHECKING:
    from collections.abc import AsyncIterator


@pytest.fixture
async def timers(clock: Any) -> AsyncIterator[Timers]:
    timers = Timers(clock)
    task = asyncio.create_task(timers.run())
    yield timers
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)


async def test_they_fire_in_order_and_on_time(timers: Timers, clock: Any) -> None:
    fired: list[tuple[str, float]] = []
    for name, seconds in [("c", 3.0), ("a", 1.0), ("b", 2.0), ("a2", 1.0)]:
        timers.after(seconds, lambda name=name: fired.append((name, clock.now)))  # type: ignore[misc]
    await clock.advance(10)
    assert fired == [("a", 1001.0), ("a2", 1001.0), ("b", 1002.0), ("c", 1003.0)]


async def test_an_earlier_one_cuts_the_rest_short(timers: Timers, clock: Any) -> None:
    fired: list[float] = []
    timers.after(100.0, lambda: fired.append(clock.now))
    await clock.settle()
    timers.after(1.0, lambda: fired.append(clock.now))
    await clock.advance(1)
    assert fired == [1001.0]


async def test_a_cancelled_one_does_not(timers: Timers, clock: Any) -> None:
    fired: list[int] = []
    timer = timers.after(1.0, lambda: fired.append(1))
    timer.cancel()
    timer.cancel()
    await clock.advance(2)
    assert fired == []


async def test_at_once_does_not_starve_the_loop(timers: Timers, clock: Any) -> None:
    count = 0

    def again() -> None:
        nonlocal count
        count += 1
        timers.after(0.0, again)

    timers.after(0.0, again)
    await clock.settle()
    assert 0 < count < 100


async def test_a_callback_that_fails_is_not_swept_under_the_carpet_and_the_others_go_on(
    clock: Any, caplog: pytest.LogCaptureFixture
) -> None:
    timers, done = Timers(clock), asyncio.Event()
    task = asyncio.create_task(timers.run())
    timers.after(0.0, lambda: 1 / 0)  # type: ignore[arg-type]
    timers.after(0.0, done.set)
    await done.wait()
    assert isinstance(timers.failure, ZeroDivisionError)
    assert "a timer of the local Slack has failed" in caplog.text
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)


async def test_a_failed_timer_is_told_of_when_the_local_slack_closes(caplog: pytest.LogCaptureFixture) -> None:
    slack = LocalSlack()
    await slack.start()
    failed = asyncio.Event()

    def fail() -> None:
        failed.set()
        raise ZeroDivisionError

    slack._timers.after(0.0, fail)
    await failed.wait()
    with pytest.raises(ZeroDivisionError):
        await slack.close()
    await slack.close()
    assert caplog.records


async def test_a_bell_wakes_those_whose_condition_holds() -> None:
    bell, box = Bell(), list[int]()
    one = asyncio.create_task(bell.until(lambda: len(box) >= 1))
    two = asyncio.create_task(bell.until(lambda: len(box) >= 2))
    await asyncio.sleep(0)
    box.append(1)
    bell.ring()
    bell.ring()
    await one
    assert not two.done()
    box.append(2)
    bell.ring()
    await two
    await bell.until(lambda: True)


async def test_who_stops_waiting_is_forgotten() -> None:
    bell = Bell()
    task = asyncio.create_task(bell.until(lambda: False))
    await asyncio.sleep(0)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    bell.ring()
    assert task.cancelled()
