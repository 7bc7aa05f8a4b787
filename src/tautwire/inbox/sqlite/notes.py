"""What the owner of a file lets its visitors know, who cannot see it otherwise."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Callable

__all__ = ["BOUND", "SLOWEST", "Notes"]

#: Names in `counts`: records that may be there, and microseconds that the slowest of the last commits took.
BOUND: Final = "owner bound"
SLOWEST: Final = "owner slowest commit"

#: Seconds from one note to the next.
_PAUSE: Final = 5.0
_WRITE: Final = "INSERT OR REPLACE INTO counts VALUES (?, ?), (?, ?)"


class Notes:
    """Writes them along with a transaction that changes something anyway: at once, then every few seconds.

    A bound that is another one than before is written with the first one that comes.
    """

    def __init__(self, now: Callable[[], float], bound: int, slowest: Callable[[], float]) -> None:
        self._now, self._bound, self._slowest = now, bound, slowest
        self._next = 0.0
        self._changes = 0

    def __call__(self, db: sqlite3.Connection) -> None:
        """Write what is to be known now, if it is time."""
        now = self._now()
        if now >= self._next and (db.total_changes != self._changes or self._has_changed(db)):
            db.execute(_WRITE, (BOUND, self._bound, SLOWEST, round(self._slowest() * 1e6)))
            self._next, self._changes = now + _PAUSE, db.total_changes

    def _has_changed(self, db: sqlite3.Connection) -> bool:
        """Whether the file has another bound."""
        found = db.execute("SELECT number FROM counts WHERE state = ?", (BOUND,)).fetchone()
        return found is None or found[0] != self._bound
