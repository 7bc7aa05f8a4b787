"""The dialer against servers that do as they are told, down to the byte."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import socket
import ssl
import struct
import traceback
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

import aiohttp
import pytest

from tautwire.engine.dial import AiohttpDialer
from tautwire.engine.transport import CloseFrame, Endpoint, Gone, Odd, PingFrame, PongFrame, Text
from tautwire.errors import DialError, FatalConnectionError, HandshakeRefusedError, NotConnectedError, UntrustedUrlError
from tautwire.secret import Secret

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable

    import trustme

    from tautwire.engine.transport import Connection

    Script = Callable[["Peer"], Awaitable[None]]

TICKET = "hush-ticket"
GUID = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"


class Peer:
    """The server's end of one TCP connection, in bytes."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader, self.writer = reader, writer
        self.request = ""

    async def read_request(self) -> None:
        self.request = (await self.reader.readuntil(b"\r\n\r\n")).decode()

    def header(self, name: str) -> str | None:
        lines = (line.partition(": ") for line in self.request.split("\r\n"))
        return next((value for key, _, value in lines if key.lower() == name), None)

    async def answer(self, status: str, *headers: str) -> None:
        await self.read_request()
        self.writer.write("\r\n".join((f"HTTP/1.1 {status}", *headers, "", "")).encode())

    async def accept(self, key: str | None = None) -> None:
        await self.read_request()
        given = self.header("sec-websocket-key") or ""
        accept = key or base64.b64encode(hashlib.sha1((given + GUID).encode()).digest()).decode()
        lines = ("HTTP/1.1 101 Switching Protocols", "Upgrade: websocket", "Connection: Upgrade")
        self.writer.write("\r\n".join((*lines, f"Sec-WebSocket-Accept: {accept}", "", "")).encode())

    def send(self, opcode: int, payload: bytes = b"", *, head: int = 0x80) -> None:
        assert len(payload) < 126
        self.writer.write(bytes([head | opcode, len(payload)]) + payload)

    async def frame(self) -> tuple[int, bytes] | None:
        """The next frame of the client's, first byte and unmasked payload; `None` when TCP is over."""
        try:
            first, size = await self.reader.readexactly(2)
            assert size & 0x80, "a client masks"
            size &= 0x7F
            if size == 126:
                size = struct.unpack("!H", await self.reader.readexactly(2))[0]
            elif size == 127:
                size = struct.unpack("!Q", await self.reader.readexactly(8))[0]
            mask = await self.reader.readexactly(4)
            data = await self.reader.readexactly(size)
        except (asyncio.IncompleteReadError, ConnectionError):
            return None
        return first, bytes(byte ^ mask[place % 4] for place, byte in enumerate(data))

    async def ended(self) -> None:
        while await self.frame() is not None:
            pass


