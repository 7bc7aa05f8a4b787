from __future__ import annotations

import datetime as dt
import json
from typing import Any
from urllib.parse import parse_qs

import pytest
from slack_sdk.models.attachments import Attachment
from slack_sdk.models.blocks import DividerBlock, SectionBlock
from slack_sdk.models.views import View

from tautwire.errors import ConfigurationError
from tautwire.secret import Secret
from tautwire.web.arguments import (
    FORM_TYPE,
    JSON_TYPE,
    Call,
    FilePart,
    arguments_by_name,
    check_headers,
    plan_call,
    secret_token,
)

CLIENT = Secret("xoxb-client")


def form_of(arguments: dict[str, Any]) -> dict[str, str]:
    call = plan_call("x.y", token=CLIENT, data=arguments)
    return {name: values[0] for name, values in parse_qs(call.body().decode(), keep_blank_values=True).items()}


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("täxt & more", "täxt & more"),
        (True, "1"),
        (False, "0"),
        (7, "7"),
        (2.5, "2.5"),
        (["U1", "U2"], "U1,U2"),
        (("U1",), "U1"),
        ([], ""),
        ([1, 2], "1,2"),
        (["a,b", "c"], '["a,b","c"]'),
        ([True], "[true]"),
        ({"a": [1, None]}, '{"a":[1,null]}'),
        ([{"id": "F1"}], '[{"id":"F1"}]'),
        (dt.date(2026, 1, 2), "2026-01-02"),
    ],
)
def test_form_values(value: Any, text: str) -> None:
    assert form_of({"key": value}) == {"key": text}


def test_none_is_not_given() -> None:
    assert form_of({"a": None, "b": ""}) == {"b": ""}
    assert json.loads(plan_call("x.y", json={"a": None, "b": {"c": None}}).body()) == {"b": {"c": None}}


def test_json_keeps_its_types() -> None:
    call = plan_call("chat.postMessage", json={"unfurl_links": False, "blocks": [{"type": "divider"}], "post_at": 3})
    assert json.loads(call.body()) == {"unfurl_links": False, "blocks": [{"type": "divider"}], "post_at": 3}
    assert call.content_type == JSON_TYPE


def test_objects_that_know_their_dict() -> None:
    arguments = {"blocks": [SectionBlock(text="hi"), DividerBlock()], "attachments": (Attachment(text="a"),)}
    body = json.loads(plan_call("chat.postMessage", json=arguments).body())
    assert body["blocks"][0]["text"] == {"type": "mrkdwn", "text": "hi"}
    assert body["blocks"][1] == {"type": "divider"}
    assert body["attachments"][0]["text"] == "a"
    view = View(type="modal", title={"type": "plain_text", "text": "T"}, blocks=[DividerBlock()])
    assert json.loads(form_of({"view": view})["view"])["blocks"] == [{"type": "divider"}]


@pytest.mark.parametrize("value", [object(), [object()], {"a": lambda: None}])
def test_what_json_cannot_carry_is_named_but_not_shown(value: Any) -> None:
    with pytest.raises(ConfigurationError, match=r"^chat\.postMessage: the argument blocks \(\w+\) holds") as caught:
        plan_call("chat.postMessage", json={"blocks": value})
    assert caught.value.__context__ is None


HALF, HALF_A_NAME = "hush \ud800", "na\ud800me"


@pytest.mark.parametrize(
    "options",
    [
        {"data": {"text": HALF}},
        {"data": {"texts": [HALF]}},
        {"data": {"deep": {"text": HALF}}},
        {"data": {"deep": {HALF_A_NAME: 1}}},
        {"data": {HALF_A_NAME: 1}},
        {"json": {"text": HALF}},
        {"json": {"blocks": [{"text": HALF}]}},
        {"json": {HALF_A_NAME: 1}},
        {"json": {}, "params": {"text": HALF}},
        {"verb": "GET", "params": {"text": HALF}},
        {"defaults": {"team_id": HALF}},
        {"headers": {"X-A": HALF}},
        {"headers": {HALF_A_NAME: "a"}},
        {"headers": {"X-A": "hush\r\nX-B: c"}},
        {"headers": {"X-A": 5}},
        {"headers": {"X-A": b"hush"}},
        {"headers": {5: "hush"}},
        {"files": {HALF_A_NAME: FilePart("f", b"")}},
        {"files": {"f": FilePart(HALF, b"")}},
    ],
)
def test_half_a_character_is_refused_before_credentials_are_near(options: dict[str, Any]) -> None:
    with pytest.raises(ConfigurationError) as caught:
        plan_call("x.y", token=CLIENT, **options)
    error = caught.value
    assert (error.__context__, error.__cause__) == (None, None)
    assert str(error).encode()
    assert "hush" not in str(error)


def test_headers_that_http_can_carry_stay_as_they_are() -> None:
    assert check_headers({"X-A": "täxt"}) == {"X-A": "täxt"}


def test_a_bottomless_argument_is_refused() -> None:
    nested: list[Any] = []
    nested.append(nested)
    with pytest.raises(ConfigurationError):
        plan_call("x.y", data={"a": nested})


def test_a_post_keeps_arguments_out_of_the_url() -> None:
    call = plan_call("x.y", params={"a": 1, "b": 1}, data={"b": 2})
    assert call.query == {}
    assert call.form == {"a": "1", "b": "2"}
    assert call.content_type == FORM_TYPE


def test_params_beside_json_are_the_query() -> None:
    call = plan_call("x.y", params={"a": True}, json={"b": 2})
    assert (call.query, call.json) == ({"a": "1"}, {"b": 2})


