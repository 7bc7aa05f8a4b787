"""A disk that is full, that fails, that is read-only: refused and said, nothing lost, and it works again afterwards."""

from __future__ import annotations

import asyncio
import os
import shutil
import sqlite3
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest

from tautwire.errors import InboxError, InboxUnavailableError
from tautwire.inbox.api import Record, State
from tautwire.inbox.sqlite import SqliteInbox

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    import filelayer

IOERR_WRITE = sqlite3.SQLITE_IOERR | 3 << 8
IOERR_FSYNC = sqlite3.SQLITE_IOERR | 4 << 8


def record(number: int, size: int = 100) -> Record:
    return Record(key=f"k{number}", type="events_api", envelope_id=f"e{number}", payload=b"x" * size)


def refusing(code: int, *whats: str, beyond: int = 0) -> Callable[[filelayer.Step], int]:
    """A disk that answers with this code when something is done to it, behind so many bytes of a file."""

    def verdict(step: filelayer.Step) -> int:
        return code if step.what in whats and step.offset >= beyond else 0

    return verdict


def fine(_: filelayer.Step) -> int:
    return 0


async def waiting(inbox: SqliteInbox) -> list[str]:
    return [stored.record.key for stored in await inbox.list(State.STORED)]


async def test_a_full_disk_refuses_until_there_is_room(path: Path, layer: filelayer.Layer) -> None:
    async with SqliteInbox(path) as inbox:
        await inbox.put(record(1))
        layer.verdict = refusing(sqlite3.SQLITE_FULL, "write")
        for _ in range(3):
            with pytest.raises(InboxUnavailableError, match=f"the disk with {path} is full: make room"):
                await inbox.put(record(2))
        assert await waiting(inbox) == ["k1"]
        layer.verdict = fine
        assert not (await inbox.put(record(2))).is_duplicate
        assert await waiting(inbox) == ["k1", "k2"]


async def test_on_a_full_disk_small_things_find_room(path: Path, layer: filelayer.Layer) -> None:
    """What waits together is tried one by one, so that none suffers for another."""
    async with SqliteInbox(path) as inbox:
        lease = (await inbox.put(record(0), owner="ann")).lease
        assert lease is not None
        layer.verdict = refusing(sqlite3.SQLITE_FULL, "write", beyond=300_000)
        results = await asyncio.gather(
            *(inbox.put(record(n, size=400_000 if n == 3 else 100)) for n in range(1, 6)),
            inbox.done(lease),
            return_exceptions=True,
        )
        assert [n for n, result in enumerate(results, 1) if isinstance(result, Exception)] == [3]
        assert await waiting(inbox) == ["k1", "k2", "k4", "k5"]


@pytest.mark.parametrize(("code", "what"), [(IOERR_WRITE, "write"), (IOERR_FSYNC, "sync")])
async def test_a_disk_that_fails_refuses_until_it_does_not(
    code: int, what: str, path: Path, layer: filelayer.Layer
) -> None:
    async with SqliteInbox(path) as inbox:
        await inbox.put(record(1))
        layer.verdict = refusing(code, what)
        results = await asyncio.gather(*(inbox.put(record(n)) for n in (2, 3)), return_exceptions=True)
        for result in results:
            assert isinstance(result, InboxUnavailableError)
            assert f"the disk with {path} fails" in str(result)
        layer.verdict = fine
        await asyncio.gather(*(inbox.put(record(n)) for n in (2, 3)))
        assert await waiting(inbox) == ["k1", "k2", "k3"]
    async with SqliteInbox(path) as inbox:
        assert await waiting(inbox) == ["k1", "k2", "k3"]


async def test_a_disk_that_fails_while_it_is_closed(path: Path, layer: filelayer.Layer) -> None:
    """The log stays, and has it all."""
    inbox = SqliteInbox(path)
    await inbox.open()
    await inbox.put(record(1))
    layer.verdict = refusing(IOERR_WRITE, "write", "truncate", "sync", "delete")
    await inbox.close()
    layer.verdict = fine
    async with SqliteInbox(path) as inbox:
        assert await waiting(inbox) == ["k1"]


async def test_a_disk_that_becomes_read_only(path: Path, layer: filelayer.Layer) -> None:
    async with SqliteInbox(path) as inbox:
        await inbox.put(record(1))
        layer.verdict = refusing(sqlite3.SQLITE_READONLY, "write")
        with pytest.raises(InboxError, match="read-only for this user") as raised:
            await inbox.put(record(2))
        assert not raised.value.retryable
        layer.verdict = fine
        await inbox.put(record(2))


async def test_what_cannot_be_made_is_said(path: Path, layer: filelayer.Layer) -> None:
    layer.verdict = refusing(sqlite3.SQLITE_FULL, "write")
    with pytest.raises(InboxUnavailableError, match="is full"):
        await SqliteInbox(path).open()
    layer.verdict = fine
    async with SqliteInbox(path) as inbox:
        await inbox.put(record(1))


