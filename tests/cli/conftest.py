"""Time that runs faster on Slack's side, and clients with one thing wrong with each."""

from __future__ import annotations

import asyncio
import subprocess
import sys
import time
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tautwire import AsyncWebClient, SocketModeClient, SocketModeResponse
from tautwire.cli.app import App
from tautwire.cli.contestants import Contestant
from tautwire.cli.timetable import Kind, Sending, Strike, Timetable

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Iterator

    from tautwire.local import LocalSlack


class FastClock:
    """A clock on which ten seconds pass in one."""

    speed = 10.0

    def monotonic(self) -> float:
        return time.monotonic() * self.speed

    def wall(self) -> float:
        return time.time()

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(max(0.0, seconds) / self.speed)

    async def wait(self, event: asyncio.Event, seconds: float) -> bool:
        try:
            async with asyncio.timeout(max(0.0, seconds) / self.speed):
                await event.wait()
        except TimeoutError:
            return event.is_set()
        return True


@pytest.fixture
def fast_clock() -> FastClock:
    return FastClock()


@pytest.fixture
def even_table() -> Callable[..., Timetable]:
    """Ten envelopes a second, of each kind in turn, and these strikes."""

    def make(seconds: float, *strikes: Strike) -> Timetable:
        kinds = tuple(Kind)
        sendings = tuple(Sending(n / 10, kinds[n % 3], n) for n in range(1, int(seconds * 10)))
        return Timetable(seconds, sendings, strikes)

    return make


class Mute(App):
    """Works, and never acks."""

    async def __call__(self, client: Any, request: Any) -> None:
        self.handled[request.payload.get("event_id") or request.envelope_id] += 1


class Idle(App):
    """Acks, and never works."""

    async def __call__(self, client: Any, request: Any) -> None:
        await super().__call__(client, request)
        self.handled.clear()


class Giddy(App):
    """Acks only while nothing moves: not while it holds two connections."""

    async def __call__(self, client: Any, request: Any) -> None:
        if len(client.snapshot().connections) == 1:
            await super().__call__(client, request)


class Twice(App):
    """Does everything twice."""

    async def __call__(self, client: Any, request: Any) -> None:
        await super().__call__(client, request)
        self.handled[request.payload.get("event_id") or request.envelope_id] += 1


APPS = {app.__name__.lower(): app for app in (App, Mute, Idle, Giddy, Twice)}


@pytest.fixture
def contestant() -> Callable[[str], Contestant]:
    """tautwire's client under one of the apps above."""

    @asynccontextmanager
    async def serve(slack: LocalSlack, connections: int, *, app: App) -> AsyncIterator[App]:
        web_client = AsyncWebClient(token=slack.bot_token, base_url=slack.api_url)
        client = SocketModeClient(app_token=slack.app_token, web_client=web_client, connections=connections)
        client.socket_mode_request_listeners.append(app)
        try:
            await client.connect()
            yield app
        finally:
            await client.close()
            await web_client.close()

    def make(name: str) -> Contestant:
        app = APPS[name](SocketModeResponse)
        return Contestant(name, lambda slack, connections: serve(slack, connections, app=app))

    return make


@pytest.fixture(scope="session")
def storm(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[], tuple[int, str, str]]]:
    """`tautwire demo` for ten seconds; when called: its exit code, output, and errors, once it has ended."""
    where = tmp_path_factory.mktemp("storm")
    program = [str(Path(sys.executable).with_name("tautwire")), "demo"]
    arguments = ["--seconds", "10", "--rate", "20", "--faults", "mild", "--json"]
    with (where / "out").open("wb") as out, (where / "err").open("wb") as err:
        process = subprocess.Popen([*program, *arguments], stdout=out, stderr=err)

    def outcome() -> tuple[int, str, str]:
        return process.wait(60), (where / "out").read_text("utf-8"), (where / "err").read_text("utf-8")

    yield outcome
    process.kill()
    process.wait()


@pytest.fixture(scope="session", autouse=True)
def _storm_blows_meanwhile(request: pytest.FixtureRequest) -> None:
    """It hardly does anything but wait, so it begins before the first test, if any test will ask for it."""
    if any("storm" in getattr(item, "fixturenames", ()) for item in request.session.items):
        request.getfixturevalue("storm")
