"""What became of every envelope: who got it when, who acked it when, and how it ended.

All times are the clock's monotonic seconds. A ledger only writes down; the broker decides what to do about it.
"""

from __future__ import annotations

from collections import Counter, deque
from dataclasses import dataclass
from typing import Any, Final

from tautwire.local.forgetting import is_over
from tautwire.local.socket.delivery import AckOutcome, Attempt, Delivery, State

__all__ = ["AckOutcome", "Attempt", "Delivery", "Ledger", "State", "Summary"]

Json = dict[str, Any]

#: Deliveries that are remembered.
LIMIT: Final = 100_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Summary:
    """The counts. `sent` = `acked_in_time` + `late` + `lost` + `open`; latencies in seconds, of acks in time.

    Among the `lost` are the `rate_limited`, which were never sent at all.
    """

    sent: int
    acked_in_time: int
    late: int
    lost: int
    open: int
    rate_limited: int
    attempts: int
    redelivered: int
    undelivered_attempts: int
    late_acks: int
    duplicate_acks: int
    unknown_acks: int
    foreign_acks: int
    crossed_acks: int
    swallowed_acks: int
    ignored_acks: int
    latency_p50: float
    latency_p95: float
    latency_p99: float
    latency_max: float


class Ledger:
    """Every delivery to every app in order, with its envelope ids indexed. Constant work per entry, attempt and ack.

    The latest `limit` are remembered, and what is older and still open; `None`: all of them, at some 2 kB each. An ack
    of what is forgotten is an unknown one. The counts are of all, the latencies of the latest 100,000.
    """

    def __init__(self, *, ack_on_any_connection: bool = True, limit: int | None = LIMIT) -> None:
        self.limit = limit
        self.entries: list[Delivery] = []
        self._old = 0
        self._ack_on_any_connection = ack_on_any_connection
        self._by_envelope: dict[str, tuple[Delivery, Attempt]] = {}
        self._states: Counter[State] = Counter()
        self._counts: Counter[str] = Counter()
        self._latencies: deque[float] = deque(maxlen=LIMIT)
        self._in_flight = 0

    def __len__(self) -> int:
        return len(self.entries)

    def __getitem__(self, envelope_id: str) -> Delivery:
        """The delivery that went out under `envelope_id`, in any of its attempts."""
        return self._by_envelope[envelope_id][0]

    def __contains__(self, envelope_id: str) -> bool:
        return envelope_id in self._by_envelope

    @property
    def is_settled(self) -> bool:
        """Whether nothing is open."""
        return self._states[State.SENT] == 0

    @property
    def in_flight(self) -> int:
        """Attempts that went to a connection and have been neither acked nor given up."""
        return self._in_flight

    def open(self, delivery: Delivery) -> None:
        """Enter a new delivery."""
        self.entries.append(delivery)
        self._counts["sent"] += 1
        self._states[State.SENT] += 1
        if self.limit is not None and is_over(len(self.entries) - self._old, self.limit):
            self._forget(len(self.entries) - self.limit)

    def _forget(self, count: int) -> None:
        """Of the oldest `count`, keep only what is open."""
        oldest = self.entries[:count]
        self.entries[:count] = still_open = [each for each in oldest if not each.is_settled]
        self._old = len(still_open)
        for delivery in oldest:
            for attempt in delivery.attempts if delivery.is_settled else ():
                # Somebody may have sent another under the same id.
                if self._by_envelope.get(attempt.envelope_id, (None,))[0] is delivery:
                    del self._by_envelope[attempt.envelope_id]

    def attempt(self, delivery: Delivery, attempt: Attempt) -> None:
        """Enter one sending of it."""
        self._counts["attempts"] += 1
        self._counts["redelivered"] += len(delivery.attempts) > 0 and not attempt.is_copy
        self._counts["undelivered"] += attempt.connection_id is None
        self._in_flight += attempt.connection_id is not None
        delivery.attempts.append(attempt)
        delivery.envelope_id = attempt.envelope_id
        self._by_envelope[attempt.envelope_id] = (delivery, attempt)

    def find(self, envelope_id: str) -> tuple[Delivery, Attempt]:
        """The delivery and the latest attempt that went out under `envelope_id`."""
        return self._by_envelope[envelope_id]

    def type_of(self, envelope_id: str) -> str:
        """The envelope's type, `""` for an unknown one."""
        found = self._by_envelope.get(envelope_id)
        return found[0].type if found else ""

    def ack(
        self, envelope_id: str, connection_id: str, payload: Json | None, now: float, *, app_id: str = ""
    ) -> AckOutcome:
        """Enter an ack from a connection of `app_id`. The first one counts; whatever else comes is only counted.

        To Slack, another app's envelope is one that it has never sent to this app.
        """
        found = self._by_envelope.get(envelope_id)
        if found is None or found[0].app_id != app_id:
            outcome = AckOutcome.UNKNOWN
        else:
            outcome = self._judge(*found, connection_id, payload, now)
        self._counts[outcome.name] += 1
        return outcome

    def _judge(
        self, delivery: Delivery, attempt: Attempt, connection_id: str, payload: Json | None, now: float
    ) -> AckOutcome:
        if attempt.connection_id != connection_id:
            self._counts["crossed"] += 1
            if not self._ack_on_any_connection:
                return AckOutcome.FOREIGN
        if attempt.acked_at is not None:
            delivery.duplicate_acks += 1
            return AckOutcome.DUPLICATE
        self._land(attempt)
        attempt.acked_at, attempt.acked_on, attempt.payload = now, connection_id, payload
        attempt.is_in_time = now <= attempt.due_at and not attempt.is_expired
        if not attempt.is_in_time:
            if delivery.state is State.LOST:
                self._move(delivery, State.LATE)
            return AckOutcome.LATE
        self._latencies.append(now - attempt.sent_at)
        self._move(delivery, State.ACKED)
        return AckOutcome.IN_TIME

    def expire(self, attempt: Attempt) -> bool:
        """The deadline has passed; whether that attempt had been neither acked in time nor given up before."""
        if attempt.is_in_time or attempt.is_expired:
            return False
        self._land(attempt)
        attempt.is_expired = True
        return True

    def _land(self, attempt: Attempt) -> None:
        self._in_flight -= attempt.connection_id is not None and attempt.acked_at is None and not attempt.is_expired

    def fail(self, delivery: Delivery, user_error: str = "") -> None:
        """No attempt is left: late if any was acked at all, else lost. A settled delivery stays as it is."""
        if delivery.is_settled:
            return
        delivery.user_error = user_error
        self._counts["rate_limited"] += delivery.is_rate_limited
        was_acked = any(attempt.acked_at is not None for attempt in delivery.attempts)
        self._move(delivery, State.LATE if was_acked else State.LOST)

    def reopen(self, delivery: Delivery) -> None:
        """Another attempt is coming after all."""
        self._move(delivery, State.SENT)

    def swallow(self) -> None:
        """Count an ack that went into a half-open connection."""
        self._counts["swallowed"] += 1

    def ignore(self) -> None:
        """Count an ack that a fault has suppressed."""
        self._counts["ignored"] += 1

    def _move(self, delivery: Delivery, state: State) -> None:
        self._states[delivery.state] -= 1
        delivery.state = state
        self._states[state] += 1

    def summary(self) -> Summary:
        """The counts as of now. Sorts the latencies; not for a hot loop."""
        counts, states, times = self._counts, self._states, sorted(self._latencies)
        return Summary(
            sent=counts["sent"],
            acked_in_time=states[State.ACKED],
            late=states[State.LATE],
            lost=states[State.LOST],
            open=states[State.SENT],
            rate_limited=counts["rate_limited"],
            attempts=counts["attempts"],
            redelivered=counts["redelivered"],
            undelivered_attempts=counts["undelivered"],
            late_acks=counts["LATE"],
            duplicate_acks=counts["DUPLICATE"],
            unknown_acks=counts["UNKNOWN"],
            foreign_acks=counts["FOREIGN"],
            crossed_acks=counts["crossed"],
            swallowed_acks=counts["swallowed"],
            ignored_acks=counts["ignored"],
            latency_p50=_percentile(times, 0.50),
            latency_p95=_percentile(times, 0.95),
            latency_p99=_percentile(times, 0.99),
            latency_max=times[-1] if times else 0.0,
        )


def _percentile(ordered: list[float], share: float) -> float:
    return ordered[min(len(ordered) - 1, int(len(ordered) * share))] if ordered else 0.0