@pytest.mark.parametrize(
    ("number", "said"),
    [(13, "read-only"), (30, "read-only"), (28, "is full"), (122, "is full"), (24, "cannot be used: ")],
)
async def test_what_the_system_says_is_said(
    number: int, said: str, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> int:
        raise OSError(number, os.strerror(number))

    with monkeypatch.context() as patch:
        patch.setattr(os, "open", refuse)
        with pytest.raises(InboxError, match=said):
            await SqliteInbox(path).open()
    assert list(path.parent.iterdir()) == []


async def test_another_program_that_holds_it_is_not_waited_for_long(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Slack waits for three seconds, and not for somebody's shell."""
    monkeypatch.setattr("tautwire.inbox.sqlite.database._PATIENCE", 0.05)
    async with SqliteInbox(path) as inbox:
        await inbox.put(record(1))
        shell = sqlite3.connect(path, isolation_level=None)
        shell.execute("BEGIN IMMEDIATE")
        with pytest.raises(InboxUnavailableError, match="another program keeps"):
            await inbox.put(record(2))
        shell.execute("ROLLBACK")
        shell.close()
        await inbox.put(record(2))
        assert await waiting(inbox) == ["k1", "k2"]


async def test_less_than_what_was_asked_for_is_refused(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A build of SQLite, or a file system, that knows better."""

    class Stubborn(sqlite3.Connection):
        def execute(self, sql: str, parameters: Any = ()) -> sqlite3.Cursor:
            return super().execute("SELECT 1" if sql == "PRAGMA synchronous = 2" else sql, parameters)

    connect = sqlite3.connect

    def stubborn(*args: Any, **options: Any) -> sqlite3.Connection:
        connection: sqlite3.Connection = connect(*args, factory=Stubborn, **options)
        connection.execute("PRAGMA synchronous = NORMAL")
        return connection

    monkeypatch.setattr(sqlite3, "connect", stubborn)
    with pytest.raises(InboxError, match=r"did not take synchronous = 2 here \(it is 1\)"):
        await SqliteInbox(path).open()


#: Puts until it is refused; then, with room again, goes on. Prints what happened.
PUTTING = """
import asyncio, resource, sys
from tautwire.errors import InboxError, InboxUnavailableError
from tautwire.inbox.api import Record, State
from tautwire.inbox.sqlite import SqliteInbox

def record(number):
    return Record(key=f"k{number}", type="t", envelope_id=f"e{number}", payload=bytes(2000))

async def put(path, make_room):
    async with SqliteInbox(path) as inbox:
        stored = 0
        try:
            while stored < 10_000:
                await inbox.put(record(stored))
                stored += 1
        except InboxUnavailableError as error:
            print("refused", error.args[0].partition(path)[2])
        make_room()
        await inbox.put(record(stored))
        print(stored > 10, len(await inbox.list(State.STORED, limit=20_000)) == stored + 1)
"""
LIMITED = """
_, most = resource.getrlimit(resource.RLIMIT_FSIZE)
resource.setrlimit(resource.RLIMIT_FSIZE, (1_000_000, most))
asyncio.run(put(sys.argv[1], lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (most, most))))
"""
CROWDED = """
import os
with open(sys.argv[1] + ".other", "wb") as other:
    other.write(bytes(1_000_000))
asyncio.run(put(sys.argv[1], lambda: os.unlink(sys.argv[1] + ".other")))
"""
READING = """
async def open_it():
    try:
        async with SqliteInbox(sys.argv[1]):
            print("opened")
    except InboxError as error:
        print(error)

asyncio.run(open_it())
"""


def run(*command: str | Path) -> str:
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_files_may_grow_no_further(path: Path) -> None:
    assert run(sys.executable, "-c", PUTTING + LIMITED, path) == "refused  fails: disk I/O error\nTrue True\n"


@pytest.fixture
def mounting(tmp_path: Path) -> list[str | Path]:
    """What runs a shell that may mount things, and sees them alone."""
    unshare = shutil.which("unshare")
    command: list[str | Path] = [unshare or "false", "--user", "--map-root-user", "--mount", "sh", "-euc"]
    if subprocess.run([*command, f"mount -t tmpfs none {tmp_path}"], capture_output=True, check=False).returncode:
        pytest.skip("nothing can be mounted here")
    return command


def test_a_small_disk(mounting: list[str | Path], path: Path) -> None:
    script = f'mount -t tmpfs -o size=3m none {path.parent}; exec "$@"'
    said = run(*mounting, script, "sh", sys.executable, "-c", PUTTING + CROWDED, path)
    assert said == "refused  is full: make room, and Slack's retries will be stored\nTrue True\n"


def test_a_read_only_disk(mounting: list[str | Path], path: Path) -> None:
    script = f'mount -t tmpfs none {path.parent}; "$@"; mount -o remount,ro {path.parent}; "$@"'
    said = run(*mounting, script, "sh", sys.executable, "-c", PUTTING + READING, path)
    assert said == (f"opened\n{path} cannot be written: the file, its folder or the disk is read-only for this user\n")
