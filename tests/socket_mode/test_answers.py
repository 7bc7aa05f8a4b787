"""What a listener answers in the ack of a command that was acked before: it goes to the command's response_url."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from aiohttp import web

from tautwire.inbox.api import Record
from tautwire.secret import Secret
from tautwire.socket_mode.answers import LateAnswers
from tautwire.socket_mode.endpoints import EndpointSource
from tautwire.web.async_client import AsyncWebClient

if TYPE_CHECKING:
    from collections.abc import AsyncIterator


class Slack:
    """A server that takes answers."""

    def __init__(self) -> None:
        self.url = ""
        self.status = 200
        self.taken: list[tuple[str, Any]] = []

    async def take(self, request: web.Request) -> web.Response:
        self.taken.append((request.headers["Content-Type"], await request.json()))
        return web.Response(text="ok", status=self.status)


@pytest.fixture
async def slack() -> AsyncIterator[Slack]:
    slack = Slack()
    app = web.Application()
    app.router.add_post("/commands/T1/1/secret", slack.take)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    port = runner.addresses[0][1]
    slack.url = f"http://127.0.0.1:{port}"
    yield slack
    await runner.cleanup()


@pytest.fixture
async def answers(slack: Slack) -> AsyncIterator[LateAnswers]:
    source = EndpointSource(AsyncWebClient(base_url=f"{slack.url}/api/"), Secret("xapp-1"), None, lambda: None)
    answers = LateAnswers(source)
    yield answers
    await answers.close()


def record(payload: Any) -> Record:
    content = json.dumps({"type": "slash_commands", "envelope_id": "e1", "payload": payload}).encode()
    return Record(key="k", type="slash_commands", envelope_id="e1", payload=content)


def command(slack: Slack) -> Record:
    return record({"command": "/x", "response_url": f"{slack.url}/commands/T1/1/secret"})


async def test_it_is_posted_as_it_is(slack: Slack, answers: LateAnswers) -> None:
    assert await answers.post(command(slack), {"text": "h\u00e9", "blocks": []}) is True
    assert slack.taken == [("application/json; charset=utf-8", {"text": "h\u00e9", "blocks": []})]


@pytest.mark.parametrize("status", [404, 500, 302])
async def test_one_that_slack_does_not_take_is_not_sent_twice(slack: Slack, answers: LateAnswers, status: int) -> None:
    slack.status = status
    assert await answers.post(command(slack), {"text": "x"}) is False
    assert len(slack.taken) == 1


@pytest.mark.parametrize(
    "payload",
    [
        {"command": "/x"},
        {"response_url": 7},
        {"response_url": "https://evil.test/commands"},
        {"response_url": "http://hooks.slack.com/commands"},
        {"response_url": ""},
        "text",
        None,
        [],
    ],
)
async def test_there_is_not_always_somewhere_to_send_it(answers: LateAnswers, payload: Any) -> None:
    assert await answers.post(record(payload), {"text": "x"}) is False


async def test_a_record_that_is_none_has_no_answer(answers: LateAnswers) -> None:
    odd = Record(key="k", type="slash_commands", envelope_id="e1", payload=b"\xff")
    assert await answers.post(odd, {"text": "x"}) is False


async def test_what_json_cannot_say_is_not_sent(slack: Slack, answers: LateAnswers) -> None:
    circle: dict[str, Any] = {}
    circle["circle"] = circle
    for answer in ({"text": object()}, circle, {"text": "\ud83d"}):
        assert await answers.post(command(slack), answer) is False
    assert slack.taken == []


async def test_a_server_that_is_gone_raises_nothing(slack: Slack, answers: LateAnswers, unused_tcp_port: int) -> None:
    gone = record({"response_url": f"http://127.0.0.1:{unused_tcp_port}/commands"})
    assert await answers.post(gone, {"text": "x"}) is False


async def test_it_goes_by_the_clients_proxy(slack: Slack, unused_tcp_port: int) -> None:
    client = AsyncWebClient(base_url=f"{slack.url}/api/")
    proxy = f"http://127.0.0.1:{unused_tcp_port}"
    source = EndpointSource(client, Secret("xapp-1"), proxy, lambda: None)
    answers = LateAnswers(source)
    assert await answers.post(command(slack), {"text": "x"}) is False, "which is not there"
    source.proxy = None
    assert await answers.post(command(slack), {"text": "x"}) is True
    await answers.close()


async def test_a_proxy_of_the_environments_that_is_none_costs_the_answer(
    slack: Slack, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTPS_PROXY", "http://proxy.test:1")
    source = EndpointSource(AsyncWebClient(base_url=f"{slack.url}/api/"), Secret("xapp-1"), None, lambda: None)
    monkeypatch.setenv("HTTPS_PROXY", "socks5://proxy.test:1")
    answers = LateAnswers(source)
    assert await answers.post(command(slack), {"text": "x"}) is False
    await answers.close()
