"""Pumps one link: frames in, effects out.

The runner owns what belongs to one connection: its reading and its watching task, and its transport. It asks `Link`
what a frame or the passing of time means and does that. `Received` carries the receipt of the link that delivered the
envelope, so an ack cannot go to another connection by accident.
"""

from __future__ import annotations

import asyncio
import contextlib
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final, Protocol

from tautwire.engine.transport import CloseFrame, Connection, Frame, Gone, Odd, PingFrame, PongFrame, Text
from tautwire.errors import NotConnectedError
from tautwire.protocol import codec
from tautwire.protocol.effects import (
    Abort,
    Announce,
    Cause,
    Deliver,
    Departure,
    Disable,
    Effects,
    End,
    Leave,
    Note,
    Ping,
    SendClose,
)
from tautwire.protocol.link import ACK_WAIT, CLOSE_WAIT, Ended, Leaving, Lingering, Link, Ready, State
from tautwire.protocol.messages import Disconnect, Hello, Malformed

if TYPE_CHECKING:
    from collections.abc import Coroutine

    from tautwire.clock import Clock
    from tautwire.engine.tasks import Tasks
    from tautwire.protocol.messages import Envelope, Unknown

_NORMAL: Final = 1000

__all__ = ["Intake", "LinkEvents", "Receipt", "Received", "Runner"]


@dataclass(frozen=True, slots=True, eq=False)
class Receipt:
    """Proof of which link delivered an envelope, and the way back."""

    envelope_id: str
    link: int
    #: Monotonic seconds.
    received_at: float
    _runner: Runner | None = None

    @property
    def is_open(self) -> bool:
        """Whether that link can still carry the ack."""
        return self._runner is not None and self._runner.is_open

    async def send(self, reply: str) -> None:
        """Send the ack on that link.

        Raises:
            NotConnectedError: the link is gone.
        """
        if self._runner is None:
            raise NotConnectedError("this envelope came from no connection")
        await self._runner.answer(self.envelope_id, reply)


@dataclass(frozen=True, slots=True, eq=False)
class Received:
    """An envelope, the text it came in, and where from."""

    envelope: Envelope
    text: str = field(repr=False)
    receipt: Receipt


class LinkEvents(Protocol):
    """What a link tells the one who owns all links. Called on the loop, must not block."""

    def on_ready(self, runner: Runner, hello: Hello) -> None:
        """Slack said hello."""

    def on_leaving(self, runner: Runner, departure: Departure) -> None:
        """A successor is wanted."""

    def on_disabled(self, runner: Runner) -> None:
        """Socket Mode is off."""

    def on_ended(self, runner: Runner, cause: Cause, last_good: float) -> None:
        """It is over; last word of this runner."""


class Intake(Protocol):
    """Where envelopes go. All but `room` are called on the loop and must not block."""

    @property
    def has_room(self) -> bool:
        """Whether another envelope can be taken now."""

    async def room(self) -> None:
        """Until one can."""

    def take(self, received: Received) -> None:
        """Handle this."""

    def show(self, link: int, message: Hello | Disconnect | Unknown | Malformed, text: str) -> None:
        """A message without an envelope."""

    def waited(self, link: int, seconds: float) -> None:
        """`link` was not read for so long because there was no room."""

    def on_frame(self, link: int, frame: Text | CloseFrame | Gone) -> None:
        """A raw frame, for those who watch frames."""