class Server:
    """Gives each connection to `script`, one after the other."""

    def __init__(self, script: Script) -> None:
        self._script = script
        self.peers: list[Peer] = []
        self.live = 0
        self.idle = asyncio.Event()
        self.port = 0
        self.tasks: set[asyncio.Task[None]] = set()

    def on_connection(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.get_running_loop().create_task(self._serve(Peer(reader, writer)))
        self.tasks.add(task)
        task.add_done_callback(self.tasks.discard)

    async def _serve(self, peer: Peer) -> None:
        self.live += 1
        self.idle.clear()
        self.peers.append(peer)
        try:
            await self._script(peer)
            await peer.writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            peer.writer.transport.abort()
            self.live -= 1
            if not self.live:
                self.idle.set()

    async def is_left_alone(self) -> None:
        """Until nobody is connected and no task but the caller's runs."""
        async with asyncio.timeout(10):
            while self.live or asyncio.all_tasks() != {asyncio.current_task()}:  # noqa: ASYNC110  no event says so
                await asyncio.sleep(0)

    def url(self, scheme: str = "ws") -> str:
        return f"{scheme}://127.0.0.1:{self.port}/link/?ticket={TICKET}"


@asynccontextmanager
async def serving(script: Script, tls: ssl.SSLContext | None = None) -> AsyncIterator[Server]:
    server = Server(script)
    listening = await asyncio.start_server(server.on_connection, "127.0.0.1", 0, ssl=tls)
    server.port = listening.sockets[0].getsockname()[1]
    try:
        yield server
        async with asyncio.timeout(10):
            while server.tasks:
                await asyncio.wait(server.tasks)
    finally:
        for task in server.tasks:
            task.cancel()
        listening.close()
        await listening.wait_closed()


async def dial(url: str, context: ssl.SSLContext | None = None, proxy: str | None = None) -> Connection:
    endpoint = Endpoint(Secret(url), Secret(proxy) if proxy else None)
    return await AiohttpDialer(lambda: context)(endpoint)


async def refused(url: str, context: ssl.SSLContext | None = None) -> DialError:
    """What the dial comes to; it says nothing of the ticket, and nothing else hangs on it."""
    with pytest.raises(DialError) as caught:
        await dial(url, context)
    error = caught.value
    assert error.__cause__ is None
    assert error.__context__ is None
    assert TICKET not in f"{error} {error!r} {vars(error)} {''.join(traceback.format_exception(error))}"
    return error


async def accept_and_stay(peer: Peer) -> None:
    await peer.accept()
    await peer.ended()


async def test_each_kind_of_frame() -> None:
    async def script(peer: Peer) -> None:
        await peer.accept()
        peer.send(0x1, "tä".encode())
        peer.send(0x1, b'{"half":', head=0)
        peer.send(0x0, b'"and half"}')
        peer.send(0x9, b"ping?")
        peer.send(0xA, b"pong!")
        peer.send(0x2, b"\0\1\2")
        peer.send(0x8, struct.pack("!H", 1000) + b"bye")
        await peer.ended()

    async with serving(script) as server:
        connection = await dial(server.url())
        assert [await connection.receive() for _ in range(6)] == [
            Text("tä"),
            Text('{"half":"and half"}'),
            PingFrame(b"ping?"),
            PongFrame(b"pong!"),
            Odd("binary", 3),
            CloseFrame(1000, "bye"),
        ]
        await connection.release()


async def test_a_close_without_a_code_is_1005() -> None:
    async def script(peer: Peer) -> None:
        await peer.accept()
        peer.send(0x8)
        await peer.ended()

    async with serving(script) as server:
        connection = await dial(server.url())
        assert await connection.receive() == CloseFrame(1005, "")
        await connection.release()


async def test_the_end_of_tcp_is_gone_again_and_again() -> None:
    async def script(peer: Peer) -> None:
        await peer.accept()
        peer.send(0x1, b"last words")

    async with serving(script) as server:
        connection = await dial(server.url())
        assert await connection.receive() == Text("last words")
        assert [await connection.receive() for _ in range(3)] == [Gone()] * 3
        await connection.release()
        assert await connection.receive() == Gone()


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"\xb1\x01?", "reserved"),
        (b"\x83\x01?", "opcode"),
        (b"\x81\x0ahush\xff-data", "UTF-8"),
        (b"\x88\x0c\x03\xe8hush\xff-data", "UTF-8"),
    ],
    ids=["reserved bits", "reserved opcode", "a text that is no UTF-8", "a reason that is no UTF-8"],
)
async def test_a_violation_is_gone_with_a_reason_that_quotes_nothing(data: bytes, said: str) -> None:
    async def script(peer: Peer) -> None:
        await peer.accept()
        peer.writer.write(data)
        assert await peer.frame() is not None

    async with serving(script) as server:
        connection = await dial(server.url())
        frame = await connection.receive()
        assert isinstance(frame, Gone)
        assert said in str(frame.error)
        assert frame.error is not None
        assert (frame.error.__cause__, frame.error.__context__) == (None, None)
        assert "hush" not in repr(frame.error)
        assert isinstance(await connection.receive(), Gone)
        await connection.release()


async def test_what_is_sent() -> None:
    seen: list[tuple[int, bytes] | None] = []

    async def script(peer: Peer) -> None:
        await peer.accept()
        seen.extend([await peer.frame() for _ in range(5)])

    async with serving(script) as server:
        connection = await dial(server.url())
        long = "ü" * 9_000
        await connection.send_text("short")
        await connection.send_text(long)
        await connection.send_ping(b"ping")
        await connection.send_pong(b"pong")
        await connection.send_close(1001)
        assert await connection.receive() == Gone()
        assert seen == [
            (0x81, b"short"),
            (0x81, long.encode()),
            (0x89, b"ping"),
            (0x8A, b"pong"),
            (0x88, struct.pack("!H", 1001)),
        ]
        request = server.peers[0].request
        assert f"GET /link/?ticket={TICKET} " in request
        assert "Sec-WebSocket-Extensions" not in request
        await connection.release()


