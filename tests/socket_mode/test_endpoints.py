"""Where a dial's URL comes from: any web client's answer, and any web client's failure."""

from __future__ import annotations

import asyncio
import traceback
from typing import TYPE_CHECKING, Any

import aiohttp
import pytest
from aiohttp import web
from multidict import CIMultiDict, CIMultiDictProxy
from slack_sdk import errors as sdk_errors
from slack_sdk.web.async_client import AsyncWebClient as SdkWebClient
from slack_sdk.web.client import WebClient as SdkBlockingClient
from yarl import URL

from tautwire.errors import (
    FATAL_API_ERRORS,
    FATAL_HTTP_STATUSES,
    ConfigurationError,
    DialError,
    FatalConnectionError,
    InvalidTokenError,
    RateLimitedError,
    SlackApiError,
    SlackRequestError,
    TautwireError,
    UntrustedUrlError,
)
from tautwire.local.app import LocalSlack
from tautwire.local.faults import Fault
from tautwire.secret import Secret
from tautwire.socket_mode.endpoints import EndpointSource, open_connection
from tautwire.socket_mode.route import base_url_of
from tautwire.web.async_client import AsyncWebClient

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

SdkApiError: Any = sdk_errors.SlackApiError

APP = "xapp-hush-token"
TICKET = "hush-ticket"
URL_OK = f"wss://wss-primary.slack.com/link/?ticket={TICKET}"
SECRETS = (APP, "hush")


class Answers:
    """A web client that answers with `answer`, or raises it."""

    def __init__(self, answer: Any, base_url: Any = None) -> None:
        self.answer = answer
        self.asked: list[dict[str, Any]] = []
        if base_url is not None:
            self.base_url = base_url

    async def apps_connections_open(self, **arguments: Any) -> Any:
        self.asked.append(arguments)
        if isinstance(self.answer, BaseException):
            raise self.answer
        return self.answer


class Bare:
    """A web client with `api_call` alone."""

    def __init__(self, answer: Any) -> None:
        self.answer = answer
        self.asked: list[Any] = []

    async def api_call(self, *arguments: Any, **named: Any) -> Any:
        self.asked.append((arguments, named))
        return self.answer


def source(web_client: Any, proxy: str | None = None, override: Any = None) -> EndpointSource:
    return EndpointSource(web_client, Secret(APP), proxy, lambda: override)


def chain(error: BaseException) -> list[BaseException]:
    found, todo = [], [error]
    while todo:
        one = todo.pop()
        found.append(one)
        todo += [more for more in (one.__cause__, one.__context__) if more is not None]
    return found


async def failure(web_client: Any) -> TautwireError:
    """What asking comes to; nothing secret in it or on it."""
    with pytest.raises(TautwireError) as caught:
        await open_connection(web_client, Secret(APP))
    error = caught.value
    assert chain(error) == [error]
    told = f"{error} {error!r} {vars(error)} {''.join(traceback.format_exception(error))}"
    assert [secret for secret in SECRETS if secret in told] == []
    return error


# The call.


async def test_a_web_client_is_asked_with_the_token_by_name() -> None:
    client = Answers({"ok": True, "url": URL_OK})
    assert await open_connection(client, Secret(APP)) == URL_OK
    assert client.asked == [{"app_token": APP}]


async def test_a_web_client_with_api_call_alone_serves() -> None:
    client = Bare({"ok": True, "url": URL_OK})
    assert await open_connection(client, Secret(APP)) == URL_OK
    arguments, named = client.asked[0]
    assert (arguments, named) == (
        ("apps.connections.open",),
        {"http_verb": "POST", "headers": {"Authorization": f"Bearer {APP}"}},
    )


async def test_a_blocking_web_client_is_refused_for_good() -> None:
    class Blocking:
        def apps_connections_open(self, **_: Any) -> Any:
            return {"ok": True, "url": URL_OK}

    error = await failure(Blocking())
    assert isinstance(error, FatalConnectionError)
    assert error.code == "web_client"
    assert "AsyncWebClient" in str(error)
    assert not error.retryable


