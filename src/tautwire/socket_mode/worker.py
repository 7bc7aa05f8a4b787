"""`InboxWorker`: handles what gateways have stored, in a process that holds no connection to Slack.

Wiring only, as `aiohttp` is for the client: the backlog claims and settles, the observers tell.
"""

from __future__ import annotations

import asyncio
import contextlib
import random
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, Self

from tautwire.clock import SYSTEM_CLOCK, Clock
from tautwire.delivery.backlog import Backlog
from tautwire.delivery.policy import ATTEMPTS, LISTENER_TIMEOUT, StoragePolicy
from tautwire.engine.tasks import Pulse
from tautwire.errors import ClientClosedError, ConfigurationError
from tautwire.facts import ListenerFailed
from tautwire.observe.broadcast import Broadcast
from tautwire.observe.counters import Counters
from tautwire.observe.log import LogObserver
from tautwire.socket_mode import arguments
from tautwire.socket_mode.answers import LateAnswers
from tautwire.socket_mode.delivering import checked_inbox, owner_name
from tautwire.socket_mode.requests import Requests
from tautwire.socket_mode.route import Route
from tautwire.socket_mode.signals import EndSignals

if TYPE_CHECKING:
    import logging
    from collections.abc import Callable, Mapping, Sequence
    from types import TracebackType

    from tautwire.facts import Fact, Observer
    from tautwire.inbox.api import Inbox
    from tautwire.observe.counters import Counts
    from tautwire.protocol.backoff import Uniform
    from tautwire.socket_mode.async_client import AsyncBaseSocketModeClient
    from tautwire.socket_mode.async_listeners import AsyncSocketModeRequestListener, AsyncWebSocketMessageListener

__all__ = ["CONCURRENCY", "DRAIN_TIMEOUT", "InboxWorker", "WorkerSnapshot"]

#: Records that a worker handles at a time. It has leased them, so no other worker gets them meanwhile.
CONCURRENCY: Final = 100

#: Seconds for running listeners at `close()`.
DRAIN_TIMEOUT: Final = 8.0


@dataclass(frozen=True, slots=True)
class WorkerSnapshot:
    """A worker at one moment. `running`: records that are being handled."""

    is_open: bool
    closed: bool
    running: int
    counts: Counts


