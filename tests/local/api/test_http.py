from __future__ import annotations

import asyncio
import json
from typing import TYPE_CHECKING, Any

import aiohttp
import pytest

from tautwire.local import Fault, LocalSlack, Switches
from tautwire.local.api.methods import METHODS
from tautwire.local.workspace import shapes

if TYPE_CHECKING:
    from collections.abc import Callable


async def test_connections_open_gives_a_url_that_works_once(slack: LocalSlack, call: Any, dial: Any) -> None:
    status, headers, body = await call(slack, "apps.connections.open", slack.app_token)
    assert (status, set(body), body["ok"]) == (200, {"ok", "url"}, True)
    assert headers["X-OAuth-Scopes"] == headers["X-Accepted-OAuth-Scopes"] == "connections:write"
    assert headers["X-Slack-Req-Id"]
    url = body["url"]
    assert url.startswith(f"ws://127.0.0.1:{slack.port}/link/?ticket=")
    assert "&app_id=" in url
    async with dial(slack, url):
        pass
    with pytest.raises(aiohttp.WSServerHandshakeError) as caught:
        async with dial(slack, url):
            pass
    assert caught.value.status == 403
    assert [(each.ticket, each.status) for each in slack.dials] == [(1, 101), (1, 403)]


@pytest.mark.parametrize("content_type", ["application/json;charset=utf-8", "application/x-www-form-urlencoded", None])
async def test_an_empty_body_of_any_type_will_do(slack: LocalSlack, call: Any, content_type: str | None) -> None:
    headers = {"Content-Type": content_type} if content_type else {}
    assert (await call(slack, "apps.connections.open", slack.app_token, headers=headers))[2]["ok"]


async def test_the_url_has_the_host_the_caller_used(slack: LocalSlack, call: Any) -> None:
    body = (await call(slack, "apps.connections.open", slack.app_token, headers={"Host": f"localhost:{slack.port}"}))[2]
    assert body["url"].startswith(f"ws://localhost:{slack.port}/")
    body = (await call(slack, "apps.connections.open", slack.app_token, headers={"Host": "localhost"}))[2]
    assert body["url"].startswith(f"ws://127.0.0.1:{slack.port}/")


@pytest.mark.parametrize(
    ("method", "token", "error"),
    [
        ("apps.connections.open", "", "not_authed"),
        ("apps.connections.open", "xoxb-local-bot", "not_allowed_token_type"),
        ("apps.connections.open", "xapp-1-A0LOCAL01-other", "invalid_auth"),
        ("chat.postMessage", "xapp-1-A0LOCAL01-local-app", "not_allowed_token_type"),
        ("auth.test", "", "not_authed"),
        ("auth.test", "nonsense", "invalid_auth"),
    ],
)
async def test_wrong_tokens(slack: LocalSlack, call: Any, method: str, token: str, error: str) -> None:
    assert (await call(slack, method, token))[2] == {"ok": False, "error": error}
    assert slack.api_calls[-1].outcome == error


async def test_a_real_looking_token_is_refused_with_a_word(slack: LocalSlack, call: Any) -> None:
    token = "xoxb-" + "4012345678-5012345678901-" + "AbCdEfGhIjKlMnOpQrStUvWx"
    status, _, body = await call(slack, "auth.test", token)
    assert (status, body["error"]) == (200, "invalid_auth")
    assert "real Slack token" in body["response_metadata"]["messages"][0]
    assert token not in json.dumps(body) + repr(slack.api_calls)


async def test_the_token_may_ride_in_a_form_but_not_in_json_or_the_query(slack: LocalSlack, call: Any) -> None:
    token = {"token": slack.bot_token}
    assert (await call(slack, "auth.test", "", data=token))[2]["ok"]
    assert (await call(slack, "auth.test", "", json=token))[2]["error"] == "not_authed"
    assert (await call(slack, "auth.test", "", params=token))[2]["error"] == "not_authed"
    body = (await call(slack, "apps.connections.open", "", data={"token": slack.app_token}))[2]
    assert body["error"] == "not_authed"
    assert all("token" not in each.args for each in slack.api_calls)


async def test_apps_connections_open_wants_post(slack: LocalSlack, http: aiohttp.ClientSession) -> None:
    headers = {"Authorization": f"Bearer {slack.app_token}"}
    async with http.get(slack.api_url + "apps.connections.open", headers=headers) as response:
        assert (await response.json())["error"] == "insecure_request"


async def test_auth_test(slack: LocalSlack, call: Any) -> None:
    body = (await call(slack, "auth.test"))[2]
    assert body == {
        "ok": True,
        "url": "https://acme.slack.com/",
        "team": "Acme",
        "user": "localbot",
        "team_id": "T0LOCAL01",
        "user_id": "U0LOCALBOT",
        "bot_id": "B0LOCALBOT",
        "is_enterprise_install": False,
    }


