"""The suite lets a store be a broker's, which cannot do all of it, and does some of it in its own way."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, cast

from tautwire.errors import LeaseLostError
from tautwire.inbox.api import Inbox, Lease, Mode, Placed, Record, Recovery, State, Stored
from tautwire.inbox.memory import MemoryInbox
from tautwire.testing.inbox import InboxConformance

if TYPE_CHECKING:
    from collections.abc import Sequence


class Broker(MemoryInbox):
    """Events are leased by a claim alone, a dead owner's lease has to end, there are no groups and no bound.

    What is done cannot be seen, a release is a delivery like any other, and what is replayed is a new message.
    """

    def __init__(self, **options: Any) -> None:
        super().__init__(**options, max_waiting=10**9)

    async def open(self) -> Recovery:
        self._is_open = True
        return Recovery()

    async def put(self, record: Record, *, owner: str = "") -> Placed:
        return await super().put(record, owner="" if record.mode is Mode.AGAIN else owner)

    def _group_of(self, record: Record) -> Sequence[Any]:
        return []

    def _held_by(self, lease: Lease) -> Any:
        entry = super()._held_by(lease)
        if entry.state is not State.LEASED:
            raise LeaseLostError("its lease has run out")
        return entry

    async def release(self, lease: Lease) -> None:
        entry = self._held_by(lease)
        entry.attempt += 1
        await super().release(lease)

    async def replay(self, ids: Sequence[str] | None = None) -> int:
        dead = {stored.record.key for stored in await super().list(State.DEAD, limit=1000)}
        replayed = await super().replay(ids)
        for key in dead:
            entry = self.shelf.entries[key]
            if entry.state is State.STORED:
                self.shelf.numbers += 1
                entry.number = self.shelf.numbers
        self.shelf.numbers -= replayed
        return replayed

    async def list(self, state: State, *, limit: int = 50, after: str = "") -> Sequence[Stored]:
        return [] if state is State.DONE else await super().list(state, limit=limit, after=after)

    async def stats(self) -> Any:
        return replace(await super().stats(), done=0, bound=0)


class TestBroker(InboxConformance):
    is_time_ours = False
    knows_the_dead = False
    has_groups = False
    has_bound = False
    shows_done = False
    counts_releases = True

    async def make(self, *, max_waiting: int) -> Inbox:
        return Broker(clock=self.clock, lease_seconds=self.lease_seconds)

    async def restart(self, inbox: Inbox, *, max_waiting: int) -> Inbox:
        shelf = cast("MemoryInbox", inbox).shelf
        return Broker(clock=self.clock, lease_seconds=self.lease_seconds, shelf=shelf)
