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


async def test_sleep_lasts_as_long_as_it_says(monkeypatch: pytest.MonkeyPatch) -> None:
    loop = asyncio.get_running_loop()
    now = [loop.time()]
    start = now[0]
    monkeypatch.setattr(loop, "time", lambda: now[0])
    nap = asyncio.create_task(SystemClock().sleep(3600))

    for passed in (0, 1800, 3599):
        now[0] = start + passed
        await turns()
        assert not nap.done()

    now[0] = start + 3601
    await turns()
    assert nap.done()


async def test_sleep_can_be_cancelled() -> None:
    nap = asyncio.create_task(SystemClock().sleep(3600))
    await turns()
    nap.cancel()
    with pytest.raises(asyncio.CancelledError):
        await nap


async def turns() -> None:
    for _ in range(3):
        await asyncio.sleep(0)
