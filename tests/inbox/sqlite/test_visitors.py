"""Somebody looks at an inbox that another one has, and replays what is dead in it."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import pytest

from storing import counted, dead, leased, record
from tautwire.errors import InboxError
from tautwire.inbox.api import Mode, State
from tautwire.inbox.sqlite import SqliteInbox
from tautwire.testing.inbox import HandClock

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


async def test_a_visitor_looks_while_another_one_works(path: Path) -> None:
    async with SqliteInbox(path) as inbox, SqliteInbox(path, is_visitor=True) as visitor:
        await inbox.put(record(1))
        lease = await leased(inbox, 2)
        await dead(inbox, 3)
        stats = await visitor.stats()
        assert (stats.waiting, stats.leased, stats.dead) == (1, 1, 1)
        (stored,) = await visitor.list(State.DEAD)
        assert await visitor.show(stored.id) == stored
        await inbox.done(lease)
        assert (await visitor.stats()).done == 1


async def test_a_visitor_replays_and_whoever_waits_finds_it(path: Path) -> None:
    clock = HandClock()
    async with SqliteInbox(path, clock=clock) as inbox, SqliteInbox(path, clock=clock, is_visitor=True) as visitor:
        await dead(inbox, 1, 2, 3)
        waiting = asyncio.ensure_future(inbox.claim("bob", wait=1000.0))
        ids = [stored.id for stored in await visitor.list(State.DEAD)]
        await inbox.stats()
        assert await visitor.replay(ids[:1]) == 1
        assert await visitor.purge(State.DEAD) == 2
        await inbox.stats()
        clock.move(1.1)
        assert [lease.record.key for lease in await waiting] == ["k1"]
        await inbox.put(record(4))
        assert await visitor.give_up([(await inbox.list(State.STORED))[0].id], error="no") == 1
        assert await inbox.claim("bob") == []
    counted(path)


async def test_a_visitor_changes_nothing_by_coming(path: Path) -> None:
    """No lease is freed, nothing is expired, no file is made."""
    clock = HandClock()
    with pytest.raises(InboxError, match="there is no inbox at"):
        await SqliteInbox(path, is_visitor=True).open()
    assert list(path.parent.iterdir()) == []
    async with SqliteInbox(path, clock=clock) as inbox:
        lease = await leased(inbox, 1, mode=Mode.NEVER)
        clock.move(1000)
        async with SqliteInbox(path, clock=clock, is_visitor=True) as visitor:
            assert (await visitor.stats()).leased == 1
        await inbox.done(lease)


def _write(path: Path, text: str) -> None:
    path.write_text(text)


async def test_a_visitor_is_told_what_is_no_inbox(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    _write(path, "")
    with pytest.raises(InboxError, match="is empty: no client has opened it yet"):
        await SqliteInbox(path, is_visitor=True).open()
    _write(path, "Dear diary, today I was no database at all. " * 99)
    with pytest.raises(InboxError, match=r"events\.db is no inbox, or its beginning is damaged; it was left as it is"):
        await SqliteInbox(path, is_visitor=True).open()
    monkeypatch.setattr("os.access", lambda *_: False)
    with pytest.raises(InboxError, match="read-only for this user"):
        await SqliteInbox(path, is_visitor=True).open()


async def test_a_visitor_owns_nothing(path: Path) -> None:
    async with SqliteInbox(path) as inbox, SqliteInbox(path, is_visitor=True) as visitor:
        lease = await leased(inbox, 1)
        calls: tuple[Callable[[], Any], ...] = (
            lambda: visitor.put(record(2)),
            lambda: visitor.acked("1"),
            lambda: visitor.claim("bob"),
            lambda: visitor.extend(lease),
            lambda: visitor.done(lease),
            lambda: visitor.retry(lease, delay=0, error=""),
            lambda: visitor.release(lease),
            lambda: visitor.bury(lease, error=""),
        )
        for call in calls:
            with pytest.raises(InboxError, match="a visitor may look"):
                await call()
