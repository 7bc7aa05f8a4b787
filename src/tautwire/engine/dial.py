"""The only owner of the WebSocket library: dials with aiohttp and maps its frames and errors.

Every connection has a session and a connector of its own, so nothing of a dead one can reach the next, and releasing
it releases everything. aiohttp's own heartbeat is off (`protocol.liveness` is the only one), it answers no ping and no
Close by itself, and a redirect is refused before it is followed. No compression: Slack is not known to accept it.
"""

from __future__ import annotations

import contextlib
import ssl as tls
import struct
from typing import TYPE_CHECKING, Final

import aiohttp
from aiohttp import ClientWSTimeout, WSMsgType
from yarl import URL

from tautwire.engine.transport import (
    CloseFrame,
    Connection,
    Dialer,
    Endpoint,
    Frame,
    Gone,
    Odd,
    PingFrame,
    PongFrame,
    Text,
)
from tautwire.errors import DialError, FatalConnectionError, HandshakeRefusedError, NotConnectedError, UntrustedUrlError
from tautwire.protocol.codec import MAX_INCOMING_BYTES

if TYPE_CHECKING:
    from asyncio import Transport
    from collections.abc import Callable

    from tautwire.secret import Secret

__all__ = ["AiohttpDialer"]

_WS_TIMEOUT: Final = ClientWSTimeout(ws_receive=None, ws_close=1.0)
_NO_TIMEOUT: Final = aiohttp.ClientTimeout(total=None)
_GONE: Final = (WSMsgType.CLOSED, WSMsgType.CLOSING)


class _RedirectedError(Exception):
    """The handshake was answered with a redirect."""


class _NoProxyError(Exception):
    """What was given as a proxy is none; aiohttp would go direct instead."""


class AiohttpDialer(Dialer):
    """Dials over aiohttp. `ssl` is asked at each dial for the context to verify with, `None` for the defaults.

    What is no context counts as `None`: aiohttp would take `False` for leave not to verify at all.
    """

    def __init__(self, ssl: Callable[[], tls.SSLContext | None] = lambda: None) -> None:
        self._ssl = ssl

    async def __call__(self, endpoint: Endpoint) -> Connection:
        """See `Dialer`."""
        handshake = _Handshake()
        session = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(limit=1, force_close=True),
            timeout=_NO_TIMEOUT,
            trust_env=False,
            cookie_jar=aiohttp.DummyCookieJar(),
            middlewares=(handshake,),
        )
        failure: DialError
        try:
            socket = await self._open(session, endpoint)
        except (aiohttp.ClientError, _RedirectedError, _NoProxyError, OSError, ValueError) as error:
            failure = _translate(error, endpoint.url)
        except BaseException:
            await session.close()
            raise
        else:
            return _AiohttpConnection(socket, session, handshake)
        # Raised outside the handler: aiohttp's errors hold URLs and headers, and must not hang on as a context.
        await session.close()
        raise failure

    async def _open(self, session: aiohttp.ClientSession, endpoint: Endpoint) -> aiohttp.ClientWebSocketResponse:
        context = self._ssl()
        if isinstance(context, tls.SSLContext) and context.verify_mode is tls.CERT_NONE:
            raise FatalConnectionError(
                "web_client.ssl does not verify certificates: give an SSLContext that trusts your CA instead",
                code="ssl",
            )
        return await session.ws_connect(
            endpoint.url.reveal(),
            proxy=_proxy(endpoint.proxy) if endpoint.proxy else None,
            ssl=context if isinstance(context, tls.SSLContext) else True,
            heartbeat=None,
            autoping=False,
            autoclose=False,
            compress=0,
            max_msg_size=MAX_INCOMING_BYTES + 1,
            timeout=_WS_TIMEOUT,
        )


class _Handshake:
    """Sees the answer to the handshake before aiohttp acts on it."""

    def __init__(self) -> None:
        self.response: aiohttp.ClientResponse | None = None
        self.transport: Transport | None = None
        self.failure: Exception | None = None

    async def __call__(
        self, request: aiohttp.ClientRequest, handler: aiohttp.ClientHandlerType
    ) -> aiohttp.ClientResponse:
        if self.failure is not None:
            # aiohttp repeats a GET that was reset, with the same URL; a ticket is for one try.
            raise self.failure
        try:
            response = await handler(request)
        except (aiohttp.ClientError, OSError) as error:
            self.failure = error
            raise
        if 300 <= response.status < 400:
            response.close()
            raise _RedirectedError
        self.response = response
        self.transport = None if response.connection is None else response.connection.transport
        return response


