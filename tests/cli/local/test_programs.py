"""Programs on slack_sdk and Bolt, as their documentation has them, beside a Slack that the test holds, behind a proxy
that is not there.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tautwire.local import State

if TYPE_CHECKING:
    import asyncio
    from collections.abc import Callable
    from contextlib import AbstractAsyncContextManager

    from tautwire.local import LocalSlack

    Running = Callable[..., AbstractAsyncContextManager[asyncio.Task[int]]]
    Write = Callable[..., str]

SYNC = """
import os
from threading import Event

from slack_sdk.socket_mode.CLIENT import SocketModeClient
from slack_sdk.socket_mode.response import SocketModeResponse
from slack_sdk.web import WebClient

client = SocketModeClient(
    app_token=os.environ["SLACK_APP_TOKEN"], web_client=WebClient(token=os.environ["SLACK_BOT_TOKEN"])
)

def answer(client, request):
    client.send_socket_mode_response(SocketModeResponse(request.envelope_id, {"text": "done"}))

client.socket_mode_request_listeners.append(answer)
client.connect()
Event().wait()
"""

ASYNC = """
import asyncio
import os

from slack_sdk.socket_mode.CLIENT import SocketModeClient
from slack_sdk.socket_mode.response import SocketModeResponse
from slack_sdk.web.async_client import AsyncWebClient

async def main():
    client = SocketModeClient(
        app_token=os.environ["SLACK_APP_TOKEN"], web_client=AsyncWebClient(token=os.environ["SLACK_BOT_TOKEN"])
    )

    async def answer(client, request):
        await client.send_socket_mode_response(SocketModeResponse(request.envelope_id, {"text": "done"}))

    client.socket_mode_request_listeners.append(answer)
    await client.connect()
    await asyncio.Event().wait()

asyncio.run(main())
"""

BOLT = """
import os

from slack_bolt import App
from slack_bolt.adapter.socket_mode import SocketModeHandler

app = App(token=os.environ["SLACK_BOT_TOKEN"], signing_secret=os.environ["SLACK_SIGNING_SECRET"])

@app.command("/deploy")
def deploy(ack, respond, client, command):
    ack("deploying")
    answer = respond("deployed")
    client.chat_postMessage(channel=command["channel_id"], text=f"respond: {answer.status_code}")

SocketModeHandler(app, os.environ["SLACK_APP_TOKEN"]).start()
"""

ASYNC_BOLT = """
import asyncio
import os

from slack_bolt.adapter.socket_mode.async_handler import AsyncSocketModeHandler
from slack_bolt.async_app import AsyncApp

app = AsyncApp(token=os.environ["SLACK_BOT_TOKEN"])

@app.command("/deploy")
async def deploy(ack, respond, client, command):
    await ack("deploying")
    answer = await respond("deployed")
    await client.chat_postMessage(channel=command["channel_id"], text=f"respond: {answer.status_code}")

async def main():
    await AsyncSocketModeHandler(app, os.environ["SLACK_APP_TOKEN"]).start_async()

asyncio.run(main())
"""

#: Every kind of Web client; each says which one it is.
WEB = """
import asyncio
import os

from slack_sdk import WebClient
from slack_sdk.web.async_client import AsyncWebClient
from slack_sdk.web.legacy_client import LegacyWebClient

token = os.environ["SLACK_BOT_TOKEN"]
WebClient(token).api_test(by="sync")
asyncio.run(AsyncWebClient(token).api_test(by="async"))
LegacyWebClient(token).api_test(by="legacy")
WebClient(token, base_url="https://www.slack.com/api", proxy="http://127.0.0.1:9").api_test(by="sync, with a proxy")
asyncio.run(AsyncWebClient(token, proxy="http://127.0.0.1:9").api_test(by="async, with a proxy"))
"""

REAL = "xoxb-" + "123456789012-1234567890123-" + "abcdefghijklmnopqrstuvwx"

#: What somebody wrote into a program who should not have.
HARD_CODED = f"""
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError

try:
    WebClient("{REAL}").auth_test()
except SlackApiError as error:
    raise SystemExit(3 if "{REAL}" not in str(error) else 4)
"""


@pytest.mark.parametrize(
    ("program", "client"),
    [(SYNC, "builtin"), (SYNC, "websocket_client"), (ASYNC, "aiohttp"), (ASYNC, "websockets")],
)
async def test_slack_sdks_socket_mode_clients(
    program: str, client: str, slack: LocalSlack, running: Running, write: Write
) -> None:
    async with running(write(program.replace("CLIENT", client))):
        await slack.wait_connections(1)
        command = slack.send_command("/deploy")
        await slack.settled()
        assert (command.state, command.answer) == (State.ACKED, {"text": "done"})


@pytest.mark.parametrize("program", [BOLT, ASYNC_BOLT], ids=["sync", "async"])
async def test_bolt_apps(program: str, slack: LocalSlack, running: Running, write: Write) -> None:
    async with running(write(program)):
        await slack.wait_connections(1)
        command = slack.send_command("/deploy")
        await slack.wait_for(lambda slack: any(call.method == "chat.postMessage" for call in slack.api_calls))
        await slack.settled()
        assert (command.state, command.answer) == (State.ACKED, {"text": "deploying"})
        assert slack.api_calls[-1].args["text"] == "respond: 200"


async def test_every_web_client_there_is(slack: LocalSlack, running: Running, write: Write) -> None:
    async with running(write(WEB)) as program:
        assert await program == 0
    said = [call.args["by"] for call in slack.api_calls]
    assert said == ["sync", "async", "legacy", "sync, with a proxy", "async, with a proxy"]


async def test_a_real_token_in_a_program_is_refused(slack: LocalSlack, running: Running, write: Write) -> None:
    async with running(write(HARD_CODED)) as program:
        assert await program == 3
    assert [(call.method, call.outcome) for call in slack.api_calls] == [("auth.test", "invalid_auth")]
