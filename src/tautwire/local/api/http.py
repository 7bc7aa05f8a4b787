"""The HTTP side of the Web API: reading a call, judging its token, wording the answer, faults included."""

from __future__ import annotations

import logging
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from aiohttp import web

from tautwire.local.api.limits import Limits, TooFast
from tautwire.local.api.method import Call, complaint, warn
from tautwire.local.api.methods import METHODS
from tautwire.local.api.reading import Given, basic, dumps, read, unreadable
from tautwire.local.forgetting import Recent, forget
from tautwire.local.mishaps import hang, reset
from tautwire.local.tokens import is_real
from tautwire.local.workspace.refusal import Refusal

if TYPE_CHECKING:
    import asyncio
    from collections.abc import Callable

    from tautwire.clock import Clock
    from tautwire.local.api.method import Method
    from tautwire.local.bell import Bell
    from tautwire.local.faults import Fault, Faults
    from tautwire.local.journal import Journal
    from tautwire.local.workspace import Workspace
    from tautwire.local.workspace.keys import Key
    from tautwire.local.workspace.model import App

__all__ = ["ApiCall", "WebApi"]

Json = dict[str, Any]

_TOO_REAL: Final = (
    "this is the local Slack, and that has the shape of a real Slack token; "
    "use the tokens that the local Slack shows, and consider the real one leaked"
)
_PLACE: Final = re.compile(r"(?:[A-Za-z0-9._-]+|\[[0-9A-Fa-f:.]+\]):[0-9]{1,5}")
_LOG: Final = logging.getLogger(__name__)
#: Calls that are remembered, and names of methods that there are not.
MOST_CALLS: Final = 10_000
MOST_NAMES: Final = 1_000
#: What Slack's SDKs use, and HEAD, which shows a token's scopes.
_VERBS: Final = ("GET", "HEAD", "POST")
_NOT_A_BODY: Final = "The body of this request does not unpack as its Content-Encoding and Transfer-Encoding say."
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
    """Answers `/api/<method>`. `calls` is the record of the latest ten thousand, in order.

    `settle` is called after every method, before its answer goes out: what has changed is told to the apps. `open_url`
    mints a WebSocket URL for an app under the name that the caller has used. `is_strict_about_scopes` refuses what a
    token has no scope for; `strict_limits` holds apps to Slack's rate limits.
    """

    def __init__(
        self,
        *,
        workspace: Workspace,
        clock: Clock,
        faults: Faults,
        bell: Bell,
        journal: Journal,
        closing: asyncio.Event,
        settle: Callable[[], object],
        open_url: Callable[[App, str | None], str],
        base_url: Callable[[], str],
        is_strict_about_scopes: bool = False,
        strict_limits: bool = False,
    ) -> None:
        self._workspace, self._clock, self._faults, self._bell = workspace, clock, faults, bell
        self._closing, self._settle, self._open_url, self._base_url = closing, settle, open_url, base_url
        self._journal = journal
        self._is_strict_about_scopes = is_strict_about_scopes
        #: The rate limits in force, or `None`.
        self.limits = Limits() if strict_limits else None
        self.calls: list[ApiCall] = Recent(MOST_CALLS)
        #: How many there were in all, and how many of `apps.connections.open`.
        self.count = self.opens = 0
        #: Methods that were asked for and that the local Slack does not know, with how often.
        self.unknown_methods: dict[str, int] = {}
        self._scolded: set[str] = set()

    async def handle(self, request: web.Request) -> web.StreamResponse:
        """One call."""
        name = request.match_info["method"]
        if request.method not in _VERBS:
            self._note(name, "bad_verb", {})
            return web.Response(
                status=405, headers={"Allow": ", ".join(_VERBS)}, text="Web API methods are called with GET or POST."
            )
        fault = self._faults.decide("api", name)
        if fault is not None and fault.kind != "slow":
            return await self._misbehave(request, name, fault)
        if fault is not None:
            await self._clock.wait(self._closing, fault.delay)
        try:
            return await self._respond(request, name)
        except (web.RequestPayloadError, ConnectionResetError):
            self._note(name, "bad_body", {})
            return unreadable(request, _NOT_A_BODY)
        except web.HTTPRequestEntityTooLarge as error:
            self._note(name, "too_large", {})
            return unreadable(request, error.text or error.reason, status=error.status)

    async def _respond(self, request: web.Request, name: str) -> web.Response:
        given, args, retry_after = Given(), {}, 0
        key: Key | None = None
        began = self._clock.monotonic()
        try:
            given = await read(request)
            method = self._method(request, name)
            args = self._arguments(method, given)
            key = self._authorize(request, method, args)
            self._limit(method, key, args)
            with self._journal.chain():
                body = self._run(request, method, key, args)
        except TooFast as refusal:
            body, retry_after = refusal.body, refusal.retry_after
        except Refusal as refusal:
            body = refusal.body
        self._note(name, body.get("error", "ok"), args, key=key, body=body, seconds=self._clock.monotonic() - began)
        return self._answer(warn(body, *given.warnings) if given.warnings else body, name, key, retry_after)

    def _method(self, request: web.Request, name: str) -> Method:
        method = METHODS.get(name)
        if method is None:
            # What is asked for again is the latest again.
            self.unknown_methods[name] = self.unknown_methods.pop(name, 0) + 1
            forget(self.unknown_methods, MOST_NAMES)
            self._scold("%r: the local Slack does not know this method, and answers unknown_method", name)
            raise Refusal("unknown_method", req_method=name)
        if request.method != "POST" and name == "apps.connections.open":
            raise Refusal("insecure_request")
        return method

    def _arguments(self, method: Method, given: Given) -> Json:
        if method.takes_json or not given.is_json:
            return given.args
        if given.body:
            self._scold(
                "%r was called with JSON, whose arguments Slack ignores for this method; send a form", method.name
            )
        return given.query

    def _scold(self, sentence: str, name: str) -> None:
        """Say something about a method, once."""
        if sentence % name not in self._scolded and len(self._scolded) < MOST_NAMES:
            self._scolded.add(sentence % name)
            _LOG.warning(sentence, name)

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
            raise complaint("invalid_auth", _TOO_REAL)
        key = self._workspace.key(token)
        if key is None:
            raise Refusal("invalid_auth")
        if key.kind not in method.tokens:
            raise Refusal("not_allowed_token_type")
        return key

    def _limit(self, method: Method, key: Key | None, args: Json) -> None:
        if self.limits is None:
            return
        place = self._workspace.core.find_channel(str(args.get("channel", "")))
        channel = place.id if place else str(args.get("channel", ""))
        self.limits.check(method, key.app.id if key else "", self._clock.monotonic(), channel=channel)

    def _run(self, request: web.Request, method: Method, key: Key | None, args: Json) -> Json:
        call = Call(
            method=method,
            args=args,
            workspace=self._workspace,
            key=key,
            wall=self._clock.wall(),
            now=self._clock.monotonic(),
            base_url=self._base_url(),
            open_url=lambda app: self._open_url(app, _place(request)),
            faults=self._faults,
            basic=basic(request),
            is_strict_about_scopes=self._is_strict_about_scopes,
        )
        call.check_scopes()
        call.check_arguments()
        try:
            return {"ok": True, **method.run(call)}
        finally:
            self._settle()

    def _answer(self, body: Json, name: str, key: Key | None = None, retry_after: int = 0) -> web.Response:
        response = web.json_response(body, dumps=dumps, status=429 if retry_after else 200)
        method = METHODS.get(name)
        if method is not None and key is not None:
            response.headers["X-OAuth-Scopes"] = ",".join(key.scopes)
            response.headers["X-Accepted-OAuth-Scopes"] = ",".join(method.scopes_of(key.kind))
        if retry_after:
            response.headers["Retry-After"] = str(retry_after)
        response.headers["X-Slack-Req-Id"] = f"local-{self.count}"
        return response

    def _note(
        self,
        method: str,
        outcome: str,
        args: Json,
        *,
        key: Key | None = None,
        body: object = None,
        seconds: float = 0.0,
    ) -> None:
        self.count += 1
        self.opens += method == "apps.connections.open"
        self.calls.append(ApiCall(method, self._clock.monotonic(), outcome, args))
        self._journal.api_call(
            method,
            args,
            body,
            outcome=outcome,
            seconds=seconds,
            by=key.kind if key else "nobody",
            app_id=key.app.id if key else "",
        )
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
                return self._answer({"ok": False, "error": fault.error}, method)
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


def _place(request: web.Request) -> str | None:
    """Host and port as the caller has them, if they can be put into a URL as they are."""
    place = request.headers.get("Host", "")
    return place if _PLACE.fullmatch(place) else None
