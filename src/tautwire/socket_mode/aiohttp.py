"""`SocketModeClient`: the names of `slack_sdk.socket_mode.aiohttp`, on an engine of our own.

Wiring only: the engine connects, the dispatcher delivers, the observers tell; this module gives them their users'
names. What differs from slack_sdk on purpose is listed in `docs/moving.md`.
"""

from __future__ import annotations

import asyncio
import contextlib
import random
import warnings
from typing import TYPE_CHECKING, Any, Final, Self

from tautwire.clock import SYSTEM_CLOCK, Clock
from tautwire.delivery.dispatcher import CONCURRENCY
from tautwire.delivery.policy import ACK_DEADLINE, ATTEMPTS, LISTENER_TIMEOUT, AckPolicy
from tautwire.engine.dial import AiohttpDialer
from tautwire.engine.supervisor import Supervisor
from tautwire.errors import ClientClosedError, NotConnectedError
from tautwire.observe.broadcast import Broadcast
from tautwire.observe.counters import Counters
from tautwire.observe.log import LogObserver
from tautwire.protocol.plan import Plan
from tautwire.socket_mode import arguments
from tautwire.socket_mode.answers import LateAnswers
from tautwire.socket_mode.delivering import InboxOptions, delivery_of
from tautwire.socket_mode.endpoints import EndpointSource
from tautwire.socket_mode.listening import Listening
from tautwire.socket_mode.sending import Sending
from tautwire.socket_mode.signals import EndSignals
from tautwire.socket_mode.views import SessionViews, SettingViews

if TYPE_CHECKING:
    import logging
    import ssl
    from collections.abc import Awaitable, Callable, Mapping, Sequence
    from types import TracebackType

    from tautwire.delivery.api import Delivery
    from tautwire.engine.transport import Dialer
    from tautwire.facts import Observer
    from tautwire.inbox.api import Inbox
    from tautwire.protocol.backoff import Uniform
    from tautwire.socket_mode.async_listeners import AsyncSocketModeRequestListener, AsyncWebSocketMessageListener
    from tautwire.socket_mode.delivering import SerializeBy
    from tautwire.socket_mode.listening import FrameListener

__all__ = ["SocketModeClient"]


#: Seconds: for running listeners at `close()`, and for un-acked ones at `disconnect()`.
DRAIN_WAIT: Final = 8.0
SETTLE_WAIT: Final = 3.0

#: Seconds that `connect()` gives Slack to say hello before it comes back all the same.
HELLO_GRACE: Final = 0.5


