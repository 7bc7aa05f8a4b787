"""The HTTP side of the Web API: reading a call, judging its token, wording the answer, faults included."""

from __future__ import annotations

import codecs
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from aiohttp import web

from tautwire.local.methods import METHODS, Method, Office, Refusal
from tautwire.local.tokens import is_real

if TYPE_CHECKING:
    import asyncio
    from collections.abc import Callable

    from tautwire.clock import Clock
    from tautwire.local.bell import Bell
    from tautwire.local.faults import Fault, Faults

__all__ = ["ApiCall", "WebApi"]

Json = dict[str, Any]

#: What the bot of the local workspace may do; shown in `X-OAuth-Scopes`, refused nowhere yet.
BOT_SCOPES: Final = "app_mentions:read,channels:history,channels:read,chat:write,commands,im:history,users:read"
_TOO_REAL: Final = (
    "[ERROR] this is the local Slack, and that has the shape of a real Slack token; "
    "use the tokens that the local Slack shows, and consider the real one leaked"
)
_MULTIPART: Final = "multipart/form-data"
_HTML: Final = "<!DOCTYPE html><html><head><title>Slack</title></head><body>Something went wrong.</body></html>"


@dataclass(frozen=True, slots=True)
class ApiCall:
    """One call as it was answered. `outcome` is `ok`, Slack's error code, or the fault's kind; `at` monotonic."""

    method: str
    at: float
    outcome: str
    args: Json

    def __repr__(self) -> str:
        return f"<{self.method} {self.outcome}>"


class WebApi:
    """Answers `/api/<method>`. `calls` is the record of all of them, in order."""

    def __init__(
        self,
        *,
        app_token: str,
        bot_token: str,
        clock: Clock,
        faults: Faults,
        bell: Bell,
        closing: asyncio.Event,
        office: Callable[[web.Request], Office],
    ) -> None:
        self._tokens = {app_token: "app", bot_token: "bot"}
        self._clock, self._faults, self._bell, self._closing = clock, faults, bell, closing
        self._office = office
        #: Set to Slack's error code to have every `apps.connections.open` fail with it.
        self.open_error = ""
        self.calls: list[ApiCall] = []

    async def handle(self, request: web.Request) -> web.StreamResponse:
        """One call."""
        method = request.match_info["method"]
        fault = self._faults.decide("api", method)
        if fault is not None and fault.kind != "slow":
            return await self._misbehave(request, method, fault)
        if fault is not None:
            await self._clock.wait(self._closing, fault.delay)
        args: Json = {}
        try:
            args = await _arguments(request)
            body = self._run(request, method, args)
        except Refusal as refusal:
            body = refusal.body
        self._note(method, body.get("error", "ok"), args)
        return self._answer(body, METHODS.get(method))

    def _run(self, request: web.Request, method: str, args: Json) -> Json:
        known = METHODS.get(method)
        if known is None:
            raise Refusal("unknown_method", req_method=method)
        if request.method != "POST" and method == "apps.connections.open":
            raise Refusal("insecure_request")
        self._authorize(request, known, args)
        if method == "apps.connections.open" and self.open_error:
            raise Refusal(self.open_error)
        return {"ok": True, **known.run(self._office(request), args)}

    def _authorize(self, request: web.Request, method: Method, args: Json) -> None:
        scheme, _, bearer = request.headers.get("Authorization", "").partition(" ")
        in_body = args.pop("token", "")
        if method.token == "none":  # noqa: S105 - a kind, not a token
            return
        token = bearer.strip() if scheme.lower() == "bearer" else ("" if method.token == "app" else str(in_body))  # noqa: S105
        if not token:
            raise Refusal("not_authed")
        if is_real(token):
            raise Refusal("invalid_auth", response_metadata={"messages": [_TOO_REAL]})
        kind = self._tokens.get(token)
        if kind is None:
            raise Refusal("invalid_auth")
        if method.token not in ("any", kind):
            raise Refusal("not_allowed_token_type")

    def _answer(self, body: Json, method: Method | None) -> web.Response:
        response = web.json_response(body, dumps=_dumps)
        if method is not None and method.token != "none":  # noqa: S105
            response.headers["X-OAuth-Scopes"] = "connections:write" if method.token == "app" else BOT_SCOPES  # noqa: S105
            response.headers["X-Accepted-OAuth-Scopes"] = method.scopes
        response.headers["X-Slack-Req-Id"] = f"local-{len(self.calls)}"
        return response

    def _note(self, method: str, outcome: str, args: Json) -> None:
        self.calls.append(ApiCall(method, self._clock.monotonic(), outcome, args))
        self._bell.ring()

    async def _misbehave(self, request: web.Request, method: str, fault: Fault) -> web.StreamResponse:
        self._note(method, fault.error if fault.kind == "error" else fault.kind, {})
        if fault.delay > 0 and fault.kind != "hang":
            await self._clock.wait(self._closing, fault.delay)
        match fault.kind:
            case "ratelimited":
                headers = {} if fault.retry_after is None else {"Retry-After": f"{fault.retry_after:g}"}
                return web.json_response({"ok": False, "error": "ratelimited"}, status=429, headers=headers)
            case "error":
                return self._answer({"ok": False, "error": fault.error}, METHODS.get(method))
            case "html":
                return web.Response(text=_HTML, content_type="text/html", status=fault.status)
            case "not_json":
                return web.Response(text='{"ok":true,"url":"wss', content_type="application/json")
            case "hang":
                await hang(self._clock, self._closing, fault.delay)
                return web.Response(status=504)
            case "reset":
                return reset(request)
        return web.Response(status=fault.status)


