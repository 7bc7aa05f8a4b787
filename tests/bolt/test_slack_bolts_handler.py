"""slack_bolt's own handler, unchanged, with our client in the place of slack_sdk's."""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING, Any

import pytest
from slack_bolt.adapter.socket_mode import aiohttp as slack_bolts
from slack_bolt.adapter.socket_mode.async_handler import AsyncSocketModeHandler

import tautwire
from tautwire.local import State

if TYPE_CHECKING:
    from slack_bolt.app.async_app import AsyncApp

    from tautwire.local import LocalSlack

pytestmark = pytest.mark.filterwarnings("error")


def listen(app: AsyncApp) -> None:
    @app.command("/deploy")
    async def deploy(ack: Any, command: dict[str, Any]) -> None:
        await ack(f"deploying {command['text']}")

    @app.event("app_mention")
    async def mentioned(say: Any) -> None:
        await say("hello")

    @app.view("ticket")
    async def submit(ack: Any) -> None:
        await ack(response_action="clear")


async def exercise(slack: LocalSlack, app: AsyncApp, handler: AsyncSocketModeHandler) -> None:
    listen(app)
    await handler.connect_async()  # type: ignore[no-untyped-call]
    try:
        await slack.wait_connections(1)
        command, view = slack.send_command("/deploy", text="api"), slack.send_view_submission("ticket")
        event = slack.send_event("app_mention")
        await slack.settled()
        await slack.wait_for(lambda slack: slack.messages)
        assert {each.state for each in (command, view, event)} == {State.ACKED}
        assert (command.answer, view.answer) == ({"text": "deploying api"}, {"response_action": "clear"})
        await handler.disconnect_async()  # type: ignore[no-untyped-call]
        await slack.wait_connections(0)
    finally:
        await handler.close_async()  # type: ignore[no-untyped-call]


async def test_with_our_client_in_its_module(slack: LocalSlack, app: AsyncApp, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(slack_bolts, "SocketModeClient", tautwire.SocketModeClient)
    handler = AsyncSocketModeHandler(app, slack.app_token)
    assert type(handler.client).__module__ == "tautwire.socket_mode.aiohttp"
    await exercise(slack, app, handler)


async def test_with_its_client_replaced(slack: LocalSlack, app: AsyncApp) -> None:
    handler = AsyncSocketModeHandler(app, slack.app_token)
    theirs = handler.client
    client = tautwire.SocketModeClient(slack.app_token, web_client=app.client)
    client.socket_mode_request_listeners.append(handler.handle)  # type: ignore[arg-type]
    handler.client = client  # type: ignore[assignment]
    await theirs.close()  # type: ignore[no-untyped-call]
    await asyncio.wait([theirs.message_processor])
    await exercise(slack, app, handler)


async def test_its_start_serves_until_it_is_cancelled(
    slack: LocalSlack, app: AsyncApp, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(slack_bolts, "SocketModeClient", tautwire.SocketModeClient)
    listen(app)
    app.logger.setLevel(logging.WARNING)
    handler = AsyncSocketModeHandler(app, slack.app_token)
    starting = asyncio.create_task(handler.start_async())  # type: ignore[no-untyped-call]
    await slack.wait_connections(1)
    command = slack.send_command("/deploy", text="api")
    await slack.settled()
    assert command.answer == {"text": "deploying api"}
    starting.cancel()
    await asyncio.wait([starting])
    await handler.close_async()  # type: ignore[no-untyped-call]
    assert "Bolt app is running!" in capsys.readouterr().out
