"""Stores that break a promise, each in its own way, and the tests of the suite that notice."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import TYPE_CHECKING, Any, cast

import pytest

from tautwire.errors import InboxError
from tautwire.inbox.api import Inbox, Lease, Mode, Placed, Record, State
from tautwire.inbox.memory import MemoryInbox
from tautwire.inbox.rules import PURGED
from tautwire.testing.inbox import InboxConformance

if TYPE_CHECKING:
    from collections.abc import Sequence


class DedupesOnCompletion(MemoryInbox):
    """The key is known when the record is done; until then a redelivery is handled, too."""

    async def put(self, record: Record, *, owner: str = "") -> Placed:
        known = self._entries().get(record.key)
        if known is not None and known.state is not State.DONE:
            record = replace(record, key=f"{record.key} again {self.shelf.numbers}")
        return await super().put(record, owner=owner)


class ForgetsWhatIsDone(MemoryInbox):
    """The key goes with the record."""

    async def done(self, lease: Lease) -> None:
        await super().done(lease)
        del self.shelf.entries[lease.record.key]


class ForgetsWhatIsPurged(MemoryInbox):
    """A person tidies up, and Slack's retry is handled again."""

    async def purge(self, state: State, *, older_than: float = 0.0) -> int:
        purged = await super().purge(state, older_than=older_than)
        for key, entry in list(self.shelf.entries.items()):
            if entry.error == PURGED:
                del self.shelf.entries[key]
        return purged


class DoesNotFence(MemoryInbox):
    """Whoever held a record once may say what has become of it."""

    def _held_by(self, lease: Lease) -> Any:
        entry = self._entries().get(lease.record.key)
        return entry if entry is not None and entry.state is State.LEASED else super()._held_by(lease)


class FencesByOwnerAlone(MemoryInbox):
    """Of two leases of one owner both hold."""

    def _held_by(self, lease: Lease) -> Any:
        entry = self._entries().get(lease.record.key)
        if entry is not None and entry.state is State.LEASED and entry.owner == lease.owner:
            return entry
        return super()._held_by(lease)


class FencesByAttempt(MemoryInbox):
    """A replay begins its attempts anew, and the fence with them."""

    async def replay(self, ids: Sequence[str] | None = None) -> int:
        for entry in self._entries().values():
            if entry.state is State.DEAD:
                entry.fence = 0
        return await super().replay(ids)


class LeasesTwice(MemoryInbox):
    """Looks, waits for something, and takes what it saw."""

    async def claim(self, owner: str, *, limit: int = 1, wait: float = 0.0) -> Sequence[Lease]:
        if wait:
            return await super().claim(owner, limit=limit, wait=wait)
        now = self._steady.now()
        free = [entry for entry in self._entries().values() if entry.state is State.STORED and entry.at <= now]
        due = [entry for entry in free if entry.waits.value == "time"]
        await asyncio.sleep(0)
        return [self._lease(entry, owner) for entry in due[:limit]]


class NeverEndsLeases(MemoryInbox):
    """What a dead owner held is held for ever, as far as the process lives."""

    def _lease(self, entry: Any, owner: str) -> Lease:
        lease = super()._lease(entry, owner)
        entry.at = float("inf")
        return lease


class EndsLeasesThatWereExtended(MemoryInbox):
    """Says that it has extended it."""

    async def extend(self, lease: Lease) -> Lease:
        entry = self._held_by(lease)
        return replace(lease, until=entry.at + self.lease_seconds)


class ForgetsRetries(MemoryInbox):
    """What failed is done."""

    async def retry(self, lease: Lease, *, delay: float, error: str) -> None:
        await super().done(lease)


class RetriesAtOnce(MemoryInbox):
    """A broken handler is called as often as the machine can."""

    async def retry(self, lease: Lease, *, delay: float, error: str) -> None:
        await super().retry(lease, delay=0.0, error=error)