async def hang(clock: Clock, closing: asyncio.Event, seconds: float) -> None:
    """Say nothing for `seconds`; for 0 or less, until the local Slack closes."""
    if seconds > 0:
        await clock.wait(closing, seconds)
    else:
        await closing.wait()


def reset(request: web.Request) -> web.Response:
    """Cut TCP without an answer; the response returned is one that nobody will see."""
    if request.transport is not None:
        request.transport.abort()
    return web.Response(status=500)


async def _arguments(request: web.Request) -> Json:
    """Query and body together. JSON, form and empty bodies are taken; a `token` in JSON does not count."""
    args: Json = {key: value for key, value in request.query.items() if key != "token"}
    # A multipart body can be read once only, and its parser wants to be the one who does.
    body = b"" if request.content_type == _MULTIPART else await request.read()
    if not body.strip() and not (request.content_type == _MULTIPART and request.can_read_body):
        return args
    if not _is_charset(request.charset or "utf-8"):
        raise Refusal("invalid_charset")
    if request.content_type == "application/json":
        return args | _json_object(body)
    if request.content_type in ("application/x-www-form-urlencoded", _MULTIPART):
        return args | await _form(request)
    raise Refusal("invalid_post_type")


def _is_charset(name: str) -> bool:
    """Whether Slack knows it: `utf-8` and `iso-8859-1`, says its list of errors, and nothing else."""
    try:
        return codecs.lookup(name).name in ("utf-8", "iso8859-1")
    except (LookupError, ValueError):
        return False


async def _form(request: web.Request) -> Json:
    try:
        fields = await request.post()
    except LookupError:
        # A part of a multipart body has a charset of its own.
        raise Refusal("invalid_charset") from None
    except (ValueError, RuntimeError):
        raise Refusal("invalid_form_data") from None
    return {key: value for key, value in fields.items() if isinstance(value, str)}


def _json_object(body: bytes) -> Json:
    try:
        given = json.loads(body)
        # A lone surrogate, which Slack does not take for JSON either, could not be sent back.
        _dumps(given).encode()
    except (ValueError, RecursionError):
        raise Refusal("invalid_json") from None
    if not isinstance(given, dict):
        raise Refusal("json_not_object")
    return {key: value for key, value in given.items() if key != "token"}


def _dumps(body: Any) -> str:
    return json.dumps(body, separators=(",", ":"), ensure_ascii=False)