async def test_api_test(slack: LocalSlack, call: Any) -> None:
    assert (await call(slack, "api.test", ""))[2] == {"ok": True}
    assert (await call(slack, "api.test", "", data={"a": "1"}))[2] == {"ok": True, "args": {"a": "1"}}
    assert (await call(slack, "api.test", "", json={"error": "oops"}))[2]["error"] == "oops"


async def test_an_unknown_method(slack: LocalSlack, call: Any) -> None:
    assert (await call(slack, "x.y"))[2] == {"ok": False, "error": "unknown_method", "req_method": "x.y"}


@pytest.mark.parametrize(
    ("body", "content_type", "error"),
    [
        ("{", "application/json", "invalid_json"),
        ("[" * 100_000, "application/json", "invalid_json"),
        ("[]", "application/json", "json_not_object"),
        ("x", "text/csv", "invalid_post_type"),
    ],
)
async def test_bad_bodies(slack: LocalSlack, call: Any, body: str, content_type: str, error: str) -> None:
    result = await call(slack, "auth.test", data=body, headers={"Content-Type": content_type})
    assert result[2] == {"ok": False, "error": error}


async def test_views_open_takes_a_trigger_once_within_three_seconds(still: LocalSlack, clock: Any, call: Any) -> None:
    modal = {"type": "modal", "callback_id": "t", "title": {"type": "plain_text", "text": "T"}, "blocks": []}

    async def open_view(delivery: Any) -> Any:
        given = {
            "trigger_id": delivery.payload["trigger_id"],
            "view": json.dumps(modal),
        }
        return (await call(still, "views.open", data=given))[2]

    command = still.send_command()
    body = await open_view(command)
    assert body["view"]["callback_id"] == "t"
    assert body["view"]["state"] == {"values": {}}
    shown = still.workspace.screens.top(still.workspace.user("ann"))
    assert shown is not None
    assert shapes.view(still.workspace.me, shown) == body["view"]
    assert (await open_view(command))["error"] == "exchanged_trigger_id"
    late = still.send_shortcut()
    await clock.advance(3.1)
    assert (await open_view(late))["error"] == "expired_trigger_id"
    body = (await call(still, "views.open", json={"trigger_id": "1.2.3", "view": modal}))[2]
    assert body["error"] == "invalid_trigger_id"
    assert (await call(still, "views.open", json={"trigger_id": "1.2.3"}))[2]["error"] == "invalid_arguments"
    view = shapes.view(still.workspace.me, shown)
    submission = still.send_view_submission(view=view, values={"b": {"a": {"value": "1"}}})
    assert submission.payload["view"]["state"]["values"]["b"]["a"]["value"] == "1"
    assert submission.payload["view"]["callback_id"] == "t"


async def test_response_urls(still: LocalSlack, clock: Any, http: aiohttp.ClientSession) -> None:
    async def post(url: str, **kwargs: Any) -> tuple[int, str]:
        async with http.post(url, **kwargs) as response:
            return response.status, await response.text()

    url = still.send_command().payload["response_url"]
    assert url.startswith(f"{still.base_url}/commands/T0LOCAL01/")
    for number in range(5):
        assert await post(url, json={"text": str(number)}) == (200, "ok")
    assert await post(url, json={"text": "5"}) == (404, "used_url")
    (kept,) = still.workspace.grants.response_urls.values()
    assert [body["text"] for body in kept.received] == ["0", "1", "2", "3", "4"]
    url = still.send_action().payload["response_url"]
    assert await post(url, data="{") == (400, "invalid_payload")
    assert await post(url, json=[]) == (400, "invalid_payload")
    await clock.advance(1801)
    assert await post(url, json={}) == (404, "expired_url")
    assert (await post(url + "x", json={}))[0] == 404


def test_the_table_names_only_methods_that_are_there() -> None:
    assert METHODS
    assert all(callable(method.run) and method.summary for method in METHODS.values())


# Faults


