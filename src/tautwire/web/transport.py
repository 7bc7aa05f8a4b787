"""HTTP, once: one request to one answer or one failure. The only place of the Web client that knows aiohttp's errors.

aiohttp's exceptions carry URLs, headers and proxy credentials, so none of them leaves this module, neither raised nor
as the context of another: what comes back is a value.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

import aiohttp
from yarl import URL

from tautwire.errors import ConfigurationError
from tautwire.web.answer import DOWNLOAD_TYPE
from tautwire.web.retry import Failure, FailureKind

if TYPE_CHECKING:
    import ssl as ssl_module
    from collections.abc import Mapping

    from tautwire.secret import Secret
    from tautwire.web.arguments import FilePart

__all__ = [
    "MAX_DOWNLOAD_BYTES",
    "MAX_JSON_BYTES",
    "HttpReply",
    "HttpRequest",
    "HttpTrouble",
    "Proxy",
    "SessionPool",
    "send",
]

#: A JSON answer above this is refused while it is read: parsing blocks the event loop, up to a second for as much as
#: this, and takes up to 25 times its size in memory. Slack's pages of a thousand entries have a few megabytes.
MAX_JSON_BYTES: Final = 16 * 1024 * 1024

#: The same for a file that is handed on unparsed. Slack's largest, an analytics export, stays far below.
MAX_DOWNLOAD_BYTES: Final = 64 * 1024 * 1024

#: Seconds for TCP and TLS; what fails within is known not to have been sent.
_CONNECT_TIMEOUT: Final = 10.0


@dataclass(frozen=True, slots=True)
class HttpRequest:
    """What goes out. A `content` of `None` with `files` is multipart; `fields` are its plain parts."""

    verb: str
    url: Secret
    headers: Mapping[str, str] = field(repr=False)
    query: Mapping[str, str] = field(repr=False)
    content: bytes | None = field(default=None, repr=False)
    fields: Mapping[str, str] = field(default_factory=dict, repr=False)
    files: Mapping[str, FilePart] = field(default_factory=dict, repr=False)


@dataclass(frozen=True, slots=True)
class HttpReply:
    """What came back, read to its end."""

    status: int
    content_type: str
    headers: Mapping[str, str] = field(repr=False)
    body: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class HttpTrouble:
    """No usable answer: a sentence for people, without URL or header, and how far the request got."""

    sentence: str
    failure: Failure
    status: int | None = None


@dataclass(frozen=True, slots=True)
class Proxy:
    """An HTTP proxy. Its URL may hold credentials, which aiohttp turns into the header; the repr shows none of it."""

    url: URL = field(repr=False)

    @classmethod
    def parse(cls, text: str) -> Proxy:
        """From a URL; raises `ConfigurationError` without showing it, for it may hold a password."""
        try:
            url = URL(text)
        except ValueError:
            url = URL()
        if url.scheme not in ("http", "https") or not url.host:
            raise ConfigurationError("the proxy must be given as http://host:port, credentials before the host if any")
        return cls(url)


class SessionPool:
    """One aiohttp session per event loop, made on first use.

    A session the user brought is used while it is open and is never closed here.
    """

    def __init__(self, given: aiohttp.ClientSession | None = None) -> None:
        self.given = given
        self._own: dict[asyncio.AbstractEventLoop, aiohttp.ClientSession] = {}

    def __repr__(self) -> str:
        return f"<SessionPool own={len(self._own)} given={self.given is not None}>"

    async def current(self) -> aiohttp.ClientSession:
        """The session for the running loop."""
        if self.given is not None and not self.given.closed:
            return self.given
        loop = asyncio.get_running_loop()
        session = self._own.get(loop)
        if session is None or session.closed:
            await self._forget_dead_loops()
            session = self._own.get(loop)
        if session is None or session.closed:
            # No cookies: one call must not change what the next one sends.
            session = aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar())
            self._own[loop] = session
        return session

    async def close(self) -> None:
        """Close the running loop's own session and whatever ended loops left; any number of times."""
        await self._forget_dead_loops()
        session = self._own.pop(asyncio.get_running_loop(), None)
        if session is not None:
            await session.close()

    async def _forget_dead_loops(self) -> None:
        for loop in [loop for loop in self._own if loop.is_closed()]:
            await self._own.pop(loop).close()


