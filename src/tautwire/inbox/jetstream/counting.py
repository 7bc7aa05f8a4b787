"""What was counted since the store was made, by everybody together."""

from __future__ import annotations

import asyncio
import base64
from collections import deque
from typing import TYPE_CHECKING, Final

from tautwire.errors import InboxError
from tautwire.inbox.jetstream.broker import WrongSequenceError
from tautwire.inbox.jetstream.notes import Counts, read, written

if TYPE_CHECKING:
    from tautwire.clock import Clock
    from tautwire.inbox.jetstream.broker import Broker
    from tautwire.inbox.jetstream.names import Names
    from tautwire.inbox.jetstream.rooms import Kept, Place

__all__ = ["Counting"]

#: Seconds between two additions to what is stored.
_PAUSE: Final = 0.5


class Counting:
    """Adds up, and now and then adds that to what the others have counted. A process that is killed takes half a
    second of it along."""

    def __init__(self, broker: Broker, names: Names, clock: Clock) -> None:
        self._broker, self._names, self._clock = broker, names, clock
        self._new = Counts()
        self._changed = asyncio.Event()
        self._adding = asyncio.Lock()
        #: Seconds that each of the last commits took.
        self.commits: deque[float] = deque(maxlen=1000)

    def stored(self, seconds: float) -> None:
        """A record, whose commit took so long."""
        self.commits.append(seconds)
        self._count(Counts(stored=1))

    def duplicate(self) -> None:
        """A second put of a key."""
        self._count(Counts(duplicates=1))

    def retried(self) -> None:
        """A record waits for its retry."""
        self._count(Counts(retried=1))

    def dropped(self, kept: Kept, place: Place) -> None:
        """A message was taken away: a second put that the server has not known as one, if the note is of another."""
        note = place.note
        is_copy = note is not None and note.life == kept.meta.life and note.seq != kept.seq
        if is_copy and not kept.meta.was_held:
            self.duplicate()

    def _count(self, new: Counts) -> None:
        self._new = self._new.plus(new)
        self._changed.set()

    async def run(self) -> None:
        """Add up for ever."""
        while True:
            await self._changed.wait()
            await self._clock.sleep(_PAUSE)
            try:
                await self.add()
            except InboxError:
                continue

    @property
    def has_new(self) -> bool:
        """Whether there is something to add."""
        return self._new != Counts()

    async def add(self) -> Counts:
        """Add what is new, and return what everybody has counted."""
        async with self._adding:
            while True:
                self._changed.clear()
                found = await self._broker.find(self._names.state_stream, {"last_by_subj": self._names.count})
                there = Counts() if found is None else read(Counts, base64.b64decode(found.get("data", "")))
                new = self._new
                if new == Counts():
                    return there
                expected = {"Nats-Expected-Last-Subject-Sequence": str(found["seq"] if found else 0)}
                try:
                    await self._broker.store(self._names.count, written(there.plus(new)).encode(), expected)
                except WrongSequenceError:
                    continue
                self._new = self._new.minus(new)
                return there.plus(new)
