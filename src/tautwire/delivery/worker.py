"""Claim → listener → done, again later, or a dead letter: what happens to a record once it is stored.

A record is handled under a lease that is extended while its listeners run. What they come to is stored; where the lease
has gone to somebody else meanwhile, the store refuses that, which is a fact and no failure. Everything here may happen
in a process that holds no connection to Slack.
"""

from __future__ import annotations

import asyncio
from collections import deque
from functools import partial
from typing import TYPE_CHECKING, Any, Final, Protocol

from tautwire import facts
from tautwire.delivery.guard import failure_of
from tautwire.delivery.holds import Held, Holds, Phase
from tautwire.delivery.listener_tasks import spawn_listener
from tautwire.delivery.settling import Settling
from tautwire.delivery.slots import Slots
from tautwire.delivery.verdict import Bury, Failure, Release, Verdict, judge
from tautwire.engine.runner import Receipt, Received
from tautwire.engine.tasks import Tasks
from tautwire.errors import BoltStatusError, InboxError, RequestLeftError
from tautwire.inbox.api import Mode
from tautwire.protocol import codec
from tautwire.protocol.backoff import delays
from tautwire.protocol.messages import Envelope
from tautwire.redaction import told

if TYPE_CHECKING:
    from collections.abc import Callable

    from tautwire.clock import Clock
    from tautwire.engine.tasks import Pulse
    from tautwire.inbox.api import Inbox, Record
    from tautwire.protocol.backoff import Uniform

__all__ = ["EnvelopeHandler", "Worker"]

#: Records that one claim asks for at the most: each is a row that the store has to change before it can answer.
_BATCH: Final = 100

#: Seconds that a claim waits in the store for something to come.
_IDLE: Final = 30.0

#: Seconds between two looks whether there are listeners yet; the lists that they are in tell nobody.
_LISTENERS_LOOK: Final = 0.1

_NOT_FOUND: Final = 404


class EnvelopeHandler(Protocol):
    """Who handles envelopes."""

    @property
    def wants_envelopes(self) -> bool:
        """Whether there is anybody to handle one; asked before each claim."""

    async def on_envelope(self, received: Received) -> None:
        """Handle an envelope. What a listener raises comes back by `Worker.failed`."""


