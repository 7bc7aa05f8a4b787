"""Delivery with an inbox: what is acked was stored, and what is stored is handled, also by the next process.

Most envelopes are stored, acked and handled, in this order. Those that answer inside their ack go the way of the
in-memory delivery, listener first, and only what became of them is recorded. `policy` says which is which.

Where others handle what is stored (`handle_stored=False`), this stores and acks, and handles what answers inside its
ack, which nobody else could.
"""

from __future__ import annotations

import asyncio
import contextlib
from typing import TYPE_CHECKING, Any, Final, Protocol

from tautwire.delivery.answering import Answering
from tautwire.delivery.backlog import Backlog
from tautwire.delivery.dispatcher import CONCURRENCY, Dispatcher, Handler
from tautwire.delivery.group import ungrouped
from tautwire.delivery.listener_tasks import spawn_listener
from tautwire.delivery.policy import AckWhen
from tautwire.delivery.receiver import Receiver
from tautwire.delivery.recording import Recording
from tautwire.delivery.worker import EnvelopeHandler
from tautwire.engine.runner import Intake

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from tautwire import facts
    from tautwire.clock import Clock
    from tautwire.delivery.backlog import LateAnswer
    from tautwire.delivery.group import Grouping
    from tautwire.delivery.policy import AckPolicy, Plan, StoragePolicy
    from tautwire.delivery.sending import Elsewhere
    from tautwire.engine.runner import Received
    from tautwire.engine.transport import CloseFrame, Gone, Text
    from tautwire.inbox.api import Inbox
    from tautwire.protocol.backoff import Uniform
    from tautwire.protocol.messages import Disconnect, Hello, Malformed, Unknown

__all__ = ["DurableDelivery", "DurableHandler"]

#: Envelopes that may wait for their commit; beyond it the connections are not read.
_PUTS: Final = 1000


class DurableHandler(Handler, EnvelopeHandler, Protocol):
    """What the delivery calls, each in a task of its own."""