async def test_half_a_character_is_not_sent_and_not_quoted() -> None:
    async with serving(accept_and_stay) as server:
        connection = await dial(server.url())
        with pytest.raises(ValueError, match="half a character") as caught:
            await connection.send_text("hush" + chr(0xD800))
        assert (caught.value.__cause__, caught.value.__context__) == (None, None)
        assert "hush" not in repr(caught.value)
        await connection.send_text("whole")
        await connection.release()


async def test_what_comes_after_our_close_frame_is_still_read() -> None:
    async def script(peer: Peer) -> None:
        await peer.accept()
        assert await peer.frame() == (0x88, struct.pack("!H", 1000))
        peer.send(0x1, b"late, and still wanted")
        peer.send(0x9, b"")
        peer.send(0x8, struct.pack("!H", 1000))
        await peer.ended()

    async with serving(script) as server:
        connection = await dial(server.url())
        await connection.send_close(1000)
        frames = [await connection.receive() for _ in range(3)]
        assert frames == [Text("late, and still wanted"), PingFrame(b""), CloseFrame(1000, "")]
        await connection.release()


async def test_abort_and_release_any_number_of_times() -> None:
    async with serving(accept_and_stay) as server:
        connection = await dial(server.url())
        receiving = asyncio.create_task(connection.receive())
        await asyncio.sleep(0)
        connection.abort()
        connection.abort()
        assert await receiving == Gone()
        for send in (connection.send_text("x"), connection.send_ping(b""), connection.send_close(1000)):
            with pytest.raises(NotConnectedError) as caught:
                await send
            assert (caught.value.__cause__, caught.value.__context__) == (None, None)
        await connection.release()
        await connection.release()
        await server.idle.wait()


async def test_full_buffers_do_not_hold_up_the_end() -> None:
    met: list[str] = []

    async def script(peer: Peer) -> None:
        await peer.accept()
        peer.writer.transport.pause_reading()  # type: ignore[attr-defined]
        await unread.wait()
        peer.writer.transport.resume_reading()  # type: ignore[attr-defined]
        try:
            while data := await peer.reader.read(65536):
                del data
            met.append("EOF")
        except ConnectionResetError:
            met.append("RST")

    unread = asyncio.Event()
    async with serving(script) as server:
        connection = await dial(server.url())
        sending: set[asyncio.Task[None]] = set()
        while all(task.done() for task in sending):
            sending.add(asyncio.create_task(connection.send_text("x" * 1_000_000)))
            for _ in range(5):
                await asyncio.sleep(0)
        async with asyncio.timeout(5):
            await connection.release()
            outcomes = await asyncio.gather(*sending, return_exceptions=True)
        assert any(isinstance(outcome, NotConnectedError) for outcome in outcomes)
        assert all(outcome is None or isinstance(outcome, NotConnectedError) for outcome in outcomes)
        unread.set()
        await server.idle.wait()
    assert met in (["EOF"], ["RST"])


@pytest.mark.parametrize("status", [200, 400, 401, 403, 404, 408, 426, 429, 500, 502, 503, 504])
async def test_any_answer_but_101_is_refused_by_its_number(status: int) -> None:
    async with serving(lambda peer: peer.answer(f"{status} No", f"X-Echo: {TICKET}", "Content-Length: 0")) as server:
        error = await refused(server.url())
    assert isinstance(error, HandshakeRefusedError)
    assert error.status == status
    assert error.retryable
    assert str(error) == f"127.0.0.1 answered the WebSocket handshake with HTTP {status} instead of 101"


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
@pytest.mark.parametrize("is_absolute", [True, False])
async def test_a_redirect_is_refused_before_it_is_followed(status: int, is_absolute: bool) -> None:
    async with serving(accept_and_stay) as target:

        async def redirect(peer: Peer) -> None:
            place = target.url("http") if is_absolute else f"/elsewhere?{TICKET}"
            await peer.answer(f"{status} Elsewhere", f"Location: {place}", "Content-Length: 0")

        async with serving(redirect) as server:
            error = await refused(server.url())
            assert len(server.peers) == 1
        assert target.peers == []
    assert isinstance(error, UntrustedUrlError)
    assert str(error) == "127.0.0.1 answered the WebSocket handshake with a redirect, which is not followed"


