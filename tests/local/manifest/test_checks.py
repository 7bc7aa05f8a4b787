from __future__ import annotations

from typing import Any

import pytest

from tautwire.local.manifest import Manifest

Json = dict[str, Any]


def sound() -> Json:
    """A manifest that Slack would take as it is."""
    return {
        "display_information": {"name": "Zork"},
        "features": {
            "app_home": {"home_tab_enabled": True, "messages_tab_enabled": True},
            "bot_user": {"display_name": "zork"},
            "slash_commands": [{"command": "/zork", "description": "You see a mailbox"}],
            "shortcuts": [{"name": "Open", "type": "global", "callback_id": "open", "description": "Opens it"}],
            "unfurl_domains": ["example.com"],
        },
        "oauth_config": {
            "scopes": {
                "bot": ["app_mentions:read", "chat:write", "commands", "im:history", "links:read", "users:read"],
                "bot_optional": ["users:read"],
                "user": ["search:read", "reactions:read"],
            }
        },
        "settings": {
            "event_subscriptions": {
                "bot_events": ["app_mention", "message.im", "link_shared", "app_home_opened"],
                "user_events": ["reaction_added"],
            },
            "interactivity": {"is_enabled": True},
            "socket_mode_enabled": True,
        },
    }


def warnings(data: Json) -> list[str]:
    return list(Manifest.from_dict(data, "app").warnings)


def test_a_sound_manifest_has_no_warnings() -> None:
    assert warnings(sound()) == []


def test_the_local_slack_needs_socket_mode() -> None:
    data = sound()
    del data["settings"]["socket_mode_enabled"]
    assert warnings(data) == [
        "settings.socket_mode_enabled is off, and the local Slack delivers over nothing else; set it to true"
    ]


@pytest.mark.parametrize("left", ["scopes", "events"])
def test_bot_scopes_and_events_need_a_bot_user(left: str) -> None:
    data: Json = {"display_information": {"name": "Zork"}, "settings": {"socket_mode_enabled": True}}
    if left == "scopes":
        data["oauth_config"] = {"scopes": {"bot": ["chat:write"]}}
    else:
        data["settings"]["event_subscriptions"] = {"bot_events": ["app_home_opened"]}
    assert warnings(data) == [
        (
            "features.bot_user is missing, and Slack refuses bot scopes and bot events without it; "
            "add it with a display_name"
        )
    ]


def test_an_app_that_only_speaks_for_people_needs_none() -> None:
    data: Json = {"display_information": {"name": "Zork"}, "settings": {"socket_mode_enabled": True}}
    data["oauth_config"] = {"scopes": {"user": ["search:read"]}}
    assert warnings(data) == []


@pytest.mark.parametrize(
    ("kind", "scope", "sentence"),
    [
        ("bot", "chanels:history", "is no scope known here, and Slack refuses what it does not know; did you mean "),
        ("user", "novelty:read", "is no scope known here, and Slack refuses what it does not know; check how it is"),
        ("bot", "search:read", "is for the other kind of token; Slack refuses it here, so move it"),
        ("user", "app_mentions:read", "is for the other kind of token; Slack refuses it here, so move it"),
        ("user", "users:read.email", "is granted only together with users:read; add that"),
    ],
)
def test_scopes(kind: str, scope: str, sentence: str) -> None:
    data = sound()
    scopes = data["oauth_config"]["scopes"][kind]
    scopes.append(scope)
    (warning,) = warnings(data)
    assert warning.startswith(f"oauth_config.scopes.{kind}[{len(scopes) - 1}] ({scope}) {sentence}")


def test_a_misspelt_scope_gets_the_right_one_suggested() -> None:
    data = sound()
    data["oauth_config"]["scopes"]["bot"].append("chanels:history")
    assert warnings(data)[0].endswith("; did you mean channels:history?")


def test_scopes_that_are_granted_together() -> None:
    data = sound()
    data["oauth_config"]["scopes"]["bot"] += ["chat:write.public", "chat:write.customize", "users:read.email"]
    assert warnings(data) == []
    data["oauth_config"]["scopes"]["bot"].remove("chat:write")
    assert warnings(data) == [
        "oauth_config.scopes.bot[5] (chat:write.public) is granted only together with chat:write; add that",
        "oauth_config.scopes.bot[6] (chat:write.customize) is granted only together with chat:write; add that",
    ]


def test_a_scope_of_old() -> None:
    data = sound()
    data["oauth_config"]["scopes"]["user"].append("chat:write:user")
    assert warnings(data) == ["oauth_config.scopes.user[2] is a name of old; write chat:write"]


