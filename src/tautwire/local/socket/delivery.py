"""One envelope's story: what was sent, every attempt at it, and how each was taken. Plain records."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum
from typing import Any

__all__ = ["AckOutcome", "Attempt", "Delivery", "State"]

Json = dict[str, Any]


class State(Enum):
    """How a delivery stands. `SENT` is open: on its way, or waiting for a retry; every other state is settled."""

    SENT = "sent"
    ACKED = "acked"
    LATE = "late"
    LOST = "lost"


class AckOutcome(Enum):
    """What an incoming ack was worth."""

    IN_TIME = "in time"
    LATE = "late"
    DUPLICATE = "duplicate"
    UNKNOWN = "unknown"
    FOREIGN = "foreign"


@dataclass(slots=True, eq=False)
class Attempt:
    """One sending. `connection_id` is `None` when nobody was there to get it.

    `is_copy` marks one too many, sent by a fault beside the attempt of the same number; no deadline hangs on it.
    """

    number: int
    envelope_id: str
    connection_id: str | None
    sent_at: float
    due_at: float
    acked_at: float | None = None
    acked_on: str | None = None
    payload: Json | None = None
    is_copy: bool = False
    #: Whether it was acked within the deadline, and before Slack drew its conclusions.
    is_in_time: bool = False
    #: Whether Slack has given up waiting for this one.
    is_expired: bool = False

    @property
    def latency(self) -> float | None:
        """Seconds from handing the envelope to the connection to its ack."""
        return None if self.acked_at is None else self.acked_at - self.sent_at


@dataclass(slots=True, eq=False)
class Delivery:
    """One event, command or interaction of the app `app_id`, over all its attempts.

    `envelope_id` is that of the latest attempt. `user_error` is what the person sees when a command or interaction
    fails: `dispatch_failed` with nobody connected, `operation_timeout` after the deadline. `is_rate_limited` says that
    an event was never sent, because the app had had its fill. `context` is what the answer belongs to, for whoever
    sent this; it is never looked at here.
    """

    type: str
    subject: str
    event_id: str
    payload: Json
    accepts: bool
    created_at: float
    app_id: str = ""
    context: object = None
    envelope_id: str = ""
    attempts: list[Attempt] = field(default_factory=list)
    state: State = State.SENT
    duplicate_acks: int = 0
    user_error: str = ""
    is_rate_limited: bool = False

    @property
    def answer(self) -> Json | None:
        """The payload of the first ack that came in time and had one."""
        return next((attempt.payload for attempt in self.attempts if attempt.is_in_time and attempt.payload), None)

    @property
    def tries(self) -> int:
        """How often it was sent on purpose."""
        return sum(not attempt.is_copy for attempt in self.attempts)

    @property
    def is_settled(self) -> bool:
        """Whether acked, late or lost."""
        return self.state is not State.SENT

    def __repr__(self) -> str:
        return f"<{self.type} {self.subject} {self.state.value}, {len(self.attempts)} attempt(s)>"
