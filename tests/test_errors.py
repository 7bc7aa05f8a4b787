"""The tree as its docstring draws it, and what each error tells."""

from __future__ import annotations

import copy
import inspect
import pickle
import re
from typing import Any

import pytest

from tautwire import errors
from tautwire.errors import (
    ActionRefusedError,
    BoltStatusError,
    ClientClosedError,
    ConfigurationError,
    DialError,
    DialTimeoutError,
    FatalConnectionError,
    HandshakeRefusedError,
    InboxError,
    InboxFullError,
    InboxLockedError,
    InboxUnavailableError,
    InvalidTokenError,
    LeaseLostError,
    ListenerTimeoutError,
    MessageTooLargeError,
    NotConnectedError,
    RateLimitedError,
    RequestLeftError,
    SlackApiError,
    SlackRequestError,
    SocketModeDisabledError,
    TautwireError,
    UntrustedUrlError,
)

SAMPLES: list[TautwireError] = [
    ConfigurationError("give a token that begins with xapp-"),
    SlackRequestError("no answer", status=502),
    SlackApiError("The request failed", {"ok": False, "error": "channel_not_found"}),
    RateLimitedError("Slow down", {"ok": False, "error": "ratelimited"}, retry_after=30.0),
    ActionRefusedError("ann cannot do that: not_allowed", "not_allowed"),
    FatalConnectionError("no", code="http_404"),
    InvalidTokenError("no", code="invalid_auth"),
    SocketModeDisabledError(),
    DialError("no"),
    DialTimeoutError("no hello within ten seconds"),
    HandshakeRefusedError("no", status=409),
    UntrustedUrlError("not Slack's"),
    NotConnectedError("nothing to send on"),
    ClientClosedError("closed"),
    MessageTooLargeError("20,480 bytes"),
    BoltStatusError(500),
    InboxError("it is closed"),
    InboxUnavailableError("the disk is full"),
    InboxFullError("it may hold 10 records"),
    InboxLockedError("the process 1 works with it"),
    LeaseLostError("record 1 has gone to another owner"),
    ListenerTimeoutError("the listener took longer than 2 s"),
    RequestLeftError("the loop was left"),
]

by_name = pytest.mark.parametrize("error", SAMPLES, ids=lambda error: type(error).__name__)


def classes() -> dict[str, type[TautwireError]]:
    return {
        name: found
        for name, found in vars(errors).items()
        if inspect.isclass(found) and issubclass(found, TautwireError) and found.__module__ == errors.__name__
    }


def drawn_tree() -> dict[str, str]:
    """Each class of the docstring's drawing with the one it hangs from."""
    parents: dict[str, str] = {}
    path: list[str] = []
    for line in (errors.__doc__ or "").splitlines():
        if found := re.match(r" {4}([│├└─ ]*)(\w+Error)\b", line):
            depth = len(found[1]) // 4
            path[depth:] = [found[2]]
            if depth:
                parents[found[2]] = path[depth - 1]
    return parents


def test_the_drawing_is_the_tree() -> None:
    real = {name: next(base.__name__ for base in found.__bases__) for name, found in classes().items()}
    assert real.pop("TautwireError") == "Exception"
    assert drawn_tree() == real


def test_every_error_is_public() -> None:
    assert set(classes()) <= set(errors.__all__)
    assert sorted(errors.__all__, key=lambda name: (not name.isupper(), name)) == errors.__all__


def test_what_may_succeed_when_tried_again() -> None:
    retryable = {name for name, found in classes().items() if found.retryable}
    assert retryable == {
        "DialError",
        "DialTimeoutError",
        "HandshakeRefusedError",
        "InboxFullError",
        "InboxLockedError",
        "InboxUnavailableError",
        "ListenerTimeoutError",
        "NotConnectedError",
        "RateLimitedError",
        "RequestLeftError",
        "SlackRequestError",
        "UntrustedUrlError",
    }


@pytest.mark.parametrize(
    ("error", "builtin"),
    [
        (ConfigurationError, ValueError),
        (NotConnectedError, ConnectionError),
        (ClientClosedError, RuntimeError),
        (MessageTooLargeError, ValueError),
        (ListenerTimeoutError, TimeoutError),
    ],
)
def test_some_are_builtin_errors_too(error: type[TautwireError], builtin: type[Exception]) -> None:
    assert issubclass(error, builtin)


@pytest.mark.parametrize(
    ("response", "code", "text"),
    [
        ({"ok": False, "error": "invalid_auth"}, "invalid_auth", "The request failed (invalid_auth)"),
        ({"ok": False}, "", "The request failed"),
        ({"error": 500}, "", "The request failed"),
        (None, "", "The request failed"),
        ("<html>", "", "The request failed"),
    ],
)
def test_an_api_error_reads_slacks_code_where_there_is_one(response: Any, code: str, text: str) -> None:
    error = SlackApiError("The request failed", response)
    assert error.response is response
    assert error.code == code
    assert str(error) == text


def test_a_response_shows_none_of_its_other_fields() -> None:
    error = SlackApiError("The request failed", {"error": "x", "url": "wss://host/?ticket=1"})
    assert "ticket" not in f"{error}{error!r}"


def test_what_the_others_carry() -> None:
    assert SlackRequestError("no answer").status is None
    assert SlackRequestError("no answer", status=502).status == 502
    assert RateLimitedError("later", {}, retry_after=None).retry_after is None
    assert RateLimitedError("later", {}, retry_after=1.5).retry_after == 1.5
    assert HandshakeRefusedError("no", status=409).status == 409
    assert InvalidTokenError("no", code="invalid_auth").code == "invalid_auth"
    assert SocketModeDisabledError().code == "link_disabled"
    assert "Settings > Socket Mode" in str(SocketModeDisabledError())


@by_name
@pytest.mark.parametrize("twin_of", [copy.copy, copy.deepcopy, lambda error: pickle.loads(pickle.dumps(error))])
def test_an_error_survives_copies_and_the_way_to_another_process(error: TautwireError, twin_of: Any) -> None:
    twin = twin_of(error)
    assert type(twin) is type(error)
    assert (str(twin), twin.args, vars(twin)) == (str(error), error.args, vars(error))


def test_the_samples_leave_out_no_class_that_is_raised() -> None:
    bases = {"TautwireError", "SlackClientError", "SocketModeError"}
    assert {type(error).__name__ for error in SAMPLES} == set(classes()) - bases


def test_fatal_answers_hold_the_documented_ones_and_nothing_that_passes() -> None:
    assert {"not_authed", "invalid_auth", "account_inactive", "token_revoked"} <= errors.FATAL_API_ERRORS
    assert not errors.FATAL_API_ERRORS & {"ratelimited", "internal_error", "fatal_error", "service_unavailable"}
    assert not errors.FATAL_HTTP_STATUSES & {408, 409, 425, 429, 500, 502, 503, 504}
