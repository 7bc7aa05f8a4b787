from __future__ import annotations

import asyncio
import gc
import io
import logging
import ssl
import warnings
from typing import Any

import aiohttp
import pytest
from aiohttp import web

from tautwire.errors import ConfigurationError, RateLimitedError, SlackApiError, SlackRequestError
from tautwire.secret import Secret
from tautwire.web.async_client import AsyncSlackResponse, AsyncWebClient


def text(body: str, status: int = 200, **headers: str) -> web.Response:
    return web.Response(text=body, status=status, content_type="text/html", headers=headers)


class Basic:
    """Shaped as aiohttp.BasicAuth, which warns that it will go."""

    def encode(self) -> str:
        return "Basic MToy"


def later(seconds: str | None, status: int = 429) -> web.Response:
    headers = {} if seconds is None else {"Retry-After": seconds}
    return web.json_response({"ok": False, "error": "ratelimited"}, status=status, headers=headers)


def test_the_constructor_needs_no_loop_and_has_slack_sdks_attributes() -> None:
    client = AsyncWebClient("xoxb-1", "https://example.com/api", timeout=5, team_id="T1", headers={"X-A": "b"})
    assert client.token == "xoxb-1"
    assert client.base_url == "https://example.com/api/"
    assert (client.timeout, client.ssl, client.proxy, client.session) == (5, None, None, None)
    assert client.headers["X-A"] == "b"
    assert client.headers["User-Agent"].startswith("tautwire/")
    assert client.default_params == {"team_id": "T1"}
    assert client.logger.name == "tautwire.web"
    assert (client.trust_env_in_session, client.retry_handlers) == (False, [])
    assert client.rate_limit_budget == 60.0


def test_the_environment_serves_where_nothing_is_given(monkeypatch: pytest.MonkeyPatch) -> None:
    assert AsyncWebClient().base_url == AsyncWebClient.BASE_URL == "https://slack.com/api/"
    assert AsyncWebClient().token is None
    monkeypatch.setenv("SLACK_BOT_TOKEN", " xoxb-env ")
    monkeypatch.setenv("SLACK_API_URL", "http://127.0.0.1:1/api")
    assert AsyncWebClient().token == "xoxb-env"
    assert AsyncWebClient().base_url == "http://127.0.0.1:1/api/"
    assert AsyncWebClient("xoxb-1", "https://slack.com/api").token == "xoxb-1"
    assert AsyncWebClient("", "https://slack.com/api").token is None
    assert AsyncWebClient("", "https://slack.com/api").base_url == "https://slack.com/api/"


@pytest.mark.parametrize("bad", ["slack.com", "http://", "https://u:hush@slack.com/", "https://:hush@slack.com/",
                                 "https://hush[/", "https://slack.com:hush/", "https://slack.com:0/"])  # fmt: skip
