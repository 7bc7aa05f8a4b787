"""What the tests of an inbox stand on: how a store is made, what it can do, and how time passes for it."""

from __future__ import annotations

import asyncio
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, ClassVar, TypeVar

from tautwire.inbox.api import Inbox, Lease, Mode, Record, State
from tautwire.testing.inbox.clock import HandClock

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Coroutine, Iterator, Sequence

__all__ = ["Bench", "refused", "scenario"]

T = TypeVar("T")

#: What stores are made with where no test wants it otherwise.
BOUND = 1000
#: Real seconds after which something that should happen has not.
_PATIENCE = 30.0


class Bench:
    """To be subclassed, together with the tests; see `tautwire.testing.inbox`."""

    #: What `make` gives its stores. Shorter where time is real.
    lease_seconds: ClassVar[float] = 60.0
    #: Seconds for which a key is remembered at least; tests let all of it pass if time is ours.
    window: ClassVar[float] = 86_400.0
    #: Whether the store takes all its time from `clock`. Otherwise override `elapse`.
    is_time_ours: ClassVar[bool] = True
    #: Whether `open` frees what the process before has held; otherwise that is free when its leases end.
    knows_the_dead: ClassVar[bool] = True
    #: Whether it can keep the records of a group in line.
    has_groups: ClassVar[bool] = True
    #: Whether what is replayed goes before those of its group that came later; otherwise it is the last of them.
    replays_in_place: ClassVar[bool] = True
    #: Whether it can be made with a bound.
    has_bound: ClassVar[bool] = True
    #: Whether it can show records that are done, and count them.
    shows_done: ClassVar[bool] = True
    #: Whether a lease that was released counts as an attempt.
    counts_releases: ClassVar[bool] = False

    clock: HandClock

    async def make(self, *, max_waiting: int) -> Inbox:
        """A new store, empty and not open, that holds so many records if it has a bound."""
        raise NotImplementedError

    async def restart(self, inbox: Inbox, *, max_waiting: int) -> Inbox:
        """A store, not open, of what is left after the process with `inbox` was killed without a warning."""
        raise NotImplementedError

    async def elapse(self, seconds: float) -> None:
        """Let time pass."""
        self.clock.move(seconds)

    # What tests use.

    async def opened(self, inbox: Inbox) -> Inbox:
        """`inbox`, open; it is closed at the end."""
        self._inboxes.append(inbox)
        await inbox.open()
        return inbox

    async def restarted(self, inbox: Inbox, *, max_waiting: int = BOUND) -> Inbox:
        """What another process finds that is started after this one was killed, its leases ended."""
        after = await self.opened(await self.restart(inbox, max_waiting=max_waiting))
        if not self.knows_the_dead:
            await self.pass_lease()
        return after

    async def pass_lease(self) -> None:
        """Let the time of a lease pass."""
        await self.elapse(self.lease_seconds * 1.1)

    async def begun(self, inbox: Inbox, call: Coroutine[Any, Any, T]) -> asyncio.Task[T]:
        """A call that has looked once, and waits now."""
        task = asyncio.create_task(call)
        for _ in range(5):
            await asyncio.sleep(0)
        await inbox.stats()
        return task

    def record(self, number: int = 1, *, mode: Mode = Mode.AGAIN, group: str = "") -> Record:
        """A record that differs from those with other numbers."""
        return Record(
            key=f"event/A1/T1/Ev{number}",
            type="events_api",
            envelope_id=f"envelope-{number}",
            payload=b'{"event_id":"Ev%d"}' % number,
            mode=mode,
            group=group,
        )

    async def leased(self, inbox: Inbox, number: int = 1, *, owner: str = "ann", **how: Any) -> Lease:
        """A record that is stored now, and leased."""
        placed = await inbox.put(self.record(number, **how), owner=owner)
        if placed.lease is not None:
            return placed.lease
        claimed = {lease.record.key: lease for lease in await inbox.claim(owner, limit=50, wait=self.lease_seconds)}
        lease = claimed.pop(self.record(number).key)
        for other in claimed.values():
            await inbox.release(other)
        return lease

    async def dead(self, inbox: Inbox, number: int = 1, **how: Any) -> str:
        """The id of a record that is dead now."""
        await inbox.bury(await self.leased(inbox, number, **how), error="it never worked")
        return (await inbox.list(State.DEAD))[-1].id

    async def drained(self, inbox: Inbox) -> Sequence[str]:
        """Handle everything that can be handled now; the keys, in that order."""
        keys: list[str] = []
        while leases := await inbox.claim("drain", limit=10):
            for lease in leases:
                keys.append(lease.record.key)
                await inbox.done(lease)
        return keys

    def keys(self, *numbers: int) -> list[str]:
        """The keys of those records."""
        return [self.record(number).key for number in numbers]

    _inboxes: list[Inbox]

    async def _play(self, test: Callable[[Any, Inbox], Awaitable[None]]) -> None:
        self.clock, self._inboxes = HandClock(), []
        try:
            async with asyncio.timeout(_PATIENCE):
                await test(self, await self.opened(await self.make(max_waiting=BOUND)))
        finally:
            for inbox in reversed(self._inboxes):
                await inbox.close()


def scenario(test: Callable[[Any, Inbox], Awaitable[None]]) -> Callable[[Any], None]:
    """A test that gets a new store, open, on a loop of its own."""

    def run(self: Any) -> None:
        asyncio.run(self._play(test))

    run.__name__, run.__qualname__, run.__doc__ = test.__name__, test.__qualname__, test.__doc__
    return run


@contextmanager
def refused(*kinds: type[Exception]) -> Iterator[None]:
    """Passes if one of these is raised within."""
    try:
        yield
    except kinds:
        return
    raise AssertionError(f"nothing was raised, where {' or '.join(kind.__name__ for kind in kinds)} was to be")
