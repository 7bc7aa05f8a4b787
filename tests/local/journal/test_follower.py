from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tautwire.local.journal import Entry, Follower, Journal, Missed, Query

if TYPE_CHECKING:
    from collections.abc import Sequence


async def rest(follower: Follower) -> list[Entry | Missed]:
    return [found async for found in follower]


def accounted(heard: Sequence[Entry | Missed], since: int, until: int) -> bool:
    """Whether each number is there once and in order, or counted as missed."""
    reached = since
    for found in heard:
        if isinstance(found, Missed):
            reached += found.count
        elif found.number == reached + 1:
            reached += 1
        else:
            return False
    return reached == until


async def test_what_is_there_and_then_what_comes(journal: Journal) -> None:
    journal.control("one")
    follower = journal.follow()
    reader = asyncio.create_task(rest(follower))
    await asyncio.sleep(0)
    journal.control("two")
    await asyncio.sleep(0)
    journal.control("three")
    journal.close()
    heard = await reader
    assert [found.subject for found in heard if isinstance(found, Entry)] == ["one", "two", "three"]
    assert follower.missed == 0


async def test_only_the_new_ones(journal: Journal) -> None:
    journal.control("old")
    follower = journal.follow(journal.last)
    journal.control("new")
    journal.close()
    assert await rest(follower) == [journal[2]]


async def test_only_what_fits(journal: Journal) -> None:
    for number in range(300):
        journal.control("even" if number % 2 == 0 else "odd")
    journal.close()
    heard = await rest(journal.follow(query=Query(subject="odd", until=10)))
    assert [found.number for found in heard if isinstance(found, Entry)] == [2, 4, 6, 8, 10]


async def test_it_waits_without_asking_again_and_again(journal: Journal) -> None:
    asked = 0

    class Counting:
        bell = journal.bell
        first, is_closed = 1, False

        @property
        def last(self) -> int:
            nonlocal asked
            asked += 1
            return 0

        def __getitem__(self, number: int) -> Entry:
            raise AssertionError(number)

    follower = Follower(Counting(), Query(), 0)
    reader = asyncio.create_task(rest(follower))
    for _ in range(100):
        await asyncio.sleep(0)
    assert asked <= 3
    reader.cancel()
    await asyncio.gather(reader, return_exceptions=True)


async def test_several_followers_hear_the_same(journal: Journal) -> None:
    readers = [asyncio.create_task(rest(journal.follow())) for _ in range(5)]
    for number in range(50):
        journal.control("step")
        if number % 7 == 0:
            await asyncio.sleep(0)
    journal.close()
    heard = await asyncio.gather(*readers)
    assert all(accounted(each, 0, 50) and len(each) == 50 for each in heard)


async def test_a_slow_follower_stops_nobody_and_is_told() -> None:
    journal = Journal(10)
    slow, fast = journal.follow(), journal.follow()
    journal.control("first")
    assert await anext(slow) == await anext(fast) == journal[1]
    for _ in range(100):
        journal.control("step")
        assert isinstance(await anext(fast), Entry)
    journal.close()
    heard = await rest(slow)
    assert heard[0] == Missed(90)
    assert [found.number for found in heard[1:] if isinstance(found, Entry)] == list(range(92, 102))
    assert (slow.missed, fast.missed) == (90, 0)


async def test_everything_may_be_gone(journal: Journal) -> None:
    small = Journal(1)
    for _ in range(3):
        small.control("step")
    small.close()
    assert await rest(small.follow()) == [Missed(2), small[3]]
    assert await rest(small.follow(since=99)) == []
    assert await rest(small.follow(since=-5)) == [Missed(2), small[3]]


async def test_a_long_past_leaves_others_their_turn(journal: Journal) -> None:
    for _ in range(2_000):
        journal.control("step")
    journal.close()
    turns = 0
    reader = asyncio.create_task(rest(journal.follow(query=Query(subject="nothing"))))
    while not reader.done():
        await asyncio.sleep(0)
        turns += 1
    assert turns > 10
    assert await reader == []


async def test_a_reader_that_gives_up_loses_nothing(journal: Journal) -> None:
    follower = journal.follow()
    heard: list[Entry | Missed] = []

    async def one() -> None:
        heard.append(await anext(follower))

    for number in range(600):
        if number % 3:
            journal.control("step")
        reader = asyncio.create_task(one())
        for _ in range(number % 4):
            await asyncio.sleep(0)
        reader.cancel()
        await asyncio.gather(reader, return_exceptions=True)
    journal.close()
    heard += await rest(follower)
    assert accounted(heard, 0, journal.last)
    assert follower.missed == 0


steps = st.lists(st.tuples(st.integers(0, 12), st.integers(0, 9)), max_size=25)


@given(steps, st.integers(1, 8), st.integers(0, 5))
def test_each_entry_is_heard_once_in_order_or_counted(script: list[tuple[int, int]], limit: int, since: int) -> None:
    assert accounted(*asyncio.run(_followed(Follower, script, limit, since)))


class Forgetful(Follower):
    """A broken one: jumps over what is gone and says nothing."""

    async def __anext__(self) -> Entry | Missed:
        while isinstance(found := await super().__anext__(), Missed):
            pass
        return found


class Stuttering(Follower):
    """A broken one: says the last entry again when it was interrupted."""

    async def __anext__(self) -> Entry | Missed:
        found = await super().__anext__()
        if isinstance(found, Entry) and found.number == 9:
            self._seen -= 1
            self.__class__ = Follower  # type: ignore[assignment]
        return found


@pytest.mark.parametrize("broken", [Forgetful, Stuttering])
async def test_a_broken_follower_is_noticed(broken: type[Follower]) -> None:
    script = [(2, 1), (10, 3), (12, 9)]
    assert accounted(*await _followed(Follower, script, 5, 0))
    assert not accounted(*await _followed(broken, script, 5, 0))


async def _followed(
    kind: type[Follower], script: list[tuple[int, int]], limit: int, since: int
) -> tuple[list[Entry | Missed], int, int]:
    """Notes and readings in turn, then the rest."""
    journal = Journal(limit)
    follower = kind(journal, Query(), since)
    heard: list[Entry | Missed] = []
    for notes, readings in script:
        for _ in range(notes):
            journal.control("step")
        heard += [await anext(follower) for _ in range(readings) if follower._seen < journal.last]
    journal.close()
    heard += await rest(follower)
    return heard, since, max(since, journal.last)
