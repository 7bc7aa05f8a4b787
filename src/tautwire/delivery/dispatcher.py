"""From a received envelope to its listeners and its ack: concurrency, deadlines, duplicates, drain.

Every envelope is handled in a task of its own, at most `concurrency` at a time; beyond that the connections are not
read, and TCP tells Slack to wait. What a listener raises ends in `guard`, and becomes a fact here.

An ack goes out on the connection that delivered its envelope while that is open, else on the newest ready one.
"""

from __future__ import annotations

import asyncio
import contextlib
from functools import partial
from typing import TYPE_CHECKING, Any, Final, Protocol

from tautwire import facts
from tautwire.delivery.guard import failure_of
from tautwire.delivery.key import dedupe_key
from tautwire.delivery.listener_tasks import is_listener_of, spawn_listener
from tautwire.delivery.pending import Ledger, Pending
from tautwire.delivery.policy import SLACK_DEADLINE, AckPolicy, is_late
from tautwire.delivery.sending import send_ack, send_quietly
from tautwire.delivery.window import Window
from tautwire.engine.runner import Intake
from tautwire.engine.tasks import Pulse, Tasks
from tautwire.errors import NotConnectedError
from tautwire.protocol import codec
from tautwire.protocol.messages import Disconnect, Hello, Malformed, Unknown

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine, Mapping

    from tautwire.clock import Clock
    from tautwire.delivery.sending import Elsewhere
    from tautwire.engine.runner import Receipt, Received
    from tautwire.engine.transport import CloseFrame, Gone, Text

__all__ = ["CONCURRENCY", "Dispatcher", "Handler"]

#: Listeners that run at a time, unless told otherwise. An idle one costs about 5 kB.
CONCURRENCY: Final = 1000


#: Seconds between two looks at the deadlines, at the least.
_SWEEP: Final = 0.05


class Handler(Protocol):
    """What the dispatcher calls, each in a task of its own."""

    @property
    def wants_messages(self) -> bool:
        """Whether anybody wants `on_message`; asked for each message."""

    @property
    def wants_frames(self) -> bool:
        """Whether anybody wants `on_frame`; asked for each frame."""

    async def on_envelope(self, received: Received) -> None:
        """Handle an envelope; its ack comes back by `Dispatcher.ack`."""

    async def on_message(self, text: str) -> None:
        """A message that is no envelope."""

    async def on_frame(self, frame: Text | CloseFrame | Gone) -> None:
        """A raw frame."""


