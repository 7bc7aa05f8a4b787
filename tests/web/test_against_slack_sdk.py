"""slack_sdk's client and ours, side by side against one server: what arrives has to be the same call."""

from __future__ import annotations

import inspect
import json
import typing
import warnings
from collections.abc import Iterator, Sequence
from typing import Any

import pytest
from slack_sdk.models.blocks import SectionBlock
from slack_sdk.models.views import View
from slack_sdk.web.async_client import AsyncWebClient as TheirClient

from tautwire.web.async_client import AsyncWebClient
from tautwire.web.catalog import BASIC_AUTH_METHODS, FILE_ARGUMENTS, JSON_METHODS

#: Helpers of slack_sdk's that are no method of the Web API by themselves; each has tests of its own.
HELPERS = {"api_call", "chat_stream", "files_upload_v2"}

#: Given both, slack_sdk sends the other one only; Slack itself is the judge of that here.
EITHER_OR = {"admin_apps_approve": "request_id", "admin_apps_restrict": "request_id", "views_update": "view_id"}

#: These go into a header, where slack_sdk has no way to put every character.
HEADER_WORDS = {"token", "app_token", "client_id", "client_secret"}

METHODS = sorted(
    name
    for name, _ in inspect.getmembers(TheirClient, inspect.iscoroutinefunction)
    if not name.startswith("_") and name not in HELPERS
)


@pytest.fixture(autouse=True)
def _let_them_warn() -> Iterator[None]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)
        warnings.filterwarnings("ignore", "BasicAuth is deprecated", DeprecationWarning)
        yield


def sample(name: str) -> dict[str, Any]:
    """An argument for every parameter of the method, of the first type that its annotation names."""
    function = getattr(TheirClient, name)
    hints = typing.get_type_hints(function)
    parameters = [p for p in inspect.signature(function).parameters.values() if p.kind is not p.VAR_KEYWORD]
    return {p.name: value_for(p.name, hints.get(p.name, str)) for p in parameters if p.name != "self"}


def value_for(name: str, hint: Any) -> Any:
    if name in HEADER_WORDS:
        return f"{name}-word"
    options = typing.get_args(hint) if typing.get_origin(hint) is typing.Union else (hint,)
    for option in options:
        if typing.get_origin(option) in (list, Sequence):
            (inner,) = typing.get_args(option) or (str,)
            return [value_for(f"{name}1", inner), value_for(f"{name}2", inner)]
    for option in options:
        if option is dict or typing.get_origin(option) is dict:
            return {"key": name, "list": [1, "ä"]}
    first = options[0]
    simple: dict[Any, Any] = {str: f"{name} ä&=", bool: True, int: 7, float: 1.5, bytes: b"bytes"}
    return simple.get(first, f"{name}-text")


def comparable(arguments: dict[str, Any]) -> dict[str, Any]:
    """Arguments by their meaning: JSON text as what it says, and a comma list as a list."""
    return {name: meaning(value) for name, value in arguments.items()}


def meaning(value: Any) -> Any:
    if isinstance(value, str):
        if value[:1] in "[{" and value:
            return json.loads(value)
        return value.split(",") if "," in value else value
    if isinstance(value, tuple):
        return value[1]
    return value


VIEW = View(type="modal", title={"type": "plain_text", "text": "T"}, blocks=[SectionBlock(text="hi")])


async def both(slack: Any, name: str, arguments: dict[str, Any]) -> tuple[Any, Any]:
    theirs = TheirClient("xoxb-1", base_url=slack.url)
    await getattr(theirs, name)(**arguments)
    async with AsyncWebClient("xoxb-1", slack.url) as ours:
        await getattr(ours, name)(**arguments)
    return slack.seen[-2], slack.seen[-1]


