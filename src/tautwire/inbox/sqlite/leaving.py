"""How a record comes out of a lease or a hold, and what that means for those behind it.

Each function runs inside somebody else's transaction.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from tautwire.inbox.api import Mode
from tautwire.inbox.rules import NOT_ACKED, may_be_handled_again

if TYPE_CHECKING:
    import sqlite3

__all__ = ["end", "expire", "free", "join", "recover"]

_LEFT: Final = "SELECT number, mode, is_acked, line FROM records WHERE state IN ('leased', 'held')"


def join(db: sqlite3.Connection, number: int, line: str, now: float) -> bool:
    """Let a record wait for an owner, behind those of its line; whether it is the first of them."""
    state = "queued" if is_busy(db, line) else "stored"
    db.execute("UPDATE records SET state = ?, at = ?, delay = 0 WHERE number = ?", (state, now, number))
    return state == "stored"


def is_busy(db: sqlite3.Connection, line: str) -> bool:
    """Whether others of this line have to end before the next one begins."""
    if not line:
        return False
    found = db.execute("SELECT 1 FROM records WHERE line = ? AND line <> '' AND state IN ('stored', 'leased')", (line,))
    return found.fetchone() is not None


def end(db: sqlite3.Connection, number: int, line: str, *, state: str, error: str, now: float) -> None:
    """Done or dead; the next one of its line may begin."""
    db.execute(
        "UPDATE records SET state = ?, owner = '', at = ?, delay = 0, error = ? WHERE number = ?",
        (state, now, _storable(error), number),
    )
    promote(db, line, now)


def promote(db: sqlite3.Connection, line: str, now: float) -> None:
    """Let the next one of a line begin, if none of it is at work or about to be."""
    if line and not is_busy(db, line):
        db.execute(
            "UPDATE records SET state = 'stored', at = ? WHERE number ="
            " (SELECT min(number) FROM records WHERE line = ? AND state = 'queued')",
            (now, line),
        )


def free(
    db: sqlite3.Connection,
    row: tuple[Any, ...],
    *,
    now: float,
    delay: float = 0.0,
    error: str = "",
    keeps_owner: bool = False,
) -> bool:
    """Nobody handles it any more: it is stored again, or dead where its mode says so. Whether it is stored.

    `row` is its number, mode, whether it was acked, and line; without `error` the last one stays. One that keeps its
    owner can still be settled by that one, until somebody else has it.
    """
    number, mode, is_acked, line = row
    error = _storable(error)
    if not may_be_handled_again(Mode(mode), is_acked=bool(is_acked)):
        end(db, number, line, state="dead", error=error or NOT_ACKED, now=now)
        return False
    db.execute(
        "UPDATE records SET state = 'stored', owner = CASE ? WHEN 1 THEN owner ELSE '' END, at = ?, delay = ?,"
        " error = CASE ? WHEN '' THEN error ELSE ? END WHERE number = ?",
        (keeps_owner, now + delay, delay, error, error, number),
    )
    return True


def _storable(text: str) -> str:
    """What SQLite can take: of a file's name or a command's argument Python makes half characters, UTF-8 has none."""
    return text.encode("utf-8", "backslashreplace").decode()


def expire(db: sqlite3.Connection, now: float) -> None:
    """Free what was leased or held until now.

    Whoever had it may have been stopped, with the whole machine or by a blocked loop, and is about to say what came of
    it. Unless another has begun meanwhile, there is no reason not to listen.
    """
    for row in db.execute(f"{_LEFT} AND at <= ?", (now,)).fetchall():
        free(db, row, now=now, keeps_owner=True)


def recover(db: sqlite3.Connection, now: float) -> tuple[int, int]:
    """Free all that was leased or held, whose owners are dead; how many are stored again, and how many are dead.

    What waits for its retry waits no longer than it would have, had the clock not been set back meanwhile.
    """
    freed = [free(db, row, now=now) for row in db.execute(_LEFT).fetchall()]
    db.execute("UPDATE records SET at = ? + delay WHERE state = 'stored' AND at > ? AND at > ? + delay", (now,) * 3)
    return sum(freed), len(freed) - sum(freed)
