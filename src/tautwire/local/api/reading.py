"""Reading what a client sends: JSON, forms, queries and nothing at all, and what Slack remarks about them."""

from __future__ import annotations

import base64
import binascii
import codecs
import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from aiohttp import web

from tautwire.local.sendable import loads
from tautwire.local.workspace.refusal import Refusal

if TYPE_CHECKING:
    from tautwire.local.workspace.model import Json

__all__ = ["Given", "basic", "dumps", "read", "unreadable"]

_JSON: Final = "application/json"
_FORM: Final = "application/x-www-form-urlencoded"
_MULTIPART: Final = "multipart/form-data"
#: docs.slack.dev, the warnings under chat.postMessage.
_NO_CHARSET: Final = ("missing_charset",)
_NEEDLESS_CHARSET: Final = ("superfluous_charset",)
#: What Slack's list of errors allows (`invalid_charset`).
_CHARSETS: Final = ("utf-8", "iso8859-1")


@dataclass(frozen=True, slots=True)
class Given:
    """What came with a request, apart from headers. `warnings` are Slack's, such as `missing_charset`."""

    query: Json = field(default_factory=dict)
    body: Json = field(default_factory=dict)
    is_json: bool = False
    warnings: tuple[str, ...] = ()

    @property
    def args(self) -> Json:
        """Query and body together; the body wins."""
        return self.query | self.body


async def read(request: web.Request) -> Given:
    """Query and body. A `token` counts in a form only. Refuses in Slack's words what it would not read.

    Raises `web.RequestPayloadError` for a body that does not unpack, and `web.HTTPRequestEntityTooLarge`.
    """
    query: Json = {key: value for key, value in request.query.items() if key != "token"}
    kind = request.content_type
    # A multipart body can be read once only, and its parser wants to be the one who does.
    body = b"" if kind == _MULTIPART else await request.read()
    if not body.strip() and not (kind == _MULTIPART and request.can_read_body):
        return Given(query)
    charset = _charset(request.charset)
    if kind == _JSON:
        return Given(query, _object(body, charset), is_json=True, warnings=() if request.charset else _NO_CHARSET)
    if kind in (_FORM, _MULTIPART):
        return Given(query, await _form(request), warnings=_NEEDLESS_CHARSET if request.charset else ())
    raise Refusal("invalid_post_type")


def unreadable(request: web.Request, sentence: str, *, status: int = 400) -> web.Response:
    """The answer to a body that does not come out as what it says it is, after which the connection ends."""
    # Otherwise aiohttp would go on reading, and stumble again.
    request.content.feed_eof()
    response = web.Response(status=status, text=sentence)
    response.force_close()
    return response


def basic(request: web.Request) -> tuple[str, str]:
    """Name and password of HTTP Basic; empty when there are none."""
    scheme, _, value = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() != "basic":
        return "", ""
    try:
        name, _, password = base64.b64decode(value.strip(), validate=True).decode().partition(":")
    except (binascii.Error, ValueError):
        return "", ""
    return name, password


def dumps(body: Any) -> str:
    """JSON as Slack writes it: without blanks, and with every letter as it is."""
    return json.dumps(body, separators=(",", ":"), ensure_ascii=False)


def _charset(name: str | None) -> str:
    try:
        known = codecs.lookup(name or "utf-8").name
    except (LookupError, ValueError):
        known = ""
    if known not in _CHARSETS:
        raise Refusal("invalid_charset")
    return known


async def _form(request: web.Request) -> Json:
    try:
        fields = await request.post()
        # Some charsets that a part may have, and names in its headers, bring what UTF-8 has no bytes for.
        "".join(each for pair in fields.items() for each in pair if isinstance(each, str)).encode()
    except LookupError:
        # A part of a multipart body has a charset of its own.
        raise Refusal("invalid_charset") from None
    except (ValueError, RuntimeError):
        raise Refusal("invalid_form_data") from None
    return {key: value for key, value in fields.items() if isinstance(value, str)}


def _object(body: bytes, charset: str) -> Json:
    try:
        given = loads(body.decode(charset))
    except ValueError:
        raise Refusal("invalid_json") from None
    if not isinstance(given, dict):
        raise Refusal("json_not_object")
    return {key: value for key, value in given.items() if key != "token"}
