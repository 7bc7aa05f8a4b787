"""The broker's time, which is the same for everybody who uses it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tautwire.inbox.steady import Steady

if TYPE_CHECKING:
    from tautwire.clock import Clock

__all__ = ["Moment"]


class Moment:
    """Epoch seconds as the broker has them: a machine whose clock is wrong takes no lease away from another one."""

    def __init__(self, clock: Clock) -> None:
        self._clock, self._steady = clock, Steady(clock)
        self._ahead = 0.0

    def now(self) -> float:
        """Epoch seconds."""
        return self._steady.now() + self._ahead

    def heard(self, told: float, *, asked: float) -> None:
        """The broker said that it was `told` o'clock, to a question of the monotonic moment `asked`."""
        passed = self._clock.monotonic() - asked
        self._ahead = told + passed / 2 - self._steady.now()