@pytest.mark.parametrize(
    ("fault", "status", "shows"),
    [
        ({"kind": "ratelimited", "retry_after": 7.0}, 429, '{"ok": false, "error": "ratelimited"}'),
        ({"kind": "ratelimited"}, 429, '{"ok": false, "error": "ratelimited"}'),
        ({"kind": "error", "error": "account_inactive"}, 200, '{"ok": false, "error": "account_inactive"}'),
        ({"kind": "status", "status": 503}, 503, '""'),
        ({"kind": "html", "status": 200}, 200, "DOCTYPE"),
        ({"kind": "html", "status": 502}, 502, "DOCTYPE"),
        ({"kind": "not_json"}, 200, "wss"),
        ({"kind": "hang", "delay": 0.001}, 504, '""'),
    ],
)
async def test_api_faults(slack: LocalSlack, call: Any, fault: dict[str, Any], status: int, shows: str) -> None:
    slack.faults.add(Fault(where="api", match="apps.*", count=1, **fault))
    assert (await call(slack, "auth.test"))[2]["ok"]
    got, headers, body = await call(slack, "apps.connections.open", slack.app_token)
    assert got == status
    assert shows in json.dumps(body)
    assert headers.get("Retry-After") == ("7" if "retry_after" in fault else None)
    assert slack.api_calls[-1].outcome == fault.get("error", fault["kind"])
    assert (await call(slack, "apps.connections.open", slack.app_token))[2]["ok"]
    assert slack.opens == 2


async def test_a_slow_answer(still: LocalSlack, clock: Any, call: Any) -> None:
    still.faults.add(Fault(where="api", kind="slow", delay=5.0, count=1))
    task = asyncio.create_task(call(still, "auth.test"))
    await clock.asleep()
    assert not task.done()
    await clock.advance(5)
    assert (await task)[2]["ok"]


async def test_a_reset(slack: LocalSlack, call: Any) -> None:
    slack.faults.add(Fault(where="api", kind="reset", count=1))
    with pytest.raises(aiohttp.ClientConnectionError):
        await call(slack, "auth.test")


async def test_a_hang_ends_when_the_local_slack_closes(call: Any) -> None:
    slack = LocalSlack()
    await slack.start()
    slack.faults.add(Fault(where="api", kind="hang"))
    task = asyncio.create_task(call(slack, "auth.test"))
    await slack.wait_for(lambda slack: slack.api_calls)
    assert not task.done()
    await slack.close()
    assert (await task)[0] == 504


# Handshakes


@pytest.mark.parametrize("status", [401, 403, 408, 409, 503])
async def test_a_refused_handshake_leaves_the_ticket_good(slack: LocalSlack, dial: Any, status: int) -> None:
    slack.faults.add(Fault(where="handshake", kind="status", status=status, count=1))
    url = slack.websocket_url()
    with pytest.raises(aiohttp.WSServerHandshakeError) as caught:
        async with dial(slack, url):
            pass
    assert caught.value.status == status
    async with dial(slack, url):
        assert slack.accepted == 1
    assert [each.status for each in slack.dials] == [status, 101]


async def test_or_burns_it_by_switch(dial: Any) -> None:
    async with LocalSlack(switches=Switches(burn_on_attempt=True)) as slack:
        slack.faults.add(Fault(where="handshake", kind="status", status=408, count=1))
        url = slack.websocket_url()
        for status in (408, 403):
            with pytest.raises(aiohttp.WSServerHandshakeError) as caught:
                async with dial(slack, url):
                    pass
            assert caught.value.status == status
        async with dial(slack):
            pass


async def test_a_ticket_grows_old_by_switch(clock: Any, dial: Any) -> None:
    async with LocalSlack(clock=clock, switches=Switches(ticket_lifetime=30)) as slack:
        url = slack.websocket_url()
        await clock.advance(31)
        with pytest.raises(aiohttp.WSServerHandshakeError):
            async with dial(slack, url):
                pass


async def test_no_ticket_no_entry(slack: LocalSlack, dial: Any) -> None:
    for query in ("", "?ticket=unknown"):
        with pytest.raises(aiohttp.WSServerHandshakeError):
            async with dial(slack, f"{slack.base_url}/link/{query}"):
                pass
    assert [(each.ticket, each.status) for each in slack.dials] == [(0, 403), (0, 403)]


async def test_a_plain_get_is_no_handshake_and_burns_nothing(
    slack: LocalSlack, http: aiohttp.ClientSession, dial: Any
) -> None:
    url = slack.websocket_url()
    async with http.get(url.replace("ws://", "http://")) as response:
        assert response.status == 400
    async with dial(slack, url):
        pass


@pytest.mark.parametrize("kind", ["reset", "hang"])
async def test_a_handshake_cut_short(slack: LocalSlack, dial: Any, kind: str) -> None:
    # For ever, because aiohttp's client tries a GET again by itself.
    slack.faults.add(Fault(where="handshake", kind=kind, delay=0.001))
    with pytest.raises(aiohttp.ClientError):
        async with dial(slack):
            pass
    assert slack.dials[0].status == 0


