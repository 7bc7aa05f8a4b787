"""Where the file is, whose it is, what it is."""
# ruff: noqa: ASYNC240 - files are what this is about, and nobody waits meanwhile

from __future__ import annotations

import os
import sqlite3
import stat
from typing import TYPE_CHECKING, Any

import pytest

from tautwire.errors import ConfigurationError, InboxError
from tautwire.inbox.api import Record, State
from tautwire.inbox.sqlite import SqliteInbox, files, schema

if TYPE_CHECKING:
    from pathlib import Path


def record(number: int = 1) -> Record:
    return Record(key=f"k{number}", type="events_api", envelope_id=f"e{number}", payload=b"{}")


def modes(path: Path) -> dict[str, int]:
    return {found.name: stat.S_IMODE(found.stat().st_mode) for found in path.parent.iterdir()}


async def refusal(path: Path | str, **options: Any) -> str:
    inbox = SqliteInbox(path, **options)
    with pytest.raises(InboxError) as raised:
        await inbox.open()
    await inbox.close()
    return str(raised.value)


async def test_nobody_else_may_read_it(path: Path) -> None:
    old = os.umask(0)
    try:
        async with SqliteInbox(path) as inbox:
            await inbox.put(record())
            names = ["events.db", "events.db-shm", "events.db-wal", "events.db.lock"]
            assert modes(path) == dict.fromkeys(names, 0o600)
    finally:
        os.umask(old)


async def test_what_others_could_read_they_cannot_any_more(path: Path) -> None:
    async with SqliteInbox(path):
        path.chmod(0o644)
        for end in ("-wal", "-shm"):
            path.with_name(path.name + end).chmod(0o666)
    path.chmod(0o664)
    async with SqliteInbox(path) as inbox:
        await inbox.put(record())
        assert set(modes(path).values()) == {0o600}


async def test_the_log_of_a_killed_process_is_taken_from_others_too(path: Path) -> None:
    async with SqliteInbox(path) as inbox:
        await inbox.put(record())
        for end in ("", "-wal"):
            twin = path.with_name(f"twin.db{end}")
            twin.write_bytes(path.with_name(f"{path.name}{end}").read_bytes())
            twin.chmod(0o644)
    async with SqliteInbox(path.with_name("twin.db")) as inbox:
        assert (await inbox.stats()).waiting == 1
        assert modes(path)["twin.db-wal"] == 0o600