class Dispatcher(Intake):
    """The in-memory delivery: at most once after the ack, and before it Slack's own retry."""

    def __init__(
        self,
        handler: Handler,
        *,
        elsewhere: Elsewhere,
        clock: Clock,
        emit: Callable[[facts.Fact], None],
        policy: AckPolicy,
        concurrency: int = CONCURRENCY,
    ) -> None:
        self.concurrency = concurrency
        self.received = 0
        self._handler = handler
        self._elsewhere = elsewhere
        self._clock = clock
        self._emit = emit
        self._policy = policy
        self._window = Window()
        self._acked = Window()
        self._ledger = Ledger(policy.deadline)
        self._tasks = Tasks(self._on_fault)
        self._chores = Tasks(self._on_fault)
        self._freed = Pulse()
        self._sweeper: asyncio.Task[Any] | None = None
        self._is_draining = False

    # The side of the connections: `Intake`.

    @property
    def has_room(self) -> bool:
        """See `Intake`."""
        return len(self._tasks) < self.concurrency

    @property
    def running(self) -> int:
        """How many listeners run."""
        return len(self._tasks)

    @property
    def unsettled(self) -> int:
        """How many envelopes wait for their listeners or their ack."""
        return len(self._ledger)

    async def room(self) -> None:
        """See `Intake`."""
        while not self.has_room:
            await self._freed.wait()

    def take(self, received: Received) -> None:
        """See `Intake`."""
        self.received += 1
        envelope = received.envelope
        if self._is_draining:
            self._refuse(received, "the client is closing")
            return
        key = dedupe_key(envelope)
        twin = self._ledger.twin(key)
        if twin is not None or self._window.has(key, received.receipt.received_at):
            self._on_duplicate(received, twin)
            return
        pending = self._ledger.open(received, key)
        # Not from within the task: one that is cancelled before its first step never runs.
        self._spawn(self._handler.on_envelope(received)).add_done_callback(partial(self._on_handled, pending))
        self._sweep_soon()

    def show(self, link: int, message: Hello | Disconnect | Unknown | Malformed, text: str) -> None:
        """See `Intake`."""
        if isinstance(message, Malformed):
            self._emit(facts.MalformedFrame(self._clock.wall(), link, message.problem, message.size))
            return
        if isinstance(message, Unknown):
            self._emit(facts.UnknownMessage(self._clock.wall(), link, message.type))
        if self._handler.wants_messages and not self._is_draining:
            self._spawn(self._handler.on_message(text))

    def waited(self, link: int, seconds: float) -> None:
        """See `Intake`."""
        self._emit(facts.BackPressure(self._clock.wall(), link, seconds))

    def on_frame(self, link: int, frame: Text | CloseFrame | Gone) -> None:  # noqa: ARG002  part of the protocol
        """See `Intake`."""
        if self._handler.wants_frames and not self._is_draining:
            self._spawn(self._handler.on_frame(frame))

    # The side of the listeners.

    def is_acked(self, envelope_id: str) -> bool:
        """Whether an ack of this envelope is out, or on its way."""
        pending = self._ledger.find(envelope_id)
        if pending is not None:
            return pending.reply is not None
        return self._acked.has((envelope_id,), self._clock.monotonic())

    async def ack(self, envelope_id: str, payload: Mapping[str, Any] | None = None) -> None:
        """Ack an envelope. A second ack does nothing; one for an unknown id goes out on the newest connection.

        Raises:
            MessageTooLargeError: Slack would close the socket; nothing was sent.
            ValueError: the payload cannot be written as JSON; nothing was sent.
            NotConnectedError: no connection was open, and none became so in time.
        """
        reply = codec.encode_reply(envelope_id, payload)
        pending = self._ledger.find(envelope_id)
        if pending is not None:
            if pending.reply is None:
                await self._ack(pending, reply, is_automatic=False)
        elif not self._acked.has((envelope_id,), self._clock.monotonic()):
            await self._elsewhere(reply, within=SLACK_DEADLINE)

    async def guard(
        self,
        call: Callable[[], Any],
        listener: str,
        envelope_id: str | None,
        *,
        is_timed: bool = True,  # noqa: ARG002  nothing here is
    ) -> bool:
        """Call a listener; what it raises becomes a fact. Whether it came back without raising."""
        error = await failure_of(call)
        if error is not None:
            self.failed(listener, envelope_id, error)
        return error is None

    def failed(self, listener: str, envelope_id: str | None, error: Exception) -> None:
        """A listener raised `error`: its envelope is not acked by itself."""
        if envelope_id is not None and (pending := self._ledger.find(envelope_id)) is not None:
            pending.has_failed = True
        self._emit(facts.ListenerFailed(self._clock.wall(), listener, envelope_id, error))

    async def open(self) -> None:
        """Nothing has to be made ready."""

    async def close(self) -> None:
        """Nothing has to be let go of that `drain` has not."""

    def refuse(self) -> None:
        """Take nothing new from now on."""
        self._is_draining = True

    async def drain(self, seconds: float) -> None:
        """Take nothing new; let what runs finish within `seconds`, then cancel it."""
        self.refuse()
        is_done = await self._tasks.join(seconds)
        if self._sweeper is not None:
            self._sweeper.cancel()  # Before the listeners: what is broken off is not acked at its deadline.
        if not is_done:
            await self._tasks.cancel()
        if not await self._chores.join(1.0):
            await self._chores.cancel()

    def give_up(self) -> None:
        """Nothing can be sent any more: say so of each envelope that nobody has acked. Its deadline will not come."""
        for pending in self._ledger.abandon():
            self._report_no_ack(pending, "its listener failed" if pending.has_failed else "the client was closed")

    async def settle(self, seconds: float) -> None:
        """Take nothing new, and wait for the acks of what runs, `seconds` at most; nothing is cancelled."""
        self.refuse()
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                while self._ledger.has_unanswered:
                    await self._freed.wait()

    def resume(self) -> None:
        """Take envelopes again."""
        self._is_draining = False

    def is_within_listener(self) -> bool:
        """Whether the caller is a listener that still runs, or a task that one has started."""
        return is_listener_of(self._tasks)

    # Inside.

    def _spawn(self, coroutine: Coroutine[Any, Any, None]) -> asyncio.Task[Any]:
        task = spawn_listener(self._tasks, coroutine)
        task.add_done_callback(self._on_listener_done)
        return task

    def _on_listener_done(self, _: asyncio.Task[Any]) -> None:
        self._freed.beat()

    def _on_handled(self, pending: Pending, task: asyncio.Task[Any]) -> None:
        pending.is_running = False
        # A handler that broke, or was broken off, must not be covered up either.
        pending.has_failed |= task.cancelled() or task.exception() is not None
        self._ledger.settle(pending)
        if pending.has_failed and not pending.is_acked and pending.redeliveries:
            # The other chance that Slack gave came while the first one was being spoilt; there may be no third.
            self.received -= 1
            self.take(pending.redeliveries.pop())

    async def _ack(self, pending: Pending, reply: str, *, is_automatic: bool) -> None:
        pending.reply = reply
        try:
            is_elsewhere = await self._send(pending.receipt, reply, pending)
            pending.is_acked = True
        except BaseException as error:
            pending.reply = None
            self._on_ack_failed(pending, error)
            raise
        finally:
            self._ledger.settle(pending)
            self._freed.beat()
        for redelivery in pending.redeliveries:
            self._ack_again(redelivery.receipt, pending)
        self._on_acked(pending, is_elsewhere=is_elsewhere, is_automatic=is_automatic)

    def _on_acked(self, pending: Pending, *, is_elsewhere: bool, is_automatic: bool) -> None:
        receipt, wall, now = pending.receipt, self._clock.wall(), self._clock.monotonic()
        self._window.add(pending.key, now)
        self._acked.add((receipt.envelope_id,), now)
        seconds = pending.age(now)
        self._emit(
            facts.AckSent(wall, receipt.envelope_id, pending.type, seconds, receipt.link, is_elsewhere, is_automatic)
        )
        if is_late(seconds):
            self._emit(facts.AckLate(wall, receipt.envelope_id, pending.type, seconds))

    async def _send(self, receipt: Receipt, reply: str, pending: Pending) -> bool:
        left = lambda: SLACK_DEADLINE - pending.age(self._clock.monotonic())  # noqa: E731  asked for when it counts
        return await send_ack(receipt, reply, self._elsewhere, left)

    def _on_ack_failed(self, pending: Pending, error: BaseException) -> None:
        if isinstance(error, NotConnectedError) and not pending.is_overdue:  # Otherwise the sweep says so, or has.
            self._report_no_ack(pending, str(error))

    def _report_no_ack(self, pending: Pending, reason: str) -> None:
        self._emit(facts.AckFailed(self._clock.wall(), pending.receipt.envelope_id, pending.type, reason))

    def _refuse(self, received: Received, reason: str) -> None:
        envelope = received.envelope
        self._emit(facts.EnvelopeRefused(self._clock.wall(), envelope.envelope_id, envelope.type, reason))

    def _on_duplicate(self, received: Received, twin: Pending | None) -> None:
        envelope = received.envelope
        self._emit(facts.Duplicate(self._clock.wall(), envelope.envelope_id, envelope.type, envelope.retry_attempt))
        if twin is not None and not twin.is_acked:
            twin.redeliveries.append(received)
        else:
            self._ack_again(received.receipt, twin)

    def _ack_again(self, receipt: Receipt, twin: Pending | None) -> None:
        """The same envelope gets the same reply; a redelivery under a new id, which only events get, a plain one."""
        is_same = twin is not None and twin.receipt.envelope_id == receipt.envelope_id
        reply = twin.reply if is_same and twin is not None else None
        text = reply or codec.encode_reply(receipt.envelope_id)
        self._chores.spawn(send_quietly(receipt, text), "tautwire-ack-again")

    def _sweep_soon(self) -> None:
        if self._sweeper is None or self._sweeper.done():
            self._sweeper = self._chores.spawn(self._sweep(), "tautwire-deadlines")

    async def _sweep(self) -> None:
        while (moment := self._ledger.next_moment()) is not None:
            await self._clock.sleep(max(_SWEEP, moment - self._clock.monotonic()))
            now = self._clock.monotonic()
            for pending in self._ledger.due(now):
                if self._policy.acks_itself(pending.type, has_failed=pending.has_failed):
                    self._chores.spawn(self._ack_automatically(pending), "tautwire-auto-ack")
            for pending in self._ledger.overdue(now):
                self._report_no_ack(pending, _why_unacked(pending))

    async def _ack_automatically(self, pending: Pending) -> None:
        if pending.reply is None:
            with contextlib.suppress(NotConnectedError):  # `_send` has said so.
                await self._ack(pending, codec.encode_reply(pending.receipt.envelope_id), is_automatic=True)

    def _on_fault(self, where: str, error: BaseException) -> None:
        self._emit(facts.EngineFault(self._clock.wall(), where, error))


def _why_unacked(pending: Pending) -> str:
    if pending.reply is not None:
        return "it could not be sent in time"
    return "its listener failed" if pending.has_failed else "nobody acked it in time"
