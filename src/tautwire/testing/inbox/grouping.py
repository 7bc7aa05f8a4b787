"""Records of one group, one after the other."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from tautwire.inbox.api import Mode, State
from tautwire.testing.inbox.bench import Bench, scenario

if TYPE_CHECKING:
    from tautwire.inbox.api import Inbox

__all__ = ["Grouping"]


class Grouping(Bench):
    """Serial by key. A store that cannot do that sets `has_groups = False`."""

    @scenario
    async def test_a_group_is_handled_in_order_and_one_at_a_time(self, inbox: Inbox) -> None:
        """What has no group goes by."""
        if not self.has_groups:
            return
        for number in (1, 2, 3):
            await inbox.put(self.record(number, group="C1"))
        (first,) = await inbox.claim("ann", limit=5)
        assert first.record == self.record(1, group="C1")
        assert await inbox.claim("bob", limit=5) == []
        await inbox.put(self.record(9))
        assert [lease.record.key for lease in await inbox.claim("bob", limit=5)] == self.keys(9)
        await inbox.done(first)
        (second,) = await inbox.claim("bob", limit=5)
        assert second.record.key == self.record(2).key
        await inbox.bury(second, error="")
        assert [lease.record.key for lease in await inbox.claim("ann", limit=5)] == self.keys(3)

    @scenario
    async def test_a_put_is_no_lease_while_its_group_is_busy(self, inbox: Inbox) -> None:
        """With one that is leased, or that waits."""
        if not self.has_groups:
            return
        lease = await self.leased(inbox, 1, group="C1")
        assert (await inbox.put(self.record(2, group="C1"), owner="bob")).lease is None
        await inbox.put(self.record(3, group="C2"))
        assert (await inbox.put(self.record(4, group="C2"), owner="bob")).lease is None
        assert [each.record.key for each in await inbox.claim("bob", limit=5)] == self.keys(3)
        await inbox.done(lease)
        assert [each.record.key for each in await inbox.claim("bob", limit=5)] == self.keys(2)

    @scenario
    async def test_puts_at_the_same_time_keep_to_it_too(self, inbox: Inbox) -> None:
        """Of many at once one is leased."""
        if not self.has_groups:
            return
        placed = await asyncio.gather(*(inbox.put(self.record(n, group="C1"), owner="ann") for n in range(10)))
        leases = [each.lease for each in placed if each.lease is not None]
        assert len([*leases, *await inbox.claim("bob", limit=10)]) == 1

    @scenario
    async def test_a_retry_holds_up_those_behind_it(self, inbox: Inbox) -> None:
        """Or the order would be another."""
        if not self.has_groups:
            return
        lease = await self.leased(inbox, 1, group="C1")
        await inbox.put(self.record(2, group="C1"))
        await inbox.retry(lease, delay=self.lease_seconds / 2, error="")
        assert await inbox.claim("bob", limit=5) == []
        await self.elapse(self.lease_seconds * 0.6)
        assert await self.drained(inbox) == self.keys(1, 2)

    @scenario
    async def test_a_claim_that_waits_hears_of_its_turn(self, inbox: Inbox) -> None:
        """Done, buried or given up, the next one begins."""
        if not self.has_groups:
            return
        lease = await self.leased(inbox, 1, group="C1")
        for number in (2, 3, 4):
            await inbox.put(self.record(number, group="C1"))
        waiting = await self.begun(inbox, inbox.claim("bob", wait=1000.0))
        await inbox.done(lease)
        (lease,) = await waiting
        waiting = await self.begun(inbox, inbox.claim("bob", wait=1000.0))
        await inbox.bury(lease, error="")
        (lease,) = await waiting
        await inbox.release(lease)
        assert await inbox.give_up([lease.id], error="") == 1
        assert await self.drained(inbox) == self.keys(4)

    @scenario
    async def test_the_order_outlives_its_owners(self, inbox: Inbox) -> None:
        """A lease that ends, a process that dies."""
        if not self.has_groups:
            return
        await self.leased(inbox, 1, group="C1")
        for number in (2, 3):
            await inbox.put(self.record(number, group="C1"))
        await self.pass_lease()
        (lease,) = await inbox.claim("bob", limit=5)
        assert lease.record.key == self.record(1).key
        after = await self.restarted(inbox)
        (lease,) = await after.claim("cleo", limit=5)
        assert (lease.record.key, lease.attempt) == (self.record(1).key, 3)
        await after.done(lease)
        assert await self.drained(after) == self.keys(2, 3)

    @scenario
    async def test_what_is_never_acked_holds_up_nobody(self, inbox: Inbox) -> None:
        """It takes its place when it is acked."""
        if not self.has_groups:
            return
        held = await inbox.put(self.record(1, group="C1", mode=Mode.ONCE_ACKED))
        lost = await self.leased(inbox, 2, group="C2", mode=Mode.ONCE_ACKED)
        await inbox.put(self.record(3, group="C1"))
        await inbox.put(self.record(4, group="C2"))
        (lease,) = await inbox.claim("ann", limit=5)
        assert lease.record.key == self.record(3).key
        await inbox.acked(held.id)
        assert await inbox.claim("bob", limit=5) == []
        await inbox.done(lease)
        assert [each.record.key for each in await inbox.claim("bob", limit=5)] == self.keys(1)
        await self.pass_lease()
        assert self.record(4).key in [each.record.key for each in await inbox.claim("cleo", limit=5)]
        assert [stored.id for stored in await inbox.list(State.DEAD)] != []
        assert lost.record.key in [stored.record.key for stored in await inbox.list(State.DEAD)]

    @scenario
    async def test_what_is_replayed_waits_for_its_turn(self, inbox: Inbox) -> None:
        """It was the first once, and is the next one now; or the last one, where the store keeps no places."""
        if not self.has_groups:
            return
        await self.dead(inbox, 1, group="C1")
        lease = await self.leased(inbox, 2, group="C1")
        await inbox.put(self.record(3, group="C1"))
        assert await inbox.replay() == 1
        assert await inbox.claim("bob", limit=5) == []
        await inbox.done(lease)
        assert await self.drained(inbox) == (self.keys(1, 3) if self.replays_in_place else self.keys(3, 1))
