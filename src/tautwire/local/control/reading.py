"""What comes with a request to the control API, and the sentence for what should not have."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, NoReturn, TypeVar

import msgspec
from aiohttp import web

from tautwire.local.control.operation import Body
from tautwire.local.control.wording import sentence
from tautwire.local.sendable import loads

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["LINES", "MistakeError", "body", "lines", "query"]

B = TypeVar("B", bound=Body)

_JSON: Final = "application/json"
_NOT_A_BODY: Final = "the body does not unpack as its headers say"
#: The content type of JSON lines.
LINES: Final = "application/x-ndjson"


class MistakeError(Exception):
    """Whoever asked has made a mistake, which the sentence names; `status` is that of the answer.

    With `is_last` the connection is of no use any more.
    """

    def __init__(self, status: int, words: str, *, is_last: bool = False) -> None:
        super().__init__(words)
        self.status, self.is_last = status, is_last


def query(request: web.Request, kind: type[B]) -> B:
    """The fields of a `kind` from the query."""
    try:
        return msgspec.convert(dict(request.query), kind, strict=False)
    except msgspec.ValidationError as error:
        raise MistakeError(422, sentence(_name(request), kind, str(error))) from None


async def body(request: web.Request, kind: type[B]) -> B:
    """The fields of a `kind` from a JSON body; no body at all is one without fields."""
    # A page of the web can send a form without asking; it cannot send this.
    if request.content_type != _JSON:
        _refuse_type(_JSON)
    raw = await _bytes(request)
    try:
        given: Any = loads(raw.decode() or "{}")
    except ValueError:
        raise MistakeError(400, "the body is not JSON") from None
    try:
        return msgspec.convert(given, kind)
    except msgspec.ValidationError as error:
        raise MistakeError(422, sentence(_name(request), kind, str(error))) from None


async def lines(request: web.Request, most: int) -> Sequence[str]:
    """JSON lines, as they are, of at most `most` bytes."""
    if request.content_type != LINES:
        _refuse_type(LINES)
    found = bytearray()
    try:
        async for chunk in request.content.iter_any():
            found += chunk
            if len(found) > most:
                raise _spoilt(request, 413, f"that is more than {most // 2**20} MiB")
    except web.RequestPayloadError:
        raise _spoilt(request, 400, _NOT_A_BODY) from None
    # Not by splitlines, which knows ends of lines that JSON does not.
    return found.decode("utf-8", "surrogateescape").split("\n")


async def _bytes(request: web.Request) -> bytes:
    try:
        return await request.read()
    except web.HTTPRequestEntityTooLarge:
        raise _spoilt(request, 413, "the body is too large") from None
    except web.RequestPayloadError:
        raise _spoilt(request, 400, _NOT_A_BODY) from None


def _name(request: web.Request) -> str:
    return request.path.rpartition("/control/v1/")[2]


def _refuse_type(wanted: str) -> NoReturn:
    raise MistakeError(415, f"this takes a body of Content-Type {wanted}, and no other")


def _spoilt(request: web.Request, status: int, words: str) -> MistakeError:
    # Otherwise aiohttp would go on reading what nobody wants, and stumble over it again.
    request.content.feed_eof()
    return MistakeError(status, words, is_last=True)