def test_a_get_carries_everything_in_the_query() -> None:
    call = plan_call("x.y", verb="get", params={"a": 1}, data={"b": 2}, defaults={"team_id": "T1"})
    assert (call.verb, call.query, call.form) == ("GET", {"team_id": "T1", "a": "1", "b": "2"}, {})


def test_json_and_get_exclude_each_other_and_so_do_json_and_files() -> None:
    with pytest.raises(ConfigurationError, match="GET has no JSON body"):
        plan_call("x.y", verb="GET", json={})
    with pytest.raises(ConfigurationError, match="not both"):
        plan_call("x.y", json={}, data={"a": 1})


def test_arguments_are_a_dict() -> None:
    with pytest.raises(ConfigurationError, match="not as list"):
        plan_call("x.y", data=[("a", 1)])  # type: ignore[arg-type]


@pytest.mark.parametrize("place", ["params", "data", "json"])
@pytest.mark.parametrize("given", ["xoxp-own", Secret("xoxp-own")])
def test_a_token_of_the_call_moves_to_the_header(place: str, given: Any) -> None:
    options: dict[str, Any] = {place: {"token": given, "a": 1}}
    call = plan_call("x.y", token=CLIENT, **options)
    assert call.authorization == Secret("Bearer xoxp-own")
    assert b"xoxp" not in call.body()
    assert "token" not in {**call.query, **call.form, **(call.json or {})}


@pytest.mark.parametrize("absent", [None, "", "  "])
def test_an_absent_token_of_the_call_leaves_the_clients(absent: str | None) -> None:
    assert plan_call("x.y", token=CLIENT, data={"token": absent}).authorization == Secret("Bearer xoxb-client")
    assert plan_call("x.y", data={"token": absent}).authorization is None


def test_basic_credentials_take_the_place_of_the_token() -> None:
    assert plan_call("x.y", token=CLIENT, basic=Secret("Basic abc")).authorization == Secret("Basic abc")


def test_defaults_fill_only_what_is_missing() -> None:
    assert plan_call("x.y", defaults={"team_id": "T1"}).form == {"team_id": "T1"}
    assert plan_call("x.y", defaults={"team_id": "T1"}, data={"team_id": "T2"}).form == {"team_id": "T2"}
    assert plan_call("x.y", defaults={"team_id": "T1"}, json={"a": 1}).json == {"team_id": "T1", "a": 1}


@pytest.mark.parametrize("options", [{"json": {"a": 1}}, {"data": {"a": 1}}, {"verb": "GET", "params": {"a": 1}}])
def test_the_cursor_goes_where_the_arguments_are(options: dict[str, Any]) -> None:
    call = plan_call("x.y", **options)
    following = call.with_cursor("c=")
    place = following.json if following.json is not None else following.query if call.verb == "GET" else following.form
    assert place.keys() == {"a", "cursor"}
    assert place["cursor"] == "c="
    assert call == plan_call("x.y", **options)


def test_files_are_multipart() -> None:
    call = plan_call("x.y", data={"a": True}, files={"image": FilePart("i.png", b"1")})
    assert call.content_type is None
    assert call.form == {"a": "1"}
    assert call.req_args()["files"] == {"image": "i.png"}


@pytest.mark.parametrize("bad", ["xoxb a", "xoxb\nX: y", "xöxb", "xoxb\x00"])
def test_a_token_that_no_header_may_carry_is_refused_unseen(bad: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        secret_token(bad)
    assert bad not in str(caught.value)


def test_a_token_is_text() -> None:
    assert secret_token(" xoxb-1\n") == Secret("xoxb-1")
    with pytest.raises(ConfigurationError, match="not int"):
        secret_token(5)  # type: ignore[arg-type]


def test_req_args_and_repr_show_no_credentials() -> None:
    arguments = {"client_secret": "hush", "refresh_token": "hush", "code": "hush", "channel": "C1"}
    headers = {"Cookie": "d=hush", "X-A": "b"}
    shapes: list[dict[str, Any]] = [{"data": arguments}, {"json": arguments}, {"verb": "GET", "params": arguments}]
    for options in shapes:
        call = plan_call("x.y", token=Secret("xoxb-hush"), headers=headers, **options)
        assert "hush" not in repr(call.req_args())
        assert "C1" in repr(call.req_args())
        assert "hush" not in repr(call)
        assert "C1" not in repr(call)
    assert "hush" not in repr(FilePart("f", b"hush"))


def test_without_arguments_the_form_is_empty() -> None:
    call = plan_call("auth.test")
    assert (call.body(), call.content_type) == (b"", FORM_TYPE)
    assert call.req_args() == {"headers": {"Content-Type": FORM_TYPE}}
    assert isinstance(call, Call)


def test_by_name_chooses_the_body() -> None:
    assert arguments_by_name("chat.postMessage", {"a": 1, "b": None}) == {"json": {"a": 1}}
    assert arguments_by_name("users.info", {"a": 1, "b": None}) == {"data": {"a": 1}}
    assert arguments_by_name("users.setPhoto", {"image": b"x", "crop_x": 1}) == {
        "files": {"image": b"x"},
        "data": {"crop_x": 1},
    }
    assert arguments_by_name("files.remote.add", {"title": "t"}) == {"data": {"title": "t"}}
    oauth = {"client_id": "1", "client_secret": "2", "code": "3"}
    assert arguments_by_name("oauth.v2.access", oauth) == {
        "auth": {"client_id": "1", "client_secret": "2"},
        "data": {"code": "3"},
    }
    assert arguments_by_name("oauth.v2.access", {"code": "3"}) == {"data": {"code": "3"}}
