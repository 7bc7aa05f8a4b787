"""An inbox in virtual time, whose commits take as long as a disk's do: mostly a moment, at times much too long."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from simulated.loop import VirtualClock
from tautwire.errors import InboxUnavailableError
from tautwire.inbox.memory import MemoryInbox

if TYPE_CHECKING:
    from random import Random

    from simulated.world import World

__all__ = ["SlowInbox"]

#: How long a call takes, and how likely that is; `None` is a call that fails.
_SECONDS: Final[dict[float | None, float]] = {0.0: 60, 0.01: 30, 0.5: 3, 2.5: 1, 20.0: 0.2, None: 1}


class SlowInbox(MemoryInbox):
    """Each call of the receiver and of the dispatcher waits before it does anything, and after."""

    def __init__(self, world: World, chance: Random) -> None:
        super().__init__(clock=VirtualClock(world))
        self._chance = chance

    async def _wait(self) -> None:
        seconds = self._chance.choices(list(_SECONDS), list(_SECONDS.values()))[0]
        if seconds is None:
            raise InboxUnavailableError("the disk is full")
        if seconds:
            await self._clock.sleep(seconds)

    async def put(self, record: Any, *, owner: str = "") -> Any:
        await self._wait()
        placed = await super().put(record, owner=owner)
        await self._wait()
        return placed

    async def acked(self, which: str) -> None:
        await self._wait()
        await super().acked(which)

    async def claim(self, owner: str, *, limit: int = 1, wait: float = 0.0) -> Any:
        await self._wait()
        return await super().claim(owner, limit=limit, wait=wait)

    async def extend(self, lease: Any) -> Any:
        await self._wait()
        return await super().extend(lease)

    async def done(self, lease: Any) -> None:
        await self._wait()
        await super().done(lease)

    async def retry(self, lease: Any, *, delay: float, error: str) -> None:
        await self._wait()
        await super().retry(lease, delay=delay, error=error)

    async def bury(self, lease: Any, *, error: str) -> None:
        await self._wait()
        await super().bury(lease, error=error)
