"""What an open inbox works with, wired together."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import TYPE_CHECKING, Final

from tautwire.errors import InboxError
from tautwire.inbox.jetstream.broker import Broker
from tautwire.inbox.jetstream.counting import Counting
from tautwire.inbox.jetstream.holding import Holding
from tautwire.inbox.jetstream.jobs import Jobs
from tautwire.inbox.jetstream.leasing import Leasing
from tautwire.inbox.jetstream.moment import Moment
from tautwire.inbox.jetstream.names import HELD, WORKERS
from tautwire.inbox.jetstream.people import People
from tautwire.inbox.jetstream.pulling import Puller
from tautwire.inbox.jetstream.putting import Putting
from tautwire.inbox.jetstream.rooms import Rooms
from tautwire.inbox.jetstream.scanning import Scanning
from tautwire.inbox.jetstream.settling import Settling
from tautwire.inbox.jetstream.streams import Streams
from tautwire.inbox.jetstream.turns import Turns

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from tautwire.clock import Clock
    from tautwire.inbox.api import Lease, Placed
    from tautwire.inbox.jetstream.identity import Identity
    from tautwire.inbox.jetstream.link import Link
    from tautwire.inbox.jetstream.settings import Settings
    from tautwire.secret import Secret

__all__ = ["FETCH_SECONDS", "Parts"]

#: Seconds that a close waits for what was begun, and for the counts.
_CLOSE: Final = 3.0
_COUNT: Final = 1.0
#: Seconds that one fetch waits at the broker, and how many records that nobody may see are looked at in one go.
FETCH_SECONDS: Final = 30.0
_HELD_AT_ONCE: Final = 32
#: Seconds until those are looked at again, when that has failed.
_PAUSE: Final = 1.0
#: Seconds between two looks at the time and at the consumers, while nothing breaks.
_TEND: Final = 60.0


class Parts:
    """What an open inbox works with."""

    def __init__(
        self, urls: Sequence[Secret], identity: Identity, settings: Settings, keep_seconds: float, clock: Clock
    ) -> None:
        names, seconds = settings.names, settings.lease_seconds
        self.broker = broker = Broker(urls, identity, clock, self.on_link)
        self.jobs, self.moment = Jobs(), Moment(clock)
        self.streams = Streams(broker, settings, clock, self.moment)
        self.rooms = Rooms(broker, names, keep_seconds, clock)
        self._is_broken = asyncio.Event()
        pulling = (clock, self.jobs.spawn, self._is_broken.set)
        self.workers = Puller(broker, names.work_stream, WORKERS, *pulling)
        self.held = Puller(broker, names.work_stream, HELD, *pulling)
        self.counting = Counting(broker, names, clock)
        self.turns = Turns(broker, names, self.workers, clock, self.jobs.spawn)
        holding = Holding()
        common = (self.rooms, self.workers, self.turns, self.counting, self.moment, holding, seconds)
        self.leasing, self.settling = Leasing(*common), Settling(*common)
        self.putting = Putting(
            self.rooms, self.leasing, self.workers, self.counting, self.moment, holding, clock, seconds
        )
        scanning = Scanning(broker, names, seconds)
        self.people = People(
            self.rooms, self.workers, scanning, self.streams, self.turns, self.counting, self.moment, seconds
        )
        self._clock, self._chores = clock, list[asyncio.Task[None]]()

    async def on_link(self, link: Link) -> None:
        """A connection was made."""
        await link.listen(self.rooms.names.turn("*"), self.turns.heard)

    def begin(self) -> None:
        """What goes on while it is open."""
        for chore in (self.counting.run(), self._look_at_held(), self._tend()):
            self._chores.append(asyncio.create_task(chore))

    async def _look_at_held(self) -> None:
        while True:
            try:
                found = await self.held.fetch(_HELD_AT_ONCE, FETCH_SECONDS)
                await self.leasing.look(found)
            except InboxError:
                await self._clock.sleep(_PAUSE)

    async def _tend(self) -> None:
        while True:
            await self._clock.wait(self._is_broken, _TEND)
            self._is_broken.clear()
            with suppress(InboxError):
                await self.streams.tend()
            await self._clock.sleep(_PAUSE)

    async def close(self) -> None:
        """Finish, and let go."""
        for chore in self._chores:
            chore.cancel()
        if self._chores:
            await asyncio.wait(self._chores)
        await self.jobs.join(_CLOSE)
        with suppress(InboxError, TimeoutError):
            async with asyncio.timeout(_COUNT):
                if self.counting.has_new:
                    await self.counting.add()
        await self.broker.close()

    async def take_back(self, placed: Placed) -> None:
        """Nobody took what was put."""
        if placed.lease is not None:
            await self.settling.release(placed.lease)

    async def give_back(self, leases: Iterable[Lease]) -> None:
        """Nobody took what was claimed."""
        for lease in leases:
            with suppress(InboxError):
                await self.settling.release(lease)