class SocketModeClient(SettingViews, SessionViews, Sending, Listening):
    """Receives what Slack sends over Socket Mode, and acks it.

    The constructor opens nothing, starts no task and needs no running loop.

    Args:
        app_token: app-level token (`xapp-…`); else the variable `SLACK_APP_TOKEN`.
        logger: where this client logs; else this module's logger.
        web_client: anything with `apps_connections_open(app_token=…)` or `api_call(…)`; else a new `AsyncWebClient`.
            Its `ssl` serves the WebSocket as well.
        proxy: HTTP proxy URL; blank counts as none. Else the environment's, with `NO_PROXY` honoured.
        auto_reconnect_enabled: redial when a connection is lost, or Slack asks for it.
        ping_interval: seconds between two pings.
        trace_enabled: a DEBUG line for each ack.
        on_message_listeners: called for every text frame.
        on_error_listeners: called when the WebSocket reports an error.
        on_close_listeners: called when the server closes.
        loop: ignored; accepted so that old code runs.
        connections: how many connections to hold, 1 to 10. With two, losing one costs nothing.
        concurrency: listeners that run at a time; beyond it the connections are not read.
        ack_deadline: seconds after which `auto_ack` acts; Slack gives up at 3.
        auto_ack: `"never"`, `"events"` or `"all"`: what is acked when nobody has by the deadline.
        observers: callables that get every fact (`tautwire.facts`).
        inbox: where envelopes are stored before they are acked, `SqliteInbox("events.db")` for one. The client opens
            and closes it. `docs/inbox.md` has what that promises; the arguments below go with it. Its `stats()` count.
        serialize_by: `"channel"`, `"thread"`, `"user"`, or a function of the request: what belongs to the same one is
            handled one after the other, in order.
        attempts: how often a stored envelope is handled before it is a dead letter.
        listener_timeout: seconds for each call of a listener, `None` for any number.
        ack_when: what kinds of envelopes are acked when they are `"stored"` or `"handled"`, where that is not as usual:
            `{"slash_commands": "handled"}` lets commands answer in their ack.
        run_unacked: handle commands and clicks that were stored and not acked; else they are dead letters.
        handle_stored: `False` in a gateway: store and ack, and leave the handling to workers (`InboxWorker`). Listeners
            here get only what answers inside its ack.
        clock, chance, dialer: time, randomness and network, for tests.

    Raises:
        ConfigurationError: an argument cannot work; the text says what to give instead.
    """

    _dispatcher: Delivery

    def __init__(
        self,
        app_token: str | None = None,
        logger: logging.Logger | None = None,
        web_client: Any = None,
        proxy: str | None = None,
        auto_reconnect_enabled: bool = True,
        ping_interval: float = 5,
        trace_enabled: bool = False,
        on_message_listeners: list[FrameListener] | None = None,
        on_error_listeners: list[FrameListener] | None = None,
        on_close_listeners: list[FrameListener] | None = None,
        loop: asyncio.AbstractEventLoop | None = None,
        *,
        connections: int = 1,
        concurrency: int = CONCURRENCY,
        ack_deadline: float = ACK_DEADLINE,
        auto_ack: str = "events",
        observers: Sequence[Observer] = (),
        inbox: Inbox | None = None,
        serialize_by: SerializeBy | None = None,
        attempts: int = ATTEMPTS,
        listener_timeout: float | None = LISTENER_TIMEOUT,
        ack_when: Mapping[str, str] | None = None,
        run_unacked: bool = False,
        handle_stored: bool = True,
        clock: Clock = SYSTEM_CLOCK,
        chance: Uniform | None = None,
        dialer: Dialer | None = None,
    ) -> None:
        arguments.check_numbers(connections, concurrency, ping_interval)
        if loop is not None:
            warnings.warn("loop= is ignored: the running loop is used", DeprecationWarning, stacklevel=2)
        self.logger = arguments.logger(logger, __name__)
        self._own_web_client = web_client is None
        web_client = arguments.web_client(web_client, proxy)
        self._endpoints = EndpointSource(web_client, arguments.app_token(app_token), proxy, self._own_url_source)
        self.ping_interval = ping_interval
        self.trace_enabled = trace_enabled
        self.default_auto_reconnect_enabled = auto_reconnect_enabled
        self.on_message_listeners = on_message_listeners or []
        self.on_error_listeners = on_error_listeners or []
        self.on_close_listeners = on_close_listeners or []
        self.message_listeners: list[AsyncWebSocketMessageListener] = []
        self.socket_mode_request_listeners: list[AsyncSocketModeRequestListener] = []
        self.message_queue: asyncio.Queue[str] = asyncio.Queue()
        self.message_processor: asyncio.Task[None] | None = None
        self.connect_operation_lock = asyncio.Lock()
        self.observers = list(observers)
        self.closed = False
        self._closing: asyncio.Task[None] | None = None
        #: How often somebody wished to be disconnected.
        self._wishes = 0
        self._loop: asyncio.AbstractEventLoop | None = None
        self._clock = clock
        self._chance = chance or random.SystemRandom()
        self._counters = Counters()
        log = LogObserver(lambda: self.logger, lambda: self.trace_enabled)
        self._emit = Broadcast((self._counters, log), self.observers)
        self._plan = Plan(connections, self._chance, auto_reconnect_enabled)
        self.inbox = inbox
        self._late_answers = LateAnswers(self._endpoints)
        self._dispatcher = delivery_of(
            self,
            inbox,
            InboxOptions(
                serialize_by=serialize_by,
                attempts=attempts,
                listener_timeout=listener_timeout,
                ack_when=ack_when,
                run_unacked=run_unacked,
                handle_stored=handle_stored,
            ),
            answers=self._late_answers.post,
            elsewhere=lambda text, *, within: self._supervisor.send(text, within=within),
            clock=clock,
            chance=self._chance,
            emit=self._emit,
            policy=AckPolicy.of(auto_ack, ack_deadline),
            concurrency=concurrency,
        )
        self._supervisor = Supervisor(
            self._plan,
            endpoints=self._endpoints,
            dialer=dialer or AiohttpDialer(self._ssl),
            clock=clock,
            intake=self._dispatcher,
            emit=self._emit,
            ping_interval=lambda: self.ping_interval,
        )

    def __repr__(self) -> str:
        state = "closed" if self.closed else repr(self._supervisor.runners)
        return f"<{type(self).__name__} {state}>"

    # Connecting.

    async def connect(self) -> None:
        """Come back once a WebSocket is open, and Slack has had half a second to say hello on it.

        Transient failures are retried, each time with a fresh URL. So `is_connected()` is true afterwards unless
        `hello` is late; `wait_until_ready()` waits for it.

        Also connects again after `disconnect()`. With a connection open already, it comes back at once.

        Raises:
            FatalConnectionError: Slack refuses the token, or Socket Mode is off.
            InboxError: the inbox cannot be opened; an `InboxLockedError` when another process has it.
            ClientClosedError: the client is closed, or was disconnected meanwhile.
        """
        await self._make_ready()
        self._want_connections()
        await self._supervisor.until(lambda: self._supervisor.newest_open is not None)
        with contextlib.suppress(TimeoutError, NotConnectedError):
            await self.wait_until_ready(HELLO_GRACE)

    async def wait_until_ready(self, timeout: float | None = None) -> None:
        """Come back once Slack has said hello on a connection.

        Raises:
            TimeoutError: not within `timeout` seconds.
            NotConnectedError: nobody has called `connect()`.
            FatalConnectionError: as `connect()`.
        """
        if not self._supervisor.is_running and self._supervisor.outcome is None:
            raise NotConnectedError("call connect() before you wait for the connection")
        async with asyncio.timeout(timeout):
            await self._supervisor.until(lambda: self._supervisor.newest_ready is not None)

    async def connect_to_new_endpoint(self, force: bool = False) -> None:
        """Replace the current connection if `force`, or connect if there is none. Concurrent callers share one dial.

        Raises:
            FatalConnectionError: as `connect()`.
        """
        if not force and await self.is_connected():
            return
        await self._make_ready()
        if force and not self._supervisor.is_rotating:
            self._supervisor.rotate()
        self._want_connections()  # Now: a call that waits for its turn must not undo a disconnect() that came later.
        async with self.connect_operation_lock:
            await self._supervisor.until(
                lambda: self._supervisor.newest_ready is not None and not self._supervisor.is_rotating
            )

    async def disconnect(self) -> None:
        """Close the open connections and stay down, after at most three seconds for the acks of running listeners."""
        self._wishes += 1
        self._supervisor.stop()
        try:
            await self._dispatcher.settle(SETTLE_WAIT)
            await self._supervisor.shut()
        finally:
            if not self.closed:
                self._dispatcher.resume()

    async def close(self) -> None:
        """End for good: no new envelopes, running listeners finish and ack (8 s at most), everything is freed.

        Any number of times, from any task, at any moment. From within a listener it only begins the end and comes
        back at once, because the end waits for that listener. Takes 15 seconds at most.
        """
        self._begin_close()
        if self._closing is not None and not self._dispatcher.is_within_listener():
            await asyncio.shield(self._closing)

    async def run(self) -> None:
        """Connect, and serve until the client is closed; `SIGINT` and `SIGTERM` close it, running listeners finish.

        Raises:
            FatalConnectionError: Slack refuses for good, now or later.
        """
        with EndSignals(self._begin_close):
            try:
                with contextlib.suppress(ClientClosedError):
                    await self.connect()
                await self._supervisor.until_over(lambda: self.closed)
            finally:
                await self.close()

    async def __aenter__(self) -> Self:
        try:
            await self.connect()
        except BaseException:
            await self.close()  # `__aexit__` will not be called, and nobody else could.
            raise
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, tb: TracebackType | None
    ) -> None:
        await self.close()

    # Inside.

    async def _make_ready(self) -> None:
        """Open the inbox, if there is one. With none, or an open one, nothing can come in between."""
        wishes = self._wishes
        await self._dispatcher.open()
        if wishes != self._wishes:
            raise ClientClosedError("the client was disconnected")

    def _want_connections(self) -> None:
        if self.closed:
            raise ClientClosedError("this client is closed for good; make a new one")
        self._supervisor.start()
        if self.message_processor is None or self.message_processor.done():
            self._settle_on_loop()
            processing = self.process_messages()
            self.message_processor = asyncio.get_running_loop().create_task(processing, name="tautwire-queue")

    def _settle_on_loop(self) -> None:
        """A queue and a lock belong to the event loop that first waited for them; this one may be another."""
        loop, before = asyncio.get_running_loop(), self._loop
        self._loop = loop
        if before is None or before is loop:
            return
        old, self.message_queue = self.message_queue, asyncio.Queue()
        while not old.empty():
            self.message_queue.put_nowait(old.get_nowait())
        self.connect_operation_lock = asyncio.Lock()

    def _begin_close(self) -> None:
        self.closed = True
        self._dispatcher.refuse()
        self._supervisor.stop()  # Here, and not in the task: whatever runs before it must not dial.
        if self._closing is None:
            self._closing = asyncio.get_running_loop().create_task(self._close(), name="tautwire-close")

    async def _close(self) -> None:
        if self.message_processor is not None and not self.message_processor.done():
            self.message_processor.cancel()
            await asyncio.wait({self.message_processor}, timeout=1.0)
        self.message_processor = None
        await self._dispatcher.drain(DRAIN_WAIT)
        await self._supervisor.shut()
        self._dispatcher.give_up()
        await self._dispatcher.close()
        await self._late_answers.close()
        if self._own_web_client:
            await self.web_client.close()

    def _own_url_source(self) -> Callable[[], Awaitable[str]] | None:
        return self.issue_new_wss_url if self._is_overridden("issue_new_wss_url", SocketModeClient) else None

    def _ssl(self) -> ssl.SSLContext | None:
        context: ssl.SSLContext | None = getattr(self.web_client, "ssl", None)
        return context
