"""The control API as HTTP: who may ask, what may be asked, and what a mistake looks like."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import pytest

from tautwire import __version__
from tautwire.errors import ConfigurationError
from tautwire.local import LocalSlack
from tautwire.local.control.api import OPERATIONS
from tautwire.local.control.streaming import STREAMS
from tautwire.local.workspace import Refusal

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

TOKEN = "a-token-that-is-long-enough"


@pytest.mark.parametrize(
    ("verb", "path", "data", "kind", "status", "said"),
    [
        ("POST", "/say", b"{", "application/json", 400, "the body is not JSON"),
        ("POST", "/say", b'{"text": NaN}', "application/json", 400, "the body is not JSON"),
        ("POST", "/say", b"[" * 100_000, "application/json", 400, "the body is not JSON"),
        ("POST", "/say", b"\xff", "application/json", 400, "the body is not JSON"),
        ("POST", "/say", b"", "application/json", 422, "say needs text"),
        ("POST", "/say", b"[]", "application/json", 422, "say: the body must be an object, not a list"),
        ("POST", "/faults/remove", b'{"x":1}', "application/json", 422,
         "faults/remove knows no 'x'; it takes number"),
        ("POST", "/say", b"text=a", "application/x-www-form-urlencoded", 415,
         "this takes a body of Content-Type application/json, and no other"),
        ("POST", "/say", b'{"text":"a"}', "text/plain", 415,
         "this takes a body of Content-Type application/json, and no other"),
        ("POST", "/replay", b"{}", "application/json", 415,
         "this takes a body of Content-Type application/x-ndjson, and no other"),
        ("POST", "/upload", b'"' + b"x" * 9_000_000 + b'"', "application/json", 413, "the body is too large"),
        ("GET", "/say", b"", "application/json", 405, "/control/v1/say takes POST only"),
        ("DELETE", "/faults", b"", "application/json", 405, "/control/v1/faults takes GET and POST only"),
        ("PUT", "/openapi.json", b"", "application/json", 405, "/control/v1/openapi.json takes GET only"),
        ("GET", "/nothing", b"", "application/json", 404,
         f"the control API of tautwire {__version__} has no /control/v1/nothing; see /control/v1/openapi.json"),
        ("GET", "/messages?limit=x", b"", "application/json", 422,
         "messages: limit must be a whole number, not text"),
        ("GET", "/messages?user=nobody", b"", "application/json", 422, "nobody"),
        ("GET", "/state?x=1", b"", "application/json", 422, "state knows no 'x'; it takes nothing"),
    ],
)  # fmt: skip
async def test_a_mistake_has_its_status_and_its_sentence(
    verb: str, path: str, data: bytes, kind: str, status: int, said: str, control: Any, slack: LocalSlack
) -> None:
    found, answer = await control.raw(verb, path, data, kind)
    assert (found, said in answer["error"]) == (status, True), answer
    assert slack.channel("general").messages == []


async def test_a_body_that_does_not_unpack(control: Any) -> None:
    for path, kind in (("/say", "application/json"), ("/replay", "application/x-ndjson")):
        headers = {"Content-Type": kind, "Content-Encoding": "gzip"}
        async with control.http.post(control.url + path, data=b"not gzip", headers=headers) as response:
            assert response.status == 400
            assert "unpack" in (await response.json())["error"]


async def test_what_takes_too_long_is_told_as_that(control: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    async def wait(*_: object, **__: object) -> None:
        raise TimeoutError("no ack after 30 s")

    monkeypatch.setattr("tautwire.local.actors.Person.says", wait)
    assert await control.refused("/say", text="a") == (504, "no ack after 30 s")


async def test_what_slack_itself_would_refuse(control: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    async def refuse(*_: object, **__: object) -> None:
        raise Refusal("user_disabled")

    monkeypatch.setattr("tautwire.local.actors.Person.says", refuse)
    status, answer = await control.post("/say", text="a")
    assert (status, answer) == (409, {"error": "Slack would answer user_disabled", "code": "user_disabled"})


async def test_every_answer_says_which_version_it_is_and_is_not_kept(control: Any) -> None:
    for path in ("/state", "/nothing", "/say", "/openapi.json"):
        async with control.http.get(control.url + path) as response:
            assert response.headers["Tautwire-Version"] == __version__
            assert response.headers["Cache-Control"] == "no-store"


# The token


@pytest.fixture
async def locked() -> AsyncIterator[LocalSlack]:
    async with LocalSlack(control_token=TOKEN) as slack:
        yield slack


PLACES = sorted(
    {("GET", "/openapi.json"), ("GET", "/x")}
    | {(each.verb, each.path) for each in OPERATIONS}
    | {(each.verb, each.path) for each in STREAMS}
)


@pytest.mark.parametrize(("verb", "path"), PLACES)
async def test_nobody_gets_in_without_the_token(
    verb: str, path: str, locked: LocalSlack, control_of: Callable[[LocalSlack], Any]
) -> None:
    control = control_of(locked)
    for given in ("", "Bearer", "Bearer ", f"Bearer {TOKEN}x", f"Bearer {TOKEN[:-1]}", f"Basic {TOKEN}", TOKEN):
        control.headers = {"Authorization": given}
        status, answer = await control.raw(verb, path, b"{}")
        assert status == 401, given
        assert TOKEN not in str(answer)
    assert locked.deliveries() == []


async def test_with_the_token_everything_is_as_ever(
    locked: LocalSlack, control_of: Callable[[LocalSlack], Any]
) -> None:
    control = control_of(locked)
    for scheme in ("Bearer", "bearer"):
        control.headers = {"Authorization": f"{scheme} {TOKEN}"}
        assert (await control.done("/say", text="hi"))["message"]["text"] == "hi"


async def test_bytes_that_are_no_text_are_no_token(locked: LocalSlack) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", locked.port)
    head = f"GET /control/v1/state HTTP/1.1\r\nHost: 127.0.0.1:{locked.port}\r\nConnection: close\r\n"
    writer.write(head.encode() + b"Authorization: Bearer \xff\xfe\r\n\r\n")
    answer = await reader.read()
    writer.close()
    await writer.wait_closed()
    assert answer.startswith(b"HTTP/1.1 401 ")


async def test_the_apis_of_apps_do_not_ask_for_it(locked: LocalSlack, call: Any) -> None:
    assert (await call(locked, "auth.test"))[2]["ok"]


async def test_the_token_is_nowhere_to_be_read(
    locked: LocalSlack, control_of: Callable[[LocalSlack], Any], caplog: pytest.LogCaptureFixture
) -> None:
    control = control_of(locked)
    control.headers = {"Authorization": f"Bearer {TOKEN}"}
    await control.done("/say", text="hi")
    journal = "".join(locked.journal.to_lines())
    assert TOKEN not in journal + caplog.text + repr(locked) + str(await control.told("/state"))


def test_elsewhere_than_on_loopback_there_has_to_be_one() -> None:
    with pytest.raises(ConfigurationError, match=r"on 0\.0\.0\.0 others can reach it"):
        LocalSlack(host="0.0.0.0")


async def test_on_every_network_it_is_reached_by_loopback_too(control_of: Callable[[LocalSlack], Any]) -> None:
    async with LocalSlack(host="0.0.0.0", control_token=TOKEN) as slack:
        assert slack.base_url == f"http://127.0.0.1:{slack.port}"
        control = control_of(slack)
        assert (await control.get("/state"))[0] == 401
        control.headers = {"Authorization": f"Bearer {TOKEN}", "Host": "devbox:4390"}
        assert (await control.told("/state"))["api_url"] == slack.api_url
        control.headers["Host"] = "rebound.evil.example"
        assert (await control.get("/state"))[0] == 403


# Pages of the web


async def test_a_page_reads_nothing_and_does_nothing(control: Any, slack: LocalSlack) -> None:
    attacks: list[dict[str, str]] = [
        {"Origin": "http://evil.example"},
        {"Origin": "null"},
        {"Origin": "http://localhost:3000"},
        {"Origin": "https://api.slack.com"},
        {"Host": "rebound.evil.example"},
        {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "no-cors", "Sec-Fetch-Dest": "script"},
        {"Sec-Fetch-Site": "same-site", "Sec-Fetch-Mode": "cors", "Sec-Fetch-Dest": "empty"},
        {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "document"},
    ]
    await control.done("/say", text="private")
    for headers in attacks:
        control.headers = headers
        for verb, path in PLACES:
            status, answer = await control.raw(verb, path, b'{"text":"evil"}')
            assert status == 403, (verb, path, headers)
            assert "private" not in str(answer)
    assert [said.text for said in slack.channel("general").messages] == ["private"]


async def test_its_own_page_may(control: Any, slack: LocalSlack) -> None:
    control.headers = {"Origin": slack.base_url, "Sec-Fetch-Site": "same-origin", "Sec-Fetch-Mode": "cors"}
    assert (await control.done("/say", text="hi"))["message"]["text"] == "hi"
    assert (await control.told("/state"))["team"]["name"] == "Acme"
