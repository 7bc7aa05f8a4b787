"""Golden payloads: the keys, and their order, are those of Slack's documentation and of captured traffic."""

from __future__ import annotations

import base64
import json

import pytest

from tautwire.local.socket import payloads
from tautwire.local.workspace import Channel, Identity, User, View, shapes

ME, ANN, GENERAL = Identity(), User("U0ANN", "ann"), Channel("C0GENERAL", "general")


def context_of(event: dict[str, object]) -> dict[str, object]:
    """What `event_context` says, unpacked."""
    payload = payloads.event_callback(ME, event, event_id="Ev1", event_time=1795000001)
    version, _, encoded = payload["event_context"].partition("-")
    assert version == "4"
    assert "=" not in encoded
    decoded: dict[str, object] = json.loads(base64.urlsafe_b64decode(encoded + "=" * (-len(encoded) % 4)))
    return decoded


def test_an_event_and_its_context() -> None:
    payload = payloads.event_callback(
        ME, {"type": "app_mention", "channel": "C1"}, event_id="Ev1", event_time=1795000001
    )
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
    assert set(payloads.app_rate_limited(ME, 60)) == {
        "token",
        "type",
        "team_id",
        "minute_rate_limited",
        "api_app_id",
    }


def test_a_command() -> None:
    payload = payloads.command(ME, "/d", "x", user=ANN, channel=GENERAL, response_url="u", trigger_id="t")
    assert payload["is_enterprise_install"] == "false"
    assert (payload["user_name"], payload["channel_name"], payload["team_domain"]) == ("ann", "general", "acme")


def test_a_click_in_a_message_and_in_a_view() -> None:
    message = payloads.block_actions(
        ME, [{}], user=ANN, place=payloads.in_message(GENERAL, {"ts": "1.2"}, "url"), trigger_id="t"
    )
    assert message["container"] == {
        "type": "message",
        "message_ts": "1.2",
        "channel_id": "C0GENERAL",
        "is_ephemeral": False,
    }
    assert set(message) >= {"channel", "message", "response_url", "state", "actions", "user", "team", "enterprise"}
    view = payloads.block_actions(ME, [{}], user=ANN, place=payloads.in_view({"id": "V1"}), trigger_id="t")
    assert view["container"] == {"type": "view", "view_id": "V1"}
    assert view["view"] == {"id": "V1"}
    assert not {"channel", "message", "response_url"} & set(view)


def test_shortcuts() -> None:
    plain = payloads.shortcut(ME, "cb", user=ANN, action_ts="1.2", trigger_id="t")
    assert not {"response_url", "channel", "api_app_id"} & set(plain)
    on_message = payloads.message_action(
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
    submission = payloads.view_submission(ME, shown, user=ANN, trigger_id="t", response_urls=[])
    assert submission["response_urls"] == []
    assert "response_urls" not in submission["view"]
    closed = payloads.view_closed(ME, shown, user=ANN, is_cleared=True)
    assert closed["is_cleared"] is True
    assert not {"trigger_id", "response_urls"} & set(closed)
