"""Put, dedupe, bounds, acks."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import TYPE_CHECKING

from tautwire.errors import InboxError, InboxFullError
from tautwire.inbox.api import Mode, State
from tautwire.testing.inbox.bench import Bench, refused, scenario

if TYPE_CHECKING:
    from tautwire.inbox.api import Inbox

__all__ = ["Receiving"]


class Receiving(Bench):
    """What the receiver relies on."""

    @scenario
    async def test_what_was_put_can_be_claimed_as_it_was(self, inbox: Inbox) -> None:
        """Each byte, also those that are no text, and none at all."""
        payloads = [b"", bytes(range(256)), '{"text":"☃ ünïcode"}'.encode(), b"x" * 100_000]
        records = [replace(self.record(number), payload=each) for number, each in enumerate(payloads)]
        for record in records:
            placed = await inbox.put(record)
            assert placed.id
            assert not placed.is_duplicate
            assert placed.lease is None
        assert [lease.record for lease in await inbox.claim("ann", limit=10)] == records

    @scenario
    async def test_a_put_with_an_owner_is_a_lease(self, inbox: Inbox) -> None:
        """In the same commit, and nobody else gets it."""
        placed = await inbox.put(self.record(), owner="ann")
        lease = placed.lease or (await inbox.claim("ann"))[0]
        assert lease.record == self.record()
        assert (lease.id, lease.owner, lease.attempt) == (placed.id, "ann", 1)
        assert lease.until > lease.stored_at
        assert await inbox.claim("bob") == []
        await inbox.done(lease)

    @scenario
    async def test_a_put_without_an_owner_is_none(self, inbox: Inbox) -> None:
        """It waits for whoever claims it."""
        assert (await inbox.put(self.record())).lease is None
        assert (await inbox.stats()).waiting == 1

    @scenario
    async def test_a_key_is_stored_once(self, inbox: Inbox) -> None:
        """Whatever else is in the second record, the first one counts."""
        first = await inbox.put(self.record())
        second = await inbox.put(replace(self.record(), envelope_id="another", payload=b"{}"), owner="ann")
        assert second.is_duplicate
        assert second.lease is None
        assert second.id == first.id
        assert [lease.record for lease in await inbox.claim("ann", limit=5)] == [self.record()]

    @scenario
    async def test_a_key_is_stored_once_whatever_became_of_it(self, inbox: Inbox) -> None:
        """Leased, done, dead, waiting for its retry."""
        await self.leased(inbox, 1)
        await inbox.done(await self.leased(inbox, 2))
        await self.dead(inbox, 3)
        await inbox.retry(await self.leased(inbox, 4), delay=self.lease_seconds / 2, error="")
        for number in (1, 2, 3, 4):
            assert (await inbox.put(self.record(number), owner="bob")).is_duplicate, number
        assert await inbox.claim("bob", limit=5) == []

    @scenario
    async def test_a_key_is_stored_once_also_after_a_restart(self, inbox: Inbox) -> None:
        """The key goes in with the record, and stays when that is done."""
        await inbox.put(self.record(1))
        await inbox.done(await self.leased(inbox, 2))
        after = await self.restarted(inbox)
        assert (await after.put(self.record(1))).is_duplicate
        assert (await after.put(self.record(2))).is_duplicate
        assert await self.drained(after) == self.keys(1)

    @scenario
    async def test_a_key_is_remembered_for_the_window(self, inbox: Inbox) -> None:
        """A day, as far as this can be tried."""
        await inbox.done(await self.leased(inbox, 1))
        await inbox.put(self.record(2))
        if self.is_time_ours:
            await self.elapse(self.window * 0.99)
        assert (await inbox.put(self.record(1))).is_duplicate
        assert await self.drained(inbox) == self.keys(2)
        assert (await inbox.put(self.record(1))).is_duplicate

    @scenario
    async def test_of_puts_at_the_same_time_one_is_new(self, inbox: Inbox) -> None:
        """As when two connections deliver the same event."""
        placed = await asyncio.gather(*(inbox.put(self.record(n % 3), owner="ann") for n in range(30)))
        assert sum(not each.is_duplicate for each in placed) == 3
        assert len({each.id for each in placed}) == 3

    @scenario
    async def test_what_was_put_is_there_after_the_process_was_killed(self, inbox: Inbox) -> None:
        """From the moment on at which `put` came back."""
        await inbox.put(self.record(1))
        after = await self.restarted(inbox)
        await asyncio.gather(*(after.put(self.record(n)) for n in range(2, 20)))
        again = await self.restarted(after)
        assert sorted(await self.drained(again)) == sorted(self.keys(*range(1, 20)))

    @scenario
    async def test_what_nobody_could_handle_is_refused(self, inbox: Inbox) -> None:
        """And nothing of it is stored."""
        with refused(ValueError):
            await inbox.put(replace(self.record(), key=""))
        with refused(ValueError):
            await inbox.put(self.record(mode=Mode.NEVER))
        with refused(ValueError):
            await inbox.put(self.record(mode=Mode.NEVER, group="C1"), owner="ann")
        assert (await inbox.stats()).stored == 0
        assert not (await inbox.put(self.record())).is_duplicate

    @scenario
    async def test_beyond_its_bound_nothing_is_stored(self, inbox: Inbox) -> None:
        """What it knows is still known, and where something ends there is room again."""
        if not self.has_bound:
            return
        small = await self.opened(await self.make(max_waiting=3))
        await small.put(self.record(1))
        await self.dead(small, 2)
        lease = await self.leased(small, 3, owner="bob")
        await small.put(self.record(4))
        with refused(InboxFullError):
            await small.put(self.record(5))
        assert (await small.put(self.record(4))).is_duplicate
        await small.done(lease)
        assert not (await small.put(self.record(5))).is_duplicate
        with refused(InboxFullError):
            await small.put(self.record(6))
        assert len(await self.drained(small)) == 3
        assert inbox is not small

    @scenario
    async def test_closed_it_refuses(self, inbox: Inbox) -> None:
        """Before it was opened, too; and it can be opened again."""
        await inbox.put(self.record(1))
        await inbox.close()
        await inbox.close()
        with refused(InboxError):
            await inbox.put(self.record(2))
        with refused(InboxError):
            await inbox.claim("ann")
        await inbox.open()
        assert await self.drained(inbox) == self.keys(1)
        fresh = await self.make(max_waiting=10)
        await fresh.close()
        with refused(InboxError):
            await fresh.stats()

    @scenario
    async def test_what_has_to_be_acked_first_waits_for_that(self, inbox: Inbox) -> None:
        """A person whose command was not acked has seen an error; it must not happen all the same."""
        placed = await inbox.put(self.record(mode=Mode.ONCE_ACKED))
        assert await inbox.claim("ann") == []
        assert (await inbox.stats()).delayed == 1
        await inbox.acked(placed.id)
        assert [lease.record.key for lease in await inbox.claim("ann")] == self.keys(1)

    @scenario
    async def test_what_is_never_acked_is_dead(self, inbox: Inbox) -> None:
        """After the time of a lease; an ack that comes then changes nothing."""
        placed = await inbox.put(self.record(mode=Mode.ONCE_ACKED))
        await self.pass_lease()
        assert await inbox.claim("ann") == []
        assert [stored.record.key for stored in await inbox.list(State.DEAD)] == self.keys(1)
        await inbox.acked(placed.id)
        assert await inbox.claim("ann") == []

    @scenario
    async def test_acks_of_others_change_nothing(self, inbox: Inbox) -> None:
        """Of an event, of one that is done, of what nobody knows."""
        placed = await inbox.put(self.record(1))
        lease = await self.leased(inbox, 2, mode=Mode.ONCE_ACKED)
        await inbox.acked(lease.id)
        await inbox.done(lease)
        for which in (placed.id, lease.id, "", "4711", "no id at all"):
            await inbox.acked(which)
        assert await self.drained(inbox) == self.keys(1)
