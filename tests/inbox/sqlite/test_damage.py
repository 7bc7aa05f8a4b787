"""A file that is damaged: said, kept, never written to again."""
# ruff: noqa: ASYNC240 - files are what this is about, and nobody waits meanwhile

from __future__ import annotations

import asyncio
import sqlite3
from functools import partial
from typing import TYPE_CHECKING, Any

import pytest

from tautwire.clock import SYSTEM_CLOCK
from tautwire.errors import ConfigurationError, InboxError
from tautwire.inbox.api import Record, State
from tautwire.inbox.sqlite import SqliteInbox, database, files
from tautwire.inbox.sqlite.lock import Lock
from tautwire.testing.inbox import HandClock

if TYPE_CHECKING:
    from pathlib import Path

PAGE = 4096


def record(number: int = 1) -> Record:
    return Record(key=f"k{number}", type="events_api", envelope_id=f"e{number}", payload=b"x" * 1000)


async def filled(path: Path, records: int = 200) -> None:
    async with SqliteInbox(path) as inbox:
        await asyncio.gather(*(inbox.put(record(number)) for number in range(records)))


def root_of(path: Path, name: str) -> int:
    with sqlite3.connect(path) as db:
        (page,) = db.execute("SELECT rootpage FROM sqlite_master WHERE name = ?", (name,)).fetchone()
    db.close()
    return int(page)


def damage(path: Path, page: int) -> bytes:
    """Overwrite a page; what the file is then."""
    content = bytearray(path.read_bytes())
    content[(page - 1) * PAGE : page * PAGE] = b"\x7f" * PAGE
    path.write_bytes(content)
    return bytes(content)


def aside(path: Path) -> list[Path]:
    return sorted(found for found in path.parent.iterdir() if ".damaged-" in found.name and found.stat().st_size)


async def test_it_is_kept_aside_and_a_new_one_begun(path: Path) -> None:
    await filled(path)
    content = damage(path, root_of(path, "payloads"))
    inbox = SqliteInbox(path, clock=HandClock())
    found = await inbox.open()
    (kept,) = aside(path)
    assert kept.name == "events.db.damaged-20261118T110640Z"
    assert kept.read_bytes() == content
    (notice,) = found.notices
    assert f"{path} was damaged" in notice
    assert "in database main" not in notice  # A heading of SQLite's, where what it has found belongs.
    assert f"kept as {kept}" in notice
    assert found.waiting == 0
    await inbox.put(record())
    await inbox.close()
    async with SqliteInbox(path) as inbox:
        assert (await inbox.stats()).waiting == 1
    assert kept.read_bytes() == content
    assert kept.stat().st_mode & 0o777 == 0o600


async def test_the_second_one_does_not_overwrite_the_first(path: Path) -> None:
    contents = []
    for records in (100, 200, 300):
        await filled(path, records)
        contents.append(damage(path, root_of(path, "payloads")))
        inbox = SqliteInbox(path, clock=HandClock())
        assert (await inbox.open()).notices
        await inbox.close()
    assert [kept.read_bytes() for kept in aside(path)] == contents


async def test_the_log_is_kept_with_it(path: Path) -> None:
    """It has what was put last."""
    async with SqliteInbox(path) as inbox:
        await inbox.put(record())
        log = path.with_name("events.db-wal").read_bytes()
        file = path.read_bytes()
    path.write_bytes(file)
    page = root_of(path, "payloads")
    content = damage(path, page)
    # What the log has of that page would cover the damage.
    wal = bytearray(log)
    for start in range(32, len(wal), PAGE + 24):
        if int.from_bytes(wal[start : start + 4], "big") == page:
            wal = wal[:start]
            break
    path.with_name("events.db-wal").write_bytes(wal)
    inbox = SqliteInbox(path)
    assert (await inbox.open()).notices
    await inbox.close()
    assert [kept.read_bytes() for kept in aside(path)] == [content, bytes(wal)]


def test_one_without_a_log_can_be_kept_aside(path: Path) -> None:
    path.write_bytes(b"x")
    assert files.set_aside(path, "now").read_bytes() == b"x"
    assert [found.name for found in path.parent.iterdir()] == ["events.db.damaged-now"]


