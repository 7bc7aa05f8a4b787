"""The only owner of time.

Everything that decides by time takes a `Clock`, so that a test can own it. Decisions use `monotonic()`; `wall()` is
for what people and Slack read, and a step of the wall clock changes no decision.
"""

from __future__ import annotations

import asyncio
import time
from typing import Protocol

__all__ = ["SYSTEM_CLOCK", "Clock", "SystemClock"]


class Clock(Protocol):
    """Where time comes from. All values are seconds."""

    def monotonic(self) -> float:
        """Seconds since some fixed point; never steps back, never jumps with the wall clock."""

    def wall(self) -> float:
        """Seconds since the Unix epoch; may jump either way."""

    async def sleep(self, seconds: float) -> None:
        """Suspend the calling task for `seconds`; zero or less only yields."""

    async def wait(self, event: asyncio.Event, seconds: float) -> bool:
        """Suspend until `event` is set or `seconds` are over; whether it was set."""


class SystemClock:
    """The machine's clocks and the running loop's timers."""

    def monotonic(self) -> float:
        """See `Clock.monotonic`; the same clock as asyncio's own timers."""
        return time.monotonic()

    def wall(self) -> float:
        """See `Clock.wall`."""
        return time.time()

    async def sleep(self, seconds: float) -> None:
        """See `Clock.sleep`."""
        await asyncio.sleep(max(0.0, seconds))

    async def wait(self, event: asyncio.Event, seconds: float) -> bool:
        """See `Clock.wait`."""
        try:
            async with asyncio.timeout(max(0.0, seconds)):
                await event.wait()
        except TimeoutError:
            return event.is_set()
        return True


SYSTEM_CLOCK: Clock = SystemClock()
