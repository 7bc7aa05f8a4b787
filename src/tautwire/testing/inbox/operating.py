"""What is for people: statistics, list, show, replay, give up, purge."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tautwire.errors import LeaseLostError
from tautwire.inbox.api import Mode, State
from tautwire.testing.inbox.bench import BOUND, Bench, refused, scenario

if TYPE_CHECKING:
    from tautwire.inbox.api import Inbox

__all__ = ["Operating"]


class Operating(Bench):
    """What an operator relies on."""

    @scenario
    async def test_the_statistics_count(self, inbox: Inbox) -> None:
        """Each record in one place, and what has happened so far."""
        empty = await inbox.stats()
        assert (empty.waiting, empty.delayed, empty.leased, empty.dead, empty.stored) == (0, 0, 0, 0, 0)
        assert empty.oldest == 0
        await inbox.put(self.record(1, mode=Mode.ONCE_ACKED))
        await inbox.retry(await self.leased(inbox, 2), delay=self.lease_seconds, error="")
        await self.leased(inbox, 3)
        await self.dead(inbox, 4)
        await inbox.done(await self.leased(inbox, 5))
        for number in (6, 7, 7):
            await inbox.put(self.record(number))
        await self.elapse(self.lease_seconds / 2)
        stats = await inbox.stats()
        assert (stats.waiting, stats.delayed, stats.leased, stats.dead) == (2, 2, 1, 1)
        assert (stats.stored, stats.duplicates, stats.retried) == (7, 1, 1)
        assert self.lease_seconds / 2 <= stats.oldest < self.lease_seconds
        assert stats.done == (1 if self.shows_done else 0)
        assert stats.size >= 0
        assert stats.commit_seconds >= 0
        if self.has_bound:
            assert stats.bound == BOUND

    @scenario
    async def test_the_statistics_outlive_the_process(self, inbox: Inbox) -> None:
        """What was there before is still counted."""
        await inbox.put(self.record(1))
        await self.dead(inbox, 2)
        after = await self.restarted(inbox)
        stats = await after.stats()
        assert (stats.waiting, stats.dead, stats.stored) == (1, 1, 2)

    @scenario
    async def test_records_can_be_listed_page_by_page(self, inbox: Inbox) -> None:
        """By state, in the order in which they came."""
        for number in range(5):
            await inbox.put(self.record(number))
        await self.leased(inbox, 5)
        page = await inbox.list(State.STORED, limit=3)
        rest = await inbox.list(State.STORED, limit=3, after=page[-1].id)
        assert [stored.record for stored in (*page, *rest)] == [self.record(number) for number in range(5)]
        assert {stored.state for stored in page} == {State.STORED}
        (leased,) = await inbox.list(State.LEASED)
        assert (leased.record, leased.owner, leased.attempt) == (self.record(5), "ann", 1)
        assert await inbox.list(State.DEAD) == []
        if self.shows_done:
            await inbox.done((await inbox.claim("bob"))[0])
            assert [stored.record.key for stored in await inbox.list(State.DONE)] == self.keys(0)

    @scenario
    async def test_what_is_done_keeps_no_payload(self, inbox: Inbox) -> None:
        """Nobody needs it any more."""
        await inbox.done(await self.leased(inbox))
        for stored in await inbox.list(State.DONE):
            assert stored.record.payload == b""

    @scenario
    async def test_one_record_can_be_shown(self, inbox: Inbox) -> None:
        """And what is not there is not."""
        await self.dead(inbox, 1)
        (listed,) = await inbox.list(State.DEAD)
        assert await inbox.show(listed.id) == listed
        for which in ("", "4711", "no id at all", "99999999999999999999"):
            assert await inbox.show(which) is None, which

    @scenario
    async def test_what_is_replayed_begins_anew(self, inbox: Inbox) -> None:
        """With all its attempts before it, and the same payload."""
        lease = await self.leased(inbox, 1)
        await inbox.retry(lease, delay=0.0, error="")
        (lease,) = await inbox.claim("ann", wait=self.lease_seconds)
        await inbox.bury(lease, error="")
        for number in (2, 3):
            await self.dead(inbox, number)
        await self.leased(inbox, 4)
        dead = {stored.record.key: stored.id for stored in await inbox.list(State.DEAD)}
        assert await inbox.replay([dead[self.record(1).key], "", "no id at all"]) == 1
        (again,) = await inbox.claim("bob", limit=5)
        assert (again.record, again.attempt) == (self.record(1), 1)
        assert await inbox.replay() == 2
        assert await inbox.replay() == 0
        assert sorted(await self.drained(inbox)) == self.keys(2, 3)

    @scenario
    async def test_a_replay_is_heard_by_those_who_wait(self, inbox: Inbox) -> None:
        """At once."""
        await self.dead(inbox)
        waiting = await self.begun(inbox, inbox.claim("bob", wait=1000.0))
        await inbox.replay()
        assert [lease.record.key for lease in await waiting] == self.keys(1)

    @scenario
    async def test_what_waits_can_be_given_up(self, inbox: Inbox) -> None:
        """What is leased cannot: somebody is at work."""
        await inbox.put(self.record(1))
        await inbox.put(self.record(2, mode=Mode.ONCE_ACKED))
        await inbox.retry(await self.leased(inbox, 3), delay=self.lease_seconds, error="")
        await inbox.put(self.record(4))
        lease = await self.leased(inbox, 5)
        ids = [stored.id for stored in await inbox.list(State.STORED) if stored.record.key != self.record(4).key]
        assert await inbox.give_up([*ids, lease.id, "no id at all"], error="not wanted") == 3
        assert await self.drained(inbox) == self.keys(4)
        dead = await inbox.list(State.DEAD)
        assert sorted(stored.record.key for stored in dead) == self.keys(1, 2, 3)
        assert {stored.error for stored in dead} == {"not wanted"}
        await inbox.done(lease)

    @scenario
    async def test_the_dead_can_be_purged(self, inbox: Inbox) -> None:
        """Those that are old enough; their keys stay."""
        await self.dead(inbox, 1)
        if self.is_time_ours:
            await self.elapse(3600.0)
            await self.dead(inbox, 2)
            assert await inbox.purge(State.DEAD, older_than=1800.0) == 1
            assert [stored.record.key for stored in await inbox.list(State.DEAD)] == self.keys(2)
        assert await inbox.purge(State.DEAD) == 1
        assert await inbox.purge(State.DEAD) == 0
        assert await inbox.list(State.DEAD) == []
        assert await inbox.replay() == 0
        assert (await inbox.put(self.record(1))).is_duplicate

    @scenario
    async def test_what_is_done_can_be_purged_and_is_remembered(self, inbox: Inbox) -> None:
        """The key outlives the person's wish to tidy up."""
        lease = await self.leased(inbox)
        await inbox.done(lease)
        await inbox.purge(State.DONE)
        assert (await inbox.put(self.record())).is_duplicate
        with refused(LeaseLostError):
            await inbox.done(lease)

    @scenario
    async def test_what_has_not_ended_cannot_be_purged(self, inbox: Inbox) -> None:
        """It would be lost."""
        await inbox.put(self.record())
        for state in (State.STORED, State.LEASED):
            with refused(ValueError):
                await inbox.purge(state)
        assert await self.drained(inbox) == self.keys(1)
