"""Wakes those who wait for something to claim."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from tautwire.clock import Clock

__all__ = ["Bell"]

#: A moment that has come by one clock has not always come by another; nobody is to look twice in between.
_LEAST: Final = 0.001


class Bell:
    """Rings for everybody who listened before."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._rung = asyncio.Event()

    def ring(self) -> None:
        """There may be something now."""
        self._rung.set()
        self._rung = asyncio.Event()

    def listen(self) -> asyncio.Event:
        """What will be set; to be asked for before looking, so that nothing comes in between unheard."""
        return self._rung

    async def wait(self, rung: asyncio.Event, seconds: float) -> None:
        """Return when it has rung, `seconds` later at the latest."""
        await self._clock.wait(rung, max(_LEAST, seconds))