async def test_slack_sdks_blocking_client_is_refused_for_good() -> None:
    async with LocalSlack() as slack:
        client = SdkBlockingClient(slack.bot_token, base_url=slack.api_url)
        client.apps_connections_open = lambda **_: {"ok": True, "url": URL_OK}  # type: ignore[method-assign,assignment]
        assert isinstance(await failure(client), FatalConnectionError)


# Its failures.


@pytest.mark.parametrize("code", sorted(FATAL_API_ERRORS))
async def test_a_fatal_answer_is_fatal(code: str) -> None:
    for client in (
        Answers({"ok": False, "error": code}),
        Answers(SlackApiError("no", {"ok": False, "error": code})),
        Answers(SdkApiError(f"{APP} {TICKET}", {"ok": False, "error": code})),
        Bare({"ok": False, "error": code}),
    ):
        error = await failure(client)
        assert isinstance(error, InvalidTokenError)
        assert error.code == code
        assert code in str(error)


def http_error(status: int, kind: Any = aiohttp.ClientResponseError) -> aiohttp.ClientResponseError:
    url = URL(f"https://slack.com/?{TICKET}")
    headers = CIMultiDictProxy(CIMultiDict({"Authorization": f"Bearer {APP}", "Retry-After": "17"}))
    error: aiohttp.ClientResponseError = kind(
        aiohttp.RequestInfo(url, "POST", headers, url), (), status=status, message=APP, headers=headers
    )
    return error


class Response:
    def __init__(self, status: int, headers: Any, data: Any = None) -> None:
        self.status_code, self.headers, self.data = status, headers, data or {}

    def __getitem__(self, name: str) -> Any:
        return self.data[name]


@pytest.mark.parametrize("status", sorted(FATAL_HTTP_STATUSES))
async def test_a_fatal_status_is_fatal_unless_slack_said_more(status: int) -> None:
    for answer in (
        http_error(status),
        SdkApiError(APP, Response(status, {})),
        SlackRequestError("apps.connections.open: got HTML", status=status),
    ):
        error = await failure(Answers(answer))
        assert isinstance(error, InvalidTokenError)
        assert error.code == f"http_{status}"
        assert f"HTTP {status}" in str(error)
    with_code = await failure(Answers(SdkApiError(APP, Response(status, {}, {"error": "internal_error"}))))
    assert type(with_code) is DialError


@pytest.mark.parametrize("status", [408, 418, 425, 500, 502, 503])
async def test_any_other_status_is_one_failed_dial(status: int) -> None:
    for answer in (http_error(status), SdkApiError(APP, Response(status, {}))):
        error = await failure(Answers(answer))
        assert type(error) is DialError
        assert str(error) == f"apps.connections.open failed: HTTP {status}"
        assert error.retryable


async def test_a_proxy_that_wants_credentials_is_told_as_that() -> None:
    error = await failure(Answers(http_error(407, aiohttp.ClientHttpProxyError)))
    assert str(error) == ("apps.connections.open failed: the proxy wants credentials (HTTP 407): give them in its URL")


@pytest.mark.parametrize(
    ("headers", "after"),
    [
        ({"Retry-After": "17"}, 17.0),
        ({"retry-after": "2.5"}, 2.5),
        ({"RETRY-AFTER": ["3"]}, 3.0),
        ({"Retry-After": "soon"}, None),
        ({"Retry-After": []}, None),
        ({"Retry-After": None}, None),
        ({"X-Other": "1"}, None),
        ({7: "1"}, None),
        ({}, None),
        (None, None),
        ("Retry-After: 17", None),
    ],
    ids=str,
)
async def test_a_rate_limit_says_how_long(headers: Any, after: float | None) -> None:
    for data in ({"error": "ratelimited"}, {"error": "rate_limited"}, {}):
        error = await failure(Answers(SdkApiError(APP, Response(429, headers, data))))
        assert isinstance(error, RateLimitedError)
        assert error.retry_after == after


