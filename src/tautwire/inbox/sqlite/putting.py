"""Into the tables: what the receiver does. Each function runs inside somebody else's transaction."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from tautwire.errors import InboxFullError
from tautwire.inbox.api import Lease, Mode, Placed, Record
from tautwire.inbox.sqlite import leaving
from tautwire.inbox.sqlite.many import filled, pieces
from tautwire.inbox.sqlite.rows import number_of
from tautwire.inbox.sqlite.schema import PAGE

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Sequence

    from tautwire.errors import InboxError

__all__ = ["Bounds", "acked", "put"]

#: Records that have not ended, pages that are used, and the last number.
_THERE: Final = """
    SELECT (SELECT sum(number) FROM counts WHERE state IN ('stored', 'queued', 'held', 'leased')),
        (SELECT page_count FROM pragma_page_count) - (SELECT freelist_count FROM pragma_freelist_count),
        (SELECT max(seq) FROM sqlite_sequence WHERE name = 'records')
"""
_KNOWN: Final = "SELECT key, number FROM records WHERE key IN (...)"
_INSERT: Final = """
    INSERT INTO records (number, key, type, envelope_id, mode, line, state, attempt, fence, owner, stored_at, at)
    VALUES ...
"""
_ROW: Final = "(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"


@dataclass(frozen=True, slots=True)
class Bounds:
    """How much may be there: records that have not ended, and pages of the file."""

    records: int
    pages: int

    def error(self) -> InboxFullError:
        """To be raised beyond them."""
        megabytes = self.pages * PAGE / 1e6
        return InboxFullError(f"the inbox is full: it may hold {self.records:,} records and {megabytes:,.0f} MB")


@dataclass(slots=True)
class _Desk:
    """One batch of puts: what is known of their keys and lines, and the rows they become."""

    now: float
    until: float
    number: int
    room: int
    known: dict[str, int]
    busy: set[str]
    rows: list[tuple[Any, ...]] = field(default_factory=list)
    payloads: list[tuple[int, bytes]] = field(default_factory=list)
    duplicates: int = 0

    def place(self, record: Record, owner: str) -> Placed:
        """A row for a record, leased to its owner if its line is free."""
        self.number += 1
        self.room -= 1
        self.known[record.key] = number = self.number
        is_leased = bool(owner) and record.group not in self.busy
        state, at = self._state_of(record, is_leased=is_leased)
        what = (number, record.key, record.type, record.envelope_id, record.mode.value, record.group)
        self.rows.append((*what, state, int(is_leased), int(is_leased), owner if is_leased else "", self.now, at))
        self.payloads.append((number, record.payload))
        if record.group and state in {"leased", "stored"}:
            self.busy.add(record.group)
        if not is_leased:
            return Placed(id=str(number))
        lease = Lease(id=str(number), record=record, owner=owner, attempt=1, fence=1, until=at, stored_at=self.now)
        return Placed(id=str(number), lease=lease)

    def _state_of(self, record: Record, *, is_leased: bool) -> tuple[str, float]:
        if is_leased:
            return "leased", self.until
        if record.mode is Mode.ONCE_ACKED:
            return "held", self.until
        return "queued" if record.group in self.busy else "stored", self.now


def put(
    db: sqlite3.Connection, wanted: Sequence[tuple[Record, str]], *, now: float, seconds: float, bounds: Bounds
) -> list[Placed | InboxError]:
    """Store records whose keys are unknown, in that order; those with an owner are leased to it, if their line is free.

    For each of them what became of it.
    """
    there, pages, last = db.execute(_THERE).fetchone()
    room = bounds.records - there if pages < bounds.pages else 0
    known, busy = _known(db, [record.key for record, _ in wanted]), _busy(db, wanted)
    desk = _Desk(now, now + seconds, last or 0, room, known, busy)
    results = [_put_one(desk, record, owner, bounds) for record, owner in wanted]
    _insert(db, desk)
    return results


def _put_one(desk: _Desk, record: Record, owner: str, bounds: Bounds) -> Placed | InboxError:
    if record.key in desk.known:
        desk.duplicates += 1
        return Placed(id=str(desk.known[record.key]), is_duplicate=True)
    return desk.place(record, owner) if desk.room > 0 else bounds.error()


def _known(db: sqlite3.Connection, keys: Sequence[str]) -> dict[str, int]:
    known: dict[str, int] = {}
    for some in pieces(keys):
        known.update(db.execute(filled(_KNOWN, len(some)), some))
    return known


def _busy(db: sqlite3.Connection, wanted: Sequence[tuple[Record, str]]) -> set[str]:
    return {line for line in {record.group for record, _ in wanted if record.group} if leaving.is_busy(db, line)}


def _insert(db: sqlite3.Connection, desk: _Desk) -> None:
    for rows in pieces(desk.rows):
        db.execute(filled(_INSERT, len(rows), _ROW), [each for row in rows for each in row])
    for payloads in pieces(desk.payloads):
        values = [each for row in payloads for each in row]
        db.execute(filled("INSERT INTO payloads VALUES ...", len(payloads), "(?, ?)"), values)
    if desk.duplicates:
        db.execute("UPDATE counts SET number = number + ? WHERE state = 'ever duplicate'", (desk.duplicates,))


def acked(db: sqlite3.Connection, which: str, *, now: float) -> bool:
    """From now on it is handled whatever happens; whether there is something to claim for it."""
    row = db.execute("SELECT number, state, line FROM records WHERE number = ?", (number_of(which),)).fetchone()
    if row is None or row[1] in {"done", "dead"}:
        return False
    number, state, line = row
    db.execute("UPDATE records SET is_acked = 1 WHERE number = ?", (number,))
    return state == "held" and leaving.join(db, number, line, now)
