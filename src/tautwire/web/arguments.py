"""From Python arguments to what goes on the wire. Pure; files are bytes by the time they get here.

In a form, lists of plain words become comma lists (`users="U1,U2"`), every other list or dict becomes JSON, and
booleans become `1` and `0`. In JSON all of it stays as it is. `None` means "not given" and is left out. Anything with
a `to_dict()`, such as slack_sdk's blocks and views, counts as the dict it returns.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import Any, Final, Protocol, runtime_checkable
from urllib.parse import urlencode

import msgspec

from tautwire.errors import ConfigurationError
from tautwire.secret import Secret
from tautwire.web.catalog import BASIC_AUTH_METHODS, FILE_ARGUMENTS, JSON_METHODS, SECRET_ARGUMENTS

__all__ = [
    "FORM_TYPE",
    "JSON_TYPE",
    "Call",
    "FilePart",
    "HasToDict",
    "arguments_by_name",
    "check_headers",
    "is_encodable",
    "plan_call",
    "secret_token",
]

#: Without a charset: with one, Slack warns `superfluous_charset`.
FORM_TYPE: Final = "application/x-www-form-urlencoded"

#: With a charset: without one, Slack warns `missing_charset`.
JSON_TYPE: Final = "application/json;charset=utf-8"

_NOTHING: Final[Mapping[str, Any]] = MappingProxyType({})
_MASK: Final = "(redacted)"


@runtime_checkable
class HasToDict(Protocol):
    """An object that knows its own dict: a block, an attachment, a view, metadata."""

    def to_dict(self) -> Any:
        """What Slack is sent for this object."""


@dataclass(frozen=True, slots=True)
class FilePart:
    """One file of a multipart body."""

    filename: str
    content: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Call:
    """One Web API call, ready to be sent any number of times. Its repr shows neither arguments nor credentials.

    `json` is `None` for a form; `authorization` is the header's value, or `None` to send none.
    """

    method: str
    verb: str
    authorization: Secret | None
    query: Mapping[str, str] = field(default_factory=dict, repr=False)
    form: Mapping[str, str] = field(default_factory=dict, repr=False)
    json: Mapping[str, Any] | None = field(default=None, repr=False)
    files: Mapping[str, FilePart] = field(default_factory=dict, repr=False)
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)

    @property
    def content_type(self) -> str | None:
        """The body's type; `None` when the multipart writer chooses it, together with its boundary."""
        if self.files:
            return None
        return FORM_TYPE if self.json is None else JSON_TYPE

    def body(self) -> bytes:
        """The form or the JSON text; empty where there are no arguments. Not for calls with files."""
        if self.json is not None:
            return msgspec.json.encode(self.json)
        return urlencode(self.form).encode("ascii")

    def with_cursor(self, cursor: str) -> Call:
        """The same call for the next page."""
        if self.json is not None:
            return replace(self, json={**self.json, "cursor": cursor})
        if self.verb == "GET":
            return replace(self, query={**self.query, "cursor": cursor})
        return replace(self, form={**self.form, "cursor": cursor})

    def as_record(self) -> Call:
        """The call without credentials, headers and the content of files: enough to say what was sent, not to send."""
        return replace(
            self,
            authorization=None,
            query=_masked(self.query),
            form=_masked(self.form),
            json=None if self.json is None else _masked(self.json),
            files={name: replace(part, content=b"") for name, part in self.files.items()},
            headers={},
        )

    def req_args(self) -> dict[str, Any]:
        """The call under slack_sdk's names, for people who look at what was sent; credentials are masked."""
        described: dict[str, Any] = {"headers": _masked_headers(self)}
        if self.query:
            described["params"] = _masked(self.query)
        if self.form:
            described["data"] = _masked(self.form)
        if self.json is not None:
            described["json"] = _masked(self.json)
        if self.files:
            described["files"] = {name: part.filename for name, part in self.files.items()}
        return described


def plan_call(
    method: str,
    *,
    verb: str = "POST",
    token: Secret | None = None,
    defaults: Mapping[str, Any] = _NOTHING,
    params: Mapping[str, Any] | None = None,
    json: Mapping[str, Any] | None = None,
    data: Mapping[str, Any] | None = None,
    files: Mapping[str, FilePart] | None = None,
    headers: Mapping[str, str] | None = None,
    basic: Secret | None = None,
) -> Call:
    """Lay out one call.

    A POST carries `params` and `data` in its form, so that arguments stay out of URLs and thus out of other people's
    logs; beside a `json` body `params` remain the query. A GET carries everything in the query. A `token` among the
    arguments takes the place of the client's; tokens travel in the `Authorization` header only. `defaults` fill what
    was not given. Raises `ConfigurationError` for JSON on a GET and for values that cannot be encoded.
    """
    verb = verb.upper()
    if json is not None and verb == "GET":
        raise ConfigurationError(f"{method}: a GET has no JSON body; give its arguments as params=")
    if json is not None and (data or files):
        raise ConfigurationError(f"{method}: give either json=, or data= and files=, not both")
    own, groups = _without_token(params, data, json)
    params, data, json = groups
    authorization = basic or _bearer(own or token)
    bare = Call(method, verb, authorization, headers=check_headers(headers or {}))
    if json is not None:
        body = {name: _plain(method, name, value) for name, value in {**_given(defaults), **json}.items()}
        return replace(bare, json=body, query=_form(method, params))
    fields = _form(method, {**_given(defaults), **params, **data})
    if verb == "GET":
        return replace(bare, query=fields)
    return replace(bare, form=fields, files=_named(method, files or {}))


