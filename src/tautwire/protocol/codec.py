"""Text to message, reply to text: the only place of the client that knows the envelope's JSON.

`decode` never raises: whatever arrives is a `Message`. `encode_reply` refuses what Slack would punish.

Bounds: frames of at most 16 MiB reach this module (the WebSocket reader refuses larger ones); nesting is bounded by
msgspec, which counts its own depth against the interpreter's recursion limit and never overruns the stack.
"""

from __future__ import annotations

import json
import re
import sys
from typing import TYPE_CHECKING, Any, Final

import msgspec

from tautwire.errors import ConfigurationError, MessageTooLargeError
from tautwire.protocol.messages import Disconnect, DisconnectReason, Envelope, Hello, Malformed, Message, Unknown

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["MAX_INCOMING_BYTES", "MAX_OUTGOING_BYTES", "check_size", "decode", "decode_object", "encode_reply"]

#: Largest frame that is read. Slack's largest known are about 50 kB; 16 MiB leaves room for anything legitimate.
MAX_INCOMING_BYTES: Final = 16 * 1024 * 1024

#: Slack closes the socket (1009) above 20,480 bytes, and drops what is exactly that, so that is refused as well.
MAX_OUTGOING_BYTES: Final = 20_480

_WITHOUT_ENVELOPE: Final = ("hello", "disconnect")
#: Slack's ids are UUIDs of 36 characters. A longer one than this could not even be acked.
_LONGEST_ID: Final = 255

_REASONS: Final = {reason.value: reason for reason in DisconnectReason}

#: Every escape of a JSON string: a pair of surrogates, half a pair, or anything else.
_ESCAPE: Final = re.compile(
    r"\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}|(?P<half>\\u[dD][89a-fA-F][0-9a-fA-F]{2})|\\."
)


class _Frame(msgspec.Struct, gc=False):
    """The union of the keys that steer; one pass over the text fills it and skips the rest."""

    type: str = ""
    envelope_id: str = ""
    payload: msgspec.Raw = msgspec.Raw(b"")
    accepts_response_payload: bool | None = None
    retry_attempt: int | None = None
    retry_reason: str | None = None
    reason: str = ""


_decode_frame = msgspec.json.Decoder(_Frame).decode
_decode_fields = msgspec.json.Decoder(dict[str, msgspec.Raw]).decode
_decode_any = msgspec.json.Decoder().decode
_encode = msgspec.json.Encoder().encode


def decode(text: str) -> Message:
    """What `text` says. Never raises; what it calls malformed it never quotes.

    Half a surrogate pair, as text that was cut inside an emoji has it, becomes U+FFFD: JSON can say it, UTF-8 cannot,
    and an envelope that can be acked must be acked.
    """
    try:
        return _decode(text)
    except RecursionError:
        return Malformed("nested too deeply", len(text))
    except (msgspec.DecodeError, UnicodeError):
        pass
    try:
        return _decode(_mend(text))
    except (msgspec.DecodeError, RecursionError):
        return Malformed("not JSON" if text.strip() else "empty", len(text))


def decode_object(text: str | bytes) -> dict[str, Any]:
    """The JSON object in `text`, whole; `{}` for anything that is not one."""
    try:
        value = _decode_any(text)
    except (msgspec.DecodeError, UnicodeError):
        value = _decode_mended(text)
    except RecursionError:
        return {}
    return value if isinstance(value, dict) else {}


def encode_reply(envelope_id: str, payload: Mapping[str, Any] | None = None) -> str:
    """The ack for `envelope_id`, as text for one unfragmented frame.

    Raises:
        MessageTooLargeError: the text has 20,480 bytes or more.
        ConfigurationError: the payload holds something that JSON cannot say. Also a `ValueError`.
    """
    reply: dict[str, Any] = {"envelope_id": envelope_id}
    if payload is not None:
        reply["payload"] = payload
    try:
        data = _encode(reply)
    except (TypeError, ValueError, RecursionError) as error:
        problem = type(error).__name__
    else:
        check_size(data)
        return data.decode("utf-8")
    # Raised outside the handler: the original may hold the payload, and must not hang on as a context.
    raise ConfigurationError(f"the response payload cannot be written as JSON: {problem}")


