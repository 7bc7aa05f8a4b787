from __future__ import annotations

import pytest

from tautwire.local.manifest.events import SCOPES, UNASKED, is_covered, scopes_for, subscriptions
from tautwire.local.manifest.scopes import BOT_SCOPES, USER_SCOPES

#: What the local Slack makes of what happens in its workspace.
PRODUCED = """
    app_home_opened app_mention app_uninstalled assistant_thread_started channel_archive channel_created channel_deleted
    channel_left channel_rename channel_unarchive emoji_changed file_change file_created file_deleted file_public
    file_shared group_archive group_close group_deleted group_left group_open group_rename group_unarchive im_close
    im_created im_open link_shared member_joined_channel member_left_channel message.channels message.groups message.im
    message.mpim pin_added pin_removed reaction_added reaction_removed team_join team_rename tokens_revoked user_change
    user_profile_changed user_status_changed
"""


@pytest.mark.parametrize("event", PRODUCED.split())
def test_every_event_that_is_produced_is_known(event: str) -> None:
    assert event in SCOPES


@pytest.mark.parametrize(
    ("event", "scope"),
    [
        ("message.channels", "channels:history"),
        ("message.groups", "groups:history"),
        ("message.im", "im:history"),
        ("message.mpim", "mpim:history"),
        ("app_mention", "app_mentions:read"),
        ("reaction_added", "reactions:read"),
        ("channel_rename", "channels:read"),
        ("group_rename", "groups:read"),
        ("im_open", "im:read"),
        ("pin_added", "pins:read"),
        ("file_shared", "files:read"),
        ("link_shared", "links:read"),
        ("team_join", "users:read"),
        ("team_rename", "team:read"),
        ("user_status_changed", "users:read"),
        ("emoji_changed", "emoji:read"),
    ],
)
def test_one_scope_lets_it_be_heard_anywhere(event: str, scope: str) -> None:
    for place in (None, "channel", "im"):
        assert is_covered(event, place, {scope})
        assert not is_covered(event, place, {"chat:write"})


@pytest.mark.parametrize("event", ["app_home_opened", "app_uninstalled", "tokens_revoked", "assistant_thread_started"])
def test_some_need_none(event: str) -> None:
    assert scopes_for(event) == ()
    assert is_covered(event, None, ())
    assert is_covered(event, "im", ())


def test_an_event_nobody_knows_needs_none() -> None:
    assert is_covered("novelty", None, ())


@pytest.mark.parametrize(
    ("place", "scope"), [("channel", "channels:read"), ("group", "groups:read"), ("mpim", "mpim:read")]
)
def test_joining_is_heard_where_the_scope_reaches(place: str, scope: str) -> None:
    assert is_covered("member_joined_channel", place, {scope})
    assert not is_covered("member_joined_channel", place, {"channels:read", "groups:read", "mpim:read"} - {scope})
    assert is_covered("member_joined_channel", None, {scope})


def test_joining_does_not_happen_in_direct_messages() -> None:
    assert not is_covered("member_joined_channel", "im", {"channels:read", "groups:read", "mpim:read", "im:read"})


def test_a_message_is_subscribed_to_by_the_kind_of_its_conversation() -> None:
    assert subscriptions("message", "channel") == ("message.channels",)
    assert subscriptions("message", "group") == ("message.groups",)
    assert subscriptions("message", "im") == ("message.im",)
    assert subscriptions("message", "mpim") == ("message.mpim",)
    assert subscriptions("message", "app_home") == ("message.app_home",)
    assert subscriptions("message", "elsewhere") == ()


def test_without_a_kind_any_message_will_do() -> None:
    assert set(subscriptions("message")) == {name for name in SCOPES if name.startswith("message.")}


def test_everything_else_goes_by_its_own_name() -> None:
    assert subscriptions("reaction_added", "im") == ("reaction_added",)
    assert subscriptions("message.im", "im") == ("message.im",)


def test_the_table_names_only_scopes_that_exist() -> None:
    assert {scope for scopes in SCOPES.values() for scope in scopes} <= {*BOT_SCOPES, *USER_SCOPES}


def test_what_comes_unasked_is_nothing_to_subscribe_to() -> None:
    assert not UNASKED & SCOPES.keys()
