"""Where a connection is in its life, and how it is received."""

from __future__ import annotations

from enum import Enum

__all__ = ["Admission", "Phase"]


class Phase(Enum):
    """Where a connection is in its life. `HALF_OPEN` looks alive to Slack and is dead to the client."""

    OPENING = "opening"
    READY = "ready"
    REPLACED = "replaced"
    HALF_OPEN = "half-open"
    CLOSING = "closing"
    ENDED = "ended"


class Admission(Enum):
    """What becomes of somebody who has just connected."""

    WELCOME = "welcome"
    TURNED_AWAY = "turned away without a hello"
    GREETED_AND_TURNED_AWAY = "turned away after a hello"
    LINK_DISABLED = "told that Socket Mode is off"
