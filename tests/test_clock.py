"""The system clock is the machine's and the loop's; nothing here waits for real time."""

from __future__ import annotations

import asyncio
import time

import pytest

from tautwire.clock import SYSTEM_CLOCK, SystemClock


def test_monotonic_is_the_loops_clock_and_wall_is_the_epochs(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(time, "monotonic", lambda: 12.5)
    monkeypatch.setattr(time, "time", lambda: 1_700_000_000.25)

    assert SYSTEM_CLOCK.monotonic() == 12.5
    assert SYSTEM_CLOCK.wall() == 1_700_000_000.25


async def test_monotonic_counts_as_the_loops_timers_do() -> None:
    loop = asyncio.get_running_loop()
    before = loop.time()
    between = SYSTEM_CLOCK.monotonic()
    assert before <= between <= loop.time()


@pytest.mark.parametrize("seconds", [0, 0.0, -1, -0.001, float("-inf"), float("nan")])
async def test_zero_or_less_yields_once_and_comes_back(seconds: float) -> None:
    ran: list[str] = []
    asyncio.get_running_loop().call_soon(ran.append, "the loop")

    await SystemClock().sleep(seconds)

    assert ran == ["the loop"]


class Hands:
    """Moves the running loop's time by hand."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        loop = asyncio.get_running_loop()
        self._start = self._now = loop.time()
        monkeypatch.setattr(loop, "time", lambda: self._now)

    async def move_to(self, seconds: float) -> None:
        self._now = self._start + seconds
        await turns()


async def test_sleep_lasts_as_long_as_it_says(monkeypatch: pytest.MonkeyPatch) -> None:
    hands = Hands(monkeypatch)
    nap = asyncio.create_task(SystemClock().sleep(3600))

    for passed in (0, 1800, 3599):
        await hands.move_to(passed)
        assert not nap.done()

    await hands.move_to(3601)
    assert nap.done()


async def test_wait_ends_with_the_event(monkeypatch: pytest.MonkeyPatch) -> None:
    hands, event = Hands(monkeypatch), asyncio.Event()
    waiting = asyncio.create_task(SystemClock().wait(event, 3600))
    await turns()
    await hands.move_to(3599)
    assert not waiting.done()

    event.set()
    await turns()

    assert waiting.done()
    assert await waiting is True


async def test_wait_ends_with_the_time(monkeypatch: pytest.MonkeyPatch) -> None:
    hands, event = Hands(monkeypatch), asyncio.Event()
    waiting = asyncio.create_task(SystemClock().wait(event, 3600))
    await turns()
    await hands.move_to(3599)
    assert not waiting.done()

    await hands.move_to(3601)

    assert waiting.done()
    assert await waiting is False


async def test_an_event_that_comes_with_the_end_of_the_time_counts(monkeypatch: pytest.MonkeyPatch) -> None:
    hands, event = Hands(monkeypatch), asyncio.Event()
    asyncio.get_running_loop().call_later(3600, event.set)
    waiting = asyncio.create_task(SystemClock().wait(event, 3600))
    await turns()

    await hands.move_to(3601)

    assert await waiting is True


@pytest.mark.parametrize("seconds", [0, -1])
@pytest.mark.parametrize("is_set", [True, False])
async def test_waiting_no_time_at_all_asks_the_event(seconds: float, is_set: bool) -> None:
    event = asyncio.Event()
    if is_set:
        event.set()

    assert await SystemClock().wait(event, seconds) is is_set


async def test_sleep_can_be_cancelled() -> None:
    nap = asyncio.create_task(SystemClock().sleep(3600))
    await turns()
    nap.cancel()
    with pytest.raises(asyncio.CancelledError):
        await nap


async def turns() -> None:
    for _ in range(6):
        await asyncio.sleep(0)
