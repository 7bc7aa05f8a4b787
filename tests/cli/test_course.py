"""Whole runs, in short: the client keeps everything, and clients with something wrong are found out."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

import pytest

from tautwire.cli import course as course_module
from tautwire.cli.app import App
from tautwire.cli.contestants import TAUTWIRE, Contestant
from tautwire.cli.course import Course, DemoError, Pulse
from tautwire.cli.rival import Settings, run_rival
from tautwire.cli.scoreboard import score
from tautwire.cli.timetable import Strike, Timetable, Trouble

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

    from tautwire.cli.scoreboard import Score
    from tautwire.clock import Clock
    from tautwire.local import LocalSlack

REFRESHES = tuple(Strike(at, Trouble.REFRESH, grace=3.0) for at in (0.5, 4.5))


async def test_the_client_keeps_everything_through_refresh_and_drop(
    even_table: Callable[..., Timetable], seed: int
) -> None:
    seen: list[Pulse] = []
    # The drop comes first: the first redial never waits, so the number of opens is no matter of chance.
    strikes = (
        Strike(0.35, Trouble.DROP, how="rst"),
        Strike(1.2, Trouble.REFRESH, grace=0.5),
        Strike(2.2, Trouble.RATE_LIMIT, grace=1.6),
    )
    run = Course(TAUTWIRE, even_table(3.9, *strikes), seed=seed, on_pulse=seen.append)

    found = score(await run.run())

    assert found.is_clean, found
    assert found.sent == 38
    assert found.kept + found.nobody + found.swallowed == 38
    assert found.twice == 0
    assert found.without_connection.refresh == 0
    assert 0 < found.without_connection.drop < 1
    # The first, one for each strike, and one that was answered with 429.
    assert found.opens == 5
    assert found.faults == {"refresh": 1, "rate-limit": 1, "drop": 1, "half-open": 0}
    assert {"refresh", "refresh, with a 429", "dropped (rst)", ""} == {pulse.trouble for pulse in seen}


async def test_half_open_takes_what_it_takes_and_nothing_else(
    even_table: Callable[..., Timetable], fast_clock: Clock, seed: int
) -> None:
    seen: list[Pulse] = []
    stop = asyncio.Event()

    def watch(pulse: Pulse) -> None:
        seen.append(pulse)
        if pulse.elapsed > 5:
            stop.set()

    run = Course(
        TAUTWIRE, even_table(9, Strike(1.0, Trouble.HALF_OPEN)), seed, stop=stop, on_pulse=watch, clock=fast_clock
    )

    found = score(await run.run())

    assert found.is_clean, found
    assert found.swallowed > 0
    assert found.awaited > 0
    assert found.without_connection.half_open > 3
    assert "half-open" in {pulse.trouble for pulse in seen}


async def judge(contestant: Contestant, table: Timetable, clock: Clock, seed: int) -> Score:
    return score(await Course(contestant, table, seed=seed, clock=clock).run())


async def test_the_same_run_by_a_healthy_client_is_clean(
    contestant: Callable[[str], Contestant], even_table: Callable[..., Timetable], fast_clock: Clock, seed: int
) -> None:
    found = await judge(contestant("app"), even_table(8.5, *REFRESHES), fast_clock, seed)
    assert (found.kept, found.twice, found.without_connection.total) == (found.sent, 0, 0)


@pytest.mark.parametrize(("name", "everything"), [("mute", True), ("idle", True), ("giddy", False)])
async def test_a_broken_client_is_found_out(
    name: str,
    everything: bool,
    contestant: Callable[[str], Contestant],
    even_table: Callable[..., Timetable],
    fast_clock: Clock,
    seed: int,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(course_module, "TAIL", 0.6)
    found = await judge(contestant(name), even_table(8.5, *REFRESHES), fast_clock, seed)
    assert not found.is_clean
    assert (found.kept == 0) is everything


async def test_who_works_twice_is_found_out(
    contestant: Callable[[str], Contestant], even_table: Callable[..., Timetable], fast_clock: Clock, seed: int
) -> None:
    found = await judge(contestant("twice"), even_table(2), fast_clock, seed)
    assert found.twice == found.sent == found.kept


async def test_who_does_not_connect_is_told_so(
    even_table: Callable[..., Timetable], monkeypatch: pytest.MonkeyPatch
) -> None:
    @asynccontextmanager
    async def serve(slack: LocalSlack, connections: int) -> AsyncIterator[App]:
        yield App(None)

    monkeypatch.setattr(course_module, "START", 0.01)
    with pytest.raises(DemoError, match="nobody did not connect"):
        await Course(Contestant("nobody", serve), even_table(1)).run()


async def test_strikes_that_find_nobody_are_not_counted(
    even_table: Callable[..., Timetable], contestant: Callable[[str], Contestant], fast_clock: Clock, seed: int
) -> None:
    strikes = (Strike(0.5, Trouble.DROP, how="rst"), Strike(0.5, Trouble.DROP, how="fin"))
    found = await judge(contestant("app"), even_table(1, *strikes), fast_clock, seed)
    assert found.faults["drop"] == 1


# slack_sdk's client, in its process

SHORT: dict[str, Any] = {"seconds": 2.8, "rate": 200, "faults": ("refresh",)}


async def test_the_other_client_hangs_up_before_it_dials(seed: int) -> None:
    found = await run_rival(Settings(seed=seed, **SHORT), asyncio.Event())
    assert found.client.startswith("slack_sdk 3.")
    assert found.faults["refresh"] == 1
    assert found.without_connection.refresh > 0.1
    assert found.missed > 0
    assert found.kept > 0.9 * found.sent


async def test_the_other_client_can_be_stopped(seed: int) -> None:
    stop = asyncio.Event()
    stop.set()
    found = await run_rival(Settings(seed=seed, seconds=3000, rate=1, faults=()), stop)
    assert found.seconds < 60


async def test_the_other_client_says_why_it_cannot() -> None:
    with pytest.raises(DemoError, match="could not be measured: ValueError"):
        await run_rival(Settings(seed=1, seconds=1, rate=1, faults=("earthquake",)), asyncio.Event())


async def test_a_cancelled_run_leaves_no_process(seed: int) -> None:
    running = asyncio.create_task(run_rival(Settings(seed=seed, seconds=3000, rate=1, faults=()), asyncio.Event()))
    await asyncio.sleep(0)
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running