async def test_a_rate_limit_in_an_answer_and_in_an_http_error() -> None:
    for answer in ({"ok": False, "error": "ratelimited"}, http_error(429)):
        error = await failure(Answers(answer))
        assert isinstance(error, RateLimitedError)
    limited = SlackRequestError("apps.connections.open: got HTTP 429", status=429)
    assert isinstance(await failure(Answers(limited)), RateLimitedError)


@pytest.mark.parametrize(
    "answer",
    [
        {"ok": False, "error": "fatal_error"},
        {"ok": False, "error": "a_word_of_tomorrow"},
        SlackApiError("no", {"error": "internal_error"}),
    ],
    ids=str,
)
async def test_an_unknown_code_is_one_failed_dial_and_named(answer: Any) -> None:
    error = await failure(Answers(answer))
    code = answer.code if isinstance(answer, SlackApiError) else answer["error"]
    assert type(error) is DialError
    assert str(error) == f"apps.connections.open failed: {code}"


@pytest.mark.parametrize(
    "answer", [None, {}, {"ok": True}, {"ok": True, "url": None}, {"url": 7}, [], "wss://", 7, {"error": 7}], ids=str
)
async def test_an_answer_without_a_url_is_one_failed_dial(answer: Any) -> None:
    error = await failure(Answers(answer))
    assert type(error) is DialError
    assert str(error) == "apps.connections.open failed: no url in its answer"


@pytest.mark.parametrize(
    "raised",
    [
        ValueError(f"Bearer {APP}"),
        aiohttp.ClientConnectionError(APP),
        TimeoutError(APP),
        ZeroDivisionError(TICKET),
        KeyError(APP),
    ],
    ids=repr,
)
async def test_whatever_a_web_client_raises_is_one_failed_dial_by_its_type(raised: Exception) -> None:
    error = await failure(Answers(raised))
    assert type(error) is DialError
    assert str(error) == f"apps.connections.open failed: {type(raised).__name__}"


async def test_our_own_words_are_kept() -> None:
    lost = SlackRequestError("apps.connections.open: no connection (slack.com)")
    assert str(await failure(Answers(lost))) == "apps.connections.open: no connection (slack.com)"
    wrong = ConfigurationError("the token is an xoxb- token")
    assert str(await failure(Answers(wrong))) == "the token is an xoxb- token"


@pytest.mark.parametrize(
    "raised",
    [
        FatalConnectionError("no", code="custom"),
        InvalidTokenError("no", code="invalid_auth"),
        RateLimitedError("later", {}, retry_after=1),
        DialError("not now"),
    ],
    ids=repr,
)
async def test_what_says_its_verdict_already_passes_bare(raised: Exception) -> None:
    """Neither its traceback nor what it was raised from comes along: either may hold the token."""
    try:
        raise raised from ValueError(APP)
    except TautwireError:
        pass
    assert await failure(Answers(raised)) is raised


@pytest.mark.parametrize("raised", [asyncio.CancelledError(), KeyboardInterrupt()], ids=repr)
async def test_what_is_no_failure_is_not_caught(raised: BaseException) -> None:
    with pytest.raises(type(raised)):
        await open_connection(Answers(raised), Secret(APP))


# The source.


async def test_each_dial_asks_anew_and_is_told_no_secret() -> None:
    client = Answers({"url": URL_OK})
    endpoints = source(client)
    first, second = await endpoints(), await endpoints()
    assert (first, len(client.asked)) == (second, 2)
    assert first.url.reveal() == URL_OK
    assert first.proxy is None
    assert "hush" not in f"{first!r}{endpoints!r}{vars(endpoints)!r}"


