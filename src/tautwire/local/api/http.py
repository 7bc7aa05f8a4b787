"""The HTTP side of the Web API: reading a call, judging its token, wording the answer, faults included."""

from __future__ import annotations

import base64
import binascii
import codecs
import json
import logging
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from aiohttp import web

from tautwire.local.api.method import Call
from tautwire.local.api.methods import METHODS
from tautwire.local.tokens import is_real
from tautwire.local.workspace.refusal import Refusal

if TYPE_CHECKING:
    import asyncio
    from collections.abc import Callable

    from tautwire.clock import Clock
    from tautwire.local.api.method import Method
    from tautwire.local.bell import Bell
    from tautwire.local.faults import Fault, Faults
    from tautwire.local.workspace import Workspace
    from tautwire.local.workspace.keys import Key
    from tautwire.local.workspace.model import App

__all__ = ["ApiCall", "WebApi"]

Json = dict[str, Any]

_TOO_REAL: Final = (
    "[ERROR] this is the local Slack, and that has the shape of a real Slack token; "
    "use the tokens that the local Slack shows, and consider the real one leaked"
)
_LOG: Final = logging.getLogger(__name__)
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
    """Answers `/api/<method>`. `calls` is the record of all of them, in order.

    `settle` is called after every method, before its answer goes out: what has changed is told to the apps. `open_url`
    mints a WebSocket URL for an app under the name that the caller has used.
    """

    def __init__(
        self,
        *,
        workspace: Workspace,
        clock: Clock,
        faults: Faults,
        bell: Bell,
        closing: asyncio.Event,
        settle: Callable[[], None],
        open_url: Callable[[App, str | None], str],
        base_url: Callable[[], str],
        is_strict_about_scopes: bool = False,
    ) -> None:
        self._workspace, self._clock, self._faults, self._bell = workspace, clock, faults, bell
        self._closing, self._settle, self._open_url, self._base_url = closing, settle, open_url, base_url
        self._is_strict_about_scopes = is_strict_about_scopes
        #: Set to Slack's error code to have every `apps.connections.open` fail with it.
        self.open_error = ""
        self.calls: list[ApiCall] = []

    async def handle(self, request: web.Request) -> web.StreamResponse:
        """One call."""
        name = request.match_info["method"]
        fault = self._faults.decide("api", name)
        if fault is not None and fault.kind != "slow":
            return await self._misbehave(request, name, fault)
        if fault is not None:
            await self._clock.wait(self._closing, fault.delay)
        args: Json = {}
        key: Key | None = None
        try:
            args = await _arguments(request)
            method = self._method(request, name)
            if not method.takes_json and request.content_type == "application/json":
                args = {}
            key = self._authorize(request, method, args)
            body = self._run(request, method, key, args)
        except Refusal as refusal:
            body = refusal.body
        self._note(name, body.get("error", "ok"), args)
        return self._answer(body, METHODS.get(name), key)

    def _method(self, request: web.Request, name: str) -> Method:
        method = METHODS.get(name)
        if method is None:
            _LOG.warning("%s: the local Slack does not know this method, and has answered unknown_method", name)
            raise Refusal("unknown_method", req_method=name)
        if request.method != "POST" and name == "apps.connections.open":
            raise Refusal("insecure_request")
        return method

    def _authorize(self, request: web.Request, method: Method, args: Json) -> Key | None:
        scheme, _, bearer = request.headers.get("Authorization", "").partition(" ")
        in_body = args.pop("token", "")
        if not method.tokens:
            return None
        # An app-level token counts in the header only.
        token = bearer.strip() if scheme.lower() == "bearer" else ("" if method.tokens == {"app"} else str(in_body))
        if not token:
            raise Refusal("not_authed")
        if is_real(token):
            raise Refusal("invalid_auth", response_metadata={"messages": [_TOO_REAL]})
        key = self._workspace.key(token)
        if key is None:
            raise Refusal("invalid_auth")
        if key.kind not in method.tokens:
            raise Refusal("not_allowed_token_type")
        self._check_scopes(method, key)
        return key

    def _check_scopes(self, method: Method, key: Key) -> None:
        if not self._is_strict_about_scopes or key.kind == "app" or not method.scopes:
            return
        if not any(key.app.permissions.has_scope(scope) for scope in method.scopes):
            raise Refusal("missing_scope", needed=",".join(method.scopes), provided=",".join(key.scopes))

    def _run(self, request: web.Request, method: Method, key: Key | None, args: Json) -> Json:
        call = Call(
            method=method.name,
            args=args,
            workspace=self._workspace,
            key=key,
            wall=self._clock.wall(),
            now=self._clock.monotonic(),
            base_url=self._base_url(),
            open_url=lambda app: self._open_url(app, request.headers.get("Host")),
            faults=self._faults,
            basic=_basic(request),
        )
        if method.name == "apps.connections.open" and self.open_error:
            raise Refusal(self.open_error)
        call.check_arguments(method)
        try:
            return {"ok": True, **method.run(call)}
        finally:
            self._settle()

    def _answer(self, body: Json, method: Method | None, key: Key | None = None) -> web.Response:
        response = web.json_response(body, dumps=_dumps)
        if method is not None and key is not None:
            response.headers["X-OAuth-Scopes"] = ",".join(key.scopes)
            response.headers["X-Accepted-OAuth-Scopes"] = ",".join(method.scopes)
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


def _basic(request: web.Request) -> tuple[str, str]:
    """Name and password of HTTP Basic; empty when there are none."""
    scheme, _, value = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() != "basic":
        return "", ""
    try:
        name, _, password = base64.b64decode(value.strip(), validate=True).decode().partition(":")
    except (binascii.Error, ValueError):
        return "", ""
    return name, password


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