class PutsLater(MemoryInbox):
    """Comes back first, and stores with the next call."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self._late: list[tuple[Record, Any, int]] = []

    async def put(self, record: Record, *, owner: str = "") -> Placed:
        placed = await super().put(record, owner=owner)
        if not placed.is_duplicate:
            late = self.shelf.entries.pop(record.key)
            asyncio.get_running_loop().call_soon(self.shelf.entries.__setitem__, record.key, late)
        return placed


class RepeatsWhatNobodyMayRepeat(MemoryInbox):
    """Every record is an event."""

    async def put(self, record: Record, *, owner: str = "") -> Placed:
        placed = await super().put(record, owner=owner)
        if not placed.is_duplicate:
            self.shelf.entries[record.key].record = replace(record, mode=Mode.AGAIN)
        return placed


class WaitsForNoAck(MemoryInbox):
    """Everything is acked from the start."""

    async def put(self, record: Record, *, owner: str = "") -> Placed:
        placed = await super().put(record, owner=owner)
        await self.acked(placed.id)
        return placed


class KnowsNoGroups(MemoryInbox):
    """Everything at once."""

    def _group_of(self, record: Record) -> Sequence[Any]:
        return []


class LetsOthersPassARetry(MemoryInbox):
    """The second of a group is handled while the first waits."""

    async def retry(self, lease: Lease, *, delay: float, error: str) -> None:
        await super().retry(lease, delay=delay, error=error)
        behind = [entry for entry in self._group_of(lease.record) if entry.waits.value == "turn"]
        if behind:
            behind[0].waits = self.shelf.entries[lease.record.key].waits


class IsNeverFull(MemoryInbox):
    """Takes what comes."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self._max_waiting = 10**9


class ErasesTheDead(MemoryInbox):
    """A dead letter without the letter."""

    async def bury(self, lease: Lease, *, error: str) -> None:
        await super().bury(lease, error=error)
        entry = self.shelf.entries[lease.record.key]
        entry.record = replace(entry.record, payload=b"")


class KeepsAllPayloads(MemoryInbox):
    """What is done can still be read by anybody."""

    def _end(self, entry: Any, state: State, error: str = "") -> None:
        record = entry.record
        super()._end(entry, state, error)
        entry.record = record


class HoldsWhatWasCancelled(MemoryInbox):
    """A claim that nobody waits for any more still takes, and for ever."""

    async def claim(self, owner: str, *, limit: int = 1, wait: float = 0.0) -> Sequence[Lease]:
        leases = await super().claim(owner, limit=limit, wait=wait)
        try:
            for _ in range(3):
                await asyncio.sleep(0)
        except asyncio.CancelledError:
            for lease in leases:
                self.shelf.entries[lease.record.key].at = float("inf")
            raise
        return leases


class IsDeafToReplays(MemoryInbox):
    """Whoever waits goes on waiting."""

    async def replay(self, ids: Sequence[str] | None = None) -> int:
        bell, self._bell = self._bell, cast("Any", _Silence())
        replayed = await super().replay(ids)
        self._bell = bell
        return replayed


class _Silence:
    def ring(self) -> None:
        pass


class CountsNothing(MemoryInbox):
    """All is well."""

    async def stats(self) -> Any:
        return replace(await super().stats(), dead=0, oldest=0.0)


class WorksWhenClosed(MemoryInbox):
    """And nobody notices that it will not any more."""

    async def close(self) -> None:
        pass