@pytest.mark.parametrize("kind", ["bot", "user"])
def test_an_optional_scope_is_in_the_main_list_too(kind: str) -> None:
    data = sound()
    data["oauth_config"]["scopes"][f"{kind}_optional"] = ["files:read"]
    assert warnings(data) == [
        (
            f"oauth_config.scopes.{kind}_optional[0] (files:read) has to be in oauth_config.scopes.{kind}, too; "
            "add it there"
        )
    ]


@pytest.mark.parametrize("kind", ["bot", "user"])
def test_an_event_needs_its_scope_for_the_same_kind_of_token(kind: str) -> None:
    data = sound()
    events = data["settings"]["event_subscriptions"][f"{kind}_events"]
    events.append("pin_added")
    other = "user" if kind == "bot" else "bot"
    data["oauth_config"]["scopes"][other].append("pins:read")
    place = f"settings.event_subscriptions.{kind}_events[{len(events) - 1}]"
    assert warnings(data) == [
        f"{place} (pin_added) needs pins:read and is not sent without; add it to oauth_config.scopes.{kind}"
    ]


def test_an_event_with_several_scopes_names_them_all() -> None:
    data = sound()
    data["settings"]["event_subscriptions"]["bot_events"].append("member_joined_channel")
    assert "needs channels:read or groups:read or mpim:read and is not sent without" in warnings(data)[0]
    data["oauth_config"]["scopes"]["bot"].append("groups:read")
    assert warnings(data) == []


@pytest.mark.parametrize(
    ("event", "ending"),
    [
        ("message.channel", " (message.channel) is no event known here; did you mean message.channels?"),
        ("novelty", " (novelty) is no event known here; check how it is spelt"),
        ("message", " is no event to subscribe to; name message.channels, message.groups, message.im or message.mpim"),
    ],
)
def test_an_event_that_nobody_knows(event: str, ending: str) -> None:
    data = sound()
    data["settings"]["event_subscriptions"]["bot_events"].append(event)
    assert warnings(data) == [f"settings.event_subscriptions.bot_events[4]{ending}"]


@pytest.mark.parametrize(
    "home", [{}, {"messages_tab_enabled": True, "messages_tab_read_only_enabled": True}], ids=["off", "read-only"]
)
def test_direct_messages_need_an_open_messages_tab(home: Json) -> None:
    data = sound()
    data["features"]["app_home"] = home
    assert warnings(data) == [
        (
            "features.app_home keeps people from writing to the app, so message.im brings nothing; "
            "set messages_tab_enabled to true and messages_tab_read_only_enabled to false"
        )
    ]


@pytest.mark.parametrize("kind", ["bot", "user"])
def test_links_need_domains(kind: str) -> None:
    data = sound()
    del data["features"]["unfurl_domains"]
    data["settings"]["event_subscriptions"] = {f"{kind}_events": ["link_shared"]}
    data["oauth_config"]["scopes"][kind].append("links:read")
    assert warnings(data) == [
        "features.unfurl_domains is missing, so link_shared is never sent; name your domains",
    ]


@pytest.mark.parametrize("feature", ["slash_commands", "shortcuts"])
def test_commands_and_shortcuts_need_a_scope(feature: str) -> None:
    data = sound()
    del data["features"][feature]
    data["oauth_config"]["scopes"]["bot"].remove("commands")
    assert warnings(data) == [
        "features has commands or shortcuts, which need the scope commands; add it to oauth_config.scopes.bot"
    ]
    data["oauth_config"]["scopes"]["user"].append("commands")
    assert warnings(data) == []


def test_shortcuts_need_interactivity_and_commands_do_not() -> None:
    data = sound()
    data["settings"]["interactivity"]["is_enabled"] = False
    assert warnings(data) == ["features.shortcuts need settings.interactivity.is_enabled; set it to true"]
    del data["features"]["shortcuts"]
    assert warnings(data) == []


def test_a_command_with_a_space_cannot_be_typed() -> None:
    data = sound()
    data["features"]["slash_commands"].append({"command": "/zork open", "description": "x"})
    assert warnings(data) == ["features.slash_commands[1] has a space in its command, so nobody can type it; remove it"]


def test_the_second_of_a_name_never_counts() -> None:
    data = sound()
    for feature in ("slash_commands", "shortcuts"):
        data["features"][feature] *= 2
    assert warnings(data) == [
        "features.slash_commands has /zork 2 times, and only the first counts; rename or remove the others",
        "features.shortcuts has global open 2 times, and only the first counts; rename or remove the others",
    ]


def test_a_global_and_a_message_shortcut_may_share_an_id() -> None:
    data = sound()
    data["features"]["shortcuts"].append(data["features"]["shortcuts"][0] | {"type": "message"})
    assert warnings(data) == []
