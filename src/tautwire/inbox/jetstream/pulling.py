"""Deliveries: what a consumer has for us, and what we say about each."""

from __future__ import annotations

import asyncio
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from tautwire.errors import InboxError, InboxUnavailableError
from tautwire.inbox.jetstream.rooms import Kept, kept

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine, Sequence
    from typing import Any

    from tautwire.clock import Clock
    from tautwire.inbox.jetstream.broker import Broker
    from tautwire.inbox.jetstream.link import Answer, Flow

__all__ = ["Delivery", "Puller"]

#: Seconds beyond those that the server was asked to wait, for its answer.
_GRACE: Final = 2.0
#: Seconds between two signs of life while a fetch waits, and what they are called.
_BEAT: Final = 2.5
_BEATS: Final = "100"
#: Seconds after its commit within which a consumer has noticed a message.
_NOTICE: Final = 0.05
_ACK: Final = b"+ACK"
_PROGRESS: Final = b"+WPI"
#: Seconds until somebody else may try to read what this version cannot.
_UNREADABLE: Final = 10.0
#: What the server says when there is nothing (more): nothing there, time over.
_NOTHING: Final = frozenset({"404", "408"})


@dataclass(frozen=True, slots=True)
class Delivery:
    """A message that is ours to settle. `count` is how often it was delivered; `token` is where to say what."""

    kept: Kept
    token: str
    count: int


class Puller:
    """Fetches from one consumer."""

    def __init__(
        self,
        broker: Broker,
        stream: str,
        consumer: str,
        clock: Clock,
        spawn: Callable[[Coroutine[Any, Any, None]], asyncio.Task[None]],
        on_broken: Callable[[], None],
    ) -> None:
        self._broker, self._ask = broker, f"CONSUMER.MSG.NEXT.{stream}.{consumer}"
        self._clock, self._spawn, self._on_broken = clock, spawn, on_broken
        self._seen = self._stored = 0
        self._stored_at = 0.0

    async def fetch(self, limit: int, wait: float) -> Sequence[Delivery]:
        """Up to `limit` that are there; without any, the first that comes within `wait` seconds.

        Raises:
            InboxUnavailableError: the broker is away.
        """
        found = await self._pull({"batch": limit, "no_wait": True}, 0.0, limit)
        wait = max(wait, self._noticing)
        if not found and wait > 0:
            found = await self._pull({"batch": 1, "expires": int(wait * 1e9)}, wait, 1)
        self._seen = max([self._seen, *(each.kept.seq for each in found)])
        return found

    def expect(self, seq: int) -> None:
        """A message was stored at `seq`, and the consumer may not have noticed it yet."""
        self._stored, self._stored_at = max(self._stored, seq), self._clock.monotonic()

    @property
    def _noticing(self) -> float:
        """Seconds for which it may still come, unasked."""
        is_seen = self._seen >= self._stored
        return 0.0 if is_seen else max(0.0, self._stored_at + _NOTICE - self._clock.monotonic())

    async def _pull(self, body: dict[str, Any], wait: float, limit: int) -> list[Delivery]:
        patience = wait + _GRACE
        if wait > 2 * _BEAT:  # Nobody says so when the leader of the consumer dies, and its questions with it.
            body, patience = body | {"idle_heartbeat": int(_BEAT * 1e9)}, 2 * _BEAT + _GRACE
        flow = await self._asked(body)
        found: list[Delivery] = []
        try:
            await self._collect(flow, found, limit, patience)
            await flow.end()
        except InboxUnavailableError:
            self._spawn(self._give_back(flow, []))
            if not found:
                raise
            return found
        except BaseException:
            self._spawn(self._give_back(flow, found))
            raise
        return found

    async def _asked(self, body: dict[str, Any]) -> Flow:
        asking = asyncio.create_task(self._broker.flow(self._ask, body))
        try:
            return await asyncio.shield(asking)
        except asyncio.CancelledError:
            self._spawn(self._unask(asking))
            raise

    async def _unask(self, asking: asyncio.Task[Flow]) -> None:
        await self._give_back(await asking, [])

    async def _collect(self, flow: Flow, found: list[Delivery], limit: int, patience: float) -> None:
        while limit:
            answer = await flow.next(patience)
            if answer.status in _NOTHING:
                return
            if answer.status and answer.status != _BEATS:
                self._on_broken()
                said = answer.headers.get("Description", "").partition("\n")[0]  # nats-py takes the rest for it, too
                raise InboxUnavailableError(f"NATS has broken off a fetch: {answer.status} {said}".strip())
            if not answer.status:
                limit -= 1
                self._add(answer, found)

    def _add(self, answer: Answer, found: list[Delivery]) -> None:
        try:
            found.append(_delivery(answer))
        except InboxError:  # A newer version may be at work beside us, and can read it.
            self._spawn(self.nak(answer.reply, _UNREADABLE))

    async def _give_back(self, flow: Flow, found: Sequence[Delivery]) -> None:
        """Nobody waits any more for what came, or is on its way."""
        tokens = [each.token for each in found]
        tokens += [answer.reply async for answer in flow.rest() if not answer.status]
        for token in tokens:
            await self.nak(token)

    async def ack(self, token: str) -> None:
        """It has ended. Unheard, it comes again, and its note says that it has ended."""
        await self._say(token, _ACK)

    async def nak(self, token: str, delay: float = 0.0) -> None:
        """It is to be delivered again, after `delay` seconds. Unheard, that happens when its lease ends."""
        how = json.dumps({"delay": int(delay * 1e9)}) if delay > 0 else ""
        await self._say(token, f"-NAK {how}".rstrip().encode())

    async def progress(self, token: str) -> None:
        """It is worked on: its time begins anew."""
        await self._say(token, _PROGRESS)

    async def _say(self, token: str, what: bytes) -> None:
        try:
            await self._broker.request(token, what)
        except InboxError:
            return


def _delivery(answer: Answer) -> Delivery:
    # $JS.ACK.<stream>.<consumer>.<count>.<seq>.<consumer seq>.<nanoseconds>.<pending>; longer ones have the domain and
    # the account before the stream.
    count, seq, _, nanoseconds, *_ = answer.reply.split(".")[4 if answer.reply.count(".") == 8 else 6 :]
    at = int(nanoseconds) / 1e9
    return Delivery(kept(answer.subject, int(seq), dict(answer.headers), answer.data, at), answer.reply, int(count))
