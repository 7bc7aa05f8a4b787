"""A catalogue of frames that no client should be hurt by, as raw bytes. Pure.

`NUISANCES` are well-formed WebSocket messages with content that is not Slack's; a connection has to live through them.
`VIOLATIONS` break RFC 6455, and a client does right to fail that connection, and only that one.
"""

from __future__ import annotations

import struct
from typing import Final

__all__ = ["FORMS", "NUISANCES", "VIOLATIONS", "close_frame", "oversized", "raw_frame"]

TEXT: Final = 0x1
BINARY: Final = 0x2
CLOSE: Final = 0x8
PING: Final = 0x9

_DEEP: Final = 100_000


def raw_frame(opcode: int, payload: bytes, *, fin: bool = True, rsv: int = 0, masked: bool = False) -> bytes:
    """One frame as it goes over TCP (RFC 6455, 5.2). `rsv` is the three reserved bits; a server never masks."""
    first = (0x80 if fin else 0) | (rsv << 4) | opcode
    flag, size = (0x80 if masked else 0), len(payload)
    if size < 126:
        head = struct.pack("!BB", first, flag | size)
    elif size < 65536:
        head = struct.pack("!BBH", first, flag | 126, size)
    else:
        head = struct.pack("!BBQ", first, flag | 127, size)
    # A zero key leaves the payload as it is, which is all that a frame that must be refused needs.
    return head + (b"\0\0\0\0" if masked else b"") + payload


def close_frame(code: int, reason: str = "") -> bytes:
    """A close frame with `code` and `reason`."""
    return raw_frame(CLOSE, struct.pack("!H", code) + reason.encode())


def oversized(size: int) -> bytes:
    """One text frame with a message of at least `size` bytes; well-formed, of a type that nobody knows.

    Slack's own ceiling is not known. It is never fragmented: slack_sdk's builtin client cannot read that.
    """
    head, tail = b'{"type":"novelty_notice","padding":"', b'"}'
    return raw_frame(TEXT, head + b"x" * (size - len(head) - len(tail)) + tail)


def _text(payload: bytes | str) -> bytes:
    return raw_frame(TEXT, payload.encode() if isinstance(payload, str) else payload)


NUISANCES: Final[dict[str, bytes]] = {
    # Seen from Slack's edge (soxtoby/SlackNet#107).
    "not_json": _text("UNAUTHENTICATED: cache_error"),
    # Seen "often", says slack_sdk's source.
    "empty": _text(""),
    "truncated_json": _text('{"type":"events_api","envelope_id":"0b7e'),
    "array": _text('[{"type":"hello"}]'),
    "string": _text('"hello"'),
    "number": _text("42"),
    "null": _text("null"),
    "empty_object": _text("{}"),
    "missing_envelope_id": _text('{"type":"events_api","accepts_response_payload":false,"payload":{"event":{}}}'),
    "missing_payload": _text('{"type":"events_api","envelope_id":"11111111-1111-4111-8111-111111111111"}'),
    "missing_type": _text('{"envelope_id":"22222222-2222-4222-8222-222222222222","payload":{}}'),
    "unknown_type": _text(
        '{"type":"novelty","envelope_id":"33333333-3333-4333-8333-333333333333",'
        '"accepts_response_payload":false,"payload":{"a":1}}'
    ),
    "unknown_notice": _text('{"type":"novelty_notice","reason":"because","debug_info":{"host":"applink-7"}}'),
    "wrong_types": _text('{"type":7,"envelope_id":["x"],"payload":"text","accepts_response_payload":"no"}'),
    "null_envelope_id": _text('{"type":"events_api","envelope_id":null,"payload":{}}'),
    "hello_again": _text('{"type":"hello","num_connections":"one","debug_info":[],"connection_info":null}'),
    "deep": _text(b'{"type":"events_api","envelope_id":"x","payload":' + b"[" * _DEEP + b"]" * _DEEP + b"}"),
    "huge_number": _text('{"type":"events_api","envelope_id":' + "9" * 5000 + ',"payload":{}}'),
    "lone_surrogate": _text(
        '{"type":"novelty","envelope_id":"44444444-4444-4444-8444-444444444444","payload":{"text":"\\ud800"}}'
    ),
    "binary": raw_frame(BINARY, b'{"type":"hello"}'),
    "binary_noise": raw_frame(BINARY, bytes(range(256))),
    "unasked_pong": raw_frame(0xA, b"nobody asked"),
    "empty_ping": raw_frame(PING, b""),
}

VIOLATIONS: Final[dict[str, bytes]] = {
    "masked": raw_frame(TEXT, b'{"type":"hello"}', masked=True),
    "reserved_bit": raw_frame(TEXT, b'{"type":"hello"}', rsv=0b010),
    "compressed_uninvited": raw_frame(TEXT, b"\xaaVJ.-.\xc9\xcfU\xb2R\x02\x00", rsv=0b100),
    "reserved_opcode": raw_frame(0x3, b"?"),
    "reserved_control": raw_frame(0xB, b"?"),
    "invalid_utf8": _text(b'{"type":"\xff\xfe"}'),
    "stray_continuation": raw_frame(0x0, b"tail"),
    "interleaved": raw_frame(TEXT, b'{"type":', fin=False) + raw_frame(TEXT, b'"hello"}'),
    "fragmented_ping": raw_frame(PING, b"half", fin=False),
    "long_ping": raw_frame(PING, b"p" * 126),
    "bad_close_code": close_frame(1005),
    "one_byte_close": raw_frame(CLOSE, b"\x03"),
    "http_text": b"HTTP/1.1 502 Bad Gateway\r\nserver: envoy\r\n\r\n",
}

#: Everything above by its name.
FORMS: Final[dict[str, bytes]] = NUISANCES | VIOLATIONS
