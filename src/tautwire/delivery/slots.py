"""How many listeners may run, and who is next: the stored, if any wait, before those that just came in."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tautwire.engine.tasks import Pulse

__all__ = ["Slots"]


class Slots:
    """`concurrency` places. `is_behind`: records wait in the store, so a free place is not for one that comes in now.

    Otherwise a stream of new ones could keep the stored ones waiting for ever.
    """

    def __init__(self, concurrency: int, freed: Pulse) -> None:
        self.concurrency = concurrency
        self.is_behind = True
        self._freed = freed
        self._taken = 0

    @property
    def taken(self) -> int:
        """How many are taken."""
        return self._taken

    @property
    def free(self) -> int:
        """How many are not."""
        return self.concurrency - self._taken

    def take_for_new(self) -> bool:
        """Take one for an envelope that just came in; whether there was one. If not, it has to wait in the store."""
        self.is_behind = self.is_behind or not self.free
        if self.is_behind:
            return False
        self._taken += 1
        return True

    async def take(self) -> None:
        """Take one for a stored record, as soon as there is one."""
        await self.one_free()
        self._taken += 1

    async def one_free(self) -> None:
        """Until one is free."""
        while not self.free:
            await self._freed.wait()

    def give_back(self) -> None:
        """One is free again."""
        self._taken -= 1
        self._freed.beat()
