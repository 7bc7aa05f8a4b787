"""Ctrl-C, for the time of a `with` block: the first asks the run to end, the second ends the program on the spot."""

from __future__ import annotations

import asyncio
import os
import signal
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import FrameType

__all__ = ["Interrupts"]

_SIGNALS: Final = (signal.SIGINT, signal.SIGTERM)


class Interrupts:
    """`SIGINT` and `SIGTERM`: the first calls `on_first`, on the loop; the next calls `on_last` and leaves.

    It leaves without unwinding, for nobody wants to read what an event loop has to say about being torn down. `on_last`
    runs as a signal handler. What was ignored when the block was entered stays ignored. Main thread only.
    """

    def __init__(self, on_first: Callable[[], object], on_last: Callable[[], object]) -> None:
        self._on_first, self._on_last = on_first, on_last
        self._is_asked = False
        self._loop: asyncio.AbstractEventLoop | None = None
        self._before: dict[int, Any] = {}

    def __enter__(self) -> None:
        self._loop = asyncio.get_running_loop()
        for number in _SIGNALS:
            if signal.getsignal(number) is not signal.SIG_IGN:
                self._before[number] = signal.signal(number, self._handle)

    def __exit__(self, *_: object) -> None:
        while self._before:
            signal.signal(*self._before.popitem())

    def _handle(self, number: int, _frame: FrameType | None) -> None:
        if self._is_asked or self._loop is None:
            self._on_last()
            os._exit(128 + number)
        self._is_asked = True
        self._loop.call_soon_threadsafe(self._on_first)
