"""An asyncio event loop that never waits: when all tasks do, it lets the world go on to what comes next.

Tasks and futures are numbered, so that a set of them is walked in the same order in every run: a seed replays.
"""

from __future__ import annotations

import asyncio
import itertools
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections import deque
    from collections.abc import Callable

    from simulated.world import World

__all__ = ["DeadlockError", "LivelockError", "VirtualClock", "VirtualLoop"]

#: Turns of the loop without time passing after which somebody is going in circles.
_MOST_TURNS: Final = 20_000

#: Seconds that a turn takes. A timer within the loop's resolution fires early, and sets itself again for the rest: in
#: a world that stands still it would do so for ever.
_TURN: Final = 2e-9

_numbers = itertools.count()


class DeadlockError(Exception):
    """Everybody waits, and nothing will ever happen."""


class LivelockError(Exception):
    """Somebody works for ever, and no time passes."""


class _Task(asyncio.Task[Any]):
    def __init__(self, *arguments: Any, **options: Any) -> None:
        self._number = next(_numbers)
        super().__init__(*arguments, **options)

    def __hash__(self) -> int:
        return self._number

    def __eq__(self, other: object) -> bool:
        return self is other


class _Future(asyncio.Future[Any]):
    def __init__(self, *, loop: asyncio.AbstractEventLoop) -> None:
        self._number = next(_numbers)
        super().__init__(loop=loop)

    def __hash__(self) -> int:
        return self._number

    def __eq__(self, other: object) -> bool:
        return self is other


class VirtualLoop(asyncio.BaseEventLoop):
    """Runs tasks in the world's time. It has no sockets, no threads and no signals."""

    _ready: deque[asyncio.Handle]
    _scheduled: list[asyncio.TimerHandle]

    def __init__(self, world: World, *, check: Callable[[], None]) -> None:
        super().__init__()
        self._world = world
        self._check = check
        self._turns = 0
        self._selector = self
        self._clock_resolution = _TURN / 2
        self.set_task_factory(_make_task)

    def time(self) -> float:
        return self._world.monotonic

    def create_future(self) -> asyncio.Future[Any]:
        return _Future(loop=self)

    def select(self, timeout: float | None) -> list[Any]:
        """What a selector would do: wait. Here the world goes on instead."""
        self._check()
        if timeout is not None and timeout <= 0:
            self._world.now += _TURN
            self._turns += 1
            if self._turns > _MOST_TURNS:
                raise LivelockError(f"{_MOST_TURNS} turns of the loop at {self._world.now:.3f} s")
            return []
        self._turns = 0
        moment = self._scheduled[0].when() if self._scheduled else None
        if not self._world.pass_until(moment, lambda: bool(self._ready)):
            raise DeadlockError(f"all tasks wait, and nothing will happen: {self._names()}")
        self._check()
        return []

    def _names(self) -> str:
        return ", ".join(sorted(task.get_name() for task in asyncio.all_tasks(self)))

    def _process_events(self, event_list: list[Any]) -> None:
        pass

    def _write_to_self(self) -> None:
        raise RuntimeError("there are no threads in virtual time")

    async def shutdown_default_executor(self, timeout: float | None = None) -> None:
        """There is none."""


def _make_task(loop: asyncio.AbstractEventLoop, coroutine: Any, **options: Any) -> asyncio.Task[Any]:
    return _Task(coroutine, loop=loop, **options)


class VirtualClock:
    """`tautwire.clock.Clock` in the world's time."""

    def __init__(self, world: World) -> None:
        self._world = world

    def monotonic(self) -> float:
        return self._world.monotonic

    def wall(self) -> float:
        return self._world.wall

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(max(0.0, seconds))

    async def wait(self, event: asyncio.Event, seconds: float) -> bool:
        try:
            async with asyncio.timeout(max(0.0, seconds)):
                await event.wait()
        except TimeoutError:
            return event.is_set()
        return True
