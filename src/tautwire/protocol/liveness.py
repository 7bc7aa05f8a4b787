"""Is the other side still there? Any frame is life; when to ping, when to doubt, when to give up.

Three distances from the last frame that came in:

- `ping_interval` since the last ping: ping again.
- a ping unanswered for the pong deadline and nothing else heard either: *suspect*. Time to dial a successor.
- silence for `silence_limit(ping_interval)`: *dead*. Slack may hold the TCP connection for hours; we don't.

The pong deadline is 10 s for a connection that has yet to show how fast it answers, and four times its slowest answer
after that, between 5 and 10 s: a fast one that falls silent is doubted early, a slow one is not replaced for ever.

All on a monotonic clock. A loop that was blocked cannot accuse the peer: time during which nobody looked is not
silence (`judge` forgives it), and neither is a pause of our own making (`pause`, `resume`: back-pressure).
"""

from __future__ import annotations

import enum
from typing import Final

__all__ = ["PONG_DEADLINE", "QUICK_PONG_DEADLINE", "Liveness", "Verdict", "silence_limit"]

#: Seconds a ping may stay unanswered. Field reports of pongs beyond 5 s are common, beyond 10 s are dead sockets.
PONG_DEADLINE: Final = 10.0

#: The same for a connection that has always answered within a quarter of it.
QUICK_PONG_DEADLINE: Final = 5.0

_LEAST_SILENCE: Final = 15.0
_LATE: Final = 1.0


def silence_limit(ping_interval: float) -> float:
    """Seconds of silence after which a connection counts as dead."""
    return max(_LEAST_SILENCE, 4 * ping_interval)


class Verdict(enum.Enum):
    """What `Liveness.judge` found."""

    ALIVE = enum.auto()
    #: A ping is overdue: worth a successor, not yet worth an abort. May turn alive again.
    SUSPECT = enum.auto()
    #: Silent beyond the limit.
    DEAD = enum.auto()


class Liveness:
    """The clockwork of one connection. Times are monotonic seconds, given by the caller."""

    def __init__(self, ping_interval: float, now: float) -> None:
        self._ping_interval = ping_interval
        self._limit = silence_limit(ping_interval)
        self._heard = now
        self._next_ping = now
        self._unanswered: float | None = None
        self._slowest: float | None = None
        self._due = now
        self._paused = False

    @property
    def last_heard(self) -> float:
        """When the last frame came in, or when the connection began."""
        return self._heard

    @property
    def pong_deadline(self) -> float:
        """Seconds that a ping may stay unanswered on this connection."""
        if self._slowest is None:
            return PONG_DEADLINE
        return min(PONG_DEADLINE, max(QUICK_PONG_DEADLINE, 4 * self._slowest))

    def heard(self, now: float) -> None:
        """A frame came in: any frame, a ping of theirs too."""
        self._heard = now
        if self._unanswered is not None:
            self._slowest = max(self._slowest or 0.0, now - self._unanswered)
            self._unanswered = None

    def pause(self) -> None:
        """From here on nobody reads: silence means nothing."""
        self._paused = True

    def resume(self, now: float) -> None:
        """Reading goes on: the count starts over."""
        self._paused = False
        self._unanswered = None
        self.heard(now)

    def takes_ping(self, now: float) -> bool:
        """Whether a ping is due at `now`; if so it counts as sent."""
        if now < self._next_ping:
            return False
        self._next_ping = now + self._ping_interval
        if self._unanswered is None:
            self._unanswered = now
        return True

    def judge(self, now: float) -> Verdict:
        """Is the peer there? `now` later than `next_check()` promised is our own delay, and is forgiven."""
        if now > self._due + _LATE:
            self._forgive(now - self._due, now)
        self._due = max(self._due, now)
        if self._paused:
            return Verdict.ALIVE
        if now - self._heard >= self._limit:
            return Verdict.DEAD
        if self._unanswered is not None and now - self._unanswered >= self.pong_deadline:
            return Verdict.SUSPECT
        return Verdict.ALIVE

    def next_check(self, now: float) -> float:
        """When to look again at the latest; the time by which `judge` measures our own delay."""
        moments = [self._next_ping, self._heard + self._limit]
        if self._unanswered is not None:
            moments.append(self._unanswered + self.pong_deadline)
        self._due = min((moment for moment in moments if moment > now), default=now + self._ping_interval)
        return self._due

    def _forgive(self, seconds: float, now: float) -> None:
        # What was heard at the end of the blockade stays heard then, and not some time in the future.
        self._heard = min(now, self._heard + seconds)
        if self._unanswered is not None:
            self._unanswered = min(now, self._unanswered + seconds)
