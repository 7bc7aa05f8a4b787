"""A connection that is always made again, and JetStream's answers as values and errors of ours."""

from __future__ import annotations

import asyncio
import json
import random
from typing import TYPE_CHECKING, Any, Final

from tautwire.errors import InboxError, InboxFullError, InboxUnavailableError
from tautwire.inbox.jetstream.link import Link

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from tautwire.clock import Clock
    from tautwire.inbox.jetstream.identity import Identity
    from tautwire.inbox.jetstream.link import Answer, Flow
    from tautwire.secret import Secret

__all__ = ["ANSWER_SECONDS", "NO_JETSTREAM", "ApiError", "Broker", "WrongSequenceError"]

#: Seconds that one answer may take, a commit of a majority of servers included. Slack waits for 3 s in all.
ANSWER_SECONDS: Final = 2.0
#: Seconds that making a connection may take, and the longest pause between two tries.
_CONNECT_SECONDS: Final = 3.0
_LONGEST_PAUSE: Final = 2.0

_WRONG_SEQUENCE: Final = frozenset({10071, 10164})
_NO_MESSAGE: Final = 10037
_UNAVAILABLE: Final = 503
#: JetStream is not on, for the account or at all.
NO_JETSTREAM: Final = frozenset({10039, 10076})


class ApiError(InboxError):
    """JetStream said no. `code` is its number for why."""

    def __init__(self, message: str, code: int) -> None:
        super().__init__(message)
        self.code = code


class WrongSequenceError(ApiError):
    """Somebody else was first."""


class Broker:
    """Connected to one of the servers, or about to be."""

    def __init__(
        self, urls: Sequence[Secret], identity: Identity, clock: Clock, on_link: Callable[[Link], Any]
    ) -> None:
        self._urls, self._identity, self._clock, self._on_link = urls, identity, clock, on_link
        self._link: Link | None = None
        self._is_linked = asyncio.Event()
        self._keeping: asyncio.Task[None] | None = None
        self._probing: asyncio.Task[None] | None = None
        self._turn = random.randrange(len(urls))  # noqa: S311  # spreads clients, no secret
        #: How often the connection was lost.
        self.losses = 0

    async def open(self) -> Link:
        """Connect for the first time; from then on the connection is kept.

        Raises:
            InboxUnavailableError: no server can be reached.
            InboxError: none lets us in.
        """
        trouble: InboxError | None = None
        for _ in self._urls:
            try:
                link = await self._connect()
            except InboxError as error:
                trouble = trouble if trouble and not isinstance(trouble, InboxUnavailableError) else error
            else:
                self._keeping = asyncio.create_task(self._keep(link), name="tautwire-nats")
                return link
        raise trouble or InboxUnavailableError("no NATS server can be reached")

    async def close(self) -> None:
        """Let go."""
        for task in (self._keeping, self._probing):
            if task is not None:
                task.cancel()
                await asyncio.wait({task})
        self._keeping = None
        link, self._link = self._link, None
        self._is_linked.clear()
        if link is not None:
            await link.close()

    async def link(self, seconds: float = ANSWER_SECONDS) -> Link:
        """The connection, waited for.

        Raises:
            InboxUnavailableError: there is none in time.
        """
        await self._clock.wait(self._is_linked, seconds)
        return self._linked()

    async def request(
        self, subject: str, data: bytes = b"", headers: dict[str, str] | None = None, seconds: float = ANSWER_SECONDS
    ) -> Answer:
        """As `Link.request`; the time for a new connection is within `seconds`."""
        began = self._clock.monotonic()
        link = self._link or await self.link(seconds)
        try:
            return await link.request(subject, data, headers, seconds - (self._clock.monotonic() - began))
        except InboxUnavailableError:
            self._doubt(link)
            raise

    async def api(
        self, what: str, body: dict[str, Any] | None = None, seconds: float = ANSWER_SECONDS
    ) -> dict[str, Any]:
        """One of JetStream's own questions.

        Raises:
            ApiError: it said no.
        """
        data = b"" if body is None else json.dumps(body).encode()
        return _said((await self.request(f"$JS.API.{what}", data, seconds=seconds)).data)

    async def find(self, stream: str, body: dict[str, Any]) -> dict[str, Any] | None:
        """A message of a stream as its leader has it, or none."""
        try:
            found: dict[str, Any] = (await self.api(f"STREAM.MSG.GET.{stream}", body))["message"]
        except ApiError as error:
            if error.code == _NO_MESSAGE:
                return None
            raise
        return found

    async def store(self, subject: str, data: bytes, headers: dict[str, str]) -> tuple[int, bool]:
        """Publish to a stream; its place there, and whether it was there before. Back when it is committed.

        Raises:
            WrongSequenceError: the condition in the headers is not met.
            InboxFullError: the stream's bound is reached.
        """
        said = _said((await self.request(subject, data, headers)).data)
        return int(said["seq"]), bool(said.get("duplicate"))

    async def flow(self, ask: str, body: dict[str, Any]) -> Flow:
        """As `Link.flow`."""
        link = self._link or await self.link()
        return await link.flow(ask=f"$JS.API.{ask}", data=json.dumps(body).encode())

    async def max_payload(self) -> int:
        """Bytes of the largest message that the server takes."""
        link = self._link or await self.link()
        return link.max_payload

    async def say(self, subject: str) -> None:
        """Tell whoever listens now; nothing is stored, and nobody may hear it."""
        if self._link is not None:
            await self._link.publish(subject, b"")

    # Inside.

    def _linked(self) -> Link:
        if self._link is None:
            raise InboxUnavailableError("there is no connection to NATS")
        return self._link

    async def _connect(self) -> Link:
        url = self._urls[self._turn % len(self._urls)]
        self._turn += 1
        link = await Link.open(url.reveal(), self._identity, _CONNECT_SECONDS)
        try:
            await self._on_link(link)
        except BaseException:
            await link.close()
            raise
        self._link = link
        self._is_linked.set()
        return link

    async def _keep(self, link: Link) -> None:
        while True:
            await asyncio.wait({link.lost})
            self.losses += 1
            self._link = None
            self._is_linked.clear()
            await link.close()
            link = await self._again()

    async def _again(self) -> Link:
        pause = 0.0
        while True:
            try:
                return await self._connect()
            except InboxError:
                pause = min(_LONGEST_PAUSE, max(0.05, 2 * pause))
                await self._clock.sleep(random.uniform(pause / 2, pause))  # noqa: S311  # spreads clients, no secret

    def _doubt(self, link: Link) -> None:
        """It has not answered: look whether it is there at all, and go elsewhere if not."""
        if self._probing is None or self._probing.done():
            self._probing = asyncio.create_task(self._probe(link), name="tautwire-nats-probe")

    async def _probe(self, link: Link) -> None:
        if not await link.is_alive(ANSWER_SECONDS):
            await link.close()


def _said(data: bytes) -> dict[str, Any]:
    said: dict[str, Any] = json.loads(data or b"{}")
    error = said.get("error")
    if error is None:
        return said
    code, text = int(error.get("err_code", 0)), str(error.get("description", ""))
    if code in _WRONG_SEQUENCE:
        raise WrongSequenceError("somebody else was first", code)
    if "maximum messages" in text or "maximum bytes" in text:
        raise InboxFullError("the inbox is full: its bound on NATS is reached")
    if int(error.get("code", 0)) == _UNAVAILABLE and code not in NO_JETSTREAM:
        raise InboxUnavailableError(f"NATS cannot do this now: {text}")
    raise ApiError(f"NATS says: {text}", code)
