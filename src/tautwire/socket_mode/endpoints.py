"""Where a dial's URL comes from: any web client's `apps.connections.open`, its failures in this library's terms.

The web client may be ours, slack_sdk's, or anything with `apps_connections_open(app_token=…)` or `api_call(…)`. So
errors are read by their shape: a `.response` with Slack's `error` code, or nothing of the kind.
"""

from __future__ import annotations

import inspect
from contextvars import ContextVar
from typing import TYPE_CHECKING, Any

from tautwire.engine.transport import Endpoint
from tautwire.errors import (
    FATAL_API_ERRORS,
    FATAL_HTTP_STATUSES,
    ConfigurationError,
    DialError,
    FatalConnectionError,
    InvalidTokenError,
    RateLimitedError,
    SlackRequestError,
    TautwireError,
    quotable,
)
from tautwire.protocol.endpoint import check_endpoint
from tautwire.secret import Secret
from tautwire.socket_mode.route import Route, base_url_of
from tautwire.socket_mode.stand_in import stand_in_for

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping

    _UrlSource = Callable[[], Awaitable[str]]

__all__ = ["EndpointSource", "is_dialling", "open_connection"]

_DIALLING: ContextVar[bool] = ContextVar("dialling", default=False)
_RATE_LIMITED = frozenset({"ratelimited", "rate_limited"})


class EndpointSource(Route):
    """Gives each dial its URL and its proxy. What its attributes say at that moment counts."""

    def __init__(
        self, web_client: Any, app_token: Secret, proxy: str | None, override: Callable[[], _UrlSource | None]
    ) -> None:
        super().__init__(web_client, proxy)
        self.app_token = app_token
        #: A URL that the next dial uses, once.
        self.wss_uri: Secret | None = None
        self._override = override

    async def __call__(self) -> Endpoint:
        """Where to dial next.

        Raises:
            FatalConnectionError, RateLimitedError, DialError: as `open_connection`.
        """
        url = await self._url()
        try:
            return Endpoint(url, self.proxy_to(url))
        except ConfigurationError as error:
            raise FatalConnectionError(str(error), code="configuration") from None

    async def _url(self) -> Secret:
        if self.wss_uri is not None:
            uri, self.wss_uri = self.wss_uri, None
            return uri
        if (override := self._override()) is not None:
            return await _overridden(override)
        url = await open_connection(self.web_client, self.app_token)
        check_endpoint(url, base_url_of(self.web_client))
        return Secret(url)


def is_dialling() -> bool:
    """Whether the caller was called by a dial, through a user's own `issue_new_wss_url`."""
    return _DIALLING.get()


async def _overridden(source: _UrlSource) -> Secret:
    """A user's own way to get a URL; what it raises is judged as our own way's failures are."""
    token = _DIALLING.set(True)
    try:
        return Secret(await source())
    except Exception as error:  # noqa: BLE001  somebody else's code; it is one failed dial
        failure = _translate(error)
    finally:
        _DIALLING.reset(token)
    raise failure


async def open_connection(web_client: Any, app_token: Secret) -> str:
    """One call of `apps.connections.open`; the URL, with its ticket.

    Raises:
        FatalConnectionError: no further call can help.
        RateLimitedError: Slack asks to wait.
        DialError: it failed otherwise.
    """
    failure: TautwireError
    try:
        response = await _call(web_client, app_token)
    except Exception as error:  # noqa: BLE001  somebody else's web client may raise anything; it is one failed dial
        failure = _translate(error)
    else:
        url = _url_in(response)
        if url is not None:
            return url
        failure = _judge(_field(response, "error"), None, None)
    # Raised outside the handler: the original may hold the token, and must not hang on as a context.
    raise failure


async def _call(web_client: Any, app_token: Secret) -> Any:
    if (stand_in := stand_in_for(web_client)) is not None:
        async with stand_in:
            return await stand_in.apps_connections_open(app_token=app_token)
    if hasattr(web_client, "apps_connections_open"):
        answer = web_client.apps_connections_open(app_token=app_token.reveal())
    elif not hasattr(web_client, "api_call"):
        raise FatalConnectionError(
            "web_client has neither apps_connections_open() nor api_call(): give an AsyncWebClient", code="web_client"
        )
    else:
        headers = {"Authorization": f"Bearer {app_token.reveal()}"}
        answer = web_client.api_call("apps.connections.open", http_verb="POST", headers=headers)
    if not inspect.isawaitable(answer):
        raise FatalConnectionError(
            "web_client is not asynchronous: give an AsyncWebClient (slack_sdk's or tautwire's)", code="web_client"
        )
    return await answer


def _translate(error: Exception) -> TautwireError:
    if isinstance(error, FatalConnectionError | RateLimitedError | DialError):
        error.__cause__ = error.__context__ = None
        return error.with_traceback(None)
    if isinstance(error, ConfigurationError):
        return FatalConnectionError(str(error), code="configuration")
    response = getattr(error, "response", None)
    status = getattr(error, "status", None) or getattr(response, "status_code", None)
    code = _field(response, "error")
    if isinstance(error, SlackRequestError) and status not in (*FATAL_HTTP_STATUSES, 429):
        return DialError(str(error))
    if code is None and status is None:
        return DialError(f"apps.connections.open failed: {_words(error)}")
    return _judge(code, status, getattr(response, "headers", None))


def _judge(code: str | None, status: int | None, headers: Mapping[str, Any] | None) -> TautwireError:
    if code in _RATE_LIMITED or status == 429:
        return RateLimitedError("apps.connections.open", {"error": code}, retry_after=_retry_after(headers))
    if code in FATAL_API_ERRORS:
        return InvalidTokenError(
            f"Slack refuses the app-level token ({code}): check that it is an xapp- token of this app "
            "with connections:write, and that the app is still installed",
            code=code,
        )
    if code is None and status in FATAL_HTTP_STATUSES:
        return InvalidTokenError(
            f"apps.connections.open was answered with HTTP {status}: check the token, and the base_url or the proxy",
            code=f"http_{status}",
        )
    if code is None and status == 407:
        return DialError("apps.connections.open failed: the proxy wants credentials (HTTP 407): give them in its URL")
    problem = quotable(code) if code else f"HTTP {status}" if status else "no url in its answer"
    return DialError(f"apps.connections.open failed: {problem}")


def _words(error: Exception) -> str:
    """Only our own errors are known to say nothing secret."""
    return str(error) if isinstance(error, TautwireError) else type(error).__name__


def _url_in(response: Any) -> str | None:
    return _field(response, "url") if _field(response, "error") is None else None


def _field(response: Any, name: str) -> str | None:
    try:
        value = response[name]
    except (TypeError, KeyError, ValueError, AttributeError, IndexError):
        return None
    return value if isinstance(value, str) else None


def _retry_after(headers: Mapping[str, Any] | None) -> float | None:
    try:
        for name, value in (headers or {}).items():
            if name.lower() == "retry-after":
                return float(value[0] if isinstance(value, list) else value)
    except (TypeError, ValueError, AttributeError, IndexError):
        return None
    return None
