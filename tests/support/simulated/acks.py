"""The oracle's rules for envelopes: acked in time or said why not, on their own connection, and handled once.

With an inbox: stored before they are acked, and done once.
"""

from __future__ import annotations

import json
from collections import Counter, deque
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from tautwire import facts

if TYPE_CHECKING:
    from collections.abc import Callable

    from simulated.slack import Mail
    from simulated.view import View
    from simulated.world import World

__all__ = ["AckRules"]

#: Slack's patience, and what a look at the clock may be late.
_PATIENCE: Final = 3.0
_DEADLINE: Final = _PATIENCE + 0.3

#: While the client is being closed, it says what is left when the last connection is gone.
_SHUTTING: Final = 5.0

#: A listener that is about to run when the ack goes out is no defect.
_SAME_MOMENT: Final = 1e-3


@dataclass(slots=True, eq=False)
class _Due:
    """One delivery of an envelope."""

    id: str
    key: str
    view: View
    awake: float
    monotonic: float
    is_answered: bool = False
    is_excused: bool = False
    is_duplicate: bool = False


class AckRules:
    """Follows every envelope that the client has read."""

    def __init__(self, world: World, blame: Callable[[str, str], None]) -> None:
        self._world = world
        self._blame = blame
        self._queue: deque[_Due] = deque()
        self._by_id: dict[str, list[_Due]] = {}
        self._by_key: dict[str, list[_Due]] = {}
        self._sent: set[str] = set()
        #: How often each name was said to be a copy.
        self._duplicates: Counter[str] = Counter()
        #: When an event was acked first.
        self._acked_keys: dict[str, float] = {}
        #: Whether there is an inbox: then what was acked is still to be handled, and may be more than once.
        self.is_durable = False
        self.acked: set[str] = set()
        self._stored: set[str] = set()
        self._done: set[str] = set()
        self.is_ending = False
        self.read = 0
        self.answered = 0

    def on_read(self, view: View, mail: Mail) -> None:
        """The client has read an envelope."""
        due = _Due(mail.id, mail.key, view, self._world.awake, self._world.monotonic)
        self.read += 1
        self._queue.append(due)
        self._by_id.setdefault(due.id, []).append(due)
        self._by_key.setdefault(due.key, []).append(due)

    def on_send(self, view: View, text: str) -> None:
        """The client sends text; an ack, if it names an envelope."""
        name = _name(text)
        deliveries = self._by_id.get(name, [])
        for due in deliveries:
            due.is_answered = True
        self.answered += bool(deliveries)
        if deliveries and not any(due.view is view for due in deliveries):
            # Slack has given up on a late one; its connection is no longer remembered.
            open_ones = [due.view.number for due in deliveries if due.view.can_send and not self._is_late(due)]
            if len(open_ones) == len(deliveries):
                self._blame("own connection", f"{name} came on {open_ones}, still open, and was acked on {view.number}")

    def on_sent(self, text: str) -> None:
        """It has left."""
        self._sent.add(_name(text))

    def on_handled(self, name: str) -> None:
        """A listener is called."""
        for due in self._by_id.get(name, [])[:1]:
            if self.is_durable:
                return
            if self._world.awake - self._acked_keys.get(due.key, float("inf")) > _SAME_MOMENT:
                self._blame("once", f"{name} was handled although its event was acked before")

    def on_fact(self, fact: facts.Fact) -> None:
        """The client reports something."""
        match fact:
            case facts.EnvelopeStored(envelope_id=name):
                self._stored.add(name)
            case facts.Handled(envelope_id=name):
                if name in self._done:
                    self._blame("done once", f"{name} is done a second time")
                self._done.add(name)
            case facts.AckSent(envelope_id=name):
                self.acked.add(name)
                if self.is_durable and name not in self._stored:
                    self._blame("stored first", f"{name} was acked, and is not stored")
                if name not in self._sent:
                    self._blame("truth", f"AckSent for {name}, which was not sent")
                for due in self._by_id.get(name, []):
                    self._acked_keys.setdefault(due.key, self._world.awake)
            case (
                facts.AckFailed(envelope_id=name)
                | facts.EnvelopeRefused(envelope_id=name)
                | facts.AckLate(envelope_id=name)
                | facts.NotStored(envelope_id=name)
            ):
                self._excuse(name)
            case facts.ListenerFailed(envelope_id=str(name)):
                self._excuse(name)
            case facts.Duplicate(envelope_id=name):
                self._duplicates[name] += 1
                for due in self._by_id.get(name, [])[-self._duplicates[name] :]:
                    due.is_duplicate = True

    def check(self, *, at_end: bool = False) -> None:
        """Look for deadlines that have passed; at the end, for everything that is still open."""
        patience = _DEADLINE + (_SHUTTING if self.is_ending else 0.0)
        while self._queue and (at_end or self._world.awake - self._queue[0].awake >= patience):
            due = self._queue.popleft()
            if not (due.is_answered or due.is_excused or self._is_duplicate_settled(due)):
                age = self._world.awake - due.awake
                self._blame("ack", f"{due.id}, read on {due.view.number} {age:.2f} s ago: no ack and no reason")

    def _is_late(self, due: _Due) -> bool:
        return due.is_excused and self._world.monotonic - due.monotonic >= _PATIENCE

    def _excuse(self, name: str) -> None:
        for due in self._by_id.get(name, []):
            due.is_excused = True

    def _is_duplicate_settled(self, due: _Due) -> bool:
        """A copy shares the fate of the others, and is acked like them while its connection can carry that."""
        if not due.is_duplicate:
            return False
        others = [other for other in self._by_key[due.key] if other is not due]
        if any(other.is_answered and other.id not in self._sent for other in others):
            return True  # The first ack is on its way, in a full buffer; this one goes with it.
        return not due.view.can_send or any(other.is_excused for other in others)


def _name(text: str) -> str:
    message: Any = json.loads(text)
    return str(message.get("envelope_id", "")) if isinstance(message, dict) else ""
