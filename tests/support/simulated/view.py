"""What a client can know of one connection, noted down by the oracle from outside."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

__all__ = ["View"]

#: Seconds after which a missing pong may make the client doubt, at the least.
_QUICK_PONG: Final = 5.0
_EPSILON: Final = 1e-3


@dataclass(slots=True, eq=False)
class View:
    """One connection. All moments are on the client's monotonic clock, unless they say otherwise."""

    number: int
    opened_at: float
    opened_awake: float
    hello_at: float | None = None
    #: Slack's count in its `hello`.
    count: int | None = None
    #: When the client may want to renew it, by the lifetime in its `hello`.
    renews_after: float | None = None
    last_read: float = 0.0
    last_read_awake: float = 0.0
    frozen_at_last_read: float = 0.0
    #: The first ping since something was read.
    unanswered_since: float | None = None
    #: Slack, or the user, has asked for its end.
    is_told: bool = False
    #: Slack has asked for its end before it said hello: a hello after that comes too late.
    was_sent_away: bool = False
    is_crowded: bool = False
    close_sent_at: float | None = None
    end_read_at: float | None = None
    aborted_at: float | None = None
    send_failed: bool = False
    was_suspect: bool = False
    was_paused: bool = False
    is_credited: bool = False

    @property
    def can_send(self) -> bool:
        """Whether an ack can be expected to go out here."""
        return self.is_alive and not self.send_failed

    @property
    def is_alive(self) -> bool:
        """Whether neither side has ended it, as far as the client can know."""
        return self.close_sent_at is None and self.end_read_at is None and self.aborted_at is None

    @property
    def is_serving(self) -> bool:
        """Whether Slack routes here, as far as the client can know."""
        return self.hello_at is not None and self.is_alive

    def served_after(self, moment: float) -> bool:
        """Whether it served at any time from `moment` on."""
        ends = [end for end in (self.close_sent_at, self.end_read_at, self.aborted_at) if end is not None]
        return self.hello_at is not None and (not ends or min(ends) >= moment)

    def may_be_expected_to_end(self, now: float) -> bool:
        """Whether the client may have a successor under way, so that its end is no surprise."""
        is_old = None not in (self.renews_after, self.hello_at) and now >= (self.hello_at or 0) + (
            self.renews_after or 0
        )
        return self.is_told or self.was_suspect or is_old or self.is_suspect(now)

    def is_suspect(self, now: float) -> bool:
        """Whether a ping has gone unanswered for long, so that the client may have dialled already."""
        return self.unanswered_since is not None and now - self.unanswered_since >= _QUICK_PONG - _EPSILON

    def is_ready_for(self, seconds: float, now: float) -> bool:
        """Whether it has been ready for so long."""
        return self.hello_at is not None and now - self.hello_at >= seconds
