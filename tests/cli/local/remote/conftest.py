"""Commands on a local Slack that the test holds, with an app that does as it is told."""

from __future__ import annotations

import asyncio
import json
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

import aiohttp
import pytest
from click.testing import CliRunner

from tautwire.cli.program import program
from tautwire.local import LocalSlack

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable
    from contextlib import AbstractAsyncContextManager


@pytest.fixture
async def slack(seed: int) -> AsyncIterator[LocalSlack]:
    async with LocalSlack(seed=seed, time_scale=0.001) as local:
        yield local


@pytest.fixture
def run(slack: LocalSlack) -> Callable[..., Awaitable[Any]]:
    """`tautwire local …` on `slack`, in a thread of its own."""

    async def do(*args: str, env: dict[str, str] | None = None) -> Any:
        environ = {"TAUTWIRE_LOCAL_URL": slack.base_url, **(env or {})}
        return await asyncio.to_thread(CliRunner().invoke, program, ["local", *args], env=environ)

    return do


@pytest.fixture
def done(run: Any) -> Callable[..., Awaitable[str]]:
    """The same; what it says, once it went well."""

    async def do(*args: str) -> str:
        result = await run(*args)
        assert (result.exit_code, result.stderr) == (0, ""), result.output
        return str(result.stdout)

    return do


@pytest.fixture
def told(done: Any) -> Callable[..., Awaitable[Any]]:
    """The same with `--json`."""

    async def do(*args: str) -> Any:
        return json.loads(await done(*args, "--json"))

    return do


@pytest.fixture
def failed(run: Any) -> Callable[..., Awaitable[tuple[int, str]]]:
    """The exit code and the sentence, which is one, of what went wrong."""

    async def do(*args: str, env: dict[str, str] | None = None) -> tuple[int, str]:
        result = await run(*args, env=env)
        assert result.stderr.startswith("Error: "), result.output
        assert result.stderr.count("\n") == 1
        return result.exit_code, result.stderr.removeprefix("Error: ").rstrip("\n")

    return do


class App:
    """Acks everything but what is in `silent`, with what `answers` has for it."""

    def __init__(self, slack: LocalSlack, http: aiohttp.ClientSession, ws: aiohttp.ClientWebSocketResponse) -> None:
        self._slack, self._http, self._ws = slack, http, ws
        self.answers: dict[str, dict[str, Any]] = {}
        self.before: dict[str, Callable[[dict[str, Any]], Any]] = {}
        self.silent: set[str] = set()
        self.seen: list[dict[str, Any]] = []

    async def __call__(self, method: str, **arguments: Any) -> Any:
        headers = {
            "Authorization": f"Bearer {self._slack.bot_token}",
            "Content-Type": "application/json; charset=utf-8",
        }
        async with self._http.post(self._slack.api_url + method, json=arguments, headers=headers) as response:
            answer = await response.json()
        assert answer["ok"], answer
        return answer

    async def run(self) -> None:
        async for frame in self._ws:
            message = json.loads(frame.data)
            payload = message.get("payload", {})
            subject = payload.get("event", {}).get("type") or payload.get("command") or payload.get("type")
            self.seen.append(message)
            if subject in self.before:
                await self.before[subject](payload)
            if "envelope_id" in message and subject not in self.silent:
                answer = {"payload": self.answers[subject]} if subject in self.answers else {}
                await self._ws.send_json({"envelope_id": message["envelope_id"], **answer})


@pytest.fixture
async def app(slack: LocalSlack) -> AsyncIterator[App]:
    patience = aiohttp.ClientWSTimeout(ws_close=0.05)
    async with aiohttp.ClientSession() as http, http.ws_connect(slack.websocket_url(), timeout=patience) as ws:
        app = App(slack, http, ws)
        task = asyncio.create_task(app.run())
        await slack.wait_connections(1)
        yield app
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


@pytest.fixture
def serving() -> Callable[[bytes], AbstractAsyncContextManager[str]]:
    """Something at a URL that answers whatever comes with these bytes, and hangs up."""

    @asynccontextmanager
    async def do(answer: bytes) -> AsyncIterator[str]:
        async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            await reader.readuntil(b"\r\n\r\n")
            writer.write(answer)
            writer.close()
            await asyncio.gather(writer.wait_closed(), return_exceptions=True)

        server = await asyncio.start_server(serve, "127.0.0.1", 0)
        async with server:
            yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"

    return do


@pytest.fixture
def blocks() -> list[dict[str, Any]]:
    button = {"type": "button", "action_id": "approve", "text": {"type": "plain_text", "text": "Yes"}, "value": "1"}
    options = [{"text": {"type": "plain_text", "text": name}, "value": name.lower()} for name in ("Prod", "Test")]
    choices = {"type": "checkboxes", "action_id": "stages", "options": options}
    return [{"type": "actions", "block_id": "b1", "elements": [button, choices]}]


@pytest.fixture
def modal() -> dict[str, Any]:
    return {
        "type": "modal",
        "callback_id": "release",
        "title": {"type": "plain_text", "text": "Release"},
        "submit": {"type": "plain_text", "text": "Go"},
        "notify_on_close": True,
        "blocks": [
            {
                "type": "input",
                "block_id": "version",
                "label": {"type": "plain_text", "text": "Version"},
                "element": {"type": "plain_text_input", "action_id": "number"},
            }
        ],
    }
