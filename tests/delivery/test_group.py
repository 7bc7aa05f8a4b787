"""What is handled one after the other."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tautwire.delivery.group import grouping, ungrouped
from tautwire.errors import ConfigurationError
from tautwire.protocol.messages import Envelope


def envelope(payload: Any) -> Envelope:
    return Envelope("any", "e1", json.dumps(payload).encode())


def event(**content: Any) -> dict[str, Any]:
    return {"team_id": "T1", "event": content}


MENTION = event(type="app_mention", channel="C1", user="U1", ts="1.0")
REPLY = event(type="message", channel="C1", user="U2", ts="2.0", thread_ts="1.0")
CHANGED = event(type="message", subtype="message_changed", channel="C1", ts="9", message={"ts": "2", "thread_ts": "1"})
REACTION = event(type="reaction_added", user="U1", item={"type": "message", "channel": "C1", "ts": "1.0"})
CREATED = event(type="channel_created", channel={"id": "C1", "name": "general"})
JOINED = event(type="team_join", user={"id": "U1"})
HOME = event(type="app_home_opened", channel_id="C1", user_id="U1")
COMMAND = {"team_id": "T1", "channel_id": "C1", "user_id": "U1"}
CLICK = {
    "team": {"id": "T1"},
    "user": {"id": "U1"},
    "channel": {"id": "C1"},
    "container": {"channel_id": "C1", "message_ts": "2.0", "thread_ts": "1.0"},
}
BARE_CLICK = {"team": {"id": "T1"}, "container": {"channel_id": "C1", "message_ts": "2.0"}}
ACTION = {"team": {"id": "T1"}, "user": {"id": "U1"}, "channel": {"id": "C1"}, "message_ts": "2.0", "message": {}}


@pytest.mark.parametrize(
    "payload", [MENTION, REPLY, CHANGED, REACTION, CREATED, HOME, COMMAND, CLICK, BARE_CLICK, ACTION]
)
def test_by_channel(payload: Any) -> None:
    assert grouping("channel")(envelope(payload)) == "channel:T1:C1"


@pytest.mark.parametrize(
    ("payload", "group"),
    [
        (MENTION, "thread:T1:C1:1.0"),
        (REPLY, "thread:T1:C1:1.0"),
        (CHANGED, "thread:T1:C1:1"),
        (REACTION, "thread:T1:C1:1.0"),
        (CLICK, "thread:T1:C1:1.0"),
        (BARE_CLICK, "thread:T1:C1:2.0"),
        (ACTION, "thread:T1:C1:2.0"),
        (COMMAND, "thread:T1:C1:"),
        (JOINED, ""),
    ],
)
def test_by_thread_which_has_the_name_of_the_message_that_it_hangs_on(payload: Any, group: str) -> None:
    assert grouping("thread")(envelope(payload)) == group


@pytest.mark.parametrize("payload", [MENTION, REACTION, JOINED, HOME, COMMAND, CLICK, ACTION])
def test_by_user(payload: Any) -> None:
    assert grouping("user")(envelope(payload)) == "user:T1:U1"


@pytest.mark.parametrize("payload", [{}, [], "text", None, 7, event(), event(channel=7), event(channel={"id": 7})])
@pytest.mark.parametrize("word", ["channel", "thread", "user"])
def test_what_says_nothing_waits_for_nobody(word: str, payload: Any) -> None:
    assert grouping(word)(envelope(payload)) == ""


def test_the_same_channel_of_another_workspace_is_another() -> None:
    one, other = grouping("channel")(envelope(COMMAND)), grouping("channel")(envelope(COMMAND | {"team_id": "T2"}))
    assert one != other


def test_an_unknown_word_is_refused_and_told_the_known_ones() -> None:
    with pytest.raises(ConfigurationError, match="'chanel'; it can be 'channel', 'thread', 'user', or a function"):
        grouping("chanel")
    with pytest.raises(ConfigurationError, match="a function"):
        grouping(["channel"])  # type: ignore[arg-type]


def test_without_a_wish_nothing_waits() -> None:
    assert ungrouped(envelope(MENTION)) == ""