@pytest.mark.parametrize("name", METHODS)
async def test_every_method_arrives_as_slack_sdk_sends_it(name: str, slack: Any, tmp_path: Any) -> None:
    arguments = sample(name)
    arguments.pop(EITHER_OR.get(name, ""), None)
    method = name.replace("_", ".")
    for file in FILE_ARGUMENTS.get(method, ()):
        path = tmp_path / file
        path.write_bytes(file.encode())
        arguments[file] = str(path)
    if name == "files_upload":
        del arguments["content"]
    theirs, ours = await both(slack, name, arguments)
    assert ours.method == theirs.method == method
    assert ours.headers.get("Authorization") == theirs.headers.get("Authorization")
    assert (ours.verb, ours.query) == ("POST", {})
    assert ours.headers["Content-Type"].partition(";")[0] == theirs.headers["Content-Type"].partition(";")[0]
    assert comparable(ours.arguments) == comparable(theirs.arguments)
    is_json = theirs.content_type == "application/json;charset=utf-8"
    assert is_json is (method in JSON_METHODS)
    if method in BASIC_AUTH_METHODS:
        assert ours.headers["Authorization"].startswith("Basic ")


def test_the_catalog_names_no_method_that_slack_sdk_does_not_have() -> None:
    known = {name.replace("_", ".") for name in METHODS}
    assert known >= JSON_METHODS | BASIC_AUTH_METHODS | FILE_ARGUMENTS.keys()


@pytest.mark.parametrize(
    ("name", "arguments"),
    [
        ("views_open", {"trigger_id": "t", "view": {"type": "modal", "blocks": []}}),
        ("views_open", {"trigger_id": "t", "view": VIEW}),
        ("chat_postMessage", {"channel": "C1", "text": "hi", "blocks": [SectionBlock(text="hi")]}),
        ("chat_postMessage", {"channel": "C1", "text": "hi", "blocks": '[{"type":"divider"}]', "mrkdwn": False}),
        ("chat_postMessage", {"channel": "C1", "text": "hi", "attachments": [{"text": "a"}], "token": "xoxp-own"}),
        ("conversations_open", {"users": ["U1", "U2"], "return_im": True}),
        ("conversations_open", {"users": "U1,U2", "channel": None}),
        ("reactions_add", {"channel": "C1", "name": "wave", "timestamp": "1.2"}),
        ("users_info", {"user": "U1", "include_locale": False}),
        ("users_info", {"user": "U1", "token": "xoxp-own"}),
        ("auth_test", {}),
        ("apps_connections_open", {"app_token": "xapp-1"}),
    ],
)
async def test_typical_calls_are_identical(name: str, arguments: dict[str, Any], slack: Any) -> None:
    theirs, ours = await both(slack, name, arguments)
    assert ours.arguments == theirs.arguments
    assert ours.headers["Authorization"] == theirs.headers["Authorization"]
    if theirs.verb == "POST":
        assert ours.headers["Content-Type"] == theirs.headers["Content-Type"]


@pytest.mark.parametrize("client_type", [TheirClient, AsyncWebClient])
async def test_either_client_walks_pages(client_type: Any, slack: Any) -> None:
    for number, cursor in enumerate(("a=", "b=", "")):
        answer = {"ok": True, "channels": [number], "response_metadata": {"next_cursor": cursor}}
        slack.reply("conversations.list", answer)
    client = client_type("xoxb-1", base_url=slack.url)
    channels: list[int] = []
    async for page in await client.conversations_list(limit=1):
        channels += page["channels"]
    assert channels == [0, 1, 2]
    assert [seen.arguments.get("cursor") for seen in slack.seen] == [None, "a=", "b="]
    if client_type is AsyncWebClient:
        await client.close()


def test_every_attribute_of_theirs_is_here() -> None:
    theirs, ours = TheirClient("xoxb-1"), AsyncWebClient("xoxb-1")
    public = {name for name in vars(theirs) if not name.startswith("_")} | {"logger", "BASE_URL"}
    assert {name for name in public if getattr(ours, name, ours) is ours} == set()
    assert (ours.token, ours.base_url, ours.timeout) == (theirs.token, theirs.base_url, theirs.timeout)


def test_every_constructor_argument_of_theirs_is_here_in_the_same_place() -> None:
    theirs = list(inspect.signature(TheirClient.__init__).parameters)
    ours = list(inspect.signature(AsyncWebClient.__init__).parameters)
    assert ours[: len(theirs)] == theirs
