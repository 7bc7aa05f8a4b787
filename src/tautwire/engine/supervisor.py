"""Owns the links and performs the plan: what to do is decided in `protocol.plan`, when and how is done here.

The supervisor runs one task that asks the plan and waits for the next event or moment, and one task for each link,
from its dial to its release. Where URLs come from is injected: a coroutine function that gives an `Endpoint` or
raises what `errors` calls fatal, rate-limited or retryable.
"""

from __future__ import annotations

import asyncio
import contextlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, TypeVar

from tautwire.engine.report import Report
from tautwire.engine.runner import Intake, LinkEvents, Runner
from tautwire.engine.tasks import Pulse, Tasks
from tautwire.errors import (
    ClientClosedError,
    DialTimeoutError,
    FatalConnectionError,
    NotConnectedError,
    RateLimitedError,
    SocketModeDisabledError,
    TautwireError,
)
from tautwire.protocol.effects import Departure
from tautwire.protocol.link import Leaving
from tautwire.protocol.plan import Close, Decision, Dial, Plan, Retire, Stop, Wait

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from tautwire.clock import Clock
    from tautwire.engine.transport import Connection, Dialer, Endpoint
    from tautwire.facts import Fact
    from tautwire.protocol.effects import Cause
    from tautwire.protocol.messages import Hello

__all__ = ["API_WAIT", "HANDSHAKE_WAIT", "Supervisor"]

#: Seconds for `apps.connections.open`, and for the handshake.
API_WAIT: Final = 10.0
HANDSHAKE_WAIT: Final = 10.0

#: Seconds for the links to end once they are told to: a second for the Close frame's answer, one to spare.
_SHUT_WAIT: Final = 2.0

_T = TypeVar("_T")


@dataclass(slots=True)
class _Dialled:
    """A link's place, from the decision to dial until it is gone."""

    task: asyncio.Task[Any]
    since: float
    runner: Runner | None = None
    is_replaced: bool = False


