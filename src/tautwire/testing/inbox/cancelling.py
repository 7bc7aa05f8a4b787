"""Each call, cancelled at each of its steps."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from tautwire.errors import LeaseLostError
from tautwire.inbox.api import Inbox, State
from tautwire.testing.inbox.bench import Bench, scenario

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine

__all__ = ["Cancelling"]

#: Turns of the loop after which a call is left alone; most have long come back.
_MOST = 40


class Cancelling(Bench):
    """Nothing is lost, stuck or leased to nobody, and the store works on."""

    @scenario
    async def test_a_put_that_is_cancelled_may_have_stored_its_record(self, inbox: Inbox) -> None:
        """A second one settles it; the record is there once, and free."""
        for turns in range(_MOST):
            put = await self._cancelled(inbox.put(self.record(turns), owner="ann"), turns)
            again = await inbox.put(self.record(turns))
            assert not put.cancelled() or again.lease is None
            if not put.cancelled():
                assert again.is_duplicate
                await inbox.done(put.result().lease or (await inbox.claim("ann"))[0])
            else:
                assert await self._all(inbox, turns) == self.keys(turns)

    @scenario
    async def test_a_claim_that_is_cancelled_holds_nothing(self, inbox: Inbox) -> None:
        """What it had leased goes back."""
        for turns in range(_MOST):
            await inbox.put(self.record(turns))
            claim = await self._cancelled(inbox.claim("ann", limit=5), turns)
            if not claim.cancelled():
                (lease,) = claim.result()
                await inbox.done(lease)
            else:
                assert await self._all(inbox, turns) == self.keys(turns)

    @scenario
    async def test_a_claim_that_waits_can_be_cancelled(self, inbox: Inbox) -> None:
        """And the next one gets what comes."""
        for turns in range(_MOST):
            waiting = await self._cancelled(inbox.claim("ann", wait=1000.0), turns)
            assert waiting.cancelled()
            await inbox.put(self.record(turns))
            assert await self._all(inbox, turns) == self.keys(turns)

    @scenario
    async def test_what_is_said_of_a_lease_is_said_or_not(self, inbox: Inbox) -> None:
        """Cancelled, it can be said again; then it is, or the record has gone the way it was to go."""
        for turns in range(_MOST):
            calls: tuple[Callable[[Any], Coroutine[Any, Any, Any]], ...] = (
                inbox.extend,
                inbox.done,
                inbox.release,
                lambda lease: inbox.retry(lease, delay=0.0, error=""),
                lambda lease: inbox.bury(lease, error=""),
            )
            for number, call in enumerate(calls):
                lease = await self.leased(inbox, turns * 10 + number)
                await self._cancelled(call(lease), turns)
                with suppress(LeaseLostError):
                    await inbox.done(lease)
                for left in await inbox.claim("ann", limit=5):
                    assert left.record == lease.record
                    await inbox.done(left)
        stats = await inbox.stats()
        assert (stats.waiting, stats.delayed, stats.leased) == (0, 0, 0)

    @scenario
    async def test_a_person_can_lose_patience(self, inbox: Inbox) -> None:
        """Looking and changing, cancelled."""
        for turns in range(_MOST):
            which = await self.dead(inbox, turns)
            for call in (inbox.stats(), inbox.list(State.DEAD), inbox.show(which), inbox.acked(which)):
                await self._cancelled(call, turns)
            await self._cancelled(inbox.replay([which]), turns)
            await inbox.replay()
            assert await self._all(inbox, turns) == self.keys(turns)

    @scenario
    async def test_open_and_close_can_be_cancelled(self, inbox: Inbox) -> None:
        """An open that was is as if it had not been; a close that was goes on."""
        await inbox.put(self.record(1))
        for turns in range(_MOST):
            await self._cancelled(inbox.close(), turns)
            await inbox.close()
            opening = await self._cancelled(inbox.open(), turns)
            if opening.cancelled():
                await inbox.open()
            assert (await inbox.stats()).waiting == 1
        assert await self.drained(inbox) == self.keys(1)

    async def _cancelled(self, call: Coroutine[Any, Any, Any], turns: int) -> asyncio.Task[Any]:
        """The call, cancelled after so many turns of the loop."""
        task = asyncio.create_task(call)
        for _ in range(turns):
            await asyncio.sleep(0)
        task.cancel()
        await asyncio.wait({task})
        return task

    async def _all(self, inbox: Inbox, turns: int) -> list[str]:
        """What can be handled, once what went astray has found back."""
        keys = [*await self.drained(inbox)]
        if not keys:
            await self.pass_lease()
            keys += await self.drained(inbox)
        assert turns < _MOST
        return keys
