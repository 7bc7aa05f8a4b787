"""When is an envelope acked, and by whom? Pure.

A listener acks. If none has by `ack_deadline` (2.5 s: Slack gives up at 3), `auto_ack` says whether the client does:

- `"never"`: nobody acks. Slack sends events again; a person who clicked sees an error.
- `"events"`: Events API envelopes are acked, because Slack switches off the subscriptions of an app that leaves most
  of them un-acked. Commands and interactions are not: their ack may carry an answer that only a listener can give.
- `"all"`: everything is acked, without a payload.

A listener that raised is never covered up: its envelope stays un-acked, so that Slack's retry is another chance and a
person sees that something went wrong.
"""

from __future__ import annotations

import enum
from dataclasses import dataclass
from typing import Final

from tautwire.errors import ConfigurationError

__all__ = ["ACK_DEADLINE", "SLACK_DEADLINE", "AckPolicy", "AutoAck"]

#: Seconds after which the client acks on its own.
ACK_DEADLINE: Final = 2.5

#: Seconds after which Slack has given up, by its documentation.
SLACK_DEADLINE: Final = 3.0


class AutoAck(enum.Enum):
    """Which envelopes the client acks when nobody else has."""

    NEVER = "never"
    EVENTS = "events"
    ALL = "all"


@dataclass(frozen=True, slots=True)
class AckPolicy:
    """What happens to an envelope that nobody has acked by `deadline` seconds."""

    auto: AutoAck = AutoAck.EVENTS
    deadline: float = ACK_DEADLINE

    @classmethod
    def of(cls, auto_ack: str, ack_deadline: float) -> AckPolicy:
        """From what a user wrote.

        Raises:
            ConfigurationError: an unknown word, or a deadline that is not between 0 and 3 seconds.
        """
        try:
            auto = AutoAck(auto_ack)
        except ValueError:
            words = ", ".join(repr(word.value) for word in AutoAck)
            raise ConfigurationError(f"auto_ack is {auto_ack!r}; it can be {words}") from None
        if not 0 < ack_deadline <= SLACK_DEADLINE:
            raise ConfigurationError(f"ack_deadline is {ack_deadline!r}; it must be above 0 and at most 3 seconds")
        return cls(auto, ack_deadline)

    def acks_itself(self, type_: str, *, has_failed: bool) -> bool:
        """Whether the client acks an envelope of this type at the deadline."""
        if has_failed or self.auto is AutoAck.NEVER:
            return False
        return self.auto is AutoAck.ALL or type_ == "events_api"


def is_late(seconds: float) -> bool:
    """Whether an ack `seconds` after the envelope comes too late for Slack."""
    return seconds >= SLACK_DEADLINE
