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
    """Follows the connections of one client. Before the first one is ready, nothing is missed yet.

    That a connection fell silent is noticed late, sometimes after its successor has come and gone. So what ended is
    remembered until every connection that was ready earlier has ended too. Should that bring two gaps to light at
    once, the second is told by the next call; the last call tells them all.
    """

    def __init__(self) -> None:
        self._ready_since: dict[_Key, float] = {}
        #: What ended connections covered and is not settled yet.
        self._spans: list[tuple[float, float]] = []
        self._covered_until: float | None = None
        self._found: list[Uncovered] = []

    def ready(self, key: _Key, now: float) -> Uncovered | None:
        """`key` listens from `now`; the gap that this ends, if there was one."""
        self._ready_since[key] = now
        return self._settle(min(self._ready_since.values()))

    def ended(self, key: _Key, last_good: float) -> Uncovered | None:
        """`key` is gone and was good until `last_good`; the gap that comes to light, if it is already over."""
        since = self._ready_since.pop(key, None)
        if since is None:
            return None
        self._spans.append((since, last_good))
        return self._settle(min(self._ready_since.values(), default=None))

    def stopped(self, now: float) -> tuple[Uncovered, ...]:
        """Nobody will listen any more, by intent: the gap that was open, after all that were not told yet."""
        gap = self._settle(min(self._ready_since.values(), default=now))
        gaps = () if gap is None else (gap, *self._found)
        self._ready_since.clear()
        self._spans.clear()
        self._found.clear()
        self._covered_until = None
        return gaps

    def _settle(self, until: float | None) -> Uncovered | None:
        """Settle all before `until`, where somebody who still listens began; everything, when nobody does."""
        for since, last_good in sorted(self._spans):
            if until is None or since < until:
                self._advance(since, last_good)
        self._spans = [span for span in self._spans if until is not None and span[0] >= until]
        if until is not None:
            self._advance(until, until)
        return self._found.pop(0) if self._found else None

    def _advance(self, since: float, until: float) -> None:
        covered = self._covered_until
        if covered is not None and since > covered:
            self._found.append(Uncovered(covered, since))
        self._covered_until = until if covered is None else max(covered, until)
