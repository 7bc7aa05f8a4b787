"""The tasks that listeners run in, which know that they are such."""

from __future__ import annotations

from contextvars import ContextVar, copy_context
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    import asyncio
    from collections.abc import Coroutine

    from tautwire.engine.tasks import Tasks

__all__ = ["is_listener_of", "spawn_listener"]

#: The listener's task that the current one belongs to.
_LISTENER: Final[ContextVar[asyncio.Task[Any] | None]] = ContextVar("listener", default=None)


def spawn_listener(tasks: Tasks, coroutine: Coroutine[Any, Any, Any]) -> asyncio.Task[Any]:
    """Start a listener's task among `tasks`."""
    context = copy_context()
    task = tasks.spawn(coroutine, "tautwire-listener", context)
    context.run(_LISTENER.set, task)
    return task


def is_listener_of(tasks: Tasks) -> bool:
    """Whether the caller is a listener among `tasks` that still runs, or a task that one has started."""
    return _LISTENER.get() in tasks
