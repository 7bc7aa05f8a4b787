"""Processes that deliver with an inbox, and die at any point.

Several on one shelf, one after the other or side by side, are what is left of a machine's life. A process that is dead
goes on in the event loop, since nothing can be taken out of it, but touches nothing any more: its calls to the store,
its acks and its listeners hang for ever.
"""

from __future__ import annotations

import asyncio
import json
import random
from collections import defaultdict
from functools import partial
from typing import TYPE_CHECKING, Any, cast

from tautwire.delivery.dispatcher import CONCURRENCY
from tautwire.delivery.durable import DurableDelivery
from tautwire.delivery.group import ungrouped
from tautwire.delivery.policy import AckPolicy, StoragePolicy
from tautwire.engine.runner import Receipt, Received
from tautwire.errors import InboxError, NotConnectedError
from tautwire.inbox.memory import MemoryInbox, Shelf
from tautwire.protocol import codec
from tautwire.protocol.messages import Envelope

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from tautwire.clock import Clock
    from tautwire.inbox.api import State

__all__ = ["Process", "Store", "Wire", "frame"]


def frame(
    envelope_id: str,
    *,
    event_id: str = "Ev1",
    kind: str = "events_api",
    retry: int | None = 0,
    accepts: bool = False,
    **payload: Any,
) -> str:
    """An envelope's text."""
    content = {"event_id": event_id, "api_app_id": "A1", "team_id": "T1", **payload}
    message = {
        "type": kind,
        "envelope_id": envelope_id,
        "payload": content,
        "accepts_response_payload": accepts,
        "retry_attempt": retry,
    }
    return json.dumps(message)


async def _for_ever() -> None:
    await asyncio.Event().wait()


class Store(MemoryInbox):
    """The reference, and a door before and behind each of its calls: closed, the call waits there."""

    def __init__(self, process: Process, shelf: Shelf, clock: Clock, **options: Any) -> None:
        super().__init__(shelf=shelf, clock=clock, **options)
        self._process = process
        #: By name: `before put` and `after put`, and so on.
        self.doors: dict[str, asyncio.Event] = {}
        #: What the next calls of a name come to.
        self.troubles: defaultdict[str, list[BaseException]] = defaultdict(list)
        self.calls: list[str] = []
        #: Whether each call takes some turns of the loop, as with any store that works elsewhere.
        self.is_slow = False

    def shut(self, name: str) -> asyncio.Event:
        """Close a door; what comes back opens it when it is set."""
        self.doors[name] = asyncio.Event()
        return self.doors[name]

    def _entries(self) -> Any:
        # A claim that waits looks again and again; one of the dead finds nothing.
        if self._process.is_dead:
            raise InboxError("its process is dead")
        return super()._entries()

    async def _through(self, name: str) -> None:
        await self._process.alive()
        if self.is_slow:
            await asyncio.sleep(0)
            await asyncio.sleep(0)
        if name in self.doors:
            await self.doors[name].wait()
            await self._process.alive()

    async def _do(self, name: str, call: Callable[[], Any]) -> Any:
        self.calls.append(name)
        await self._through(f"before {name}")
        if self.troubles[name]:
            raise self.troubles[name].pop(0)
        result = await call()
        await self._through(f"after {name}")
        return result

    async def open(self) -> Any:
        return await self._do("open", super().open)

    async def close(self) -> None:
        await self._do("close", super().close)

    async def put(self, record: Any, *, owner: str = "") -> Any:
        return await self._do("put", partial(super().put, record, owner=owner))

    async def acked(self, which: str) -> None:
        await self._do("acked", partial(super().acked, which))

    async def claim(self, owner: str, *, limit: int = 1, wait: float = 0.0) -> Any:
        return await self._do("claim", partial(super().claim, owner, limit=limit, wait=wait))

    async def extend(self, lease: Any) -> Any:
        return await self._do("extend", partial(super().extend, lease))

    async def done(self, lease: Any) -> None:
        await self._do("done", partial(super().done, lease))

    async def retry(self, lease: Any, *, delay: float, error: str) -> None:
        await self._do("retry", partial(super().retry, lease, delay=delay, error=error))

    async def release(self, lease: Any) -> None:
        await self._do("release", partial(super().release, lease))

    async def bury(self, lease: Any, *, error: str) -> None:
        await self._do("bury", partial(super().bury, lease, error=error))


class Wire:
    """A connection as a receipt sees it."""

    def __init__(self, process: Process, number: int) -> None:
        self._process = process
        self.number = number
        self.is_open = True
        self.sent: list[dict[str, Any]] = []
        self.flows = asyncio.Event()
        self.flows.set()
        #: What the next send comes to.
        self.trouble: BaseException | None = None

    async def answer(self, envelope_id: str, text: str) -> None:
        await self._process.alive()
        await self.flows.wait()
        await self._process.alive()
        if self.trouble is not None:
            trouble, self.trouble = self.trouble, None
            raise trouble
        if not self.is_open:
            raise NotConnectedError("this connection is closed")
        reply = json.loads(text)
        assert reply["envelope_id"] == envelope_id
        self._process.log.append(f"ack {envelope_id}")
        self.sent.append(reply)

    @property
    def acked(self) -> list[str]:
        return [reply["envelope_id"] for reply in self.sent]


