"""Rows of the tables as the values that `api` has for them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from tautwire.inbox.api import Lease, Mode, Record, State, Stored

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterable

__all__ = ["FIELDS", "PUBLIC", "lease_of", "number_of", "stored_of"]

#: What the functions below take, from `records` with its payload.
FIELDS: Final = (
    "number, key, type, envelope_id, payload, mode, line, state, attempt, fence, stored_at, at, owner, error"
    " FROM records LEFT JOIN payloads USING (number)"
)
#: What a state of the tables is to others.
PUBLIC: Final = {
    "stored": State.STORED,
    "queued": State.STORED,
    "held": State.STORED,
    "leased": State.LEASED,
    "done": State.DONE,
    "dead": State.DEAD,
}


def number_of(id_: str) -> int:
    """The row that an id names; 0, which none has, for an id of something else."""
    return int(id_) if id_.isascii() and id_.isdigit() and len(id_) < 19 else 0


def lease_of(row: tuple[Any, ...], owner: str, until: float) -> Lease:
    """The next lease of a row as it was before."""
    return Lease(
        id=str(row[0]),
        record=_record(row),
        owner=owner,
        attempt=row[8] + 1,
        fence=row[9] + 1,
        until=until,
        stored_at=row[10],
    )


def stored_of(rows: Iterable[tuple[Any, ...]] | sqlite3.Cursor) -> list[Stored]:
    """Rows as a person looks at them."""
    return [
        Stored(
            id=str(row[0]),
            record=_record(row),
            state=PUBLIC[row[7]],
            attempt=row[8],
            stored_at=row[10],
            at=row[11],
            owner=row[12],
            error=row[13],
        )
        for row in rows
    ]


def _record(row: tuple[Any, ...]) -> Record:
    return Record(key=row[1], type=row[2], envelope_id=row[3], payload=row[4] or b"", mode=Mode(row[5]), group=row[6])
