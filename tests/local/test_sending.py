from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tautwire.errors import ConfigurationError
from tautwire.local import LocalSlack, Switches
from tautwire.local.sending import Sender

if TYPE_CHECKING:
    from collections.abc import Callable


@pytest.mark.parametrize(
    ("send", "type_", "subject", "accepts"),
    [
        (lambda s: s.send_event("app_mention"), "events_api", "app_mention", False),
        (lambda s: s.send_event("team_join", user={"id": "U9"}), "events_api", "team_join", False),
        (lambda s: s.send_rate_limited(), "events_api", "app_rate_limited", False),
        (lambda s: s.send_command("/deploy"), "slash_commands", "/deploy", True),
        (lambda s: s.send_action("ok"), "interactive", "block_actions", False),
        (lambda s: s.send_options("pick"), "interactive", "block_suggestion", True),
        (lambda s: s.send_view_submission("t"), "interactive", "view_submission", True),
        (lambda s: s.send_view_closed("t"), "interactive", "view_closed", False),
        (lambda s: s.send_shortcut("t"), "interactive", "shortcut", False),
        (lambda s: s.send_message_action("t"), "interactive", "message_action", False),
        (lambda s: s.send_envelope("novelty", {"a": 1}, subject="x"), "novelty", "x", False),
    ],
)
async def test_every_kind_arrives_as_sent(
    slack: LocalSlack, dial: Any, send: Callable[[LocalSlack], Any], type_: str, subject: str, accepts: bool
) -> None:
    async with dial(slack) as wire:
        delivery = send(slack)
        message = await wire.message()
        assert (message["type"], message["accepts_response_payload"]) == (type_, accepts)
        assert (delivery.type, delivery.subject) == (type_, subject)
        assert message["payload"] == delivery.payload
        assert slack.ledger[message["envelope_id"]] is delivery


async def test_what_is_said(still: LocalSlack) -> None:
    mention = still.send_event(text="hi", thread_ts="1.2").payload["event"]
    assert (mention["text"], mention["thread_ts"], mention["user"]) == ("hi", "1.2", "U0ANN")
    assert "channel_type" not in mention
    assert mention["event_ts"] == mention["ts"]
    message = still.send_event("message", channel="D0ANN").payload["event"]
    assert (message["channel"], message["channel_type"]) == ("D0ANN", "im")
    assert set(still.send_event("team_join").payload["event"]) == {"type", "event_ts"}
    fixed = still.send_event("app_mention", ts="5.000005", event_ts="6.000006").payload["event"]
    assert (fixed["ts"], fixed["event_ts"]) == ("5.000005", "6.000006")


async def test_every_event_id_is_new(still: LocalSlack) -> None:
    assert len({still.send_event().event_id for _ in range(100)}) == 100


async def test_particulars(still: LocalSlack) -> None:
    command = still.send_command("/d", text="api", user="bob", channel="random", enterprise_id="E1").payload
    assert (command["user_id"], command["channel_id"], command["enterprise_id"]) == ("U0BOB", "C0RANDOM", "E1")
    action = still.send_action("pick", action={"type": "static_select", "selected_option": {"value": "1"}}).payload
    assert (action["actions"][0]["type"], action["actions"][0]["action_id"]) == ("static_select", "pick")
    assert "value" not in action["actions"][0]
    assert still.send_action("ok", value="42").payload["actions"][0]["value"] == "42"
    message = {"ts": "7.000007", "text": "mine"}
    assert still.send_action(message=message).payload["container"]["message_ts"] == "7.000007"
    view = {"id": "V1"}
    assert still.send_action(view=view).payload["view"] == view
    assert still.send_options(value="ap").payload["value"] == "ap"
    assert "response_url" not in still.send_options().payload
    assert still.send_message_action(message=message).payload["message"] == message
    assert still.send_message_action().payload["message"]["user"] == "U0ANN"
    closed = still.send_view_closed(is_cleared=True).payload
    assert (closed["is_cleared"], closed["view"]["notify_on_close"]) == (True, True)
    urls = [{"block_id": "b"}]
    assert still.send_view_submission(response_urls=urls).payload["response_urls"] == urls


async def test_an_unknown_channel_is_a_mistake(still: LocalSlack) -> None:
    with pytest.raises(ConfigurationError):
        still.send_command(channel="nowhere")


async def test_block_actions_accept_a_payload_by_switch() -> None:
    async with LocalSlack(switches=Switches(block_actions_accept_payload=True)) as slack:
        assert slack.send_action().accepts


def test_a_sender_has_to_say_where_it_is() -> None:
    with pytest.raises(NotImplementedError):
        _ = Sender().base_url
