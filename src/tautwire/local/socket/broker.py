"""The fate of one app's envelopes, and what happens when nobody acks them: Slack's routing and redelivery.

Each envelope goes to one of the app's connections, at random. Events that are not acked in time come again, three
times; commands and interactions do not, and their person sees an error.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from tautwire.local.socket import frames
from tautwire.local.socket.allowance import Allowance
from tautwire.local.socket.courier import Courier
from tautwire.local.socket.ledger import AckOutcome, Attempt, Delivery
from tautwire.local.socket.registry import Registry
from tautwire.local.socket.standing import Standing

if TYPE_CHECKING:
    from collections.abc import Callable

    from tautwire.local.socket.exchange import Exchange
    from tautwire.local.socket.registry import Endpoint
    from tautwire.local.timers import Timer

__all__ = ["Broker"]

Json = dict[str, Any]


class Broker:
    """One app's envelopes: sent, acked, sent again, given up.

    `rate_limited` words the payload of `app_rate_limited` for a minute, in Unix seconds.
    """

    def __init__(self, app_id: str, exchange: Exchange, rate_limited: Callable[[int], Json]) -> None:
        self.app_id = app_id
        self.registry = Registry(app_id, exchange)
        self._exchange, self._rate_limited = exchange, rate_limited
        self._courier = Courier(exchange, self.registry, self._send_twin)
        self._allowance = Allowance(exchange.switches.events_per_hour)
        self.standing = Standing()
        self._waiting: dict[Delivery, Timer] = {}
        self._kept: dict[Delivery, None] = {}
        self._failed: dict[Delivery, None] = {}

    def became_ready(self) -> None:
        """A connection has said hello. What was kept goes out now, and by switch what is waiting, too."""
        exchange = self._exchange
        kept, self._kept = self._kept, {}
        for delivery in kept:
            self._send_again(delivery)
        if exchange.switches.retry_on_connect:
            for delivery in list(self._waiting):
                self._retry(delivery)
        if exchange.switches.commands_again_on_connect:
            for delivery in list(self._failed):
                del self._failed[delivery]
                exchange.ledger.reopen(delivery)
                self._send(delivery)
        exchange.bell.ring()

    # Out

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
        delivery.app_id = self.app_id
        self._exchange.ledger.open(delivery)
        if self._may_go(delivery):
            self._send(delivery, to=to, envelope_id=envelope_id, retry_attempt=retry_attempt, retry_reason=retry_reason)
        self._exchange.bell.ring()
        return delivery

    def _send_twin(self, twin: Delivery, target: Endpoint) -> None:
        """What a fault has made of one event: another, which goes its way unharmed."""
        self._exchange.ledger.open(twin)
        self._send(twin, to=target, is_safe=True)

    def _may_go(self, delivery: Delivery) -> bool:
        if delivery.type != "events_api":
            return True
        if self.standing.is_hopeless and self._exchange.switches.failing_apps_lose_events:
            self._give_up(delivery, "")
            return False
        now = self._exchange.clock.monotonic()
        if self._allowance.take(now):
            return True
        delivery.is_rate_limited = True
        self._give_up(delivery, "")
        if self._allowance.owes_notice(now):
            minute = int(self._exchange.clock.wall()) // 60 * 60
            notice = Delivery("events_api", "app_rate_limited", "", self._rate_limited(minute), False, now)
            notice.app_id = self.app_id
            self._exchange.ledger.open(notice)
            self._send(notice)
        return False

    def _send(
        self,
        delivery: Delivery,
        *,
        to: Endpoint | None = None,
        envelope_id: str | None = None,
        retry_attempt: int = 0,
        retry_reason: str | None = None,
        is_safe: bool = False,
    ) -> None:
        target = to or self.registry.choose()
        if target is None and self._keeps(delivery):
            self._kept[delivery] = None
            return
        attempt = self._attempt(delivery, envelope_id or self._exchange.new_id(), target, retry_attempt)
        reason = retry_reason if retry_reason is not None else ("timeout" if retry_attempt else "")
        message = frames.envelope(
            delivery.type,
            delivery.payload,
            envelope_id=attempt.envelope_id,
            accepts=delivery.accepts,
            retry_attempt=retry_attempt,
            retry_reason=reason,
        )
        text = frames.dumps(message)
        self._exchange.journal.envelope(
            text,
            envelope_id=attempt.envelope_id,
            subject=delivery.subject,
            connection=attempt.connection_id,
            app_id=self.app_id,
        )
        if target is None:
            self._nobody_there(delivery)
            return
        self._courier.carry(delivery, attempt, target, text, is_safe=is_safe)
        self._exchange.timers.after(self._exchange.deadline, partial(self._expire, delivery, attempt))

    def _attempt(self, delivery: Delivery, envelope_id: str, target: Endpoint | None, number: int) -> Attempt:
        now = self._exchange.clock.monotonic()
        name = None if target is None else target.id
        attempt = Attempt(number, envelope_id, name, now, now + self._exchange.deadline)
        self._exchange.ledger.attempt(delivery, attempt)
        return attempt

    # What comes of it

    def _keeps(self, delivery: Delivery) -> bool:
        return delivery.type == "events_api" and self._exchange.while_away == "replay"

    def _nobody_there(self, delivery: Delivery) -> None:
        self._note(delivery, has_failed=True)
        if delivery.type == "events_api" and self._exchange.while_away != "lose":
            self._schedule(delivery)
        else:
            self._give_up(delivery, "dispatch_failed")

    def _expire(self, delivery: Delivery, attempt: Attempt) -> None:
        if not self._exchange.ledger.expire(attempt):
            return
        self._note(delivery, has_failed=True)
        if not delivery.is_settled:
            if delivery.type == "events_api":
                self._schedule(delivery)
            else:
                self._give_up(delivery, "operation_timeout")
        self._exchange.bell.ring()

    def _note(self, delivery: Delivery, *, has_failed: bool) -> None:
        if delivery.type == "events_api":
            self.standing.note(self._exchange.clock.monotonic(), has_failed=has_failed)

    def _give_up(self, delivery: Delivery, user_error: str) -> None:
        is_event = delivery.type == "events_api"
        self._exchange.ledger.fail(delivery, "" if is_event else user_error)
        self._exchange.journal.delivery(
            delivery.envelope_id,
            state=delivery.state.value,
            attempts=len(delivery.attempts),
            user_error=delivery.user_error,
            subject=delivery.subject,
            app_id=self.app_id,
        )
        if is_event:
            return
        if self._exchange.switches.commands_again_on_connect:
            self._failed[delivery] = None
        self._exchange.failed(delivery)

    def _schedule(self, delivery: Delivery) -> None:
        switches, made = self._exchange.switches, delivery.tries
        was_late = any(attempt.acked_at is not None for attempt in delivery.attempts)
        if made > len(switches.all_retry_delays) or (was_late and switches.late_ack_stops_retries):
            self._give_up(delivery, "")
            return
        delay = switches.all_retry_delays[made - 1] * self._exchange.time_scale
        self._waiting[delivery] = self._exchange.timers.after(delay, partial(self._retry, delivery))

    def _retry(self, delivery: Delivery) -> None:
        self._waiting.pop(delivery).cancel()
        self._send_again(delivery)
        self._exchange.bell.ring()

    def _send_again(self, delivery: Delivery) -> None:
        switches = self._exchange.switches
        self._send(
            delivery,
            envelope_id=None if switches.retry_new_envelope_id else delivery.envelope_id,
            retry_attempt=delivery.tries if switches.retry_is_marked else 0,
        )

    # In

    def heard(self, endpoint: Endpoint, text: str) -> AckOutcome | None:
        """A client's text message: an ack, or something that Slack ignores (`None`)."""
        ack = frames.read_ack(text)
        if ack is None:
            return None
        exchange = self._exchange
        fault = exchange.faults.decide("ack", exchange.ledger.type_of(ack.envelope_id), self.app_id)
        if fault is None:
            return self._take(endpoint.id, ack)
        if fault.kind == "late":
            exchange.timers.after(fault.delay, partial(self._take_late, endpoint.id, ack))
        else:
            exchange.ledger.ignore()
            exchange.bell.ring()
        return None

    def _take(self, connection_id: str, ack: frames.Ack) -> AckOutcome:
        exchange = self._exchange
        now = exchange.clock.monotonic()
        outcome = exchange.ledger.ack(ack.envelope_id, connection_id, ack.payload, now, app_id=self.app_id)
        self._write_down(connection_id, ack, outcome)
        if outcome is AckOutcome.IN_TIME:
            self._note(exchange.ledger[ack.envelope_id], has_failed=False)
            with exchange.journal.chain():
                exchange.answered(*exchange.ledger.find(ack.envelope_id))
        elif outcome is AckOutcome.LATE:
            self._came_late(exchange.ledger[ack.envelope_id])
        exchange.bell.ring()
        return outcome

    def _write_down(self, connection_id: str, ack: frames.Ack, outcome: AckOutcome) -> None:
        ledger = self._exchange.ledger
        found = ledger.find(ack.envelope_id) if ack.envelope_id in ledger else None
        self._exchange.journal.ack(
            ack.envelope_id,
            connection=connection_id,
            outcome=outcome.value,
            seconds=found[1].latency if found else None,
            payload=ack.payload,
            subject=found[0].subject if found else "",
            app_id=self.app_id,
        )

    def _take_late(self, connection_id: str, ack: frames.Ack) -> None:
        self._take(connection_id, ack)

    def _came_late(self, delivery: Delivery) -> None:
        self._failed.pop(delivery, None)
        if self._exchange.switches.late_ack_stops_retries and delivery in self._waiting:
            self._waiting.pop(delivery).cancel()
            self._give_up(delivery, "")

    def heard_nothing(self, text: str) -> None:
        """A message that a half-open connection has swallowed."""
        if frames.read_ack(text) is not None:
            self._exchange.ledger.swallow()
            self._exchange.bell.ring()