class Runner:
    """One connection at work, from its handshake to its release."""

    def __init__(
        self,
        number: int,
        connection: Connection,
        *,
        ping_interval: float,
        clock: Clock,
        events: LinkEvents,
        intake: Intake,
        tasks: Tasks,
    ) -> None:
        self.number = number
        self.connection = connection
        self.opened_at = clock.monotonic()
        #: Monotonic seconds of the last pong, `None` before the first; wall seconds beside it.
        self.last_pong: float | None = None
        self.last_pong_wall: float | None = None
        self.first_ping: float | None = None
        self.reader: asyncio.Task[Any] | None = None
        self.watcher: asyncio.Task[Any] | None = None
        self._link = Link(ping_interval, self.opened_at)
        self._clock = clock
        self._events = events
        self._intake = intake
        self._tasks = tasks
        #: Envelopes of the last three seconds that wait for their ack, and when they came.
        self._unanswered: dict[str, float] = {}
        self._answered = asyncio.Event()
        self._has_said_close = False
        self._attention = asyncio.Event()
        self._over = asyncio.Event()

    def __repr__(self) -> str:
        return f"Runner({self.number}, {self._link.state!r})"

    @property
    def state(self) -> State:
        """The link's state, for those who show it."""
        return self._link.state

    @property
    def is_open(self) -> bool:
        """Whether a reply can go out here: until our Close frame does."""
        return not self._has_said_close and not self._over.is_set()

    @property
    def is_ready(self) -> bool:
        """Whether Slack routes here and nobody has replaced it."""
        return isinstance(self._link.state, Ready | Leaving)

    @property
    def is_suspect(self) -> bool:
        """Whether it has not answered for a while."""
        state = self._link.state
        return isinstance(state, Leaving) and state.departure is Departure.SUSPECT

    @property
    def last_heard(self) -> float:
        """Monotonic seconds of the last frame."""
        return self._link.liveness.last_heard

    async def run(self) -> None:
        """Serve the connection to its end, then release it. Cancelling this is an abort."""
        self.reader = self._tasks.spawn(self._read(), f"tautwire-read-{self.number}")
        self.watcher = self._tasks.spawn(self._watch(), f"tautwire-watch-{self.number}")
        try:
            await self._over.wait()
        finally:
            self._perform(self._link.lost(Cause.RETIRED, self._clock.monotonic()))
            self.reader.cancel()
            self.watcher.cancel()
            await self.connection.release()

    async def send(self, text: str) -> None:
        """Send text here.

        Raises:
            NotConnectedError: the link is gone, or has sent its Close frame.
        """
        if not self.is_open:
            raise NotConnectedError("this connection is closed")
        await self.connection.send_text(text)

    async def answer(self, envelope_id: str, reply: str) -> None:
        """Send the ack of an envelope that came here; raises as `send` does."""
        await self.send(reply)
        self._unanswered.pop(envelope_id, None)
        self._answered.set()

    def leave(self, departure: Departure) -> None:
        """Ask for a successor."""
        self._perform(self._link.leave(departure))

    def retire(self, within: float) -> None:
        """The successor is there: drain."""
        self._perform(self._link.retire(self._clock.monotonic(), within))

    def close(self) -> None:
        """Send a Close frame, read on for a second at most, abort."""
        self._perform(self._link.close(self._clock.monotonic()))

    async def _read(self) -> None:
        try:
            while not self._over.is_set():
                frame = await self.connection.receive()
                self._on_frame(frame, self._clock.monotonic())
                if isinstance(self._link.state, Lingering):
                    await self._linger()
                elif not self._intake.has_room and not self._over.is_set():
                    await self._wait_for_room()
        finally:
            self._perform(self._link.lost(Cause.LOST, self._clock.monotonic()))

    async def _linger(self) -> None:
        """Their Close gets ours when the acks that are due are out, or their time is up; then it can be cut."""
        await asyncio.wait({self._send_soon(self._say_close(_NORMAL))}, timeout=CLOSE_WAIT)
        self._perform(self._link.lost(Cause.CLOSED, self._clock.monotonic()))

    async def _say_close(self, code: int) -> None:
        """A Close frame, which no ack may follow: so after the acks that are due, if they come within half its time."""
        until = self._clock.monotonic() + CLOSE_WAIT / 2
        while (now := self._clock.monotonic()) < until and self._has_unanswered(now):
            self._answered.clear()
            await self._clock.wait(self._answered, until - now)
        self._has_said_close = True
        await self.connection.send_close(code)

    def _has_unanswered(self, now: float) -> bool:
        """Whether Slack still waits for an ack here; those it has given up on are forgotten."""
        while self._unanswered and now - next(iter(self._unanswered.values())) >= ACK_WAIT:
            del self._unanswered[next(iter(self._unanswered))]
        return bool(self._unanswered)

    async def _wait_for_room(self) -> None:
        since = self._clock.monotonic()
        self._link.liveness.pause()
        await self._intake.room()
        now = self._clock.monotonic()
        self._link.liveness.resume(now)
        self._intake.waited(self.number, now - since)

    async def _watch(self) -> None:
        while not self._over.is_set():
            now = self._clock.monotonic()
            await self._clock.wait(self._attention, self._link.next_check(now) - now)
            self._perform(self._link.tick(self._clock.monotonic()))
            self._attention.clear()

    def _on_frame(self, frame: Frame, now: float) -> None:
        match frame:
            case Text(data=data):
                self._on_text(data, now)
                self._intake.on_frame(self.number, frame)
            case PingFrame(data=data):
                self._link.liveness.heard(now)
                self._send_soon(self.connection.send_pong(data))
            case PongFrame():
                self._link.liveness.heard(now)
                self.last_pong, self.last_pong_wall = now, self._clock.wall()
            case Odd(kind=kind, size=size):
                self._link.liveness.heard(now)
                self._intake.show(self.number, Malformed(f"{kind} frame", size), "")
            case CloseFrame():
                self._intake.on_frame(self.number, frame)
                self._perform(self._link.on_close(now))
            case Gone():
                if not self._over.is_set():
                    self._intake.on_frame(self.number, frame)
                    if frame.error is not None:
                        problem = Malformed("it breaks the WebSocket protocol, which ends the connection", 0)
                        self._intake.show(self.number, problem, "")
                self._perform(self._link.lost(Cause.LOST, now))

    def _on_text(self, text: str, now: float) -> None:
        message = codec.decode(text)
        effects = self._link.on_message(message, now)
        for effect in effects:
            if isinstance(effect, Deliver):
                receipt = Receipt(effect.envelope.envelope_id, self.number, now, self)
                self._has_unanswered(now)
                self._unanswered[receipt.envelope_id] = now
                self._intake.take(Received(effect.envelope, text, receipt))
            elif isinstance(effect, Note):
                self._intake.show(self.number, effect.message, text)
            else:
                self._perform((effect,))
        if isinstance(message, Hello | Disconnect):
            self._intake.show(self.number, message, text)

    def _perform(self, effects: Effects) -> None:
        for effect in effects:
            match effect:
                case Announce(hello=hello):
                    self._events.on_ready(self, hello)
                case Leave(departure=departure):
                    self._events.on_leaving(self, departure)
                case Disable():
                    self._events.on_disabled(self)
                case Ping():
                    self._ping()
                case SendClose(code=code):
                    self._send_soon(self._say_close(code))
                case Abort():
                    self.connection.abort()
                case End(cause=cause, last_good=last_good):
                    self._events.on_ended(self, cause, last_good)
        if isinstance(self._link.state, Ended):
            self._over.set()
        self._attention.set()

    def _ping(self) -> None:
        if self.first_ping is None:
            self.first_ping = self._clock.monotonic()
        self._send_soon(self.connection.send_ping(b"tautwire"))

    def _send_soon(self, sending: Coroutine[Any, Any, None]) -> asyncio.Task[Any]:
        """A full buffer must hold up neither the reading nor the watching."""
        return self._tasks.spawn(_quietly(sending), f"tautwire-send-{self.number}")


async def _quietly(sending: Coroutine[Any, Any, None]) -> None:
    with contextlib.suppress(NotConnectedError):  # The reader hears of it as well, and knows what to do.
        await sending
