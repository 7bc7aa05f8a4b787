"""Through real CONNECT proxies, from the environment and by hand, with TLS to the server behind them."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import subprocess
import sys
import traceback
from typing import TYPE_CHECKING, Any

import pytest

from tautwire.engine.dial import AiohttpDialer
from tautwire.engine.transport import Endpoint, Text
from tautwire.errors import DialError, HandshakeRefusedError
from tautwire.facts import DialFailed
from tautwire.local.app import LocalSlack
from tautwire.secret import Secret
from tautwire.socket_mode.aiohttp import SocketModeClient
from tautwire.web.async_client import AsyncWebClient

if TYPE_CHECKING:
    import ssl
    from collections.abc import AsyncIterator, Iterator
    from pathlib import Path

    from tautwire.facts import Fact

USER, PASSWORD = "hush-user", "hush-password"

_PROXY = """
import sys
from proxy import Proxy
with Proxy(sys.argv[1:]) as proxy:
    print(proxy.flags.port, flush=True)
    sys.stdin.read()
"""


@contextlib.contextmanager
def proxying(home: Path, *options: str) -> Iterator[int]:
    """A proxy in a process of its own; its port."""
    given = ("--hostname", "127.0.0.1", "--port", "0", "--num-acceptors", "1", "--num-workers", "1", "--data-dir")
    process = subprocess.Popen(
        [sys.executable, "-c", _PROXY, *given, str(home), "--log-level", "ERROR", *options],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    with process:
        assert process.stdout is not None
        yield int(process.stdout.readline())
        process.communicate(timeout=30)


@pytest.fixture(scope="module")
def open_proxy(tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    with proxying(tmp_path_factory.mktemp("proxy")) as port:
        yield port


@pytest.fixture(scope="module")
def guarded_proxy(tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    with proxying(tmp_path_factory.mktemp("proxy"), "--basic-auth", f"{USER}:{PASSWORD}") as port:
        yield port


@pytest.fixture
async def slack(server_tls: ssl.SSLContext) -> AsyncIterator[LocalSlack]:
    async with LocalSlack(ssl_context=server_tls) as slack:
        yield slack


def client_of(slack: LocalSlack, trusting: ssl.SSLContext, facts: list[Fact], proxy: str | None) -> SocketModeClient:
    web = AsyncWebClient(slack.bot_token, slack.api_url, ssl=trusting, proxy=proxy)
    return SocketModeClient(slack.app_token, web_client=web, proxy=proxy, observers=[facts.append])


async def is_served(slack: LocalSlack, trusting: ssl.SSLContext, proxy: str | None = None) -> None:
    """Connect, hear hello, be given an envelope, ack it."""
    facts: list[Fact] = []
    client = client_of(slack, trusting, facts, proxy)

    async def listener(client: Any, request: Any) -> None:
        await client.send_socket_mode_response({"envelope_id": request.envelope_id})

    client.socket_mode_request_listeners.append(listener)
    try:
        async with client:
            await client.wait_until_ready(timeout=10)
            delivery = slack.send_event("app_mention", text="hello")
            await slack.settled(timeout=10)
            assert delivery.attempts[0].acked_at is not None
    finally:
        await client.web_client.close()
    assert [fact for fact in facts if isinstance(fact, DialFailed)] == []


async def first_trouble(
    slack: LocalSlack, trusting: ssl.SSLContext, proxy: str | None = None, wss_uri: str | None = None
) -> Exception:
    """What the first dial of a client comes to."""

    failed = asyncio.Event()
    facts: list[Fact] = []
    client = client_of(slack, trusting, facts, proxy)
    client.wss_uri = wss_uri
    client.observers.append(lambda fact: failed.set() if isinstance(fact, DialFailed) else None)
    connecting = asyncio.create_task(client.connect())
    async with asyncio.timeout(10):
        await failed.wait()
    await client.close()
    await asyncio.wait({connecting})
    connecting.exception()
    await client.web_client.close()
    assert slack.accepted == 0
    return next(fact.error for fact in facts if isinstance(fact, DialFailed))


def assert_silent(text: str) -> None:
    assert [secret for secret in (USER, PASSWORD, "aHVzaC", "ticket=") if secret in text] == []


async def test_a_plain_proxy(open_proxy: int, slack: LocalSlack, trusting: ssl.SSLContext) -> None:
    await is_served(slack, trusting, f"http://127.0.0.1:{open_proxy}")


async def test_a_proxy_that_wants_credentials(
    guarded_proxy: int, slack: LocalSlack, trusting: ssl.SSLContext, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    await is_served(slack, trusting, f"http://{USER}:{PASSWORD}@127.0.0.1:{guarded_proxy}")
    assert_silent(caplog.text)


@pytest.mark.parametrize("credentials", ["", f"{USER}:{PASSWORD}-wrong@"])
async def test_wrong_credentials_are_told_in_a_sentence_without_them(
    credentials: str,
    guarded_proxy: int,
    slack: LocalSlack,
    trusting: ssl.SSLContext,
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.DEBUG)
    proxy = f"http://{credentials}127.0.0.1:{guarded_proxy}"
    endpoint = Endpoint(Secret(slack.websocket_url()), Secret(proxy))
    with pytest.raises(HandshakeRefusedError) as caught:
        await AiohttpDialer(lambda: trusting)(endpoint)
    error = caught.value
    assert str(error) == "the proxy wants credentials (HTTP 407): give them in its URL"
    assert error.status == 407
    assert (error.__cause__, error.__context__) == (None, None)
    assert_silent(f"{error!r}{vars(error)}{''.join(traceback.format_exception(error))}{endpoint!r}{caplog.text}")


async def test_wrong_credentials_show_in_the_api_call_too(
    guarded_proxy: int, slack: LocalSlack, trusting: ssl.SSLContext, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    error = await first_trouble(slack, trusting, f"http://{USER}:wrong@127.0.0.1:{guarded_proxy}")
    assert isinstance(error, DialError)
    assert str(error) == (
        f"apps.connections.open: the proxy refused the connection with HTTP 407 (127.0.0.1:{slack.port})"
    )
    assert slack.opens == 0
    assert_silent(f"{error!r}{''.join(traceback.format_exception(error))}{caplog.text}")


async def test_a_dead_proxy_is_told_apart_from_a_dead_server(
    unused_tcp_port: int, open_proxy: int, slack: LocalSlack, trusting: ssl.SSLContext
) -> None:
    dead = f"http://{USER}:{PASSWORD}@127.0.0.1:{unused_tcp_port}"
    with pytest.raises(DialError, match=r"^the proxy cannot be reached: ") as caught:
        await AiohttpDialer(lambda: trusting)(Endpoint(Secret(slack.websocket_url()), Secret(dead)))
    assert_silent("".join(traceback.format_exception(caught.value)))

    nowhere = Endpoint(Secret(f"wss://127.0.0.1:{unused_tcp_port}/"), Secret(f"http://127.0.0.1:{open_proxy}"))
    with pytest.raises(DialError, match=r"127\.0\.0\.1") as caught:
        await AiohttpDialer(lambda: trusting)(nowhere)
    assert "proxy cannot be reached" not in str(caught.value)


@pytest.mark.parametrize("proxy", ["127.0.0.1:1", "socks5://hush-user:hush-password@127.0.0.1:1", "http://", "[hush"])
async def test_a_proxy_url_that_is_none(proxy: str, slack: LocalSlack, trusting: ssl.SSLContext) -> None:
    with pytest.raises(DialError, match="the proxy must be given as http://host:port") as caught:
        await AiohttpDialer(lambda: trusting)(Endpoint(Secret(slack.websocket_url()), Secret(proxy)))
    assert (caught.value.__cause__, caught.value.__context__) == (None, None)
    assert_silent("".join(traceback.format_exception(caught.value)))
    assert slack.dials == []


async def test_the_proxy_of_the_environment(
    open_proxy: int, slack: LocalSlack, trusting: ssl.SSLContext, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTPS_PROXY", f"http://127.0.0.1:{open_proxy}")
    await is_served(slack, trusting)


async def test_the_environment_counts(
    unused_tcp_port: int, slack: LocalSlack, trusting: ssl.SSLContext, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTPS_PROXY", f"http://127.0.0.1:{unused_tcp_port}")
    error = await first_trouble(slack, trusting, wss_uri=slack.websocket_url())
    assert str(error).startswith("the proxy cannot be reached: ")


@pytest.mark.parametrize("listed", ["127.0.0.1", "*", "slack.com, 127.0.0.0/8", "127.0.0.1:{port}"])
async def test_no_proxy_goes_direct(
    listed: str, unused_tcp_port: int, slack: LocalSlack, trusting: ssl.SSLContext, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTPS_PROXY", f"http://127.0.0.1:{unused_tcp_port}")
    monkeypatch.setenv("NO_PROXY", listed.format(port=slack.port))
    await is_served(slack, trusting)


async def test_a_given_proxy_beats_the_environment_and_its_exceptions(
    open_proxy: int,
    unused_tcp_port: int,
    slack: LocalSlack,
    trusting: ssl.SSLContext,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    dead = f"http://127.0.0.1:{unused_tcp_port}"
    monkeypatch.setenv("HTTPS_PROXY", dead)
    await is_served(slack, trusting, f"http://127.0.0.1:{open_proxy}")
    monkeypatch.setenv("HTTPS_PROXY", f"http://127.0.0.1:{open_proxy}")
    monkeypatch.setenv("NO_PROXY", "*")
    async with LocalSlack(ssl_context=slack._ssl_context) as other:
        error = await first_trouble(other, trusting, dead, other.websocket_url())
    assert str(error).startswith("the proxy cannot be reached: ")


@pytest.mark.parametrize("blank", ["", "  ", "\t"])
async def test_a_blank_proxy_counts_as_none(
    blank: str,
    unused_tcp_port: int,
    slack: LocalSlack,
    trusting: ssl.SSLContext,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    await is_served(slack, trusting, blank)
    monkeypatch.setenv("HTTPS_PROXY", f"http://127.0.0.1:{unused_tcp_port}")
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    await is_served(slack, trusting, blank)


async def test_a_proxy_changes_nothing_about_certificates(open_proxy: int, slack: LocalSlack) -> None:
    endpoint = Endpoint(Secret(slack.websocket_url()), Secret(f"http://127.0.0.1:{open_proxy}"))
    with pytest.raises(DialError, match=r"the certificate of 127\.0\.0\.1 was not accepted"):
        await AiohttpDialer()(endpoint)
    assert slack.dials == []


@pytest.mark.parametrize("is_late", [False, True])
async def test_a_dial_through_a_proxy_can_be_cancelled_at_every_await(
    is_late: bool, open_proxy: int, slack: LocalSlack, trusting: ssl.SSLContext, cancelled_at: Any
) -> None:

    dialer = AiohttpDialer(lambda: trusting)
    for step in range(1, 200):
        endpoint = Endpoint(Secret(slack.websocket_url()), Secret(f"http://127.0.0.1:{open_proxy}"))
        driven = cancelled_at(dialer(endpoint), step, is_late=is_late)
        task = asyncio.create_task(driven.run())
        await asyncio.wait({task})
        if not task.cancelled():
            connection = task.result()
            assert isinstance(await connection.receive(), Text)
            await connection.release()
        await slack.wait_for(lambda slack: not slack.connections)
        if driven.suspensions < step:
            break
    assert step > 4
    assert not task.cancelled()
