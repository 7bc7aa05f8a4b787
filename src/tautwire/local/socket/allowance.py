"""How many events an app may be sent: 30,000 an hour, says Slack, and then no more. Pure: the caller brings the time.

Counted in whole minutes, so an hour is sixty small numbers however many events there are.
"""

from __future__ import annotations

from collections import deque
from typing import Final

__all__ = ["EVENTS_PER_HOUR", "Allowance"]

#: Deliveries per workspace, app and 60 minutes (Slack's Events API page and its page on rate limits).
EVENTS_PER_HOUR: Final = 30_000
_MINUTES: Final = 60


class Allowance:
    """A sliding hour. `limit` is how many events fit into it; `None` allows everything and counts nothing."""

    def __init__(self, limit: int | None = None) -> None:
        self.limit = limit
        self._minutes: deque[list[int]] = deque()
        self._spent = 0
        self._noticed_at = float("-inf")

    def take(self, now: float) -> bool:
        """Whether one more may go out at `now`, in seconds that never step back; what may is counted."""
        if self.limit is None:
            return True
        minute = int(now // 60)
        while self._minutes and self._minutes[0][0] <= minute - _MINUTES:
            self._spent -= self._minutes.popleft()[1]
        if self._spent >= self.limit:
            return False
        if not self._minutes or self._minutes[-1][0] != minute:
            self._minutes.append([minute, 0])
        self._minutes[-1][1] += 1
        self._spent += 1
        return True

    def owes_notice(self, now: float) -> bool:
        """Whether an event dropped at `now` is to be followed by `app_rate_limited`: once a minute, no more."""
        if now - self._noticed_at < 60:
            return False
        self._noticed_at = now
        return True
