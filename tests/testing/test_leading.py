"""Apps that know nothing of a local Slack, under test as they are: in this process, made before the test or in it."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    import pytest

    Suite = Callable[..., pytest.RunResult]

#: A module as people write it: the app is made when it is imported, with the tokens that are there then.
ASYNC_APP = """
import os
from slack_bolt.async_app import AsyncApp
from slack_bolt.adapter.socket_mode.async_handler import AsyncSocketModeHandler

app = AsyncApp(token=os.environ.get("SLACK_BOT_TOKEN", "xoxb-local-bot"))

@app.event("app_mention")
async def greet(event, say):
    await say(f"Hello <@{event['user']}>", thread_ts=event["ts"])

@app.command("/later")
async def later(ack, respond):
    await ack()
    await respond("It is later now")
"""

SYNC_APP = """
import os
from slack_bolt import App
from slack_bolt.adapter.socket_mode import SocketModeHandler

def make():
    app = App(token=os.environ["SLACK_BOT_TOKEN"])

    @app.event("app_mention")
    def greet(event, say):
        say(f"Hello <@{event['user']}>", thread_ts=event["ts"])

    @app.command("/later")
    def later(ack, respond):
        ack()
        respond("It is later now")

    return SocketModeHandler(app, os.environ["SLACK_APP_TOKEN"])
"""


#: slack_bolt acks no event that it has no listener for, and people would wait for that.
OPTIONS = """
import pytest

MANIFEST = {
    "display_information": {"name": "Greeter"},
    "features": {
        "bot_user": {"display_name": "localbot"},
        "slash_commands": [{"command": "/later", "description": "Not now"}],
    },
    "oauth_config": {"scopes": {"bot": ["app_mentions:read", "chat:write", "commands"]}},
    "settings": {"event_subscriptions": {"bot_events": ["app_mention"]}, "socket_mode_enabled": True},
}

@pytest.fixture
def tautwire_slack_options():
    return {"manifests": [MANIFEST]}
"""


def test_a_bolt_app_for_asyncio_that_was_there_before(suite: Suite, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTPS_PROXY", "http://127.0.0.1:9")
    result = suite(
        ini="asyncio_mode = auto\nasyncio_default_fixture_loop_scope = function\n",
        conftest=OPTIONS,
        theapp=ASYNC_APP,
        test_it="""
import os
import pytest
from theapp import AsyncSocketModeHandler, app

@pytest.fixture
async def slack(tautwire_slack, tautwire_redirect):
    handler = AsyncSocketModeHandler(app, os.environ["SLACK_APP_TOKEN"])
    await handler.connect_async()
    await tautwire_slack.wait_connections(1)
    yield tautwire_slack
    await handler.close_async()

@pytest.mark.parametrize("number", [1, 2])
async def test_it(slack, number):
    ann = slack.user("ann")
    said = await ann.says("@localbot hi")
    assert (await said.reply()).text == "Hello <@U0ANN>"
    assert await ann.command("/later")
    assert (await ann.next_ephemeral()).text == "It is later now"

def test_afterwards_it_is_as_it_was():
    assert app.client.base_url == "https://slack.com/api/"
""",
    )
    result.assert_outcomes(passed=3)


def test_a_bolt_app_without_async(suite: Suite, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTPS_PROXY", "http://127.0.0.1:9")
    result = suite(
        # slack_sdk's threads leave a socket to the garbage collector.
        ini="filterwarnings =\n    error\n    ignore::pytest.PytestUnraisableExceptionWarning\n"
        "asyncio_default_fixture_loop_scope = function\n",
        conftest=OPTIONS,
        theapp=SYNC_APP,
        test_it="""
import pytest
from theapp import make

@pytest.fixture
def slack(tautwire_sync_slack, tautwire_redirect):
    handler = make()
    handler.connect()
    tautwire_sync_slack.wait_connections(1)
    yield tautwire_sync_slack
    handler.close()

def test_it(slack):
    ann = slack.user("ann")
    said = ann.says("@localbot hi")
    assert said.reply().text == "Hello <@U0ANN>"
    assert ann.command("/later")
    assert ann.next_ephemeral().text == "It is later now"
""",
    )
    result.assert_outcomes(passed=1)


def test_clients_of_tautwire_too(suite: Suite) -> None:
    result = suite(
        ini="asyncio_mode = auto\nasyncio_default_fixture_loop_scope = function\n",
        test_it="""
from tautwire import AsyncWebClient

old = AsyncWebClient("xoxb-local-bot")

async def test_it(tautwire_redirect):
    async with old, AsyncWebClient() as new:
        assert (await old.auth_test())["user"] == (await new.auth_test())["user"] == "localbot"

def test_afterwards_it_is_as_it_was():
    assert old.base_url == "https://slack.com/api/"
""",
    )
    result.assert_outcomes(passed=2)
