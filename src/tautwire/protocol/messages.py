"""What Slack says over Socket Mode, as values.

A frame of text becomes exactly one of these. A payload stays the raw bytes that arrived until somebody asks for it:
most of an envelope is payload, and routing, acking and refusing need none of it.
"""

from __future__ import annotations

import enum
from dataclasses import dataclass
from typing import TypeAlias

__all__ = ["Disconnect", "DisconnectReason", "Envelope", "Hello", "Malformed", "Message", "Unknown"]


class DisconnectReason(enum.Enum):
    """Why Slack asks for the end of a connection. A reason that nobody has documented is `OTHER`: connect again."""

    WARNING = "warning"
    REFRESH_REQUESTED = "refresh_requested"
    TOO_MANY_WEBSOCKETS = "too_many_websockets"
    LINK_DISABLED = "link_disabled"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Hello:
    """The first message of a connection; from now on Slack routes envelopes to it."""

    #: Connections that Slack counts for the app, this one included. Half-dead ones count too.
    num_connections: int | None = None
    app_id: str | None = None
    host: str | None = None
    #: Seconds that Slack expects this connection to live; 18,060 in every public capture.
    approximate_connection_time: float | None = None


@dataclass(frozen=True, slots=True)
class Disconnect:
    """Slack announces the end of this connection."""

    reason: DisconnectReason
    #: The reason in Slack's own word, for a reason that this library does not know.
    word: str = ""


@dataclass(frozen=True, slots=True)
class Envelope:
    """Something to be handled and acked within three seconds."""

    type: str
    envelope_id: str
    #: JSON text, exactly as received; `b""` when the frame had none.
    payload: bytes
    accepts_response_payload: bool = False
    retry_attempt: int | None = None
    retry_reason: str | None = None

    def __repr__(self) -> str:
        return f"Envelope(type={self.type!r}, envelope_id={self.envelope_id!r}, payload={len(self.payload)} bytes)"


@dataclass(frozen=True, slots=True)
class Unknown:
    """A JSON object that is none of the above: it has no envelope to ack, and listeners may still want to see it."""

    type: str


@dataclass(frozen=True, slots=True)
class Malformed:
    """Not a message. `problem` says what is wrong with it in a few words, and never quotes it."""

    problem: str
    size: int


Message: TypeAlias = Hello | Disconnect | Envelope | Unknown | Malformed
