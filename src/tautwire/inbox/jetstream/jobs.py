"""What was begun is finished, also when whoever asked for it does not wait any more."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any, TypeVar

from tautwire.errors import InboxError

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine

__all__ = ["Jobs"]

T = TypeVar("T")


class Jobs:
    """Tasks that end by themselves."""

    def __init__(self) -> None:
        self._running: set[asyncio.Task[Any]] = set()
        self._orphans: set[asyncio.Task[Any]] = set()

    async def whole(
        self, call: Coroutine[Any, Any, T], undo: Callable[[T], Coroutine[Any, Any, None]] | None = None
    ) -> T:
        """Wait for a call that goes on when this is cancelled; `undo` then gets what it came to."""
        task = asyncio.create_task(call)
        self._running.add(task)
        task.add_done_callback(self._running.discard)
        try:
            return await asyncio.shield(task)
        except asyncio.CancelledError:
            self.spawn(self._after(task, undo))
            raise

    def spawn(self, call: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        """Begin something that nobody waits for, but `settled` and `join`."""
        task = asyncio.create_task(_quietly(call))
        for tasks in (self._running, self._orphans):
            tasks.add(task)
            task.add_done_callback(tasks.discard)
        return task

    async def settled(self, seconds: float) -> None:
        """Wait, for so long at most, for what was left to itself before this."""
        if self._orphans:
            await asyncio.wait(set(self._orphans), timeout=seconds)

    async def join(self, seconds: float) -> None:
        """Wait for everything, for so long at most; what still runs then is cancelled."""
        if self._running:
            await asyncio.wait(set(self._running), timeout=seconds)
        left = set(self._running)
        for task in left:
            task.cancel()
        if left:
            await asyncio.wait(left)

    async def _after(self, task: asyncio.Task[T], undo: Callable[[T], Coroutine[Any, Any, None]] | None) -> None:
        result = await task
        if undo is not None:
            await undo(result)


async def _quietly(call: Coroutine[Any, Any, None]) -> None:
    try:
        await call
    except InboxError:  # The broker is away, or somebody else was first: what nobody waits for, nobody can be told.
        return
