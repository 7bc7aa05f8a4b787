"""Who may come in, in words; and then by force: bytes on a socket, as a browser sends them for a page of the web."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import aiohttp
import pytest
from aiohttp import web

from tautwire.errors import ConfigurationError
from tautwire.local.doors import HEADERS, check, is_loopback, is_own_name, is_welcome_origin, protect, reachable

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from tautwire.local import LocalSlack

TOKEN = "a-token-that-is-long-enough"


@pytest.mark.parametrize("host", ["127.0.0.1", "127.0.0.1:8080", "127.8.8.8", "localhost", "LOCALHOST:1", "[::1]:9"])
def test_names_of_this_machine(host: str) -> None:
    assert is_own_name(host)
    assert is_own_name(host, "0.0.0.0")


@pytest.mark.parametrize(
    "host",
    [
        "",
        "slack.com",
        "evil.example:80",
        "127.0.0.1.evil.example",
        "localhost.evil.example",
        "[",
        "user@evil",
        "0.0.0.0",
        "192.168.1.5",
        "devbox",
        "slack.local",
    ],
)
def test_other_names(host: str) -> None:
    assert not is_own_name(host)


@pytest.mark.parametrize(
    "host", ["192.168.1.5:4390", "[fe80::1]", "0.0.0.0:1", "devbox", "SLACK:4390", "slack.default.svc.cluster.local"]
)
def test_names_that_no_page_of_the_web_has(host: str) -> None:
    assert is_own_name(host, "0.0.0.0")


@pytest.mark.parametrize("host", ["evil.example", "10.0.0.1.evil.example", "com.", "", "["])
def test_names_that_a_page_could_have_bound_to_this_machine(host: str) -> None:
    assert not is_own_name(host, "0.0.0.0")


def test_a_name_of_the_public_dns_is_its_own_when_it_listens_there() -> None:
    assert is_own_name("Slack.Example.com:4390", "slack.example.COM")
    assert not is_own_name("other.example.com", "slack.example.com")


@pytest.mark.parametrize("origin", [None, "http://127.0.0.1:80", "http://localhost:80", "https://[::1]:80"])
def test_welcome_origins(origin: str | None) -> None:
    assert is_welcome_origin(origin, 80)


@pytest.mark.parametrize(
    "origin",
    [
        "null",
        "",
        "http://evil.example",
        "http://127.0.0.1:81",
        "https://slack.com",
        "https://api.slack.com",
        "http://[",
        "http://localhost:x",
        "file://",
        "chrome-extension://127.0.0.1:80",
    ],
)
def test_foreign_origins(origin: str) -> None:
    assert not is_welcome_origin(origin, 80)
    assert not is_welcome_origin(origin, 80, "127.0.0.1:80")


@pytest.mark.parametrize(("origin", "own"), [("http://localhost", 80), ("https://127.0.0.1", 443)])
def test_an_origin_without_a_port_has_its_schemes(origin: str, own: int) -> None:
    assert is_welcome_origin(origin, own)
    assert not is_welcome_origin(origin, 8080)
    assert not is_welcome_origin(origin, None)


def test_elsewhere_the_own_origin_is_what_host_says() -> None:
    assert is_welcome_origin("http://devbox:4390", 4390, "devbox:4390")
    assert is_welcome_origin("https://devbox", 4390, "devbox")
    assert not is_welcome_origin("http://other:4390", 4390, "devbox:4390")
    assert not is_welcome_origin("http://devbox:3000", 4390, "devbox:4390")


def test_an_exposed_place_takes_a_token() -> None:
    check("127.0.0.1", "")
    check("::1", "")
    check("localhost", TOKEN)
    check("0.0.0.0", TOKEN)
    for host in ("0.0.0.0", "::", "192.168.1.5", "devbox"):
        with pytest.raises(ConfigurationError, match="takes a control token"):
            check(host, "")
    with pytest.raises(ConfigurationError, match="every network"):
        check("", TOKEN)


@pytest.mark.parametrize(
    "token",
    ["short", "fifteen-letters", "with a space in the middle", "tab\tin-the-middle-of-it", "\xfcmlaut-in-the-middle"],
)
def test_a_weak_token_is_none(token: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        check("127.0.0.1", token)
    assert token not in str(caught.value)


def test_the_name_for_urls() -> None:
    assert [reachable(host) for host in ("127.0.0.1", "0.0.0.0", "::", "::1", "devbox", "10.0.0.1")] == [
        "127.0.0.1",
        "127.0.0.1",
        "127.0.0.1",
        "[::1]",
        "devbox",
        "10.0.0.1",
    ]
    assert is_loopback("[::1]")


# By force


async def ask(slack: LocalSlack | int, first: str, *headers: str, body: str = "", host: str = "127.0.0.1") -> str:
    """Send bytes, and return all that comes back."""
    port = slack if isinstance(slack, int) else slack.port
    head = [f"{first} HTTP/1.1", f"Host: {host}:{port}", f"Content-Length: {len(body)}", "Connection: close", *headers]
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        writer.write("\r\n".join([*head, "", body]).encode())
        return (await reader.read()).decode()
    finally:
        writer.close()
        await writer.wait_closed()


def status(answer: str) -> int:
    return int(answer.split(" ", 2)[1])


def bearer(slack: LocalSlack) -> str:
    return f"Authorization: Bearer {slack.bot_token}"


def said(slack: LocalSlack) -> list[str]:
    return [str(message["text"]) for message in slack.messages]


FORM = "Content-Type: application/x-www-form-urlencoded"
POST = "channel=C0GENERAL&text=evil"


async def test_dns_rebinding_reaches_nothing(slack: LocalSlack) -> None:
    ours = await ask(slack, "POST /api/chat.postMessage", bearer(slack), FORM, body=POST)
    assert status(ours) == 200
    for path in ("/api/auth.test", "/control/v1/state", "/link/?ticket=x", "/", "/commands/T1/2/3"):
        for verb in ("GET", "POST", "OPTIONS"):
            answer = await ask(slack, f"{verb} {path}", bearer(slack), host="rebound.evil.example")
            assert status(answer) == 403, (verb, path)
    assert said(slack) == ["evil"]
    assert len(slack.api_calls) == 1


async def test_an_absolute_url_does_not_stand_in_for_the_host(slack: LocalSlack) -> None:
    answer = await ask(slack, f"GET http://127.0.0.1:{slack.port}/api/auth.test", host="evil.example")
    assert status(answer) == 403


@pytest.mark.parametrize("origin", ["http://evil.example", "null", "http://localhost:3000", "https://api.slack.com"])
@pytest.mark.parametrize("kind", ["application/x-www-form-urlencoded", "text/plain", "multipart/form-data; boundary=x"])
async def test_a_form_of_another_site_is_not_taken(slack: LocalSlack, origin: str, kind: str) -> None:
    url = slack.workspace.grants.response_url("commands", slack.workspace.me.app_id, "U0ANN", "C0GENERAL", 0.0)
    for path in ("/api/chat.postMessage", "/control/v1/say", url):
        answer = await ask(
            slack, f"POST {path}", bearer(slack), f"Origin: {origin}", f"Content-Type: {kind}", body=POST
        )
        assert status(answer) == 403, path
    assert said(slack) == []


async def test_an_image_of_another_site_calls_no_method(slack: LocalSlack) -> None:
    """No Origin comes with it."""
    call = f"GET /api/oauth.v2.access?code=x&{POST}"
    image = ["Sec-Fetch-Mode: no-cors", "Sec-Fetch-Dest: image"]
    link = ["Sec-Fetch-Mode: navigate", "Sec-Fetch-Dest: document"]
    frame = ["Sec-Fetch-Mode: navigate", "Sec-Fetch-Dest: iframe"]
    for site in ("cross-site", "same-site"):
        for how in (image, link, frame):
            assert status(await ask(slack, call, f"Sec-Fetch-Site: {site}", *how)) == 403
    assert slack.api_calls == []
    assert status(await ask(slack, call, "Sec-Fetch-Site: same-origin", *image)) == 200
    assert status(await ask(slack, call, "Sec-Fetch-Site: none", *link)) == 200
    assert len(slack.api_calls) == 2


async def test_a_link_of_another_site_leads_to_what_only_shows(slack: LocalSlack) -> None:
    link = ["Sec-Fetch-Site: cross-site", "Sec-Fetch-Mode: navigate", "Sec-Fetch-Dest: document"]
    assert status(await ask(slack, "GET /nothing-here", *link)) == 404
    assert status(await ask(slack, "POST /nothing-here", *link)) == 403
    for path in ("/%61pi/auth.test", "/control/v1/state"):
        assert status(await ask(slack, f"GET {path}", *link)) == 403


async def test_a_foreign_page_may_not_upgrade(slack: LocalSlack, dial: Any) -> None:
    for origin in ("http://evil.example", "null", "http://localhost:3000"):
        with pytest.raises(aiohttp.WSServerHandshakeError) as caught:
            async with dial(slack, origin=origin):
                pass
        assert caught.value.status == 403
    assert slack.dials == []
    async with dial(slack, origin="https://api.slack.com"):
        pass


@pytest.mark.parametrize("path", ["/api/auth.test", "/api/chat.postMessage", "/control/v1/say", "/nothing", "/link/"])
@pytest.mark.parametrize("verb", ["OPTIONS", "GET", "POST", "PUT"])
async def test_every_answer_says_that_it_is_nothing_to_embed(slack: LocalSlack, path: str, verb: str) -> None:
    own = f"Origin: {slack.base_url}"
    wish = ["Access-Control-Request-Method: POST", "Access-Control-Request-Headers: content-type"]
    for origin in (own, "Origin: http://evil.example"):
        answer = await ask(slack, f"{verb} {path}", origin, *wish)
        head = answer.partition("\r\n\r\n")[0].lower()
        assert "access-control-" not in head
        for name, value in HEADERS.items():
            assert f"{name}: {value}".lower() in head, (path, verb, name)
        assert "script" not in HEADERS["Content-Security-Policy"]


async def test_a_request_that_is_none_gets_nothing_to_run(slack: LocalSlack) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", slack.port)
    writer.write(b"<script>alert(1)</script>\r\n\r\n")
    answer = (await reader.read()).decode()
    writer.close()
    await writer.wait_closed()
    assert status(answer) == 400
    assert "text/plain" in answer


async def test_it_listens_on_loopback_only(slack: LocalSlack) -> None:
    assert slack._runner is not None
    assert [address[0] for address in slack._runner.addresses] == ["127.0.0.1"]


# Where others may come in


@pytest.fixture
async def exposed() -> AsyncIterator[int]:
    """A server that believes to listen everywhere; its port. For the test's sake it is on loopback."""

    async def answer(_request: web.Request) -> web.Response:
        return web.Response(text="in", headers={"X-Frame-Options": "SAMEORIGIN"})

    app = web.Application()
    protect(app, host="0.0.0.0")
    app.router.add_route("*", "/{rest:.*}", answer)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    yield runner.addresses[0][1]
    await runner.cleanup()


async def test_exposed_it_has_many_names_and_none_that_can_be_rebound(exposed: int) -> None:
    for host in ("192.168.1.5", "devbox", "127.0.0.1"):
        assert status(await ask(exposed, "POST /", f"Origin: http://{host}:{exposed}", host=host)) == 200
        assert status(await ask(exposed, "POST /", "Origin: http://evil.example", host=host)) == 403
    refused = await ask(exposed, "GET /", host="rebound.evil.example")
    assert status(refused) == 403
    assert "private names" in refused


async def test_an_answer_may_have_headers_of_its_own(exposed: int) -> None:
    answer = await ask(exposed, "GET /")
    assert "X-Frame-Options: SAMEORIGIN" in answer
    assert "DENY" not in answer
