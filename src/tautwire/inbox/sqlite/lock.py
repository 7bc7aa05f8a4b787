"""One process at a time.

SQLite would let several processes write; what one of them does on opening, which is to free the leases of owners that
are dead, would take them from the others. The lock is the system's, so it goes with its process, however that ends.
"""

from __future__ import annotations

import os
from contextlib import suppress
from importlib import import_module
from typing import TYPE_CHECKING, Any, Final
from weakref import WeakSet

from tautwire.errors import InboxLockedError
from tautwire.inbox.sqlite import files

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["Lock"]

#: Windows locks bytes, and does not let others read them: one far behind the text.
_FAR: Final = 1 << 20


class Lock:
    """A file that is locked, with the number of the process that has it as its text. The file itself stays."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._file: int | None = None

    def take(self) -> str:
        """Take it; returns what the last one to have it had left to say, which stays until there is another `note`.

        Raises `InboxLockedError`, which names the process that has it.
        """
        file = os.open(self._path, os.O_RDWR | os.O_CREAT, 0o600)
        try:
            _hold(file)
        except (BlockingIOError, PermissionError):
            text = _read(file)
            os.close(file)
            raise InboxLockedError(_who(text, self._path)) from None
        except BaseException:
            os.close(file)
            raise
        self._file = file
        left = _read(file).partition(" ")[2]
        self.note(left)
        _HELD.add(self)
        return left

    def note(self, text: str) -> None:
        """Write who has it, and something for the next one."""
        if self._file is not None:
            with suppress(OSError):  # On a full disk it cannot be said.
                os.ftruncate(self._file, 0)
                os.lseek(self._file, 0, os.SEEK_SET)
                os.write(self._file, f"{os.getpid()} {text}\n".encode())

    def release(self) -> None:
        """Let others have it. Any number of times."""
        file, self._file = self._file, None
        if file is not None:
            os.close(file)


#: All that this process has.
_HELD: Final[WeakSet[Lock]] = WeakSet()


def _let_go_in_a_child() -> None:
    """A process that was forked off would keep the lock beyond the death of the one that it belongs to."""
    for lock in list(_HELD):
        lock.release()


with suppress(AttributeError):  # Where nothing forks.
    os.register_at_fork(after_in_child=_let_go_in_a_child)


def _hold(file: int) -> None:
    if files.IS_WINDOWS:
        msvcrt: Any = import_module("msvcrt")
        os.lseek(file, _FAR, os.SEEK_SET)
        msvcrt.locking(file, msvcrt.LK_NBLCK, 1)
        os.lseek(file, 0, os.SEEK_SET)
    else:
        fcntl: Any = import_module("fcntl")
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)


def _read(file: int) -> str:
    os.lseek(file, 0, os.SEEK_SET)
    return os.read(file, 32).decode("ascii", "replace").strip()


def _who(text: str, path: Path) -> str:
    inbox = path.with_suffix("")
    pid = text.partition(" ")[0]
    if pid == str(os.getpid()):
        return f"this process has opened {inbox} already: use the inbox that it has, or close that one first"
    holder = f"the process {pid}" if pid.isdigit() else "another process"
    return f"{holder} works with {inbox}: end it first, or give each process an inbox of its own"
