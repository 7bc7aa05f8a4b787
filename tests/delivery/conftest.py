"""A dispatcher on a bench: time that only the test moves, links that keep what is sent, listeners that do as told."""

from __future__ import annotations

import asyncio
import json
from functools import partial
from typing import TYPE_CHECKING, Any, cast

import pytest
import pytest_asyncio

from processes import Process
from tautwire.delivery.dispatcher import CONCURRENCY, Dispatcher
from tautwire.delivery.policy import AckPolicy
from tautwire.engine.runner import Receipt, Received
from tautwire.errors import NotConnectedError
from tautwire.protocol.messages import Envelope

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable

    from tautwire.engine.runner import Runner


class VirtualTime:
    """The running loop's time: it stands still while anybody has something to do, then jumps to the next timer."""

    def __init__(self, patch: pytest.MonkeyPatch) -> None:
        loop: Any = asyncio.get_running_loop()
        self._now = 1000.0
        self._select = loop._selector.select
        patch.setattr(loop, "time", lambda: self._now)
        patch.setattr(loop._selector, "select", self._jump)

    def _jump(self, timeout: float | None) -> list[Any]:
        assert timeout is not None, "everybody waits, and nothing will ever happen"
        self._now += max(0.0, timeout)
        return cast("list[Any]", self._select(0))

    def monotonic(self) -> float:
        return self._now

    def wall(self) -> float:
        return 1_795_000_000.0 + self._now

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(max(0.0, seconds))

    async def wait(self, event: asyncio.Event, seconds: float) -> bool:
        try:
            async with asyncio.timeout(seconds):
                await event.wait()
        except TimeoutError:
            return event.is_set()
        return True

    async def move(self, seconds: float) -> None:
        """Let so much time pass, and what it sets off happen."""
        await asyncio.sleep(seconds)
        await self.turn()

    async def turn(self, times: int = 12) -> None:
        """Let everybody who can do something do it, in no time."""
        for _ in range(times):
            await asyncio.sleep(0)


class Link:
    """A connection as a receipt sees it."""

    def __init__(self, number: int) -> None:
        self.number = number
        self.is_open = True
        self.sent: list[str] = []
        #: Cleared, its buffer is full.
        self.flows = asyncio.Event()
        self.flows.set()
        #: What the next send comes to.
        self.trouble: BaseException | None = None

    async def send(self, text: str) -> None:
        await self.flows.wait()
        if self.trouble is not None:
            trouble, self.trouble = self.trouble, None
            raise trouble
        if not self.is_open:
            raise NotConnectedError("this connection is closed")
        self.sent.append(text)

    async def answer(self, envelope_id: str, text: str) -> None:
        assert json.loads(text)["envelope_id"] == envelope_id
        await self.send(text)

    @property
    def acked(self) -> list[str]:
        return [json.loads(text)["envelope_id"] for text in self.sent]


class Bench:
    """A dispatcher, its links (the last one is the newest), and what it says."""

    def __init__(
        self,
        time: VirtualTime,
        *,
        auto_ack: str = "events",
        ack_deadline: float = 2.5,
        concurrency: int = CONCURRENCY,
        kind: type[Dispatcher] = Dispatcher,
        policy: AckPolicy | None = None,
    ) -> None:
        self.time = time
        self.facts: list[Any] = []
        self.links: list[Link] = []
        self.waits: list[float] = []
        self.came = asyncio.Event()
        self.wants_messages = True
        self.wants_frames = True
        self.messages: list[str] = []
        self.frames: list[Any] = []
        #: The ids of what was handled, in order.
        self.handled: list[str] = []
        #: Each as a user's listener, guarded by its place.
        self.listeners: list[Callable[[Received], Any]] = []
        #: In their place: something that nobody guards.
        self.unguarded: Callable[[Received], Awaitable[None]] | None = None
        self.dispatcher = kind(
            self,
            elsewhere=self._elsewhere,
            clock=time,
            emit=self.facts.append,
            policy=policy or AckPolicy.of(auto_ack, ack_deadline),
            concurrency=concurrency,
        )
        self.link()

    # The network.

    def link(self) -> Link:
        """A new connection, ready at once."""
        self.links.append(Link(len(self.links) + 1))
        self.came.set()
        return self.links[-1]

    def cut(self) -> None:
        """Every connection is lost."""
        for link in self.links:
            link.is_open = False
        self.came.clear()

    async def _elsewhere(self, text: str, *, within: float) -> int:
        self.waits.append(within)
        if not await self.time.wait(self.came, within):
            raise NotConnectedError("no connection is open")
        await self.links[-1].send(text)
        return self.links[-1].number

    # The handler.

    async def on_envelope(self, received: Received) -> None:
        self.handled.append(received.receipt.envelope_id)
        if self.unguarded is not None:
            await self.unguarded(received)
        for place, listener in enumerate(self.listeners):
            call = partial(listener, received)
            await self.dispatcher.guard(call, f"listener {place}", received.receipt.envelope_id)

    async def on_message(self, text: str) -> None:
        self.messages.append(text)

    async def on_frame(self, frame: Any) -> None:
        self.frames.append(frame)

    # What a test does.

    def received(
        self,
        envelope_id: str,
        *,
        event_id: str | None = "Ev1",
        link: Link | None = None,
        kind: str = "events_api",
        retry: int | None = 0,
        **payload: Any,
    ) -> Received:
        """An envelope that comes in now."""
        content = {"event_id": event_id, "api_app_id": "A1", "team_id": "T1", **payload}
        envelope = Envelope(kind, envelope_id, json.dumps(content).encode(), retry_attempt=retry)
        runner = cast("Runner", link or self.links[0])
        return Received(envelope, "{}", Receipt(envelope_id, runner.number, self.time.monotonic(), runner))

    async def take(self, envelope_id: str, **how: Any) -> None:
        """Let it come in, and its listeners begin."""
        self.dispatcher.take(self.received(envelope_id, **how))
        await self.time.turn()

    async def ack(self, received: Received) -> None:
        """A listener that acks."""
        await self.dispatcher.ack(received.receipt.envelope_id)

    def of(self, kind: type) -> list[Any]:
        return [fact for fact in self.facts if isinstance(fact, kind)]

    @property
    def is_empty(self) -> bool:
        """Whether the ledger holds nothing any more."""
        ledger = self.dispatcher._ledger
        return not (ledger._by_id or ledger._by_key or ledger._due or ledger._overdue)


@pytest_asyncio.fixture
async def virtual_time(monkeypatch: pytest.MonkeyPatch) -> VirtualTime:
    return VirtualTime(monkeypatch)


@pytest.fixture
def bench(virtual_time: VirtualTime) -> Callable[..., Bench]:
    """Makes benches; to be called within the test's loop. One is drained by its test if listeners are still at it."""

    def make(**options: Any) -> Bench:
        return Bench(virtual_time, **options)

    return make


@pytest_asyncio.fixture
async def process(virtual_time: VirtualTime) -> AsyncIterator[Callable[..., Process]]:
    """Makes processes with an inbox; each is taken out of the loop at the end, dead or alive."""
    made: list[Process] = []

    def make(**options: Any) -> Process:
        made.append(Process(virtual_time, **options))
        return made[-1]

    yield make
    for each in made:
        await each.end()
