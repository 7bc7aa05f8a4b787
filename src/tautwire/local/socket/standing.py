"""How an app stands with Slack: who lets nearly everything fail is sent nothing more. Pure: the caller brings the time.

"Over 95 % failed attempts in 60 minutes, and never below 1,000 events an hour", says Slack's Events API page, of HTTP;
whether Socket Mode knows it is not written anywhere.
"""

from __future__ import annotations

from collections import deque
from typing import Final

__all__ = ["Standing"]

_MINUTES: Final = 60
_LEAST: Final = 1000
_FAILING: Final = 0.95


class Standing:
    """A sliding hour of attempts, counted in whole minutes."""

    def __init__(self) -> None:
        self._minutes: deque[list[int]] = deque()  # minute, attempts, failures
        self._attempts = self._failures = 0

    def note(self, now: float, *, has_failed: bool) -> None:
        """One attempt has come to its end at `now`, in seconds that never step back."""
        minute = int(now // 60)
        while self._minutes and self._minutes[0][0] <= minute - _MINUTES:
            _, attempts, failures = self._minutes.popleft()
            self._attempts -= attempts
            self._failures -= failures
        if not self._minutes or self._minutes[-1][0] != minute:
            self._minutes.append([minute, 0, 0])
        self._minutes[-1][1] += 1
        self._minutes[-1][2] += has_failed
        self._attempts += 1
        self._failures += has_failed

    @property
    def is_hopeless(self) -> bool:
        """Whether Slack would give the app up, as of what was noted last."""
        return self._attempts >= _LEAST and self._failures > _FAILING * self._attempts