async def send(
    session: aiohttp.ClientSession,
    request: HttpRequest,
    *,
    timeout: float | None,
    ssl: ssl_module.SSLContext | None,
    proxy: Proxy | None,
) -> HttpReply | HttpTrouble:
    """One attempt, `timeout` seconds at most, redirects never followed."""
    try:
        return await _exchange(session, request, timeout=timeout, ssl=ssl, proxy=proxy)
    except asyncio.CancelledError as cancelled:
        # anyio knows its own cancellations by their message.
        message = cancelled.args
    # Another one: through the frames of the first, whoever captures locals would read the Authorization header.
    raise asyncio.CancelledError(*message)


async def _exchange(
    session: aiohttp.ClientSession,
    request: HttpRequest,
    *,
    timeout: float | None,
    ssl: ssl_module.SSLContext | None,
    proxy: Proxy | None,
) -> HttpReply | HttpTrouble:
    connect = _CONNECT_TIMEOUT if timeout is None else min(_CONNECT_TIMEOUT, timeout)
    try:
        async with session.request(
            request.verb,
            _target(request),
            data=_payload(request),
            headers=request.headers,
            allow_redirects=False,
            timeout=aiohttp.ClientTimeout(total=timeout, sock_connect=connect),
            ssl=True if ssl is None else ssl,
            proxy=proxy.url if proxy else None,
        ) as response:
            body = await _read(response)
            if body is None:
                return _trouble("the answer is larger than any of Slack's", FailureKind.PERMANENT, response.status)
            return HttpReply(response.status, response.content_type, response.headers, body)
    except (aiohttp.ClientError, TimeoutError, OSError, ValueError) as error:
        return _explain(error, through_proxy=proxy is not None)
    except RuntimeError:
        # aiohttp's word for a session that was closed under a running call; everything else is a defect.
        if not session.closed:
            raise
        return _trouble("the client was closed during the call", FailureKind.PERMANENT)


def _target(request: HttpRequest) -> URL:
    # A signed upload URL must go out byte for byte.
    url = URL(request.url.reveal(), encoded=True)
    return url.update_query(request.query) if request.query else url


def _payload(request: HttpRequest) -> bytes | aiohttp.FormData | None:
    if request.content is not None:
        return request.content or None
    # Unquoted, as browsers do: Slack would show "my%20file" to people.
    form = aiohttp.FormData(quote_fields=False)
    for name, value in request.fields.items():
        form.add_field(name, value)
    for name, part in request.files.items():
        form.add_field(name, part.content, filename=part.filename, content_type="application/octet-stream")
    return form


async def _read(response: aiohttp.ClientResponse) -> bytes | None:
    is_download = response.content_type == DOWNLOAD_TYPE and 200 <= response.status < 300
    most = MAX_DOWNLOAD_BYTES if is_download else MAX_JSON_BYTES
    body = bytearray()
    async for chunk in response.content.iter_any():
        body += chunk
        if len(body) > most:
            return None
    return bytes(body)


def _explain(error: Exception, *, through_proxy: bool) -> HttpTrouble:
    match error:
        case aiohttp.ClientConnectorCertificateError():
            return _trouble("the server's certificate was not accepted", FailureKind.PERMANENT)
        case aiohttp.ClientHttpProxyError(status=status):
            kind = FailureKind.NOT_SENT if status >= 500 else FailureKind.PERMANENT
            return _trouble(f"the proxy refused the connection with HTTP {status}", kind, status)
        case aiohttp.ClientProxyConnectionError():
            return _trouble("the proxy could not be reached", FailureKind.NOT_SENT)
        case aiohttp.ClientConnectorDNSError():
            return _trouble("the host name could not be resolved", FailureKind.NOT_SENT)
        case aiohttp.ClientSSLError():
            return _trouble("TLS could not be established", FailureKind.NOT_SENT)
        case aiohttp.ClientConnectorError() | aiohttp.ConnectionTimeoutError():
            where = "the server could not be reached through the proxy" if through_proxy else "no connection"
            return _trouble(where, FailureKind.NOT_SENT)
        case TimeoutError():
            return _trouble("no answer in time", FailureKind.UNANSWERED)
        case aiohttp.InvalidURL() | aiohttp.NonHttpUrlClientError():
            return _trouble("the URL cannot be used", FailureKind.PERMANENT)
        case aiohttp.ClientError() | OSError():
            return _trouble("the connection was lost before the answer was complete", FailureKind.UNANSWERED)
    return _trouble(f"the request could not be made ({type(error).__name__})", FailureKind.PERMANENT)


def _trouble(sentence: str, kind: FailureKind, status: int | None = None) -> HttpTrouble:
    return HttpTrouble(sentence, Failure(kind), status)
