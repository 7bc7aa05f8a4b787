"""Time that only a test moves."""

from __future__ import annotations

import asyncio
from typing import Any

__all__ = ["HandClock"]

#: Where it starts, in seconds since the epoch and since some other point.
_WALL = 1_795_000_000.0
_MONOTONIC = 1_000.0


class HandClock:
    """A `tautwire.clock.Clock` that stands still until `move` is called."""

    def __init__(self) -> None:
        self._now = _MONOTONIC
        self._wall = _WALL - _MONOTONIC
        self._waiting: list[asyncio.Future[Any]] = []

    def move(self, seconds: float) -> None:
        """Let so much time pass, and wake those whose time has come."""
        self._now += seconds
        waiting, self._waiting = self._waiting, []
        for future in waiting:
            future.set_result(None)

    def step(self, seconds: float) -> None:
        """Set the wall clock forward, or back."""
        self._wall += seconds

    def monotonic(self) -> float:
        """See `Clock`."""
        return self._now

    def wall(self) -> float:
        """See `Clock`."""
        return self._now + self._wall

    async def sleep(self, seconds: float) -> None:
        """See `Clock`."""
        await self.wait(asyncio.Event(), seconds)

    async def wait(self, event: asyncio.Event, seconds: float) -> bool:
        """See `Clock`."""
        until = self._now + seconds
        setting: asyncio.Future[Any] = asyncio.ensure_future(event.wait())
        try:
            while not event.is_set() and self._now < until:
                moved: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
                self._waiting.append(moved)
                await asyncio.wait({setting, moved}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            setting.cancel()
        return event.is_set()
