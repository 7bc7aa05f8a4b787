"""Claim, extend, done, retry, release, bury; and that none of it works for one who has lost the lease."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from tautwire.errors import LeaseLostError
from tautwire.inbox.api import Mode, State
from tautwire.testing.inbox.bench import Bench, refused, scenario

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from tautwire.inbox.api import Inbox, Lease

__all__ = ["Leasing"]


class Leasing(Bench):
    """What the dispatcher relies on."""

    @scenario
    async def test_a_claim_takes_those_first_that_wait_longest(self, inbox: Inbox) -> None:
        """And no more than it wants."""
        assert await inbox.claim("ann") == []
        for number in range(5):
            await inbox.put(self.record(number))
            await self.elapse(0.01)
        assert [lease.record.key for lease in await inbox.claim("ann", limit=2)] == self.keys(0, 1)
        assert [lease.record.key for lease in await inbox.claim("bob", limit=9)] == self.keys(2, 3, 4)
        assert await inbox.claim("ann", limit=9) == []

    @scenario
    async def test_claimants_never_share(self, inbox: Inbox) -> None:
        """However many they are."""
        await asyncio.gather(*(inbox.put(self.record(number)) for number in range(40)))
        claims = await asyncio.gather(*(inbox.claim(f"owner {n}", limit=3) for n in range(20)))
        keys = [lease.record.key for leases in claims for lease in leases]
        assert sorted(keys) == sorted(self.keys(*range(40)))

    @scenario
    async def test_a_claim_can_wait(self, inbox: Inbox) -> None:
        """For a record, for an ack, for a retry that becomes due."""
        waiting = await self.begun(inbox, inbox.claim("ann", wait=1000.0))
        await inbox.put(self.record(1))
        (lease,) = await waiting
        waiting = await self.begun(inbox, inbox.claim("ann", wait=1000.0))
        placed = await inbox.put(self.record(2, mode=Mode.ONCE_ACKED))
        await inbox.acked(placed.id)
        assert [lease.record.key for lease in await waiting] == self.keys(2)
        waiting = await self.begun(inbox, inbox.claim("ann", wait=1000.0))
        await inbox.retry(lease, delay=self.lease_seconds / 4, error="")
        await inbox.stats()
        await self.elapse(self.lease_seconds / 2)
        assert [lease.record.key for lease in await waiting] == self.keys(1)

    @scenario
    async def test_a_claim_waits_no_longer_than_it_wants(self, inbox: Inbox) -> None:
        """Then it comes back with nothing."""
        waiting = await self.begun(inbox, inbox.claim("ann", wait=self.lease_seconds / 4))
        await self.elapse(self.lease_seconds / 2)
        assert await waiting == []
        assert await inbox.claim("ann", limit=0) == []

    @scenario
    async def test_a_lease_ends(self, inbox: Inbox) -> None:
        """Not before its time, and then another one gets the record."""
        first = await self.leased(inbox)
        await self.elapse(self.lease_seconds / 2)
        assert await inbox.claim("bob") == []
        await self.elapse(self.lease_seconds * 0.6)
        (second,) = await inbox.claim("bob")
        assert second.record == first.record
        assert (second.owner, second.attempt) == ("bob", 2)
        assert second.fence > first.fence
        await inbox.done(second)

    @scenario
    async def test_a_claim_that_waits_gets_what_a_lease_lets_go(self, inbox: Inbox) -> None:
        """Nobody has to ask at the right moment."""
        await self.leased(inbox)
        waiting = await self.begun(inbox, inbox.claim("bob", wait=self.lease_seconds * 10))
        await self.pass_lease()
        assert [lease.attempt for lease in await waiting] == [2]

    @scenario
    async def test_a_lease_that_is_extended_goes_on(self, inbox: Inbox) -> None:
        """For as long as somebody extends it."""
        lease = await self.leased(inbox)
        for _ in range(4):
            await self.elapse(self.lease_seconds * 0.6)
            longer = await inbox.extend(lease)
            assert longer.until > lease.until
            assert (longer.fence, longer.attempt, longer.record) == (lease.fence, lease.attempt, lease.record)
            lease = longer
            assert await inbox.claim("bob") == []
        await inbox.done(lease)
        assert await inbox.claim("bob") == []

    @scenario
    async def test_one_who_lost_the_lease_is_refused(self, inbox: Inbox) -> None:
        """Whatever they want to say, it counts for nothing, and the new owner is not disturbed."""
        stale = await self.leased(inbox)
        await self.pass_lease()
        (lease,) = await inbox.claim("bob")
        await self._must_be_refused(inbox, stale)
        assert await inbox.claim("cleo") == []
        await inbox.extend(lease)
        await inbox.done(lease)

    @scenario
    async def test_one_who_lost_the_lease_to_themselves_is_refused(self, inbox: Inbox) -> None:
        """The same owner, another attempt."""
        stale = await self.leased(inbox, owner="ann")
        await self.pass_lease()
        (lease,) = await inbox.claim("ann")
        await self._must_be_refused(inbox, stale)
        await inbox.done(lease)

    @scenario
    async def test_what_has_ended_cannot_end_again(self, inbox: Inbox) -> None:
        """Done is done, and dead is dead."""
        done = await self.leased(inbox, 1)
        await inbox.done(done)
        await self._must_be_refused(inbox, done)
        dead = await self.leased(inbox, 2)
        await inbox.bury(dead, error="")
        await self._must_be_refused(inbox, dead)
        assert await inbox.claim("bob") == []

    @scenario
    async def test_of_two_who_say_done_one_is_believed(self, inbox: Inbox) -> None:
        """At the same time, too, and between others."""
        leases = [await self.leased(inbox, number) for number in range(4)]
        said = [inbox.done(lease) for lease in (*leases, leases[1])]
        results = await asyncio.gather(*said, return_exceptions=True)
        assert [type(result) for result in results if result is not None] == [LeaseLostError]
        assert results[0] is None

    @scenario
    async def test_a_lease_from_before_a_replay_stays_lost(self, inbox: Inbox) -> None:
        """Attempts begin anew then, fences do not."""
        stale = await self.leased(inbox)
        await inbox.bury(stale, error="")
        await inbox.replay()
        (lease,) = await inbox.claim(stale.owner)
        assert lease.attempt == 1
        await self._must_be_refused(inbox, stale)
        await inbox.done(lease)

    @scenario
    async def test_a_retry_comes_after_its_delay(self, inbox: Inbox) -> None:
        """Not before, and not never."""
        lease = await self.leased(inbox)
        await inbox.retry(lease, delay=self.lease_seconds / 2, error="it broke")
        assert await inbox.claim("bob") == []
        await self.elapse(self.lease_seconds / 4)
        assert await inbox.claim("bob") == []
        await self.elapse(self.lease_seconds / 2)
        (again,) = await inbox.claim("bob")
        assert again.record == lease.record
        assert again.attempt == 2
        await inbox.retry(again, delay=0.0, error="again")
        assert [lease.attempt for lease in await inbox.claim("bob", wait=self.lease_seconds)] == [3]

    @scenario
    async def test_a_retry_outlives_the_process(self, inbox: Inbox) -> None:
        """What failed once is not forgotten."""
        await inbox.retry(await self.leased(inbox), delay=self.lease_seconds / 2, error="")
        after = await self.restarted(inbox)
        await self.elapse(self.lease_seconds * 0.6)
        assert await self.drained(after) == self.keys(1)

    @scenario
    async def test_what_is_released_is_there_at_once(self, inbox: Inbox) -> None:
        """A shutdown is no failure."""
        lease = await self.leased(inbox)
        for attempt in (2, 3, 4):
            await inbox.release(lease)
            with refused(LeaseLostError):
                await inbox.done(lease)
            (lease,) = await inbox.claim("bob", wait=self.lease_seconds)
            assert lease.attempt == (attempt if self.counts_releases else 1)
        await inbox.done(lease)

    @scenario
    async def test_what_is_buried_is_dead_and_kept(self, inbox: Inbox) -> None:
        """With its payload, for a person."""
        await inbox.bury(await self.leased(inbox), error="it never worked")
        assert await inbox.claim("bob") == []
        (stored,) = await inbox.list(State.DEAD)
        assert stored.record == self.record()
        assert (stored.state, stored.error) == (State.DEAD, "it never worked")

    @scenario
    async def test_what_answers_inside_its_ack_is_handled_once(self, inbox: Inbox) -> None:
        """Failed, released or left behind: dead."""
        await inbox.retry(await self.leased(inbox, 1, mode=Mode.NEVER), delay=0.0, error="it broke")
        await inbox.release(await self.leased(inbox, 2, mode=Mode.NEVER))
        await self.leased(inbox, 3, mode=Mode.NEVER)
        await inbox.done(await self.leased(inbox, 4, mode=Mode.NEVER))
        await self.pass_lease()
        assert await inbox.claim("bob", limit=5) == []
        dead = {stored.record.key: stored for stored in await inbox.list(State.DEAD)}
        assert sorted(dead) == self.keys(1, 2, 3)
        assert dead[self.keys(1)[0]].error == "it broke"
        assert dead[self.keys(3)[0]].error != ""

    @scenario
    async def test_what_was_not_acked_is_not_handled_again(self, inbox: Inbox) -> None:
        """After its ack it is."""
        await self.leased(inbox, 1, mode=Mode.ONCE_ACKED)
        acked = await self.leased(inbox, 2, mode=Mode.ONCE_ACKED)
        await inbox.acked(acked.id)
        await self.pass_lease()
        assert [lease.record.key for lease in await inbox.claim("bob", limit=5)] == self.keys(2)
        assert [stored.record.key for stored in await inbox.list(State.DEAD)] == self.keys(1)

    async def _must_be_refused(self, inbox: Inbox, stale: Lease) -> None:
        says: tuple[Callable[[], Awaitable[object]], ...] = (
            lambda: inbox.extend(stale),
            lambda: inbox.done(stale),
            lambda: inbox.retry(stale, delay=0.0, error=""),
            lambda: inbox.release(stale),
            lambda: inbox.bury(stale, error=""),
        )
        for say in says:
            with refused(LeaseLostError):
                await say()