async def test_whoever_wants_to_look_first_is_refused(path: Path) -> None:
    await filled(path)
    content = damage(path, root_of(path, "payloads"))
    with pytest.raises(InboxError, match=r"is damaged \(.*Nothing more is written to it") as raised:
        await SqliteInbox(path, if_damaged="refuse").open()
    assert not raised.value.retryable
    async with SqliteInbox(path, is_visitor=True) as visitor:
        with pytest.raises(InboxError, match="is damaged"):
            await visitor.list(State.STORED)
    assert path.read_bytes() == content
    assert aside(path) == []
    with pytest.raises(ConfigurationError, match="if_damaged is 'mend'"):
        SqliteInbox(path, if_damaged="mend")  # type: ignore[arg-type]


async def test_damage_that_is_met_later_ends_the_writing(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The next one to open it looks it through to its end, which takes too long for every time."""
    await filled(path)
    content = damage(path, root_of(path, "payloads"))
    with monkeypatch.context() as patch:
        patch.setattr(database.Database, "_check", lambda self, *, is_thorough: None)
        inbox = SqliteInbox(path)
        assert (await inbox.open()).notices == ()
        with pytest.raises(InboxError, match="is damaged"):
            await inbox.claim("ann")
        for _ in range(2):
            with pytest.raises(InboxError, match="is damaged"):
                await inbox.put(record(1000))
        await inbox.close()
    assert path.read_bytes() == content
    monkeypatch.setattr(database, "_GLANCE", -1.0)
    inbox = SqliteInbox(path)
    assert (await inbox.open()).notices
    await inbox.close()
    assert [kept.read_bytes() for kept in aside(path)] == [content]


async def test_a_look_that_was_broken_off_is_taken_again(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """By a process that was killed over it, which is what an exception is to the lock."""
    await filled(path)
    looks: list[bool] = []
    lock = Lock(path.with_name("events.db.lock"))
    lock.take()
    lock.note("damaged")
    lock.release()

    def look(_: object, *, is_thorough: bool) -> None:
        looks.append(is_thorough)
        if len(looks) == 1:
            raise KeyboardInterrupt

    monkeypatch.setattr(database.Database, "_check", look)
    broken_off = database.Database(path, SYSTEM_CLOCK, is_visitor=False, keeps_damaged=True)
    with pytest.raises(KeyboardInterrupt):
        broken_off.open()
    for _ in range(2):
        async with SqliteInbox(path):
            pass
    assert looks == [True, True, False]


async def test_a_look_takes_half_a_second_at_most(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Damage that it has not come to is met later."""
    await filled(path)
    damage(path, root_of(path, "payloads"))
    clock: Any = HandClock()
    looks: list[float] = []

    def monotonic() -> float:
        looks.append(0.2)
        return sum(looks)

    clock.monotonic = monotonic
    monkeypatch.setattr(database, "_OFTEN", 1)
    inbox = SqliteInbox(path, clock=clock)
    assert (await inbox.open()).notices == ()
    await inbox.close()


async def test_a_check_that_cannot_be_made_is_no_damage(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The disk may fail while the file is fine."""
    await filled(path, 1)

    class Failing(sqlite3.Connection):
        def execute(self, sql: str, parameters: Any = ()) -> sqlite3.Cursor:
            if "quick_check" not in sql:
                return super().execute(sql, parameters)
            error = sqlite3.OperationalError("disk I/O error")
            error.sqlite_errorcode = sqlite3.SQLITE_IOERR
            raise error

    connect: Any = sqlite3.connect
    with monkeypatch.context() as patch:
        patch.setattr(sqlite3, "connect", partial(connect, factory=Failing))
        with pytest.raises(InboxError, match="fails: disk I/O error") as raised:
            await SqliteInbox(path).open()
        assert raised.value.retryable
    assert aside(path) == []
    async with SqliteInbox(path) as inbox:
        assert (await inbox.stats()).waiting == 1
