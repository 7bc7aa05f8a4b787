"""The reference: every promise of `api` but survival, in dictionaries that are looked through from end to end.

For tests, and to hold other stores against. Nothing here awaits between its first look and its last change, so nothing
can be cancelled halfway.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from tautwire.clock import SYSTEM_CLOCK, Clock
from tautwire.errors import InboxError, InboxFullError, LeaseLostError
from tautwire.inbox.api import Inbox, Lease, Mode, Placed, Record, Recovery, State, Stats, Stored
from tautwire.inbox.bell import Bell
from tautwire.inbox.rules import (
    KEEP_SECONDS,
    LEASE_SECONDS,
    MAX_WAITING,
    NOT_ACKED,
    PURGED,
    checked,
    has_to_be_ended,
    is_positive,
    may_be_handled_again,
)
from tautwire.inbox.shelf import Entry, Shelf, Waits, shown
from tautwire.inbox.steady import Steady

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from typing import Self

__all__ = ["MemoryInbox", "Shelf"]


class MemoryInbox(Inbox):
    """Keeps everything in memory. Each call looks at every record.

    Args:
        clock: where time comes from.
        lease_seconds: how long a lease lasts that nobody extends.
        max_waiting: records that have not ended, at most.
        keep_seconds: how long a key is kept after its record has ended.
        shelf: what another one has left.
    """

    def __init__(
        self,
        *,
        clock: Clock = SYSTEM_CLOCK,
        lease_seconds: float = LEASE_SECONDS,
        max_waiting: int = MAX_WAITING,
        keep_seconds: float = KEEP_SECONDS,
        shelf: Shelf | None = None,
    ) -> None:
        is_positive(lease_seconds=lease_seconds, max_waiting=max_waiting, keep_seconds=keep_seconds)
        self.shelf = shelf or Shelf()
        self._clock, self._lease_seconds = clock, lease_seconds
        self._max_waiting, self._keep_seconds = max_waiting, keep_seconds
        self._steady = Steady(clock)
        self._bell = Bell(clock)
        self._is_open = False

    @property
    def lease_seconds(self) -> float:
        """See `Inbox`."""
        return self._lease_seconds

    async def __aenter__(self) -> Self:
        await self.open()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    async def open(self) -> Recovery:
        """See `Inbox`."""
        self._is_open = True
        left = [entry for entry in self._alive() if not (entry.state is State.STORED and entry.waits is not Waits.ACK)]
        for entry in left:
            self._let_go(entry, NOT_ACKED)
        buried = sum(entry.state is State.DEAD for entry in left)
        return Recovery(waiting=len(list(self._alive())), freed=len(left) - buried, buried=buried)

    async def close(self) -> None:
        """See `Inbox`."""
        self._is_open = False
        self._bell.ring()

    async def put(self, record: Record, *, owner: str = "") -> Placed:
        """See `Inbox`."""
        checked(record, owner)
        entries = self._entries()
        if known := entries.get(record.key):
            self.shelf.duplicates += 1
            return Placed(id=str(known.number), is_duplicate=True)
        if len(list(self._alive())) >= self._max_waiting:
            raise InboxFullError(f"the inbox is full: {self._max_waiting} records wait, which is its bound")
        self.shelf.numbers += 1
        now = self._steady.now()
        entry = Entry(self.shelf.numbers, record, now, now)
        is_free = not any(other.is_head for other in self._group_of(record))
        entries[record.key] = entry
        if owner and is_free:
            return Placed(id=str(entry.number), lease=self._lease(entry, owner))
        if record.mode is Mode.ONCE_ACKED:
            entry.waits, entry.at = Waits.ACK, now + self._lease_seconds
        else:
            self._queue(entry)
        return Placed(id=str(entry.number))

    async def acked(self, which: str) -> None:
        """See `Inbox`."""
        self._entries()
        for entry in self._alive():
            if str(entry.number) == which:
                entry.is_acked = True
                if entry.state is State.STORED and entry.waits is Waits.ACK:
                    self._queue(entry)

    async def claim(self, owner: str, *, limit: int = 1, wait: float = 0.0) -> Sequence[Lease]:
        """See `Inbox`."""
        until = self._steady.now() + wait
        while True:
            rung, _ = self._bell.listen(), self._entries()
            now = self._steady.now()
            ready = [entry for entry in self._alive() if entry.state is State.STORED and entry.waits is Waits.TIME]
            due = sorted((entry for entry in ready if entry.at <= now), key=lambda entry: (entry.at, entry.number))
            if due or now >= until:
                return [self._lease(entry, owner) for entry in due[:limit]]
            await self._bell.wait(rung, min([until, *(entry.at for entry in self._alive() if entry.at > now)]) - now)

    async def extend(self, lease: Lease) -> Lease:
        """See `Inbox`."""
        entry = self._held_by(lease)
        entry.state, entry.at = State.LEASED, self._steady.now() + self._lease_seconds
        return replace(lease, until=entry.at)

    async def done(self, lease: Lease) -> None:
        """See `Inbox`."""
        self._end(self._held_by(lease), State.DONE)

    async def retry(self, lease: Lease, *, delay: float, error: str) -> None:
        """See `Inbox`."""
        self.shelf.retried += self._let_go(self._held_by(lease), error, delay)

    async def release(self, lease: Lease) -> None:
        """See `Inbox`."""
        entry = self._held_by(lease)
        entry.attempt -= 1
        self._let_go(entry, NOT_ACKED)

    async def bury(self, lease: Lease, *, error: str) -> None:
        """See `Inbox`."""
        self._end(self._held_by(lease), State.DEAD, error)

    async def stats(self) -> Stats:
        """See `Inbox`."""
        entries, now, shelf = self._entries().values(), self._steady.now(), self.shelf
        delayed = sum(entry.state is State.STORED and (entry.waits is Waits.ACK or entry.at > now) for entry in entries)
        return Stats(
            waiting=sum(entry.state is State.STORED for entry in entries) - delayed,
            delayed=delayed,
            leased=sum(entry.state is State.LEASED for entry in entries),
            done=sum(entry.state is State.DONE for entry in entries),
            dead=sum(entry.state is State.DEAD for entry in entries),
            oldest=max((now - entry.stored_at for entry in self._alive()), default=0.0),
            bound=self._max_waiting,
            stored=shelf.numbers,
            duplicates=shelf.duplicates,
            retried=shelf.retried,
        )

    async def list(self, state: State, *, limit: int = 50, after: str = "") -> Sequence[Stored]:
        """See `Inbox`."""
        entries = self._entries().values()
        found = [entry for entry in entries if entry.state is state and entry.number > int(after or 0)]
        return [shown(entry) for entry in sorted(found, key=lambda entry: entry.number)[:limit]]

    async def show(self, which: str) -> Stored | None:
        """See `Inbox`."""
        return next((shown(entry) for entry in self._entries().values() if str(entry.number) == which), None)

    async def replay(self, ids: Sequence[str] | None = None) -> int:
        """See `Inbox`."""
        dead = [entry for entry in self._entries().values() if entry.state is State.DEAD]
        wanted = [entry for entry in dead if ids is None or str(entry.number) in ids]
        for entry in wanted:
            entry.record = replace(entry.record, mode=Mode.AGAIN)
            entry.attempt, entry.error = 0, ""
            self._queue(entry)
        return len(wanted)

    async def give_up(self, ids: Sequence[str], *, error: str) -> int:
        """See `Inbox`."""
        self._entries()
        wanted = [entry for entry in self._alive() if entry.state is State.STORED and str(entry.number) in ids]
        for entry in wanted:
            self._end(entry, State.DEAD, error)
        return len(wanted)

    async def purge(self, state: State, *, older_than: float = 0.0) -> int:
        """See `Inbox`."""
        has_to_be_ended(state)
        before = self._steady.now() - older_than
        old = [entry for entry in self._entries().values() if entry.state is state and entry.at <= before]
        wanted = [entry for entry in old if state is State.DEAD or entry.record.payload]
        for entry in wanted:
            entry.record = replace(entry.record, payload=b"")
            entry.state, entry.error = State.DONE, PURGED
        return len(wanted)

    # Inside.

    def _entries(self) -> dict[str, Entry]:
        """All of them, after what time alone has changed."""
        if not self._is_open:
            raise InboxError("the inbox is not open")
        now, entries = self._steady.now(), self.shelf.entries
        for entry in list(self._alive()):
            if entry.at <= now and (entry.state is State.LEASED or entry.waits is Waits.ACK):
                owner = entry.owner  # Who may have been stopped, and still say what came of it.
                self._let_go(entry, NOT_ACKED)
                entry.owner = "" if entry.has_ended else owner
        for entry in list(entries.values()):
            if entry.state is State.DONE and entry.at < now - self._keep_seconds:
                del entries[entry.record.key]
        return entries

    def _alive(self) -> Iterator[Entry]:
        return (entry for entry in self.shelf.entries.values() if not entry.has_ended)

    def _group_of(self, record: Record) -> Sequence[Entry]:
        return [entry for entry in self._alive() if record.group and entry.record.group == record.group]

    def _queue(self, entry: Entry) -> None:
        """It may be handled, when those of its group that came before have ended."""
        entry.state, entry.waits, entry.at = State.STORED, Waits.TURN, self._steady.now()
        if not any(other.is_head for other in self._group_of(entry.record)):
            entry.waits = Waits.TIME
        self._bell.ring()

    def _lease(self, entry: Entry, owner: str) -> Lease:
        entry.state, entry.waits, entry.owner = State.LEASED, Waits.TIME, owner
        entry.attempt += 1
        entry.fence += 1
        entry.at = self._steady.now() + self._lease_seconds
        return Lease(
            id=str(entry.number),
            record=entry.record,
            owner=owner,
            attempt=entry.attempt,
            fence=entry.fence,
            until=entry.at,
            stored_at=entry.stored_at,
        )

    def _held_by(self, lease: Lease) -> Entry:
        entry = self._entries().get(lease.record.key)
        if entry is None or not entry.is_owned or (entry.owner, entry.fence) != (lease.owner, lease.fence):
            raise LeaseLostError(f"record {lease.id} has gone to another owner, or has ended")
        return entry

    def _let_go(self, entry: Entry, error: str, delay: float = 0.0) -> bool:
        """Nobody handles it any more; whether it is stored again. `error` is why it is dead otherwise."""
        if not may_be_handled_again(entry.record.mode, is_acked=entry.is_acked):
            self._end(entry, State.DEAD, error)
            return False
        entry.state, entry.owner, entry.at = State.STORED, "", self._steady.now() + delay
        entry.error = error if error != NOT_ACKED else entry.error
        self._bell.ring()
        return True

    def _end(self, entry: Entry, state: State, error: str = "") -> None:
        entry.state, entry.owner, entry.at, entry.error = state, "", self._steady.now(), error
        if state is State.DONE:
            entry.record = replace(entry.record, payload=b"")
        group = self._group_of(entry.record)
        if group and not any(other.is_head for other in group):
            behind = [other for other in group if other.waits is Waits.TURN]
            if behind:
                self._queue(min(behind, key=lambda other: other.number))
