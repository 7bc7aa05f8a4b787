"""One Socket Mode connection as Slack runs it: hello, pings, a limited life, an end in one of many ways."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Final

from aiohttp import WSMessage, WSMsgType, web

from tautwire.errors import ConfigurationError
from tautwire.local.faults import ENDINGS
from tautwire.local.faults.malformed import close_frame
from tautwire.local.socket import frames
from tautwire.local.socket.phases import Admission, Phase
from tautwire.local.socket.voice import Voice
from tautwire.local.timers import Agenda

if TYPE_CHECKING:
    from tautwire.local.socket.line import Line
    from tautwire.local.socket.tickets import Ticket

__all__ = ["MAX_CLIENT_FRAME", "Session"]

#: Bytes above which Slack closes the socket with 1009 (revelrylabs/slax#614).
MAX_CLIENT_FRAME: Final = 20_480


class Session(Voice):
    """One connection. Its methods act at once and never wait; watch `phase`, or `await session.ended()`."""

    def __init__(self, number: int, ticket: Ticket, line: Line, *, is_debug: bool = False) -> None:
        exchange = line.exchange
        super().__init__(number, line.app_id, exchange)
        self.ticket = ticket
        self.opened_at = exchange.clock.monotonic()
        self.ready_at: float | None = None
        #: Why it ended: `client`, `server`, `too_big`, or the name of what was done to it.
        self.cause = ""
        #: The code in the client's close frame, if one came.
        self.client_close_code: int | None = None
        self.connection_time = exchange.connection_time
        if is_debug:
            self.connection_time = min(exchange.connection_time, exchange.switches.debug_connection_time)
        self._line = line
        self._agenda = Agenda(exchange.timers)
        self._leaves_tcp_open = exchange.switches.leave_tcp_open

    def __repr__(self) -> str:
        return f"<connection {self.id} {self.phase.value}, {self.ticket!r}>"

    # What can be asked

    @property
    def is_ready(self) -> bool:
        """Whether `hello` is out and the connection is not on its way to the end."""
        return self.phase in (Phase.READY, Phase.REPLACED)

    @property
    def ready(self) -> bool:
        """The same, shorter."""
        return self.is_ready

    @property
    def is_stalled(self) -> bool:
        """Whether it stands still; see `stall`."""
        return self._link.is_stalled

    @property
    def acks(self) -> int:
        """Acks that came in here, of whatever worth."""
        return self.counts["acks"]

    @property
    def takes_envelopes(self) -> bool:
        """Whether Slack would deliver here: it does not know that a half-open connection is dead."""
        if self.phase is Phase.REPLACED:
            return self._exchange.switches.deliver_after_refresh_requested
        return self.phase in (Phase.READY, Phase.HALF_OPEN)

    async def ended(self) -> None:
        """Return once it is over, by whoever's doing."""
        await self._exchange.bell.until(lambda: self.phase is Phase.ENDED)

    # Its life

    async def serve(self, request: web.Request) -> web.WebSocketResponse:
        """Accept, live, end. Returns when TCP is gone.

        The line is asked once the 101 is out, so that two who knock together are not both let in as the tenth.
        """
        response = await self._link.accept(request)
        try:
            if not self._has_said_goodbye:  # dropped during the handshake
                self._enter(self._line.admit())
            async for message in self._link.incoming():
                self._hear(message)
        finally:
            self._end("client")
            await self._link.finish()
        return response

    def _enter(self, admission: Admission) -> None:
        if admission is Admission.LINK_DISABLED:
            self.disconnect("link_disabled")
            return
        if admission is not Admission.TURNED_AWAY:
            self._line.broker.registry.register(self)
            self._greet()
        if admission is not Admission.WELCOME:
            self.disconnect("too_many_websockets")

    def _greet(self) -> None:
        fault = self._exchange.faults.decide("hello", self.id, self.app_id)
        if fault is None:
            self.say_hello()
        elif fault.kind == "late":
            self._agenda.after("hello", fault.delay, self.say_hello)
        elif fault.kind == "not_json":
            self.say_form("not_json")

    def say_hello(self) -> None:
        """The hello; from now on there are pings, envelopes and an end in sight."""
        if self.phase is not Phase.OPENING:
            return
        exchange = self._exchange
        started = f"{exchange.clock.wall():.3f}" if exchange.switches.hello_started else None
        greeting = frames.hello(
            app_id=self.app_id,
            host=self.host,
            num_connections=self._line.registered,
            seconds=int(self.connection_time),
            started=started,
        )
        self.tell(frames.dumps(greeting))
        self.phase, self.ready_at = Phase.READY, exchange.clock.monotonic()
        self._agenda.after("ping", min(exchange.switches.first_ping, exchange.ping_interval), self._ping_on)
        grace = exchange.switches.refresh_grace * exchange.time_scale
        self._agenda.after("life", max(0.0, self.connection_time - grace), self.refresh)
        self._line.broker.became_ready()

    def _ping_on(self) -> None:
        if self.phase not in (Phase.READY, Phase.REPLACED):
            return
        if self._exchange.faults.decide("ping", self.id, self.app_id) is None:
            self.ping()
        self._agenda.after("ping", self._exchange.ping_interval, self._ping_on)

    def _end(self, cause: str) -> None:
        """The one exit. The first cause stands."""
        self.cause = self.cause or cause
        self.phase = Phase.ENDED
        self._exchange.journal.socket_closed(
            self.id,
            cause=self.cause,
            code=self.client_close_code,
            seconds=self._exchange.clock.monotonic() - self.opened_at,
            app_id=self.app_id,
        )
        self._agenda.clear()
        self._line.broker.registry.unregister(self)

    # What comes in

    def _hear(self, message: WSMessage) -> None:
        if self.phase is Phase.HALF_OPEN:
            self._swallow(message)
        elif message.type is WSMsgType.TEXT:
            self._hear_text(message.data)
        elif message.type is WSMsgType.PING:
            self._hear_ping(bytes(message.data))
        elif message.type is WSMsgType.CLOSE:
            self._hear_close(message.data)
        else:
            self.counts["pongs" if message.type is WSMsgType.PONG else "binaries"] += 1
        self._exchange.bell.ring()

    def _swallow(self, message: WSMessage) -> None:
        self.counts["swallowed"] += 1
        if message.type is WSMsgType.TEXT:
            self._line.broker.heard_nothing(message.data)

    def _hear_text(self, text: str) -> None:
        self.counts["texts"] += 1
        if len(text) > MAX_CLIENT_FRAME or len(text.encode()) > MAX_CLIENT_FRAME:
            if self._exchange.switches.big_client_frame == "close":
                self.close(1009, f"Max frame length of {MAX_CLIENT_FRAME} has been exceeded.", cause="too_big")
        elif self._line.broker.heard(self, text) is not None:
            self.counts["acks"] += 1
        elif frames.read_ack(text) is None:
            self._exchange.journal.frame_in(self.id, text, app_id=self.app_id)

    def _hear_ping(self, payload: bytes) -> None:
        self.counts["pings"] += 1
        if not self._has_said_goodbye and self._exchange.faults.decide("pong", self.id, self.app_id) is None:
            self._link.send(WSMsgType.PONG, payload)

    def _hear_close(self, code: int) -> None:
        self.client_close_code = code
        if self.phase is not Phase.CLOSING:
            self.close(code if 1000 <= code < 5000 and code not in (1004, 1005, 1006) else 1000, cause="client")
        if not self._leaves_tcp_open:
            self._link.end_in_order()

    # How it ends

    def refresh(
        self,
        grace: float | None = None,
        *,
        warning: bool = True,
        linger: float | None = None,
        leave_tcp_open: bool | None = None,
    ) -> None:
        """Slack's planned replacement: `warning`, `grace` seconds, `refresh_requested`, `linger` seconds, the end.

        `None` means the switch's value, scaled; given seconds are taken as they are.
        """
        exchange = self._exchange
        wait = exchange.switches.refresh_grace * exchange.time_scale if grace is None else grace
        if warning:
            self.notify("warning")
        self._agenda.after("refresh", wait if warning else 0.0, partial(self._ask_to_refresh, linger, leave_tcp_open))

    def _ask_to_refresh(self, linger: float | None, leave_tcp_open: bool | None) -> None:
        exchange = self._exchange
        if self.phase is not Phase.READY:
            return
        self.phase = Phase.REPLACED
        self.notify("refresh_requested")
        exchange.bell.ring()
        wait = exchange.switches.refresh_linger * exchange.time_scale if linger is None else linger
        how = exchange.switches.refresh_end
        in_order = partial(self.close, 1000, cause="refresh", leave_tcp_open=leave_tcp_open)
        self._agenda.after("close", wait, in_order if how == "close" else partial(self.drop, how))

    def disconnect(self, reason: str) -> None:
        """A disconnect message with any reason, and the close frame right behind it."""
        self.notify(reason)
        self.close(1000, cause=reason)

    def close(
        self, code: int = 1000, reason: str = "", *, cause: str = "server", leave_tcp_open: bool | None = None
    ) -> None:
        """A close frame. TCP is left to the client, or ended after its answer: `leave_tcp_open`, else by switch."""
        if self.phase in (Phase.CLOSING, Phase.ENDED, Phase.HALF_OPEN):
            return
        self.cause, self.phase = cause, Phase.CLOSING
        self._link.send_raw(close_frame(code, reason))
        self._line.broker.registry.unregister(self)
        if leave_tcp_open is not None:
            self._leaves_tcp_open = leave_tcp_open
        if not self._leaves_tcp_open:
            self._agenda.after("close", self._exchange.switches.close_patience, partial(self._link.end, "close"))

    def drop(self, how: str = "rst") -> None:
        """Lose the connection: `close` with a frame 1001 and TCP behind it, `fin` half-close in silence, `rst` hard."""
        if how not in ENDINGS:
            raise ConfigurationError(f"a connection ends by {', '.join(ENDINGS)}, not by {how!r}")
        if self.phase is Phase.ENDED:
            return
        self.cause, self.phase = how, Phase.CLOSING
        self._line.broker.registry.unregister(self)
        self._link.end(how, close_frame(1001) if how == "close" else b"")

    def stall(self, seconds: float = 0.0) -> None:
        """Neither read nor write for so long (0: until `go_on`), then do all of it; Slack itself notices nothing."""
        self._link.stall()
        if seconds > 0:
            self._agenda.after("stall", seconds, self.go_on)

    def go_on(self) -> None:
        """End a stall."""
        self._link.go_on()
        self._exchange.bell.ring()

    def half_open(self) -> None:
        """Dead, but TCP stands: swallows whatever comes, says nothing ever again, and Slack goes on delivering."""
        if self.phase is not Phase.ENDED:
            self.cause, self.phase = "half_open", Phase.HALF_OPEN
            self._link.discard()
            self._exchange.bell.ring()
