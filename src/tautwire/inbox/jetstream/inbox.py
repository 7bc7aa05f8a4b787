"""`JetStreamInbox`: an inbox on NATS, for any number of processes on any number of machines."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Final

from tautwire.clock import SYSTEM_CLOCK, Clock
from tautwire.errors import ConfigurationError, InboxError, InboxUnavailableError
from tautwire.inbox.api import Inbox, Lease, Placed, Record, Recovery, State, Stats, Stored
from tautwire.inbox.jetstream.broker import ANSWER_SECONDS
from tautwire.inbox.jetstream.identity import Identity, addresses, shown
from tautwire.inbox.jetstream.monitor import checked_monitors, sync_notices
from tautwire.inbox.jetstream.names import Names
from tautwire.inbox.jetstream.parts import FETCH_SECONDS, Parts
from tautwire.inbox.jetstream.settings import OLDEST_SERVER, Settings
from tautwire.inbox.rules import KEEP_SECONDS, LEASE_SECONDS, MAX_WAITING, checked, has_to_be_ended, is_positive
from tautwire.secret import Secret

if TYPE_CHECKING:
    import os
    import ssl
    from collections.abc import Sequence
    from typing import Self


__all__ = ["JetStreamInbox"]

#: Bytes of what waits, on each server that has a copy.
MAX_BYTES: Final = 1 << 30
#: Seconds that a claim waits for what was given back before it.
_SETTLED: Final = 1.0
#: Seconds that a claim goes on looking beyond its time, or after the first lease, past records that have to wait.
_LATEST: Final = 0.5


class JetStreamInbox(Inbox):
    """An inbox on NATS, for any number of processes: `JetStreamInbox("nats://one:4222,nats://two:4222")`.

    A `put` comes back when most of the servers that keep it have it (with `sync_interval: always`: on their disks).
    Everybody who gives the same `name` shares the inbox. Leases are timed by the servers; a process whose clock is
    wrong takes none away from another. Only what is replayed loses its place in its group: it comes last.

    The streams and consumers are made by whoever opens the inbox first, and looked at by everybody else: settings that
    cannot keep the promise are refused, doubtful ones are told in `Recovery.notices`.

    Args:
        servers: addresses, in one text with commas or in a list: `nats://`, `tls://`, `ws://`, `wss://`. They may hold
            a user and password, or a token; none of that is ever shown.
        name: of the inbox; streams and subjects begin with it.
        replicas: how many servers keep each message. Three survive the loss of one; one needs no cluster.
        max_waiting: records that have not ended, at most; a `put` beyond that raises `InboxFullError`.
        max_bytes: the same in bytes. The servers reserve that much of their disks.
        keep_seconds: how long the key of a record is kept after it has ended; a day at least. On each server
            that has a copy it takes some 350 bytes of disk and up to 2 kB of memory, measured over 28,000.
        lease_seconds: how long a lease lasts that nobody extends; the same for everybody who shares the inbox.
        monitor: monitoring addresses of the servers (`http://host:8222`). Only there can be seen whether they sync each
            write; without, a notice says so.
        user, password, token: what proves who we are, if not the address.
        credentials: the path of a credentials file (JWT and seed).
        nkey: the path of a file with an NKEY seed.
        tls: for authorities or certificates of one's own. TLS is always verified.
        is_visitor: look at an inbox that others work with: only what is for people can be called; nothing is made.
        clock: where time comes from.

    Raises:
        ConfigurationError: an option that cannot be.
    """

    def __init__(
        self,
        servers: str | Sequence[str],
        *,
        name: str = "tautwire",
        replicas: int = 3,
        max_waiting: int = MAX_WAITING,
        max_bytes: int = MAX_BYTES,
        keep_seconds: float = KEEP_SECONDS,
        lease_seconds: float = LEASE_SECONDS,
        monitor: str | Sequence[str] = (),
        user: str = "",
        password: str | Secret = "",
        token: str | Secret = "",
        credentials: str | os.PathLike[str] | None = None,
        nkey: str | os.PathLike[str] | None = None,
        tls: ssl.SSLContext | None = None,
        is_visitor: bool = False,
        clock: Clock = SYSTEM_CLOCK,
    ) -> None:
        is_positive(replicas=replicas, max_waiting=max_waiting, max_bytes=max_bytes, lease_seconds=lease_seconds)
        if not keep_seconds >= KEEP_SECONDS:
            raise ConfigurationError(f"keep_seconds is {keep_seconds!r}; it must be a day ({KEEP_SECONDS:.0f}) or more")
        self._urls = addresses(servers)
        self._monitors = checked_monitors(monitor)
        self._identity = Identity(
            user=user, password=_secret(password), token=_secret(token), credentials=credentials, nkey=nkey, tls=tls
        )
        self._identity.check()
        self._settings = Settings(
            names=Names(name),
            replicas=replicas,
            max_waiting=max_waiting,
            max_bytes=max_bytes,
            lease_seconds=lease_seconds,
        )
        self._keep_seconds, self._is_visitor, self._clock = keep_seconds, is_visitor, clock
        self._parts: Parts | None = None
        self._closing: asyncio.Task[None] | None = None

    def __repr__(self) -> str:
        servers = ",".join(shown(url) for url in self._urls)
        return f"<JetStreamInbox {self._settings.names.name} on {servers}>"

    @property
    def name(self) -> str:
        """What it is called on the broker; others with this name are the same inbox."""
        return self._settings.names.name

    @property
    def lease_seconds(self) -> float:
        """See `Inbox`."""
        return self._settings.lease_seconds

    async def __aenter__(self) -> Self:
        await self.open()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    async def open(self) -> Recovery:
        """See `Inbox`."""
        if self._closing is not None:
            await asyncio.wait({self._closing})
        if self._parts is not None:
            raise InboxError("the inbox is open already")
        parts = self._parts = Parts(self._urls, self._identity, self._settings, self._keep_seconds, self._clock)
        try:
            link = await parts.broker.open()
            if link.version < OLDEST_SERVER:
                oldest, found = (".".join(map(str, each)) for each in (OLDEST_SERVER, link.version))
                raise InboxError(f"this NATS is of version {found}; the inbox needs {oldest} or newer")
            notices = await parts.streams.ready(is_visitor=self._is_visitor)
            notices += [] if self._is_visitor else await sync_notices(self._monitors)
            sizes = await parts.streams.sizes()
        except BaseException:
            await self.close()
            raise
        if not self._is_visitor:
            parts.begin()
        return Recovery(waiting=sizes.work, notices=tuple(notices))

    async def close(self) -> None:
        """See `Inbox`."""
        parts, self._parts = self._parts, None
        if parts is not None:
            self._closing = asyncio.create_task(parts.close(), name="tautwire-nats-close")
        if self._closing is not None:
            await asyncio.shield(self._closing)

    # For the receiver

    async def put(self, record: Record, *, owner: str = "") -> Placed:
        """See `Inbox`."""
        checked(record, owner)
        parts = self._owned()
        try:
            async with asyncio.timeout(ANSWER_SECONDS):
                return await parts.jobs.whole(parts.putting.put(record, owner), parts.take_back)
        except TimeoutError:
            raise InboxUnavailableError(f"NATS has not stored a record within {ANSWER_SECONDS:g} s") from None

    async def acked(self, which: str) -> None:
        """See `Inbox`."""
        parts = self._owned()
        await parts.jobs.whole(parts.putting.acked(which))

    # For the dispatcher

    async def claim(self, owner: str, *, limit: int = 1, wait: float = 0.0) -> Sequence[Lease]:
        """See `Inbox`."""
        parts = self._owned()
        until = self._clock.monotonic() + wait
        leases: list[Lease] = []
        await parts.jobs.settled(_SETTLED)
        while len(leases) < limit:
            rest = 0.0 if leases else min(FETCH_SECONDS, until - self._clock.monotonic())
            found = await self._fetch(parts, owner, limit - len(leases), rest, leases)
            late = self._clock.monotonic() - until
            # There may be no end of those that have to wait for their turn.
            if late >= _LATEST or (not found and (leases or late >= 0.0)):
                break
            until = until if not leases else min(until, self._clock.monotonic())
        return leases

    async def _fetch(self, parts: Parts, owner: str, limit: int, wait: float, leases: list[Lease]) -> bool:
        """Fetch once, and add what can be leased; whether there was anything. Cancelled, all of it goes back."""
        try:
            deliveries = await parts.workers.fetch(limit, wait)
            if deliveries:
                leases += await parts.jobs.whole(parts.leasing.begin(owner, deliveries), parts.give_back)
        except asyncio.CancelledError:
            parts.jobs.spawn(parts.give_back(leases))
            raise
        except InboxError:
            if not leases:
                self._opened()
                raise
            return False
        return bool(deliveries)

    async def extend(self, lease: Lease) -> Lease:
        """See `Inbox`."""
        parts = self._owned()
        return await parts.jobs.whole(parts.settling.extend(lease))

    async def done(self, lease: Lease) -> None:
        """See `Inbox`."""
        parts = self._owned()
        await parts.jobs.whole(parts.settling.done(lease))

    async def retry(self, lease: Lease, *, delay: float, error: str) -> None:
        """See `Inbox`."""
        parts = self._owned()
        await parts.jobs.whole(parts.settling.retry(lease, delay, error))

    async def release(self, lease: Lease) -> None:
        """See `Inbox`."""
        parts = self._owned()
        await parts.jobs.whole(parts.settling.release(lease))

    async def bury(self, lease: Lease, *, error: str) -> None:
        """See `Inbox`."""
        parts = self._owned()
        await parts.jobs.whole(parts.settling.bury(lease, error))

    # For people

    async def stats(self) -> Stats:
        """See `Inbox`."""
        return await self._opened().people.stats()

    async def list(self, state: State, *, limit: int = 50, after: str = "") -> Sequence[Stored]:
        """See `Inbox`."""
        return await self._opened().people.list(state, limit=limit, after=after)

    async def show(self, which: str) -> Stored | None:
        """See `Inbox`."""
        return await self._opened().people.show(which)

    async def replay(self, ids: Sequence[str] | None = None) -> int:
        """See `Inbox`."""
        parts = self._opened()
        return await parts.jobs.whole(parts.people.replay(ids))

    async def give_up(self, ids: Sequence[str], *, error: str) -> int:
        """See `Inbox`."""
        parts = self._opened()
        return await parts.jobs.whole(parts.people.give_up(ids, error))

    async def purge(self, state: State, *, older_than: float = 0.0) -> int:
        """See `Inbox`."""
        has_to_be_ended(state)
        parts = self._opened()
        return await parts.jobs.whole(parts.people.purge(state, older_than))

    # Inside

    def _opened(self) -> Parts:
        if self._parts is None:
            raise InboxError("the inbox is not open")
        return self._parts

    def _owned(self) -> Parts:
        if self._is_visitor:
            raise InboxError("a visitor may look, replay, give up and purge; the rest is for whoever owns the inbox")
        return self._opened()


def _secret(text: str | Secret) -> Secret:
    return text if isinstance(text, Secret) else Secret(text)
