"""What is outside of the client, as things that happen at their time; and four clocks that tell it."""

from __future__ import annotations

import heapq
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["World"]

_EPOCH: Final = 1_790_000_000.0


class World:
    """The one true time, and what will happen when.

    Four clocks hang on it. `now` is the time of Slack and the network. `monotonic` is the client's: it stands still
    while the machine sleeps. `wall` can be stepped. `awake` counts only the time in which the client could run.
    """

    def __init__(self) -> None:
        self.now = 0.0
        self._asleep = 0.0
        self._frozen = 0.0
        self._step = 0.0
        self._ice: tuple[float, bool] | None = None
        self._agenda: list[tuple[float, int, Callable[..., object], tuple[Any, ...]]] = []
        self._count = 0

    @property
    def monotonic(self) -> float:
        """The client's monotonic clock."""
        return (self._ice[0] if self._ice is not None and self._ice[1] else self.now) - self._asleep

    @property
    def wall(self) -> float:
        """The client's wall clock."""
        return _EPOCH + self.now + self._step

    @property
    def awake(self) -> float:
        """Seconds in which the client was not frozen."""
        return (self.now if self._ice is None else self._ice[0]) - self._frozen

    @property
    def frozen_seconds(self) -> float:
        """How long the client could not run, so far."""
        return self._frozen

    def after(self, seconds: float, happen: Callable[..., object], *arguments: Any) -> None:
        """Let something happen later."""
        self._count += 1
        heapq.heappush(self._agenda, (self.now + seconds, self._count, happen, arguments))

    def at(self, moment: float, happen: Callable[..., object], *arguments: Any) -> None:
        """Let something happen at a moment of `now`."""
        self.after(max(0.0, moment - self.now), happen, *arguments)

    def step_wall(self, seconds: float) -> None:
        """Somebody sets the wall clock."""
        self._step += seconds

    def freeze(self, seconds: float, *, asleep: bool) -> None:
        """Stop the client for a while; a machine that sleeps stops its monotonic clock as well."""
        if self._ice is not None:
            return
        self._ice = (self.now, asleep)
        thaws_at = self.now + seconds
        while self._agenda and self._agenda[0][0] <= thaws_at:
            self._advance()
        self.now = thaws_at
        self._ice = None
        self._frozen += seconds
        if asleep:
            self._asleep += seconds

    def pass_until(self, monotonic: float | None, has_woken: Callable[[], bool]) -> bool:
        """Let time pass to the client's `monotonic`, or until something wakes it. Whether anything was left to do."""
        while True:
            limit = None if monotonic is None else monotonic + self._asleep
            if not self._agenda or (limit is not None and self._agenda[0][0] > limit):
                if limit is not None:
                    self.now = max(self.now, limit)
                return limit is not None
            self._advance()
            if has_woken():
                return True

    def _advance(self) -> None:
        moment, _, happen, arguments = heapq.heappop(self._agenda)
        self.now = max(self.now, moment)
        happen(*arguments)
