"""A visitor writes a little at a time, and leaves the file to its owner in between."""

from __future__ import annotations

import sqlite3
from functools import partial
from typing import TYPE_CHECKING, Any

import pytest

from storing import counted, dead, record
from tautwire.errors import InboxUnavailableError
from tautwire.inbox.api import State
from tautwire.inbox.sqlite import SqliteInbox, database, people
from tautwire.inbox.sqlite.manners import Manners
from tautwire.inbox.sqlite.notes import BOUND, SLOWEST, Notes
from tautwire.testing.inbox import HandClock

if TYPE_CHECKING:
    from pathlib import Path


class Patient(HandClock):
    """Remembers how long it was asked to sleep, and passes that time."""

    def __init__(self) -> None:
        super().__init__()
        self.slept: list[float] = []

    async def sleep(self, seconds: float) -> None:
        self.slept.append(round(seconds, 6))
        self.move(max(0.0, seconds))


async def test_it_stays_away_for_twice_as_long_as_it_was_there() -> None:
    clock = Patient()
    manners = Manners(clock)

    async def change(seconds: float) -> float:
        clock.move(seconds)
        return seconds

    for seconds in (0.01, 0.1, 3.0, 0.0):
        assert await manners.change(partial(change, seconds)) == seconds
    assert clock.slept[1:] == [0.02, 0.2, 0.25]


async def test_so_it_does_after_each_step_and_the_owner_never(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(people, "STEP", 2)
    clock = Patient()
    async with SqliteInbox(path, clock=clock) as inbox, SqliteInbox(path, is_visitor=True, clock=clock) as visitor:
        await dead(inbox, *range(5))
        assert await visitor.replay() == 5
        assert len(clock.slept) == 3
        clock.slept.clear()
        ids = [stored.id for stored in await inbox.list(State.STORED)]
        assert await inbox.give_up(ids, error="no") == 5
        assert await visitor.purge(State.DEAD) == 5
        assert len(clock.slept) == 4
    counted(path)


async def test_it_looks_while_another_one_writes(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(database, "_VISITORS_PATIENCE", 0.0)
    async with SqliteInbox(path) as inbox:
        await dead(inbox, 1)
        db = sqlite3.connect(path, isolation_level=None)
        async with SqliteInbox(path, is_visitor=True) as visitor:
            db.execute("BEGIN IMMEDIATE")
            assert (await visitor.stats()).dead == 1
            (stored,) = await visitor.list(State.DEAD)
            assert await visitor.show(stored.id) == stored
            with pytest.raises(InboxUnavailableError, match=r"another program keeps .* locked"):
                await visitor.replay()
            db.execute("ROLLBACK")
            assert await visitor.replay() == 1
        db.close()


async def test_a_purge_overwrites_so_many_bytes_at_a_time(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(people, "REACH", 250)
    steps: list[int] = []
    purge = people.purge

    def watched(*args: Any, **more: Any) -> tuple[int, int]:
        found = purge(*args, **more)
        steps.append(found[0])
        return found

    monkeypatch.setattr(people, "purge", watched)
    async with SqliteInbox(path, keep_payload=True) as inbox:
        for number, size in enumerate((100, 100, 100, 900, 100)):
            await inbox.put(record(number, size))
        ids = [stored.id for stored in await inbox.list(State.STORED)]
        await inbox.give_up(ids, error="no")
        assert await inbox.purge(State.DEAD) == 5
        assert steps == [2, 1, 1, 1, 0]
        for number in (10, 11, 12):
            await inbox.put(record(number))
        for lease in await inbox.claim("ann", limit=9):
            await inbox.done(lease)
        steps.clear()
        assert await inbox.purge(State.DONE) == 3
        assert steps == [2, 1, 0]
        assert {stored.record.payload for stored in await inbox.list(State.DONE)} == {b""}
    counted(path)


async def test_the_owner_lets_it_know_the_bound_and_the_slowest_commit(path: Path) -> None:
    clock = HandClock()
    async with SqliteInbox(path, max_waiting=7, clock=clock) as inbox, SqliteInbox(path, is_visitor=True) as visitor:
        await inbox.put(record(1))
        assert inbox._writer is not None
        inbox._writer.commits.append(0.25)
        clock.move(5.0)
        await inbox.put(record(2))
        stats = await visitor.stats()
        assert (stats.bound, stats.commit_seconds) == (7, 0.25)
    counted(path)


def test_a_note_is_written_with_what_is_written_anyway() -> None:
    clock, slowest = HandClock(), [0.5]
    db = sqlite3.connect(":memory:", isolation_level=None)
    db.execute("CREATE TABLE counts (state TEXT PRIMARY KEY, number INTEGER NOT NULL)")
    notes = Notes(clock.monotonic, 7, lambda: slowest[0])

    def noted(*, changes: bool) -> dict[str, int]:
        if changes:
            db.execute("INSERT OR REPLACE INTO counts VALUES ('x', 1)")
        notes(db)
        return dict(db.execute("SELECT state, number FROM counts WHERE state <> 'x'"))

    assert noted(changes=False) == {BOUND: 7, SLOWEST: 500_000}
    slowest[0] = 0.25
    assert noted(changes=True)[SLOWEST] == 500_000
    clock.move(5.0)
    assert noted(changes=True)[SLOWEST] == 250_000
    clock.move(5.0)
    slowest[0] = 0.1
    assert noted(changes=False)[SLOWEST] == 250_000
    notes = Notes(clock.monotonic, 8, lambda: slowest[0])
    db.execute("UPDATE counts SET number = number")
    assert noted(changes=False) == {BOUND: 8, SLOWEST: 100_000}
    db.close()
