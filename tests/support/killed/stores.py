"""The store, and stores that break its promises in ways that only a death brings to light."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from tautwire.inbox.api import Placed
from tautwire.inbox.sqlite import SqliteInbox

if TYPE_CHECKING:
    from tautwire.inbox.api import Lease, Record

__all__ = ["STORES"]


class AcksBeforeCommit(SqliteInbox):
    """Says that a record is stored, and stores it then."""

    def __init__(self, path: str, **options: Any) -> None:
        super().__init__(path, **options)
        self._late: set[asyncio.Future[Any]] = set()

    async def put(self, record: Record, *, owner: str = "") -> Placed:
        self._late.add(asyncio.ensure_future(super().put(record)))
        return Placed(id="")


class DedupesOnCompletion(SqliteInbox):
    """The key is known from the moment on at which the record is done."""

    _times = 0

    async def put(self, record: Record, *, owner: str = "") -> Placed:
        self._times += 1
        return await super().put(replace(record, key=f"{record.key}/{self._times}"), owner=owner)


class ForgetsLeases(SqliteInbox):
    """What was leased when its process died is nobody's any more."""

    def _recover(self, db: Any) -> Any:
        db.execute("UPDATE records SET state = 'done' WHERE state = 'leased'")
        return super()._recover(db)


class SaysDoneFirst(SqliteInbox):
    """Says that a record is done, and notes it some time."""

    def __init__(self, path: str, **options: Any) -> None:
        super().__init__(path, **options)
        self._late: set[asyncio.Future[Any]] = set()

    async def done(self, lease: Lease) -> None:
        self._late.add(asyncio.ensure_future(super().done(lease)))


STORES: dict[str, type[SqliteInbox]] = {
    kind.__name__: kind for kind in (SqliteInbox, AcksBeforeCommit, DedupesOnCompletion, ForgetsLeases, SaysDoneFirst)
}
