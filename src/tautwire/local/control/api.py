"""The control API over HTTP: who may ask, what they ask, and one sentence for each mistake."""

from __future__ import annotations

from hmac import compare_digest
from typing import TYPE_CHECKING, Final

import msgspec
from aiohttp import web

from tautwire.errors import ActionRefusedError, TautwireError
from tautwire.local.control import clicking, journal, keeping, sending, talking, telling, weather
from tautwire.local.control.openapi import document
from tautwire.local.control.operation import given
from tautwire.local.control.reading import MistakeError, body, query
from tautwire.local.control.streaming import STREAMS
from tautwire.local.workspace import Refusal
from tautwire.version import __version__

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from tautwire.local.app import LocalSlack
    from tautwire.local.control.operation import Json, Operation
    from tautwire.local.control.stream import Stream

    Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]

__all__ = ["OPERATIONS", "PREFIX", "VERSION_HEADER", "description", "routes"]

PREFIX: Final = "/control/v1"
#: Says in each answer which tautwire it is.
VERSION_HEADER: Final = "Tautwire-Version"

OPERATIONS: Final[tuple[Operation, ...]] = (
    *talking.room.operations,
    *clicking.room.operations,
    *telling.room.operations,
    *sending.room.operations,
    *weather.room.operations,
    *journal.room.operations,
    *keeping.room.operations,
)


_PLACES: Final = frozenset(
    {
        ("GET", "/openapi.json"),
        *((each.verb, each.path) for each in OPERATIONS),
        *((each.verb, each.path) for each in STREAMS),
    }
)


def routes(slack: LocalSlack, *, token: str = "") -> list[web.RouteDef]:
    """All of it as routes. With a `token`, each asks for that as a bearer token."""

    def route(verb: str, path: str, handler: Handler) -> web.RouteDef:
        return web.route(verb, path, _marked(_guarded(_worded(handler), token)))

    async def describe(_request: web.Request) -> web.Response:
        return _answer(description())

    return [
        *(route(each.verb, PREFIX + each.path, _operating(slack, each)) for each in OPERATIONS),
        *(route(each.verb, PREFIX + each.path, _streaming(slack, each)) for each in STREAMS),
        route("GET", f"{PREFIX}/openapi.json", describe),
        route("*", "/control/{rest:.*}", _lost),
    ]


def description() -> Json:
    """The OpenAPI document."""
    return document(OPERATIONS, STREAMS, PREFIX)


def _operating(slack: LocalSlack, operation: Operation) -> Handler:
    async def handle(request: web.Request) -> web.StreamResponse:
        if operation.verb == "GET":
            return _answer(await operation.run(slack, query(request, operation.body)))
        fields = await body(request, operation.body)
        with slack.journal.chain():
            if operation.is_order:
                slack.journal.control(operation.path.strip("/"), given(fields))
            return _answer(await operation.run(slack, fields))

    return handle


def _streaming(slack: LocalSlack, stream: Stream) -> Handler:
    async def handle(request: web.Request) -> web.StreamResponse:
        return await stream.run(slack, request)

    return handle


async def _lost(request: web.Request) -> web.Response:
    known = {verb for verb, path in _PLACES if PREFIX + path == request.path}
    if not known:
        return _no(404, f"the control API of tautwire {__version__} has no {request.path}; see {PREFIX}/openapi.json")
    response = _no(405, f"{request.path} takes {' and '.join(sorted(known))} only")
    response.headers["Allow"] = ", ".join(sorted(known))
    return response


def _worded(handler: Handler) -> Handler:
    """Mistakes become answers."""

    async def handle(request: web.Request) -> web.StreamResponse:
        try:
            return await handler(request)
        except MistakeError as mistake:
            response = _no(mistake.status, str(mistake))
            if mistake.is_last:
                response.force_close()
            return response
        except ActionRefusedError as error:
            return _no(409, str(error), code=error.code)
        except Refusal as refusal:
            return _no(409, f"Slack would answer {refusal.error}", code=refusal.error)
        except TautwireError as error:
            return _no(422, str(error))
        except TimeoutError as error:
            return _no(504, str(error))

    return handle


def _guarded(handler: Handler, token: str) -> Handler:
    """Only those who know the token come in."""
    wanted = token.encode()

    async def handle(request: web.Request) -> web.StreamResponse:
        scheme, _, given = request.headers.get("Authorization", "").partition(" ")
        is_known = compare_digest(given.strip().encode("utf-8", "surrogateescape"), wanted)
        if token and not (is_known and scheme.lower() == "bearer"):
            response = _no(401, "this local Slack wants its control token, as Authorization: Bearer …")
            response.headers["WWW-Authenticate"] = "Bearer"
            return response
        return await handler(request)

    return handle


def _marked(handler: Handler) -> Handler:
    async def handle(request: web.Request) -> web.StreamResponse:
        response = await handler(request)
        if not response.prepared:
            response.headers[VERSION_HEADER] = __version__
            response.headers["Cache-Control"] = "no-store"
        return response

    return handle


def _answer(what: Json) -> web.Response:
    return web.Response(body=msgspec.json.encode(what), content_type="application/json", charset="utf-8")


def _no(status: int, words: str, **more: str) -> web.Response:
    response = _answer({"error": words} | more)
    response.set_status(status)
    return response
