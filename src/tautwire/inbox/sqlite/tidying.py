"""Forgets what was done long ago, a few rows with each transaction, so that nobody ever waits for a big one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from tautwire.inbox.sqlite import people

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Callable

__all__ = ["Tidying"]

#: Rows that go with one transaction at least; some 2 ms.
_LEAST: Final = 100
#: Seconds between looks while there is nothing to do.
_PAUSE: Final = 1.0


class Tidying:
    """Twice as many rows go with a transaction as it has jobs, so that this always catches up."""

    def __init__(self, now: Callable[[], float], keep_seconds: float) -> None:
        self._now, self._keep_seconds = now, keep_seconds
        self._next = 0.0

    def __call__(self, db: sqlite3.Connection, jobs: int) -> None:
        """Delete what is due, within a transaction that has done `jobs` jobs."""
        now = self._now()
        if now < self._next:
            return
        limit = max(_LEAST, 2 * jobs)
        if people.forget(db, before=now - self._keep_seconds, limit=limit) < limit:
            self._next = now + _PAUSE
