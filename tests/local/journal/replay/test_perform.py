from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import pytest

from tautwire.clock import SYSTEM_CLOCK
from tautwire.errors import ConfigurationError
from tautwire.local.journal.replay import Plan, Repeat, perform

if TYPE_CHECKING:
    from tautwire.clock import Clock


class Heard:
    """A stage that writes down who came when."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self.sent: list[tuple[int, float]] = []

    def send(self, repeat: Repeat) -> None:
        self.sent.append((repeat.number, self._clock.monotonic() - 100.0))


@pytest.fixture
def stage(ticking: Any) -> Heard:
    return Heard(ticking)


def at(*offsets: float) -> Plan:
    repeats = [
        Repeat(
            number=number,
            offset=offset,
            app_id="",
            type="events_api",
            subject="",
            payload={},
            accepts=False,
            envelope_id="",
            event_id="",
        )
        for number, offset in enumerate(offsets, start=1)
    ]
    return Plan(repeats=tuple(repeats), skipped=(), ids={})


@pytest.mark.parametrize(("pace", "times"), [(1.0, [0.0, 2.0, 5.0]), (2.0, [0.0, 1.0, 2.5]), (0.5, [0.0, 4.0, 10.0])])
async def test_the_pace_is_kept(ticking: Any, stage: Heard, pace: float, times: list[float]) -> None:
    assert await perform(at(0.0, 2.0, 5.0), stage, clock=ticking, pace=pace) == 3
    assert stage.sent == list(zip((1, 2, 3), times, strict=True))


@pytest.mark.parametrize("pace", [0, float("inf")])
async def test_as_fast_as_possible_leaves_others_their_turn(ticking: Any, stage: Heard, pace: float) -> None:
    turns = 0

    async def somebody_else() -> None:
        nonlocal turns
        while len(stage.sent) < 50:
            turns += 1
            await asyncio.sleep(0)

    other = asyncio.create_task(somebody_else())
    await perform(at(*range(50)), stage, clock=ticking, pace=pace)
    await other
    assert {when for _, when in stage.sent} == {0.0}
    assert turns >= 50


async def test_what_is_late_does_not_delay_the_next(ticking: Any, stage: Heard) -> None:
    ticking.late = 0.25
    await perform(at(0.0, 1.0, 2.0, 2.1, 5.0), stage, clock=ticking)
    assert [when for _, when in stage.sent] == [0.25, 1.25, 2.25, 2.5, 5.25]


async def test_in_real_time_too() -> None:
    stage = Heard(SYSTEM_CLOCK)
    assert await perform(at(0.0, 0.01), stage) == 2
    assert stage.sent[1][1] - stage.sent[0][1] >= 0.009


async def test_nothing_to_repeat(ticking: Any, stage: Heard) -> None:
    assert await perform(at(), stage, clock=ticking) == 0


@pytest.mark.parametrize("pace", [-1.0, float("nan")])
async def test_a_pace_that_is_none_is_refused(ticking: Any, stage: Heard, pace: float) -> None:
    with pytest.raises(ConfigurationError, match="a pace is 0"):
        await perform(at(0.0), stage, clock=ticking, pace=pace)
    assert stage.sent == []


async def test_it_can_be_cancelled_between_two(ticking: Any, stage: Heard) -> None:
    replay = asyncio.create_task(perform(at(*range(100)), stage, clock=ticking))
    for _ in range(5):
        await asyncio.sleep(0)
    replay.cancel()
    with pytest.raises(asyncio.CancelledError):
        await replay
    assert 3 <= len(stage.sent) <= 5


async def test_what_the_stage_raises_ends_it(ticking: Any) -> None:
    class Broken:
        def send(self, repeat: Repeat) -> None:
            raise RuntimeError(repeat.number)

    with pytest.raises(RuntimeError):
        await perform(at(0.0), Broken(), clock=ticking)
