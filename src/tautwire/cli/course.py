"""One run of one client: a local Slack of its own, a timetable, and what became of every envelope."""

from __future__ import annotations

import asyncio
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from tautwire.cli.timetable import Kind, Sending, Strike, Trouble
from tautwire.cli.watch import Watch
from tautwire.clock import SYSTEM_CLOCK
from tautwire.errors import TautwireError
from tautwire.local import Fault, LocalSlack, Phase, Switches

if TYPE_CHECKING:
    from collections.abc import Callable

    from tautwire.cli.app import App
    from tautwire.cli.contestants import Contestant
    from tautwire.cli.timetable import Timetable
    from tautwire.cli.watch import Gap
    from tautwire.clock import Clock
    from tautwire.local import Delivery

__all__ = ["RETRY_DELAYS", "Course", "DemoError", "Pulse", "Record"]

#: Seconds before Slack's redeliveries. The first is Slack's own; its minute and its five minutes are too long for a
#: demo, and are shortened so far that an event outlives a half-open connection, and that a run soon ends.
RETRY_DELAYS: Final = (1.0, 4.0, 10.0)

#: Seconds to wait at the end for what Slack will still redeliver, and at the beginning for the first connection.
TAIL: Final = 15.0
START: Final = 10.0

#: Seconds between Slack's request to reconnect and its close.
_LINGER: Final = 0.3
_PULSE: Final = 0.25

#: What it takes to open a connection across a network, give or take: the API call, then TCP, TLS and the handshake.
#: Without it a client that hangs up before it dials would look as good as one that dials first.
_DISTANCE: Final = (
    Fault(where="api", kind="slow", match="apps.connections.open", delay=0.15),
    Fault(where="handshake", kind="slow", delay=0.15),
)
_RATE_LIMIT: Final = Fault(where="api", kind="ratelimited", match="apps.connections.open", retry_after=1, count=1)

_EVENTS: Final = ("app_mention", "message", "reaction_added")


class DemoError(TautwireError):
    """The demo could not run; the text says why in one sentence."""


@dataclass(frozen=True, slots=True)
class Pulse:
    """How a run stands. Latencies in seconds; `trouble` in words, empty when all is calm."""

    elapsed: float
    seconds: float
    sent: int
    acked: int
    outstanding: int
    latency_p50: float
    latency_p99: float
    ready: int
    trouble: str


@dataclass(frozen=True, slots=True)
class Record:
    """What happened in a run. Times are monotonic seconds.

    `cuts` says when a connection was dropped or went half-open. `handled` counts how often the app did its work, by
    `event_id` or `envelope_id`. `seconds` is how long envelopes were sent.
    """

    client: str
    seconds: float
    was_stopped: bool
    deliveries: list[Delivery]
    handled: Counter[str]
    cuts: dict[str, float]
    gaps: list[Gap]
    opens: int
    accepted: int
    struck: Counter[Trouble]


