"""Waiting for a condition without polling and without sleeping."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["Bell"]


class Bell:
    """Whoever changes something rings; whoever waits looks again. One event loop only, so no ring is ever missed."""

    def __init__(self) -> None:
        self._waiting: set[asyncio.Future[None]] = set()

    def ring(self) -> None:
        """Wake everybody who waits; cheap when nobody does."""
        for future in self._waiting:
            if not future.done():
                future.set_result(None)

    async def until(self, holds: Callable[[], bool]) -> None:
        """Return once `holds()`; it is asked at once and after each ring."""
        while not holds():
            future = asyncio.get_running_loop().create_future()
            self._waiting.add(future)
            try:
                await future
            finally:
                self._waiting.discard(future)

    async def within(self, seconds: float, holds: Callable[[], bool], complaint: Callable[[], str]) -> None:
        """The same for at most `seconds` of real time; then `TimeoutError`, in the words of `complaint()`."""
        try:
            async with asyncio.timeout(seconds):
                await self.until(holds)
        except TimeoutError:
            raise TimeoutError(complaint()) from None
