"""One inbox in memory for a gateway and its workers, as if each had a connection of its own to the same store."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tautwire.inbox.api import Recovery
from tautwire.inbox.memory import MemoryInbox

if TYPE_CHECKING:
    from tautwire.inbox.api import State

__all__ = ["SharedInbox"]


class SharedInbox(MemoryInbox):
    """Opened by as many as like; closed with the last of them. Nobody who opens it takes another's leases away."""

    _users = 0

    async def open(self) -> Recovery:
        self._users += 1
        if self._users > 1:
            stats = await self.stats()
            return Recovery(waiting=stats.waiting + stats.delayed)
        return await super().open()

    async def close(self) -> None:
        self._users -= 1
        if not self._users:
            await super().close()

    def states(self) -> list[str]:
        return [entry.state.value for entry in self.shelf.entries.values()]

    def count(self, state: State) -> int:
        return self.states().count(state.value)
