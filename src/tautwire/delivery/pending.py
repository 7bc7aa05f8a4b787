"""The envelopes that are not settled yet: who is asked for their ack, and until when.

Pure bookkeeping. An envelope is *settled* when it is acked and its listeners are done, or when Slack's three seconds
are over and its listeners are done. Until then its receipt is kept, so an ack finds the connection that delivered it.
"""

from __future__ import annotations

import math
from collections import deque
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from tautwire.delivery.policy import SLACK_DEADLINE

if TYPE_CHECKING:
    from tautwire.delivery.key import Key
    from tautwire.engine.runner import Receipt, Received

__all__ = ["Ledger", "Pending"]

#: Envelopes that nobody acked, whose way back is remembered for an ack that comes late.
GIVEN_UP_KEPT: Final = 1000


@dataclass(slots=True, eq=False)
class Pending:
    """One envelope on its way; its payload is the listener's alone.

    A redelivery that arrives meanwhile adds its receipt, and is acked with the first.
    """

    type: str
    receipt: Receipt
    key: Key
    redeliveries: list[Received] = field(default_factory=list)
    #: What was sent as the ack, or is on its way; `None` before.
    reply: str | None = None
    is_acked: bool = False
    is_running: bool = True
    has_failed: bool = False
    is_overdue: bool = False

    @property
    def is_settled(self) -> bool:
        """Whether nothing more is to be expected."""
        return not self.is_running and (self.is_acked or (self.is_overdue and self.reply is None))

    @property
    def is_unanswered(self) -> bool:
        """Whether an ack is still to be expected: from a listener that runs, or on its way."""
        return not self.is_acked and (self.is_running or self.reply is not None)

    def age(self, now: float) -> float:
        """Seconds since it was received."""
        return now - self.receipt.received_at


class Ledger:
    """All unsettled envelopes, by id and by key, and their two moments: our deadline, and Slack's."""

    def __init__(self, deadline: float) -> None:
        self._deadline = deadline
        self._by_id: dict[str, Pending] = {}
        self._by_key: dict[Key, Pending] = {}
        self._due: deque[Pending] = deque()
        self._overdue: deque[Pending] = deque()
        #: Settled without an ack. One that comes all the same still belongs to the link that delivered the envelope.
        self._given_up: dict[str, Pending] = {}

    def __len__(self) -> int:
        return len(self._by_id)

    @property
    def has_unanswered(self) -> bool:
        """Whether an ack is still to be expected."""
        return any(pending.is_unanswered for pending in self._by_id.values())

    def find(self, envelope_id: str) -> Pending | None:
        """The envelope with this id that nobody has acked, or whose listeners still run."""
        return self._by_id.get(envelope_id) or self._given_up.get(envelope_id)

    def twin(self, key: Key) -> Pending | None:
        """An envelope with this key whose handling makes another one pointless: it runs, or it is acked."""
        pending = self._by_key.get(key)
        return pending if pending is not None and (pending.is_running or pending.reply is not None) else None

    def open(self, received: Received, key: Key) -> Pending:
        """Follow a new envelope."""
        pending = Pending(received.envelope.type, received.receipt, key)
        self._by_id[received.receipt.envelope_id] = pending
        self._by_key[key] = pending
        self._due.append(pending)
        self._overdue.append(pending)
        return pending

    def settle(self, pending: Pending) -> None:
        """Let go of it, if it is settled."""
        if not pending.is_settled:
            return
        self._keep_in_mind(pending)
        if self._by_id.get(pending.receipt.envelope_id) is pending:
            del self._by_id[pending.receipt.envelope_id]
        if self._by_key.get(pending.key) is pending:
            del self._by_key[pending.key]

    def _keep_in_mind(self, pending: Pending) -> None:
        self._given_up.pop(pending.receipt.envelope_id, None)
        if not pending.is_acked:
            self._given_up[pending.receipt.envelope_id] = pending
            if len(self._given_up) > GIVEN_UP_KEPT:
                del self._given_up[next(iter(self._given_up))]

    def next_moment(self) -> float | None:
        """When `due` or `overdue` will have something to say; monotonic seconds."""
        moments = []
        if self._due:
            moments.append(self._due[0].receipt.received_at + self._deadline)
        if self._overdue:
            moments.append(self._overdue[0].receipt.received_at + SLACK_DEADLINE)
        return min(moments, default=None)

    def due(self, now: float) -> list[Pending]:
        """Those whose deadline has come, and nobody has acked."""
        return [pending for pending in _older_than(self._due, self._deadline, now) if pending.reply is None]

    def overdue(self, now: float) -> list[Pending]:
        """Those that Slack has given up on; they may settle."""
        late = _older_than(self._overdue, SLACK_DEADLINE, now)
        for pending in late:
            pending.is_overdue = True
            self.settle(pending)
        return [pending for pending in late if not pending.is_acked]

    def abandon(self) -> list[Pending]:
        """No deadline will come any more: those that nobody has acked; all may settle."""
        self._due.clear()
        return self.overdue(math.inf)


def _older_than(queue: deque[Pending], seconds: float, now: float) -> list[Pending]:
    found = []
    # The same sum as in `next_moment`: a difference may be rounded to less.
    while queue and queue[0].receipt.received_at + seconds <= now:
        found.append(queue.popleft())
    return found
