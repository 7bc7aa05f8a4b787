from __future__ import annotations

import asyncio
import base64
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine
from contextlib import asynccontextmanager
from typing import Any

import aiohttp
import pytest
from aiohttp import web

from tautwire.errors import ConfigurationError, SlackRequestError
from tautwire.web import transport
from tautwire.web.async_client import AsyncWebClient
from tautwire.web.retry import FailureKind
from tautwire.web.transport import Proxy, SessionPool

Handler = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


@asynccontextmanager
async def raw_server(handler: Handler) -> AsyncIterator[int]:
    """A TCP server that speaks whatever `handler` says."""
    done: list[asyncio.Task[Any]] = []

    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        done.append(task)
        try:
            await handler(reader, writer)
        finally:
            writer.close()

    server = await asyncio.start_server(handle, "127.0.0.1", 0)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        server.close()
        await asyncio.gather(*done, return_exceptions=True)


async def read_head(reader: asyncio.StreamReader) -> bytes:
    return await reader.readuntil(b"\r\n\r\n")


async def test_a_refused_connection_is_tried_twice_more_for_any_method(unused_tcp_port: int, clock: Any) -> None:
    url = f"http://127.0.0.1:{unused_tcp_port}/api/"
    async with AsyncWebClient("xoxb-1", url, clock=clock, random=lambda: 0.5) as client:
        with pytest.raises(
            SlackRequestError, match=rf"^chat.postMessage: no connection .127.0.0.1:{unused_tcp_port}.$"
        ) as caught:
            await client.chat_postMessage(channel="C1", text="hi")
    assert clock.sleeps == [0.25, 0.5]
    assert (caught.value.status, caught.value.__context__, caught.value.__cause__) == (None, None, None)


async def test_a_host_name_that_is_none(clock: Any) -> None:
    class Nowhere(aiohttp.abc.AbstractResolver):
        async def resolve(self, *args: Any, **kwargs: Any) -> Any:
            raise OSError(None, "no such name")

        async def close(self) -> None:
            pass

    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(resolver=Nowhere())) as session:
        client = AsyncWebClient("xoxb-1", "http://slack.invalid/", session=session, clock=clock)
        with pytest.raises(SlackRequestError, match="could not be resolved"):
            await client.chat_postMessage(channel="C1", text="hi")
    assert len(clock.sleeps) == 2


