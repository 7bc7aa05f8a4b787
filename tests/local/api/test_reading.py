"""All that real clients send, and bodies that are none."""

from __future__ import annotations

import asyncio
import gzip
import io
import json
import logging
from typing import TYPE_CHECKING, Any

import aiohttp
import pytest

from tautwire.local.api.reading import Given

if TYPE_CHECKING:
    from tautwire.local import LocalSlack

JSON = "application/json"
FORM = "application/x-www-form-urlencoded"


def test_the_body_wins_over_the_query() -> None:
    assert Given({"a": 1, "b": 1}, {"b": 2}).args == {"a": 1, "b": 2}


@pytest.mark.parametrize(
    ("content_type", "body", "warning"),
    [
        (f"{JSON}; charset=utf-8", b"{}", None),
        (f"{JSON};charset=UTF8", b"{}", None),
        (JSON, b"{}", "missing_charset"),
        (FORM, b"a=1", None),
        (f"{FORM}; charset=utf-8", b"a=1", "superfluous_charset"),
        ("multipart/form-data; boundary=x; charset=utf-8", b"--x--\r\n", "superfluous_charset"),
        # An empty body has no letters that could be in the wrong charset.
        (JSON, b"", None),
        (f"{FORM}; charset=utf-8", b"", None),
    ],
)
@pytest.mark.parametrize("method", ["api.test", "auth.test"])
async def test_charsets_are_remarked_on_also_when_the_call_fails(
    slack: LocalSlack, call: Any, method: str, content_type: str, body: bytes, warning: str | None
) -> None:
    token = "" if method == "auth.test" else None
    answer = (await call(slack, method, token, data=body, headers={"Content-Type": content_type}))[2]
    assert answer["ok"] is (method == "api.test")
    assert answer.get("warning") == warning
    assert answer.get("response_metadata") == (None if warning is None else {"warnings": [warning]})


async def test_a_remark_stands_beside_a_methods_own(slack: LocalSlack, call: Any) -> None:
    headers = {"Content-Type": JSON}
    answer = (await call(slack, "conversations.join", json={"channel": "C0GENERAL"}, headers=headers))[2]
    assert answer["warning"] == "already_in_channel,missing_charset"
    assert answer["response_metadata"]["warnings"] == ["already_in_channel", "missing_charset"]


@pytest.mark.parametrize(
    ("way", "kwargs"),
    [
        ("query", {"params": {"channel": "C0GENERAL", "limit": "1"}}),
        ("form", {"data": {"channel": "C0GENERAL", "limit": "1"}}),
        ("multipart", {"data": aiohttp.FormData({"channel": "C0GENERAL", "limit": "1"}, default_to_multipart=True)}),
        ("both", {"params": {"channel": "C0RANDOM"}, "data": {"channel": "C0GENERAL", "limit": "1"}}),
    ],
)
async def test_query_and_forms(slack: LocalSlack, call: Any, way: str, kwargs: dict[str, Any]) -> None:
    answer = (await call(slack, "conversations.members", **kwargs))[2]
    assert len(answer["members"]) == 1, way


@pytest.mark.parametrize("verb", ["GET", "POST"])
async def test_get_and_post(slack: LocalSlack, http: aiohttp.ClientSession, verb: str) -> None:
    headers = {"Authorization": f"Bearer {slack.bot_token}"}
    url = slack.api_url + "users.info"
    async with http.request(verb, url, params={"user": "U0ANN"}, headers=headers) as response:
        assert (await response.json())["user"]["name"] == "ann"


async def test_head_shows_the_scopes(slack: LocalSlack, http: aiohttp.ClientSession) -> None:
    headers = {"Authorization": f"Bearer {slack.bot_token}"}
    async with http.head(slack.api_url + "users.info", headers=headers) as response:
        assert (response.status, response.headers["X-Accepted-OAuth-Scopes"]) == (200, "users:read")


@pytest.mark.parametrize("verb", ["PUT", "PATCH", "DELETE", "OPTIONS"])
async def test_other_verbs(slack: LocalSlack, http: aiohttp.ClientSession, verb: str) -> None:
    async with http.request(verb, slack.api_url + "auth.test") as response:
        assert (response.status, response.headers["Allow"]) == (405, "GET, HEAD, POST")
        assert "GET or POST" in await response.text()
    assert [(each.method, each.outcome) for each in slack.api_calls] == [("auth.test", "bad_verb")]


