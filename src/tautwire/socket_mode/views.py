"""Names of the old client that only show something: views of the engine, never a second copy of its state."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

from tautwire.secret import Secret

if TYPE_CHECKING:
    from aiohttp import ClientSession, ClientWebSocketResponse

    from tautwire.clock import Clock
    from tautwire.engine.runner import Runner
    from tautwire.engine.supervisor import Supervisor
    from tautwire.protocol.plan import Plan
    from tautwire.socket_mode.endpoints import EndpointSource

__all__ = ["SessionViews", "SettingViews"]


class SettingViews:
    """Settings that live where they are used. Changed at any time, they serve from the next dial on.

    What is secret among them is kept in a `Secret`, so that no dump of the client shows it.
    """

    _endpoints: EndpointSource
    _plan: Plan
    _supervisor: Supervisor

    @property
    def app_token(self) -> str:
        """The app-level token; a new one serves from the next dial on."""
        return self._endpoints.app_token.reveal()

    @app_token.setter
    def app_token(self, token: str) -> None:
        self._endpoints.app_token = Secret(token)

    @property
    def web_client(self) -> Any:
        """What asks Slack for URLs; another one serves from the next dial on."""
        return self._endpoints.web_client

    @web_client.setter
    def web_client(self, web_client: Any) -> None:
        self._endpoints.web_client = web_client

    @property
    def proxy(self) -> str | None:
        """The HTTP proxy's URL, credentials included; another one serves from the next dial on."""
        return self._endpoints.proxy

    @proxy.setter
    def proxy(self, proxy: str | None) -> None:
        self._endpoints.proxy = proxy

    @property
    def wss_uri(self) -> str | None:
        """A URL that the next dial uses, once; `None` lets each dial ask Slack for its own."""
        return None if self._endpoints.wss_uri is None else self._endpoints.wss_uri.reveal()

    @wss_uri.setter
    def wss_uri(self, uri: str | None) -> None:
        self._endpoints.wss_uri = None if uri is None else Secret(uri)

    @property
    def auto_reconnect_enabled(self) -> bool:
        """Whether a lost connection is replaced without anybody asking. Nothing but its user changes it."""
        return self._plan.auto_reconnect

    @auto_reconnect_enabled.setter
    def auto_reconnect_enabled(self, is_enabled: bool) -> None:
        self._plan.auto_reconnect = is_enabled
        self._supervisor.nudge()


class SessionViews:
    """The current session, for those who ask: the newest ready connection, `None` when there is none."""

    ping_interval: float
    _clock: Clock
    _supervisor: Supervisor

    @property
    def current_session(self) -> ClientWebSocketResponse | None:
        """The WebSocket of the newest ready connection."""
        runner = self._supervisor.newest_ready
        return None if runner is None else runner.connection.native

    @property
    def aiohttp_client_session(self) -> ClientSession | None:
        """The aiohttp session of the newest ready connection; each connection has its own."""
        runner = self._supervisor.newest_ready
        return None if runner is None else getattr(runner.connection, "session", None)

    @property
    def message_receiver(self) -> asyncio.Task[Any] | None:
        """The task that reads the current session."""
        runner = self._supervisor.newest_ready
        return None if runner is None else runner.reader

    @property
    def current_session_monitor(self) -> asyncio.Task[Any] | None:
        """The task that watches over the current session."""
        runner = self._supervisor.newest_ready
        return None if runner is None else runner.watcher

    @property
    def last_ping_pong_time(self) -> float | None:
        """Epoch seconds of the last pong on the current session, `None` before the first."""
        runner = self._supervisor.newest_ready
        return None if runner is None else runner.last_pong_wall

    @property
    def stale(self) -> bool:
        """Whether the current session has not answered for a while."""
        runner = self._supervisor.newest_ready
        return runner is not None and runner.is_suspect

    async def is_ping_pong_failing(self) -> bool:
        """Whether the last pong is at least four `ping_interval`s old; false before the first ping.

        Measured on the monotonic clock: a step of the wall clock changes nothing.
        """
        runner = self._supervisor.newest_ready
        return runner is not None and _is_pong_old(runner, self._clock.monotonic(), 4 * self.ping_interval)

    async def is_connected(self) -> bool:
        """Whether at least one connection is open, has had its `hello`, and is not stale.

        A rotation in progress counts as connected, because events arrive.
        """
        return self._supervisor.is_connected

    async def session_id(self) -> str:
        """Id of the current session, `""` when there is none."""
        return self.build_session_id(self.current_session)

    @classmethod
    def build_session_id(cls, session: ClientWebSocketResponse | None) -> str:
        """`"s_…"` for a session, `""` for `None`."""
        return "" if session is None else f"s_{hash(session)}"

    async def monitor_current_session(self) -> None:
        """Follow the task that watches over the current session, to the session's end."""
        await _follow(self.current_session_monitor)

    async def receive_messages(self) -> None:
        """Follow the task that reads the current session, to the session's end."""
        await _follow(self.message_receiver)


def _is_pong_old(runner: Runner, now: float, limit: float) -> bool:
    since = runner.first_ping if runner.last_pong is None else runner.last_pong
    return since is not None and now - since >= limit


async def _follow(task: asyncio.Task[Any] | None) -> None:
    if task is not None:
        await asyncio.wait({task})
