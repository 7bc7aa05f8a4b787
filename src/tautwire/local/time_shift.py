"""The local Slack's own time, which can be moved forward: five minutes in no time, and nothing skipped on the way."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from tautwire.errors import ConfigurationError
from tautwire.local.socket.phases import Phase

if TYPE_CHECKING:
    from collections.abc import Callable

    from tautwire.clock import Clock
    from tautwire.local.bell import Bell
    from tautwire.local.socket.ledger import Ledger
    from tautwire.local.socket.session import Session
    from tautwire.local.timers import Timers

__all__ = ["ShiftedClock", "TimeMachine", "Traveller"]


class ShiftedClock:
    """A `Clock` that is ahead of `base` by as much as it has been shifted, and goes as fast."""

    def __init__(self, base: Clock) -> None:
        self.base = base
        self._ahead = 0.0
        self._resting: set[asyncio.Future[None]] = set()

    def monotonic(self) -> float:
        """See `Clock.monotonic`."""
        return self.base.monotonic() + self._ahead

    def wall(self) -> float:
        """See `Clock.wall`."""
        return self.base.wall() + self._ahead

    def shift(self, seconds: float) -> None:
        """Move forward at once; whoever sleeps or waits looks at the time again."""
        self._ahead += max(0.0, seconds)
        for future in self._resting:
            if not future.done():
                future.set_result(None)

    async def sleep(self, seconds: float) -> None:
        """See `Clock.sleep`."""
        await self.base.sleep(0)
        await self.wait(asyncio.Event(), seconds)

    async def wait(self, event: asyncio.Event, seconds: float) -> bool:
        """See `Clock.wait`."""
        due = self.monotonic() + seconds
        while not event.is_set() and (left := due - self.monotonic()) > 0:
            await self._rest(event, left)
        return event.is_set()

    async def _rest(self, event: asyncio.Event, seconds: float) -> None:
        shifted = asyncio.get_running_loop().create_future()
        self._resting.add(shifted)
        rest = asyncio.create_task(self.base.wait(event, seconds), name="local-slack-rest")
        try:
            await asyncio.wait((rest, shifted), return_when=asyncio.FIRST_COMPLETED)
        finally:
            self._resting.discard(shifted)
            rest.cancel()
            await asyncio.gather(rest, return_exceptions=True)


class TimeMachine:
    """Moves a `ShiftedClock` from one timer to the next, as far as it is told to.

    Real time stays what it was for the programs that are connected. So no jump is made while an envelope is in flight,
    for its ack could not be in time, nor while a connection is being replaced, for the next one could not be there.
    """

    def __init__(
        self, clock: ShiftedClock, timers: Timers, bell: Bell, ledger: Ledger, live: Callable[[], list[Session]]
    ) -> None:
        self._clock, self._timers, self._bell, self._ledger, self._live = clock, timers, bell, ledger, live
        self._one_at_a_time = asyncio.Lock()
        self._is_stopped = False

    def stop(self) -> None:
        """Have every journey end where it is."""
        self._is_stopped = True
        self._bell.ring()

    async def travel(self, seconds: float) -> None:
        """Move forward by `seconds`, firing every timer on the way in order and at its own moment.

        Time that passes by itself counts. A second journey begins when the first has ended.
        """
        async with self._one_at_a_time:
            goal = self._clock.monotonic() + seconds
            while await self._may_jump():
                due = self._timers.next_due
                if due is None or due > goal:
                    break
                self._clock.shift(due - self._clock.monotonic())
                self._timers.fire_due(due)
                await asyncio.sleep(0)
            self._clock.shift(0.0 if self._is_stopped else goal - self._clock.monotonic())
            self._timers.nudge()

    async def _may_jump(self) -> bool:
        self._timers.nudge()  # what is waited for may end by a timer, and those have not seen the last jump
        await self._bell.until(lambda: self._is_stopped or self._is_quiet())
        return not self._is_stopped

    def _is_quiet(self) -> bool:
        return not self._ledger.in_flight and all(each.phase is not Phase.REPLACED for each in self._live())


class Traveller:
    """What can be done with the local Slack's own time."""

    _machine: TimeMachine

    async def advance(self, *, seconds: float = 0, minutes: float = 0, hours: float = 0, days: float = 0) -> None:
        """Move the local Slack's own time forward, wall clock and all; return when it is there.

        Whatever is due on the way happens in order, each at its own moment: retries, pings, refreshes, scheduled
        messages, the end of a `trigger_id`. An envelope that is under way is waited for, until it is acked or its three
        seconds have passed in earnest, and a connection that is being replaced until Slack has closed it; so a client
        with a real clock sees the same as on a long day, only sooner.

        Raises:
            ConfigurationError: that would be backwards.
        """
        ahead = seconds + 60 * minutes + 3600 * hours + 86_400 * days
        if ahead < 0:
            raise ConfigurationError("time goes forward only")
        await self._machine.travel(ahead)
