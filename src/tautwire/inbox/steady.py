"""Epoch seconds that do not step."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tautwire.clock import Clock

__all__ = ["Steady"]


class Steady:
    """The wall clock as it stood once, moved on by the monotonic one.

    An inbox writes epoch seconds, because they have to mean something after a restart. Were they read from the wall
    clock each time, a step of an hour would end every lease at once, or hold up every retry for that long.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._offset = clock.wall() - clock.monotonic()

    def now(self) -> float:
        """Epoch seconds."""
        return self._clock.monotonic() + self._offset
