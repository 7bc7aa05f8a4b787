"""Reading an HTTP answer as Slack's: a dict, a file, or a failure of a known kind. Pure."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from tautwire.web.retry import Failure, FailureKind, parse_retry_after

if TYPE_CHECKING:
    from tautwire.web.transport import HttpReply

__all__ = ["DOWNLOAD_TYPE", "Answer", "Unreadable", "failure_of_status", "read"]

#: A file, which `admin.analytics.getFile` answers with; everything else is JSON, or nothing of Slack's.
DOWNLOAD_TYPE: Final = "application/gzip"


@dataclass(frozen=True, slots=True)
class Answer:
    """Slack spoke. `failure` is `None` when it said yes."""

    data: dict[str, Any] | bytes = field(repr=False)
    failure: Failure | None


@dataclass(frozen=True, slots=True)
class Unreadable:
    """Somebody answered, but not in Slack's language; `sentence` is for people."""

    sentence: str
    failure: Failure


def read(reply: HttpReply) -> Answer | Unreadable:
    """Tell what `reply` means. The body's text is never part of a sentence."""
    if 300 <= reply.status < 400:
        return Unreadable(f"a redirect (HTTP {reply.status}), which is not followed", Failure(FailureKind.PERMANENT))
    if reply.content_type == DOWNLOAD_TYPE and _is_success(reply.status):
        return Answer(reply.body, None)
    data = _object(reply.body)
    failure = failure_of_status(reply)
    if failure is not None and failure.kind is FailureKind.RATE_LIMITED:
        return Answer(data if isinstance(data, dict) else {}, failure)
    if not isinstance(data, dict):
        return Unreadable(f"HTTP {reply.status} with {data}", failure or Failure(FailureKind.PERMANENT))
    if "ok" not in data and "error" not in data:
        return Unreadable(
            f"HTTP {reply.status} with JSON that is not Slack's", failure or Failure(FailureKind.PERMANENT)
        )
    if failure is None and data.get("ok") is not True:
        failure = _failure_of_code(data.get("error"), reply)
    return Answer(data, failure)


def failure_of_status(reply: HttpReply) -> Failure | None:
    """What the HTTP status alone says; `None` for 2xx."""
    if _is_success(reply.status):
        return None
    if reply.status == 429:
        return Failure(FailureKind.RATE_LIMITED, parse_retry_after(reply.headers.get("Retry-After")))
    return Failure(FailureKind.SERVER_ERROR if reply.status >= 500 else FailureKind.PERMANENT)


def _failure_of_code(code: object, reply: HttpReply) -> Failure:
    if code in ("rate_limited", "ratelimited"):
        # The HTTP limit says the one, posting floods the other; the latter may come as HTTP 200.
        return Failure(FailureKind.RATE_LIMITED, parse_retry_after(reply.headers.get("Retry-After")))
    return Failure(FailureKind.PERMANENT)


def _is_success(status: int) -> bool:
    return 200 <= status < 300


def _object(body: bytes) -> dict[str, Any] | str:
    try:
        data = json.loads(body)
    except (ValueError, RecursionError):
        return "something else than JSON" if body else "no content"
    return data if isinstance(data, dict) else "JSON that is not an object"
