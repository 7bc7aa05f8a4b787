"""How an envelope gets onto the wire, or does not, as the faults have it."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Final

from tautwire.local.faults.malformed import FORMS, oversized
from tautwire.local.socket.ledger import Attempt, Delivery

if TYPE_CHECKING:
    from collections.abc import Callable

    from tautwire.local.faults import Fault
    from tautwire.local.socket.exchange import Exchange
    from tautwire.local.socket.registry import Endpoint, Registry

__all__ = ["Courier"]

#: Seconds that an envelope waits to be overtaken, unless a fault says how long.
_REORDER: Final = 1.0


class Courier:
    """Carries what the ledger already knows of. Nothing here ever waits.

    `send_twin` is given a delivery that a fault has made out of another, to enter and to send.
    """

    def __init__(self, exchange: Exchange, registry: Registry, send_twin: Callable[[Delivery, Endpoint], None]) -> None:
        self._exchange, self._registry, self._send_twin = exchange, registry, send_twin
        self._held: dict[str, list[bytes]] = {}

    def carry(
        self, delivery: Delivery, attempt: Attempt, target: Endpoint, text: bytes, *, is_safe: bool = False
    ) -> None:
        """Bring one envelope, `text`, to `target`. Nothing befalls one that is safe."""
        fault = None if is_safe else self._trouble(delivery, target)
        match fault.kind if fault is not None else "":
            case "duplicate_new_id":
                self._post(target, text)
                self._post_copy(delivery, attempt, target, text)
            case "duplicate_new_event":
                self._post(target, text)
                self._repeat(delivery, target)
            case _:
                self._deliver(target, text, fault)

    def _trouble(self, delivery: Delivery, target: Endpoint) -> Fault | None:
        subjects = (delivery.type, delivery.subject, delivery.envelope_id, delivery.app_id)
        companion = self._exchange.faults.decide("frame", *subjects)
        if companion is not None:
            target.raw(oversized(companion.size) if companion.kind == "oversized" else FORMS[companion.form])
        return self._exchange.faults.decide("envelope", *subjects)

    def _deliver(self, target: Endpoint, text: bytes, fault: Fault | None) -> None:
        if fault is None:
            self._post(target, text)
            return
        match fault.kind:
            case "duplicate":
                self._post(target, text)
                self._post(target, text)
            case "elsewhere":
                self._post(target, text)
                self._exchange.timers.after(fault.delay, partial(self._post_elsewhere, target, text))
            case "reorder":
                self._held.setdefault(target.id, []).append(text)
                self._exchange.timers.after(fault.delay or _REORDER, partial(self._release, target))
            case "late":
                self._exchange.timers.after(fault.delay, partial(self._post, target, text))
            case "stall":
                target.stall(fault.delay)
                self._post(target, text)
            case "drop":
                self._lose(partial(target.drop, fault.how), target, text, fault.delay)
            case "half_open":
                self._lose(target.half_open, target, text, fault.delay)
            case _:  # lost between Slack's rooms: entered as sent, never on the wire
                pass

    def _lose(self, end: Callable[[], None], target: Endpoint, text: bytes, delay: float) -> None:
        if delay > 0:
            self._post(target, text)
            self._exchange.timers.after(delay, end)
        else:
            end()

    def _post(self, target: Endpoint, text: bytes) -> None:
        target.post(text)
        self._release(target)

    def _release(self, target: Endpoint) -> None:
        # Turned round, so that those who were all told to wait for the next change places, too.
        for text in reversed(self._held.pop(target.id, [])):
            target.post(text)

    def _post_elsewhere(self, target: Endpoint, text: bytes) -> None:
        other = self._registry.choose(besides=target.id)
        if other is not None:
            self._post(other, text)

    def _post_copy(self, delivery: Delivery, attempt: Attempt, target: Endpoint, text: bytes) -> None:
        exchange = self._exchange
        copy = Attempt(attempt.number, exchange.new_id(), target.id, attempt.sent_at, attempt.due_at, is_copy=True)
        exchange.ledger.attempt(delivery, copy)
        again = text.replace(attempt.envelope_id.encode(), copy.envelope_id.encode(), 1)
        exchange.journal.envelope(
            again,
            envelope_id=copy.envelope_id,
            subject=delivery.subject,
            connection=target.id,
            app_id=delivery.app_id,
        )
        self._post(target, again)
        exchange.timers.after(exchange.deadline, partial(self._expire, copy))

    def _expire(self, copy: Attempt) -> None:
        if self._exchange.ledger.expire(copy):
            self._exchange.bell.ring()

    def _repeat(self, delivery: Delivery, target: Endpoint) -> None:
        """The rare incident of node-slack-sdk#2141: one thing that happened, told again as another event."""
        if not delivery.event_id:
            return
        event_id = f"Ev{self._exchange.new_id().replace('-', '')[:9].upper()}"
        twin = replace(
            delivery,
            event_id=event_id,
            payload=delivery.payload | {"event_id": event_id},
            created_at=self._exchange.clock.monotonic(),
            envelope_id="",
            attempts=[],
        )
        self._send_twin(twin, target)
