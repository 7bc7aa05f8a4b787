"""The other side of the Web client: a small server that remembers what it saw and answers as told."""

from __future__ import annotations

import asyncio
import json
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

import pytest
import trustme
from aiohttp import web

from tautwire.web.async_client import AsyncWebClient

Answer = web.Response | Callable[[web.Request], Awaitable[web.StreamResponse]] | dict[str, Any]


@dataclass
class Seen:
    """One request as it arrived."""

    method: str
    verb: str
    query: dict[str, str]
    headers: dict[str, str]
    content_type: str | None
    body: bytes
    fields: dict[str, Any]
    peer: Any

    @property
    def arguments(self) -> dict[str, Any]:
        return {**self.query, **self.fields}


@dataclass
class FakeSlack:
    """Answers `{"ok": true}` unless `answers[method]` holds something for the next request."""

    url: str = ""
    seen: list[Seen] = field(default_factory=list)
    answers: dict[str, list[Answer]] = field(default_factory=dict)
    arrived: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def last(self) -> Seen:
        return self.seen[-1]

    def reply(self, method: str, *answers: Answer) -> None:
        self.answers.setdefault(method, []).extend(answers)

    async def handle(self, request: web.Request) -> web.StreamResponse:
        method = request.match_info["method"]
        is_multipart = request.content_type == "multipart/form-data"
        body = b"" if is_multipart else await request.read()
        fields = await _fields(request, body)
        peer = request.transport.get_extra_info("peername") if request.transport else None
        self.seen.append(
            Seen(
                method,
                request.method,
                dict(request.query),
                {name.title(): value for name, value in request.headers.items()},
                request.headers.get("Content-Type"),
                body,
                fields,
                peer,
            )
        )
        self.arrived.set()
        queue = self.answers.get(method)
        answer: Answer = queue.pop(0) if queue else {"ok": True}
        if isinstance(answer, dict):
            return web.json_response(answer)
        if isinstance(answer, web.Response):
            return answer
        return await answer(request)


async def _fields(request: web.Request, body: bytes) -> dict[str, Any]:
    if request.content_type == "application/json":
        return dict(json.loads(body)) if body else {}
    if request.content_type in ("application/x-www-form-urlencoded", "multipart/form-data"):
        posted = await request.post()
        return {
            name: (value.filename, value.file.read()) if isinstance(value, web.FileField) else value
            for name, value in posted.items()
        }
    return {}


class FakeClock:
    """Time that passes only when somebody sleeps."""

    def __init__(self) -> None:
        self.now = 0.0
        self.sleeps: list[float] = []

    def monotonic(self) -> float:
        return self.now

    def wall(self) -> float:
        return self.now

    async def sleep(self, seconds: float) -> None:
        self.sleeps.append(seconds)
        self.now += seconds
        await asyncio.sleep(0)

    async def wait(self, event: asyncio.Event, seconds: float) -> bool:
        await self.sleep(seconds)
        return event.is_set()


async def _serve(slack: FakeSlack, tls: ssl.SSLContext | None) -> AsyncIterator[FakeSlack]:
    app = web.Application(client_max_size=2**24)
    app.router.add_route("*", "/api/{method:.+}", slack.handle)
    app.router.add_route("*", "/{method:upload/.+}", slack.handle)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0, ssl_context=tls)
    await site.start()
    port = runner.addresses[0][1]
    slack.url = f"{'https' if tls else 'http'}://127.0.0.1:{port}/api/"
    yield slack
    await runner.cleanup()


@pytest.fixture
async def slack() -> AsyncIterator[FakeSlack]:
    async for server in _serve(FakeSlack(), None):
        yield server


@pytest.fixture(scope="session")
def authority() -> trustme.CA:
    return trustme.CA()


@pytest.fixture
async def tls_slack(authority: trustme.CA) -> AsyncIterator[FakeSlack]:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("127.0.0.1").configure_cert(context)
    async for server in _serve(FakeSlack(), context):
        yield server


@pytest.fixture
def trusting(authority: trustme.CA) -> ssl.SSLContext:
    context = ssl.create_default_context()
    authority.configure_trust(context)
    return context


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
async def client(slack: FakeSlack, clock: FakeClock) -> AsyncIterator[AsyncWebClient]:
    async with AsyncWebClient("xoxb-test-1", slack.url, clock=clock, random=lambda: 0.5) as client:
        yield client
