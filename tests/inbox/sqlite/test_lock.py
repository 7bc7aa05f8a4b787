"""One process at a time, and the next one when that has ended, however it has."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any

import pytest

from tautwire.errors import InboxLockedError
from tautwire.inbox.api import Record
from tautwire.inbox.sqlite import SqliteInbox, files
from tautwire.inbox.sqlite import lock as module
from tautwire.inbox.sqlite.lock import Lock

if TYPE_CHECKING:
    from collections.abc import Iterator

#: Opens it, stores one record, says so, and stays until it is killed.
HOLDER = """
import asyncio, sys
from tautwire.inbox.api import Record
from tautwire.inbox.sqlite import SqliteInbox

async def hold():
    inbox = SqliteInbox(sys.argv[1])
    await inbox.open()
    await inbox.put(Record(key="k", type="events_api", envelope_id="e", payload=b"{}"), owner="holder")
    print("ready", flush=True)
    await asyncio.Event().wait()

asyncio.run(hold())
"""


@pytest.fixture
def holder(path: Path) -> Iterator[subprocess.Popen[str]]:
    with subprocess.Popen([sys.executable, "-c", HOLDER, path], stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
        yield process
        process.kill()


async def test_a_second_process_is_told_which_one_has_it(path: Path, holder: subprocess.Popen[str]) -> None:
    with pytest.raises(InboxLockedError, match=rf"^the process {holder.pid} works with {path}: end it first") as raised:
        await SqliteInbox(path).open()
    assert raised.value.retryable


async def test_what_was_killed_has_it_no_more(path: Path, holder: subprocess.Popen[str]) -> None:
    holder.kill()
    holder.wait()
    assert path.with_name("events.db.lock").read_text() == f"{holder.pid} \n"
    async with SqliteInbox(path) as inbox:
        (lease,) = await inbox.claim("another")
        assert (lease.record.key, lease.attempt) == ("k", 2)
    after = SqliteInbox(path)
    assert (await after.open()).freed == 1
    await after.close()


#: The same with a child that was forked off, which says so, and goes on after its parent's death until its input ends.
PARENT = HOLDER.replace(
    "    print(",
    "    import os\n    if os.fork():\n        await asyncio.Event().wait()\n    print(",
).replace("    await asyncio.Event().wait()\n\nasyncio", "    sys.stdin.read()\n    os._exit(0)\n\nasyncio")


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
def test_what_is_left_of_one_that_was_killed_does_not_have_it(path: Path) -> None:
    command = [sys.executable, "-W", "ignore", "-c", PARENT, str(path)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as parent:
        assert parent.stdout is not None
        assert parent.stdout.readline() == "ready\n"
        with pytest.raises(InboxLockedError):
            Lock(path.with_name("events.db.lock")).take()
        parent.kill()
        parent.wait()
        lock = Lock(path.with_name("events.db.lock"))
        lock.take()
        lock.release()


async def test_this_process_is_told_that_it_is_itself(path: Path) -> None:
    async with SqliteInbox(path) as inbox:
        with pytest.raises(InboxLockedError, match=f"^this process has opened {path} already"):
            await SqliteInbox(path).open()
        await inbox.put(Record(key="k", type="events_api", envelope_id="e", payload=b"{}"))
    async with SqliteInbox(path) as inbox:
        assert (await inbox.stats()).waiting == 1


@pytest.mark.parametrize("text", ["", "\n", "no number\n", "\x00\xff"])
def test_one_that_does_not_say_who_it_is(text: str, path: Path) -> None:
    first = Lock(path)
    assert first.take() == ""
    path.write_text(text)
    with pytest.raises(InboxLockedError, match=r"^another process works with"):
        Lock(path).take()
    first.release()
    first.release()


def test_a_child_lets_go_of_what_it_has_inherited(path: Path) -> None:
    lock = Lock(path)
    lock.take()
    module._let_go_in_a_child()
    other = Lock(path)
    other.take()
    other.release()
    lock.release()


def test_what_one_has_to_say_the_next_one_hears(path: Path) -> None:
    first, second = Lock(path), Lock(path)
    first.take()
    first.note("something")
    first.release()
    first.note("too late")
    assert second.take() == "something"
    second.release()
    assert second.take() == "something", "it has said nothing else"
    second.note("")
    second.release()
    assert second.take() == ""
    second.release()


def test_that_the_disk_is_full_is_no_reason_not_to_lock(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> int:
        raise OSError(28, "No space left on device")

    first = Lock(path)
    with monkeypatch.context() as patch:
        patch.setattr(os, "write", full)
        first.take()
    with pytest.raises(InboxLockedError, match=r"^another process works with"):
        Lock(path).take()
    first.release()


def test_where_there_are_no_locks(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def unsupported(*_: object) -> None:
        raise OSError(95, "Operation not supported")

    monkeypatch.setattr("fcntl.flock", unsupported)
    with pytest.raises(OSError, match="not supported"):
        Lock(path).take()
    assert path not in [file.resolve() for file in Path("/proc/self/fd").iterdir()]


class Windows(ModuleType):
    """What Python has for locking there: bytes of a file, from where it stands."""

    LK_NBLCK = 2

    def __init__(self) -> None:
        super().__init__("msvcrt")
        self.locked: dict[tuple[int, int], int] = {}

    def locking(self, file: int, mode: int, size: int) -> None:
        assert mode == self.LK_NBLCK
        at = os.lseek(file, 0, os.SEEK_CUR)
        key = (os.fstat(file).st_ino, at)
        assert size == 1
        assert at > 1000, "the text must stay readable"
        if key in self.locked:
            raise PermissionError(13, "Permission denied")
        self.locked[key] = file


def test_on_windows(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    windows: Any = Windows()
    monkeypatch.setitem(sys.modules, "msvcrt", windows)
    monkeypatch.setattr(files, "IS_WINDOWS", True)
    first = Lock(path)
    first.take()
    with pytest.raises(InboxLockedError, match=r"^this process has opened"):
        Lock(path).take()
    first.note("something")
    first.release()
    windows.locked.clear()
    second = Lock(path)
    assert second.take() == "something"
    second.release()