def arguments_by_name(method: str, arguments: Mapping[str, Any]) -> dict[str, Any]:
    """The keyword arguments of `api_call` for a method called by its name."""
    rest = _given(arguments)
    shaped: dict[str, Any] = {}
    names = FILE_ARGUMENTS.get(method, ())
    if files := {name: rest.pop(name) for name in names if name in rest}:
        shaped["files"] = files
    if method in BASIC_AUTH_METHODS and "client_id" in rest and "client_secret" in rest:
        shaped["auth"] = {name: rest.pop(name) for name in ("client_id", "client_secret")}
    shaped["json" if method in JSON_METHODS else "data"] = rest
    return shaped


def secret_token(value: str | Secret | None) -> Secret | None:
    """A token as a `Secret`, stripped; `None` for nothing or blank.

    Raises `ConfigurationError` for characters that no header may carry, without showing them.
    """
    text = value.reveal() if isinstance(value, Secret) else value or ""
    if not isinstance(text, str):
        raise ConfigurationError(f"a token is a str, not {type(text).__name__}")
    text = text.strip()
    if not text:
        return None
    if not (text.isascii() and text.isprintable() and " " not in text):
        raise ConfigurationError("the token has a space, a line break or a character outside ASCII; copy it again")
    return Secret(text)


def check_headers(headers: Mapping[str, str]) -> dict[str, str]:
    """`headers` as a dict; raises `ConfigurationError` for what HTTP cannot carry, without showing a value."""
    for name, value in headers.items():
        for text in (name, value):
            if not isinstance(text, str):
                raise ConfigurationError(f"a header's name and value are str, not {type(text).__name__}")
            if not is_encodable(text) or any(end in text for end in "\r\n\0"):
                raise ConfigurationError(f"the header {name!a} holds a line break or a lone surrogate")
    return dict(headers)


def is_encodable(text: str) -> bool:
    """Whether `text` can be sent at all: a lone surrogate, half of a character, cannot."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def _named(method: str, files: Mapping[str, FilePart]) -> dict[str, FilePart]:
    for name, part in files.items():
        if not is_encodable(name + part.filename):
            raise ConfigurationError(f"{method}: the name of a file holds a lone surrogate; give filename=")
    return dict(files)


def _without_token(
    params: Mapping[str, Any] | None, data: Mapping[str, Any] | None, json: Mapping[str, Any] | None
) -> tuple[Secret | None, tuple[dict[str, Any], dict[str, Any], dict[str, Any] | None]]:
    groups = (_given(params), _given(data), None if json is None else _given(json))
    found: Secret | None = None
    for group in groups:
        if group is not None and (value := group.pop("token", None)) is not None:
            found = secret_token(value) or found
    return found, groups


def _bearer(token: Secret | None) -> Secret | None:
    return Secret(f"Bearer {token.reveal()}") if token else None


def _given(arguments: Mapping[str, Any] | None) -> dict[str, Any]:
    if arguments is None:
        return {}
    if not isinstance(arguments, Mapping):
        raise ConfigurationError(f"arguments are given as a dict, not as {type(arguments).__name__}")
    return {str(name): value for name, value in arguments.items() if value is not None}


def _form(method: str, arguments: Mapping[str, Any]) -> dict[str, str]:
    return {name: _form_value(method, name, value) for name, value in arguments.items()}


def _form_value(method: str, name: str, value: Any) -> str:
    plain = _plain(method, name, value)
    if isinstance(plain, str):
        return plain
    if isinstance(plain, bool):
        return "1" if plain else "0"
    if isinstance(plain, list) and all(_is_word(item) for item in plain):
        return ",".join(map(str, plain))
    return msgspec.json.encode(plain).decode()


def _is_word(item: Any) -> bool:
    return (isinstance(item, str) and "," not in item) or (isinstance(item, int) and not isinstance(item, bool))


def _plain(method: str, name: str, value: Any) -> Any:
    try:
        plain = msgspec.to_builtins(_unwrapped(value))
        # Here and not where it is sent: the encoder's error holds the text, and its frames the Authorization header.
        msgspec.json.encode({name: plain})
    except (TypeError, ValueError, RecursionError):
        kind = type(value).__name__
    else:
        return plain
    shown = name if is_encodable(name) else ascii(name)
    raise ConfigurationError(f"{method}: the argument {shown} ({kind}) holds something that JSON cannot carry")


def _unwrapped(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {str(key): _unwrapped(item) for key, item in value.items()}
    if isinstance(value, (str, bytes)):
        return value
    if isinstance(value, HasToDict) and not isinstance(value, type):
        return _unwrapped(value.to_dict())
    if isinstance(value, (Sequence, set, frozenset)):
        return [_unwrapped(item) for item in value]
    return value


def _masked(arguments: Mapping[str, Any]) -> dict[str, Any]:
    return {name: _MASK if name in SECRET_ARGUMENTS else value for name, value in arguments.items()}


def _masked_headers(call: Call) -> dict[str, str]:
    named = {
        name: _MASK if name.lower() in ("authorization", "cookie") else text for name, text in call.headers.items()
    }
    if call.authorization is not None:
        named["Authorization"] = _MASK
    if call.content_type is not None:
        named["Content-Type"] = call.content_type
    return named
