"""One connection to one NATS server: the thin shell around nats-py, and the only module that imports it.

It never reconnects; `broker` makes a new one. Its own errors, which may quote URLs, end here.
"""

from __future__ import annotations

import asyncio
import os
import socket
import ssl
from collections import deque
from contextlib import suppress
from dataclasses import dataclass, field
from itertools import count
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

import nats.errors
from nats.aio.client import Client

from tautwire.errors import InboxError, InboxUnavailableError

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
    from typing import Self

    from nats.aio.msg import Msg
    from nats.aio.subscription import Subscription

    from tautwire.inbox.jetstream.identity import Identity

__all__ = ["Answer", "Flow", "Link"]

#: Seconds between two pings; after three without an answer the connection is dead.
_PING: Final = 2
_PINGS: Final = 2
#: Seconds that a close may take.
_CLOSE: Final = 1.0
_NO_RESPONDERS: Final = "503"
_DENIED: Final = (
    "NATS does not let this user work with the inbox: allow it to publish $JS.API.>, $JS.ACK.> and the inbox's own"
    " subjects, and to subscribe to _INBOX.> and those"
)


@dataclass(frozen=True, slots=True)
class Answer:
    """A message, as it came."""

    subject: str
    reply: str
    headers: Mapping[str, str] = field(repr=False)
    data: bytes = field(repr=False)

    @property
    def status(self) -> str:
        """What the server says in place of a message; empty for a message."""
        return "" if self.reply else self.headers.get("Status", "")


class Link:
    """A connection. `lost` is done when it is no more."""

    def __init__(self) -> None:
        self.lost: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._client = Client()
        self._answers: dict[str, asyncio.Future[Answer]] = {}
        self._subscriptions: set[Subscription] = set()
        self._numbers = count()
        self._inbox = ""
        self._trouble: BaseException | None = None
        self._is_connecting = True

    @classmethod
    async def open(cls, url: str, identity: Identity, seconds: float) -> Self:
        """Connect.

        Raises:
            InboxUnavailableError: nobody is there, or it takes too long.
            InboxError: it does not let us in.
        """
        link = cls()
        try:
            async with asyncio.timeout(seconds):
                await link._connect(url, identity, seconds)
        except BaseException as error:
            await link.close()
            if isinstance(error, Exception):
                raise _refusal(link._trouble or error, url) from None
            raise
        return link

    async def _connect(self, url: str, identity: Identity, seconds: float) -> None:
        client = self._client
        await client.connect(
            servers=[url],
            name="tautwire",
            allow_reconnect=False,
            dont_randomize=True,
            connect_timeout=max(1, int(seconds)),
            ping_interval=_PING,
            max_outstanding_pings=_PINGS,
            error_cb=self._on_error,
            disconnected_cb=self._on_lost,
            closed_cb=self._on_lost,
            **identity.options(),
        )
        self._inbox = client.new_inbox()
        await self._subscribe(f"{self._inbox}.*", self._on_answer)
        self._is_connecting = False

    @property
    def version(self) -> tuple[int, int]:
        """The server's."""
        version = self._client.connected_server_version
        return version.major, version.minor

    @property
    def max_payload(self) -> int:
        """Bytes of the largest message that the server takes."""
        return int(self._client.max_payload)

    async def request(self, subject: str, data: bytes, headers: dict[str, str] | None, seconds: float) -> Answer:
        """Ask, and wait for the answer.

        Raises:
            InboxUnavailableError: none came in time, or nobody is there to give it. It may have been heard.
        """
        number = str(next(self._numbers))
        answer: asyncio.Future[Answer] = asyncio.get_running_loop().create_future()
        self._answers[number] = answer
        try:
            async with asyncio.timeout(seconds):
                await self.publish(subject, data, headers, reply=f"{self._inbox}.{number}")
                found = await answer
        except TimeoutError:
            raise InboxUnavailableError(f"NATS has not answered within {seconds:g} s") from None
        finally:
            self._answers.pop(number, None)
        if found.status == _NO_RESPONDERS:
            raise InboxUnavailableError("NATS has nobody for this now: JetStream, or the stream's leader, is away")
        return found

    async def publish(self, subject: str, data: bytes, headers: dict[str, str] | None = None, reply: str = "") -> None:
        """Send."""
        try:
            await self._client.publish(subject, data, reply=reply, headers=headers)
        except (nats.errors.Error, OSError):
            raise _lost() from None

    async def listen(self, subject: str, heard: Callable[[str], None]) -> None:
        """Call `heard` with the subject of each message, as long as the connection lives."""

        async def on_message(message: Msg) -> None:
            heard(message.subject)

        await self._subscribe(subject, on_message)

    async def flow(self, *, ask: str, data: bytes) -> Flow:
        """Ask for what comes in more than one message."""
        flow = Flow(self)
        flow.subscription = await self._subscribe(flow.inbox, flow.on_message)
        await self.publish(ask, data, reply=flow.inbox)
        return flow

    async def _subscribe(self, subject: str, heard: Callable[[Msg], Awaitable[None]]) -> Subscription:
        try:
            subscription = await self._client.subscribe(subject, cb=heard)
        except (nats.errors.Error, OSError):
            raise _lost() from None
        self._subscriptions.add(subscription)
        return subscription

    def forget(self, subscription: Subscription) -> None:
        """It is not needed any more, nor is what nats-py may have left running for it."""
        self._subscriptions.discard(subscription)
        subscription._stop_processing()  # noqa: SLF001  # its own close leaves that out when it fails

    def new_inbox(self) -> str:
        """A subject that nobody else listens on."""
        return self._client.new_inbox()

    async def is_alive(self, seconds: float) -> bool:
        """Whether the server answers a ping."""
        try:
            await self._client.rtt(timeout=seconds)  # type: ignore[arg-type]  # any number does
        except (nats.errors.Error, OSError, TimeoutError):
            return False
        return True

    async def close(self) -> None:
        """Let go, whatever state it is in."""
        self._say_lost()
        try:
            async with asyncio.timeout(_CLOSE):
                await self._client.close()
                await self._read_to_its_end()
        except (nats.errors.Error, OSError, TimeoutError):
            pass
        for subscription in list(self._subscriptions):
            self.forget(subscription)

    async def _read_to_its_end(self) -> None:
        """nats-py closes a connection that is lost while it reads from it, and may fail in that."""
        reading = self._client._reading_task  # noqa: SLF001
        if reading is not None:
            await asyncio.gather(reading, return_exceptions=True)

    # What nats-py calls.

    async def _on_answer(self, message: Msg) -> None:
        future = self._answers.get(message.subject.rpartition(".")[2])
        if future is not None and not future.done():
            future.set_result(answer_of(message))

    async def _on_error(self, error: Exception) -> None:
        self._trouble = self._trouble or error
        if "permissions violation" in str(error).lower():
            self._fail(InboxError(_DENIED))
        if self._is_connecting:  # Or it would try the same server again, for ever.
            raise _GivenUpError from None

    async def _on_lost(self) -> None:
        self._say_lost()

    def _say_lost(self) -> None:
        self._is_connecting = False
        if not self.lost.done():
            self.lost.set_result(None)
        self._fail(_lost())

    def _fail(self, error: InboxError) -> None:
        """Whoever waits for an answer gets none."""
        for future in self._answers.values():
            if not future.done():
                future.set_exception(error)