class Supervisor(LinkEvents):
    """The connections of one client.

    Nothing runs before `start()`; after `shut()` nothing does, and `start()` may be called again, on another loop too.
    """

    def __init__(
        self,
        plan: Plan,
        *,
        endpoints: Callable[[], Awaitable[Endpoint]],
        dialer: Dialer,
        clock: Clock,
        intake: Intake,
        emit: Callable[[Fact], None],
        ping_interval: Callable[[], float],
    ) -> None:
        self._plan = plan
        self._endpoints = endpoints
        self._dialer = dialer
        self._clock = clock
        self._intake = intake
        self._report = Report(emit, clock)
        self._ping_interval = ping_interval
        self._links: dict[int, _Dialled] = {}
        self._tasks = Tasks(self._report.fault)
        self._wake = asyncio.Event()
        self._changed = Pulse()
        self._main: asyncio.Task[Any] | None = None
        self._opens = 0

    # What others may see.

    @property
    def runners(self) -> list[Runner]:
        """All open connections, oldest first."""
        return [link.runner for link in self._links.values() if link.runner is not None]

    @property
    def newest_ready(self) -> Runner | None:
        """The connection that was ready last, of those nobody has replaced."""
        return next((runner for runner in reversed(self.runners) if runner.is_ready), None)

    @property
    def newest_open(self) -> Runner | None:
        """The newest connection that can send: a ready one, else any open one."""
        return self.newest_ready or next((runner for runner in reversed(self.runners) if runner.is_open), None)

    @property
    def is_connected(self) -> bool:
        """Whether a connection is ready and not suspect; one that Slack has announced to end still is."""
        return any(runner.is_ready and not runner.is_suspect for runner in self.runners)

    @property
    def is_rotating(self) -> bool:
        """Whether a working connection waits for its successor."""
        return any(isinstance(runner.state, Leaving) for runner in self.runners)

    @property
    def is_running(self) -> bool:
        """Whether connections are wanted and looked after."""
        return self._main is not None and not self._main.done()

    @property
    def is_recovering(self) -> bool:
        """Whether a connection is on its way."""
        return self.is_running and self._plan.is_recovering

    @property
    def dials(self) -> int:
        """How many dials were begun."""
        return self._opens

    @property
    def outcome(self) -> FatalConnectionError | None:
        """What ended it for good, if something did."""
        return self._plan.fatal

    # What others may ask for.

    def start(self) -> None:
        """Want connections. Any number of times; needs a running loop."""
        self._plan.start()
        self.nudge()
        if not self.is_running:
            self._wake = asyncio.Event()
            self._main = asyncio.get_running_loop().create_task(self._supervise(), name="tautwire-supervisor")
            self._main.add_done_callback(self._on_main_done)

    def nudge(self) -> None:
        """Something that the plan decides by has changed."""
        self._wake.set()
        self._changed.beat()

    def rotate(self) -> None:
        """Replace the newest ready connection, if there is one; one rotation at a time."""
        if (runner := self.newest_ready) is not None:
            runner.leave(Departure.REQUESTED)

    async def until(self, is_so: Callable[[], bool]) -> None:
        """Wait for `is_so()`.

        Raises:
            FatalConnectionError: it will never be so, because Slack refuses for good.
            ClientClosedError: it will never be so, because the connections were shut.
        """
        while not is_so():
            if self.outcome is not None:
                raise self.outcome
            if not self.is_running:
                raise ClientClosedError("the client was disconnected")
            await self._changed.wait()

    async def until_over(self, is_so: Callable[[], bool]) -> None:
        """Wait for `is_so()`, through disconnects as well.

        Raises:
            FatalConnectionError: Slack refuses for good, and the last link has ended.
        """
        while not is_so():
            if self.outcome is not None and not self.is_running:
                raise self.outcome
            await self._changed.wait()

    async def send(self, text: str, *, within: float) -> int:
        """Send on the newest ready connection; with none, wait `within` seconds for one. The link's number.

        Raises:
            NotConnectedError: there was none, or it broke while sending.
        """
        with contextlib.suppress(TimeoutError, ClientClosedError, FatalConnectionError):
            async with asyncio.timeout(within):
                await self.until(lambda: self.newest_open is not None or not self.is_recovering)
        runner = self.newest_open
        if runner is None:
            raise NotConnectedError("no connection is open" + (" yet" if self.is_recovering else ""))
        await runner.send(text)
        return runner.number

    def stop(self) -> None:
        """Dial no more. What is open serves on until `shut()`."""
        self._plan.stop()
        for link in self._links.values():
            if link.runner is None:
                link.task.cancel()
        self.nudge()

    async def shut(self) -> None:
        """Close every connection, and end every task. Takes two seconds at most, and may be cancelled."""
        self.stop()
        self._report.ending()
        for runner in self.runners:
            runner.close()
        await self._tasks.join(_SHUT_WAIT)
        await self._tasks.cancel()
        if self._main is not None and not self._main.done():  # A finished one may belong to a loop that is closed.
            self._wake.set()
            await asyncio.wait({self._main}, timeout=1.0)
            self._main.cancel()
        self._changed.beat()

    # The plan, performed.

    async def _supervise(self) -> None:
        while True:
            now = self._clock.monotonic()
            self._wake.clear()
            until = now + 3600.0
            for decision in self._plan.decide(now):
                match decision:
                    case Wait():
                        until = decision.until
                    case Stop():
                        self._report.stopped(decision.error)
                        return
                    case _:
                        self._perform(decision, now)
            await self._clock.wait(self._wake, until - now)

    def _perform(self, decision: Decision, now: float) -> None:
        match decision:
            case Dial(link=number):
                self._opens += 1
                task = self._tasks.spawn(self._serve(number), f"tautwire-link-{number}")
                self._links[number] = _Dialled(task, now)
                task.add_done_callback(lambda _: self._forget(number))
            case Retire(link=number, within=within, departure=departure):
                if runner := self._runner(number):
                    self._links[number].is_replaced = True
                    self._report.retired(number, departure)
                    runner.retire(within)
            case Close(link=number):
                if runner := self._runner(number):
                    self._links[number].is_replaced = True
                    runner.close()

    async def _serve(self, number: int) -> None:
        """One link's whole life."""
        try:
            connection = await self._dial()
        except TautwireError as error:
            self._on_failed(number, error)
        else:
            await self._run(number, connection)

    async def _dial(self) -> Connection:
        endpoint = await self._bounded(self._endpoints(), API_WAIT, "apps.connections.open did not answer")
        return await self._bounded(self._dialer(endpoint), HANDSHAKE_WAIT, "the WebSocket handshake did not end")

    async def _bounded(self, doing: Awaitable[_T], seconds: float, problem: str) -> _T:
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                return await doing
        raise DialTimeoutError(f"{problem} within {seconds:.0f} s")

    async def _run(self, number: int, connection: Connection) -> None:
        link = self._links[number]
        try:
            link.runner = Runner(
                number,
                connection,
                ping_interval=self._ping_interval(),
                clock=self._clock,
                events=self,
                intake=self._intake,
                tasks=self._tasks,
            )
        except BaseException:
            await connection.release()
            raise
        self._report.opened(number, link.since)
        self._changed.beat()
        await link.runner.run()

    # What the links report.

    def on_ready(self, runner: Runner, hello: Hello) -> None:
        """See `LinkEvents`."""
        self._plan.ready(runner.number, hello, self._clock.monotonic())
        self._report.ready(runner.number, hello, self._links[runner.number].since, len(self.runners))
        self.nudge()

    def on_leaving(self, runner: Runner, departure: Departure) -> None:
        """See `LinkEvents`."""
        self._plan.leaving(runner.number, departure)
        self._report.leaving(runner.number, departure)
        self.nudge()

    def on_disabled(self, runner: Runner) -> None:  # noqa: ARG002  the app is off, whichever link says so
        """See `LinkEvents`."""
        self._plan.disabled(SocketModeDisabledError())
        self.nudge()

    def on_ended(self, runner: Runner, cause: Cause, last_good: float) -> None:
        """See `LinkEvents`."""
        link = self._links.pop(runner.number)
        self._plan.ended(runner.number, cause, self._clock.monotonic())
        self._report.ended(runner.number, cause, runner.opened_at, last_good, is_replaced=link.is_replaced)
        self.nudge()

    def _on_failed(self, number: int, error: TautwireError) -> None:
        now = self._clock.monotonic()
        self._links.pop(number, None)
        match error:
            case FatalConnectionError():
                self._plan.refused(error, number)
            case RateLimitedError(retry_after=retry_after):
                self._plan.failed(number, now, retry_after=retry_after, is_rate_limit=True)
            case _:
                self._plan.failed(number, now)
        self._report.failed(number, error)
        self.nudge()

    def _forget(self, number: int) -> None:
        """A link's task is over; one that was cancelled, or broke, has not said so itself."""
        if self._links.pop(number, None) is not None:
            self._plan.failed(number, self._clock.monotonic())
        self.nudge()

    def _runner(self, number: int) -> Runner | None:
        link = self._links.get(number)
        return None if link is None else link.runner

    def _on_main_done(self, task: asyncio.Task[Any]) -> None:
        if not task.cancelled() and (error := task.exception()) is not None:
            self._report.fault(task.get_name(), error)
        self._changed.beat()
