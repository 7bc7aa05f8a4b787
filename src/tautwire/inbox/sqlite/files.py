"""The file of an inbox as the system sees it: where it is, who may read it, whether it is still the same."""

from __future__ import annotations

import errno
import os
import stat
import sys
from typing import TYPE_CHECKING, Final

from tautwire.errors import InboxError
from tautwire.inbox.sqlite.schema import APPLICATION_ID

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["IS_WINDOWS", "check_visited", "identity", "is_inbox", "make_private", "resolve", "set_aside", "sync_folder"]

IS_WINDOWS: Final = sys.platform == "win32"
_MAGIC: Final = b"SQLite format 3\0"
_APPLICATION_ID_AT: Final = 68
#: SQLite's own files beside the one that has a name.
BESIDE: Final = ("-wal", "-shm")


def resolve(path: Path) -> Path:
    """The file behind a name, so that two names for it have one lock. Raises `InboxError` where none can be."""
    try:
        path = path.resolve()
    except (RuntimeError, OSError):  # What Python says of a loop depends on its version.
        raise InboxError(f"{path} is a link that leads to itself: name a file") from None
    if path.is_dir():
        raise InboxError(f"{path} is a folder: name a file in it")
    if not path.parent.is_dir():
        raise InboxError(f"the folder {path.parent} does not exist: make it, or name another one")
    if path.exists() and not path.is_file():
        raise InboxError(f"{path} is no file")
    return path


def check_visited(path: Path) -> None:
    """Raise for a file that is not there, or may not be used; without opening it, as for `make_private`."""
    if not path.exists():
        raise InboxError(f"there is no inbox at {path}: the client that is to have it makes it")
    if not path.stat().st_size:
        raise InboxError(f"{path} is empty: no client has opened it yet")
    if not os.access(path, os.R_OK | os.W_OK):
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), str(path))


def make_private(path: Path) -> None:
    """Make the file if there is none. Nobody but its owner may read or write an inbox, and what SQLite has beside it.

    Must not be called while SQLite has the file open: closing a descriptor of it would lose SQLite's locks.
    """
    is_new = not path.exists() or not path.stat().st_size
    wal = _beside(path, "-wal")
    if is_new and wal.exists() and wal.stat().st_size:
        raise InboxError(f"{wal} is there, but {path} is not: bring it back, or move the other one aside, too")
    os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))
    if is_new or is_inbox(path):
        for each in (path, *(_beside(path, end) for end in BESIDE)):
            if not IS_WINDOWS and each.exists() and stat.S_IMODE(each.stat().st_mode) & 0o077:
                each.chmod(0o600)
    if is_new:
        sync_folder(path)


def sync_folder(path: Path) -> None:
    """Make the names in its folder survive the machine. Windows has no such thing."""
    if not IS_WINDOWS:
        folder = os.open(path.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)


def identity(path: Path) -> tuple[int, int] | None:
    """What stays the same while it is the same file; `None` when it is gone."""
    try:
        found = path.stat()
    except FileNotFoundError:
        return None
    return found.st_dev, found.st_ino


def is_inbox(path: Path) -> bool:
    """Whether its first bytes are those of an inbox. As for `make_private`, SQLite must not have it open."""
    with path.open("rb") as file:
        head = file.read(100)
    return head.startswith(_MAGIC) and head[_APPLICATION_ID_AT:][:4] == APPLICATION_ID.to_bytes(4, "big")


def set_aside(path: Path, when: str) -> Path:
    """Rename it and its log to a name that nothing has; returns that.

    The log goes first: with the file gone and its log there, SQLite would throw away the log.
    """
    target = path.with_name(f"{path.name}.damaged-{when}")
    number = 1
    while target.exists() or _beside(target, "-wal").exists():
        number += 1
        target = path.with_name(f"{path.name}.damaged-{when}-{number}")
    _beside(path, "-shm").unlink(missing_ok=True)  # A map of the log, which SQLite draws again.
    if _beside(path, "-wal").exists():
        _beside(path, "-wal").rename(_beside(target, "-wal"))
    path.rename(target)
    sync_folder(path)
    return target


def _beside(path: Path, end: str) -> Path:
    return path.with_name(path.name + end)
