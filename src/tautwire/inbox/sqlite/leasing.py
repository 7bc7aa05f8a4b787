"""Leases: what the dispatcher does. Each function runs inside somebody else's transaction."""

from __future__ import annotations

import math
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Final

from tautwire.errors import LeaseLostError
from tautwire.inbox.sqlite import leaving
from tautwire.inbox.sqlite.many import filled, pieces
from tautwire.inbox.sqlite.rows import FIELDS, lease_of, number_of

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Sequence

    from tautwire.inbox.api import Lease

__all__ = ["bury", "claim", "done", "extend", "give_back", "next_moment", "release", "retry"]

_DUE: Final = f"SELECT {FIELDS} WHERE state = 'stored' AND at <= ? ORDER BY at, number LIMIT ?"
_LEASE: Final = (
    "UPDATE records SET state = 'leased', owner = ?, attempt = attempt + 1, fence = fence + 1, at = ?"
    " WHERE number IN (...)"
)
#: How many of some leases still hold.
_HOLD: Final = (
    "SELECT count(*) FROM (VALUES ...) AS lease CROSS JOIN records ON number = lease.column1"
    " WHERE state = 'leased' AND owner = lease.column2 AND fence = lease.column3"
)
_DONE: Final = "UPDATE records SET state = 'done', owner = '', at = ?, delay = 0, error = '' WHERE number IN (...)"
_ERASE: Final = "DELETE FROM payloads WHERE number IN (...)"


def claim(db: sqlite3.Connection, owner: str, *, limit: int, seconds: float, now: float) -> list[Lease]:
    """Lease what is due."""
    leaving.expire(db, now)
    until = now + seconds
    rows = db.execute(_DUE, (now, limit)).fetchall()
    for some in pieces([row[0] for row in rows]):
        db.execute(filled(_LEASE, len(some)), (owner, until, *some))
    return [lease_of(row, owner, until) for row in rows]


def next_moment(db: sqlite3.Connection) -> float:
    """When something will be due, or a lease or a hold run out; never, if there is nothing."""
    found = db.execute(
        "SELECT (SELECT min(at) FROM records WHERE state = 'stored'),"
        " (SELECT min(at) FROM records WHERE state IN ('leased', 'held'))"
    )
    return min((each for each in found.fetchone() if each is not None), default=math.inf)


def extend(db: sqlite3.Connection, lease: Lease, *, until: float) -> None:
    """A later end of a lease that still holds."""
    number = _held(db, lease)[0]
    db.execute("UPDATE records SET state = 'leased', at = ? WHERE number = ?", (until, number))


def done(
    db: sqlite3.Connection, leases: Sequence[Lease], *, now: float, keep_payload: bool
) -> list[LeaseLostError | None]:
    """They were handled, and their payloads go. For each the error that it met, if any."""
    results: list[LeaseLostError | None] = []
    for some in pieces(leases):
        if _are_plain(db, some):
            numbers = [number_of(lease.id) for lease in some]
            db.execute(filled(_DONE, len(some)), (now, *numbers))
            if not keep_payload:
                db.execute(filled(_ERASE, len(some)), numbers)
            results += [None] * len(some)
        else:
            results += [_done_one(db, lease, now=now, keep_payload=keep_payload) for lease in some]
    return results


def _are_plain(db: sqlite3.Connection, leases: Sequence[Lease]) -> bool:
    """Whether all of them hold, each for a record of its own, with nobody behind it."""
    if any(lease.record.group for lease in leases) or len({lease.id for lease in leases}) < len(leases):
        return False
    theirs = [each for lease in leases for each in (number_of(lease.id), lease.owner, lease.fence)]
    (held,) = db.execute(filled(_HOLD, len(leases), "(?, ?, ?)"), theirs).fetchone()
    return bool(held == len(leases))


def _done_one(db: sqlite3.Connection, lease: Lease, *, now: float, keep_payload: bool) -> LeaseLostError | None:
    try:
        number, _, _, line = _held(db, lease)
    except LeaseLostError as error:
        return error
    leaving.end(db, number, line, state="done", error="", now=now)
    if not keep_payload:
        db.execute(filled(_ERASE, 1), (number,))
    return None


def bury(db: sqlite3.Connection, lease: Lease, *, now: float, error: str) -> None:
    """It failed for good."""
    number, _, _, line = _held(db, lease)
    leaving.end(db, number, line, state="dead", error=error, now=now)


def retry(db: sqlite3.Connection, lease: Lease, *, now: float, delay: float, error: str) -> None:
    """It failed, and may be handled again after `delay`."""
    if leaving.free(db, _held(db, lease), now=now, delay=delay, error=error):
        db.execute("UPDATE counts SET number = number + 1 WHERE state = 'ever retried'")


def release(db: sqlite3.Connection, lease: Lease, *, now: float) -> None:
    """Its owner lets go of it, as if it had not begun."""
    row = _held(db, lease)
    db.execute("UPDATE records SET attempt = attempt - 1 WHERE number = ?", row[:1])
    leaving.free(db, row, now=now)


def give_back(db: sqlite3.Connection, leases: Sequence[Lease], *, now: float) -> None:
    """Release what nobody has taken."""
    for lease in leases:
        with suppress(LeaseLostError):
            release(db, lease, now=now)


def _held(db: sqlite3.Connection, lease: Lease) -> tuple[Any, ...]:
    """What `leaving.free` takes. Raises `LeaseLostError`."""
    found = db.execute(
        "SELECT number, mode, is_acked, line FROM records"
        " WHERE number = ? AND owner = ? AND fence = ? AND (state = 'leased' OR (state = 'stored' AND owner <> ''))",
        (number_of(lease.id), lease.owner, lease.fence),
    )
    row: tuple[Any, ...] | None = found.fetchone()
    if row is None:
        raise LeaseLostError(f"record {lease.id} has gone to another owner, or has ended")
    return row
