"""The leases of this process: each is extended while its record is handled, whatever the handler does.

A lease that has ended all the same (the loop was blocked, the machine slept) may come back by a claim of our own. Then
the handling that runs takes the new lease over, and nothing runs twice.
"""

from __future__ import annotations

import asyncio
import enum
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from tautwire import facts
from tautwire.errors import InboxError, LeaseLostError

if TYPE_CHECKING:
    from collections.abc import Callable

    from tautwire.clock import Clock
    from tautwire.delivery.verdict import Failure
    from tautwire.engine.tasks import Tasks
    from tautwire.inbox.api import Inbox, Lease

__all__ = ["Held", "Holds", "Phase"]


class Phase(enum.Enum):
    """Where a lease of ours is in its life."""

    KEPT = enum.auto()
    #: It went to somebody else while the handler ran; that was told.
    LOST = enum.auto()
    #: The handler is done, and the store is being told.
    SETTLING = enum.auto()
    #: Nobody has to care for it any more.
    ENDED = enum.auto()


@dataclass(slots=True, eq=False)
class Held:
    """A lease of ours. `kept_at`: monotonic seconds since when it is good for `lease_seconds`."""

    lease: Lease
    kept_at: float
    #: Whether its envelope has been acked, so that a listener's ack of it has nothing more to do.
    is_acked: bool = False
    #: Whether its listeners come first, and their ack is the one.
    answers: bool = False
    #: Whether a listener has acked it. As ever, only the first ack counts.
    was_answered: bool = False
    failures: list[Failure] = field(default_factory=list)
    #: Whether a listener never came to it, by no fault of the record's.
    was_left: bool = False
    phase: Phase = Phase.KEPT


class Holds:
    """All leases of ours, by their records."""

    def __init__(self, inbox: Inbox, clock: Clock, emit: Callable[[facts.Fact], None], chores: Tasks) -> None:
        self._inbox = inbox
        self._clock = clock
        self._emit = emit
        self._chores = chores
        self._by_key: dict[str, Held] = {}
        self._by_id: dict[str, Held] = {}
        self._keeper: asyncio.Task[Any] | None = None

    def __len__(self) -> int:
        return len(self._by_key)

    def take(self, lease: Lease, since: float | None = None) -> Held:
        """Keep a new lease until it is dropped; `since`: when it was asked for, if that may be long ago."""
        held = Held(lease, self._clock.monotonic() if since is None else since)
        self._by_key[lease.record.key] = held
        self._by_id[lease.record.envelope_id] = held
        if self._keeper is None or self._keeper.done():
            self._keeper = self._chores.spawn(self._keep(), "tautwire-leases")
        return held

    async def is_ours(self, held: Held) -> bool:
        """Whether a lease is worth to begin with. One that is not quite new is extended first.

        A process that was stopped between the store's answer and its next step would otherwise begin with what others
        have long ended.
        """
        if self._clock.monotonic() - held.kept_at > self._inbox.lease_seconds / 3:
            await self._extend(held)
        return held.phase is Phase.KEPT

    def adopt(self, lease: Lease) -> bool:
        """Give a new lease to the handling of its record that runs here; whether one does."""
        held = self._by_key.get(lease.record.key)
        if held is None:
            return False
        held.lease, held.kept_at = lease, self._clock.monotonic()
        if held.phase is Phase.LOST:
            held.phase = Phase.KEPT
        return True

    def find(self, envelope_id: str) -> Held | None:
        """The lease under which an envelope is handled."""
        return self._by_id.get(envelope_id)

    def drop(self, held: Held) -> None:
        """It is settled, or given up."""
        held.phase = Phase.ENDED
        record = held.lease.record
        if self._by_key.get(record.key) is held:
            del self._by_key[record.key]
        if self._by_id.get(record.envelope_id) is held:
            del self._by_id[record.envelope_id]

    def stop(self) -> None:
        """Extend no more."""
        if self._keeper is not None:
            self._keeper.cancel()

    async def _keep(self) -> None:
        seconds = self._inbox.lease_seconds
        while self._by_key:
            await self._clock.sleep(seconds / 6)
            old = self._clock.monotonic() - seconds / 3
            due = [held for held in self._by_key.values() if held.phase is not Phase.LOST and held.kept_at <= old]
            await asyncio.gather(*(self._extend(held) for held in due))

    async def _extend(self, held: Held) -> None:
        lease, now = held.lease, self._clock.monotonic()
        try:
            extended = await self._inbox.extend(lease)
        except LeaseLostError:
            if held.lease.fence == lease.fence and held.phase is Phase.KEPT:
                held.phase = Phase.LOST
                self.say_lost(held)
        except InboxError as error:
            self._emit(facts.InboxTrouble(self._clock.wall(), "extend a lease", error))
        else:
            if held.lease.fence == lease.fence:
                held.lease, held.kept_at = extended, now

    def say_lost(self, held: Held) -> None:
        """Tell that it went to somebody else."""
        record = held.lease.record
        self._emit(facts.LeaseLost(self._clock.wall(), record.envelope_id, record.type, held.lease.attempt))
