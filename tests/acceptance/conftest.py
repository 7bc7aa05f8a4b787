"""The client against the local Slack, over real sockets. Time may run faster; nothing else is pretended."""

from __future__ import annotations

import asyncio
import contextlib
import time
from typing import TYPE_CHECKING, Any

import pytest

from tautwire import AsyncWebClient, SocketModeClient, SocketModeResponse
from tautwire.local.app import LocalSlack

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

    from tautwire.facts import Fact

PATIENCE = 30.0


class Recorder:
    """An observer that keeps every fact and wakes who waits for one."""

    def __init__(self) -> None:
        self.facts: list[Fact] = []
        self._waiters: set[asyncio.Future[None]] = set()

    def __call__(self, fact: Fact) -> None:
        self.facts.append(fact)
        for waiter in self._waiters:
            if not waiter.done():
                waiter.set_result(None)

    def of(self, kind: type[Any]) -> list[Any]:
        return [fact for fact in self.facts if isinstance(fact, kind)]

    async def until(self, is_so: Callable[[], object]) -> None:
        async with asyncio.timeout(PATIENCE):
            while not is_so():
                waiter = asyncio.get_running_loop().create_future()
                self._waiters.add(waiter)
                try:
                    await waiter
                finally:
                    self._waiters.discard(waiter)


class FastClock:
    """A clock on which `speed` seconds pass in one; what the client waits for shrinks with it."""

    def __init__(self, speed: float = 1.0) -> None:
        self.speed = speed
        self.wall_step = 0.0
        self._zero = time.monotonic()

    def monotonic(self) -> float:
        return self._zero + (time.monotonic() - self._zero) * self.speed

    def wall(self) -> float:
        return time.time() + self.wall_step

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(max(0.0, seconds) / self.speed)

    async def wait(self, event: asyncio.Event, seconds: float) -> bool:
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(max(0.0, seconds) / self.speed):
                await event.wait()
        return event.is_set()


class Rig:
    """A local Slack, and clients that ack what they get and remember it."""

    def __init__(self, slack: LocalSlack) -> None:
        self.slack = slack
        self.facts = Recorder()
        self.handled: list[str] = []
        self._web: list[AsyncWebClient] = []
        self._clients: list[SocketModeClient] = []

    def client(self, *, acks: bool = True, **options: Any) -> SocketModeClient:
        web = AsyncWebClient(token=self.slack.bot_token, base_url=self.slack.api_url)
        client = SocketModeClient(self.slack.app_token, web_client=web, observers=[self.facts], **options)
        if acks:
            client.socket_mode_request_listeners.append(self._ack)
        self._web.append(web)
        self._clients.append(client)
        return client

    async def _ack(self, client: Any, request: Any, /) -> None:
        self.handled.append(request.payload.get("event_id") or request.envelope_id)
        await client.send_socket_mode_response(SocketModeResponse(request.envelope_id))

    async def close(self) -> None:
        for client in self._clients:
            await client.close()
        for web in self._web:
            await web.close()


@pytest.fixture
async def slack(request: pytest.FixtureRequest) -> AsyncIterator[LocalSlack]:
    """A local Slack; a test may set its options by `parametrize("slack", [{…}], indirect=True)`."""
    async with LocalSlack(**getattr(request, "param", {})) as slack:
        yield slack


@pytest.fixture
async def rig(slack: LocalSlack) -> AsyncIterator[Rig]:
    rig = Rig(slack)
    yield rig
    await rig.close()


@pytest.fixture
def fast_clock() -> type[FastClock]:
    return FastClock