async def test_of_two_with_one_ticket_the_slower_loses(still: LocalSlack, clock: Any, dial: Any) -> None:
    still.faults.add(Fault(where="handshake", kind="slow", delay=5, count=1))
    url = still.websocket_url()

    async def enter(holding: Callable[[], Any]) -> int:
        try:
            async with dial(still, url):
                await holding()
        except aiohttp.WSServerHandshakeError as error:
            return error.status
        return 101

    slow = asyncio.create_task(enter(clock.settle))
    await clock.asleep()
    assert await enter(clock.settle) == 101
    await clock.advance(5)
    assert await slow == 403


MULTIPART = "multipart/form-data; boundary=x"
FORM = "application/x-www-form-urlencoded"


def part(headers: str, content: str = "abc") -> bytes:
    return f"--x\r\n{headers}\r\n\r\n{content}\r\n--x--\r\n".encode()


async def test_a_multipart_body_is_read_and_its_files_are_left_aside(slack: LocalSlack, call: Any) -> None:
    form = aiohttp.FormData({"a": "1", "b": "ä"})
    form.add_field("file", b"\x00", filename="f.bin")
    assert (await call(slack, "api.test", data=form))[2] == {"ok": True, "args": {"a": "1", "b": "ä"}}
    assert (await call(slack, "api.test", headers={"Content-Type": MULTIPART}))[2] == {"ok": True}


@pytest.mark.parametrize(
    ("content_type", "body", "error"),
    [
        (MULTIPART, b"nonsense", "invalid_form_data"),
        (MULTIPART, b"--x\r\nContent-Disposition: form-data; name=a\r\n\r\nabc", "invalid_form_data"),
        (MULTIPART, part("Content-Disposition: form-data"), "invalid_form_data"),
        (MULTIPART, part("X-A: b"), "invalid_form_data"),
        (MULTIPART, part("Content-Disposition: form-data; name=a\r\nContent-Transfer-Encoding: base64", "a"),
         "invalid_form_data"),
        (MULTIPART, part("Content-Disposition: form-data; name=a\r\nContent-Transfer-Encoding: zzz"),
         "invalid_form_data"),
        (MULTIPART, part("Content-Disposition: form-data; name=a\r\nContent-Type: text/plain; charset=klingon"),
         "invalid_charset"),
        ("multipart/form-data", b"nonsense", "invalid_form_data"),
        (FORM, b"a=\xff", "invalid_form_data"),
        (f"{FORM}; charset=klingon", b"a=1", "invalid_charset"),
        (f"{FORM}; charset=hex", b"a=1", "invalid_charset"),
        ("application/json; charset=klingon", b"{}", "invalid_charset"),
        ("application/json", b'{"a": "\\ud800"}', "invalid_json"),
        ("application/json", b"[" * 100_000, "invalid_json"),
        ("application/json", b'{"a": NaN}', "invalid_json"),
        ("application/json", b'{"a": 1e999}', "invalid_json"),
        ("application/json", b'{"a": "\xff"}', "invalid_json"),
    ],
)  # fmt: skip
async def test_a_body_that_cannot_be_read_is_refused_in_slacks_words(
    content_type: str, body: bytes, error: str, slack: LocalSlack, call: Any, caplog: pytest.LogCaptureFixture
) -> None:
    status, _, answer = await call(slack, "api.test", data=body, headers={"Content-Type": content_type})
    assert (status, answer) == (200, {"ok": False, "error": error})
    assert slack.api_calls[-1].outcome == error
    assert caplog.records == []


@pytest.mark.parametrize("charset", ["utf-8", "UTF8", "iso-8859-1"])
async def test_charsets_that_slack_knows(charset: str, slack: LocalSlack, call: Any) -> None:
    body = "a=ä".encode(charset)
    headers = {"Content-Type": f"{FORM}; charset={charset}"}
    assert (await call(slack, "api.test", data=body, headers=headers))[2]["args"] == {"a": "ä"}
    body = '{"a": "ä"}'.encode(charset)
    headers = {"Content-Type": f"application/json; charset={charset}"}
    assert (await call(slack, "api.test", data=body, headers=headers))[2] == {"ok": True, "args": {"a": "ä"}}


@pytest.mark.parametrize(
    ("content_type", "body"), [("application/json; charset=klingon", b"{}"), ("application/json", b"[" * 100_000)]
)
async def test_an_answer_to_a_response_url_that_cannot_be_read(
    content_type: str, body: bytes, slack: LocalSlack, http: aiohttp.ClientSession
) -> None:
    headers = {"Content-Type": content_type}
    async with http.post(f"{slack.base_url}/commands/T1/1/x", data=body, headers=headers) as response:
        assert (response.status, await response.text()) == (400, "invalid_payload")
