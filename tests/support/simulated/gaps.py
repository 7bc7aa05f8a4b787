"""The oracle's own count of the times when nobody listened, to hold against the `Gap` facts."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable

    from simulated.view import View
    from tautwire.facts import Gap

__all__ = ["GapRules"]

#: Seconds that a pong may take: as the connection's earlier ones suggest, within these bounds.
_QUICK_PONG: Final = 5.0
_PONG: Final = 10.0
_EPSILON: Final = 1e-3
_GRACE: Final = 1.0


@dataclass(slots=True)
class _Covered:
    """From when to when a connection listened; its end may be uncertain by what the client may forgive."""

    since: float
    until: tuple[float, float]


@dataclass(slots=True)
class _Session:
    """From `connect()` to `disconnect()` or `close()`."""

    spans: list[_Covered] = field(default_factory=list)
    open: dict[int, View] = field(default_factory=dict)
    told: list[tuple[float, float]] = field(default_factory=list)
    #: Since when it may be over.
    ends: list[float] = field(default_factory=list)


class GapRules:
    """Follows who listens. Moments are on the client's monotonic clock."""

    def __init__(self, silence_limit: float, blame: Callable[[str, str], None]) -> None:
        self._silence_limit = silence_limit
        self._blame = blame
        self._session = _Session()
        self.found = 0

    def on_ready(self, view: View, now: float) -> None:
        """Slack has said hello."""
        self._session.open[view.number] = view

    def on_over(self, view: View, now: float, frozen: float) -> None:
        """The client has cut it."""
        if self._session.open.pop(view.number, None) is None or view.hello_at is None:
            return
        self._session.spans.append(_Covered(view.hello_at, self._good_until(view, now, frozen)))

    def on_fact(self, gap: Gap, monotonic: float) -> None:
        """The client reports a gap."""
        until = monotonic - (gap.at - gap.until)
        self._session.told.append((until - gap.seconds, until))
        self.found += 1

    def wanted(self) -> None:
        """The user wants connections again."""
        self._session.ends.clear()

    def fatal(self, now: float) -> None:
        """Slack has refused for good: what is open serves on, and then it is over."""
        self.stopping(now)

    def stopping(self, now: float) -> None:
        """`disconnect()` or `close()` begins."""
        self._session.ends.append(now)

    def stopped(self, now: float) -> None:
        """It has come back: compare."""
        session, self._session = self._session, _Session()
        if not session.ends:
            return
        start = session.ends[0]
        session.spans += [
            _Covered(view.hello_at, (min(view.last_read, start), now))
            for view in session.open.values()
            if view.hello_at is not None
        ]
        expected = _holes(sorted(session.spans, key=lambda span: span.since), (start, now))
        self._compare(expected, sorted(session.told), start)

    def _compare(self, expected: list[_Hole], told: list[tuple[float, float]], stop: float) -> None:
        left = [(since, until) for since, until in told if until - since > _EPSILON]
        for hole in expected:
            match = next((gap for gap in left if hole.fits(gap)), None)
            if match is not None:
                left.remove(match)
            elif hole.is_certain:
                self._blame("gap", f"nobody listened {hole}, and no gap of that length was reported: {told}")
        if left:
            self._blame("gap", f"gaps were reported that were none: {left}; there were {[str(h) for h in expected]}")

    def _good_until(self, view: View, now: float, frozen: float) -> tuple[float, float]:
        if view.end_read_at is not None and view.close_sent_at is None:
            now = view.end_read_at
        end = min(moment for moment in (now, view.end_read_at, view.close_sent_at) if moment is not None)
        silent_since = min(view.last_read, end)
        unanswered = now - view.unanswered_since if view.unanswered_since is not None else 0.0
        # It may have been given up a moment ago: the client says Close only after the acks that are due.
        early = end - _GRACE if end == view.close_sent_at or view.is_told else end
        is_forgiving = self._session.ends or view.was_paused or frozen > view.frozen_at_last_read
        if is_forgiving or _QUICK_PONG - _GRACE < unanswered < _PONG + _GRACE:
            return (min(silent_since, early), now if self._session.ends else end)
        is_suspect = unanswered > _PONG or now - view.last_read >= self._silence_limit - _EPSILON
        return (silent_since, silent_since) if is_suspect else (early, end)


@dataclass(slots=True)
class _Hole:
    since: tuple[float, float]
    until: tuple[float, float]

    def __str__(self) -> str:
        return f"from {_words(self.since)} to {_words(self.until)}"

    @property
    def is_certain(self) -> bool:
        """Whether it was a gap however the uncertain moments are read."""
        return self.until[0] > self.since[1] + _EPSILON

    def fits(self, gap: tuple[float, float]) -> bool:
        """Whether `gap` is this one."""
        since, until = gap
        return (
            self.since[0] - _EPSILON <= since <= self.since[1] + _EPSILON
            and self.until[0] - _EPSILON <= until <= self.until[1] + _EPSILON
        )


def _holes(spans: list[_Covered], stop: tuple[float, float]) -> list[_Hole]:
    """What no span covers, from the first one on."""
    found: list[_Hole] = []
    if not spans:
        return found
    covered = spans[0].until
    for span in spans[1:]:
        if span.since > covered[0]:
            found.append(_Hole(covered, (span.since, span.since)))
        covered = (max(covered[0], span.until[0]), max(covered[1], span.until[1]))
    if stop[1] > covered[0]:
        found.append(_Hole(covered, (max(stop[0], covered[0]), stop[1])))
    return found


def _words(moment: tuple[float, float]) -> str:
    low, high = moment
    return f"{low:.3f}" if low == high else f"{low:.3f}…{high:.3f}"