class Worker:
    """Handles what is stored, at most `concurrency` records at a time."""

    def __init__(
        self,
        inbox: Inbox,
        handler: EnvelopeHandler,
        *,
        owner: str,
        clock: Clock,
        chance: Uniform,
        emit: Callable[[facts.Fact], None],
        attempts: int,
        concurrency: int,
        freed: Pulse,
        chores: Tasks,
        on_claimed: Callable[[str], None],
        on_fault: Callable[[str, BaseException], None],
    ) -> None:
        self.owner = owner
        self.tasks = Tasks(on_fault)
        self.slots = Slots(concurrency, freed)
        self.holds = Holds(inbox, clock, emit, chores)
        self.settling = Settling(inbox, self.holds, clock, emit)
        self._inbox = inbox
        self._handler = handler
        self._clock = clock
        self._chance = chance
        self._emit = emit
        self._attempts = attempts
        self._chores = chores
        self._on_claimed = on_claimed
        self._on_fault = on_fault
        self._serving: asyncio.Task[Any] | None = None
        self.is_stopping = False

    # Its life.

    def start(self, waiting: int) -> None:
        """Begin to claim; `waiting` records are there already."""
        self.settling.begin(waiting)
        self._serving = self._chores.spawn(self._serve(), "tautwire-claim")

    async def drain(self, seconds: float) -> None:
        """Claim no more; let what runs finish within `seconds`, then cancel it. Chores give back what has not ended."""
        self.is_stopping = True
        if self._serving is not None:
            self._serving.cancel()
            await asyncio.wait({self._serving}, timeout=1.0)
        if not await self.tasks.join(seconds):
            await self.tasks.cancel()
        self.holds.stop()

    # One record.

    async def attend(self, held: Held, received: Received) -> None:
        """Have an envelope handled, and store what that comes to."""
        began = self._clock.monotonic()
        try:
            if held.lease.record.mode is Mode.ONCE_ACKED and not held.is_acked:
                verdict: Verdict = _buried("it could not be acked, so its person has seen an error")
            elif self.is_stopping:
                verdict = _unhandled(held)
            elif not self._handler.wants_envelopes:
                verdict = _unhandled(held, "nobody listened")
            else:
                verdict = await self._handle(held, received)
            await self.settling.settle(held, verdict, began)
        finally:
            self.let_go(held)

    async def bury(self, held: Held, reason: str) -> None:
        """It is not to be handled."""
        await self.settling.settle(held, _buried(reason), self._clock.monotonic())

    def failed(self, held: Held, listener: str, error: Exception) -> None:
        """A listener raised `error` on the envelope that is handled under `held`."""
        if isinstance(error, RequestLeftError):
            held.was_left = True
            return
        is_final = isinstance(error, BoltStatusError) and error.status == _NOT_FOUND
        held.failures.append(Failure(f"{listener} raised {told(error)}", is_final))

    def let_go(self, held: Held) -> None:
        """Make sure that nobody cares for it any more who was broken off.

        When this process ends, its record is given back. When somebody has cancelled the listener's task, the lease
        ends by itself: given back, it would be handled again, and maybe broken off again, at once and for ever.
        """
        if held.phase is Phase.ENDED:
            return
        self.holds.drop(held)
        if self.is_stopping:
            self._chores.spawn(self.settling.settle(held, _unhandled(held), 0.0), "tautwire-let-go")

    # Inside.

    async def _serve(self) -> None:
        pauses = delays(self._chance)
        while True:
            if not self._handler.wants_envelopes:
                await self._clock.sleep(_LISTENERS_LOOK)
                continue
            error = await failure_of(self._claim)
            if error is None:
                pauses = delays(self._chance)
            else:
                self._on_claim_failed(error)
                await self._clock.sleep(next(pauses))

    def _on_claim_failed(self, error: Exception) -> None:
        if isinstance(error, InboxError):
            self._emit(facts.InboxTrouble(self._clock.wall(), "claim what is to be handled", error))
        else:
            self._on_fault("tautwire-claim", error)

    async def _claim(self) -> None:
        await self.slots.one_free()
        asked = self._clock.monotonic()
        if self.slots.is_behind:
            leases = await self._inbox.claim(self.owner, limit=min(_BATCH, self.slots.free))
        else:  # One alone: while this waits, the slots go to those that come in.
            leases = await self._inbox.claim(self.owner, limit=1, wait=_IDLE)
        self.slots.is_behind = bool(leases)
        await self._begin(deque(self.holds.take(lease, asked) for lease in leases if not self.holds.adopt(lease)))

    async def _begin(self, waiting: deque[Held]) -> None:
        try:
            while waiting:
                await self.slots.take()
                held = waiting.popleft()
                task = spawn_listener(self.tasks, self._run(held))
                # Not from within the task: one that is cancelled before its first step never runs.
                task.add_done_callback(partial(self._on_run_over, held))
        finally:
            for held in waiting:
                self.let_go(held)

    async def _run(self, held: Held) -> None:
        held.is_acked = True
        if not await self.holds.is_ours(held):
            return
        lease = held.lease
        received = _received(lease.record, self._clock.monotonic())
        if received is None:
            await self.bury(held, "what is stored is no envelope")
        elif lease.attempt > self._attempts:
            await self.bury(held, f"its handling was begun {lease.attempt - 1} times and never ended")
        else:
            self._on_claimed(lease.record.envelope_id)
            await self.attend(held, received)

    def _on_run_over(self, held: Held, _: asyncio.Task[Any]) -> None:
        self.let_go(held)
        self.slots.give_back()

    async def _handle(self, held: Held, received: Received) -> Verdict:
        error = await failure_of(lambda: self._handler.on_envelope(received))
        if error is not None:
            self._on_fault("tautwire-listener", error)
            held.failures.append(Failure(told(error)))
        if held.was_left and not held.failures:
            return _unhandled(held, "its requests() loop was left")
        return judge(held.failures, held.lease, is_acked=held.is_acked, attempts=self._attempts, chance=self._chance)


def _received(record: Record, now: float) -> Received | None:
    try:
        text = record.payload.decode("utf-8", "surrogatepass")
    except UnicodeDecodeError:
        return None
    message = codec.decode(text)
    if not isinstance(message, Envelope):
        return None
    return Received(message, text, Receipt(record.envelope_id, 0, now))


def _unhandled(held: Held, reason: str = "the client was closed before it was handled") -> Verdict:
    """What becomes of a record that nobody handled to its end, by no fault of its own."""
    mode = held.lease.record.mode
    if mode is Mode.AGAIN or (mode is Mode.ONCE_ACKED and held.is_acked):
        return Release()
    return _buried(reason)


def _buried(reason: str) -> Bury:
    return Bury(reason, reason)
