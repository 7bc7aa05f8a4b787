"""The OpenAPI document of the control API, made from its operations."""

from __future__ import annotations

from inspect import cleandoc
from typing import TYPE_CHECKING, Any, Final

import msgspec

from tautwire.version import __version__

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tautwire.local.control.operation import Body, Json, Operation
    from tautwire.local.control.stream import Stream

__all__ = ["document"]

_REF: Final = "#/components/schemas/{name}"
_WORDS: Final = (
    "What people in the local Slack's workspace do, what goes wrong in it, and what has happened. Served on the local "
    "Slack's own port. Where a control token is set, each request carries it as a bearer token."
)
_MISTAKES: Final = {
    "400": "The body is not JSON",
    "401": "The control token is missing, or is another one",
    "403": "The request is a web page's",
    "409": "Slack would not let the person do it; `code` is Slack's word for it",
    "413": "The body is too large",
    "415": "The body has another content type",
    "422": "Something that is not there, or a field that cannot be as it is",
    "504": "Something that did not come in time",
}


def document(operations: Sequence[Operation], streams: Sequence[Stream], prefix: str) -> Json:
    """The whole document."""
    bodies = {each.body for each in operations} | {each.fields for each in streams if each.fields is not None}
    kinds = sorted(bodies, key=lambda kind: kind.__name__)
    _, schemas = msgspec.json.schema_components(kinds, ref_template=_REF)
    paths: dict[str, Any] = {}
    for operation in operations:
        paths.setdefault(prefix + operation.path, {})[operation.verb.lower()] = _operation(operation, schemas)
    for stream in streams:
        paths.setdefault(prefix + stream.path, {})[stream.verb.lower()] = _stream(stream, schemas)
    posted = {operation.body.__name__ for operation in operations if operation.verb == "POST"}
    return {
        "openapi": "3.1.0",
        "info": {"title": "Control API of the local Slack", "version": __version__, "description": _WORDS},
        "security": [{}, {"token": []}],
        "paths": dict(sorted(paths.items())),
        "components": {
            "schemas": {name: schema for name, schema in schemas.items() if name in posted},
            "responses": {
                name: _json(words, {"error": {"type": "string"}, "code": {"type": "string"}}, required=["error"])
                for name, words in _MISTAKES.items()
            },
            "securitySchemes": {"token": {"type": "http", "scheme": "bearer"}},
        },
    }


def _operation(operation: Operation, schemas: Json) -> Json:
    told = _told(operation.name, operation.run.__doc__)
    kind, is_get = operation.body, operation.verb == "GET"
    known = ("401", "403", "409", "422", "504") if is_get else tuple(_MISTAKES)
    told["responses"] = {"200": _json("Done", {}), **_mistakes(*known)}
    if is_get:
        return told | {"parameters": _parameters(kind, schemas)}
    schema = {"$ref": _REF.format(name=kind.__name__)}
    is_needed = bool(schemas[kind.__name__].get("required"))
    return told | {"requestBody": {"required": is_needed, "content": {"application/json": {"schema": schema}}}}


def _stream(stream: Stream, schemas: Json) -> Json:
    told = _told(stream.run.__name__, stream.run.__doc__)
    lines = {"schema": {"type": "string", "description": "JSON lines"}}
    told["responses"] = {
        "200": {"description": "Lines as they come", "content": dict.fromkeys(stream.gives, lines)},
        **_mistakes("401", "403", "422", *(("413", "415") if stream.takes else ())),
    }
    told["parameters"] = _parameters(stream.fields, schemas)
    if stream.takes:
        told["requestBody"] = {"required": True, "content": {stream.takes: lines}}
    return told


def _told(name: str, doc: str | None) -> Json:
    summary, _, rest = cleandoc(doc or "").partition("\n")
    return {"operationId": name, "summary": summary, "description": " ".join(rest.split())}


def _parameters(kind: type[Body] | None, schemas: Json) -> list[Json]:
    fields = {} if kind is None else schemas[kind.__name__].get("properties", {})
    needed = () if kind is None else schemas[kind.__name__].get("required", ())
    return [
        {"name": name, "in": "query", "required": name in needed, "schema": schema} for name, schema in fields.items()
    ]


def _mistakes(*statuses: str) -> Json:
    return {status: {"$ref": f"#/components/responses/{status}"} for status in statuses}


def _json(words: str, properties: Json, required: Sequence[str] = ()) -> Json:
    schema: Json = {"type": "object"}
    if properties:
        schema |= {"properties": properties, "required": list(required)}
    return {"description": words, "content": {"application/json": {"schema": schema}}}
