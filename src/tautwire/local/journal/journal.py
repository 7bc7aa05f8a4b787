"""The journal: everything that is said both ways, bounded, searchable, followed live."""

from __future__ import annotations

import re
from collections import deque
from contextlib import contextmanager
from contextvars import ContextVar
from typing import TYPE_CHECKING, Final

from tautwire.clock import SYSTEM_CLOCK
from tautwire.errors import ConfigurationError
from tautwire.local.bell import Bell
from tautwire.local.journal import lines
from tautwire.local.journal.conversation import conversation
from tautwire.local.journal.entry import Entry, Kind
from tautwire.local.journal.follower import Follower
from tautwire.local.journal.masking import mask_text
from tautwire.local.journal.notes import Notes
from tautwire.local.journal.packing import pack
from tautwire.local.journal.query import Query
from tautwire.local.journal.trail import trail

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator
    from datetime import tzinfo
    from pathlib import Path
    from typing import TextIO

    from tautwire.clock import Clock

__all__ = ["Journal"]

#: Bytes that an entry takes besides its texts (measured, CPython 3.11, rounded up).
_OVERHEAD: Final = 320
#: Of one entry's JSON. Slack's largest objects, views of 250 kB, fit.
_MOST_OF_ONE: Final = 1024 * 1024
#: Characters kept of a subject or an id: a client may send any.
_LONGEST_NAME: Final = 200

_HARMLESS: Final = re.compile(r"[A-Za-z_.]{0,60}|[0-9a-f-]{0,60}")

_CHAIN: Final[ContextVar[tuple[Journal, int] | None]] = ContextVar("tautwire_journal_chain", default=None)