class DurableDelivery(Intake):
    """At least once, once it is acked."""

    def __init__(
        self,
        handler: DurableHandler,
        inbox: Inbox,
        *,
        owner: str,
        elsewhere: Elsewhere,
        clock: Clock,
        chance: Uniform,
        emit: Callable[[facts.Fact], None],
        policy: AckPolicy,
        storage: StoragePolicy,
        answers: LateAnswer,
        group_of: Grouping = ungrouped,
        concurrency: int = CONCURRENCY,
        handle_stored: bool = True,
    ) -> None:
        self._handler = handler
        self._storage = storage
        self._handles_stored = handle_stored
        self._stored = 0
        self._backlog = Backlog(
            handler,
            inbox,
            owner=owner,
            clock=clock,
            chance=chance,
            emit=emit,
            answers=answers,
            attempts=storage.attempts,
            concurrency=concurrency,
            listener_timeout=storage.listener_timeout,
        )
        self._worker = self._backlog.worker
        self._freed = self._backlog.freed
        self._receiver = Receiver(
            inbox,
            self._worker.holds,
            self._worker.let_go,
            elsewhere=elsewhere,
            clock=clock,
            emit=emit,
            chores=self._backlog.chores,
            changed=self._freed,
        )
        self._recording = Recording(storage, group_of, self._on_failed)
        self._direct = Dispatcher(
            Answering(handler, self._receiver, self._worker, self._recording.record_of),
            elsewhere=elsewhere,
            clock=clock,
            emit=emit,
            policy=policy,
            concurrency=concurrency,
        )
        self._is_refusing = False

    # Its life.

    async def open(self) -> None:
        """As `Backlog.open`."""
        await self._backlog.open(is_handled=self._handles_stored)

    async def close(self) -> None:
        """Let go of the inbox. After `drain`."""
        await self._backlog.close()

    def refuse(self) -> None:
        """Take nothing new from now on."""
        self._is_refusing = True
        self._direct.refuse()

    def resume(self) -> None:
        """Take envelopes again."""
        self._is_refusing = False
        self._direct.resume()

    async def settle(self, seconds: float) -> None:
        """Take nothing new, and wait for the acks of what has come, `seconds` at most; nothing is cancelled."""
        self.refuse()
        await asyncio.gather(self._direct.settle(seconds), self._all_answered(seconds))

    async def drain(self, seconds: float) -> None:
        """Take and claim nothing new; let what runs finish within `seconds`, then cancel it. The rest stays stored."""
        self.refuse()
        await asyncio.gather(self._direct.drain(seconds), self._backlog.drain(seconds))
        self._receiver.stop()
        await self._backlog.finish()

    def give_up(self) -> None:
        """Nothing can be sent any more: say so of each envelope that nobody has acked."""
        self._direct.give_up()

    # The side of the connections: `Intake`.

    @property
    def has_room(self) -> bool:
        """See `Intake`."""
        return self._receiver.puts < _PUTS and self._direct.has_room

    async def room(self) -> None:
        """See `Intake`."""
        while not self.has_room:
            if self._direct.has_room:
                await self._freed.wait()
            else:
                await self._direct.room()

    def take(self, received: Received) -> None:
        """See `Intake`."""
        plan = self._storage.plan(received.envelope)
        if self._is_refusing or plan.ack_when is AckWhen.HANDLED:
            self._direct.take(received)
            return
        self._stored += 1
        self._backlog.remember(received.envelope.envelope_id)
        has_slot = self._is_handled_here and self._worker.slots.take_for_new()
        task = spawn_listener(self._worker.tasks, self._receive(received, plan, has_slot=has_slot))
        if has_slot:  # Not from within the task: one that is cancelled before its first step never runs.
            task.add_done_callback(self._on_slot_over)

    def show(self, link: int, message: Hello | Disconnect | Unknown | Malformed, text: str) -> None:
        """See `Intake`."""
        self._direct.show(link, message, text)

    def waited(self, link: int, seconds: float) -> None:
        """See `Intake`."""
        self._direct.waited(link, seconds)

    def on_frame(self, link: int, frame: Text | CloseFrame | Gone) -> None:
        """See `Intake`."""
        self._direct.on_frame(link, frame)

    # The side of the listeners.

    @property
    def received(self) -> int:
        """How many envelopes have come."""
        return self._direct.received + self._stored

    @property
    def running(self) -> int:
        """How many listeners run, or are about to."""
        return self._direct.running + self._worker.slots.taken

    @property
    def unsettled(self) -> int:
        """How many envelopes wait for their ack, or answer inside it and wait for their listeners."""
        return self._direct.unsettled + self._receiver.unanswered

    async def ack(self, envelope_id: str, payload: Mapping[str, Any] | None = None) -> None:
        """Ack what answers inside its ack, as `Dispatcher.ack`. Everything else is acked when it is stored.

        Raises:
            MessageTooLargeError, ValueError, NotConnectedError: as `Dispatcher.ack`.
        """
        if self._backlog.is_acked(envelope_id):
            await self._backlog.ack(envelope_id, payload)
        else:
            await self._direct.ack(envelope_id, payload)

    def is_acked(self, envelope_id: str) -> bool:
        """Whether an ack is no longer a listener's business."""
        return self._backlog.is_acked(envelope_id) or self._direct.is_acked(envelope_id)

    async def guard(
        self, call: Callable[[], Any], listener: str, envelope_id: str | None, *, is_timed: bool = True
    ) -> bool:
        """Call a listener; what it raises becomes a fact, and its record's failure. Whether it raised nothing."""
        error = await self._backlog.failure_of(call, listener, envelope_id, is_timed=is_timed)
        if error is not None:
            self._direct.failed(listener, envelope_id, error)
        return error is None

    def is_within_listener(self) -> bool:
        """Whether the caller is a listener that still runs, or a task that one has started."""
        return self._backlog.is_within_listener() or self._direct.is_within_listener()

    # Inside.

    async def _receive(self, received: Received, plan: Plan, *, has_slot: bool) -> None:
        record = self._recording.record_of(received, plan)
        held = await self._receiver.receive(received, record, self._worker.owner if has_slot else "")
        if held is not None:
            await self._worker.attend(held, received)

    @property
    def _is_handled_here(self) -> bool:
        return self._handles_stored and self._backlog.is_open and self._handler.wants_envelopes

    async def _all_answered(self, seconds: float) -> None:
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                while self._receiver.unanswered:
                    await self._freed.wait()

    def _on_slot_over(self, _: asyncio.Task[Any]) -> None:
        self._worker.slots.give_back()

    def _on_failed(self, what: str, envelope_id: str, error: Exception) -> None:
        self._direct.failed(what, envelope_id, error)
