"""Calls a listener, and stops what it raises: the one place that catches everything."""

from __future__ import annotations

import asyncio
import inspect
from typing import TYPE_CHECKING, Any, TypeVar

from tautwire.errors import ListenerTimeoutError

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["failure_of", "failure_within", "result_of"]

_T = TypeVar("_T")


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


async def failure_within(seconds: float | None, call: Callable[[], Any]) -> Exception | None:
    """The same; after `seconds` the listener is cancelled, and what it raised is a `ListenerTimeoutError`."""
    if seconds is None:
        return await failure_of(call)
    timeout = asyncio.timeout(seconds)

    async def timed() -> None:
        async with timeout:
            result = call()
            if inspect.isawaitable(result):
                await result

    return _explained(await failure_of(timed), timeout, seconds)


def _explained(error: Exception | None, timeout: asyncio.Timeout, seconds: float) -> Exception | None:
    if not isinstance(error, TimeoutError) or not timeout.expired():
        return error
    cancelled = error.__cause__ or error  # Which knows where the listener was by then.
    return ListenerTimeoutError(f"it took longer than {seconds:g} s").with_traceback(cancelled.__traceback__)


def result_of(call: Callable[[], _T], otherwise: _T) -> tuple[_T, Exception | None]:
    """What somebody's plain function gives; `otherwise` and what it raised when it raises."""
    try:
        return call(), None
    except Exception as error:  # noqa: BLE001  the same
        return otherwise, error


def _is_meant_for_the_task(error: BaseException) -> bool:
    if isinstance(error, asyncio.CancelledError):
        task = asyncio.current_task()
        return task is None or task.cancelling() > 0
    return isinstance(error, KeyboardInterrupt | SystemExit | GeneratorExit)
