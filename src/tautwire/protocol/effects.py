"""What a link asks its owner to do or to know, and the words for why.

Values only: `link` makes them, `plan` and the engine read them.
"""

from __future__ import annotations

import enum
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from tautwire.protocol.messages import Envelope, Hello, Malformed, Unknown

__all__ = [
    "Abort",
    "Announce",
    "Cause",
    "Deliver",
    "Departure",
    "Disable",
    "Effect",
    "Effects",
    "End",
    "Leave",
    "Note",
    "Ping",
    "SendClose",
]


class Departure(enum.Enum):
    """Why a link that still works wants a successor."""

    WARNING = "warning"
    REFRESH_REQUESTED = "refresh_requested"
    OTHER = "other"
    #: A ping is overdue.
    SUSPECT = "suspect"
    #: Its age comes near the lifetime that Slack announced.
    RENEWAL = "renewal"
    #: Somebody asked for a new connection.
    REQUESTED = "requested"


class Cause(enum.Enum):
    """Why a link is over."""

    #: The server's Close frame.
    CLOSED = "closed"
    #: The TCP connection ended without one.
    LOST = "lost"
    #: Silent beyond the limit.
    SILENT = "silent"
    #: The handshake was fine, and then nothing.
    NO_HELLO = "no_hello"
    TOO_MANY_WEBSOCKETS = "too_many_websockets"
    LINK_DISABLED = "link_disabled"
    #: We closed it: replaced, or the client goes down.
    RETIRED = "retired"


@dataclass(frozen=True, slots=True)
class Announce:
    """The link is ready."""

    hello: Hello


@dataclass(frozen=True, slots=True)
class Deliver:
    """An envelope to be handled; its ack belongs to this link."""

    envelope: Envelope


@dataclass(frozen=True, slots=True)
class Note:
    """Nothing to do but to count, and to show to listeners."""

    message: Unknown | Malformed


@dataclass(frozen=True, slots=True)
class Leave:
    """A successor is wanted."""

    departure: Departure


@dataclass(frozen=True, slots=True)
class Disable:
    """Socket Mode was switched off: no connection of this app will work again. Acks still go out for a moment."""


@dataclass(frozen=True, slots=True)
class Ping:
    """Send a ping."""


@dataclass(frozen=True, slots=True)
class SendClose:
    """Send a Close frame."""

    code: int


@dataclass(frozen=True, slots=True)
class Abort:
    """Cut the TCP connection, whatever is still in its buffers."""


@dataclass(frozen=True, slots=True)
class End:
    """The link is over and was good until `last_good`: while it answered, and until our Close frame ended acks."""

    cause: Cause
    last_good: float


Effect: TypeAlias = Announce | Deliver | Note | Leave | Disable | Ping | SendClose | Abort | End
Effects: TypeAlias = tuple[Effect, ...]