async def hang_up(peer: Peer) -> None:
    await peer.read_request()


async def reset(peer: Peer) -> None:
    await peer.read_request()
    raw = peer.writer.get_extra_info("socket")
    raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


async def talk_nonsense(peer: Peer) -> None:
    await peer.read_request()
    peer.writer.write(f"220 {TICKET} ESMTP\r\n\r\n".encode())


@pytest.mark.parametrize(
    ("script", "said"),
    [
        (hang_up, "127.0.0.1 hung up during the WebSocket handshake"),
        (reset, "the connection to 127.0.0.1 broke during the WebSocket handshake: Connection reset by peer"),
        (talk_nonsense, "the WebSocket handshake with 127.0.0.1 failed (ClientResponseError)"),
        (lambda peer: peer.accept(key="hush-ticket"), "127.0.0.1 answered the WebSocket handshake with a faulty 101"),
        (
            lambda peer: peer.answer("101 Switching Protocols", "Upgrade: hush-ticket"),
            "127.0.0.1 answered the WebSocket handshake with a faulty 101",
        ),
    ],
    ids=["hangs up", "resets", "is no web server", "wrong key", "wrong upgrade"],
)
async def test_a_broken_handshake(script: Script, said: str) -> None:
    async with serving(script) as server:
        error = await refused(server.url())
        assert len(server.peers) == 1, "a ticket is for one try"
    assert str(error) == said
    assert not isinstance(error, HandshakeRefusedError)
    assert error.retryable


async def test_a_closed_port_is_named(unused_tcp_port: int) -> None:
    error = await refused(f"ws://127.0.0.1:{unused_tcp_port}/?ticket={TICKET}")
    assert str(error).startswith("127.0.0.1 cannot be reached: ")
    assert "refused" in str(error).lower() or "Connect call failed" in str(error)


async def test_a_name_that_does_not_resolve_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    async def resolve(*_: Any, **__: Any) -> Any:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(asyncio.get_running_loop(), "getaddrinfo", resolve)
    error = await refused(f"wss://slack.invalid/?ticket={TICKET}")
    assert str(error) == "slack.invalid cannot be reached: Name or service not known"


@pytest.mark.parametrize(
    "url",
    [
        f"{TICKET}",
        f"wss:///?ticket={TICKET}",
        f"ftp://127.0.0.1/?ticket={TICKET}",
        f"wss://127.0.0.1:{TICKET}/",
        f"wss://127.0.0.1:99999/?ticket={TICKET}",
        f"wss://[{TICKET}/",
        "",
    ],
)
async def test_a_url_that_is_none(url: str) -> None:
    assert "failed (" in str(await refused(url))


async def test_the_dialer_asks_no_environment(monkeypatch: pytest.MonkeyPatch, unused_tcp_port: int) -> None:
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "WS_PROXY"):
        monkeypatch.setenv(name, f"http://127.0.0.1:{unused_tcp_port}")
        monkeypatch.setenv(name.lower(), f"http://127.0.0.1:{unused_tcp_port}")
    async with serving(accept_and_stay) as server:
        await (await dial(server.url())).release()


async def test_tls_with_an_authority_of_ones_own(server_tls: ssl.SSLContext, trusting: ssl.SSLContext) -> None:
    async with serving(accept_and_stay, server_tls) as server:
        connection = await dial(server.url("wss"), trusting)
        assert isinstance(connection.native, aiohttp.ClientWebSocketResponse)
        assert connection.native.get_extra_info("ssl_object") is not None
        await connection.release()


@pytest.mark.parametrize("given", [None, False])
async def test_an_unknown_authority_is_refused_before_a_word_is_said(given: Any, server_tls: ssl.SSLContext) -> None:
    async with serving(accept_and_stay, server_tls) as server:
        error = await refused(server.url("wss"), given)
        assert [peer.request for peer in server.peers] == []
    assert str(error).startswith("the certificate of 127.0.0.1 was not accepted: ")
    assert "certificate" in str(error).partition(": ")[2] or "issuer" in str(error)
    assert not isinstance(error, HandshakeRefusedError)


