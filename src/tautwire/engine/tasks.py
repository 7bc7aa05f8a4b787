"""Every task has an owner that knows it, hears of its failure and can end it.

`asyncio.TaskGroup` ties the fates of its tasks together; connections and listeners must not share theirs. This is a
group without that tie: one task's failure is reported and costs nobody else.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any, Final, Protocol

if TYPE_CHECKING:
    from collections.abc import Coroutine
    from contextvars import Context

__all__ = ["Pulse", "Tasks"]

_ROUNDS: Final = 2


class _OnFault(Protocol):
    def __call__(self, where: str, error: BaseException, /) -> None: ...


class Tasks:
    """Tasks with one owner. `on_fault` hears of an exception that a task did not handle: always a defect."""

    def __init__(self, on_fault: _OnFault) -> None:
        self._on_fault = on_fault
        self._running: set[asyncio.Task[Any]] = set()

    def __len__(self) -> int:
        return len(self._running)

    def __contains__(self, task: object) -> bool:
        return task in self._running

    def spawn(
        self, coroutine: Coroutine[Any, Any, Any], name: str, context: Context | None = None
    ) -> asyncio.Task[Any]:
        """Start a task that belongs here."""
        task = asyncio.get_running_loop().create_task(coroutine, name=name, context=context)
        self._running.add(task)
        task.add_done_callback(self._on_done)
        return task

    async def join(self, seconds: float) -> bool:
        """Wait up to `seconds` for all of them; whether all are done."""
        if self._running:
            await asyncio.wait(self._running, timeout=max(0.0, seconds))
        return not self._running

    async def cancel(self) -> None:
        """Cancel all of them and wait until they are done: a second at most, then once more for those that resist."""
        told_twice: set[asyncio.Task[Any]] = set(self._running)
        for _ in range(_ROUNDS):
            if not self._running:
                return
            told_twice &= self._running
            for task in self._running:
                task.cancel()
            await asyncio.wait(self._running, timeout=1.0)
        for task in told_twice & self._running:
            self._on_fault(task.get_name(), RuntimeError("a task does not end when it is cancelled"))

    def _on_done(self, task: asyncio.Task[Any]) -> None:
        self._running.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            self._on_fault(task.get_name(), error)


class Pulse:
    """Wakes whoever waits for a condition to change, in the order in which they came.

    Needs no running loop to be made or beaten.
    """

    def __init__(self) -> None:
        #: A dict for its order: the same run wakes the same tasks in the same order.
        self._waiters: dict[asyncio.Future[None], None] = {}

    def beat(self) -> None:
        """Something changed: everybody looks again."""
        for waiter in self._waiters:
            if not waiter.done():
                waiter.set_result(None)

    async def wait(self) -> None:
        """Until the next beat."""
        waiter = asyncio.get_running_loop().create_future()
        self._waiters[waiter] = None
        try:
            await waiter
        finally:
            self._waiters.pop(waiter, None)
