"""`SqliteInbox`: an inbox in a file."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Final, Literal, TypeVar

from tautwire.clock import SYSTEM_CLOCK, Clock
from tautwire.errors import ConfigurationError, InboxError, LeaseLostError
from tautwire.inbox.api import Inbox, Lease, Placed, Record, Recovery, State, Stats, Stored
from tautwire.inbox.bell import Bell
from tautwire.inbox.rules import KEEP_SECONDS, LEASE_SECONDS, MAX_WAITING, checked, has_to_be_ended, is_positive
from tautwire.inbox.sqlite import leasing, leaving, people, putting
from tautwire.inbox.sqlite.database import Database
from tautwire.inbox.sqlite.manners import Manners
from tautwire.inbox.sqlite.notes import Notes
from tautwire.inbox.sqlite.putting import Bounds
from tautwire.inbox.sqlite.schema import PAGE
from tautwire.inbox.sqlite.tidying import Tidying
from tautwire.inbox.sqlite.writer import Writer
from tautwire.inbox.steady import Steady

if TYPE_CHECKING:
    import os
    import sqlite3
    from collections.abc import Callable, Sequence
    from typing import Self

__all__ = ["SqliteInbox"]

R = TypeVar("R")

#: Bytes of the file. A record that is done takes some 210 of them for its day: this is a day of a hundred a second.
MAX_BYTES: Final = 2 << 30
#: Seconds after which one who waits looks for what a visitor may have replayed.
_POLL: Final = 1.0


class SqliteInbox(Inbox):
    """An inbox in a file of this machine, for one process: `SqliteInbox("events.db")`.

    A `put` comes back when its transaction is on the disk (`synchronous=FULL`, which is read back); puts that come
    meanwhile share the next one. The file is readable for its owner alone (mode 0600), and so are the `-wal`, `-shm`
    and `.lock` beside it; all of them belong on a local disk.

    Args:
        path: the file; its folder has to exist. It is made if it does not.
        max_waiting: records that have not ended, at most; a `put` beyond that raises `InboxFullError`.
        max_bytes: the same for the size of the file, without its log.
        keep_seconds: how long the key of a record is kept after it is done; a day at least. While the file has less
            than a fifth of its bytes left, it is an hour, so that what is new has room.
        keep_payload: whether payloads stay for that long, too. Without it they are overwritten when the record is done,
            and are gone from the log with its next turn.
        lease_seconds: how long a lease lasts that nobody extends.
        if_damaged: `"set aside"` keeps a damaged file under another name, begins a new one and says so in
            `Recovery.notices`; `"refuse"` raises. Neither ever writes to it.
        is_visitor: look at an inbox that another process has (or none): only what is for people can be called.
        clock: where time comes from.

    Raises:
        ConfigurationError: an option that cannot be.
    """

    def __init__(
        self,
        path: str | os.PathLike[str],
        *,
        max_waiting: int = MAX_WAITING,
        max_bytes: int = MAX_BYTES,
        keep_seconds: float = KEEP_SECONDS,
        keep_payload: bool = False,
        lease_seconds: float = LEASE_SECONDS,
        if_damaged: Literal["set aside", "refuse"] = "set aside",
        is_visitor: bool = False,
        clock: Clock = SYSTEM_CLOCK,
    ) -> None:
        is_positive(max_waiting=max_waiting, max_bytes=max_bytes, lease_seconds=lease_seconds)
        if not keep_seconds >= KEEP_SECONDS:
            raise ConfigurationError(f"keep_seconds is {keep_seconds!r}; it must be a day ({KEEP_SECONDS:.0f}) or more")
        if if_damaged not in {"set aside", "refuse"}:
            raise ConfigurationError(f"if_damaged is {if_damaged!r}; it can be 'set aside' or 'refuse'")
        if str(path) == ":memory:":
            raise ConfigurationError("an inbox has to survive its process: name a file")
        self.path = Path(path)
        self._lease_seconds, self._keep_payload, self._is_visitor = lease_seconds, keep_payload, is_visitor
        self._keeps_damaged = if_damaged == "set aside"
        self._bounds = Bounds(max_waiting, max_bytes // PAGE)
        self._keep_seconds, self._clock = keep_seconds, clock
        self._steady = Steady(clock)
        self._bell = Bell(clock)
        self._manners = Manners(clock)
        self._writer: Writer | None = None

    def __repr__(self) -> str:
        return f"<SqliteInbox {self.path}>"

    @property
    def lease_seconds(self) -> float:
        """See `Inbox`."""
        return self._lease_seconds

    async def __aenter__(self) -> Self:
        await self.open()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    async def open(self) -> Recovery:
        """See `Inbox`."""
        if self._writer is not None:
            if self._writer.is_taking:
                raise InboxError("the inbox is open already")
            await self._writer.stop()  # Somebody was cancelled while it closed.
        self._steady = Steady(self._clock)
        database = Database(self.path, self._clock, is_visitor=self._is_visitor, keeps_damaged=self._keeps_damaged)
        self._writer = writer = Writer(database, self._clock, None if self._is_visitor else self._chore())
        found = await writer.start(self._recover, is_look=self._is_visitor)
        return replace(found, notices=tuple(database.notices))

    def _chore(self) -> Callable[[sqlite3.Connection, int], None]:
        tidying = Tidying(self._steady.now, self._keep_seconds, self._bounds.pages)
        notes = Notes(self._steady.now, self._bounds.records, self._slowest_commit)

        def do(db: sqlite3.Connection, jobs: int) -> None:
            tidying(db, jobs)
            notes(db)

        return do

    def _slowest_commit(self) -> float:
        return max(self._opened().commits, default=0.0)

    def _recover(self, db: sqlite3.Connection) -> Recovery:
        now = self._steady.now()
        freed, buried = (0, 0) if self._is_visitor else leaving.recover(db, now)
        stats = people.stats(db, now=now)
        return Recovery(waiting=stats.waiting + stats.delayed, freed=freed, buried=buried)

    async def close(self) -> None:
        """See `Inbox`."""
        writer = self._writer
        if writer is not None:
            self._bell.ring()
            await writer.stop()
            if self._writer is writer:
                self._writer = None

    # For the receiver

    async def put(self, record: Record, *, owner: str = "") -> Placed:
        """See `Inbox`."""
        checked(record, owner)
        placed = await self._owned().do_with(self._put, (record, owner), self._take_back)
        if placed.lease is None and not placed.is_duplicate:
            self._bell.ring()
        return placed

    def _put(self, db: sqlite3.Connection, wanted: Sequence[tuple[Record, str]]) -> Sequence[Placed | InboxError]:
        return putting.put(db, wanted, now=self._steady.now(), seconds=self._lease_seconds, bounds=self._bounds)

    def _take_back(self, placed: Placed) -> None:
        self._give_back([placed.lease] if placed.lease else [])

    async def acked(self, which: str) -> None:
        """See `Inbox`."""
        if await self._owned().do(lambda db: putting.acked(db, which, now=self._steady.now())):
            self._bell.ring()

    # For the dispatcher

    async def claim(self, owner: str, *, limit: int = 1, wait: float = 0.0) -> Sequence[Lease]:
        """See `Inbox`."""
        until = self._steady.now() + wait
        while limit > 0:
            rung = self._bell.listen()
            leases, moment = await self._owned().do(
                lambda db: self._claim(db, owner, limit), lambda found: self._give_back(found[0])
            )
            now = self._steady.now()
            if leases or now >= until:
                return leases
            if moment > now:
                await self._bell.wait(rung, min(until, moment, now + _POLL) - now)
        return []

    def _claim(self, db: sqlite3.Connection, owner: str, limit: int) -> tuple[list[Lease], float]:
        leases = leasing.claim(db, owner, limit=limit, seconds=self._lease_seconds, now=self._steady.now())
        return leases, leasing.next_moment(db)

    async def extend(self, lease: Lease) -> Lease:
        """See `Inbox`."""
        until = self._steady.now() + self._lease_seconds
        await self._owned().do(lambda db: leasing.extend(db, lease, until=until))
        return replace(lease, until=until)

    async def done(self, lease: Lease) -> None:
        """See `Inbox`."""
        await self._owned().do_with(self._done, lease, is_patient=True)
        if lease.record.group:
            self._bell.ring()

    def _done(self, db: sqlite3.Connection, leases: Sequence[Lease]) -> Sequence[LeaseLostError | None]:
        return leasing.done(db, leases, now=self._steady.now(), keep_payload=self._keep_payload)

    async def retry(self, lease: Lease, *, delay: float, error: str) -> None:
        """See `Inbox`."""
        await self._settle(lease, partial(leasing.retry, delay=delay, error=error))

    async def release(self, lease: Lease) -> None:
        """See `Inbox`."""
        await self._settle(lease, leasing.release)

    async def bury(self, lease: Lease, *, error: str) -> None:
        """See `Inbox`."""
        await self._settle(lease, partial(leasing.bury, error=error))

    # For people

    async def stats(self) -> Stats:
        """See `Inbox`. To a visitor, the bound and the commits are its owner's, as of five seconds ago."""
        if self._is_visitor:
            return await self._opened().look(lambda db: people.stats(db, now=self._steady.now()))
        return await self._opened().do(self._stats)

    def _stats(self, db: sqlite3.Connection) -> Stats:
        leaving.expire(db, self._steady.now())
        found = people.stats(db, now=self._steady.now())
        return replace(found, bound=self._bounds.records, commit_seconds=self._slowest_commit())

    async def list(self, state: State, *, limit: int = 50, after: str = "") -> Sequence[Stored]:
        """See `Inbox`."""
        return await self._opened().look(lambda db: people.list_(db, state, limit=limit, after=after))

    async def show(self, which: str) -> Stored | None:
        """See `Inbox`."""
        return await self._opened().look(lambda db: people.show(db, which))

    async def replay(self, ids: Sequence[str] | None = None) -> int:
        """See `Inbox`."""
        now = self._steady.now()
        wanted = await self._opened().look(partial(people.dead, before=now)) if ids is None else ids
        replayed = await self._in_steps(wanted, partial(people.replay, now=now))
        self._bell.ring()
        return replayed

    async def give_up(self, ids: Sequence[str], *, error: str) -> int:
        """See `Inbox`."""
        given_up = await self._in_steps(ids, partial(people.give_up, error=error, now=self._steady.now()))
        self._bell.ring()
        return given_up

    async def purge(self, state: State, *, older_than: float = 0.0) -> int:
        """See `Inbox`."""
        has_to_be_ended(state)
        purge = partial(people.purge, state=state, before=self._steady.now() - older_than)
        step, last = await self._change(partial(purge, after=0))
        purged = step
        while step:
            step, last = await self._change(partial(purge, after=last))
            purged += step
        return purged

    # Inside

    def _opened(self) -> Writer:
        if self._writer is None:
            raise InboxError("the inbox is not open")
        return self._writer

    def _owned(self) -> Writer:
        if self._is_visitor:
            raise InboxError("a visitor may look, replay, give up and purge; the rest is for whoever owns the inbox")
        return self._opened()

    async def _settle(self, lease: Lease, settle: Callable[..., None]) -> None:
        await self._owned().do(lambda db: settle(db, lease, now=self._steady.now()))
        self._bell.ring()

    async def _in_steps(self, ids: Sequence[str], change: Callable[[sqlite3.Connection, Sequence[str]], int]) -> int:
        changed = 0
        for start in range(0, len(ids), people.STEP):
            step = ids[start : start + people.STEP]
            changed += await self._change(partial(_changed, change, step))
        return changed

    async def _change(self, change: Callable[[sqlite3.Connection], R]) -> R:
        writer = self._opened()
        return await (self._manners.change(lambda: writer.do(change)) if self._is_visitor else writer.do(change))

    def _give_back(self, leases: Sequence[Lease]) -> None:
        """Nobody took them: release them."""
        if leases and self._writer is not None:
            self._writer.post(lambda db: leasing.give_back(db, leases, now=self._steady.now()), self._bell.ring)


def _changed(
    change: Callable[[sqlite3.Connection, Sequence[str]], int], ids: Sequence[str], db: sqlite3.Connection
) -> int:
    return change(db, ids)