async def test_a_context_that_does_not_verify_is_refused_for_good(server_tls: ssl.SSLContext) -> None:
    trusting_everybody = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    trusting_everybody.check_hostname, trusting_everybody.verify_mode = False, ssl.CERT_NONE
    async with serving(accept_and_stay, server_tls) as server:
        with pytest.raises(FatalConnectionError, match="does not verify"):
            await dial(server.url("wss"), trusting_everybody)
        assert server.peers == []


async def test_a_certificate_for_another_name_is_refused(authority: trustme.CA, trusting: ssl.SSLContext) -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("evil.example").configure_cert(context)
    async with serving(accept_and_stay, context) as server:
        error = await refused(server.url("wss"), trusting)
        assert server.peers == []
    assert "mismatch" in str(error)


async def test_a_server_without_tls_is_refused(trusting: ssl.SSLContext) -> None:
    async def script(peer: Peer) -> None:
        await peer.reader.read(1)
        peer.writer.write(b"HTTP/1.1 400 Bad Request\r\n\r\n")

    async with serving(script) as server:
        error = await refused(server.url("wss"), trusting)
    assert str(error).startswith("127.0.0.1 cannot be reached: ")


async def test_each_connection_is_alone() -> None:
    """Nothing of one connection, a cookie least of all, reaches the next."""

    async def script(peer: Peer) -> None:
        await peer.answer("403 No", "Set-Cookie: d=hush; Path=/", "Content-Length: 0")

    async with serving(script) as server:
        dialer = AiohttpDialer()
        for _ in range(2):
            with pytest.raises(HandshakeRefusedError):
                await dialer(Endpoint(Secret(server.url())))
        assert [peer.header("cookie") for peer in server.peers] == [None, None]


@pytest.mark.parametrize("is_late", [False, True])
@pytest.mark.parametrize("with_tls", [False, True])
async def test_a_dial_can_be_cancelled_at_every_await(
    is_late: bool, with_tls: bool, cancelled_at: Any, server_tls: ssl.SSLContext, trusting: ssl.SSLContext
) -> None:
    dialer = AiohttpDialer(lambda: trusting)
    async with serving(accept_and_stay, server_tls if with_tls else None) as server:
        endpoint = Endpoint(Secret(server.url("wss" if with_tls else "ws")))
        for step in range(1, 100):
            driven = cancelled_at(dialer(endpoint), step, is_late=is_late)
            task = asyncio.create_task(driven.run())
            await asyncio.wait({task})
            if not task.cancelled():
                await task.result().release()
            await server.is_left_alone()
            if driven.suspensions < step:
                break
        assert step > 2, "there was nothing to cancel"
        assert not task.cancelled()


async def test_a_failing_dial_can_be_cancelled_at_every_await(cancelled_at: Any) -> None:
    """The session is given back after a failure, too, whenever the cancellation comes."""
    async with serving(lambda peer: peer.answer("503 No", "Content-Length: 0")) as server:
        for step in range(1, 100):
            driven = cancelled_at(AiohttpDialer()(Endpoint(Secret(server.url()))), step)
            task = asyncio.create_task(driven.run())
            await asyncio.wait({task})
            await server.is_left_alone()
            if driven.suspensions < step:
                break
        assert isinstance(task.exception(), HandshakeRefusedError)


async def test_a_send_can_be_cancelled_while_the_buffers_are_full(cancelled_at: Any) -> None:
    async def script(peer: Peer) -> None:
        await peer.accept()
        peer.writer.transport.pause_reading()  # type: ignore[attr-defined]
        await over.wait()

    over = asyncio.Event()
    async with serving(script) as server:
        connection = await dial(server.url())
        driven = cancelled_at(_fill(connection), 1)
        task = asyncio.create_task(driven.run())
        await asyncio.wait({task})
        assert task.cancelled()
        assert driven.suspensions == 1
        await connection.release()
        over.set()


async def _fill(connection: Connection) -> None:
    while True:
        await connection.send_text("x" * 1_000_000)
