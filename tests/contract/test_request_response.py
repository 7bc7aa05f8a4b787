"""`SocketModeRequest` and `SocketModeResponse` beside slack_sdk's: the same in, the same out."""

from __future__ import annotations

import inspect
from typing import Any

import pytest
import slack_sdk.socket_mode.request
import slack_sdk.socket_mode.response
from hypothesis import given
from hypothesis import strategies as st
from slack_sdk.models.blocks import DividerBlock

from tautwire import SocketModeRequest, SocketModeResponse

TheirRequest = slack_sdk.socket_mode.request.SocketModeRequest
TheirResponse = slack_sdk.socket_mode.response.SocketModeResponse

ENVELOPE: dict[str, Any] = {"type": "events_api", "envelope_id": "e1", "payload": {"event": {"type": "message"}}}

MESSAGES: list[dict[str, Any]] = [
    ENVELOPE,
    ENVELOPE | {"retry_attempt": 0, "retry_reason": "", "accepts_response_payload": False},
    ENVELOPE | {"retry_attempt": 2, "retry_reason": "timeout", "accepts_response_payload": True},
    ENVELOPE | {"accepts_response_payload": None, "retry_attempt": None, "retry_reason": None},
    ENVELOPE | {"accepts_response_payload": "yes", "retry_attempt": "1", "unknown": [1]},
    ENVELOPE | {"payload": "a text"},
    ENVELOPE | {"payload": ""},
    ENVELOPE | {"payload": {}},
    ENVELOPE | {"payload": DividerBlock(block_id="b")},
    ENVELOPE | {"type": None, "envelope_id": None},
    ENVELOPE | {"type": 1, "envelope_id": 2},
    {},
    {"type": "hello", "num_connections": 1},
    {"type": "events_api", "envelope_id": "e1"},
    {"type": "events_api", "payload": {}},
    {"envelope_id": "e1", "payload": {}},
    ENVELOPE | {"payload": None},
    ENVELOPE | {"payload": [1, 2]},
    ENVELOPE | {"payload": 7},
    ENVELOPE | {"payload": True},
]

FIELDS = ("type", "envelope_id", "payload", "accepts_response_payload", "retry_attempt", "retry_reason")


def outcome(kind: Any, message: dict[str, Any]) -> Any:
    """What comes of `from_dict`, in terms that both sides share.

    slack_sdk means a `ValueError` for what is no payload, but trips over its own parameter `type` on the way to it.
    """
    try:
        made = kind.from_dict(message)
    except ValueError:
        return "refused"
    except TypeError:
        assert kind is TheirRequest
        return "refused"
    return None if made is None else ({name: getattr(made, name) for name in FIELDS}, made.to_dict())


@pytest.mark.parametrize("message", MESSAGES, ids=repr)
def test_from_dict_and_to_dict(message: dict[str, Any]) -> None:
    assert outcome(SocketModeRequest, message) == outcome(TheirRequest, message)


values = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.text()
    | st.lists(st.integers())
    | st.dictionaries(st.text(), st.text())
)


@given(st.dictionaries(st.sampled_from([*FIELDS, "other"]), values))
def test_from_dict_of_anything(message: dict[str, Any]) -> None:
    assert outcome(SocketModeRequest, message) == outcome(TheirRequest, message)


def test_both_of_the_outcomes_that_matter_occur() -> None:
    """The control: the table above holds requests, refusals and nothings."""
    outcomes = [outcome(SocketModeRequest, message) for message in MESSAGES]
    assert (outcomes.count(None), outcomes.count("refused"), len(outcomes)) == (5, 4, 20)


@pytest.mark.parametrize(("theirs", "ours"), [(TheirRequest, SocketModeRequest), (TheirResponse, SocketModeResponse)])
def test_the_constructors(theirs: Any, ours: Any) -> None:
    def shape(kind: Any) -> list[tuple[Any, ...]]:
        return [(each.name, each.kind, each.default) for each in inspect.signature(kind).parameters.values()]

    assert shape(ours) == shape(theirs)
    made = ours(*(["e1"] * len([each for each in shape(ours) if each[2] is inspect.Parameter.empty])))
    assert all(hasattr(made, name) for name in theirs.__annotations__)
    assert {name for name in dir(theirs) if not name.startswith("_")} <= set(dir(ours))


@pytest.mark.parametrize(
    "payload", [None, {}, {"a": 1}, "text", "", DividerBlock(block_id="b"), 7, [1], ("a",)], ids=repr
)
def test_responses(payload: Any) -> None:
    def made(kind: Any) -> Any:
        try:
            response = kind("e1", payload)
        except ValueError:
            return "ValueError"
        return response.envelope_id, response.payload, response.to_dict()

    assert made(SocketModeResponse) == made(TheirResponse)


class Model:
    def to_dict(self) -> dict[str, Any]:
        return {"a": 1}


def test_beyond_slack_sdk_anything_with_to_dict_is_a_payload() -> None:
    with pytest.raises(ValueError, match="Unsupported"):
        TheirResponse("e1", Model())  # type: ignore[arg-type]
    assert SocketModeResponse("e1", Model()).to_dict() == {"envelope_id": "e1", "payload": {"a": 1}}
    assert SocketModeRequest("t", "e1", Model()).payload == {"a": 1}


@pytest.mark.parametrize("kind", [SocketModeRequest, SocketModeResponse])
def test_what_is_no_payload_is_named_by_its_type(kind: Any) -> None:
    arguments = ("t", "e1", 7.5) if kind is SocketModeRequest else ("e1", 7.5)
    with pytest.raises(ValueError, match="float"):
        kind(*arguments)


@pytest.mark.parametrize("made", [SocketModeRequest("t", "e1", {"text": "hush"}), SocketModeResponse("e1", "hush")])
def test_a_repr_shows_no_payload(made: object) -> None:
    assert "e1" in repr(made)
    assert "hush" not in repr(made)


def test_a_subclass_makes_its_own_kind() -> None:
    class Mine(SocketModeRequest):
        pass

    assert type(Mine.from_dict(ENVELOPE)) is Mine
