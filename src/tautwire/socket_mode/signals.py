"""`SIGINT` and `SIGTERM` as a request to end, for the time of a `with` block."""

from __future__ import annotations

import asyncio
import signal
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import TracebackType

__all__ = ["EndSignals"]

_SIGNALS: Final = (signal.SIGINT, signal.SIGTERM)


class EndSignals:
    """Calls `on_signal` at the first signal; the second one acts as if nobody had asked.

    Outside the main thread, and on an event loop without signal handlers (Windows), it does nothing.
    """

    def __init__(self, on_signal: Callable[[], None]) -> None:
        self._on_signal = on_signal
        self._loop: asyncio.AbstractEventLoop | None = None

    def __enter__(self) -> None:
        self._loop = asyncio.get_running_loop()
        try:
            for number in _SIGNALS:
                self._loop.add_signal_handler(number, self._handle)
        except (NotImplementedError, RuntimeError, ValueError):
            self._loop = None

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, tb: TracebackType | None) -> None:
        self._remove()

    def _handle(self) -> None:
        self._remove()
        self._on_signal()

    def _remove(self) -> None:
        if self._loop is not None:
            for number in _SIGNALS:
                self._loop.remove_signal_handler(number)
            self._loop = None