class _AiohttpConnection(Connection):
    def __init__(
        self, socket: aiohttp.ClientWebSocketResponse, session: aiohttp.ClientSession, handshake: _Handshake
    ) -> None:
        self.native = socket
        self.session = session
        self._handshake = handshake

    async def receive(self) -> Frame:
        message = await self.native.receive()
        match message.type:
            case WSMsgType.TEXT:
                return Text(message.data)
            case WSMsgType.PING:
                return PingFrame(bytes(message.data))
            case WSMsgType.PONG:
                return PongFrame(bytes(message.data))
            case WSMsgType.CLOSE:
                return CloseFrame(message.data or 1005, message.extra or "")
            case WSMsgType.ERROR:
                return Gone(_bare(message.data))
            case kind if kind in _GONE:
                return Gone()
        return Odd(WSMsgType(message.type).name.lower(), len(message.data or b""))

    async def send_text(self, text: str) -> None:
        await self._send(_utf8(text), WSMsgType.TEXT)

    async def send_ping(self, data: bytes) -> None:
        await self._send(data, WSMsgType.PING)

    async def send_pong(self, data: bytes) -> None:
        await self._send(data, WSMsgType.PONG)

    async def send_close(self, code: int) -> None:
        await self._send(struct.pack("!H", code), WSMsgType.CLOSE)

    def abort(self) -> None:
        if self._handshake.transport is not None:
            self._handshake.transport.abort()

    async def release(self) -> None:
        self.abort()
        await self.native.close()  # Nothing is sent any more: it only lets whoever holds the session see it closed.
        if self._handshake.response is not None:
            self._handshake.response.close()
        await self.session.close()

    async def _send(self, data: bytes, opcode: WSMsgType) -> None:
        try:
            await self.native.send_frame(data, opcode)
        except (aiohttp.ClientError, OSError) as error:
            problem = type(error).__name__
        else:
            return
        raise NotConnectedError(f"the connection is gone ({problem})")


def _translate(error: Exception, url: Secret) -> DialError:
    """The same failure in words that carry nothing of the URL but its host."""
    host = _host(url)
    match error:
        case _RedirectedError():
            return UntrustedUrlError(f"{host} answered the WebSocket handshake with a redirect, which is not followed")
        case _NoProxyError():
            return DialError("the proxy must be given as http://host:port, credentials before the host if any")
        case aiohttp.ClientHttpProxyError(status=407):
            return HandshakeRefusedError("the proxy wants credentials (HTTP 407): give them in its URL", status=407)
        case aiohttp.ClientHttpProxyError(status=status):
            return HandshakeRefusedError(f"the proxy refused to connect to {host} (HTTP {status})", status=status)
        case aiohttp.WSServerHandshakeError(status=101):
            return DialError(f"{host} answered the WebSocket handshake with a faulty 101")
        case aiohttp.WSServerHandshakeError(status=status):
            return HandshakeRefusedError(
                f"{host} answered the WebSocket handshake with HTTP {status} instead of 101", status=status
            )
        case aiohttp.ClientConnectorCertificateError():
            return DialError(f"the certificate of {host} was not accepted: {_verdict(error.certificate_error)}")
        case aiohttp.ClientProxyConnectionError(os_error=reason):
            return DialError(f"the proxy cannot be reached: {_words(reason)}")
        case aiohttp.ClientConnectorError(os_error=reason):
            return DialError(f"{host} cannot be reached: {_words(reason)}")
        case aiohttp.ServerDisconnectedError():
            return DialError(f"{host} hung up during the WebSocket handshake")
        case OSError():
            return DialError(f"the connection to {host} broke during the WebSocket handshake: {_words(error)}")
    return DialError(f"the WebSocket handshake with {host} failed ({type(error).__name__})")


def _utf8(text: str) -> bytes:
    with contextlib.suppress(UnicodeEncodeError):
        return text.encode("utf-8")
    # Raised outside the handler: the encoder's error holds the text.
    raise ValueError("the text has half a character in it, which UTF-8 cannot say")


def _proxy(given: Secret) -> URL:
    try:
        url = URL(given.reveal())
    except ValueError:
        url = URL()
    if url.scheme not in ("http", "https") or not url.host:
        raise _NoProxyError
    return url


def _bare(error: BaseException) -> BaseException:
    """Without what hangs on it: a decoder's error holds the frame that it could not read."""
    error.__cause__ = error.__context__ = None
    return error.with_traceback(None)


def _host(url: Secret) -> str:
    try:
        return URL(url.reveal()).host or "the server"
    except ValueError:
        return "the server"


def _words(error: OSError) -> str:
    return error.strerror or type(error).__name__


def _verdict(error: BaseException) -> str:
    return str(getattr(error, "verify_message", "")) or type(error).__name__
