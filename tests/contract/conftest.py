"""The client and the local Slack, side by side; and a clock that a test winds."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import pytest
from slack_sdk.web.async_client import AsyncWebClient

from tautwire import SocketModeClient
from tautwire.local import LocalSlack

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable


class Wound:
    """A clock that stands still until it is wound."""

    def __init__(self) -> None:
        self.now = 1000.0
        self._sleepers: list[tuple[float, asyncio.Future[None]]] = []

    def monotonic(self) -> float:
        return self.now

    def wall(self) -> float:
        return 1_795_000_000.0 + self.now

    async def sleep(self, seconds: float) -> None:
        future: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._sleepers.append((self.now + max(0.0, seconds), future))
        await future

    async def wait(self, event: asyncio.Event, seconds: float) -> bool:
        tasks = [asyncio.ensure_future(self.sleep(seconds)), asyncio.ensure_future(event.wait())]
        try:
            await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in tasks:
                task.cancel()
        return event.is_set()

    async def wind(self, seconds: float) -> None:
        """Move on by `seconds`, half a second at a time, with some turns of the loop after each."""
        end = self.now + seconds
        while self.now < end:
            self.now = min(end, self.now + 0.5)
            due = [future for when, future in self._sleepers if when <= self.now]
            self._sleepers = [each for each in self._sleepers if each[0] > self.now]
            for future in due:
                if not future.done():
                    future.set_result(None)
            for _ in range(20):
                await asyncio.sleep(0)


@pytest.fixture
def clock() -> Wound:
    return Wound()


@pytest.fixture
async def slack(seed: int) -> AsyncIterator[LocalSlack]:
    async with LocalSlack(seed=seed, time_scale=0.001) as local:
        yield local


@pytest.fixture
async def make(slack: LocalSlack) -> AsyncIterator[Callable[..., SocketModeClient]]:
    """Make clients of the local Slack, with slack_sdk's Web client; they are closed after the test."""
    made: list[SocketModeClient] = []

    def make(**options: Any) -> SocketModeClient:
        options.setdefault("web_client", AsyncWebClient(base_url=slack.api_url))
        made.append(SocketModeClient(options.pop("app_token", slack.app_token), **options))
        return made[-1]

    yield make
    for client in made:
        await client.close()


@pytest.fixture
def client(make: Callable[..., SocketModeClient]) -> SocketModeClient:
    return make()


@pytest.fixture
def ready() -> Callable[[SocketModeClient], Awaitable[None]]:
    """Connect, and wait for the hello."""

    async def connect(client: SocketModeClient) -> None:
        await client.connect()
        await client.wait_until_ready(10)

    return connect


@pytest.fixture
def until() -> Callable[[Callable[[], object]], Awaitable[None]]:
    """Turn the loop until something holds; ten seconds are more than enough for anything here."""

    async def wait(holds: Callable[[], object]) -> None:
        async with asyncio.timeout(10):
            while not holds():  # noqa: ASYNC110  what is awaited is the state of somebody else's object
                await asyncio.sleep(0)

    return wait
