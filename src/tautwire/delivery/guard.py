"""Calls a listener, and stops what it raises: the one place that catches everything."""

from __future__ import annotations

import asyncio
import inspect
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["failure_of"]


async def failure_of(call: Callable[[], Any]) -> Exception | None:
    """What a listener raised, `None` when it came back; a plain function serves as well as a coroutine function.

    What is no `Exception` is told as one. Nothing comes through but what ends more than a listener: the program, or
    the task by somebody's `cancel()`.
    """
    try:
        result = call()
        if inspect.isawaitable(result):
            await result
    except Exception as error:  # noqa: BLE001  a listener may raise anything, and costs only itself
        return error
    except BaseException as error:
        if _is_meant_for_the_task(error):
            raise
        return RuntimeError(f"raised {type(error).__name__}").with_traceback(error.__traceback__)
    return None


def _is_meant_for_the_task(error: BaseException) -> bool:
    if isinstance(error, asyncio.CancelledError):
        task = asyncio.current_task()
        return task is None or task.cancelling() > 0
    return isinstance(error, KeyboardInterrupt | SystemExit | GeneratorExit)