class Journal(Notes):
    """The latest entries: at most `limit` of them, and at most `byte_limit` bytes of memory; the oldest go first.

    One event loop, one thread. Nothing secret gets in (see `masking`). Iterating gives the entries, oldest first;
    `journal[number]` is one of them, `IndexError` when it is gone or has not come yet.

    `names` is what people call the ids (`{"C0GENERAL": "#general"}`), for the conversation; it goes along into the
    file. Without `heartbeats`, pings and pongs are passed over: a thousand idle connections have hundreds a second.

    `ConfigurationError` for limits that leave no room.
    """

    def __init__(
        self,
        limit: int = 10_000,
        *,
        byte_limit: int = 64 * 1024 * 1024,
        heartbeats: bool = True,
        clock: Clock = SYSTEM_CLOCK,
    ) -> None:
        if limit < 1 or byte_limit < 64 * 1024:
            raise ConfigurationError("a journal needs room for one entry and for 64 KiB at least")
        self.limit, self.byte_limit = limit, byte_limit
        self.heartbeats = heartbeats
        self.names: dict[str, str] = {}
        self.bell = Bell()
        self._wall = clock.wall
        self._most_of_one = min(_MOST_OF_ONE, byte_limit // 8)
        self._entries: deque[Entry] = deque()
        self._last = self._chains = self._bytes = 0
        self._is_closed = False

    def __repr__(self) -> str:
        return f"<journal, {len(self)} entries, {self.dropped} dropped>"

    # What is there

    def __len__(self) -> int:
        return len(self._entries)

    def __iter__(self) -> Iterator[Entry]:
        return iter(tuple(self._entries))

    def __getitem__(self, number: int) -> Entry:
        """The entry of that number."""
        if not self.first <= number <= self._last:
            raise IndexError(number)
        return self._entries[number - self.first]

    @property
    def first(self) -> int:
        """Number of the oldest entry that is still there; `last + 1` when none is."""
        return self._last - len(self._entries) + 1

    @property
    def last(self) -> int:
        """Number of the latest entry, 0 before there is one."""
        return self._last

    @property
    def dropped(self) -> int:
        """How many entries have had to go."""
        return self._last - len(self._entries)

    @property
    def bytes(self) -> int:
        """Memory taken, as `byte_limit` counts it."""
        return self._bytes

    @property
    def is_closed(self) -> bool:
        """Whether `close` was called."""
        return self._is_closed

    # Writing

    def note(
        self,
        kind: Kind,
        data: object = b"{}",
        *,
        app_id: str = "",
        subject: str = "",
        envelope_id: str = "",
        connection: str = "",
    ) -> int:
        """See `Notes.note`."""
        occasion = _CHAIN.get()
        self._last += 1
        entry = Entry(
            self._last,
            self._wall(),
            kind,
            app_id,
            _clean(subject),
            pack(data, self._most_of_one),
            _clean(envelope_id),
            connection,
            0 if occasion is None or occasion[0] is not self else occasion[1],
        )
        self._entries.append(entry)
        self._bytes += _size(entry)
        while len(self._entries) > self.limit or self._bytes > self.byte_limit:
            self._bytes -= _size(self._entries.popleft())
        self.bell.ring()
        return entry.number

    @contextmanager
    def chain(self) -> Iterator[int]:
        """What is noted inside belongs together: what a person does, and the changes and envelopes that come of it.

        Holds for what is called inside and for tasks that are started there. Within another one of this journal, it is
        that one.
        """
        occasion = _CHAIN.get()
        if occasion is not None and occasion[0] is self:
            yield occasion[1]
            return
        self._chains += 1
        token = _CHAIN.set((self, self._chains))
        try:
            yield self._chains
        finally:
            _CHAIN.reset(token)

    def close(self) -> None:
        """Let followers come to their end. What is noted after that is kept, and nobody waits for it."""
        self._is_closed = True
        self.bell.ring()

    # Reading

    def search(
        self,
        *,
        kind: str | Collection[str] = (),
        app_id: str = "",
        subject: str = "",
        text: str = "",
        envelope_id: str = "",
        connection: str = "",
        chain: int = 0,
        since: int = 0,
        until: int | None = None,
        limit: int | None = None,
        latest: bool = False,
    ) -> list[Entry]:
        """The entries that fit, oldest first; what can be asked for is `Query`'s.

        The first `limit` of them, or with `latest` the last `limit`. To read on, `since` is the last number seen.
        """
        query = Query(
            kind=kind,
            app_id=app_id,
            subject=subject,
            text=text,
            envelope_id=envelope_id,
            connection=connection,
            chain=chain,
            since=since,
            until=until,
        )
        return query.select(self._entries, limit=limit, latest=latest)

    def follow(self, since: int = 0, query: Query | None = None) -> Follower:
        """Entries above `since` that fit, as they are and as they come; `since=journal.last` for the new ones only."""
        return Follower(self, query or Query(), since)

    def trail(self, number: int) -> list[Entry]:
        """What belongs to the entry of that number, from the person's action to the app's last call; see `trail`."""
        return trail(self, number)

    def conversation(
        self, *, since: int = 0, limit: int = 200, width: int = 120, details: bool = False, zone: tzinfo | None = None
    ) -> str:
        """What was said, for people to read; see `conversation`."""
        shown = [entry for entry in self._entries if entry.number > since]
        gone = self.dropped if since < self.first else 0
        return conversation(shown, names=self.names, limit=limit, width=width, details=details, zone=zone, dropped=gone)

    # Taking it along

    def to_lines(self) -> Iterator[str]:
        """The journal as it stands, as JSON lines without their line ends; see `lines`."""
        return lines.to_lines(tuple(self._entries), dropped=self.dropped, names=self.names)

    def export(self, target: str | Path | TextIO) -> int:
        """Write it to a file, or to something that takes text; how many entries. `OSError` as `open` raises it."""
        return lines.write(self.to_lines(), target)


def _clean(name: str) -> str:
    return name if _HARMLESS.fullmatch(name) else mask_text(name)[:_LONGEST_NAME]


def _size(entry: Entry) -> int:
    return len(entry.raw) + len(entry.subject) + len(entry.envelope_id) + _OVERHEAD