CONTROLS: dict[type[MemoryInbox], tuple[str, ...]] = {
    DedupesOnCompletion: ("a_key_is_stored_once", "of_puts_at_the_same_time_one_is_new"),
    ForgetsWhatIsDone: ("a_key_is_stored_once_whatever_became_of_it", "a_key_is_remembered_for_the_window"),
    ForgetsWhatIsPurged: ("the_dead_can_be_purged",),
    DoesNotFence: ("one_who_lost_the_lease_is_refused", "one_who_lost_the_lease_to_themselves_is_refused"),
    FencesByOwnerAlone: ("one_who_lost_the_lease_to_themselves_is_refused",),
    FencesByAttempt: ("a_lease_from_before_a_replay_stays_lost",),
    LeasesTwice: ("claimants_never_share",),
    NeverEndsLeases: ("a_lease_ends", "a_claim_that_waits_gets_what_a_lease_lets_go"),
    EndsLeasesThatWereExtended: ("a_lease_that_is_extended_goes_on",),
    ForgetsRetries: ("a_retry_comes_after_its_delay", "a_retry_outlives_the_process"),
    RetriesAtOnce: ("a_retry_comes_after_its_delay",),
    PutsLater: ("what_was_put_is_there_after_the_process_was_killed",),
    RepeatsWhatNobodyMayRepeat: ("what_answers_inside_its_ack_is_handled_once", "what_was_not_acked_is_dead"),
    WaitsForNoAck: ("what_has_to_be_acked_first_waits_for_that", "what_is_never_acked_is_dead"),
    KnowsNoGroups: ("a_group_is_handled_in_order_and_one_at_a_time", "what_is_replayed_waits_for_its_turn"),
    LetsOthersPassARetry: ("a_retry_holds_up_those_behind_it",),
    IsNeverFull: ("beyond_its_bound_nothing_is_stored",),
    ErasesTheDead: ("what_is_buried_is_dead_and_kept", "what_is_replayed_begins_anew"),
    KeepsAllPayloads: ("what_is_done_keeps_no_payload",),
    HoldsWhatWasCancelled: ("a_claim_that_is_cancelled_holds_nothing",),
    IsDeafToReplays: ("a_replay_is_heard_by_those_who_wait",),
    CountsNothing: ("the_statistics_count",),
    WorksWhenClosed: ("closed_it_refuses",),
}


def suite_of(kind: type[MemoryInbox]) -> InboxConformance:
    class Suite(InboxConformance):
        async def make(self, *, max_waiting: int) -> Inbox:
            return kind(clock=self.clock, lease_seconds=self.lease_seconds, max_waiting=max_waiting)

        async def restart(self, inbox: Inbox, *, max_waiting: int) -> Inbox:
            shelf = cast("MemoryInbox", inbox).shelf
            left = replace(shelf, entries={key: replace(entry) for key, entry in shelf.entries.items()})
            return kind(clock=self.clock, lease_seconds=self.lease_seconds, max_waiting=max_waiting, shelf=left)

    return Suite()


@pytest.mark.parametrize(
    ("kind", "test"), [(kind, test) for kind, tests in CONTROLS.items() for test in tests], ids=lambda each: str(each)
)
def test_it_is_noticed(kind: type[MemoryInbox], test: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tautwire.testing.inbox.bench._PATIENCE", 0.2)
    with pytest.raises((AssertionError, InboxError, TimeoutError, IndexError, ValueError)):
        getattr(suite_of(kind), f"test_{test}")()


@pytest.mark.parametrize("test", sorted({test for tests in CONTROLS.values() for test in tests}))
def test_what_is_whole_passes(test: str) -> None:
    getattr(suite_of(MemoryInbox), f"test_{test}")()


#: What happens at one moment only, or is heard by somebody who waits, a comparison of courses does not see.
UNSEEN = {HoldsWhatWasCancelled, IsDeafToReplays, WorksWhenClosed, EndsLeasesThatWereExtended}


@pytest.mark.parametrize("kind", [kind for kind in CONTROLS if kind not in UNSEEN], ids=lambda kind: kind.__name__)
def test_the_comparison_alone_notices_most(kind: type[MemoryInbox]) -> None:
    suite = suite_of(kind)
    suite.seed, suite.courses, suite.steps = 5, 1, 400  # type: ignore[misc]
    with pytest.raises((AssertionError, KeyError)):
        suite.test_it_does_what_the_reference_does()
