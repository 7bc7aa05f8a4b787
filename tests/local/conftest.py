"""A bare client and a clock that the test winds by hand."""

from __future__ import annotations

import asyncio
import heapq
import json
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

import aiohttp
import pytest

from tautwire.local import LocalSlack

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable
    from contextlib import AbstractAsyncContextManager

    from tautwire.local import Delivery


class HandClock:
    """Time stands still until `advance`."""

    def __init__(self) -> None:
        self.now = 1000.0
        self._sleepers: list[tuple[float, int, asyncio.Future[None]]] = []
        self._count = 0
        self._news = asyncio.Event()

    def monotonic(self) -> float:
        return self.now

    def wall(self) -> float:
        return 1_795_000_000.0 + self.now

    async def sleep(self, seconds: float) -> None:
        if seconds <= 0:
            await asyncio.sleep(0)
            return
        self._count += 1
        future = asyncio.get_running_loop().create_future()
        heapq.heappush(self._sleepers, (self.now + seconds, self._count, future))
        self._news.set()
        await future

    async def asleep(self) -> None:
        """Return once somebody sleeps, who did not when this was called last."""
        await self._news.wait()
        self._news.clear()

    async def wait(self, event: asyncio.Event, seconds: float) -> bool:
        tasks = [asyncio.ensure_future(self.sleep(seconds)), asyncio.ensure_future(event.wait())]
        try:
            await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
        return event.is_set()

    async def advance(self, seconds: float) -> None:
        """Move on, stopping wherever somebody wants to wake, so that everybody wakes at the time asked for."""
        end = self.now + seconds
        await self.settle()
        while self._sleepers and self._sleepers[0][0] <= end:
            when, _, future = heapq.heappop(self._sleepers)
            self.now = max(self.now, when)
            if not future.done():
                future.set_result(None)
            await self.settle()
        self.now = end
        await self.settle()

    async def settle(self) -> None:
        for _ in range(20):
            await asyncio.sleep(0)


class Wire:
    """A WebSocket client that knows nothing of Slack: what comes in is what was sent."""

    def __init__(self, ws: aiohttp.ClientWebSocketResponse) -> None:
        self.ws = ws

    async def frame(self) -> aiohttp.WSMessage:
        return await self.ws.receive(timeout=10)

    async def message(self) -> dict[str, Any]:
        """The next text message; pings on the way are passed over."""
        while True:
            frame = await self.frame()
            if frame.type is aiohttp.WSMsgType.TEXT:
                message = json.loads(frame.data)
                assert isinstance(message, dict)
                return message
            assert frame.type in (aiohttp.WSMsgType.PING, aiohttp.WSMsgType.PONG), frame

    async def ack(self, message: dict[str, Any] | Delivery | str, payload: dict[str, Any] | None = None) -> None:
        envelope_id = message if isinstance(message, str) else None
        if envelope_id is None:
            envelope_id = message["envelope_id"] if isinstance(message, dict) else message.envelope_id  # type: ignore[union-attr]
        await self.ws.send_json({"envelope_id": envelope_id} | ({} if payload is None else {"payload": payload}))

    async def closed(self) -> int | None:
        """Read on until the end; the code of the server's close frame, `None` without one."""
        while True:
            frame = await self.frame()
            if frame.type is aiohttp.WSMsgType.CLOSE:
                return int(frame.data)
            if frame.type in (aiohttp.WSMsgType.CLOSED, aiohttp.WSMsgType.CLOSING, aiohttp.WSMsgType.ERROR):
                return None


@pytest.fixture
def clock() -> HandClock:
    return HandClock()


@pytest.fixture
async def http() -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession() as session:
        yield session


@pytest.fixture
def call(http: aiohttp.ClientSession) -> Callable[..., Any]:
    """One Web API call with the bot's token: JSON in, (status, headers, parsed body) out."""

    async def do(slack: LocalSlack, method: str, token: str | None = None, **kwargs: Any) -> tuple[int, Any, Any]:
        headers = kwargs.pop("headers", {})
        if token != "":
            headers = {"Authorization": f"Bearer {token or slack.bot_token}"} | headers
        if "json" in kwargs:
            # Without a charset Slack's answer would carry a warning.
            headers = {"Content-Type": "application/json; charset=utf-8"} | headers
        async with http.post(slack.api_url + method, headers=headers, **kwargs) as response:
            text = await response.text()
            is_json = response.content_type == "application/json" and text.startswith("{") and text.endswith("}")
            return response.status, response.headers, json.loads(text) if is_json else text

    return do


@pytest.fixture
def dial(http: aiohttp.ClientSession) -> Callable[..., AbstractAsyncContextManager[Wire]]:
    """Open a WebSocket; `hello=True` reads the hello away."""

    @asynccontextmanager
    async def do(
        slack: LocalSlack, url: str | None = None, *, hello: bool = True, query: str = "", **kwargs: Any
    ) -> AsyncIterator[Wire]:
        target = (url or slack.websocket_url()) + query
        # A half-open server never answers a close frame; nobody has to wait for that.
        patience = aiohttp.ClientWSTimeout(ws_close=0.05)
        async with http.ws_connect(target, autoping=False, max_msg_size=0, timeout=patience, **kwargs) as ws:
            wire = Wire(ws)
            if hello:
                assert (await wire.message())["type"] == "hello"
            yield wire

    return do


@pytest.fixture
async def slack(seed: int) -> AsyncIterator[LocalSlack]:
    """A local Slack in real time, with its retries a thousand times as fast."""
    async with LocalSlack(seed=seed, time_scale=0.001) as local:
        yield local


@pytest.fixture
async def still(seed: int, clock: HandClock) -> AsyncIterator[LocalSlack]:
    """A local Slack whose time is `clock`'s."""
    async with LocalSlack(seed=seed, clock=clock) as local:
        yield local


Raw = tuple[asyncio.StreamReader, asyncio.StreamWriter]


async def _upgrade(slack: LocalSlack) -> Raw:
    """A client that shows bytes: the handshake is done, the hello not yet read."""
    url = slack.websocket_url()
    reader, writer = await asyncio.open_connection("127.0.0.1", slack.port)
    path = url.split(str(slack.port), 1)[1]
    key = "dGhlIHNhbXBsZSBub25jZQ=="
    # As slack_sdk's builtin client does it: no port in Host.
    writer.write(
        f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        f"Sec-WebSocket-Key: {key}\r\nSec-WebSocket-Version: 13\r\n"
        "Sec-WebSocket-Extensions: permessage-deflate\r\n\r\n".encode()
    )
    head = await reader.readuntil(b"\r\n\r\n")
    assert b" 101 " in head.splitlines()[0]
    assert b"deflate" not in head
    return reader, writer


@pytest.fixture
async def upgrade() -> AsyncIterator[Callable[[LocalSlack], Awaitable[Raw]]]:
    """Open connections that show bytes; they are closed at the end."""
    opened: list[asyncio.StreamWriter] = []

    async def do(slack: LocalSlack) -> Raw:
        reader, writer = await _upgrade(slack)
        opened.append(writer)
        await slack.wait_connections(1)
        return reader, writer

    yield do
    for writer in opened:
        writer.close()
        await asyncio.gather(writer.wait_closed(), return_exceptions=True)


@pytest.fixture
async def raw(slack: LocalSlack, upgrade: Callable[[LocalSlack], Awaitable[Raw]]) -> Raw:
    """One of them, on `slack`."""
    return await upgrade(slack)
