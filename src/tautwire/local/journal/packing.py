"""Anything to the JSON text of an entry: one line, compact, masked, of bounded length. Raises nothing. Pure."""

from __future__ import annotations

import json
from typing import Final

import msgspec

from tautwire.local.journal.masking import mask

__all__ = ["HEAD", "is_cut", "pack"]

#: Bytes shown of a text that is too long to be kept.
HEAD: Final = 4096


def _name(thing: object) -> str:
    """For what has no JSON: never its `repr`, which could tell anything."""
    return f"<{type(thing).__name__}>"


_ENCODER: Final = msgspec.json.Encoder(enc_hook=_name)
#: Reads all of a text and makes nothing of it.
_SYNTAX: Final = msgspec.json.Decoder(msgspec.Raw)


def pack(data: object, most: int) -> bytes:
    """`data` as a masked JSON object of at most about `most` bytes.

    Bytes are JSON text already, and are kept as they are where that is possible; dicts, dataclasses and Structs are
    written out, and what is not an object ends up in one, under `value`, or `text` if it is not JSON either. A longer
    one is replaced by `{"cut": its bytes, "head": its beginning}`.
    """
    raw = mask(_plain(data) if isinstance(data, bytes) else _written(data))
    if len(raw) <= most:
        return raw
    return mask(_ENCODER.encode({"cut": len(raw), "head": raw[: min(HEAD, most)].decode("utf-8", "ignore")}))


def is_cut(raw: bytes) -> bool:
    """Whether `pack` had to leave something out."""
    return raw.startswith(b'{"cut":')


def _plain(text: bytes) -> bytes:
    """JSON text on one line and without escapes that hide what is written; whatever else it is becomes a string."""
    try:
        text.decode()
        if not text.startswith(b"{") or _is_odd(text):
            return _written(json.loads(text))
        _SYNTAX.decode(text)
    except (ValueError, RecursionError):
        return _written({"text": text.decode("utf-8", "backslashreplace")})
    return text


def _is_odd(text: bytes) -> bool:
    if b"\n" in text or b"\r" in text:
        return True
    return b"\\" in text and (b"\\u" in text or b"\\/" in text)


def _written(data: object) -> bytes:
    try:
        raw = _ENCODER.encode(data)
    except (TypeError, ValueError, RecursionError, OverflowError):
        raw = _written_by_force(data)
    return raw if raw.startswith(b"{") else b'{"value":' + raw + b"}"


def _written_by_force(data: object) -> bytes:
    """For the rest: half a surrogate pair, which UTF-8 has no bytes for, becomes U+FFFD; a circle is given up."""
    try:
        text = json.dumps(
            data, default=_name, skipkeys=True, allow_nan=False, ensure_ascii=False, separators=(",", ":")
        )
    except (TypeError, ValueError, RecursionError):
        return _ENCODER.encode({"unreadable": _name(data)})
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace").encode()