async def test_a_new_token_and_a_new_client_serve_from_the_next_dial_on() -> None:
    old, new = Answers({"url": URL_OK}), Answers({"url": URL_OK})
    endpoints = source(old)
    await endpoints()
    endpoints.web_client, endpoints.app_token = new, Secret("xapp-hush-other")
    await endpoints()
    assert (old.asked, new.asked) == ([{"app_token": APP}], [{"app_token": "xapp-hush-other"}])


async def test_a_url_of_the_users_serves_exactly_one_dial() -> None:
    client = Answers({"url": URL_OK})
    endpoints = source(client)
    endpoints.wss_uri = Secret("ws://anywhere.example/")
    assert (await endpoints()).url.reveal() == "ws://anywhere.example/"
    assert client.asked == []
    assert (await endpoints()).url.reveal() == URL_OK


async def test_a_method_of_the_users_is_believed() -> None:
    async def issue() -> str:
        return "ws://anywhere.example/"

    client = Answers({"url": URL_OK})
    assert (await source(client, override=issue)()).url.reveal() == "ws://anywhere.example/"
    assert client.asked == []


@pytest.mark.parametrize(
    "url",
    [
        f"wss://evil.example/?ticket={TICKET}",
        f"ws://wss-primary.slack.com/?ticket={TICKET}",
        f"https://slack.com/?ticket={TICKET}",
        f"wss://slack.com.evil.example/?ticket={TICKET}",
        f"wss://[{TICKET}",
        "",
    ],
)
async def test_a_url_that_slack_would_not_give_is_not_dialled(url: str) -> None:
    with pytest.raises(UntrustedUrlError) as caught:
        await source(Answers({"url": url}))()
    told = "".join(traceback.format_exception(caught.value))
    assert [secret for secret in SECRETS if secret in told] == []
    assert chain(caught.value) == [caught.value]


async def test_another_host_is_dialled_where_the_web_client_points_at_it() -> None:
    url = "ws://127.0.0.1:9/link/?ticket=hush"
    assert (await source(Answers({"url": url}, "http://localhost:1/api/"))()).url.reveal() == url
    with pytest.raises(UntrustedUrlError):
        await source(Answers({"url": url}, "https://slack.com/api/"))()


def test_a_base_url_that_is_none_is_slacks() -> None:
    assert base_url_of(Answers({}, "https://slack-gov.com/api/")) == "https://slack-gov.com/api/"
    assert [base_url_of(Answers({}, given)) for given in (None, "", 7)] == ["https://slack.com/api/"] * 3


# The proxy.


async def proxy_of(endpoints: EndpointSource) -> str | None:
    proxy = (await endpoints()).proxy
    return None if proxy is None else proxy.reveal()


