"""What SQLite and the system complain about, in words that say what to do."""

from __future__ import annotations

import errno
import re
import sqlite3
from typing import TYPE_CHECKING, Final

from tautwire.errors import InboxError, InboxUnavailableError

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["concerns_the_disk", "damage", "is_damage", "worded"]

_DAMAGE: Final = frozenset({sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB})
#: What the next job will meet, too.
_DISK: Final = _DAMAGE | {
    sqlite3.SQLITE_BUSY,
    sqlite3.SQLITE_CANTOPEN,
    sqlite3.SQLITE_IOERR,
    sqlite3.SQLITE_LOCKED,
    sqlite3.SQLITE_PERM,
    sqlite3.SQLITE_READONLY,
}
_READ_ONLY: Final = frozenset({errno.EACCES, errno.EPERM, errno.EROFS})
_FULL: Final = frozenset({errno.ENOSPC, errno.EDQUOT})
#: What SQLite's check writes above what it has found.
_HEADING: Final = re.compile(r"\*\*\* in database \w+ \*\*\*")


def _code(error: BaseException) -> int:
    """SQLite's primary code; 0 for what is none of its errors."""
    code = getattr(error, "sqlite_errorcode", 0) if isinstance(error, sqlite3.Error) else 0
    return int(code) & 0xFF


def damage(verdict: str) -> sqlite3.DatabaseError:
    """What SQLite would have raised on meeting what its check has found."""
    lines = [line for line in verdict.splitlines() if line.strip() and not _HEADING.fullmatch(line)]
    error = sqlite3.DatabaseError(lines[0] if lines else "its check failed")
    error.sqlite_errorcode = sqlite3.SQLITE_CORRUPT
    return error


def is_damage(error: BaseException) -> bool:
    """Whether the file's content is at fault."""
    return _code(error) in _DAMAGE


def concerns_the_disk(error: BaseException) -> bool:
    """Whether it is of no use to try the next job: the file cannot be used at all."""
    return isinstance(error, OSError) or _code(error) in _DISK


def worded(error: Exception, path: Path) -> Exception:
    """`error` as an `InboxError`; what is none of SQLite's or the system's, as it is."""
    if isinstance(error, OSError):
        return _of_the_system(error, path)
    if not isinstance(error, sqlite3.Error):
        return error
    code = _code(error)
    if code == sqlite3.SQLITE_FULL:
        return _full(path)
    if code in {sqlite3.SQLITE_READONLY, sqlite3.SQLITE_PERM}:
        return _read_only(path)
    if code in _DAMAGE:
        return InboxError(
            f"{path} is damaged ({error}). Nothing more is written to it. Keep a copy with its -wal for sqlite3's"
            " .recover, move both aside, and open the inbox anew"
        )
    if code in {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED}:
        return InboxUnavailableError(f"another program keeps {path} locked")
    if code in _DISK:
        return InboxUnavailableError(f"the disk with {path} fails: {error}")
    return InboxError(f"the inbox in {path} failed: {error}")


def _of_the_system(error: OSError, path: Path) -> InboxError:
    if error.errno in _FULL:
        return _full(path)
    if error.errno in _READ_ONLY:
        return _read_only(path)
    return InboxUnavailableError(f"the inbox in {path} cannot be used: {error.strerror or type(error).__name__}")


def _full(path: Path) -> InboxError:
    return InboxUnavailableError(f"the disk with {path} is full: make room, and Slack's retries will be stored")


def _read_only(path: Path) -> InboxError:
    return InboxError(f"{path} cannot be written: the file, its folder or the disk is read-only for this user")