def test_a_bad_address_is_refused_by_the_name_of_where_it_came_from(bad: str, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(ConfigurationError, match=r"^base_url is http") as caught:
        AsyncWebClient(base_url=bad)
    assert (caught.value.__context__, "hush" in str(caught.value)) == (None, False)
    monkeypatch.setenv("SLACK_API_URL", bad)
    with pytest.raises(ConfigurationError, match=r"^the environment variable SLACK_API_URL is http") as caught:
        AsyncWebClient()
    assert (caught.value.__context__, "hush" in str(caught.value)) == (None, False)
    assert AsyncWebClient(base_url="https://slack.com/api").base_url == "https://slack.com/api/"


def test_attributes_can_be_set_and_are_checked() -> None:
    client = AsyncWebClient("xoxb-1")
    client.token = " xoxb-2 "
    client.base_url = "http://127.0.0.1"
    client.ssl = context = ssl.create_default_context()
    assert (client.token, client.base_url) == ("xoxb-2", "http://127.0.0.1/")
    assert AsyncWebClient(proxy=" ").proxy is None
    assert client.ssl is context
    client.token = None
    assert client._token is None


@pytest.mark.parametrize("value", [False, True, "cert.pem"])
def test_verification_cannot_be_switched_off(value: Any) -> None:
    with pytest.raises(ConfigurationError, match="cannot be switched off"):
        AsyncWebClient(ssl=value)
    client = AsyncWebClient()
    with pytest.raises(ConfigurationError):
        client.ssl = value


@pytest.mark.parametrize(
    "url",
    [
        "ftp://x/",
        "slack.com/api",
        "https:///api/",
        "https://u:hush@slack.com/",
        "https://slack.com/?hush",
        "https://x/#a",
    ],
)
def test_a_base_url_is_a_plain_address(url: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        AsyncWebClient(base_url=url)
    assert "hush" not in str(caught.value)


def test_foreign_retry_handlers_are_not_ignored_silently() -> None:
    with pytest.warns(UserWarning, match="rate_limit_budget"):
        AsyncWebClient(retry_handlers=[object()])


def test_user_agent_prefix_and_suffix() -> None:
    agent = AsyncWebClient(user_agent_prefix="mine/1", user_agent_suffix="end").headers["User-Agent"]
    assert agent.startswith("mine/1 tautwire/")
    assert agent.endswith(" end")


async def test_a_call_by_name(client: AsyncWebClient, slack: Any) -> None:
    slack.reply("chat.postMessage", {"ok": True, "ts": "1.2"})
    answer = await client.chat_postMessage(channel="C1", text="hi", unfurl_links=False, blocks=None)
    assert answer["ts"] == "1.2"
    assert isinstance(answer, AsyncSlackResponse)
    assert (slack.last.verb, slack.last.query) == ("POST", {})
    assert slack.last.content_type == "application/json;charset=utf-8"
    assert slack.last.fields == {"channel": "C1", "text": "hi", "unfurl_links": False}
    assert slack.last.headers["Authorization"] == "Bearer xoxb-test-1"


async def test_one_session_serves_all_calls(client: AsyncWebClient, slack: Any) -> None:
    for _ in range(5):
        await client.auth_test()
    assert len({seen.peer for seen in slack.seen}) == 1


async def test_one_tls_connection_serves_all_calls(tls_slack: Any, trusting: ssl.SSLContext) -> None:
    async with AsyncWebClient("xoxb-1", tls_slack.url, ssl=trusting) as client:
        for _ in range(3):
            await client.auth_test()
    assert len(tls_slack.seen) == 3
    assert len({seen.peer for seen in tls_slack.seen}) == 1


async def test_an_unknown_authority_is_refused_and_not_tried_again(tls_slack: Any, clock: Any) -> None:
    async with AsyncWebClient("xoxb-1", tls_slack.url, clock=clock) as client:
        with pytest.raises(SlackRequestError, match="certificate was not accepted") as caught:
            await client.auth_test()
    assert caught.value.__context__ is None
    assert (tls_slack.seen, clock.sleeps) == ([], [])


async def test_concurrent_calls_each_get_their_own_answer(client: AsyncWebClient, slack: Any) -> None:
    async def echo(request: web.Request) -> web.Response:
        posted = await request.post()
        return web.json_response({"ok": True, "n": posted["n"]})

    slack.reply("api.test", *[echo] * 20)
    answers = await asyncio.gather(*(client.api_test(n=n) for n in range(20)))
    assert [answer["n"] for answer in answers] == [str(n) for n in range(20)]


async def test_a_closed_client_opens_a_new_session(client: AsyncWebClient, slack: Any) -> None:
    await client.auth_test()
    await client.close()
    await client.close()
    await client.auth_test()
    assert len(slack.seen) == 2


async def test_a_given_session_is_used_and_stays_open(slack: Any) -> None:
    async with aiohttp.ClientSession(headers={"X-Session": "given"}) as session:
        async with AsyncWebClient("xoxb-1", slack.url, session=session) as client:
            await client.auth_test()
        assert not session.closed
        assert slack.last.headers["X-Session"] == "given"
        assert client.session is session
        await session.close()
        await client.auth_test()
        assert "X-Session" not in slack.last.headers
        client.session = None
        await client.close()


async def test_cookies_do_not_travel_from_call_to_call(slack: Any) -> None:
    # By name: aiohttp's own jar takes no cookie from an address, and the test could not fail.
    slack.reply("auth.test", web.json_response({"ok": True}, headers={"Set-Cookie": "d=1; Path=/"}))
    async with AsyncWebClient("xoxb-1", slack.url.replace("127.0.0.1", "localhost")) as client:
        await client.auth_test()
        await client.auth_test()
    assert len(slack.seen) == 2
    assert "Cookie" not in slack.last.headers


async def test_slack_says_no(client: AsyncWebClient, slack: Any) -> None:
    slack.reply("chat.postMessage", {"ok": False, "error": "channel_not_found", "needed": "x"})
    with pytest.raises(SlackApiError, match=r"^chat.postMessage failed \(channel_not_found\)$") as caught:
        await client.chat_postMessage(channel="C0", text="hi")
    assert caught.value.response["error"] == caught.value.code == "channel_not_found"
    assert caught.value.response.get("needed") == "x"
    assert caught.value.response.status_code == 200
    assert caught.value.response.headers["Content-Type"].startswith("application/json")
    assert caught.value.__context__ is None


async def test_a_rate_limit_is_waited_out(client: AsyncWebClient, slack: Any, clock: Any) -> None:
    slack.reply("chat.postMessage", later("3"), later("5", status=200), {"ok": True, "ts": "1"})
    answer = await client.chat_postMessage(channel="C1", text="hi")
    assert answer["ts"] == "1"
    assert clock.sleeps == pytest.approx([3 * 1.05, 5 * 1.05])
    assert [seen.body for seen in slack.seen] == [slack.seen[0].body] * 3


async def test_a_rate_limit_beyond_the_budget_is_raised_at_once(client: AsyncWebClient, slack: Any, clock: Any) -> None:
    slack.reply("chat.postMessage", later("40"), later("40"))
    with pytest.raises(RateLimitedError) as caught:
        await client.chat_postMessage(channel="C1", text="hi")
    assert caught.value.retry_after == 40.0
    assert caught.value.response.status_code == 429
    assert clock.sleeps == [42.0]


async def test_a_budget_of_zero_never_waits(client: AsyncWebClient, slack: Any, clock: Any) -> None:
    client.rate_limit_budget = 0
    slack.reply("users.list", later("0"), text("<html>busy</html>", 429))
    with pytest.raises(RateLimitedError):
        await client.users_list()
    with pytest.raises(RateLimitedError) as caught:
        await client.users_list()
    assert caught.value.retry_after is None
    assert clock.sleeps == []


@pytest.mark.parametrize("status", [500, 502, 503, 504])
async def test_a_5xx_is_tried_again_for_reading_only(
    status: int, client: AsyncWebClient, slack: Any, clock: Any
) -> None:
    slack.reply("users.info", text("<html>", status), text("<html>", status))
    assert (await client.users_info(user="U1"))["ok"]
    assert clock.sleeps == [0.25, 0.5]
    slack.reply("chat.postMessage", text("<html>", status))
    with pytest.raises(SlackRequestError) as caught:
        await client.chat_postMessage(channel="C1", text="hi")
    assert caught.value.status == status
    assert [seen.method for seen in slack.seen].count("chat.postMessage") == 1


async def test_reading_gives_up_after_two_retries(client: AsyncWebClient, slack: Any) -> None:
    slack.reply("users.info", *(text("<html>", 503) for _ in range(5)))
    with pytest.raises(SlackRequestError, match="HTTP 503"):
        await client.users_info(user="U1")
    assert len(slack.seen) == 3


@pytest.mark.parametrize("status", [401, 403, 404])
async def test_html_instead_of_slack(status: int, client: AsyncWebClient, slack: Any) -> None:
    slack.reply("auth.test", text("<html>proxy login</html>", status))
    with pytest.raises(
        SlackRequestError, match=rf"^auth.test: got HTTP {status} with something else than JSON"
    ) as caught:
        await client.auth_test()
    assert caught.value.status == status


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
async def test_redirects_are_refused(status: int, client: AsyncWebClient, slack: Any) -> None:
    slack.reply("auth.test", text("", status, Location="/api/evil.target"))
    with pytest.raises(SlackRequestError, match="redirect"):
        await client.auth_test()
    assert [seen.method for seen in slack.seen] == ["auth.test"]


async def test_apps_connections_open_has_an_empty_body_and_its_own_token(slack: Any) -> None:
    async with AsyncWebClient("xoxb-1", slack.url, team_id="T1") as client:
        for token in ("xapp-1", Secret("xapp-1")):
            await client.apps_connections_open(app_token=token)
            assert slack.last.method == "apps.connections.open"
            assert slack.last.headers["Authorization"] == "Bearer xapp-1"
            assert slack.last.headers["Content-Length"] == "0"
            assert slack.last.content_type == "application/x-www-form-urlencoded"
            assert (slack.last.body, slack.last.query) == (b"", {})
        await client.apps_connections_open()
        assert slack.last.headers["Authorization"] == "Bearer xoxb-1"


@pytest.mark.parametrize("status", [429, 503])
async def test_apps_connections_open_is_attempted_once(
    status: int, client: AsyncWebClient, slack: Any, clock: Any
) -> None:
    slack.reply("apps.connections.open", text("<html>", status))
    with pytest.raises((RateLimitedError, SlackRequestError)):
        await client.apps_connections_open(app_token="xapp-1")
    slack.reply("apps.connections.open", later("1"))
    with pytest.raises(RateLimitedError) as caught:
        await client.api_call("apps.connections.open", params={"token": "xapp-1"})
    assert caught.value.retry_after == 1.0
    assert (len(slack.seen), clock.sleeps) == (2, [])


async def test_headers_have_an_order_of_precedence(slack: Any) -> None:
    headers = {"X-A": "client", "X-B": "client", "content-type": "text/plain"}
    async with AsyncWebClient("xoxb-1", slack.url, headers=headers) as client:
        await client.api_call("api.test", data={"a": 1}, headers={"x-b": "call"})
    assert slack.last.headers["X-A"] == "client"
    assert slack.last.headers["X-B"] == "call"
    assert slack.last.content_type == "application/x-www-form-urlencoded"
    assert headers["X-B"] == "client"


async def test_without_a_token_there_is_no_authorization(slack: Any) -> None:
    async with AsyncWebClient(base_url=slack.url) as client:
        await client.api_test()
    assert "Authorization" not in slack.last.headers


async def test_a_cancelled_wait_ends_the_call(slack: Any) -> None:
    waiting = asyncio.Event()

    class Endless:
        def monotonic(self) -> float:
            return 0.0

        wall = monotonic

        async def sleep(self, seconds: float) -> None:
            waiting.set()
            await asyncio.Event().wait()

        async def wait(self, event: asyncio.Event, seconds: float) -> bool:
            return event.is_set()

    slack.reply("users.info", later("5"))
    async with AsyncWebClient("xoxb-1", slack.url, clock=Endless()) as client:
        call = asyncio.create_task(client.users_info(user="U1"))
        await waiting.wait()
        call.cancel()
        with pytest.raises(asyncio.CancelledError):
            await call
    assert len(slack.seen) == 1


async def test_api_call_takes_a_verb_and_credentials(client: AsyncWebClient, slack: Any) -> None:
    await client.api_call("/users.info", http_verb="GET", params={"user": "U1 &", "b": True})
    assert (slack.last.verb, slack.last.query, slack.last.body) == ("GET", {"user": "U1 &", "b": "1"}, b"")
    auth = {"client_id": "1", "client_secret": "2"}
    for given in (auth, Basic()):
        await client.api_call("oauth.v2.access", data={"code": "3"}, auth=given)
        assert slack.last.headers["Authorization"] == "Basic MToy"
        assert slack.last.fields == {"code": "3"}


@pytest.mark.parametrize(
    "method", ["", "https://evil.example/x", "//evil.example/x", "a/../b", "a?b", "a b", "chat.", "a#b"]
)
async def test_a_method_cannot_lead_elsewhere(method: str, client: AsyncWebClient, slack: Any) -> None:
    with pytest.raises(ConfigurationError, match="api_method"):
        await client.api_call(method)
    assert slack.seen == []


async def test_files_are_read_from_anything_that_is_a_file(client: AsyncWebClient, slack: Any, tmp_path: Any) -> None:
    path = tmp_path / "me.png"
    path.write_bytes(b"png")
    expected: dict[Any, str] = {
        str(path): "me.png",
        path: "me.png",
        b"png": "Uploaded file",
        io.BytesIO(b"png"): "Uploaded file",
    }
    for image, name in expected.items():
        await client.users_setPhoto(image=image, crop_x=1)
        assert slack.last.content_type.startswith("multipart/form-data; boundary=")
        assert slack.last.fields == {"image": (name, b"png"), "crop_x": "1"}


async def test_a_file_name_that_would_forge_a_header_is_refused(client: AsyncWebClient, slack: Any) -> None:
    file = io.BytesIO(b"png")
    file.name = 'a"\r\nX-Evil: 1.png'
    with pytest.raises(SlackRequestError, match="could not be made"):
        await client.users_setPhoto(image=file)
    assert slack.seen == []


async def test_a_multipart_call_can_be_made_again(client: AsyncWebClient, slack: Any) -> None:
    slack.reply("users.setPhoto", later("1"))
    await client.users_setPhoto(image=io.BytesIO(b"png"))
    assert [seen.fields["image"][1] for seen in slack.seen] == [b"png", b"png"]


@pytest.mark.parametrize("method", ["conversations_list", "slackLists_items_list"])
async def test_pages_come_one_by_one(method: str, client: AsyncWebClient, slack: Any) -> None:
    path = method.replace("_", ".")
    for cursor in ("a=", "b=", ""):
        slack.reply(path, {"ok": True, "response_metadata": {"next_cursor": cursor}})
    answer = await getattr(client, method)(list_id="L1", limit=1, token="xoxp-own")
    assert len(slack.seen) == 1
    assert len([page async for page in answer]) == 3
    assert [seen.arguments.get("cursor") for seen in slack.seen] == [None, "a=", "b="]
    assert {seen.headers["Authorization"] for seen in slack.seen} == {"Bearer xoxp-own"}
    assert {seen.arguments["list_id"] for seen in slack.seen} == {"L1"}


async def test_pages_of_a_get_stay_a_get(client: AsyncWebClient, slack: Any) -> None:
    slack.reply("users.list", {"ok": True, "response_metadata": {"next_cursor": "a="}})
    answer = await client.api_call("users.list", http_verb="GET", params={"limit": 1})
    assert len([page async for page in answer]) == 2
    assert (slack.last.verb, slack.last.query) == ("GET", {"limit": "1", "cursor": "a="})


async def test_a_page_may_be_rate_limited_too(client: AsyncWebClient, slack: Any, clock: Any) -> None:
    slack.reply("users.list", {"ok": True, "response_metadata": {"next_cursor": "a="}}, later("2"), {"ok": True})
    assert len([page async for page in await client.users_list()]) == 2
    assert clock.sleeps == [2.1]


async def test_team_id_goes_with_every_call(slack: Any) -> None:
    async with AsyncWebClient("xoxb-1", slack.url, team_id="T1") as client:
        await client.users_list()
        assert slack.last.fields == {"team_id": "T1"}
        await client.chat_postMessage(channel="C1", team_id="T2")
        assert slack.last.fields == {"channel": "C1", "team_id": "T2"}


async def test_gzip_answers_are_bytes(client: AsyncWebClient, slack: Any) -> None:
    slack.reply("admin.analytics.getFile", web.Response(body=b"\x1f\x8bxx", content_type="application/gzip"))
    answer = await client.admin_analytics_getFile(type="member", date="2026-01-01")
    assert answer.data == b"\x1f\x8bxx"


async def test_a_cancelled_call_leaves_nothing(client: AsyncWebClient, slack: Any) -> None:
    forever = asyncio.Event()

    async def never(request: web.Request) -> web.Response:
        await forever.wait()
        return web.json_response({"ok": True})

    slack.reply("auth.test", never)
    call = asyncio.create_task(client.auth_test())
    await slack.arrived.wait()
    call.cancel()
    with pytest.raises(asyncio.CancelledError):
        await call
    forever.set()
    assert (await client.auth_test())["ok"]


async def test_a_wait_for_a_rate_limit_is_logged_by_method_name(
    client: AsyncWebClient, slack: Any, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG, "tautwire.web")
    slack.reply("users.info", later("1"), text("", 503))
    await client.users_info(user="U1")
    assert [record.getMessage() for record in caplog.records if record.name == "tautwire.web"] == [
        "users.info: rate limited by Slack, waiting 1.1 s",
        "users.info: failed (SERVER_ERROR), trying again in 0.2 s",
    ]


def test_one_client_serves_one_loop_after_another(unused_tcp_port: int) -> None:
    served = 0
    client = AsyncWebClient("xoxb-1", f"http://127.0.0.1:{unused_tcp_port}/api/")

    async def answer(request: web.Request) -> web.Response:
        nonlocal served
        served += 1
        return web.json_response({"ok": True})

    async def once(close: bool) -> None:
        app = web.Application()
        app.router.add_post("/api/auth.test", answer)
        runner = web.AppRunner(app, shutdown_timeout=0.1)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", unused_tcp_port, reuse_address=True).start()
        await client.auth_test()
        if close:
            await client.close()
        await runner.cleanup()

    with warnings.catch_warnings():
        # The first loop ends with the client open: Python itself complains about that loop's socket.
        warnings.simplefilter("ignore", ResourceWarning)
        asyncio.run(once(close=False))
        asyncio.run(once(close=True))
        gc.collect()
    asyncio.run(once(close=True))
    assert served == 3
    assert client._wire.sessions._own == {}


def test_a_context_that_does_not_verify_is_refused() -> None:
    trusting_everybody = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    trusting_everybody.check_hostname, trusting_everybody.verify_mode = False, ssl.CERT_NONE
    with pytest.raises(ConfigurationError, match="does not verify"):
        AsyncWebClient("xoxb-1", ssl=trusting_everybody)
