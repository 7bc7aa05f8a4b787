"""What a call costs does not grow with what is done."""

from __future__ import annotations

import re
import sqlite3
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from storing import counted, dead, leased, record
from tautwire.errors import InboxError
from tautwire.inbox.api import Mode, State
from tautwire.inbox.sqlite import SqliteInbox, people

if TYPE_CHECKING:
    from pathlib import Path


async def everything(inbox: SqliteInbox) -> None:
    """Each call, each way."""
    leases = [await leased(inbox, number) for number in range(8)]
    await inbox.extend(leases[0])
    await inbox.done(leases[0])
    await inbox.retry(leases[1], delay=1, error="x")
    await inbox.release(leases[2])
    await inbox.bury(leases[3], error="x")
    placed = await inbox.put(record(10, mode=Mode.ONCE_ACKED, group="C1"))
    await inbox.put(record(11, group="C1"))
    await inbox.put(record(11, group="C1"))
    await inbox.acked(placed.id)
    for lease in await inbox.claim("ann", limit=3):
        await inbox.done(lease)
    await inbox.stats()
    for state in State:
        for stored in await inbox.list(state):
            await inbox.show(stored.id)
    await inbox.replay()
    await inbox.give_up(["11"], error="x")
    await inbox.purge(State.DEAD)


async def test_no_statement_walks_through_what_is_done(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Not by SQLite's own plans: with a million rows of it, a walk would take a second, and every put would wait."""
    statements: set[str] = set()
    connect = sqlite3.connect

    def traced(*args: Any, **options: Any) -> sqlite3.Connection:
        db: sqlite3.Connection = connect(*args, **options)
        db.set_trace_callback(statements.add)
        return db

    with monkeypatch.context() as patch:
        patch.setattr(sqlite3, "connect", traced)
        async with SqliteInbox(path) as inbox:
            await everything(inbox)
    walks: list[str] = []
    with connect(path) as db:
        for statement in statements:
            if re.match(r"\s*(SELECT|INSERT|UPDATE|DELETE)", statement) and " records" in statement:
                plan = [row[3] for row in db.execute(f"EXPLAIN QUERY PLAN {statement}")]
                walks += [f"{step}: {statement}" for step in plan if _is_walk(step)]
    db.close()
    assert len(statements) > 40
    assert walks == []


def _is_walk(step: str) -> bool:
    """Whether it goes through all of a table or index that has what is done; `ready` and `alive` have not."""
    return bool(re.match(r"SCAN (TABLE )?records(?! USING (COVERING )?INDEX (ready|leases|alive|dead|tails)\b)", step))


def test_a_walk_is_noticed() -> None:
    assert _is_walk("SCAN records")
    assert _is_walk("SCAN TABLE records USING COVERING INDEX done")
    assert not _is_walk("SCAN records USING INDEX alive")
    assert not _is_walk("SEARCH records USING INDEX done (at<?)")


async def test_a_long_errand_lets_others_by(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Some rows at a time, each in a transaction of its own."""
    monkeypatch.setattr(people, "STEP", 2)
    async with SqliteInbox(path) as inbox:
        await dead(inbox, *range(5))
        assert await inbox.replay() == 5
        ids = [stored.id for stored in await inbox.list(State.STORED)]
        assert await inbox.give_up(ids, error="x") == 5
        assert await inbox.purge(State.DEAD) == 5
        await dead(inbox, *range(10, 14))
        assert await inbox.purge(State.DEAD) == 4
    counted(path)


async def test_the_counts_are_right_after_anything(path: Path) -> None:
    async with SqliteInbox(path) as inbox:
        await everything(inbox)
        with pytest.raises(InboxError):
            await inbox.done(replace(await leased(inbox, 20), fence=7))
    counted(path)
