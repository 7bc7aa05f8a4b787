"""slack_sdk's clients in this process, led to a local Slack for a while: new ones, old ones, and back again."""

from __future__ import annotations

import importlib
import threading
from typing import TYPE_CHECKING, Any

import pytest
from slack_sdk import WebClient
from slack_sdk.socket_mode.builtin import SocketModeClient
from slack_sdk.web.async_client import AsyncWebClient
from slack_sdk.web.legacy_client import LegacyWebClient
from slack_sdk.webhook import WebhookClient
from slack_sdk.webhook.async_client import AsyncWebhookClient

from tautwire.local import redirect
from tautwire.local.redirect import looking_through, redirected

if TYPE_CHECKING:
    from tautwire.local import LocalSlack

LOCAL = "http://127.0.0.1:4390/api/"
SLACK = "https://slack.com/api/"
PROXY = "http://proxy.example:3128"


@pytest.fixture(autouse=True)
def _behind_a_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTPS_PROXY", PROXY)


@pytest.mark.parametrize("kind", [WebClient, AsyncWebClient, LegacyWebClient])
def test_old_clients_and_new_ones_for_a_while(kind: Any) -> None:
    old = kind("xoxb-x")
    with redirected(LOCAL):
        new = kind("xoxb-x")
        assert [(each.base_url, each.proxy) for each in (old, new)] == [(LOCAL, None)] * 2
    assert [(each.base_url, each.proxy) for each in (old, new)] == [(SLACK, PROXY)] * 2


def test_the_slash_at_the_end_is_no_matter() -> None:
    client = WebClient()
    with redirected(LOCAL.rstrip("/")):
        assert client.base_url == LOCAL


def test_who_was_sent_elsewhere_goes_there() -> None:
    client = WebClient(base_url="https://corp.example/slack/")
    with redirected(LOCAL):
        assert (client.base_url, client.proxy) == ("https://corp.example/slack/", PROXY)
        client.base_url = "https://slack.com/api/"
        assert client.base_url == LOCAL
    assert client.base_url == SLACK


def test_who_took_the_address_along_is_led_on() -> None:
    """As Bolt does: it makes copies of a client, and keeps some."""
    with redirected(LOCAL):
        copy = WebClient(base_url=WebClient().base_url)
    with redirected("http://127.0.0.1:4391/api/"):
        assert copy.base_url == "http://127.0.0.1:4391/api/"
    assert copy.base_url == LOCAL


def test_the_inner_of_two_counts() -> None:
    client = WebClient()
    with redirected(LOCAL):
        with redirected("http://127.0.0.1:4391/api/"):
            assert client.base_url == "http://127.0.0.1:4391/api/"
        assert client.base_url == LOCAL
    assert client.base_url == SLACK


@pytest.mark.parametrize("kind", [WebhookClient, AsyncWebhookClient])
@pytest.mark.parametrize(
    ("url", "proxy"),
    [("http://127.0.0.1:4390/commands/T/1/x", None), ("https://hooks.corp.example/services/T/B/x", PROXY)],
)
def test_webhooks_keep_their_urls(kind: Any, url: str, proxy: str | None) -> None:
    client = kind(url)
    with redirected(LOCAL):
        assert (client.url, client.proxy) == (url, proxy)
    assert client.proxy == PROXY


@pytest.mark.parametrize("kind", [WebhookClient, AsyncWebhookClient])
def test_but_those_of_slack_itself_do_not_reach_a_real_channel(kind: Any) -> None:
    client = kind("https://hooks.slack.com/services/T/B/x")
    with redirected(LOCAL):
        assert (client.url, client.proxy) == ("http://127.0.0.1:4390/hooks.slack.com/services/T/B/x", None)
    assert (client.url, client.proxy) == ("https://hooks.slack.com/services/T/B/x", PROXY)


async def test_they_speak_in_the_local_workspace(slack: LocalSlack) -> None:
    with redirected(slack.api_url):
        answer = await AsyncWebhookClient("https://hooks.slack.com/services/T0REAL/B0REAL/abc").send(text="hi")
    assert (answer.status_code, answer.body) == (200, "ok")
    assert (await slack.channel("general").next_message()).text == "hi"


def test_a_socket_goes_the_way_of_its_web_client() -> None:
    # Its constructor would start threads.
    client = SocketModeClient.__new__(SocketModeClient)
    client.proxy, client.web_client = PROXY, WebClient()
    seen = []
    with redirected(LOCAL):
        seen.append(client.proxy)
    assert [*seen, client.proxy] == [None, PROXY]


def test_a_client_that_is_still_being_made_is_no_trouble() -> None:
    client = WebhookClient.__new__(WebhookClient)
    with redirected(LOCAL):
        client.proxy = PROXY
        assert client.proxy == PROXY


def test_it_ends_with_the_block_whatever_happens() -> None:
    client = WebClient()
    with pytest.raises(RuntimeError), redirected(LOCAL):
        raise RuntimeError
    assert client.base_url == SLACK
    assert "base_url" not in vars(importlib.import_module("slack_sdk.web.base_client").BaseClient)


@pytest.mark.parametrize("trouble", [ImportError, None])
def test_an_sdk_that_is_not_there_or_is_another_is_left_alone(
    trouble: type[Exception] | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    def imported(_name: str) -> object:
        if trouble:
            raise trouble
        return object()

    client = WebClient()
    monkeypatch.setattr(redirect, "import_module", imported)
    with redirected(LOCAL):
        assert client.base_url == SLACK


async def test_calls_arrive(slack: LocalSlack) -> None:
    client = AsyncWebClient(slack.bot_token)
    with redirected(slack.api_url):
        assert (await client.auth_test())["user"] == "localbot"
    assert slack.api_calls[-1].method == "auth.test"


# The lens itself


class Thing:
    label: str

    def __init__(self) -> None:
        self.label = "plain"


def test_a_lens_shows_sets_and_deletes() -> None:
    thing = Thing()
    with looking_through(Thing, "label", lambda it, value: f"{type(it).__name__} {value}"):
        assert thing.label == "Thing plain"
        thing.label = "painted"
        assert thing.label == "Thing painted"
        del thing.label
        with pytest.raises(AttributeError, match="label"):
            _ = thing.label
        with pytest.raises(AttributeError, match="label"):
            del thing.label
        with pytest.raises(AttributeError, match="label"):
            _ = Thing.label
        thing.label = "new"
    assert thing.label == "new"


def test_other_threads_look_through_it_too() -> None:
    client, seen = WebClient(), []
    with redirected(LOCAL):
        thread = threading.Thread(target=lambda: seen.append(client.base_url))
        thread.start()
        thread.join()
    assert seen == [LOCAL]
