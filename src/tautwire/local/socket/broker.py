"""Who gets which envelope, and what happens when nobody acks it: Slack's routing and redelivery.

Each envelope goes to one of the app's connections, at random. Events that are not acked in time come again, three
times; commands and interactions do not, and their person sees an error.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Protocol

from tautwire.local.faults.malformed import FORMS
from tautwire.local.socket import frames
from tautwire.local.socket.ledger import AckOutcome, Attempt, Delivery, Ledger

if TYPE_CHECKING:
    from collections.abc import Callable
    from random import Random

    from tautwire.clock import Clock
    from tautwire.local.bell import Bell
    from tautwire.local.faults import Fault, Faults
    from tautwire.local.switches import Switches
    from tautwire.local.timers import Timer, Timers

__all__ = ["Broker", "Endpoint"]


class Endpoint(Protocol):
    """What the broker has to know of a connection."""

    @property
    def id(self) -> str:
        """Its name in the ledger."""

    @property
    def takes_envelopes(self) -> bool:
        """Whether Slack believes that it can deliver here; a half-open connection still takes them."""

    def post(self, text: bytes) -> bool:
        """Queue one text frame without waiting; `False` when the queue is full or the connection gone."""

    def raw(self, data: bytes) -> None:
        """Queue raw bytes."""

    def drop(self, how: str) -> None:
        """Lose the connection."""

    def half_open(self) -> None:
        """Fall silent."""


@dataclass(frozen=True, slots=True)
class _Ghost:
    """A registration that has outlived its socket. What is sent to it is gone."""

    id: str
    takes_envelopes: bool

    def post(self, text: bytes) -> bool:
        """Into the void."""
        return bool(text)

    def raw(self, data: bytes) -> None:
        """Into the void."""

    def drop(self, how: str) -> None:
        """There is nothing left to lose."""

    def half_open(self) -> None:
        """It is silent already."""


class Broker:
    """The app's registrations, and the fate of its envelopes."""

    def __init__(
        self,
        *,
        clock: Clock,
        timers: Timers,
        random: Random,
        ledger: Ledger,
        faults: Faults,
        switches: Switches,
        bell: Bell,
        new_id: Callable[[], str],
        deadline: float,
        time_scale: float,
        ghost_seconds: float,
        lose_when_nobody: bool,
    ) -> None:
        self._clock, self._timers, self._random = clock, timers, random
        self._ledger, self._faults, self._switches, self._bell = ledger, faults, switches, bell
        self._new_id = new_id
        self._deadline, self._time_scale, self._ghost_seconds = deadline, time_scale, ghost_seconds
        self._lose_when_nobody = lose_when_nobody
        self._endpoints: dict[str, Endpoint] = {}
        self._waiting: dict[Delivery, Timer] = {}
        self._failed: dict[Delivery, None] = {}

    # Registrations

    @property
    def registered(self) -> int:
        """Registrations as Slack counts them: connections and ghosts."""
        return len(self._endpoints)

    def register(self, endpoint: Endpoint) -> None:
        """A connection has come."""
        self._endpoints[endpoint.id] = endpoint
        self._bell.ring()

    def became_ready(self) -> None:
        """A connection has said hello. By switch, what is waiting goes out now."""
        if self._switches.retry_on_connect:
            for delivery in list(self._waiting):
                self._retry(delivery)
        if self._switches.commands_again_on_connect:
            for delivery in list(self._failed):
                del self._failed[delivery]
                self._ledger.reopen(delivery)
                self._send(delivery)
        self._bell.ring()

    def unregister(self, endpoint: Endpoint) -> None:
        """A connection has gone; its registration haunts the app for `ghost_seconds`."""
        if self._endpoints.get(endpoint.id) is not endpoint:
            return
        del self._endpoints[endpoint.id]
        if self._ghost_seconds > 0:
            ghost = _Ghost(endpoint.id, self._switches.route_to_ghosts)
            self._endpoints[ghost.id] = ghost
            self._timers.after(self._ghost_seconds, partial(self._forget, ghost))
        self._bell.ring()

    def _forget(self, ghost: _Ghost) -> None:
        self._endpoints.pop(ghost.id, None)
        self._bell.ring()

    # Deliveries

    def dispatch(
        self,
        delivery: Delivery,
        *,
        to: Endpoint | None = None,
        envelope_id: str | None = None,
        retry_attempt: int = 0,
        retry_reason: str | None = None,
    ) -> Delivery:
        """Send `delivery` on its way and enter it in the ledger. Returns at once."""
        self._ledger.open(delivery)
        self._send(delivery, to=to, envelope_id=envelope_id, retry_attempt=retry_attempt, retry_reason=retry_reason)
        self._bell.ring()
        return delivery

    def _send(
        self,
        delivery: Delivery,
        *,
        to: Endpoint | None = None,
        envelope_id: str | None = None,
        retry_attempt: int = 0,
        retry_reason: str | None = None,
    ) -> None:
        target = to or self._choose()
        attempt = self._attempt(delivery, envelope_id or self._new_id(), target, retry_attempt)
        if target is None:
            self._nobody_there(delivery)
            return
        reason = retry_reason if retry_reason is not None else ("timeout" if retry_attempt else "")
        message = frames.envelope(
            delivery.type,
            delivery.payload,
            envelope_id=attempt.envelope_id,
            accepts=delivery.accepts,
            retry_attempt=retry_attempt,
            retry_reason=reason,
        )
        self._transmit(target, delivery, frames.dumps(message))
        self._timers.after(self._deadline, partial(self._expire, delivery, attempt))

    def _attempt(self, delivery: Delivery, envelope_id: str, target: Endpoint | None, number: int) -> Attempt:
        now = self._clock.monotonic()
        name = None if target is None else target.id
        attempt = Attempt(number, envelope_id, name, now, now + self._deadline)
        self._ledger.attempt(delivery, attempt)
        return attempt

    def _choose(self) -> Endpoint | None:
        candidates = [each for each in self._endpoints.values() if each.takes_envelopes]
        if len(candidates) < 2:
            return candidates[0] if candidates else None
        return self._random.choice(candidates)

    def _transmit(self, target: Endpoint, delivery: Delivery, text: bytes) -> None:
        subjects = (delivery.type, delivery.subject, delivery.envelope_id)
        companion = self._faults.decide("frame", *subjects)
        if companion is not None:
            target.raw(FORMS[companion.form])
        fault = self._faults.decide("envelope", *subjects)
        if fault is None:
            target.post(text)
        else:
            self._transmit_badly(target, text, fault)

    def _transmit_badly(self, target: Endpoint, text: bytes, fault: Fault) -> None:
        match fault.kind:
            case "duplicate":
                target.post(text)
                target.post(text)
            case "late":
                self._timers.after(fault.delay, partial(_post, target, text))
            case "drop":
                target.drop(fault.how)
            case "half_open":
                target.half_open()
            case _:  # lost between Slack's rooms: entered as sent, never on the wire
                pass

    # What comes of them

    def _nobody_there(self, delivery: Delivery) -> None:
        if delivery.type == "events_api" and not self._lose_when_nobody:
            self._schedule(delivery)
        else:
            self._give_up(delivery, "dispatch_failed")

    def _expire(self, delivery: Delivery, attempt: Attempt) -> None:
        attempt.is_expired = not attempt.is_in_time
        if attempt.is_in_time or delivery.is_settled:
            return
        if delivery.type == "events_api":
            self._schedule(delivery)
        else:
            self._give_up(delivery, "operation_timeout")
        self._bell.ring()

    def _give_up(self, delivery: Delivery, user_error: str) -> None:
        is_event = delivery.type == "events_api"
        self._ledger.fail(delivery, "" if is_event else user_error)
        if not is_event and self._switches.commands_again_on_connect:
            self._failed[delivery] = None

    def _schedule(self, delivery: Delivery) -> None:
        delays, made = self._switches.retry_delays, len(delivery.attempts)
        was_late = any(attempt.acked_at is not None for attempt in delivery.attempts)
        if made > len(delays) or (was_late and self._switches.late_ack_stops_retries):
            self._give_up(delivery, "")
            return
        delay = delays[made - 1] * self._time_scale
        self._waiting[delivery] = self._timers.after(delay, partial(self._retry, delivery))

    def _retry(self, delivery: Delivery) -> None:
        self._waiting.pop(delivery).cancel()
        switches = self._switches
        self._send(
            delivery,
            envelope_id=None if switches.retry_new_envelope_id else delivery.envelope_id,
            retry_attempt=len(delivery.attempts) if switches.retry_is_marked else 0,
        )
        self._bell.ring()

    # What comes back

    def heard(self, endpoint: Endpoint, text: str) -> AckOutcome | None:
        """A client's text message: an ack, or something that Slack ignores (`None`)."""
        ack = frames.read_ack(text)
        if ack is None:
            return None
        if self._faults.decide("ack", self._ledger.type_of(ack.envelope_id)) is not None:
            self._ledger.ignore()
            return None
        outcome = self._ledger.ack(ack.envelope_id, endpoint.id, ack.payload, self._clock.monotonic())
        if outcome is AckOutcome.LATE:
            self._came_late(self._ledger[ack.envelope_id])
        self._bell.ring()
        return outcome

    def _came_late(self, delivery: Delivery) -> None:
        self._failed.pop(delivery, None)
        if self._switches.late_ack_stops_retries and delivery in self._waiting:
            self._waiting.pop(delivery).cancel()
            self._give_up(delivery, "")

    def heard_nothing(self, text: str) -> None:
        """A message that a half-open connection has swallowed."""
        if frames.read_ack(text) is not None:
            self._ledger.swallow()
            self._bell.ring()


def _post(target: Endpoint, text: bytes) -> None:
    target.post(text)
