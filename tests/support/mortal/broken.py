"""The client as it is, and clients that break its promises in ways that only a death brings to light."""

from __future__ import annotations

import asyncio
import contextlib
import os
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from killed.stores import ForgetsLeases
from tautwire import SocketModeClient, SqliteInbox
from tautwire.delivery.holds import Holds
from tautwire.errors import InboxError
from tautwire.inbox.api import Mode, Placed

if TYPE_CHECKING:
    from collections.abc import Coroutine

    from mortal import Life
    from tautwire.inbox.api import Lease, Record

__all__ = ["FLAWS", "NO_FENCE", "client_of"]

#: A client that takes a lease of its own for a stranger's, when that comes back to it.
NO_FENCE = "no fence"


#: Seconds that a store is late which says that something is so and has yet to do it: a slow disk.
LATE = 0.01


class SaysItFirst(SqliteInbox):
    """Says that something is done, and does it a moment later."""

    def __init__(self, path: str, **options: Any) -> None:
        super().__init__(path, **options)
        self._late: set[asyncio.Future[Any]] = set()

    def _later(self, call: Coroutine[Any, Any, Any]) -> None:
        async def do() -> None:
            await asyncio.sleep(LATE)
            with contextlib.suppress(InboxError):
                await call

        self._late.add(asyncio.ensure_future(do()))


class AcksBeforeCommit(SaysItFirst):
    """A record is stored when it is acked already."""

    async def put(self, record: Record, *, owner: str = "") -> Placed:
        self._later(super().put(record))
        return Placed(id="")


class SaysDoneFirst(SaysItFirst):
    """A record is done, and that is noted some time."""

    async def done(self, lease: Lease) -> None:
        self._later(super().done(lease))


class DedupesOnCompletion(SqliteInbox):
    """What is done is known; what is not is taken once more."""

    async def put(self, record: Record, *, owner: str = "") -> Placed:
        find = "SELECT number FROM records WHERE state = 'done' AND key GLOB ?"
        done = await self._owned().do(lambda db: db.execute(find, (f"{record.key}/*",)).fetchone())
        if done is not None:
            return Placed(id=str(done[0]), is_duplicate=True)
        return await super().put(replace(record, key=f"{record.key}/{os.urandom(4).hex()}"), owner=owner)


class RepeatsEverything(SqliteInbox):
    """What answers inside its ack is handled again like anything else."""

    async def put(self, record: Record, *, owner: str = "") -> Placed:
        return await super().put(replace(record, mode=Mode.AGAIN), owner=owner)


class HandlesBeforeTheAck(SqliteInbox):
    """A command that its process has left is handled, whether it was acked or not."""

    async def put(self, record: Record, *, owner: str = "") -> Placed:
        mode = Mode.AGAIN if record.mode is Mode.ONCE_ACKED else record.mode
        return await super().put(replace(record, mode=mode), owner=owner)


#: Each with what the oracle has to say of it, among other things.
FLAWS: dict[str, tuple[type[SqliteInbox], str]] = {
    kind.__name__: (kind, complaint)
    for kind, complaint in (
        (AcksBeforeCommit, "was acked and is lost"),
        (DedupesOnCompletion, "is there more than once"),
        (ForgetsLeases, "is done, and no listener came back"),
        (SaysDoneFirst, "had ended, and was begun again"),
        (RepeatsEverything, "answers inside its ack, and was begun"),
        (HandlesBeforeTheAck, "was begun and had not been acked"),
    )
}


def client_of(life: Life, **options: Any) -> SocketModeClient:
    store = FLAWS[life.flaw][0] if life.flaw in FLAWS else SqliteInbox
    inbox = store(life.path, max_waiting=1_000_000, lease_seconds=life.lease_seconds)
    if life.flaw == NO_FENCE:
        Holds.adopt = lambda holds, lease: False  # type: ignore[assignment, method-assign]
    return SocketModeClient(life.app_token, inbox=inbox, **options)
