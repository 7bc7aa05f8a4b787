"""When was nobody listening? Exactly one gap for each stretch of time that no ready connection covered.

A connection covers from its `hello` to the last moment it was known to be good: the moment it was lost, or, where
it fell silent, the moment it was last heard. So the length of a gap is how long events could have been missed, not
how long it took to notice.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Generic, TypeVar

__all__ = ["Coverage", "Uncovered"]

_Key = TypeVar("_Key")


@dataclass(frozen=True, slots=True)
class Uncovered:
    """A stretch without a ready connection, in monotonic seconds."""

    since: float
    until: float

    @property
    def seconds(self) -> float:
        """How long it was."""
        return self.until - self.since


class Coverage(Generic[_Key]):
    """Follows the connections of one client. Before the first one is ready, nothing is missed yet."""

    def __init__(self) -> None:
        self._ready_since: dict[_Key, float] = {}
        self._covered_until: float | None = None

    def ready(self, key: _Key, now: float) -> Uncovered | None:
        """`key` listens from `now`; the gap that this ends, if there was one."""
        was_dark = not self._ready_since
        self._ready_since[key] = now
        return self._uncovered(now) if was_dark else None

    def ended(self, key: _Key, last_good: float) -> Uncovered | None:
        """`key` is gone and was good until `last_good`; the gap that comes to light, if it is already over."""
        if self._ready_since.pop(key, None) is None:
            return None
        self._covered_until = last_good if self._covered_until is None else max(self._covered_until, last_good)
        return self._uncovered(min(self._ready_since.values())) if self._ready_since else None

    def stopped(self, now: float) -> Uncovered | None:
        """Nobody will listen any more, by intent: the gap that was open, if there was one."""
        gap = None if self._ready_since else self._uncovered(now)
        self._ready_since.clear()
        self._covered_until = None
        return gap

    def _uncovered(self, until: float) -> Uncovered | None:
        since = self._covered_until
        if since is None or until <= since:
            return None
        self._covered_until = until
        return Uncovered(since, until)