class InboxWorker(Requests):
    """Handles what is in an inbox, with listeners as a `SocketModeClient` has them; they get the worker as the client.

    Whatever it handles was acked when it was stored: a listener's ack does nothing, and a command's answer in it goes
    to the command's `response_url`. Everything else a listener says by `client.web_client`.

        worker = InboxWorker(inbox)
        worker.socket_mode_request_listeners.append(handle)
        await worker.run()

    The constructor opens nothing, starts no task and needs no running loop.

    Args:
        inbox: where gateways (`SocketModeClient(inbox=…, handle_stored=False)`) store. The worker opens and closes it.
        logger: where this worker logs; else this module's logger.
        web_client: what listeners find as `client.web_client`; else a new `AsyncWebClient`. Its `ssl` and `base_url`
            serve the answers to a `response_url` as well.
        proxy: HTTP proxy URL for these answers; blank counts as none. Else the environment's, with `NO_PROXY` honoured.
        trace_enabled: a DEBUG line for each record.
        concurrency: records that are handled at a time. What waits for its turn within a `requests()` loop counts, so
            for such a loop give what is handled at a time there, and leave the rest to other workers.
        attempts: how often a record is handled before it is a dead letter.
        listener_timeout: seconds for each call of a listener, `None` for any number.
        drain_timeout: seconds for running listeners at `close()`; what does not finish is given back, and costs no
            attempt.
        observers: callables that get every fact (`tautwire.facts`).
        clock, chance: time and randomness, for tests.

    Raises:
        ConfigurationError: an argument cannot work; the text says what to give instead.
    """

    def __init__(
        self,
        inbox: Inbox,
        logger: logging.Logger | None = None,
        web_client: Any = None,
        proxy: str | None = None,
        trace_enabled: bool = False,
        *,
        concurrency: int = CONCURRENCY,
        attempts: int = ATTEMPTS,
        listener_timeout: float | None = LISTENER_TIMEOUT,
        drain_timeout: float = DRAIN_TIMEOUT,
        observers: Sequence[Observer] = (),
        clock: Clock = SYSTEM_CLOCK,
        chance: Uniform | None = None,
    ) -> None:
        arguments.check_concurrency(concurrency)
        if not drain_timeout >= 0:
            raise ConfigurationError(f"drain_timeout is {drain_timeout!r}; give seconds, 0 or more")
        storage = StoragePolicy.of(attempts=attempts, listener_timeout=listener_timeout)
        self.logger = arguments.logger(logger, __name__)
        self._own_web_client = web_client is None
        self._route = Route(arguments.web_client(web_client, proxy), proxy)
        self.trace_enabled = trace_enabled
        self.inbox: Inbox = checked_inbox(inbox)
        self.message_listeners: list[AsyncWebSocketMessageListener] = []
        self.socket_mode_request_listeners: list[AsyncSocketModeRequestListener] = []
        self.observers = list(observers)
        self.closed = False
        self._closing: asyncio.Task[None] | None = None
        self._changed = Pulse()
        self._drain_timeout = drain_timeout
        self._clock = clock
        self._counters = Counters()
        log = LogObserver(lambda: self.logger, lambda: self.trace_enabled)
        self._emit = Broadcast((self._counters, log), self.observers)
        self._late_answers = LateAnswers(self._route)
        self._backlog = Backlog(
            self,
            inbox,
            owner=owner_name(),
            clock=clock,
            chance=chance or random.SystemRandom(),
            emit=self._emit,
            answers=self._late_answers.post,
            attempts=storage.attempts,
            concurrency=concurrency,
            listener_timeout=storage.listener_timeout,
        )
        self._dispatcher = _Stored(self._backlog, clock, self._emit)

    @classmethod
    def for_client(cls, client: AsyncBaseSocketModeClient, inbox: Inbox, **options: Any) -> Self:
        """With the listeners and the Web client of a client that is not connected. `options` are the constructor's."""
        made = cls(inbox, **{"web_client": client.web_client, "logger": client.logger, **options})
        made.message_listeners = client.message_listeners
        made.socket_mode_request_listeners = client.socket_mode_request_listeners
        return made

    def __repr__(self) -> str:
        state = "closed" if self.closed else "open" if self._backlog.is_open else "not started"
        return f"<{type(self).__name__} {state}>"

    @property
    def web_client(self) -> Any:
        """What listeners speak to Slack with; another one serves from now on."""
        return self._route.web_client

    @web_client.setter
    def web_client(self, web_client: Any) -> None:
        self._route.web_client = web_client

    # Its life.

    async def start(self) -> None:
        """Open the inbox, and begin to handle what is in it. Any number of times.

        Raises:
            InboxError: it cannot be used; the text says why.
            ClientClosedError: the worker was closed.
        """
        if self.closed:
            raise ClientClosedError("this worker is closed for good; make a new one")
        await self._backlog.open()

    async def close(self) -> None:
        """End for good: claim nothing more, let running listeners finish (`drain_timeout`), free everything.

        Any number of times, from any task. From within a listener it only begins the end and comes back at once,
        because the end waits for that listener.
        """
        self._begin_close()
        if self._closing is not None and not self._backlog.is_within_listener():
            await asyncio.shield(self._closing)

    async def run(self) -> None:
        """Start, and work until the worker is closed; `SIGINT` and `SIGTERM` close it, running listeners finish.

        Raises:
            InboxError: the inbox cannot be opened.
        """
        with EndSignals(self._begin_close):
            try:
                with contextlib.suppress(ClientClosedError):
                    await self.start()
                await self._until_over(lambda: self.closed)
            finally:
                await self.close()

    async def __aenter__(self) -> Self:
        try:
            await self.start()
        except BaseException:
            await self.close()  # `__aexit__` will not be called, and nobody else could.
            raise
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, tb: TracebackType | None
    ) -> None:
        await self.close()

    def snapshot(self) -> WorkerSnapshot:
        """A frozen picture: what runs, and the counters."""
        return WorkerSnapshot(
            self._backlog.is_open and not self.closed,
            self.closed,
            self._backlog.worker.slots.taken,
            self._counters.counts(),
        )

    # Inside.

    def _nudge(self) -> None:
        self._changed.beat()

    async def _until_over(self, is_so: Callable[[], bool]) -> None:
        while not is_so():
            await self._changed.wait()

    def _begin_close(self) -> None:
        self.closed = True
        if self._closing is None:
            self._closing = asyncio.get_running_loop().create_task(self._close(), name="tautwire-close")
        self._changed.beat()

    async def _close(self) -> None:
        await self._backlog.drain(self._drain_timeout)
        await self._backlog.finish()
        await self._backlog.close()
        await self._late_answers.close()
        if self._own_web_client:
            await self.web_client.close()


class _Stored:
    """The delivery of what others have received: everything is acked."""

    def __init__(self, backlog: Backlog, clock: Clock, emit: Callable[[Fact], None]) -> None:
        self._backlog = backlog
        self._clock = clock
        self._emit = emit

    async def ack(self, envelope_id: str, payload: Mapping[str, Any] | None = None) -> None:
        await self._backlog.ack(envelope_id, payload)

    def is_acked(self, _: str) -> bool:
        return True

    async def guard(
        self, call: Callable[[], Any], listener: str, envelope_id: str | None, *, is_timed: bool = True
    ) -> bool:
        error = await self._backlog.failure_of(call, listener, envelope_id, is_timed=is_timed)
        if error is not None:
            self._emit(ListenerFailed(self._clock.wall(), listener, envelope_id, error))
        return error is None
