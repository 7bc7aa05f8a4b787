"""From a planned call to Slack's answer: HTTP by `transport`, meaning by `answer`, repetition by `attempts`."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, TypeVar
from urllib.parse import urlsplit

from multidict import CIMultiDict

from tautwire.errors import RateLimitedError, SlackApiError, SlackRequestError
from tautwire.proxy import proxy_for
from tautwire.secret import Secret
from tautwire.web.answer import Answer, Unreadable, failure_of_status, read
from tautwire.web.attempts import Failed, persist
from tautwire.web.response import AsyncSlackResponse
from tautwire.web.retry import Failure, FailureKind
from tautwire.web.transport import HttpReply, HttpRequest, HttpTrouble, Proxy, SessionPool, send

if TYPE_CHECKING:
    import ssl
    from collections.abc import Awaitable, Callable, Mapping
    from logging import Logger

    from tautwire.clock import Clock
    from tautwire.web.arguments import Call
    from tautwire.web.response import PageSource

__all__ = ["Settings", "Wire"]

_UPLOAD: Final = "files upload"

#: Characters of a host that an error quotes.
_LONGEST_HOST: Final = 80

T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """The client's settings at the moment of a call. `timeout` and `rate_limit_budget` are seconds."""

    base_url: str
    timeout: float | None
    ssl: ssl.SSLContext | None
    proxy: Secret | None
    rate_limit_budget: float
    headers: Mapping[str, str] = field(repr=False)


class Wire:
    """Makes calls; owns the sessions."""

    def __init__(self, sessions: SessionPool, *, clock: Clock, random: Callable[[], float], logger: Logger) -> None:
        self.sessions = sessions
        self._clock = clock
        self._random = random
        self._logger = logger

    async def call(self, call: Call, settings: Settings, source: PageSource) -> AsyncSlackResponse:
        """The answer to `call`; `source` fetches its further pages. Raises as `AsyncWebClient` says."""

        async def attempt() -> AsyncSlackResponse | Failed:
            return await self._attempt(call, settings, source)

        return await self._persist(call.method, attempt, settings)

    async def upload(self, url: Secret, content: bytes, settings: Settings) -> None:
        """Send a file's bytes to where Slack wants them, without the token."""
        headers = {"User-Agent": settings.headers.get("User-Agent", ""), "Content-Type": "application/octet-stream"}
        request = HttpRequest("POST", url, headers, {}, content=content)

        async def attempt() -> Failed | None:
            return _upload_failure(await self._send(request, settings))

        await self._persist(_UPLOAD, attempt, settings)

    async def _persist(self, method: str, attempt: Callable[[], Awaitable[T | Failed]], settings: Settings) -> T:
        return await persist(
            method,
            attempt,
            budget=settings.rate_limit_budget,
            clock=self._clock,
            random=self._random,
            logger=self._logger,
        )

    async def _attempt(self, call: Call, settings: Settings, source: PageSource) -> AsyncSlackResponse | Failed:
        url = settings.base_url + call.method
        reply = await self._send(_request(call, Secret(url), settings.headers), settings)
        if isinstance(reply, HttpTrouble):
            return _failed(f"{call.method}: {reply.sentence} ({_host(url)})", reply.failure, reply.status)
        answer = read(reply)
        if isinstance(answer, Unreadable):
            return _failed(f"{call.method}: got {answer.sentence} from {_host(url)}", answer.failure, reply.status)
        response = AsyncSlackResponse(
            client=source, call=call, api_url=url, data=answer.data, headers=reply.headers, status_code=reply.status
        )
        return _refused(call.method, answer, response) or response

    async def _send(self, request: HttpRequest, settings: Settings) -> HttpReply | HttpTrouble:
        target = urlsplit(request.url.reveal())
        explicit = settings.proxy.reveal() if settings.proxy else None
        port = target.port or (443 if target.scheme == "https" else 80)
        proxy = proxy_for(target.hostname or "", port, explicit=explicit)
        return await send(
            await self.sessions.current(),
            request,
            timeout=settings.timeout,
            ssl=settings.ssl,
            proxy=Proxy.parse(proxy) if proxy else None,
        )


def _request(call: Call, url: Secret, defaults: Mapping[str, str]) -> HttpRequest:
    headers = CIMultiDict[str]()
    if call.authorization is not None:
        headers["Authorization"] = call.authorization.reveal()
    headers.update(defaults)
    headers.update(call.headers)
    # The body's own type wins over anybody's header: a wrong one makes Slack ignore every argument.
    headers.pop("Content-Type", None)
    if call.content_type is None:
        return HttpRequest(call.verb, url, headers, call.query, fields=call.form, files=call.files)
    headers["Content-Type"] = call.content_type
    return HttpRequest(call.verb, url, headers, call.query, content=call.body())


def _refused(method: str, answer: Answer, response: AsyncSlackResponse) -> Failed | None:
    if answer.failure is None:
        return None
    if answer.failure.kind is FailureKind.RATE_LIMITED:
        after = answer.failure.retry_after
        return Failed(answer.failure, RateLimitedError(f"{method} failed", response, retry_after=after))
    return Failed(answer.failure, SlackApiError(f"{method} failed", response))


def _upload_failure(reply: HttpReply | HttpTrouble) -> Failed | None:
    if isinstance(reply, HttpTrouble):
        return _failed(f"{_UPLOAD}: {reply.sentence}", reply.failure, reply.status)
    failure = failure_of_status(reply)
    return None if failure is None else _failed(f"{_UPLOAD}: got HTTP {reply.status}", failure, reply.status)


def _failed(sentence: str, failure: Failure, status: int | None) -> Failed:
    return Failed(failure, SlackRequestError(sentence, status=status))


def _host(url: str) -> str:
    host = urlsplit(url).netloc
    return host if len(host) <= _LONGEST_HOST else f"{host[:_LONGEST_HOST]}…"