@dataclass(slots=True)
class Course:
    """Runs `contestant` through `timetable`. Once only.

    `stop` ends it early, without waiting for redeliveries. `on_pulse` is called four times a second.
    """

    contestant: Contestant
    timetable: Timetable
    seed: int = 0
    connections: int = 1
    stop: asyncio.Event = field(default_factory=asyncio.Event)
    on_pulse: Callable[[Pulse], None] = field(default=lambda _: None)
    clock: Clock = SYSTEM_CLOCK
    _cuts: dict[str, float] = field(init=False, default_factory=dict)
    _struck: Counter[Trouble] = field(init=False, default_factory=Counter)
    _last: Strike | None = field(init=False, default=None)
    _began: float = field(init=False, default=0.0)

    async def run(self) -> Record:
        """The whole run: connect, send and strike, wait for redeliveries, close.

        Raises:
            DemoError: the client did not connect in the first place.
        """
        switches = Switches(retry_delays=RETRY_DELAYS)
        async with LocalSlack(seed=self.seed, switches=switches, clock=self.clock) as slack:
            # The record is of all of them.
            slack.ledger.limit = None
            slack.faults.add(*_DISTANCE)
            async with self.contestant.serve(slack, self.connections) as app:
                await self._ready(slack)
                return await self._run(slack, app)

    async def _ready(self, slack: LocalSlack) -> None:
        try:
            await slack.wait_for(lambda slack: len(slack.ready) >= 1, timeout=START)
        except TimeoutError:
            raise DemoError(f"{self.contestant.name} did not connect to the local Slack in {START:g} seconds") from None

    async def _run(self, slack: LocalSlack, app: App) -> Record:
        self._began = self.clock.monotonic()
        watch = Watch(slack, self.clock)
        helpers = [asyncio.create_task(watch.run()), asyncio.create_task(self._beat(slack))]
        try:
            await self._play(slack, watch)
            seconds = min(self._elapsed, self.timetable.seconds)
            if not self.stop.is_set():
                await self._tail(slack)
            return self._record(slack, app, watch, seconds)
        finally:
            for helper in helpers:
                helper.cancel()
            await asyncio.gather(*helpers, return_exceptions=True)

    @property
    def _elapsed(self) -> float:
        return self.clock.monotonic() - self._began

    # What is done to the client

    async def _play(self, slack: LocalSlack, watch: Watch) -> None:
        for step in self.timetable.steps():
            if await self.clock.wait(self.stop, step.at - self._elapsed):
                return
            if isinstance(step, Sending):
                _send(slack, step)
            else:
                self._strike(slack, step, watch)
        await self.clock.wait(self.stop, self.timetable.seconds - self._elapsed)

    def _strike(self, slack: LocalSlack, strike: Strike, watch: Watch) -> None:
        """Hit the oldest ready connection; each has a server and an age of its own, so they never fall together."""
        victim = next(iter(slack.ready), None)
        if victim is None:
            return
        self._struck[strike.trouble] += 1
        self._last = strike
        if strike.trouble is Trouble.RATE_LIMIT:
            _put_first(slack, _RATE_LIMIT)
        if strike.trouble.is_refresh:
            watch.asked.add(victim.id)
            victim.refresh(strike.grace, linger=_LINGER)
            return
        self._cuts[victim.id] = self.clock.monotonic()
        if strike.trouble is Trouble.DROP:
            victim.drop(strike.how)
        else:
            victim.half_open()

    async def _tail(self, slack: LocalSlack) -> None:
        """Until nothing is open any more, the time is up, or somebody has had enough."""
        settled = asyncio.create_task(slack.settled(timeout=TAIL))
        stopped = asyncio.create_task(self.stop.wait())
        await asyncio.wait((settled, stopped), return_when=asyncio.FIRST_COMPLETED)
        for task in (settled, stopped):
            task.cancel()
        await asyncio.gather(settled, stopped, return_exceptions=True)

    # What is seen of it

    def _record(self, slack: LocalSlack, app: App, watch: Watch, seconds: float) -> Record:
        return Record(
            client=self.contestant.name,
            seconds=seconds,
            was_stopped=self.stop.is_set(),
            deliveries=list(slack.ledger.entries),
            handled=app.handled,
            cuts=self._cuts,
            gaps=watch.gaps(),
            opens=slack.opens,
            accepted=slack.accepted,
            struck=self._struck,
        )

    async def _beat(self, slack: LocalSlack) -> None:
        while True:
            self.on_pulse(self._pulse(slack))
            await self.clock.sleep(_PULSE)

    def _pulse(self, slack: LocalSlack) -> Pulse:
        summary = slack.ledger.summary()
        return Pulse(
            elapsed=self._elapsed,
            seconds=self.timetable.seconds,
            sent=summary.sent,
            acked=summary.acked_in_time,
            outstanding=summary.open,
            latency_p50=summary.latency_p50,
            latency_p99=summary.latency_p99,
            ready=len(slack.ready),
            trouble=self._trouble(slack),
        )

    def _trouble(self, slack: LocalSlack) -> str:
        phases = {session.phase for session in slack.connections}
        last = self._last
        if Phase.HALF_OPEN in phases:
            return "half-open"
        if last is None:
            return ""
        if not slack.ready:
            return f"dropped ({last.how})" if last.trouble is Trouble.DROP else "nobody connected"
        if last.trouble.is_refresh and (Phase.REPLACED in phases or self._elapsed < last.at + last.grace + _LINGER):
            return "refresh, with a 429" if last.trouble is Trouble.RATE_LIMIT else "refresh"
        return ""


def _send(slack: LocalSlack, sending: Sending) -> None:
    match sending.kind:
        case Kind.EVENT:
            slack.send_event(_EVENTS[sending.number % len(_EVENTS)])
        case Kind.COMMAND:
            slack.send_command("/deploy", text=f"api {sending.number}")
        case Kind.CLICK:
            slack.send_action("approve", value=str(sending.number))


def _put_first(slack: LocalSlack, fault: Fault) -> None:
    # The first rule that fits is the one that acts; the distance always fits.
    slack.faults.clear()
    slack.faults.add(fault, *_DISTANCE)
