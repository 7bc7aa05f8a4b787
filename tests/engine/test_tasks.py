"""Tasks with one owner, and the pulse that wakes who waits."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import pytest

from tautwire.engine.tasks import Pulse, Tasks

if TYPE_CHECKING:
    from collections.abc import Callable

Virtually = Any  # the fixture of conftest


class Faults:
    def __init__(self) -> None:
        self.heard: list[tuple[str, BaseException]] = []

    def __call__(self, where: str, error: BaseException, /) -> None:
        self.heard.append((where, error))


async def forever() -> None:
    await asyncio.Event().wait()


async def fail(error: BaseException) -> None:
    raise error


async def turns(count: int = 5) -> None:
    for _ in range(count):
        await asyncio.sleep(0)


async def test_a_task_is_known_until_it_is_done() -> None:
    faults, gate = Faults(), asyncio.Event()
    tasks = Tasks(faults)

    task = tasks.spawn(gate.wait(), "waits")

    assert (len(tasks), task in tasks, task.get_name()) == (1, True, "waits")
    gate.set()
    await turns()
    assert (len(tasks), task in tasks, task.result(), faults.heard) == (0, False, True, [])


async def test_a_fault_is_reported_once_by_name_and_costs_nobody_else() -> None:
    faults, error = Faults(), ZeroDivisionError("no")
    tasks = Tasks(faults)
    other = tasks.spawn(forever(), "other")

    tasks.spawn(fail(error), "breaks")
    await turns()

    assert faults.heard == [("breaks", error)]
    assert other in tasks
    await tasks.cancel()


async def test_a_cancelled_task_is_no_fault() -> None:
    faults = Faults()
    tasks = Tasks(faults)
    tasks.spawn(forever(), "ends").cancel()
    tasks.spawn(fail(asyncio.CancelledError()), "ends itself")
    await turns()
    assert (len(tasks), faults.heard) == (0, [])


def test_join_waits_for_all_but_no_longer_than_asked(virtually: Virtually) -> None:
    async def scenario() -> None:
        tasks, now = Tasks(Faults()), asyncio.get_running_loop().time
        assert await tasks.join(0) is True
        began = now()
        tasks.spawn(asyncio.sleep(1), "short")
        tasks.spawn(asyncio.sleep(3), "long")
        assert await tasks.join(2) is False
        assert now() - began == pytest.approx(2)
        assert len(tasks) == 1
        assert await tasks.join(-1) is False
        assert await tasks.join(60) is True
        assert now() - began == pytest.approx(3)

    virtually(scenario())


def test_join_cancels_nobody_and_may_be_cancelled(virtually: Virtually) -> None:
    async def scenario() -> None:
        tasks = Tasks(Faults())
        task = tasks.spawn(asyncio.sleep(5), "sleeps")
        joining = asyncio.create_task(tasks.join(60))
        await turns()
        joining.cancel()
        await turns()
        assert joining.cancelled()
        assert not task.done()
        assert await tasks.join(60) is True
        assert not task.cancelled()

    virtually(scenario())


async def test_cancel_ends_all_before_it_returns() -> None:
    faults = Faults()
    tasks = Tasks(faults)
    started = tasks.spawn(forever(), "started")
    await turns()
    unstarted = tasks.spawn(forever(), "not yet started")

    await tasks.cancel()

    assert started.cancelled()
    assert unstarted.cancelled()
    assert (len(tasks), faults.heard) == (0, [])
    await tasks.cancel()


def test_a_task_that_resists_once_is_cancelled_again(virtually: Virtually) -> None:
    async def resist(times: int) -> None:
        for _ in range(times):
            try:
                await asyncio.sleep(3600)
            except asyncio.CancelledError:
                continue

    async def scenario(times: int) -> tuple[list[str], float]:
        faults, now = Faults(), asyncio.get_running_loop().time
        tasks, began = Tasks(faults), asyncio.get_running_loop().time()
        task = tasks.spawn(resist(times), "stubborn")
        await turns()
        await tasks.cancel()
        took = now() - began
        while not task.done():
            task.cancel()
            await asyncio.sleep(0)
        return [f"{where}: {error}" for where, error in faults.heard], took

    assert virtually(scenario(1)) == ([], pytest.approx(0))
    assert virtually(scenario(2)) == ([], pytest.approx(1))
    reported = ["stubborn: a task does not end when it is cancelled"]
    assert virtually(scenario(9)) == (reported, pytest.approx(2))


def test_a_task_that_cleans_up_is_waited_for(virtually: Virtually) -> None:
    cleaned: list[float] = []

    async def clean_up() -> None:
        try:
            await asyncio.sleep(3600)
        finally:
            await asyncio.sleep(0.5)
            cleaned.append(asyncio.get_running_loop().time())

    async def scenario() -> None:
        tasks = Tasks(Faults())
        tasks.spawn(clean_up(), "cleans up")
        await turns()
        await tasks.cancel()
        assert len(cleaned) == 1

    virtually(scenario())


async def test_a_fault_during_cancellation_is_reported() -> None:
    faults, error = Faults(), OSError("unplugged")

    async def breaks_on_its_way_out() -> None:
        try:
            await forever()
        finally:
            raise error

    tasks = Tasks(faults)
    tasks.spawn(breaks_on_its_way_out(), "breaks")
    await turns()
    await tasks.cancel()
    assert faults.heard == [("breaks", error)]


def test_a_pulse_needs_no_loop_to_be_made_and_beaten() -> None:
    Pulse().beat()


async def test_a_beat_wakes_everybody_who_waits_in_order_and_nobody_later() -> None:
    pulse, woken = Pulse(), []

    async def wait(name: str) -> None:
        await pulse.wait()
        woken.append(name)

    early = [asyncio.create_task(wait(name)) for name in "abcdefgh"]
    await turns()
    pulse.beat()
    pulse.beat()
    late = asyncio.create_task(wait("late"))
    await turns()
    assert woken == list("abcdefgh")
    assert all(task.done() for task in early)
    pulse.beat()
    await late
    assert woken == [*"abcdefgh", "late"]


async def test_who_stops_waiting_is_forgotten() -> None:
    pulse = Pulse()
    waiting = asyncio.create_task(pulse.wait())
    await turns()
    waiting.cancel()
    await turns()
    assert waiting.cancelled()
    assert not pulse._waiters
    pulse.beat()


async def test_the_virtual_loop_notices_what_is_left_behind(virtually: Callable[..., Any]) -> None:
    """The control of `virtually`: a task that outlives its scenario fails it."""

    async def leave() -> None:
        asyncio.get_running_loop().create_task(forever())

    with pytest.raises(AssertionError, match="forever"):
        await asyncio.to_thread(virtually, leave())
