"""How a visitor behaves: having written, it leaves the file to its owner for longer than it had it.

SQLite lets one write at a time, and whoever waits looks again after pauses that grow to 100 ms. Two who write without a
break would keep each other out by chance; the owner has two seconds for a put before an envelope is refused.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, TypeVar

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from tautwire.clock import Clock

__all__ = ["Manners"]

R = TypeVar("R")

#: How many times as long as it had the file, and for how many seconds at most.
_TIMES: Final = 2.0
_LONGEST: Final = 0.25


class Manners:
    """Holds back the next change until the pause after the last one is over."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._from = 0.0

    async def change(self, change: Callable[[], Awaitable[R]]) -> R:
        """Do what changes the file, when it is time."""
        await self._clock.sleep(self._from - self._clock.monotonic())
        began = self._clock.monotonic()
        try:
            return await change()
        finally:
            now = self._clock.monotonic()
            self._from = now + min(_LONGEST, _TIMES * (now - began))
