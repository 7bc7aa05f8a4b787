"""What may go wrong with one HTTP request, whatever it is for: silence, a cut, a bare status, slowness."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aiohttp import web

if TYPE_CHECKING:
    import asyncio

    from tautwire.clock import Clock
    from tautwire.local.faults import Faults

__all__ = ["Mishaps", "hang", "reset"]


async def hang(clock: Clock, closing: asyncio.Event, seconds: float) -> None:
    """Say nothing for `seconds`; for 0 or less, until the local Slack closes."""
    if seconds > 0:
        await clock.wait(closing, seconds)
    else:
        await closing.wait()


def reset(request: web.Request) -> web.Response:
    """Cut TCP without an answer; the response returned is one that nobody will see."""
    if request.transport is not None:
        request.transport.abort()
    return web.Response(status=500)


class Mishaps:
    """Asks the faults about a request, and lets happen what they say."""

    def __init__(self, faults: Faults, clock: Clock, closing: asyncio.Event) -> None:
        self._faults, self._clock, self._closing = faults, clock, closing

    async def befall(self, request: web.Request, where: str, *subjects: str) -> web.Response | None:
        """What is answered instead of the right thing; `None` when that may be answered, if only by now."""
        fault = self._faults.decide(where, *subjects)
        if fault is None:
            return None
        if fault.kind == "hang":
            await hang(self._clock, self._closing, fault.delay)
            return web.Response(status=504)
        if fault.delay > 0:
            await self._clock.wait(self._closing, fault.delay)
        match fault.kind:
            case "reset":
                return reset(request)
            case "status":
                return web.Response(status=fault.status)
        return None