class Flow:
    """The answers to one question, one after the other. Left before its end, `rest` has what still came."""

    def __init__(self, link: Link) -> None:
        self.inbox = link.new_inbox()
        self.subscription: Subscription
        self._link = link
        self._came: deque[Answer] = deque()
        self._waiter: asyncio.Future[None] | None = None

    async def on_message(self, message: Msg) -> None:
        """What nats-py calls."""
        self._came.append(answer_of(message))
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_result(None)

    async def next(self, seconds: float) -> Answer:
        """The next one.

        Raises:
            InboxUnavailableError: it does not come in time, or the connection is lost.
        """
        if not self._came:
            self._waiter = waiter = asyncio.get_running_loop().create_future()
            await asyncio.wait({waiter, self._link.lost}, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
        if self._came:
            return self._came.popleft()
        raise _lost() if self._link.lost.done() else InboxUnavailableError("NATS has not answered in time")

    async def end(self) -> None:
        """Nothing more is wanted, and nothing is on its way."""
        with suppress(nats.errors.Error, OSError):
            await self.subscription.unsubscribe()
        self._link.forget(self.subscription)

    async def rest(self) -> AsyncIterator[Answer]:
        """End it, and look at what was on its way."""
        with suppress(nats.errors.Error, OSError, TimeoutError):
            async with asyncio.timeout(_CLOSE):
                await self.subscription.drain()  # type: ignore[no-untyped-call]
        self._link.forget(self.subscription)
        while self._came:
            yield self._came.popleft()


class _GivenUpError(Exception):
    """Breaks nats-py's own loop of trying."""


def answer_of(message: Msg) -> Answer:
    """A message of nats-py's."""
    return Answer(message.subject, message.reply, message.headers or {}, message.data)


def _lost() -> InboxUnavailableError:
    return InboxUnavailableError("the connection to NATS is lost")


def _refusal(error: BaseException, url: str) -> InboxError:
    where = _place(url)
    said = str(error).lower()
    if isinstance(error, nats.errors.AuthorizationError) or "authorization" in said or "authentication" in said:
        return InboxError(
            f"NATS at {where} does not know this user: check the user, password, token, credentials or NKEY"
        )
    if isinstance(error, ssl.SSLError):
        reason = getattr(error, "verify_message", "") or error.reason or "it failed"
        return InboxError(f"TLS to NATS at {where}: {reason}")
    if isinstance(error, OSError) and error.strerror:
        reason = error.strerror if isinstance(error, socket.gaierror) else os.strerror(error.errno or 0)
        return InboxUnavailableError(f"NATS at {where} cannot be reached: {reason}")
    return InboxUnavailableError(f"NATS at {where} cannot be reached ({type(error).__name__})")


def _place(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.hostname}:{parts.port or 4222}"