@pytest.mark.parametrize("answer", [b"", b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n{"])
@pytest.mark.parametrize(("method", "attempts"), [("users.info", 3), ("chat.postMessage", 1)])
async def test_a_connection_lost_after_sending_is_tried_again_for_reading_only(
    answer: bytes, method: str, attempts: int, clock: Any
) -> None:
    connections = 0

    async def hang_up(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal connections
        connections += 1
        await read_head(reader)
        writer.write(answer)
        await writer.drain()

    async with (
        raw_server(hang_up) as port,
        AsyncWebClient("xoxb-1", f"http://127.0.0.1:{port}/", clock=clock) as client,
    ):
        with pytest.raises(SlackRequestError, match="connection was lost"):
            await client.api_call(method)
    assert connections == attempts


async def test_no_answer_in_time(slack: Any, clock: Any) -> None:
    forever = asyncio.Event()

    async def never(request: web.Request) -> web.Response:
        await forever.wait()
        return web.json_response({"ok": True})

    slack.reply("chat.postMessage", never)
    async with AsyncWebClient("xoxb-1", slack.url, timeout=0.05, clock=clock) as client:
        with pytest.raises(SlackRequestError, match="no answer in time") as caught:
            await client.chat_postMessage(channel="C1", text="hi")
    forever.set()
    assert caught.value.__context__ is None
    assert (len(slack.seen), clock.sleeps) == (1, [])


async def test_no_timeout_at_all(slack: Any) -> None:
    async with AsyncWebClient("xoxb-1", slack.url, timeout=None) as client:
        assert (await client.auth_test())["ok"]


async def test_an_answer_without_end_is_cut_off(
    client: AsyncWebClient, slack: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(transport, "MAX_JSON_BYTES", 1000)
    slack.reply("users.list", web.Response(body=b" " * 1001), web.Response(body=b'{"ok":true}' + b" " * 989))
    with pytest.raises(SlackRequestError, match="larger than any of Slack's") as caught:
        await client.users_list()
    assert caught.value.status == 200
    assert (await client.users_list())["ok"]


async def test_a_compressed_bomb_is_cut_off(
    client: AsyncWebClient, slack: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(transport, "MAX_JSON_BYTES", 100_000)
    bomb = web.Response(body=b" " * 5_000_000)
    bomb.enable_compression(web.ContentCoding.gzip)
    slack.reply("users.list", bomb)
    with pytest.raises(SlackRequestError, match="larger"):
        await client.users_list()


async def test_only_a_file_may_be_larger_than_json(
    client: AsyncWebClient, slack: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert 3 * transport.MAX_JSON_BYTES < transport.MAX_DOWNLOAD_BYTES == 64 * 2**20
    monkeypatch.setattr(transport, "MAX_JSON_BYTES", 1000)
    monkeypatch.setattr(transport, "MAX_DOWNLOAD_BYTES", 2000)

    def answer(size: int, content_type: str = "application/gzip", status: int = 200) -> web.Response:
        return web.Response(body=b" " * size, content_type=content_type, status=status)

    slack.reply("admin.analytics.getFile", answer(2000))
    assert (await client.admin_analytics_getFile(type="member")).data == b" " * 2000
    for each in (answer(2001), answer(1001, "application/json"), answer(1001, "text/plain"), answer(1001, status=403)):
        slack.reply("admin.analytics.getFile", each)
        with pytest.raises(SlackRequestError, match="larger than any of Slack's"):
            await client.admin_analytics_getFile(type="member")


async def test_a_host_in_an_error_is_cut(unused_tcp_port: int, clock: Any) -> None:
    host = "a" * 200 + ".invalid"
    async with AsyncWebClient("xoxb-1", f"http://{host}/", proxy=f"http://127.0.0.1:{unused_tcp_port}",
                              clock=clock) as client:  # fmt: skip
        with pytest.raises(SlackRequestError) as caught:
            await client.auth_test()
    assert "(" + "a" * 80 + "…)" in str(caught.value)


async def test_what_is_no_http(clock: Any) -> None:
    async def babble(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await read_head(reader)
        writer.write(b"secret babble\r\n\r\n")
        await writer.drain()

    async with raw_server(babble) as port, AsyncWebClient("xoxb-1", f"http://127.0.0.1:{port}/", clock=clock) as client:
        with pytest.raises(SlackRequestError) as caught:
            await client.chat_postMessage(channel="C1")
    assert "babble" not in str(caught.value)


async def test_plain_text_where_tls_is_expected(slack: Any, clock: Any) -> None:
    async with AsyncWebClient("xoxb-1", slack.url.replace("http:", "https:"), clock=clock) as client:
        with pytest.raises(SlackRequestError, match="TLS could not be established"):
            await client.auth_test()


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        (aiohttp.ConnectionTimeoutError("x"), FailureKind.NOT_SENT),
        (TimeoutError(), FailureKind.UNANSWERED),
        (ConnectionResetError(), FailureKind.UNANSWERED),
        (aiohttp.ClientError("x"), FailureKind.UNANSWERED),
        (aiohttp.InvalidURL("x"), FailureKind.PERMANENT),
        (ValueError("Newline in header: xoxb-hush"), FailureKind.PERMANENT),
    ],
)
def test_every_error_has_a_kind_and_a_sentence_of_ours(error: Exception, kind: FailureKind) -> None:
    trouble = transport._explain(error, through_proxy=False)
    assert trouble.failure.kind is kind
    assert "hush" not in trouble.sentence


async def test_a_session_closed_under_a_call(slack: Any) -> None:
    """aiohttp's RuntimeError for it becomes ours; any other is a defect and stays one."""

    class Session:
        closed = True

        def request(self, *args: Any, **kwargs: Any) -> Any:
            raise RuntimeError("Session is closed")

    request = transport.HttpRequest("GET", transport_secret(slack.url), {}, {}, content=b"")
    session: Any = Session()
    trouble = await transport.send(session, request, timeout=1, ssl=None, proxy=None)
    assert isinstance(trouble, transport.HttpTrouble)
    assert trouble.failure.kind is FailureKind.PERMANENT
    session.closed = False
    with pytest.raises(RuntimeError):
        await transport.send(session, request, timeout=1, ssl=None, proxy=None)


def transport_secret(url: str) -> Any:
    from tautwire.secret import Secret

    return Secret(url)


def test_a_pool_shows_counts_only() -> None:
    assert repr(SessionPool()) == "<SessionPool own=0 given=False>"


@asynccontextmanager
async def a_call_that_hangs(slack: Any) -> AsyncIterator[Callable[[], Coroutine[Any, Any, Any]]]:
    """A function that makes a call; Slack never answers it."""
    forever = asyncio.Event()

    async def never(request: web.Request) -> web.Response:
        await forever.wait()
        return web.json_response({"ok": True})

    async with AsyncWebClient("xoxb-1", slack.url, timeout=None) as client:
        slack.reply("auth.test", never, never)
        try:
            yield client.auth_test
        finally:
            forever.set()


async def test_a_cancelled_call_is_cancelled_with_its_message(slack: Any) -> None:
    async with a_call_that_hangs(slack) as call:
        task = asyncio.ensure_future(call())
        await slack.arrived.wait()
        task.cancel("enough")
        with pytest.raises(asyncio.CancelledError, match="enough"):
            await task
        assert task.cancelled()
        assert task.cancelling() == 1


async def test_a_timeout_around_a_call_is_a_timeout(slack: Any) -> None:
    async with a_call_that_hangs(slack) as call:
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.05):
                await call()
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(call(), 0.05)
        task = asyncio.current_task()
        assert task is not None
        assert task.cancelling() == 0


async def test_only_the_timeout_that_ran_out_ends(slack: Any) -> None:
    async with a_call_that_hangs(slack) as call, asyncio.timeout(60) as outer:
        try:
            async with asyncio.timeout(0.05) as inner:
                await call()
        except TimeoutError:
            assert (inner.expired(), outer.expired()) == (True, False)
        await asyncio.sleep(0)


async def test_a_task_group_ends_its_calls_and_shows_what_ended_it(slack: Any) -> None:
    async with a_call_that_hangs(slack) as call:
        calls: list[asyncio.Task[Any]] = []

        async def fail() -> None:
            async with asyncio.TaskGroup() as group:
                calls.append(group.create_task(call()))
                await slack.arrived.wait()
                raise KeyError("the one error")

        with pytest.raises(BaseExceptionGroup) as caught:
            await fail()
        assert [type(error) for error in caught.value.exceptions] == [KeyError]
        assert calls[0].cancelled()


async def test_a_task_group_that_is_cancelled_in_its_own_call(slack: Any) -> None:
    async with a_call_that_hangs(slack) as call:

        async def grouped() -> None:
            async with asyncio.TaskGroup() as group:
                group.create_task(asyncio.sleep(60))
                await call()

        task = asyncio.create_task(grouped())
        await slack.arrived.wait()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert task.cancelled()


class ProxyServer:
    """An HTTP proxy that notes whom it served and answers plain requests itself."""

    def __init__(self, status: bytes = b"200 OK") -> None:
        self.heads: list[bytes] = []
        self.status = status

    async def handle(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await read_head(reader)
        self.heads.append(head)
        if head.startswith(b"CONNECT") and self.status.startswith(b"200"):
            await self._tunnel(head, reader, writer)
            return
        body = b'{"ok":true,"via":"proxy"}' if self.status.startswith(b"200") else b""
        length = str(len(body)).encode()
        writer.write(
            b"HTTP/1.1 " + self.status + b"\r\nContent-Type: application/json\r\nConnection: close\r\n"
            b"Content-Length: " + length + b"\r\n\r\n" + body
        )
        await writer.drain()

    async def _tunnel(self, head: bytes, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        host, port = head.split()[1].decode().split(":")
        far_reader, far_writer = await asyncio.open_connection(host, int(port))
        writer.write(b"HTTP/1.1 200 OK\r\n\r\n")
        try:
            await asyncio.gather(pump(reader, far_writer), pump(far_reader, writer))
        finally:
            far_writer.close()


async def pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    while data := await reader.read(65536):
        writer.write(data)
        await writer.drain()
    writer.close()


async def test_a_given_proxy_with_credentials_carries_plain_calls() -> None:
    proxy = ProxyServer()
    async with raw_server(proxy.handle) as port:
        url = f"http://us%40er:pa%3Ass@127.0.0.1:{port}"
        async with AsyncWebClient("xoxb-1", "http://slack.invalid/api/", proxy=url) as client:
            assert client.proxy == url
            assert (await client.auth_test())["via"] == "proxy"
    assert proxy.heads[0].startswith(b"POST http://slack.invalid/api/auth.test HTTP/1.1")
    credentials = base64.b64encode(b"us@er:pa:ss")
    assert b"Proxy-Authorization: Basic " + credentials in proxy.heads[0]


async def test_a_proxy_tunnels_tls(tls_slack: Any, trusting: Any) -> None:
    proxy = ProxyServer()
    async with raw_server(proxy.handle) as port:
        address = f"http://user:hush@127.0.0.1:{port}"
        async with AsyncWebClient("xoxb-1", tls_slack.url, ssl=trusting, proxy=address) as client:
            await client.auth_test()
            await client.auth_test()
    assert [head.split()[0] for head in proxy.heads] == [b"CONNECT"]
    assert b"xoxb" not in proxy.heads[0]
    assert len(tls_slack.seen) == 2
    assert "Proxy-Authorization" not in tls_slack.last.headers


def proxy_of(client: AsyncWebClient) -> str | None:
    return client.proxy


async def test_the_environments_proxy_and_its_exceptions(slack: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    proxy = ProxyServer()
    async with raw_server(proxy.handle) as port:
        monkeypatch.setenv("HTTPS_PROXY", f"http://127.0.0.1:{port}")
        async with AsyncWebClient("xoxb-1", slack.url) as client:
            assert proxy_of(client) == f"http://127.0.0.1:{port}"
            assert (await client.auth_test())["via"] == "proxy"
            monkeypatch.setenv("NO_PROXY", "127.0.0.1")
            assert proxy_of(client) is None
            assert (await client.auth_test())["via"] is None
    assert (len(proxy.heads), len(slack.seen)) == (1, 1)


async def test_a_given_proxy_goes_before_the_environments(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTPS_PROXY", "http://127.0.0.1:9")
    monkeypatch.setenv("NO_PROXY", "*")
    assert AsyncWebClient(proxy="http://127.0.0.1:8").proxy == "http://127.0.0.1:8"


@pytest.mark.parametrize(("status", "attempts"), [(b"407 Auth", 1), (b"403 No", 1), (b"502 Bad", 3)])
async def test_a_proxy_that_refuses(status: bytes, attempts: int, clock: Any) -> None:
    proxy = ProxyServer(status)
    async with raw_server(proxy.handle) as port:
        url = f"http://user:hush@127.0.0.1:{port}"
        async with AsyncWebClient("xoxb-1", "https://slack.invalid/", proxy=url, clock=clock) as client:
            with pytest.raises(SlackRequestError, match="proxy refused the connection with HTTP") as caught:
                await client.chat_postMessage(channel="C1")
    assert caught.value.status == int(status[:3])
    assert len(proxy.heads) == attempts


async def test_a_proxy_that_is_not_there(unused_tcp_port: int, clock: Any) -> None:
    url = f"http://user:hush@127.0.0.1:{unused_tcp_port}"
    async with AsyncWebClient("xoxb-1", "https://slack.invalid/", proxy=url, clock=clock) as client:
        with pytest.raises(SlackRequestError, match="proxy could not be reached") as caught:
            await client.auth_test()
    assert "hush" not in str(caught.value)
    assert len(clock.sleeps) == 2


@pytest.mark.parametrize("url", ["socks5://hush@x:1", "127.0.0.1:8080", "http://", "http://hush@:8", "http://x:hush"])
def test_a_proxy_that_cannot_be_one_is_refused_unseen(url: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        AsyncWebClient(proxy=url)
    assert "hush" not in str(caught.value)
    assert caught.value.__cause__ is None


def test_a_proxys_repr_has_no_credentials() -> None:
    assert "hush" not in repr(Proxy.parse("http://user:hush@proxy:1"))
