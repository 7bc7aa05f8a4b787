"""What is there after the process was killed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tautwire.errors import LeaseLostError
from tautwire.inbox.api import Mode, State
from tautwire.testing.inbox.bench import BOUND, Bench, refused, scenario

if TYPE_CHECKING:
    from tautwire.inbox.api import Inbox

__all__ = ["Recovering"]


class Recovering(Bench):
    """Crash and recovery, for each mode and state."""

    @scenario
    async def test_what_waited_still_waits(self, inbox: Inbox) -> None:
        """In order, with all that belongs to it."""
        for number in range(3):
            await inbox.put(self.record(number))
            await self.elapse(0.01)
        after = await self.restarted(inbox)
        leases = await after.claim("bob", limit=5)
        assert [lease.record for lease in leases] == [self.record(number) for number in range(3)]
        assert {lease.attempt for lease in leases} == {1}

    @scenario
    async def test_what_was_leased_is_handled_again(self, inbox: Inbox) -> None:
        """The attempt that the crash broke off counts: it may have been the cause."""
        stale = await self.leased(inbox)
        for attempt in (2, 3):
            inbox = await self.restarted(inbox)
            (lease,) = await inbox.claim("bob", limit=5)
            assert lease.attempt == attempt
        with refused(LeaseLostError):
            await inbox.done(stale)
        await inbox.done(lease)

    @scenario
    async def test_what_was_not_acked_is_dead(self, inbox: Inbox) -> None:
        """Leased or not; its person has seen an error. What was acked is handled."""
        await self.leased(inbox, 1, mode=Mode.ONCE_ACKED)
        await inbox.put(self.record(2, mode=Mode.ONCE_ACKED))
        leased = await self.leased(inbox, 3, mode=Mode.ONCE_ACKED)
        placed = await inbox.put(self.record(4, mode=Mode.ONCE_ACKED))
        await inbox.acked(leased.id)
        await inbox.acked(placed.id)
        after = await self.restarted(inbox)
        assert sorted(await self.drained(after)) == self.keys(3, 4)
        dead = sorted((stored.record for stored in await after.list(State.DEAD)), key=lambda record: record.key)
        assert dead == [self.record(number, mode=Mode.ONCE_ACKED) for number in (1, 2)]
        assert all(stored.error for stored in await after.list(State.DEAD))

    @scenario
    async def test_what_answers_inside_its_ack_is_dead(self, inbox: Inbox) -> None:
        """Acked or not: nobody waits for the answer. A person may replay it."""
        lease = await self.leased(inbox, mode=Mode.NEVER)
        await inbox.acked(lease.id)
        after = await self.restarted(inbox)
        assert await after.claim("bob") == []
        assert [stored.record.key for stored in await after.list(State.DEAD)] == self.keys(1)
        assert await after.replay() == 1
        assert await self.drained(after) == self.keys(1)

    @scenario
    async def test_what_has_ended_stays_so(self, inbox: Inbox) -> None:
        """Done is done; the dead keep what a person needs."""
        await inbox.done(await self.leased(inbox, 1))
        await self.dead(inbox, 2)
        after = await self.restarted(inbox)
        assert await after.claim("bob") == []
        (stored,) = await after.list(State.DEAD)
        assert (stored.record, stored.error) == (self.record(2), "it never worked")
        assert (await after.put(self.record(1))).is_duplicate

    @scenario
    async def test_what_was_found_is_told(self, inbox: Inbox) -> None:
        """So that somebody can say so at the start."""
        await self.leased(inbox, 1)
        await self.leased(inbox, 2, mode=Mode.NEVER)
        await inbox.put(self.record(3))
        after = await self.restart(inbox, max_waiting=BOUND)
        self._inboxes.append(after)
        found = await after.open()
        assert found.notices == ()
        if self.knows_the_dead:
            assert (found.waiting, found.freed, found.buried) == (2, 1, 1)

    @scenario
    async def test_many_crashes_lose_nothing(self, inbox: Inbox) -> None:
        """One for each step of the way."""
        for number in range(1, 8):
            await inbox.put(self.record(number))
            leases = await inbox.claim("ann", limit=2)
            inbox = await self.restarted(inbox)
            for lease in leases if self.knows_the_dead else ():  # Otherwise nobody else has it, and it may count.
                with refused(LeaseLostError):
                    await inbox.done(lease)
        assert sorted(await self.drained(inbox)) == self.keys(*range(1, 8))
