"""The JSON of an inbox, one stable shape. Pure. `docs/inbox-operating.md` describes it."""

from __future__ import annotations

import base64
import json
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tautwire.inbox.api import Stats, Stored

__all__ = ["decoded", "stats_shape", "stored_shape"]

Json = dict[str, Any]


def stored_shape(stored: Stored, *, payload: bool = False) -> Json:
    """A record; with `payload` also what was sent, as `payload`, or as `payload_base64` when it is no JSON."""
    record = stored.record
    shape: Json = {
        "id": stored.id,
        "state": stored.state.value,
        "type": record.type,
        "envelope_id": record.envelope_id,
        "key": record.key,
        "group": record.group,
        "mode": record.mode.value,
        "attempt": stored.attempt,
        "stored_at": stored.stored_at,
        "at": stored.at,
        "owner": stored.owner,
        "error": stored.error,
        "bytes": len(record.payload),
    }
    if payload:
        is_json, found = decoded(record.payload)
        shape["payload" if is_json else "payload_base64"] = found
    return shape


def decoded(payload: bytes) -> tuple[bool, Any]:
    """Whether a payload is JSON, and what it says; else its bytes in base64. Nothing for one that was erased."""
    if not payload:
        return True, None
    try:
        return True, json.loads(payload.decode(), parse_constant=_refuse)
    except (ValueError, RecursionError):
        return False, base64.b64encode(payload).decode()


def _refuse(constant: str) -> None:
    """NaN and its like, which Python's JSON has and JSON has not."""
    raise ValueError(constant)


def stats_shape(stats: Stats, *, address: str, at: float, problems: list[str]) -> Json:
    """The counts, under the names of `Stats`, with what was found wrong with them."""
    return {
        "inbox": address,
        "at": at,
        "waiting": stats.waiting,
        "delayed": stats.delayed,
        "leased": stats.leased,
        "done": stats.done,
        "dead": stats.dead,
        "oldest": stats.oldest,
        "bound": stats.bound,
        "stored": stats.stored,
        "duplicates": stats.duplicates,
        "retried": stats.retried,
        "size": stats.size,
        "commit_seconds": stats.commit_seconds,
        "details": dict(stats.details),
        "problems": problems,
    }
