"""What is the same in every store, and the small things that they stand on."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest

from tautwire.errors import ConfigurationError, InboxError
from tautwire.inbox.api import Mode, Record, State
from tautwire.inbox.bell import Bell
from tautwire.inbox.memory import MemoryInbox
from tautwire.inbox.rules import checked, has_to_be_ended, is_positive, may_be_handled_again
from tautwire.inbox.steady import Steady
from tautwire.testing.inbox import Bench, HandClock

RECORD = Record(key="k", type="slash_commands", envelope_id="e", payload=b'{"token":"secret"}')


def test_a_record_shows_no_payload() -> None:
    assert repr(RECORD) == "<record of slash_commands e, 18 bytes>"


@pytest.mark.parametrize(
    ("mode", "acked", "unacked"),
    [(Mode.AGAIN, True, True), (Mode.ONCE_ACKED, True, False), (Mode.NEVER, False, False)],
)
def test_what_may_be_handled_again(mode: Mode, acked: bool, unacked: bool) -> None:
    assert may_be_handled_again(mode, is_acked=True) is acked
    assert may_be_handled_again(mode, is_acked=False) is unacked


def test_what_can_be_put() -> None:
    checked(RECORD, "")
    checked(replace(RECORD, mode=Mode.ONCE_ACKED, group="C1"), "")
    checked(replace(RECORD, mode=Mode.NEVER), "ann")
    for record, owner in (
        (replace(RECORD, key=""), "ann"),
        (replace(RECORD, mode=Mode.NEVER), ""),
        (replace(RECORD, mode=Mode.NEVER, group="C1"), "ann"),
    ):
        with pytest.raises(ValueError, match="a record"):
            checked(record, owner)


def test_what_can_be_purged() -> None:
    has_to_be_ended(State.DONE)
    has_to_be_ended(State.DEAD)
    for state in (State.STORED, State.LEASED):
        with pytest.raises(ValueError, match=f"records that are {state.value} cannot be purged"):
            has_to_be_ended(state)


@pytest.mark.parametrize("number", [0, -1, float("nan")])
def test_what_is_no_number_of_anything(number: float) -> None:
    is_positive(seconds=0.1, records=1)
    with pytest.raises(ConfigurationError, match=r"seconds is .*; it must be above 0"):
        is_positive(seconds=number)
    with pytest.raises(ConfigurationError):
        MemoryInbox(lease_seconds=number)


def test_time_goes_on_where_the_wall_clock_steps() -> None:
    clock = HandClock()
    steady = Steady(clock)
    began = steady.now()
    assert began == clock.wall()
    clock.step(-3600.0)
    clock.move(5.0)
    assert steady.now() == began + 5.0


async def test_a_bell_is_heard_by_those_who_listened() -> None:
    clock = HandClock()
    bell = Bell(clock)
    before = bell.listen()
    waiting = [asyncio.ensure_future(bell.wait(before, 10.0)) for _ in range(3)]
    await asyncio.sleep(0)
    bell.ring()
    await asyncio.gather(*waiting)
    await bell.wait(before, 10.0)
    late = asyncio.ensure_future(bell.wait(bell.listen(), 10.0))
    for _ in range(5):
        await asyncio.sleep(0)
    assert not late.done()
    clock.move(10.0)
    await late


async def test_hand_time_passes_when_it_is_moved() -> None:
    clock = HandClock()
    sleeping = [asyncio.ensure_future(clock.sleep(seconds)) for seconds in (5.0, 10.0, 10.0)]
    await asyncio.sleep(0)
    for task in sleeping[2:]:
        task.cancel()
    await asyncio.sleep(0)
    clock.move(5.0)
    await sleeping[0]
    assert not sleeping[1].done()
    clock.move(5.0)
    await sleeping[1]
    assert sleeping[2].cancelled()
    assert await clock.wait(asyncio.Event(), 0.0) is False


async def test_the_reference_is_opened_and_closed_like_any_other() -> None:
    async with MemoryInbox() as inbox:
        assert inbox.lease_seconds == 60.0
        await inbox.put(RECORD)
        shelf = inbox.shelf
    with pytest.raises(InboxError, match="the inbox is not open"):
        await inbox.put(RECORD)
    async with MemoryInbox(shelf=shelf) as again:
        assert (await again.put(RECORD)).is_duplicate


async def test_the_reference_forgets_a_key_after_its_time() -> None:
    clock = HandClock()
    async with MemoryInbox(clock=clock) as inbox:
        lease = (await inbox.put(RECORD, owner="ann")).lease
        assert lease is not None
        await inbox.done(lease)
        clock.move(86_000.0)
        assert (await inbox.put(RECORD)).is_duplicate
        clock.move(500.0)
        assert not (await inbox.put(RECORD)).is_duplicate


async def test_a_bench_has_no_store_of_its_own() -> None:
    with pytest.raises(NotImplementedError):
        await Bench().make(max_waiting=1)
    with pytest.raises(NotImplementedError):
        await Bench().restart(MemoryInbox(), max_waiting=1)
