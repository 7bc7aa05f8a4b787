"""Stored, then acked: the only place that does both, so the only one that could do them the wrong way round.

    put ──► stored ──► ack, on the connection that delivered it ──► to its listeners
     ├────► stored before ──► ack, and nothing else
     └────► refused: full, failing, slower than two seconds ──► no ack, so that Slack sends it again

What is refused because it took too long may be stored all the same a moment later. Then it is handled, and Slack's next
try meets its key, and is acked.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, cast

from tautwire import facts
from tautwire.delivery.policy import COMMIT_DEADLINE, SLACK_DEADLINE, is_late
from tautwire.delivery.sending import send_ack, send_quietly
from tautwire.errors import InboxError, NotConnectedError
from tautwire.inbox.api import Mode
from tautwire.protocol import codec

if TYPE_CHECKING:
    from collections.abc import Callable

    from tautwire.clock import Clock
    from tautwire.delivery.holds import Held, Holds
    from tautwire.delivery.sending import Elsewhere
    from tautwire.engine.runner import Received
    from tautwire.engine.tasks import Pulse, Tasks
    from tautwire.inbox.api import Inbox, Placed, Record

__all__ = ["Receiver"]

#: Seconds between two looks at the deadlines, at the least.
_SWEEP: Final = 0.05

#: Seconds that a listener waits which answers inside its ack, until the record of its outcome is begun. Longer, and
#: it would be missing from the two and a half that it has.
_RECORD_WAIT: Final = 0.5

_TOO_SLOW: Final = f"the inbox took longer than {COMMIT_DEADLINE:.0f} s"


@dataclass(slots=True, eq=False)
class _Arrival:
    """An envelope on its way into the inbox."""

    received: Received
    record: Record
    is_refused: bool = False


class Receiver:
    """Takes envelopes into an inbox."""

    def __init__(
        self,
        inbox: Inbox,
        holds: Holds,
        let_go: Callable[[Held], None],
        *,
        elsewhere: Elsewhere,
        clock: Clock,
        emit: Callable[[facts.Fact], None],
        chores: Tasks,
        changed: Pulse,
    ) -> None:
        self._inbox = inbox
        self._holds = holds
        self._let_go = let_go
        self._elsewhere = elsewhere
        self._clock = clock
        self._emit = emit
        self._chores = chores
        self._changed = changed
        #: In the order in which they came; without those that were refused meanwhile, which keep their put.
        self._arriving: dict[_Arrival, None] = {}
        self._puts = 0
        self._acks = 0
        self._sweeper: asyncio.Task[Any] | None = None

    @property
    def puts(self) -> int:
        """How many envelopes wait for the store, those included that it was too slow for."""
        return self._puts

    @property
    def unanswered(self) -> int:
        """How many envelopes are still to be acked."""
        return len(self._arriving) + self._acks

    async def receive(self, received: Received, record: Record, owner: str) -> Held | None:
        """Store, then ack. What comes back is to be handled by `owner`, at once."""
        arrival = _Arrival(received, record)
        placed = await self._put(arrival, owner)
        if placed is None:
            return None
        held = None if placed.lease is None else self._holds.take(placed.lease)
        if not placed.is_duplicate:
            age = self._age(received)
            self._emit(facts.EnvelopeStored(self._clock.wall(), record.envelope_id, record.type, age))
        elif not arrival.is_refused:
            self.say_duplicate(received)
        if not arrival.is_refused:
            try:
                await self._ack(arrival, placed, held)
            except BaseException:
                if held is not None:
                    self._let_go(held)
                raise
        return held

    async def note(self, received: Received, record: Record, owner: str) -> Placed | None:
        """Begin the record of an envelope that answers inside its ack; `None` when that takes too long, or fails.

        Its listener comes first: it is called then all the same, only without a record.
        """
        arrival = _Arrival(received, record)
        noting = self._chores.spawn(self._note(arrival, owner), "tautwire-note")
        done, _ = await asyncio.wait({noting}, timeout=_RECORD_WAIT)
        if done and not noting.cancelled() and noting.exception() is None:
            return cast("Placed | None", noting.result())
        self._refuse(arrival, "the inbox is broken" if done else "recording it took too long")
        return None

    def say_duplicate(self, received: Received) -> None:
        """It came before, and is not handled again."""
        envelope = received.envelope
        self._emit(facts.Duplicate(self._clock.wall(), envelope.envelope_id, envelope.type, envelope.retry_attempt))

    def stop(self) -> None:
        """Look at no more deadlines."""
        if self._sweeper is not None:
            self._sweeper.cancel()

    # Inside.

    async def _put(self, arrival: _Arrival, owner: str) -> Placed | None:
        placed, reason = None, "the client is closing"
        self._arriving[arrival] = None
        self._puts += 1
        self._sweep_soon()
        try:
            placed = await self._inbox.put(arrival.record, owner=owner)
        except InboxError as error:
            reason = str(error)
        except Exception:
            reason = "the inbox is broken"
            raise
        finally:
            self._arriving.pop(arrival, None)
            self._puts -= 1
            self._changed.beat()
            if placed is None and not arrival.is_refused:
                self._refuse(arrival, reason)
        return placed

    async def _note(self, arrival: _Arrival, owner: str) -> Placed | None:
        try:
            placed = await self._inbox.put(arrival.record, owner=owner)
            if arrival.is_refused and placed.lease is not None:
                await self._inbox.done(placed.lease)  # Its listener was called; it is not to be a dead letter.
        except InboxError as error:
            if not arrival.is_refused:
                self._refuse(arrival, str(error))
            return None
        return placed

    def _refuse(self, arrival: _Arrival, reason: str) -> None:
        arrival.is_refused = True
        record = arrival.record
        self._emit(facts.NotStored(self._clock.wall(), record.envelope_id, record.type, reason))

    async def _ack(self, arrival: _Arrival, placed: Placed, held: Held | None) -> None:
        self._acks += 1
        try:
            is_acked = await (self._ack_again if placed.is_duplicate else self._ack_first)(arrival.received)
        finally:
            self._acks -= 1
            self._changed.beat()
        if not is_acked:
            return
        if held is not None:
            held.is_acked = True
        if arrival.record.mode is Mode.ONCE_ACKED:
            await self._tell_acked(placed.id)

    async def _ack_first(self, received: Received) -> bool:
        receipt, type_ = received.receipt, received.envelope.type
        reply = codec.encode_reply(receipt.envelope_id)
        try:
            is_elsewhere = await send_ack(receipt, reply, self._elsewhere, lambda: SLACK_DEADLINE - self._age(received))
        except NotConnectedError as error:
            self._emit(facts.AckFailed(self._clock.wall(), receipt.envelope_id, type_, str(error)))
            return False
        wall, age = self._clock.wall(), self._age(received)
        self._emit(facts.AckSent(wall, receipt.envelope_id, type_, age, receipt.link, is_elsewhere, False))
        if is_late(age):
            self._emit(facts.AckLate(wall, receipt.envelope_id, type_, age))
        return True

    async def _ack_again(self, received: Received) -> bool:
        return await send_quietly(received.receipt, codec.encode_reply(received.receipt.envelope_id))

    async def _tell_acked(self, record_id: str) -> None:
        try:
            await self._inbox.acked(record_id)
        except InboxError as error:
            self._emit(facts.InboxTrouble(self._clock.wall(), "note that an envelope was acked", error))

    def _age(self, received: Received) -> float:
        return self._clock.monotonic() - received.receipt.received_at

    def _sweep_soon(self) -> None:
        if self._sweeper is None or self._sweeper.done():
            self._sweeper = self._chores.spawn(self._sweep(), "tautwire-commits")

    async def _sweep(self) -> None:
        while self._arriving:
            await self._clock.sleep(max(_SWEEP, _due(next(iter(self._arriving))) - self._clock.monotonic()))
            now = self._clock.monotonic()
            for arrival in [each for each in self._arriving if _due(each) <= now]:
                del self._arriving[arrival]
                self._refuse(arrival, _TOO_SLOW)
            self._changed.beat()


def _due(arrival: _Arrival) -> float:
    return arrival.received.receipt.received_at + COMMIT_DEADLINE