async def test_where_nothing_can_be(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert "is a folder" in await refusal(path.parent)
    assert "does not exist: make it" in await refusal(path.parent / "no" / "events.db")
    os.mkfifo(path)
    assert "is no file" in await refusal(path)
    monkeypatch.chdir(path.parent)
    assert "is a folder" in await refusal("")
    assert [found.name for found in path.parent.iterdir()] == ["events.db"]


@pytest.mark.parametrize("content", [b"Dear diary", b"SQLite format 3\0" + bytes(84), bytes(5000)])
async def test_what_is_no_database_is_left_as_it_is(path: Path, content: bytes) -> None:
    path.write_bytes(content)
    path.chmod(0o644)
    assert "is no inbox, or its beginning is damaged; it was left as it is" in await refusal(path)
    assert path.read_bytes() == content
    assert modes(path)["events.db"] == 0o644


async def test_what_is_a_database_of_something_else_is_left_as_it_is(path: Path) -> None:
    with sqlite3.connect(path) as db:
        db.execute("CREATE TABLE notes (text)")
    db.close()
    before = path.read_bytes()
    said = await refusal(path)
    assert "a database of something else" in said
    assert path.read_bytes() == before
    assert sorted(found.name for found in path.parent.iterdir()) == ["events.db", "events.db.lock"]


async def test_an_empty_file_is_taken(path: Path) -> None:
    path.touch(mode=0o644)
    async with SqliteInbox(path) as inbox:
        await inbox.put(record())
    assert files.is_inbox(path)
    assert set(modes(path).values()) == {0o600}


async def test_a_log_without_its_file_is_not_thrown_away(path: Path) -> None:
    async with SqliteInbox(path) as inbox:
        await inbox.put(record())
        wal = path.with_name("events.db-wal").read_bytes()
    path.unlink()
    path.with_name("events.db-wal").write_bytes(wal)
    assert "events.db-wal is there, but" in await refusal(path)
    path.touch()
    assert "bring it back" in await refusal(path)
    assert path.with_name("events.db-wal").read_bytes() == wal


async def test_one_from_the_future_is_refused(path: Path) -> None:
    async with SqliteInbox(path) as inbox:
        await inbox.put(record())
    with sqlite3.connect(path) as db:
        db.execute(f"PRAGMA user_version = {schema.VERSION + 1}")
    db.close()
    assert f"its format is {schema.VERSION + 1}, this one knows {schema.VERSION}): upgrade" in await refusal(path)


async def test_an_older_one_becomes_a_newer_one(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async with SqliteInbox(path) as inbox:
        await inbox.put(record())
    steps = (*schema._STEPS, ("ALTER TABLE records ADD COLUMN colour TEXT NOT NULL DEFAULT 'grey'",), ("SELECT 1",))
    monkeypatch.setattr(schema, "_STEPS", steps)
    monkeypatch.setattr(schema, "VERSION", len(steps))
    monkeypatch.setattr("tautwire.inbox.sqlite.database.VERSION", len(steps))
    assert "is of an older format" in await refusal(path, is_visitor=True)
    async with SqliteInbox(path) as inbox:
        assert [stored.record for stored in await inbox.list(State.STORED)] == [record()]
    with sqlite3.connect(path) as db:
        assert db.execute("SELECT colour FROM records").fetchall() == [("grey",)]
        assert db.execute("PRAGMA user_version").fetchone() == (len(steps),)
    db.close()


async def test_a_migration_that_breaks_off_has_changed_nothing(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async with SqliteInbox(path) as inbox:
        await inbox.put(record())
    steps = (*schema._STEPS, ("DROP INDEX dead", "ALTER TABLE absent ADD COLUMN x"))
    with monkeypatch.context() as patch:
        patch.setattr(schema, "_STEPS", steps)
        patch.setattr(schema, "VERSION", len(steps))
        patch.setattr("tautwire.inbox.sqlite.database.VERSION", len(steps))
        assert "no such table: absent" in await refusal(path)
    async with SqliteInbox(path) as inbox:
        assert (await inbox.stats()).waiting == 1
    with sqlite3.connect(path) as db:
        assert db.execute("SELECT count(*) FROM sqlite_master WHERE name = 'dead'").fetchone() == (1,)
    db.close()


async def test_a_file_that_goes_away_is_missed(path: Path) -> None:
    """What is written to a file without a name is found by nobody."""
    async with SqliteInbox(path) as inbox:
        await inbox.put(record(1))
        path.rename(path.with_name("gone.db"))
        with pytest.raises(InboxError, match="was moved, deleted or replaced"):
            await inbox.put(record(2))
        path.write_bytes(path.with_name("gone.db").read_bytes())
        with pytest.raises(InboxError, match="was moved, deleted or replaced"):
            await inbox.stats()
        path.with_name("gone.db").rename(path)
        await inbox.put(record(2))
        assert (await inbox.stats()).waiting == 2


async def test_one_name_and_another_are_one_inbox(path: Path) -> None:
    link = path.with_name("link.db")
    link.symlink_to(path)
    async with SqliteInbox(path) as inbox:
        await inbox.put(record())
        assert "this process has opened" in await refusal(link)
    async with SqliteInbox(link) as inbox:
        assert (await inbox.stats()).waiting == 1
    assert not link.with_name("link.db.lock").exists()


async def test_names_with_odd_signs(path: Path) -> None:
    odd = path.with_name("what? 100% #1 ünïcode.db")
    async with SqliteInbox(odd) as inbox:
        await inbox.put(record())
    assert files.is_inbox(odd)


async def test_a_folder_is_synced_where_there_is_such_a_thing(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    synced: list[int] = []
    monkeypatch.setattr(os, "fsync", synced.append)
    files.sync_folder(path)
    assert len(synced) == 1
    monkeypatch.setattr(files, "IS_WINDOWS", True)
    files.sync_folder(path)
    assert len(synced) == 1


def test_what_is_no_place() -> None:
    with pytest.raises(ConfigurationError, match="has to survive its process"):
        SqliteInbox(":memory:")


@pytest.mark.skipif(files.IS_WINDOWS, reason="who may make a link differs there")
async def test_a_link_that_leads_to_itself_is_said(path: Path) -> None:
    path.symlink_to(path.name)
    for is_visitor in (False, True):
        assert await refusal(path, is_visitor=is_visitor) == f"{path} is a link that leads to itself: name a file"
