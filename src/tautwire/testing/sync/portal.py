"""An event loop in a thread of its own, and the way into it from others."""

from __future__ import annotations

import asyncio
import threading
from concurrent.futures import Future
from typing import TYPE_CHECKING, TypeVar

from tautwire.errors import ConfigurationError

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine
    from typing import Any

__all__ = ["Portal"]

T = TypeVar("T")


class Portal:
    """Open from `open` to `close`. Any thread may use it, and several at once."""

    def __init__(self, name: str) -> None:
        self._thread = threading.Thread(target=self._serve, name=name, daemon=True)
        self._opened: Future[asyncio.AbstractEventLoop] = Future()
        self._closing = asyncio.Event()
        #: Held while something is handed over, so that nothing is once the end has been.
        self._handing = threading.Lock()
        self._loop: asyncio.AbstractEventLoop | None = None

    @property
    def is_open(self) -> bool:
        """Whether there is a loop to go to."""
        return self._loop is not None

    def open(self) -> None:
        """Start the thread. `ConfigurationError` for a second time."""
        if self._thread.ident is not None:
            raise ConfigurationError("a local Slack starts once; make a new one")
        self._thread.start()
        self._loop = self._opened.result()

    def close(self) -> None:
        """End the thread, with whatever still runs in its loop; any number of times."""
        with self._handing:
            loop, self._loop = self._loop, None
            if loop is not None:
                loop.call_soon_threadsafe(self._closing.set)
        if loop is not None:
            self._thread.join()

    def _serve(self) -> None:
        asyncio.run(self._until_closing())

    async def _until_closing(self) -> None:
        self._opened.set_result(asyncio.get_running_loop())
        await self._closing.wait()

    def read(self, look: Callable[[], T]) -> T:
        """What `look()` returns, called in the loop's thread; once that has ended, in this one."""
        if self._is_inside():
            return look()
        answer: Future[T] = Future()
        with self._handing:
            loop = self._loop
            if loop is not None:
                loop.call_soon_threadsafe(_fill, answer, look)
        return look() if loop is None else answer.result()

    def wait(self, begin: Callable[[], Coroutine[Any, Any, T]]) -> T:
        """Run `begin()` in the loop and wait for its result. An interrupt here cancels it there.

        `ConfigurationError` when it could never come: from within the loop's thread, or after the end.
        """
        if self._is_inside():
            raise ConfigurationError("a condition is asked in the local Slack's own thread, where nobody can wait")
        with self._handing:
            if self._loop is None:
                raise ConfigurationError("this local Slack is closed; what it has noted can still be read")
            running = asyncio.run_coroutine_threadsafe(begin(), self._loop)
        try:
            return running.result()
        except BaseException:
            running.cancel()
            raise

    def _is_inside(self) -> bool:
        return threading.current_thread() is self._thread


def _fill(answer: Future[T], look: Callable[[], T]) -> None:
    try:
        answer.set_result(look())
    except BaseException as error:  # noqa: BLE001 - it belongs to whoever asked
        answer.set_exception(error)
