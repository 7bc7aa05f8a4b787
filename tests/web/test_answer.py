from __future__ import annotations

import json
from typing import Any

import pytest
from multidict import CIMultiDict

from tautwire.web.answer import Answer, Unreadable, failure_of_status, read
from tautwire.web.retry import Failure, FailureKind
from tautwire.web.transport import HttpReply


def reply(body: Any, status: int = 200, content_type: str = "application/json", **headers: str) -> HttpReply:
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    named = CIMultiDict({name.replace("_", "-"): value for name, value in headers.items()})
    return HttpReply(status, content_type, named, raw)


def test_yes() -> None:
    assert read(reply({"ok": True, "a": 1})) == Answer({"ok": True, "a": 1}, None)


def test_json_counts_whatever_its_type_is_called() -> None:
    assert read(reply({"ok": True}, content_type="text/html")) == Answer({"ok": True}, None)


@pytest.mark.parametrize("data", [{"ok": False, "error": "invalid_auth"}, {"error": "x"}, {"ok": False}, {"ok": 1}])
def test_no(data: dict[str, Any]) -> None:
    assert read(reply(data)) == Answer(data, Failure(FailureKind.PERMANENT))


@pytest.mark.parametrize("code", ["ratelimited", "rate_limited"])
def test_later_in_words(code: str) -> None:
    answer = read(reply({"ok": False, "error": code}, retry_after="7"))
    assert isinstance(answer, Answer)
    assert answer.failure == Failure(FailureKind.RATE_LIMITED, 7.0)


@pytest.mark.parametrize(
    ("body", "data"), [({"ok": False, "error": "x"}, {"ok": False, "error": "x"}), (b"<html>", {})]
)
def test_later_by_status(body: Any, data: dict[str, Any]) -> None:
    assert read(reply(body, 429, retry_after="2")) == Answer(data, Failure(FailureKind.RATE_LIMITED, 2.0))
    assert read(reply(body, 429)) == Answer(data, Failure(FailureKind.RATE_LIMITED, None))


@pytest.mark.parametrize(
    ("body", "status", "sentence", "kind"),
    [
        (b"<html>secret</html>", 200, "HTTP 200 with something else than JSON", FailureKind.PERMANENT),
        (b"", 200, "HTTP 200 with no content", FailureKind.PERMANENT),
        (b"\xff\xfe", 502, "HTTP 502 with something else than JSON", FailureKind.SERVER_ERROR),
        (b"[" * 200_000, 200, "HTTP 200 with something else than JSON", FailureKind.PERMANENT),
        ([1], 200, "HTTP 200 with JSON that is not an object", FailureKind.PERMANENT),
        (None, 503, "HTTP 503 with JSON that is not an object", FailureKind.SERVER_ERROR),
        ({"message": "secret"}, 200, "HTTP 200 with JSON that is not Slack's", FailureKind.PERMANENT),
        ({"message": "secret"}, 500, "HTTP 500 with JSON that is not Slack's", FailureKind.SERVER_ERROR),
        (b"<html>", 401, "HTTP 401 with something else than JSON", FailureKind.PERMANENT),
        ({"ok": True}, 302, "a redirect (HTTP 302), which is not followed", FailureKind.PERMANENT),
    ],
)
def test_what_is_not_slacks_language(body: Any, status: int, sentence: str, kind: FailureKind) -> None:
    assert read(reply(body, status)) == Unreadable(sentence, Failure(kind))


def test_an_error_status_with_slacks_words() -> None:
    data = {"ok": False, "error": "internal_error"}
    assert read(reply(data, 500)) == Answer(data, Failure(FailureKind.SERVER_ERROR))
    assert read(reply({"ok": True}, 500)) == Answer({"ok": True}, Failure(FailureKind.SERVER_ERROR))
    assert read(reply(data, 403)) == Answer(data, Failure(FailureKind.PERMANENT))


def test_a_file_is_bytes_only_when_the_call_succeeded() -> None:
    assert read(reply(b"\x1f\x8b", content_type="application/gzip")) == Answer(b"\x1f\x8b", None)
    assert isinstance(read(reply(b"\x1f\x8b", 500, content_type="application/gzip")), Unreadable)


def test_a_status_alone() -> None:
    assert failure_of_status(reply(b"", 204)) is None
    assert failure_of_status(reply(b"", 404)) == Failure(FailureKind.PERMANENT)


def test_reprs_hold_no_content() -> None:
    answer = reply({"ok": True, "url": "wss://secret"}, authorization="secret")
    assert "secret" not in repr(answer)
    assert "secret" not in repr(read(answer))
