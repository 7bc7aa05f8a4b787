"""Forgets what was done long ago, a few rows with each transaction, so that nobody ever waits for a big one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from tautwire.inbox.sqlite import people

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Callable

__all__ = ["SHORT_OF", "SHORT_SECONDS", "Tidying"]

#: Rows that go with one transaction at least; some 2 ms.
_LEAST: Final = 100
#: Seconds between looks while there is nothing to do.
_PAUSE: Final = 1.0
#: The part of the file's bound from which on it is short of room.
SHORT_OF: Final = 0.8
#: How long a key is kept then: nine times as long as Slack was ever seen to send an event again. To refuse what is new
#: in favour of a key that nobody will ever ask for would be a bad trade.
SHORT_SECONDS: Final = 3_600.0

_USED: Final = "SELECT page_count - freelist_count FROM pragma_page_count, pragma_freelist_count"


class Tidying:
    """Twice as many rows go with a transaction as it has jobs, so that this always catches up.

    What is done is kept for `keep_seconds`, or for an hour while the file is short of its `pages`.
    """

    def __init__(self, now: Callable[[], float], keep_seconds: float, pages: int) -> None:
        self._now, self._keep_seconds = now, keep_seconds
        self._enough = SHORT_OF * pages
        self._next = 0.0

    def __call__(self, db: sqlite3.Connection, jobs: int) -> None:
        """Delete what is due, within a transaction that has done `jobs` jobs."""
        now = self._now()
        if now < self._next:
            return
        limit = max(_LEAST, 2 * jobs)
        (used,) = db.execute(_USED).fetchone()
        keep = self._keep_seconds if used < self._enough else SHORT_SECONDS
        if people.forget(db, before=now - keep, limit=limit) < limit:
            self._next = now + _PAUSE
