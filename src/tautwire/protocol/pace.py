"""When may the next dial be made? Back-off, rate limits and a bound on opens, in one answer.

The first redial after a loss does not wait, because most losses are one dead server among many healthy ones. That
redial is granted once; until a connection has been stable for a minute, everything after it waits with full jitter.
"""

from __future__ import annotations

import enum
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from tautwire.protocol.backoff import Uniform, delays, rate_limit_delay

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["CROWDED_WAIT", "OPEN_BURST", "OPEN_REFILL", "Pace"]

#: Opens that may be made at once, and seconds until one more is allowed: ten, then ten a minute.
OPEN_BURST: Final = 10
OPEN_REFILL: Final = 6.0

#: Seconds to stay away after `too_many_websockets`.
CROWDED_WAIT: Final = (30.0, 60.0)


class _FreeRedial(enum.Enum):
    UNUSED = enum.auto()
    GRANTED = enum.auto()
    SPENT = enum.auto()


@dataclass(slots=True)
class Pace:
    """The pace of one token's dials. `now` is monotonic seconds, given by the caller."""

    chance: Uniform
    #: Opens beyond the burst: those that bring the client up in the first place.
    first_opens: int = 0
    _delays: Iterator[float] = field(init=False)
    _free_redial: _FreeRedial = field(init=False, default=_FreeRedial.UNUSED)
    #: When the free redial was spent: what was ready before then belongs to the same blow.
    _spent_at: float = field(init=False, default=float("-inf"))
    _not_before: float = field(init=False, default=float("-inf"))
    _crowded_until: float = field(init=False, default=float("-inf"))
    _permits: float = field(init=False)
    _permits_at: float | None = field(init=False, default=None)

    def __post_init__(self) -> None:
        self._delays = delays(self.chance)
        self._permits = OPEN_BURST + self.first_opens

    def earliest(self, now: float) -> float:
        """The earliest moment for a dial, `now` if that is already past."""
        self._refill(now)
        permit_at = now if self._permits >= 1 else now + (1 - self._permits) * OPEN_REFILL
        return max(now, self._not_before, self._crowded_until, permit_at)

    def dialled(self, now: float) -> None:
        """A dial begins."""
        self._refill(now)
        self._permits -= 1
        if self._free_redial is _FreeRedial.GRANTED:
            self._spend(now)

    def lost(self, now: float, ready_at: float) -> None:
        """A connection that was ready since `ready_at` was lost.

        Several lost in one blow are one loss, also when the redial is under way by the time the others are noticed:
        ten connections that fall one after the other must not run the back-off up to its cap.
        """
        if self._free_redial is _FreeRedial.UNUSED:
            self._free_redial = _FreeRedial.GRANTED
        elif self._free_redial is _FreeRedial.SPENT and ready_at > self._spent_at:
            self.failed(now)

    def failed(self, now: float) -> None:
        """A dial came to nothing."""
        self._spend(now)
        self._wait(now + next(self._delays))

    def rate_limited(self, now: float, retry_after: float | None) -> None:
        """Slack asked to wait."""
        self._wait(now + rate_limit_delay(retry_after, self.chance))

    def crowded(self, now: float) -> None:
        """Slack counts too many connections."""
        self._crowded_until = now + self.chance.uniform(*CROWDED_WAIT)

    def made_room(self) -> None:
        """A connection that Slack counted has ended: its place is free, so waiting for one has no more reason."""
        self._crowded_until = float("-inf")

    def stable(self) -> None:
        """A connection has lived long enough: trouble before it no longer counts."""
        self._delays = delays(self.chance)
        self._free_redial = _FreeRedial.UNUSED

    def _spend(self, now: float) -> None:
        if self._free_redial is not _FreeRedial.SPENT:
            self._free_redial, self._spent_at = _FreeRedial.SPENT, now

    def _wait(self, until: float) -> None:
        self._not_before = max(self._not_before, until)

    def _refill(self, now: float) -> None:
        since = now if self._permits_at is None else self._permits_at
        self._permits = min(max(OPEN_BURST, self._permits), self._permits + (now - since) / OPEN_REFILL)
        self._permits_at = now
