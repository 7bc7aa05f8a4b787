"""`SIGINT` and `SIGTERM` as a request to end, for the time of a `with` block."""

from __future__ import annotations

import asyncio
import signal
from typing import TYPE_CHECKING, Final
from weakref import WeakKeyDictionary

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import TracebackType

__all__ = ["EndSignals"]

_SIGNALS: Final = (signal.SIGINT, signal.SIGTERM)

#: Everybody on a loop who is to end; a loop has one handler for a signal.
_WAITING: Final[WeakKeyDictionary[asyncio.AbstractEventLoop, list[EndSignals]]] = WeakKeyDictionary()


class EndSignals:
    """Calls `on_signal` at the first signal; the second one acts as if nobody had asked.

    Several on one loop are all called. Outside the main thread, and on an event loop without signal handlers
    (Windows), it does nothing.
    """

    def __init__(self, on_signal: Callable[[], None]) -> None:
        self._on_signal = on_signal
        self._loop: asyncio.AbstractEventLoop | None = None

    def __enter__(self) -> None:
        loop = asyncio.get_running_loop()
        try:
            for number in _SIGNALS:
                loop.add_signal_handler(number, _end_all, loop)
        except (NotImplementedError, RuntimeError, ValueError):
            return
        self._loop = loop
        _WAITING.setdefault(loop, []).append(self)

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, tb: TracebackType | None) -> None:
        loop, self._loop = self._loop, None
        waiting = [] if loop is None else _WAITING.get(loop, [])
        if loop is not None and self in waiting:
            waiting.remove(self)
            if not waiting:
                _forget(loop)

    def end(self) -> None:
        """The signal came."""
        self._on_signal()


def _end_all(loop: asyncio.AbstractEventLoop) -> None:
    for one in _forget(loop):
        one.end()


def _forget(loop: asyncio.AbstractEventLoop) -> list[EndSignals]:
    for number in _SIGNALS:
        loop.remove_signal_handler(number)
    return _WAITING.pop(loop, [])
