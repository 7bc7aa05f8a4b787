"""What a request listener gets, and what it answers with."""

from __future__ import annotations

from typing import Any

import pytest

from tautwire.socket_mode.request import SocketModeRequest, SupportsToDict, payload_of
from tautwire.socket_mode.response import SocketModeResponse

SECRET = "the payload's own words"


class Model:
    def to_dict(self) -> dict[str, Any]:
        return {"text": "from a model"}


@pytest.mark.parametrize(
    ("payload", "as_dict"),
    [({"a": 1}, {"a": 1}), ({}, {}), ("hi", {"text": "hi"}), ("", {"text": ""}), (Model(), {"text": "from a model"})],
)
def test_one_rule_for_payloads(payload: Any, as_dict: dict[str, Any]) -> None:
    assert payload_of(payload) == as_dict
    assert SocketModeRequest("type", "e1", payload).payload == as_dict
    assert SocketModeResponse("e1", payload).to_dict() == {"envelope_id": "e1", "payload": as_dict}


def test_a_dict_is_not_copied() -> None:
    payload = {"a": 1}
    assert payload_of(payload) is payload


@pytest.mark.parametrize("payload", [1, b"text", [SECRET], object(), 1.5])
def test_anything_else_is_refused_by_its_type_and_not_quoted(payload: Any) -> None:
    for make in (payload_of, lambda given: SocketModeRequest("t", "e", given), lambda g: SocketModeResponse("e", g)):
        with pytest.raises(ValueError, match=type(payload).__name__) as refusal:
            make(payload)
        assert SECRET not in str(refusal.value)


def test_a_response_may_have_no_payload_a_request_must() -> None:
    assert SocketModeResponse("e1").to_dict() == {"envelope_id": "e1"}
    assert SocketModeResponse("e1", None).payload is None
    with pytest.raises(ValueError, match="NoneType"):
        SocketModeRequest("type", "e1", None)  # type: ignore[arg-type]  # that is the point


def test_whoever_has_to_dict_is_known_by_it() -> None:
    assert isinstance(Model(), SupportsToDict)
    assert not isinstance({}, SupportsToDict)


def test_a_message_becomes_a_request() -> None:
    message = {
        "type": "events_api",
        "envelope_id": "e1",
        "payload": {"event_id": "Ev1"},
        "accepts_response_payload": True,
        "retry_attempt": 2,
        "retry_reason": "timeout",
        "more": "is ignored",
    }
    request = SocketModeRequest.from_dict(message)
    assert request is not None
    assert request.to_dict() == {key: message[key] for key in ("type", "envelope_id", "payload")}
    assert (request.accepts_response_payload, request.retry_attempt, request.retry_reason) == (True, 2, "timeout")


def test_what_is_optional_may_be_missing() -> None:
    request = SocketModeRequest.from_dict({"type": "x", "envelope_id": "e1", "payload": {}})
    assert request is not None
    assert (request.accepts_response_payload, request.retry_attempt, request.retry_reason) == (False, None, None)


@pytest.mark.parametrize("missing", ["type", "envelope_id", "payload"])
def test_a_message_with_less_is_no_request(missing: str) -> None:
    message = {"type": "x", "envelope_id": "e1", "payload": {}}
    del message[missing]
    assert SocketModeRequest.from_dict(message) is None


def test_a_repr_shows_no_payload() -> None:
    request, response = SocketModeRequest("x", "e1", SECRET), SocketModeResponse("e1", SECRET)
    assert repr(request) == "SocketModeRequest(type='x', envelope_id='e1')"
    assert repr(response) == "SocketModeResponse(envelope_id='e1')"
