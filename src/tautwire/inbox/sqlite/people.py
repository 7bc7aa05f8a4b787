"""What a person does to the tables, and what time does. Each function runs inside somebody else's transaction.

Those that may have many rows to change take a few at a time, so that a put waits for milliseconds, and are called again
until they have nothing left to do.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from tautwire.inbox.api import Mode, State, Stats, Stored
from tautwire.inbox.rules import PURGED
from tautwire.inbox.sqlite import leaving, notes
from tautwire.inbox.sqlite.rows import FIELDS, number_of, stored_of

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Sequence

__all__ = ["STEP", "dead", "forget", "give_up", "list_", "purge", "replay", "show", "stats"]

#: Rows that one call changes.
STEP: Final = 500
#: Bytes of payloads that one call erases, which means to overwrite them; some 10 ms.
REACH: Final = 1 << 20

#: What each state is in the tables, in words that let SQLite use the index for it.
_WHERE: Final = {
    State.STORED: "state IN ('stored', 'queued', 'held') AND state NOT IN ('done', 'dead')",
    State.LEASED: "state = 'leased' AND state NOT IN ('done', 'dead')",
    State.DONE: "state = 'done'",
    State.DEAD: "state = 'dead'",
}
_LIST: Final = {
    state: f"SELECT {FIELDS} WHERE {where} AND number > ? ORDER BY number LIMIT ?" for state, where in _WHERE.items()
}
#: What can be purged. Of those that are done few have a payload, where there may be a million.
_ENDED: Final = {
    State.DONE: "SELECT number, length(payload) FROM payloads CROSS JOIN records USING (number)"
    " WHERE number > ? AND state = 'done' AND at <= ? ORDER BY number LIMIT ?",
    State.DEAD: "SELECT number, coalesce(length(payload), 0) FROM records LEFT JOIN payloads USING (number)"
    " WHERE number > ? AND state = 'dead' AND at <= ? ORDER BY number LIMIT ?",
}
_SIZES: Final = ("page_count", "freelist_count", "page_size")


def stats(db: sqlite3.Connection, *, now: float) -> Stats:
    """The counts."""
    counts = dict(db.execute("SELECT state, number FROM counts").fetchall())
    later = db.execute("SELECT count(*) FROM records WHERE state = 'stored' AND at > ?", (now,)).fetchone()[0]
    oldest = db.execute(
        "SELECT stored_at FROM records WHERE number ="
        " (SELECT min(number) FROM records WHERE state NOT IN ('done', 'dead'))"
    ).fetchone()
    pages, free, size = (db.execute(f"PRAGMA {name}").fetchone()[0] for name in _SIZES)
    return Stats(
        waiting=counts["stored"] + counts["queued"] - later,
        delayed=later + counts["held"],
        leased=counts["leased"],
        done=counts["done"],
        dead=counts["dead"],
        oldest=0.0 if oldest is None else max(0.0, now - oldest[0]),
        stored=counts["ever stored"],
        duplicates=counts["ever duplicate"],
        retried=counts["ever retried"],
        bound=counts.get(notes.BOUND, 0),
        size=pages * size,
        commit_seconds=counts.get(notes.SLOWEST, 0) / 1e6,
        details={"free_bytes": float(free * size)},
    )


def list_(db: sqlite3.Connection, state: State, *, limit: int, after: str) -> list[Stored]:
    """Records in a state, by number."""
    return stored_of(db.execute(_LIST[state], (number_of(after), max(0, limit))))


def show(db: sqlite3.Connection, id_: str) -> Stored | None:
    """One record."""
    found = stored_of(db.execute(f"SELECT {FIELDS} WHERE number = ?", (number_of(id_),)))
    return found[0] if found else None


def dead(db: sqlite3.Connection, *, before: float) -> list[str]:
    """The ids of all that were dead by then."""
    found = db.execute("SELECT number FROM records WHERE state = 'dead' AND at <= ?", (before,))
    return [str(number) for (number,) in found]


def replay(db: sqlite3.Connection, ids: Sequence[str], *, now: float) -> int:
    """Dead records wait again."""
    replayed = 0
    for id_ in ids:
        row = db.execute("SELECT line FROM records WHERE number = ? AND state = 'dead'", (number_of(id_),)).fetchone()
        if row is not None:
            change = "UPDATE records SET mode = ?, attempt = 0, error = '' WHERE number = ?"
            db.execute(change, (Mode.AGAIN.value, number_of(id_)))
            leaving.join(db, number_of(id_), row[0], now)
            replayed += 1
    return replayed


def give_up(db: sqlite3.Connection, ids: Sequence[str], *, error: str, now: float) -> int:
    """Records that wait are dead."""
    given_up = 0
    for id_ in ids:
        row = db.execute(
            "SELECT number, line FROM records WHERE number = ? AND state IN ('stored', 'queued', 'held')",
            (number_of(id_),),
        ).fetchone()
        if row is not None:
            leaving.end(db, *row, state="dead", error=error, now=now)
            given_up += 1
    return given_up


def purge(db: sqlite3.Connection, state: State, *, before: float, after: int) -> tuple[int, int]:
    """Erase a few that had ended by then, of those behind the number `after`.

    How many it was, and the last one's number; 0 when there are no more.
    """
    rows = _within_reach(db.execute(_ENDED[state], (after, before, STEP)))
    numbers = [(number,) for number, _ in rows]
    db.executemany("DELETE FROM payloads WHERE number = ?", numbers)
    changes = [(PURGED, *each) for each in numbers]
    db.executemany("UPDATE records SET state = 'done', error = ? WHERE number = ?", changes)
    return (len(rows), rows[-1][0]) if rows else (0, 0)


def _within_reach(rows: sqlite3.Cursor) -> list[tuple[int, int]]:
    """Numbers and sizes, at least one if there is any, of as many bytes as one call erases."""
    found: list[tuple[int, int]] = []
    size = 0
    for row in rows:
        size += row[1]
        if found and size > REACH:
            break
        found.append(row)
    rows.close()
    return found


def forget(db: sqlite3.Connection, *, before: float, limit: int) -> int:
    """Delete a few that were done by then, keys and all; how many it was."""
    return db.execute(
        "DELETE FROM records WHERE number IN (SELECT number FROM records WHERE state = 'done' AND at < ? LIMIT ?)",
        (before, limit),
    ).rowcount
