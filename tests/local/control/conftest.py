"""Somebody who uses the control API, and an app at the other end that does as it is told."""

from __future__ import annotations

import asyncio
import io
import json
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

    import aiohttp

    from tautwire.local import LocalSlack


class Control:
    """One local Slack's control API. `get` and `post` give status and body; `done` asks for 200."""

    def __init__(self, http: aiohttp.ClientSession, slack: LocalSlack) -> None:
        self.http, self.slack, self.url = http, slack, f"{slack.base_url}/control/v1"
        self.headers: dict[str, str] = {}

    async def get(self, path: str, **query: Any) -> tuple[int, Any]:
        async with self.http.get(self.url + path, params=query, headers=self.headers) as response:
            return response.status, await response.json()

    async def post(self, path: str, **body: Any) -> tuple[int, Any]:
        async with self.http.post(self.url + path, json=body, headers=self.headers) as response:
            return response.status, await response.json()

    async def raw(self, verb: str, path: str, data: bytes = b"", kind: str = "application/json") -> tuple[int, Any]:
        headers = {"Content-Type": kind, **self.headers}
        async with self.http.request(verb, self.url + path, data=io.BytesIO(data), headers=headers) as response:
            return response.status, await response.json()

    async def lines(self, path: str, data: bytes, **query: Any) -> list[Any]:
        headers = {"Content-Type": "application/x-ndjson"}
        async with self.http.post(self.url + path, data=data, params=query, headers=headers) as response:
            assert response.status == 200, await response.text()
            return [json.loads(line) for line in (await response.text()).splitlines()]

    async def done(self, path: str, **body: Any) -> Any:
        status, answer = await self.post(path, **body)
        assert status == 200, answer
        return answer

    async def told(self, path: str, **query: Any) -> Any:
        status, answer = await self.get(path, **query)
        assert status == 200, answer
        return answer

    async def refused(self, path: str, **body: Any) -> tuple[int, str]:
        status, answer = await self.post(path, **body)
        assert status >= 400, answer
        return status, answer["error"]


class App:
    """Acks what comes with what `answers` has for its subject, after what `before` does with it.

    Subjects in `silent` are not acked.
    """

    def __init__(self, slack: LocalSlack, wire: Any, call: Any) -> None:
        self.slack, self.wire, self._call = slack, wire, call
        self.seen: list[dict[str, Any]] = []
        self.answers: dict[str, dict[str, Any]] = {}
        self.before: dict[str, Callable[[dict[str, Any]], Any]] = {}
        self.silent: set[str] = set()

    async def __call__(self, method: str, **arguments: Any) -> dict[str, Any]:
        status, _, answer = await self._call(self.slack, method, json=arguments)
        assert (status, answer["ok"]) == (200, True), answer
        return dict(answer)

    async def run(self) -> None:
        while True:
            message = await self.wire.message()
            self.seen.append(message)
            payload = message.get("payload", {})
            subject = payload.get("event", {}).get("type") or payload.get("command") or payload.get("type")
            if subject in self.before:
                await self.before[subject](payload)
            if "envelope_id" in message and subject not in self.silent:
                await self.wire.ack(message, self.answers.get(subject))

    def subjects(self) -> list[str]:
        found = [message.get("payload", {}) for message in self.seen]
        return [each.get("event", {}).get("type") or each.get("command") or each.get("type") for each in found]


@pytest.fixture
def control(http: aiohttp.ClientSession, slack: LocalSlack) -> Control:
    return Control(http, slack)


@pytest.fixture
def control_of(http: aiohttp.ClientSession) -> Callable[[LocalSlack], Control]:
    return lambda slack: Control(http, slack)


@pytest.fixture
async def app(slack: LocalSlack, dial: Any, call: Any) -> AsyncIterator[App]:
    async with dial(slack) as wire:
        app = App(slack, wire, call)
        task = asyncio.create_task(app.run())
        yield app
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


BUTTON = {"type": "button", "action_id": "approve", "text": {"type": "plain_text", "text": "Yes"}, "value": "1"}
SELECT = {
    "type": "static_select",
    "action_id": "stage",
    "options": [
        {"text": {"type": "plain_text", "text": "Production"}, "value": "prod"},
        {"text": {"type": "plain_text", "text": "Test"}, "value": "test"},
    ],
}
EXTERNAL = {"type": "external_select", "action_id": "city", "min_query_length": 1}


@pytest.fixture
def blocks() -> list[dict[str, Any]]:
    return [{"type": "actions", "block_id": "buttons", "elements": [BUTTON, SELECT, EXTERNAL]}]


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
            },
            {"type": "actions", "block_id": "modal_buttons", "elements": [BUTTON]},
        ],
    }
