"""Golden shapes: the keys, and their order, are those of Slack's documentation and of captured traffic."""

from __future__ import annotations

import base64
import json

import pytest

from tautwire.local import FORMS
from tautwire.local.faults.malformed import raw_frame
from tautwire.local.socket import frames
from tautwire.local.workspace import Channel, Identity, User, View, shapes

ME, ANN, GENERAL = Identity(), User("U0ANN", "ann"), Channel("C0GENERAL", "general")


def context_of(event: dict[str, object]) -> dict[str, object]:
    """What `event_context` says, unpacked."""
    payload = frames.event_callback(ME, event, event_id="Ev1", event_time=1795000001)
    version, _, encoded = payload["event_context"].partition("-")
    assert version == "4"
    assert "=" not in encoded
    decoded: dict[str, object] = json.loads(base64.urlsafe_b64decode(encoded + "=" * (-len(encoded) % 4)))
    return decoded


def test_hello_word_for_word() -> None:
    text = frames.dumps(frames.hello(app_id="A1", host="applink-7", num_connections=2, seconds=18060))
    assert text == (
        b'{"type":"hello","num_connections":2,"debug_info":{"host":"applink-7","build_number":14,'
        b'"approximate_connection_time":18060},"connection_info":{"app_id":"A1"}}'
    )


def test_disconnect_word_for_word() -> None:
    text = frames.dumps(frames.disconnect("warning", "applink-7"))
    assert text == b'{"type":"disconnect","reason":"warning","debug_info":{"host":"applink-7"}}'


def test_only_events_have_the_retry_keys() -> None:
    event = frames.envelope("events_api", {}, envelope_id="e", accepts=False)
    assert list(event) == [
        "envelope_id",
        "type",
        "accepts_response_payload",
        "retry_attempt",
        "retry_reason",
        "payload",
    ]
    assert (event["retry_attempt"], event["retry_reason"]) == (0, "")
    command = frames.envelope("slash_commands", {}, envelope_id="e", accepts=True)
    assert list(command) == ["envelope_id", "type", "accepts_response_payload", "payload"]


def test_an_event_and_its_context() -> None:
    payload = frames.event_callback(ME, {"type": "app_mention", "channel": "C1"}, event_id="Ev1", event_time=1795000001)
    assert list(payload) == [
        "token",
        "team_id",
        "context_team_id",
        "context_enterprise_id",
        "api_app_id",
        "type",
        "event_id",
        "event_time",
        "authorizations",
        "is_ext_shared_channel",
        "event_context",
        "event",
    ]
    assert payload["authorizations"] == [
        {
            "enterprise_id": None,
            "team_id": ME.team_id,
            "user_id": ME.bot_user_id,
            "is_bot": True,
            "is_enterprise_install": False,
        }
    ]
    assert context_of({"type": "app_mention", "channel": "C1"}) == {
        "et": "app_mention",
        "tid": ME.team_id,
        "aid": ME.app_id,
        "cid": "C1",
    }


@pytest.mark.parametrize(
    "event",
    [
        {"channel": "C1"},
        {"channel": {"id": "C1", "name": "general"}},
        {"channel_id": "C1"},
        {"item": {"type": "message", "channel": "C1", "ts": "1.2"}},
    ],
)
def test_the_context_names_the_channel_however_the_event_does(event: dict[str, object]) -> None:
    assert context_of({"type": "reaction_added"} | event)["cid"] == "C1"


@pytest.mark.parametrize("event", [{}, {"channel": None}, {"channel": {}}, {"item": "C1"}, {"item": {}}])
def test_an_event_without_a_channel_has_none_in_its_context(event: dict[str, object]) -> None:
    assert context_of({"type": "team_join"} | event) == {"et": "team_join", "tid": ME.team_id, "aid": ME.app_id}


def test_app_rate_limited_has_no_inner_event() -> None:
    assert set(frames.app_rate_limited(ME, 60)) == {
        "token",
        "type",
        "team_id",
        "minute_rate_limited",
        "api_app_id",
    }


def test_a_command() -> None:
    payload = frames.command(ME, "/d", "x", user=ANN, channel=GENERAL, response_url="u", trigger_id="t")
    assert payload["is_enterprise_install"] == "false"
    assert (payload["user_name"], payload["channel_name"], payload["team_domain"]) == ("ann", "general", "acme")


def test_a_click_in_a_message_and_in_a_view() -> None:
    message = frames.block_actions(
        ME, [{}], user=ANN, place=frames.in_message(GENERAL, {"ts": "1.2"}, "url"), trigger_id="t"
    )
    assert message["container"] == {
        "type": "message",
        "message_ts": "1.2",
        "channel_id": "C0GENERAL",
        "is_ephemeral": False,
    }
    assert set(message) >= {"channel", "message", "response_url", "state", "actions", "user", "team", "enterprise"}
    view = frames.block_actions(ME, [{}], user=ANN, place=frames.in_view({"id": "V1"}), trigger_id="t")
    assert view["container"] == {"type": "view", "view_id": "V1"}
    assert view["view"] == {"id": "V1"}
    assert not {"channel", "message", "response_url"} & set(view)


def test_shortcuts() -> None:
    plain = frames.shortcut(ME, "cb", user=ANN, action_ts="1.2", trigger_id="t")
    assert not {"response_url", "channel", "api_app_id"} & set(plain)
    on_message = frames.message_action(
        ME,
        "cb",
        user=ANN,
        channel=GENERAL,
        message={"ts": "1.2"},
        action_ts="1.3",
        trigger_id="t",
        response_url="u",
    )
    assert on_message["message_ts"] == "1.2"
    assert on_message["user"] == {"id": "U0ANN", "name": "ann"}


def test_views() -> None:
    shown = shapes.view(ME, View("V1", "A1", "U1", "modal", {"callback_id": "t"}, "h", "V1"))
    submission = frames.view_submission(ME, shown, user=ANN, trigger_id="t", response_urls=[])
    assert submission["response_urls"] == []
    assert "response_urls" not in submission["view"]
    closed = frames.view_closed(ME, shown, user=ANN, is_cleared=True)
    assert closed["is_cleared"] is True
    assert not {"trigger_id", "response_urls"} & set(closed)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('{"envelope_id":"e"}', frames.Ack("e", None)),
        ('{"envelope_id":"e","payload":{}}', frames.Ack("e", None)),
        ('{"envelope_id":"e","payload":{"a":1},"more":2}', frames.Ack("e", {"a": 1})),
        ('{"envelope_id":"e","payload":"text"}', frames.Ack("e", None)),
        ('{"envelope_id":null}', None),
        ("{}", None),
        ("[]", None),
        ("", None),
        ("[" * 100_000, None),
    ],
)
def test_reading_acks(text: str, expected: frames.Ack | None) -> None:
    assert frames.read_ack(text) == expected


@pytest.mark.parametrize(
    ("size", "head"), [(125, b"\x81\x7d"), (126, b"\x81\x7e\0\x7e"), (65536, b"\x81\x7f\0\0\0\0\0\1\0\0")]
)
def test_raw_frames(size: int, head: bytes) -> None:
    assert raw_frame(0x1, b"x" * size) == head + b"x" * size


def test_every_form_is_bytes() -> None:
    assert all(isinstance(data, bytes) and data for data in FORMS.values())
