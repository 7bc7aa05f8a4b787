"""Inboxes that break their promises in ways that only deaths bring to light."""

from __future__ import annotations

import asyncio
import os
from dataclasses import replace
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tautwire.errors import LeaseLostError
from tautwire.inbox.api import Placed
from tautwire.inbox.jetstream import JetStreamInbox

if TYPE_CHECKING:
    from scattered import Life
    from tautwire.inbox.api import Lease, Record

__all__ = ["FLAWS", "inbox_of"]


class Flawed(JetStreamInbox):
    """Has a folder to keep what it believes to know, across processes."""

    folder = Path()


class AcksBeforePubAck(Flawed):
    """Says that a record is stored, and stores it a moment later."""

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self._late: set[asyncio.Future[Any]] = set()

    async def put(self, record: Record, *, owner: str = "") -> Placed:
        if owner:
            return await super().put(record, owner=owner)
        self._late.add(asyncio.ensure_future(self._store(record)))
        return Placed(id="")

    async def _store(self, record: Record) -> None:
        await asyncio.sleep(0.02)
        await self.acked((await super().put(record)).id)


class DedupesOnCompletion(Flawed):
    """What is done is known; what is not is taken once more."""

    async def put(self, record: Record, *, owner: str = "") -> Placed:
        if self._sign(record.key).exists():
            return Placed(id="", is_duplicate=True)
        return await super().put(replace(record, key=f"{record.key}/{os.urandom(4).hex()}"), owner=owner)

    async def done(self, lease: Lease) -> None:
        await super().done(lease)
        self._sign(lease.record.key.rpartition("/")[0]).touch()

    def _sign(self, key: str) -> Path:
        return self.folder / sha256(key.encode()).hexdigest()


class HasNoFence(Flawed):
    """Whoever comes to an end has come to an end, whoever has the lease by then."""

    async def extend(self, lease: Lease) -> Lease:
        try:
            return await super().extend(lease)
        except LeaseLostError:
            return lease

    async def done(self, lease: Lease) -> None:
        try:
            await super().done(lease)
        except LeaseLostError:
            return


#: Each with what the oracle has to say of it, among other things.
FLAWS: dict[str, tuple[type[Flawed], str]] = {
    kind.__name__: (kind, complaint)
    for kind, complaint in (
        (AcksBeforePubAck, "was acked and is lost"),
        (DedupesOnCompletion, "is there more than once"),
        (HasNoFence, "was Handled, and then Handled"),
    )
}


def inbox_of(life: Life) -> JetStreamInbox:
    kind: Any = FLAWS[life.flaw][0] if life.flaw else JetStreamInbox
    made: JetStreamInbox = kind(
        life.servers, replicas=life.replicas, lease_seconds=life.lease_seconds, max_bytes=64 << 20, max_waiting=50_000
    )
    if isinstance(made, Flawed):
        made.folder = Path(life.folder)
    return made
