"""slack_sdk, unchanged, against the local Slack: what its clients do here, they do against Slack."""

from __future__ import annotations

import asyncio
import threading
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

import pytest
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError
from slack_sdk.socket_mode import SocketModeClient as BuiltinClient
from slack_sdk.socket_mode.aiohttp import SocketModeClient
from slack_sdk.socket_mode.response import SocketModeResponse
from slack_sdk.web.async_client import AsyncWebClient

from tautwire.local import Fault, LocalSlack, State

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from slack_sdk.socket_mode.request import SocketModeRequest

ANSWERS: dict[str, dict[str, Any]] = {"slash_commands": {"text": "deploying"}}

pytestmark = [
    pytest.mark.outlives(
        "tasks", "sockets", reason="slack_sdk's client leaves its monitor and old sessions to the loop"
    ),
]


@asynccontextmanager
async def sdk(slack: LocalSlack) -> AsyncIterator[SocketModeClient]:
    client = SocketModeClient(
        app_token=slack.app_token, web_client=AsyncWebClient(slack.bot_token, base_url=slack.api_url), ping_interval=0.2
    )

    async def listener(client: Any, request: SocketModeRequest) -> None:
        answer = ANSWERS.get(request.type)
        await client.send_socket_mode_response(SocketModeResponse(request.envelope_id, answer))

    client.socket_mode_request_listeners.append(listener)
    await client.connect()  # type: ignore[no-untyped-call]
    try:
        yield client
    finally:
        await client.close()  # type: ignore[no-untyped-call]
        tasks = [client.message_processor, client.current_session_monitor, client.message_receiver]
        await asyncio.gather(*(task for task in tasks if task is not None), return_exceptions=True)


async def test_the_web_client(slack: LocalSlack) -> None:
    web = AsyncWebClient(slack.bot_token, base_url=slack.api_url)
    assert (await web.auth_test())["user_id"] == "U0LOCALBOT"
    posted = await web.chat_postMessage(channel="C0GENERAL", text="hi", blocks=[{"type": "divider"}])
    assert slack.messages[0]["ts"] == posted["ts"]
    assert slack.messages[0]["blocks"][0]["type"] == "divider"
    assert (await web.apps_connections_open(app_token=slack.app_token))["url"].startswith("ws://")
    with pytest.raises(SlackApiError) as caught:
        await web.chat_postMessage(channel="nowhere", text="hi")
    assert caught.value.response["error"] == "channel_not_found"
    slack.faults.add(Fault(where="api", kind="ratelimited", retry_after=3, count=1))
    with pytest.raises(SlackApiError) as caught:
        await web.auth_test()
    assert (caught.value.response.status_code, caught.value.response.headers["Retry-After"]) == (429, "3")


async def test_the_aiohttp_client_receives_and_acks(slack: LocalSlack) -> None:
    async with sdk(slack):
        await slack.wait_connections(1)
        event, command, action = slack.send_event(text="hi"), slack.send_command(text="api"), slack.send_action("ok")
        await slack.settled()
        assert {each.state for each in (event, command, action)} == {State.ACKED}
        assert command.answer == {"text": "deploying"}
        assert event.answer is None


async def test_the_aiohttp_client_comes_back_after_a_refresh(slack: LocalSlack) -> None:
    async with sdk(slack):
        await slack.wait_connections(1)
        slack.refresh(0.0, linger=0.0)
        await slack.wait_for(lambda slack: slack.accepted >= 2 and len(slack.ready) == 1)
        event = slack.send_event()
        await slack.settled()
        assert event.state is State.ACKED


@pytest.mark.parametrize("how", ["close", "fin", "rst"])
async def test_the_aiohttp_client_comes_back_after_a_drop(slack: LocalSlack, how: str) -> None:
    async with sdk(slack):
        await slack.wait_connections(1)
        slack.drop(how)
        await slack.wait_for(lambda slack: slack.accepted >= 2 and len(slack.ready) == 1)


async def test_the_aiohttp_client_redials_a_refused_ticket(slack: LocalSlack) -> None:
    slack.faults.add(Fault(where="handshake", kind="status", status=409, count=2))
    async with sdk(slack):
        await slack.wait_connections(1)
        assert [(each.ticket, each.status) for each in slack.dials] == [(1, 409), (1, 409), (1, 101)]


@pytest.mark.outlives("threads", reason="slack_sdk's builtin client leaves its worker threads to the interpreter")
async def test_the_builtin_client(slack: LocalSlack) -> None:
    """Synchronous, on threads of its own: no port in Host, no compression, TCP closed without a close frame."""
    client = BuiltinClient(
        app_token=slack.app_token,
        web_client=WebClient(slack.bot_token, base_url=slack.api_url),
        ping_interval=0.2,
        concurrency=2,
    )
    client.socket_mode_request_listeners.append(
        lambda client, request: client.send_socket_mode_response(
            SocketModeResponse(request.envelope_id, ANSWERS.get(request.type))
        )
    )
    loop = asyncio.get_running_loop()
    await loop.run_in_executor(None, client.connect)
    try:
        await slack.wait_connections(1)
        assert slack.dials[0].headers["Host"] == "127.0.0.1"
        event, command = slack.send_event(text="hé"), slack.send_command()
        await slack.settled()
        assert (event.state, command.answer) == (State.ACKED, {"text": "deploying"})
        await slack.wait_for(lambda slack: slack.newest.counts["pings"] > 0)
    finally:
        await loop.run_in_executor(None, client.close)
        await loop.shutdown_default_executor()
    assert threading.active_count() >= 1