async def test_json_is_lost_on_methods_that_read_forms(
    slack: LocalSlack, call: Any, caplog: pytest.LogCaptureFixture
) -> None:
    for _ in range(2):
        assert (await call(slack, "users.info", json={"user": "U0ANN"}))[2]["error"] == "user_not_found"
    assert len((await call(slack, "users.list", json={"limit": 1}))[2]["members"]) > 1
    assert (await call(slack, "conversations.info", json={"channel": "C0GENERAL"}))[2]["error"] == "invalid_arguments"
    answer = (await call(slack, "users.info", json={"user": "U0ANN"}, params={"user": "U0BOB"}))[2]
    assert answer["user"]["name"] == "bob"
    said = [record.getMessage() for record in caplog.records]
    assert [line.partition(" was")[0] for line in said] == ["'users.info'", "'users.list'", "'conversations.info'"]
    assert "send a form" in said[0]


async def test_empty_json_is_no_reason_to_scold(slack: LocalSlack, call: Any, caplog: pytest.LogCaptureFixture) -> None:
    assert (await call(slack, "users.list", json={}))[2]["ok"]
    assert caplog.records == []


async def test_an_unknown_method_is_reported_once_and_counted(
    slack: LocalSlack, call: Any, caplog: pytest.LogCaptureFixture
) -> None:
    for name in ("x.y", "x.y", "z\ny"):
        answer = (await call(slack, name.replace("\n", "%0A")))[2]
        assert answer == {"ok": False, "error": "unknown_method", "req_method": name}
    assert slack._api.unknown_methods == {"x.y": 2, "z\ny": 1}
    assert [record.levelno for record in caplog.records] == [logging.WARNING] * 2
    assert "\n" not in caplog.text.strip("\n").splitlines()[0]
    assert "'z\\ny': the local Slack does not know this method" in caplog.text


PACKED = gzip.compress(json.dumps({"a": "b" * 100}).encode())


@pytest.mark.parametrize("encoding", ["gzip", "deflate"])
@pytest.mark.parametrize("content_type", [JSON, FORM, "multipart/form-data; boundary=x"])
async def test_a_body_that_does_not_unpack(
    slack: LocalSlack, call: Any, caplog: pytest.LogCaptureFixture, encoding: str, content_type: str
) -> None:
    headers = {"Content-Type": content_type, "Content-Encoding": encoding}
    status, _, text = await call(slack, "api.test", data=b"nonsense", headers=headers)
    assert status == 400
    assert "does not unpack" in text
    assert [each.outcome for each in slack.api_calls] == ["bad_body"]
    assert caplog.records == []
    assert (await call(slack, "api.test"))[2] == {"ok": True}


async def test_a_packed_body(slack: LocalSlack, call: Any) -> None:
    headers = {"Content-Type": f"{JSON}; charset=utf-8", "Content-Encoding": "gzip"}
    assert (await call(slack, "api.test", data=PACKED, headers=headers))[2]["args"] == {"a": "b" * 100}


@pytest.mark.parametrize("content_type", [JSON, FORM, "multipart/form-data; boundary=x"])
async def test_a_body_that_is_too_large(slack: LocalSlack, call: Any, content_type: str) -> None:
    body = b'--x\r\nContent-Disposition: form-data; name="a"\r\n\r\n' + b"a" * 9_000_000 + b"\r\n--x--\r\n"
    status, _, text = await call(slack, "api.test", data=io.BytesIO(body), headers={"Content-Type": content_type})
    assert status == 413
    assert "exceeded" in text
    assert [each.outcome for each in slack.api_calls] == ["too_large"]


async def test_a_bomb_is_not_unpacked(slack: LocalSlack, call: Any) -> None:
    bomb = gzip.compress(b" " * 50_000_000)
    headers = {"Content-Type": JSON, "Content-Encoding": "gzip"}
    assert (await call(slack, "api.test", data=bomb, headers=headers))[0] == 413


async def test_a_body_that_stops_half_way(slack: LocalSlack, caplog: pytest.LogCaptureFixture) -> None:
    _, writer = await asyncio.open_connection("127.0.0.1", slack.port)
    head = f"POST /api/api.test HTTP/1.1\r\nHost: localhost\r\nContent-Type: {JSON}\r\nContent-Length: 100\r\n\r\n{{"
    writer.write(head.encode())
    await writer.drain()
    writer.close()
    await writer.wait_closed()
    await slack.wait_for(lambda slack: [each.outcome for each in slack.api_calls] == ["bad_body"])
    assert caplog.records == []


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("Basic bmFtZTpwYXNz", ("name", "pass")),
        ("basic bmFtZTpwYTpzcw==", ("name", "pa:ss")),
        ("Basic %%", ("", "")),
        ("Basic /w==", ("", "")),
        ("Bearer x", ("", "")),
    ],
)
def test_basic(value: str, expected: tuple[str, str]) -> None:
    from aiohttp.test_utils import make_mocked_request

    from tautwire.local.api.reading import basic

    assert basic(make_mocked_request("POST", "/", headers={"Authorization": value})) == expected