async def test_the_proxy_of_the_environment_and_its_exceptions(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTPS_PROXY", "http://env:1")
    endpoints = source(Answers({"url": URL_OK}))
    assert endpoints.proxy == "http://env:1"
    assert await proxy_of(endpoints) == "http://env:1"
    monkeypatch.setenv("NO_PROXY", "slack.com:443")
    assert await proxy_of(endpoints) is None
    monkeypatch.delenv("NO_PROXY")
    endpoints.proxy = None
    assert await proxy_of(endpoints) is None, "set to None it is off, whatever the environment says"


@pytest.mark.parametrize("given", ["http://given:1", " http://given:1 "])
async def test_a_given_proxy_beats_the_environment(given: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTPS_PROXY", "http://env:1")
    monkeypatch.setenv("NO_PROXY", "*")
    endpoints = source(Answers({"url": URL_OK}), given)
    assert (endpoints.proxy, await proxy_of(endpoints)) == ("http://given:1", "http://given:1")
    assert "given" not in repr(await endpoints())


@pytest.mark.parametrize("given", [None, "", "  "])
async def test_a_blank_proxy_counts_as_none(given: str | None, monkeypatch: pytest.MonkeyPatch) -> None:
    assert await proxy_of(source(Answers({"url": URL_OK}), given)) is None
    monkeypatch.setenv("https_proxy", "http://env:1")
    assert await proxy_of(source(Answers({"url": URL_OK}), given)) == "http://env:1"


async def test_a_proxy_that_is_set_later_serves_from_the_next_dial_on(monkeypatch: pytest.MonkeyPatch) -> None:
    endpoints = source(Answers({"url": URL_OK}))
    assert await proxy_of(endpoints) is None
    endpoints.proxy = "http://later:1"
    assert await proxy_of(endpoints) == "http://later:1"
    endpoints.proxy = None
    assert await proxy_of(endpoints) is None


async def test_a_url_that_cannot_be_read_gets_the_proxy_of_no_host(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTPS_PROXY", "http://env:1")
    monkeypatch.setenv("NO_PROXY", "slack.com")
    endpoints = source(Answers({}))
    endpoints.wss_uri = Secret("wss://[broken")
    assert await proxy_of(endpoints) == "http://env:1"


# Against the local Slack, by its own client and by slack_sdk's.


@pytest.fixture
async def slack() -> AsyncIterator[LocalSlack]:
    async with LocalSlack() as slack:
        yield slack


def clients(slack: LocalSlack) -> list[Any]:
    sdk = SdkWebClient(slack.bot_token, base_url=slack.api_url, retry_handlers=[])
    return [AsyncWebClient(slack.bot_token, slack.api_url), sdk]


@pytest.mark.parametrize("which", [0, 1], ids=["tautwire", "slack_sdk"])
@pytest.mark.parametrize(
    ("fault", "kind"),
    [
        (None, None),
        (Fault(where="api", kind="error", error="invalid_auth"), InvalidTokenError),
        (Fault(where="api", kind="error", error="internal_error"), DialError),
        (Fault(where="api", kind="ratelimited", retry_after=7), RateLimitedError),
        (Fault(where="api", kind="status", status=403), InvalidTokenError),
        (Fault(where="api", kind="status", status=503), DialError),
        (Fault(where="api", kind="html", status=200), DialError),
        (Fault(where="api", kind="not_json"), DialError),
        (Fault(where="api", kind="reset"), DialError),
    ],
    ids=lambda value: getattr(value, "kind", None) or "-",
)
async def test_both_web_clients_fail_alike(
    which: int, fault: Fault | None, kind: type[TautwireError] | None, slack: LocalSlack
) -> None:
    client = clients(slack)[which]
    if fault is not None:
        slack.faults.add(fault)
    try:
        if kind is None:
            url = await open_connection(client, Secret(slack.app_token))
            assert url.startswith(f"ws://127.0.0.1:{slack.port}/link/?ticket=")
            return
        with pytest.raises(kind) as caught:
            await open_connection(client, Secret(slack.app_token))
        assert type(caught.value) is kind
        assert chain(caught.value) == [caught.value]
        if isinstance(caught.value, RateLimitedError):
            assert caught.value.retry_after == 7
        assert slack.opens == 1
    finally:
        if which == 0:
            await client.close()


async def test_a_redirect_of_the_api_is_not_followed() -> None:
    seen: list[str] = []

    async def target(request: web.Request) -> web.Response:
        seen.append(request.path)
        return web.json_response({"ok": True, "url": URL_OK})

    async def redirect(request: web.Request) -> web.Response:
        raise web.HTTPTemporaryRedirect(f"http://127.0.0.1:{ports[1]}/api/apps.connections.open")

    ports: list[int] = []
    runners: list[web.AppRunner] = []
    for handler in (redirect, target):
        app = web.Application()
        app.router.add_route("*", "/api/{method}", handler)
        runners.append(web.AppRunner(app, access_log=None))
        await runners[-1].setup()
        await web.TCPSite(runners[-1], "127.0.0.1", 0).start()
        ports.append(runners[-1].addresses[0][1])
    async with AsyncWebClient("xoxb-hush", f"http://127.0.0.1:{ports[0]}/api/") as client:
        error = await failure(client)
    for runner in runners:
        await runner.cleanup()
    assert "redirect" in str(error)
    assert error.retryable
    assert seen == []
