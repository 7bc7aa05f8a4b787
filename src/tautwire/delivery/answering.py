"""What answers inside its ack, when there is an inbox: its listener is first, and what became of it is recorded.

To the in-memory delivery, which such envelopes go through, this is the handler. Everything else passes through.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from tautwire.delivery.dispatcher import Handler
from tautwire.delivery.window import Window

if TYPE_CHECKING:
    from collections.abc import Callable

    from tautwire.delivery.receiver import Receiver
    from tautwire.delivery.worker import Worker
    from tautwire.engine.runner import Received
    from tautwire.engine.transport import CloseFrame, Gone, Text
    from tautwire.inbox.api import Record

__all__ = ["Answering"]


class Answering(Handler):
    """Records what becomes of the envelopes that `handler` handles."""

    def __init__(
        self, handler: Handler, receiver: Receiver, worker: Worker, record_of: Callable[[Received], Record]
    ) -> None:
        self._handler = handler
        self._receiver = receiver
        self._worker = worker
        self._record_of = record_of
        self._begun = Window()

    @property
    def wants_messages(self) -> bool:
        """See `Handler`."""
        return self._handler.wants_messages

    @property
    def wants_frames(self) -> bool:
        """See `Handler`."""
        return self._handler.wants_frames

    async def on_message(self, text: str) -> None:
        """See `Handler`."""
        await self._handler.on_message(text)

    async def on_frame(self, frame: Text | CloseFrame | Gone) -> None:
        """See `Handler`."""
        await self._handler.on_frame(frame)

    async def on_envelope(self, received: Received) -> None:
        """See `Handler`."""
        envelope_id = (received.envelope.envelope_id,)
        if self._begun.has(envelope_id, received.receipt.received_at):  # Also when it could not be recorded.
            self._receiver.say_duplicate(received)
            return
        self._begun.add(envelope_id, received.receipt.received_at)
        placed = await self._receiver.note(received, self._record_of(received), self._worker.owner)
        if placed is None:
            await self._handler.on_envelope(received)
        elif placed.lease is None:  # An earlier process had it; what came of it then is not to happen again.
            self._receiver.say_duplicate(received)
        else:
            held = self._worker.holds.take(placed.lease)
            held.answers = True
            await self._worker.attend(held, received)
