"""Every timer of the local Slack, in one heap, driven by one task through the injected clock.

Ten thousand deadlines a second are ten thousand heap entries, not ten thousand tasks.
"""

from __future__ import annotations

import asyncio
import heapq
import logging
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable

    from tautwire.clock import Clock

__all__ = ["Agenda", "Timer", "Timers"]

_LOG: Final = logging.getLogger(__name__)


class Timer:
    """One appointment; `cancel()` makes it come to nothing, any number of times."""

    __slots__ = ("_call",)

    def __init__(self, call: Callable[[], None]) -> None:
        self._call: Callable[[], None] | None = call

    @property
    def is_cancelled(self) -> bool:
        """Whether nothing will come of it any more."""
        return self._call is None

    def cancel(self) -> None:
        """Forget it."""
        self._call = None

    def fire(self) -> None:
        """Do it, unless cancelled."""
        call, self._call = self._call, None
        if call is not None:
            call()


class Timers:
    """The heap and its task. `run()` ends only by cancellation.

    A callback that raises costs only itself: it is logged, and the first such exception is kept in `failure`.

    `clock` says what time it is. Where that can jump, `base` is the clock beneath, to rest by, and `nudge()` is to be
    called after a jump.
    """

    def __init__(self, clock: Clock, base: Clock | None = None) -> None:
        self._clock, self._base = clock, base or clock
        self._heap: list[tuple[float, int, Timer]] = []
        self._count = 0
        self._sooner = asyncio.Event()
        self._rest_until = float("inf")
        self.failure: Exception | None = None

    def after(self, seconds: float, call: Callable[[], None]) -> Timer:
        """Have `call` called `seconds` from now, by the clock's monotonic time."""
        when = self._clock.monotonic() + max(0.0, seconds)
        timer = Timer(call)
        self._count += 1
        heapq.heappush(self._heap, (when, self._count, timer))
        if when < self._rest_until:
            self._sooner.set()
        return timer

    @property
    def next_due(self) -> float | None:
        """When the next one is due; `None` when there is none."""
        while self._heap and self._heap[0][2].is_cancelled:
            heapq.heappop(self._heap)
        return self._heap[0][0] if self._heap else None

    def nudge(self) -> None:
        """Look at the clock again."""
        self._sooner.set()

    async def run(self) -> None:
        """Fire what is due, rest until the next, for ever."""
        while True:
            try:
                self.fire_due()
            except Exception as error:  # noqa: BLE001 - one failure must not stop Slack's whole timetable
                _LOG.exception("a timer of the local Slack has failed; the others go on")
                self.failure = self.failure or error
            self._sooner.clear()
            self._rest_until = self._heap[0][0] if self._heap else float("inf")
            if self._heap:
                await self._base.wait(self._sooner, self._rest_until - self._clock.monotonic())
            else:
                await self._sooner.wait()

    def fire_due(self, at_least: float = float("-inf")) -> None:
        """Fire what is due now, or is due by `at_least`; a callback's exception is the caller's."""
        # Only what was due on entry: a callback that asks for "at once" must not keep the loop from everybody else.
        now, limit = max(at_least, self._clock.monotonic()), self._count
        while self._heap and self._heap[0][0] <= now and self._heap[0][1] <= limit:
            heapq.heappop(self._heap)[2].fire()


class Agenda:
    """One party's timers by name; a new one of a name replaces the old one."""

    def __init__(self, timers: Timers) -> None:
        self._timers = timers
        self._entries: dict[str, Timer] = {}

    def after(self, name: str, seconds: float, call: Callable[[], None]) -> None:
        """Have `call` called `seconds` from now, and what was there under `name` not."""
        if name in self._entries:
            self._entries[name].cancel()
        self._entries[name] = self._timers.after(seconds, call)

    def clear(self) -> None:
        """Forget everything."""
        for timer in self._entries.values():
            timer.cancel()
        self._entries.clear()
