"""What happened, as frozen values: the engine reports facts, others turn them into log lines, counters, alarms.

A fact never carries a token, a ticket or a payload. `at` is wall-clock time (epoch seconds) for people; every length
is measured on the monotonic clock. An observer is any callable that takes one fact; it is called on the event loop
and must not block.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

from tautwire.facts.storage import (
    AnswerLost,
    Buried,
    EnvelopeStored,
    Handled,
    InboxOpened,
    InboxTrouble,
    LeaseLost,
    NotStored,
    Recovering,
    RetryPlanned,
    StorageFact,
)

if TYPE_CHECKING:
    from tautwire.protocol.effects import Cause, Departure

__all__ = [
    "AckFailed",
    "AckLate",
    "AckSent",
    "AnswerLost",
    "BackPressure",
    "Buried",
    "DialFailed",
    "Duplicate",
    "EngineFault",
    "EnvelopeRefused",
    "EnvelopeStored",
    "Fact",
    "Gap",
    "Handled",
    "InboxOpened",
    "InboxTrouble",
    "LeaseLost",
    "LinkClosed",
    "LinkLeaving",
    "LinkLost",
    "LinkOpened",
    "LinkReady",
    "LinkRetired",
    "ListenerFailed",
    "MalformedFrame",
    "NotStored",
    "Observer",
    "Recovering",
    "RetryPlanned",
    "Stopped",
    "UnknownMessage",
]


@dataclass(frozen=True, slots=True)
class LinkOpened:
    """A WebSocket is open; Slack has not said hello yet. `seconds` since the dial began."""

    at: float
    link: int
    seconds: float


@dataclass(frozen=True, slots=True)
class LinkReady:
    """Slack said hello. `num_connections` is its count for the app, half-dead ones included."""

    at: float
    link: int
    seconds: float
    num_connections: int | None
    app_id: str | None
    host: str | None
    lifetime: float | None
    #: How many of those are ours; a larger `num_connections` means another process, or ghosts.
    own: int


@dataclass(frozen=True, slots=True)
class LinkLeaving:
    """A working connection wants a successor."""

    at: float
    link: int
    departure: Departure


@dataclass(frozen=True, slots=True)
class LinkRetired:
    """Its successor is ready; it reads and acks until the server closes it."""

    at: float
    link: int
    departure: Departure


@dataclass(frozen=True, slots=True)
class LinkClosed:
    """A connection ended as planned, `age` seconds old."""

    at: float
    link: int
    cause: Cause
    age: float


@dataclass(frozen=True, slots=True)
class LinkLost:
    """A connection ended that nobody had replaced yet, `age` seconds old."""

    at: float
    link: int
    cause: Cause
    age: float


@dataclass(frozen=True, slots=True)
class DialFailed:
    """An attempt to connect came to nothing. `error` says whether another one can help (`error.retryable`)."""

    at: float
    link: int
    error: Exception


@dataclass(frozen=True, slots=True)
class Gap:
    """Nobody listened for `seconds`: what Slack did not keep for redelivery in that time is lost.

    Reported once, when it is over (or the client stops). A connection that fell silent counts as good until it was
    last heard.
    """

    at: float
    since: float
    until: float
    seconds: float


@dataclass(frozen=True, slots=True)
class AckSent:
    """An ack went out `seconds` after its envelope came in."""

    at: float
    envelope_id: str
    type: str
    seconds: float
    #: The connection that delivered the envelope.
    link: int
    #: Whether the ack had to go out on another one, because that one was gone.
    is_elsewhere: bool
    #: Whether nobody had acked by the deadline and the client did.
    is_automatic: bool


@dataclass(frozen=True, slots=True)
class AckLate:
    """An ack went out after Slack's three seconds: Slack has given up on it."""

    at: float
    envelope_id: str
    type: str
    seconds: float


@dataclass(frozen=True, slots=True)
class AckFailed:
    """An ack could not be sent, or nobody made one. `reason` says which in a few words."""

    at: float
    envelope_id: str
    type: str
    reason: str


@dataclass(frozen=True, slots=True)
class EnvelopeRefused:
    """An envelope came in that will not be handled here; it is not acked, so that Slack may try elsewhere."""

    at: float
    envelope_id: str
    type: str
    reason: str


@dataclass(frozen=True, slots=True)
class Duplicate:
    """An envelope that was handled, or is being handled, came again; it is acked again and not handled again."""

    at: float
    envelope_id: str
    type: str
    retry_attempt: int | None


@dataclass(frozen=True, slots=True)
class ListenerFailed:
    """A listener raised `error`. Its text may quote a payload, so it is for observers, never for a log."""

    at: float
    listener: str
    envelope_id: str | None
    error: Exception


@dataclass(frozen=True, slots=True)
class MalformedFrame:
    """A frame that is no message. It cost nothing else."""

    at: float
    link: int
    problem: str
    size: int


@dataclass(frozen=True, slots=True)
class UnknownMessage:
    """A JSON object of a type that has no envelope and no meaning here."""

    at: float
    link: int
    type: str


@dataclass(frozen=True, slots=True)
class BackPressure:
    """All listeners were busy, so nothing was read from `link` for `seconds`."""

    at: float
    link: int
    seconds: float


@dataclass(frozen=True, slots=True)
class EngineFault:
    """A defect in this library, or in code it was given (an observer, a web client); it costs one link at most."""

    at: float
    where: str
    error: BaseException


@dataclass(frozen=True, slots=True)
class Stopped:
    """Nothing is connected and nothing will be: by intent (`error` is `None`) or for good."""

    at: float
    error: Exception | None


Fact: TypeAlias = (
    LinkOpened
    | LinkReady
    | LinkLeaving
    | LinkRetired
    | LinkClosed
    | LinkLost
    | DialFailed
    | Gap
    | AckSent
    | AckLate
    | AckFailed
    | EnvelopeRefused
    | Duplicate
    | ListenerFailed
    | MalformedFrame
    | UnknownMessage
    | BackPressure
    | StorageFact
    | EngineFault
    | Stopped
)
Observer: TypeAlias = Callable[[Fact], None]