def check_size(message: bytes | str) -> None:
    """Refuse what Slack would close the socket for.

    Raises:
        MessageTooLargeError: `message` has 20,480 bytes or more as UTF-8.
    """
    size = len(message if isinstance(message, bytes) else message.encode("utf-8", "surrogatepass"))
    if size >= MAX_OUTGOING_BYTES:
        raise MessageTooLargeError(
            f"a message of {size} bytes is not sent: Slack closes the connection at {MAX_OUTGOING_BYTES}; "
            "ack without the payload and answer by response_url or the Web API"
        )


def _decode(text: str) -> Message:
    try:
        frame = _decode_frame(text)
    except msgspec.ValidationError:
        return _decode_leniently(text)
    return _to_message(frame, text)


def _decode_mended(text: str | bytes) -> Any:
    """What is left to understand: halves of surrogate pairs, and numbers beyond a double (they become infinite)."""
    whole = _mend(text if isinstance(text, str) else text.decode("utf-8", "replace"))
    try:
        return json.loads(whole)
    except (ValueError, RecursionError):
        return None


def _mend(text: str) -> str:
    """`text` without halves of surrogate pairs, escaped or raw."""
    whole = text.encode("utf-8", "replace").decode("utf-8")
    return _ESCAPE.sub(lambda escape: "\\ufffd" if escape["half"] else escape[0], whole)


def _to_message(frame: _Frame, text: str) -> Message:
    if frame.type == "hello":
        return _hello(text)
    if frame.type == "disconnect":
        return Disconnect(_REASONS.get(frame.reason, DisconnectReason.OTHER), frame.reason)
    if len(frame.envelope_id) > _LONGEST_ID:
        return Malformed("an envelope_id that is too long", len(text))
    if frame.type and frame.envelope_id:
        return Envelope(
            frame.type,
            frame.envelope_id,
            bytes(frame.payload),
            bool(frame.accepts_response_payload),
            frame.retry_attempt,
            frame.retry_reason,
        )
    return Unknown(frame.type)


def _decode_leniently(text: str) -> Message:
    """A key of the wrong type costs that key, not the message: an envelope that can be acked must be acked."""
    try:
        fields = _decode_fields(text)
    except msgspec.ValidationError:
        return Malformed("not a JSON object", len(text))
    frame = _lenient_frame(fields)
    if not frame.type:
        return Malformed("no usable type", len(text))
    if "envelope_id" in fields and not frame.envelope_id and frame.type not in _WITHOUT_ENVELOPE:
        return Malformed("no usable envelope_id", len(text))
    return _to_message(frame, text)


def _lenient_frame(fields: Mapping[str, msgspec.Raw]) -> _Frame:
    return _Frame(
        type=_typed(fields, "type", str) or "",
        envelope_id=_typed(fields, "envelope_id", str) or "",
        payload=fields.get("payload", msgspec.Raw(b"")),
        accepts_response_payload=_typed(fields, "accepts_response_payload", bool),
        retry_attempt=_typed(fields, "retry_attempt", int),
        retry_reason=_typed(fields, "retry_reason", str),
        reason=_typed(fields, "reason", str) or "",
    )


def _hello(text: str) -> Hello:
    hello = decode_object(text)
    debug_info = _object(hello.get("debug_info"))
    count = hello.get("num_connections")
    return Hello(
        num_connections=count if type(count) is int else None,
        app_id=_text(_object(hello.get("connection_info")).get("app_id")),
        host=_text(debug_info.get("host")),
        approximate_connection_time=_seconds(debug_info.get("approximate_connection_time")),
    )


def _typed(fields: Mapping[str, msgspec.Raw], key: str, kind: type[Any]) -> Any:
    try:
        value = _decode_any(fields[key]) if key in fields else None
    except (msgspec.DecodeError, RecursionError):  # a number beyond any float
        return None
    return value if type(value) is kind else None


def _object(value: object) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _text(value: object) -> str | None:
    return value if isinstance(value, str) else None


def _seconds(value: object) -> float | None:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return float(value) if 0 < value <= sys.float_info.max else None
