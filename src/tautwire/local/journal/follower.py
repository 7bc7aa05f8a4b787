"""Reading along while the journal is written."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Final, Protocol

from tautwire.local.journal.entry import Entry, Missed

if TYPE_CHECKING:
    from tautwire.local.bell import Bell
    from tautwire.local.journal.query import Query

__all__ = ["Follower", "Source"]

#: Entries looked at in a row before everybody else on the loop has a turn.
_TURN: Final = 128


class Source(Protocol):
    """What is read from: a bounded list of entries with numbers that have no gaps."""

    bell: Bell

    @property
    def first(self) -> int:
        """Number of the oldest entry that is still there; `last + 1` when none is."""

    @property
    def last(self) -> int:
        """Number of the latest entry, 0 before there is one."""

    @property
    def is_closed(self) -> bool:
        """Whether nothing more is to be waited for."""

    def __getitem__(self, number: int) -> Entry:
        """The entry of that number."""


class Follower:
    """Gives each entry above `since` that fits `query`, once and in order, then waits for the next.

    It holds nothing but its place. Where the journal was faster than its reader, a `Missed` says how many entries of
    any kind are gone before the next one; `missed` is their sum. Ends when the journal is closed and read to its end.
    For one reader: each `follow()` makes a new one.
    """

    def __init__(self, source: Source, query: Query, since: int) -> None:
        self._source, self._query = source, query
        self._seen = max(0, since)
        self._turn = 0
        self.missed = 0

    def __aiter__(self) -> Follower:
        return self

    async def __anext__(self) -> Entry | Missed:
        source = self._source
        while True:
            while self._seen < source.last:
                self._turn += 1
                if self._turn % _TURN == 0:
                    await asyncio.sleep(0)
                # Nothing is awaited between this and the return: whoever cancels has not lost an entry.
                found = self._step()
                if found is not None:
                    return found
            if source.is_closed:
                raise StopAsyncIteration
            await source.bell.until(lambda: self._seen < source.last or source.is_closed)

    def _step(self) -> Entry | Missed | None:
        gone = self._source.first - self._seen - 1
        if gone > 0:
            self._seen += gone
            self.missed += gone
            return Missed(gone)
        self._seen += 1
        entry = self._source[self._seen]
        return entry if self._query.fits(entry) else None
