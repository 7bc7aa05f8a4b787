"""What is stored, until it is done or dead: one inbox, opened and closed here, and the worker on it.

Who handles it was not necessarily there when it came. So whatever is handled here was acked when it was stored: a
listener that acks it has acked it, nothing happens, and nothing is wrong. An answer in its ack goes another way, if
there is one.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any, Final, Protocol

from tautwire import facts
from tautwire.delivery.guard import failure_within
from tautwire.delivery.listener_tasks import is_listener_of
from tautwire.delivery.policy import LISTENER_TIMEOUT, reads_answer
from tautwire.delivery.window import Window
from tautwire.delivery.worker import EnvelopeHandler, Worker
from tautwire.engine.tasks import Pulse, Tasks
from tautwire.errors import ClientClosedError, InboxError, RequestLeftError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from tautwire.clock import Clock
    from tautwire.inbox.api import Inbox, Record
    from tautwire.protocol.backoff import Uniform

__all__ = ["Backlog", "LateAnswer"]

#: Seconds that the inbox has to finish what was asked for when it is closed.
_CLOSE_WAIT: Final = 2.0


class LateAnswer(Protocol):
    """Says what a listener answered in an ack that had gone out before."""

    async def __call__(self, record: Record, answer: Mapping[str, Any], /) -> bool:
        """Say it; whether that was possible. Raises nothing."""


class Backlog:
    """The records of `inbox`, and their way to `handler`. Alone, it is all that a process without connections needs."""

    def __init__(
        self,
        handler: EnvelopeHandler,
        inbox: Inbox,
        *,
        owner: str,
        clock: Clock,
        chance: Uniform,
        emit: Callable[[facts.Fact], None],
        answers: LateAnswer,
        attempts: int,
        concurrency: int,
        listener_timeout: float | None = LISTENER_TIMEOUT,
    ) -> None:
        self.freed = Pulse()
        self.chores = Tasks(self.on_fault)
        self._inbox = inbox
        self._clock = clock
        self._emit = emit
        self._answers = answers
        self._listener_timeout = listener_timeout
        self._answered = Window()
        self.worker = Worker(
            inbox,
            handler,
            owner=owner,
            clock=clock,
            chance=chance,
            emit=emit,
            attempts=attempts,
            concurrency=concurrency,
            freed=self.freed,
            chores=self.chores,
            on_claimed=self.remember,
            on_fault=self.on_fault,
        )
        self._opening = asyncio.Lock()
        self.is_open = False

    # Its life.

    async def open(self, *, is_handled: bool = True) -> None:
        """Open the inbox, and begin with what waits in it, if that `is_handled` here. Any number of times.

        Raises:
            InboxError: it cannot be used; the text says why.
            ClientClosedError: it was closed meanwhile.
        """
        async with self._opening:
            self._check_life()
            if self.is_open:
                return
            found = await self._inbox.open()
            try:
                self._check_life()
            except ClientClosedError:  # It ended meanwhile, and nobody else would close this again.
                await self._inbox.close()
                raise
            self.is_open = True
            self._emit(facts.InboxOpened(self._clock.wall(), found.waiting, found.freed, found.buried, found.notices))
            if is_handled:
                self.worker.start(found.waiting)

    async def drain(self, seconds: float) -> None:
        """Claim nothing new; let what runs finish within `seconds`, then cancel it. The rest stays stored."""
        await self.worker.drain(seconds)

    async def finish(self) -> None:
        """Let what is left to be told be told. After `drain`."""
        if not await self.chores.join(1.0):
            await self.chores.cancel()

    async def close(self) -> None:
        """Let go of the inbox. After `finish`."""
        try:
            async with asyncio.timeout(_CLOSE_WAIT), self._opening:
                await self._inbox.close()
        except (InboxError, TimeoutError) as error:
            self._emit(facts.InboxTrouble(self._clock.wall(), "close", error))

    # The side of the listeners.

    def remember(self, envelope_id: str) -> None:
        """It is acked when it is stored, or was."""
        self._answered.add((envelope_id,), self._clock.monotonic())

    def is_acked(self, envelope_id: str) -> bool:
        """Whether this envelope is one of those."""
        held = self.worker.holds.find(envelope_id)
        if held is not None:
            return not held.answers
        return self._answered.has((envelope_id,), self._clock.monotonic())

    async def ack(self, envelope_id: str, payload: Mapping[str, Any] | None = None) -> None:
        """A listener acks what was acked; its first answer, if it has one, is said elsewhere."""
        held = self.worker.holds.find(envelope_id)
        if held is None or held.was_answered:
            return
        held.was_answered = True
        record = held.lease.record
        if payload and reads_answer(record.type) and not await self._answers(record, payload):
            self._emit(facts.AnswerLost(self._clock.wall(), record.envelope_id, record.type))

    async def failure_of(
        self, call: Callable[[], Any], listener: str, envelope_id: str | None, *, is_timed: bool = True
    ) -> Exception | None:
        """Call a listener. What it raises is its record's failure, too."""
        is_timed = is_timed and envelope_id is not None
        error = await failure_within(self._listener_timeout if is_timed else None, call)
        if error is not None and envelope_id is not None:
            held = self.worker.holds.find(envelope_id)
            if held is not None:
                self.worker.failed(held, listener, error)
                if isinstance(error, RequestLeftError) and not held.answers:
                    return None  # It is given back, and nothing has failed.
        return error

    def is_within_listener(self) -> bool:
        """Whether the caller is a listener that still runs, or a task that one has started."""
        return is_listener_of(self.worker.tasks)

    def on_fault(self, where: str, error: BaseException) -> None:
        """A defect."""
        self._emit(facts.EngineFault(self._clock.wall(), where, error))

    def _check_life(self) -> None:
        if self.worker.is_stopping:
            raise ClientClosedError("this is closed for good; make a new one")