class Process:
    """One process: a delivery, its store, its connections, its listeners."""

    def __init__(
        self,
        clock: Any,
        shelf: Shelf | None = None,
        *,
        name: str = "one",
        concurrency: int = CONCURRENCY,
        auto_ack: str = "events",
        storage: StoragePolicy | None = None,
        group_of: Any = ungrouped,
        kind: type[DurableDelivery] = DurableDelivery,
        store: type[Store] = Store,
        seed: object = 0,
        handle_stored: bool = True,
        **store_options: Any,
    ) -> None:
        self.clock = clock
        self.shelf = shelf or Shelf()
        self.facts: list[Any] = []
        #: What became visible outside, in its order: acks, and listeners that begin.
        self.log: list[str] = []
        self.is_dead = False
        self.wants_messages = True
        self.wants_frames = True
        self.messages: list[str] = []
        self.frames: list[Any] = []
        self.handled: list[str] = []
        self.received: list[Received] = []
        #: Each as a user's listener, guarded by its place.
        self.listeners: list[Callable[[Received], Any]] = [lambda _: None]
        #: In their place: something that nobody guards.
        self.unguarded: Callable[[Received], Any] | None = None
        self.wires: list[Wire] = []
        self.waits: list[float] = []
        #: What was answered after the ack, and whether that can be.
        self.late_answers: list[tuple[str, Any]] = []
        self.can_answer = True
        self.came = asyncio.Event()
        self.store = store(self, self.shelf, clock, **store_options)
        self.delivery = kind(
            self,
            self.store,
            owner=name,
            elsewhere=self._elsewhere,
            clock=clock,
            chance=random.Random(f"{seed} {name}"),
            emit=self.facts.append,
            policy=AckPolicy.of(auto_ack, 2.5),
            storage=storage or StoragePolicy(),
            answers=self._answer,
            group_of=group_of,
            concurrency=concurrency,
            handle_stored=handle_stored,
        )
        self.wire()

    async def alive(self) -> None:
        """Comes back while the process lives."""
        if self.is_dead:
            await _for_ever()

    def die(self) -> None:
        """As by `kill -9`: from now on it touches nothing."""
        self.is_dead = True

    # The network.

    def wire(self) -> Wire:
        """A new connection, ready at once."""
        self.wires.append(Wire(self, len(self.wires) + 1))
        self.came.set()
        return self.wires[-1]

    def cut(self) -> None:
        """Every connection is lost."""
        for wire in self.wires:
            wire.is_open = False
        self.came.clear()

    async def _elsewhere(self, text: str, *, within: float) -> int:
        self.waits.append(within)
        if not await self.clock.wait(self.came, within):
            raise NotConnectedError("no connection is open")
        await self.wires[-1].answer(json.loads(text)["envelope_id"], text)
        return self.wires[-1].number

    async def _answer(self, record: Any, answer: Any) -> bool:
        await self.alive()
        self.late_answers.append((record.envelope_id, answer))
        return self.can_answer

    def take(self, text: str, wire: Wire | None = None) -> None:
        """An envelope comes in."""
        envelope = codec.decode(text)
        assert isinstance(envelope, Envelope)
        runner = cast("Any", wire or self.wires[0])
        receipt = Receipt(envelope.envelope_id, runner.number, self.clock.monotonic(), runner)
        self.delivery.take(Received(envelope, text, receipt))

    # The handler.

    @property
    def wants_envelopes(self) -> bool:
        return bool(self.listeners or self.unguarded)

    async def on_envelope(self, received: Received) -> None:
        await self.alive()
        envelope_id = received.receipt.envelope_id
        self.log.append(f"listener {envelope_id}")
        self.handled.append(envelope_id)
        self.received.append(received)
        if self.unguarded is not None:
            await self.unguarded(received)
        for place, listener in enumerate(self.listeners):
            await self.delivery.guard(partial(listener, received), f"listener {place}", envelope_id)
        await self.alive()

    async def on_message(self, text: str) -> None:
        self.messages.append(text)

    async def on_frame(self, frame: Any) -> None:
        self.frames.append(frame)

    # What a test looks at.

    @property
    def acked(self) -> list[str]:
        return [envelope_id for wire in self.wires for envelope_id in wire.acked]

    def of(self, *kinds: type) -> list[Any]:
        return [fact for fact in self.facts if isinstance(fact, kinds)]

    def count(self, state: State) -> int:
        """How many records are in a state, whatever has changed by time alone not counted."""
        return sum(entry.state is state for entry in self.shelf.entries.values())

    def states(self) -> dict[str, str]:
        return {entry.record.envelope_id: entry.state.value for entry in self.shelf.entries.values()}

    def errors(self) -> Iterable[str]:
        return [entry.error for entry in self.shelf.entries.values()]

    async def end(self) -> None:
        """Take everything of it out of the loop, whatever state it is in."""
        self.is_dead = True
        groups = (self.delivery._worker.tasks, self.delivery._backlog.chores, *_tasks_of(self.delivery._direct))
        while running := [task for tasks in groups for task in tasks._running]:
            for task in running:
                task.cancel()
            for _ in range(5):
                await asyncio.sleep(0)


def _tasks_of(dispatcher: Any) -> tuple[Any, Any]:
    return dispatcher._tasks, dispatcher._chores
