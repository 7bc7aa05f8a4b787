"""The local Slack: all its rooms under one roof, behind one loopback port."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from random import Random
from typing import TYPE_CHECKING, Self

from aiohttp import web

from tautwire.clock import SYSTEM_CLOCK
from tautwire.errors import ConfigurationError
from tautwire.local.api.hooks import Hooks
from tautwire.local.api.http import WebApi
from tautwire.local.bell import Bell
from tautwire.local.control import routes
from tautwire.local.doors import LOOPBACK, check, protect, reachable
from tautwire.local.driving import Driver
from tautwire.local.faults import Faults
from tautwire.local.herald import Herald
from tautwire.local.journal import Journal
from tautwire.local.lines import Lines
from tautwire.local.manifest import manifests_from
from tautwire.local.mischief import Mischief
from tautwire.local.mishaps import Mishaps
from tautwire.local.overview import Overview
from tautwire.local.sending import Sender
from tautwire.local.socket.allowance import EVENTS_PER_HOUR
from tautwire.local.socket.exchange import Exchange, WhileAway
from tautwire.local.socket.gate import Gate
from tautwire.local.socket.ledger import Attempt, Delivery, Ledger
from tautwire.local.socket.trouble import Trouble
from tautwire.local.staging import OwnStage
from tautwire.local.switches import Switches
from tautwire.local.time_shift import ShiftedClock, TimeMachine, Traveller
from tautwire.local.timers import Timers
from tautwire.local.tokens import LOCAL_APP_TOKEN, LOCAL_BOT_TOKEN, refuse_real
from tautwire.local.workspace import Workspace

if TYPE_CHECKING:
    import os
    from collections.abc import Mapping, Sequence
    from ssl import SSLContext

    from tautwire.clock import Clock
    from tautwire.local.actors import Person, Place
    from tautwire.local.manifest import AppManifest
    from tautwire.local.socket.line import Line
    from tautwire.local.workspace import App

__all__ = ["LocalSlack"]


class LocalSlack(Lines, Driver, Sender, Overview, Mischief, Traveller):
    """Slack's side of the wire, on this machine. Use it as an async context manager, in one event loop.

    `time_scale` shortens Slack's own timetables: redelivery, and the two pauses of a refresh. Everything given in
    seconds is taken as it is: `deadline` (ack), `ping_interval`, `connection_time` (life of a connection),
    `ghost_seconds` (how long a registration outlives its socket). `while_away` says what becomes of events that find no
    connection: `retry` them on Slack's schedule, `lose` them, or `replay` them as soon as somebody is ready;
    `lose_when_nobody` is the older way of saying `lose`. `seed` decides every random choice.
    With `ssl_context` it speaks https and wss. It refuses tokens that look real.

    It listens on loopback. On another `host` others can reach it, and it asks for `control_token` as well, which is
    wanted of everybody who uses the control API; see `doors` for who is let in then.

    `manifests` (paths, mappings, `Manifest`s) are the apps that are installed: what each is sent and may do. Without
    one there is one app that may do anything. `workspace` starts from a saved one instead of Acme. `strict_scopes` and
    `strict_limits` refuse what Slack would: calls without their scope, and too many of them.

    Every app has a `line` of its own. What is asked of this object, or done to it, concerns all apps together; the
    `send_…` methods send to the first one.
    """

    def __init__(
        self,
        *,
        port: int = 0,
        ssl_context: SSLContext | None = None,
        time_scale: float = 1.0,
        seed: int = 0,
        deadline: float = 3.0,
        ping_interval: float = 10.0,
        connection_time: float = 18060,
        max_connections: int = 10,
        ghost_seconds: float = 0.0,
        lose_when_nobody: bool = False,
        while_away: WhileAway = "retry",
        clock: Clock = SYSTEM_CLOCK,
        switches: Switches | None = None,
        manifests: Sequence[AppManifest | Mapping[str, object] | str | os.PathLike[str]] = (),
        workspace: Workspace | None = None,
        strict_scopes: bool = False,
        strict_limits: bool = False,
        host: str = LOOPBACK,
        control_token: str = "",
        app_token: str = LOCAL_APP_TOKEN,
        bot_token: str = LOCAL_BOT_TOKEN,
    ) -> None:
        refuse_real(app_token, bot_token)
        if lose_when_nobody and while_away == "replay":
            raise ConfigurationError("what is lost when nobody is there cannot be replayed, too")
        self.switches = switches or Switches()
        if strict_limits and self.switches.events_per_hour is None:
            self.switches = replace(self.switches, events_per_hour=EVENTS_PER_HOUR)
        check(host, control_token)
        # With port 0, a name of two addresses would have two ports.
        self._host, self._control_token = LOOPBACK if host == "localhost" else host, control_token
        self._port, self._ssl_context = port, ssl_context
        self._clock = clock = ShiftedClock(clock)
        self._bell, self._timers = Bell(), Timers(clock, clock.base)
        random = Random(seed)  # noqa: S311 - repeatable on purpose
        self.workspace = workspace or Workspace(random)
        self._install(manifests, app_token, bot_token)
        self.ledger = Ledger(ack_on_any_connection=self.switches.ack_on_any_connection)
        self.faults = Faults(seed)
        self.journal = Journal(heartbeats=False, clock=clock)
        self.journal.names |= self.workspace.names
        self.faults.struck = self._struck
        self._exchange = Exchange(
            clock=clock,
            journal=self.journal,
            timers=self._timers,
            random=random,
            ledger=self.ledger,
            faults=self.faults,
            switches=self.switches,
            bell=self._bell,
            new_id=self.workspace.ids.uuid,
            deadline=deadline,
            time_scale=time_scale,
            ping_interval=ping_interval,
            connection_time=connection_time,
            max_connections=max_connections,
            ghost_seconds=ghost_seconds,
            while_away="lose" if lose_when_nobody else while_away,
            answered=self._answered,
            failed=self._failed,
        )
        self._people: dict[str, Person] = {}
        self._places: dict[str, Place] = {}
        self._set_the_stage()
        self._closing = asyncio.Event()
        self._machine = TimeMachine(clock, self._timers, self._bell, self.ledger, lambda: self.sessions)
        self._lines: dict[str, Line] = {}
        self._open_the_doors(strict_scopes=strict_scopes, strict_limits=strict_limits)
        self._runner: web.AppRunner | None = None
        self._timekeeper: asyncio.Task[None] | None = None

    def _set_the_stage(self) -> None:
        """Whoever acts in the workspace, and whoever tells the apps of it."""
        self._herald = Herald(
            workspace=self.workspace,
            clock=self._clock,
            timers=self._timers,
            bell=self._bell,
            journal=self.journal,
            base_url=lambda: self.base_url,
            dispatch=self._dispatch,
        )
        self._stage = OwnStage(
            workspace=self.workspace,
            clock=self._clock,
            bell=self._bell,
            base_url=lambda: self.base_url,
            settle=self._herald.settle,
            dispatch=self._dispatch,
            journal=self.journal,
            describe=lambda: f"{self!r}",
        )

    def _open_the_doors(self, *, strict_scopes: bool, strict_limits: bool) -> None:
        """Socket Mode for each app, the Web API, and the URLs that take answers."""
        self._gate = Gate(self._exchange, self._lines, closing=self._closing)
        self._trouble = Trouble(self._exchange, lambda: self.connections, self.line)
        for app_id in self.workspace.apps:
            self.add_line(app_id)
        self._api = self._web_api(strict_scopes=strict_scopes, strict_limits=strict_limits)
        self._hooks = Hooks(
            workspace=self.workspace,
            clock=self._clock,
            settle=self._herald.settle,
            limits=self._api.limits,
            mishaps=Mishaps(self.faults, self._clock, self._closing),
            is_strict_about_scopes=strict_scopes,
        )

    def __repr__(self) -> str:
        return f"<local Slack, {len(self.connections)} connection(s), {len(self.ledger)} envelope(s)>"

    def _install(
        self,
        manifests: Sequence[AppManifest | Mapping[str, object] | str | os.PathLike[str]],
        app_token: str,
        bot_token: str,
    ) -> None:
        """The apps of the manifests; with none, and none in the workspace, one that may do anything."""
        for number, manifest in enumerate(manifests_from(manifests)):
            is_first = not number and not self.workspace.apps
            self.workspace.install(
                manifest,
                app_token=app_token if is_first else "",
                bot_token=bot_token if is_first else "",
            )
        if not self.workspace.apps:
            self.workspace.install(app_token=app_token, bot_token=bot_token)
        self.app_token, self.bot_token = self.workspace.app.app_token, self.workspace.app.bot_token

    # Opening and closing

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    async def start(self) -> None:
        """Listen. Raises `OSError` when the port is taken, `ConfigurationError` when started before."""
        if self._runner is not None or self._closing.is_set():
            raise ConfigurationError("a local Slack starts once; make a new one")
        runner = web.AppRunner(self._routes(), access_log=None, shutdown_timeout=1.0)
        await runner.setup()
        self._runner = runner
        try:
            site = web.TCPSite(runner, self._host, self._port, ssl_context=self._ssl_context)
            await site.start()
        except OSError:
            await self.close()
            raise
        self._port = runner.addresses[0][1]
        self._timekeeper = asyncio.create_task(self._timers.run(), name="local-slack-timers")

    async def close(self) -> None:
        """Drop every connection and leave nothing behind: no task, no socket. Any number of times."""
        self._closing.set()
        self.journal.close()
        # Whoever waits for something here need not wait any longer.
        self._bell.ring()
        self._machine.stop()
        runner, self._runner = self._runner, None
        timekeeper, self._timekeeper = self._timekeeper, None
        for session in list(self._gate.sessions):
            session.drop("rst")
        await self._bell.until(lambda: not self._gate.sessions)
        if runner is not None:
            await runner.cleanup()
        if timekeeper is not None:
            timekeeper.cancel()
            await asyncio.gather(timekeeper, return_exceptions=True)
        failure, self._timers.failure = self._timers.failure, None
        if failure is not None:
            raise failure

    def _routes(self) -> web.Application:
        app = web.Application(client_max_size=8 * 1024 * 1024)
        protect(app, host=self._host)
        app.router.add_route("*", "/api/{method}", self._api.handle)
        app.router.add_get("/link/", self._gate.upgrade)
        self._hooks.add_to(app.router)
        app.add_routes(routes(self, token=self._control_token))
        return app

    # Where it is

    @property
    def port(self) -> int:
        """The port, once started."""
        return self._port

    @property
    def base_url(self) -> str:
        """`http://127.0.0.1:<port>`, or https; elsewhere with the `host`, if that is one that others can use."""
        return f"{'https' if self._ssl_context else 'http'}://{reachable(self._host)}:{self._port}"

    @property
    def api_url(self) -> str:
        """What a Web client takes as its base URL; ends in `/api/`."""
        return f"{self.base_url}/api/"

    def websocket_url(self, host: str | None = None, app_id: str | None = None) -> str:
        """A WebSocket URL with a fresh ticket, as `apps.connections.open` gives it; for the first app without an id."""
        scheme = "wss" if self._ssl_context else "ws"
        place = host if host and ":" in host else f"{reachable(self._host)}:{self._port}"
        return self._gate.url(f"{scheme}://{place}", self.line(app_id).app_id)

    # What the rooms tell each other

    def _dispatch(self, app: App, delivery: Delivery) -> Delivery:
        return self.add_line(app.id).dispatch(delivery)

    def _answered(self, delivery: Delivery, attempt: Attempt) -> None:
        """An ack in time, with its payload in `attempt`."""
        self._stage.answered(delivery, attempt)

    def _failed(self, delivery: Delivery) -> None:
        """A command or an interaction that came to nothing; its person sees `delivery.user_error`."""
        self._stage.failed(delivery)

    # The doors

    def _web_api(self, *, strict_scopes: bool, strict_limits: bool) -> WebApi:
        return WebApi(
            workspace=self.workspace,
            clock=self._clock,
            faults=self.faults,
            bell=self._bell,
            journal=self.journal,
            closing=self._closing,
            settle=self._herald.settle,
            open_url=self._open_url,
            base_url=lambda: self.base_url,
            is_strict_about_scopes=strict_scopes,
            strict_limits=strict_limits,
        )
