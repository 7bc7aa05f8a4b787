"""What Slack says on a WebSocket, word for word: every key present, in Slack's order. Pure.

Shapes are those of Slack's documentation and of captured traffic; the parsers of the Go and Rust SDKs reject a message
that lacks one of these keys, so none is optional here.
"""

from __future__ import annotations

import json
from typing import Any, Final, NamedTuple

from tautwire.local.sendable import loads

__all__ = ["Ack", "disconnect", "dumps", "envelope", "hello", "ping", "read_ack"]

Json = dict[str, Any]


class Ack(NamedTuple):
    """What a client answers. An empty payload means the same as none: Node sends one with every ack."""

    envelope_id: str
    payload: Json | None


#: Made once: ten thousand envelopes a second would make as many.
_ENCODER: Final = json.JSONEncoder(separators=(",", ":"), ensure_ascii=False)


def dumps(message: Json) -> bytes:
    """The bytes of one text frame."""
    return _ENCODER.encode(message).encode()


def read_ack(text: str) -> Ack | None:
    """The ack in a client's message, or `None` for anything else; Slack has no word for complaining about it."""
    try:
        message = loads(text)
    except ValueError:
        return None
    if not isinstance(message, dict) or not isinstance(message.get("envelope_id"), str):
        return None
    payload = message.get("payload")
    return Ack(message["envelope_id"], payload if isinstance(payload, dict) and payload else None)


def ping(host: str) -> bytes:
    """Payload of a server ping."""
    return f"Ping from {host}".encode()


def hello(*, app_id: str, host: str, num_connections: int, seconds: int, started: str | None = None) -> Json:
    """The first message. `num_connections` counts registrations, `seconds` is the life to expect."""
    debug: Json = {"host": host, "build_number": 14, "approximate_connection_time": seconds}
    if started is not None:
        debug["started"] = started
    return {
        "type": "hello",
        "num_connections": num_connections,
        "debug_info": debug,
        "connection_info": {"app_id": app_id},
    }


def disconnect(reason: str, host: str) -> Json:
    """A notice, not yet the end: `warning`, `refresh_requested`, `link_disabled`, `too_many_websockets`."""
    return {"type": "disconnect", "reason": reason, "debug_info": {"host": host}}


def envelope(
    kind: str, payload: Json, *, envelope_id: str, accepts: bool, retry_attempt: int = 0, retry_reason: str = ""
) -> Json:
    """One envelope of type `kind`. Only events have the retry keys, and they always do."""
    message: Json = {"envelope_id": envelope_id, "type": kind, "accepts_response_payload": accepts}
    if kind == "events_api":
        message |= {"retry_attempt": retry_attempt, "retry_reason": retry_reason}
    return message | {"payload": payload}
