from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import yaml

from tautwire.errors import ConfigurationError
from tautwire.local.manifest import ANYTHING, AppManifest, Manifest, ShortcutType, manifest_from, manifests_from

Json = dict[str, Any]

TEXT = """
_metadata: {major_version: 2, minor_version: 1}
display_information:
  name: Zork
  description: A cave
  background_color: "#2c2d30"
features:
  app_home:
    home_tab_enabled: true
    messages_tab_enabled: true
    messages_tab_read_only_enabled: false
  bot_user:
    display_name: zork bot
    always_online: true
  shortcuts:
    - {name: Open, type: global, callback_id: open, description: Opens the mailbox}
    - {name: Keep, type: message, callback_id: keep, description: Keeps the message}
  slash_commands:
    - command: /zork
      description: You see a mailbox
      usage_hint: open mailbox
      should_escape: true
    - {command: /xyzzy, description: Nothing happens}
  unfurl_domains: [example.com]
oauth_config:
  redirect_urls: [https://example.com/auth]
  scopes:
    bot: [app_mentions:read, channels:history, im:history, chat:write, commands, channels:read, links:read]
    user: [groups:history, chat:write:user]
settings:
  event_subscriptions:
    bot_events: [app_mention, message.channels, message.im, message.mpim, member_joined_channel, app_home_opened]
    user_events: [message.groups, message.channels]
  interactivity: {is_enabled: true}
  org_deploy_enabled: true
  socket_mode_enabled: true
  token_rotation_enabled: true
"""


@pytest.fixture
def zork() -> Manifest:
    return Manifest.parse(TEXT)


def test_yaml_and_json_say_the_same(zork: Manifest) -> None:
    data = yaml.safe_load(TEXT)
    assert Manifest.parse(json.dumps(data), "app.json") == zork
    assert Manifest.from_dict(data) == zork


@pytest.mark.parametrize("name", ["app.yaml", "app.json", "app"])
def test_a_file_is_loaded_by_its_content(tmp_path: Path, zork: Manifest, name: str) -> None:
    for text in (TEXT, json.dumps(yaml.safe_load(TEXT))):
        (tmp_path / name).write_text(text, "utf-8")
        assert Manifest.load(tmp_path / name) == zork
        assert Manifest.load(str(tmp_path / name)) == zork


def test_a_mistake_in_a_file_names_the_file(tmp_path: Path) -> None:
    (tmp_path / "app.yaml").write_text("display_information: {name: 5}")
    with pytest.raises(ConfigurationError) as caught:
        Manifest.load(tmp_path / "app.yaml")
    sentence = f"{tmp_path / 'app.yaml'}: display_information.name must be text, not a number; put it in quotes"
    assert str(caught.value) == sentence


@pytest.mark.parametrize("text", ["[]", "just words", "5", "~", '"words"', "# nothing yet"])
def test_a_manifest_is_a_group_of_settings(text: str) -> None:
    with pytest.raises(ConfigurationError, match=r"^manifest\.yaml: the manifest must be a group of settings, not "):
        Manifest.parse(text)


def test_names_and_sections(zork: Manifest) -> None:
    assert zork.app_name == "Zork"
    assert zork.bot_name == "zork bot"
    assert zork.has_bot_user
    assert zork.metadata.major_version == 2
    assert zork.display_information.background_color == "#2c2d30"
    assert zork.oauth_config.redirect_urls == ("https://example.com/auth",)
    assert zork.settings.org_deploy_enabled
    assert repr(zork) == "<manifest of Zork>"


def test_what_is_left_out_is_off() -> None:
    bare = Manifest.from_dict({"display_information": {"name": "Zork"}})
    assert bare.bot_name == "Zork"
    assert bare.metadata.major_version == 1
    answers = (
        bare.has_bot_user,
        bare.is_interactive,
        bare.socket_mode_enabled,
        bare.token_rotation_enabled,
        bare.home_tab_enabled,
        bare.messages_tab_enabled,
        bare.messages_tab_read_only,
        bare.takes_messages,
    )
    assert not any(answers)
    assert bare.to_dict() == {"display_information": {"name": "Zork"}}


def test_what_is_on_is_on(zork: Manifest) -> None:
    answers = (
        zork.is_interactive,
        zork.socket_mode_enabled,
        zork.token_rotation_enabled,
        zork.home_tab_enabled,
        zork.messages_tab_enabled,
        zork.takes_messages,
    )
    assert all(answers)


def test_a_read_only_tab_takes_no_messages() -> None:
    home = {"messages_tab_enabled": True, "messages_tab_read_only_enabled": True}
    found = Manifest.from_dict({"display_information": {"name": "Zork"}, "features": {"app_home": home}})
    assert found.messages_tab_enabled
    assert found.messages_tab_read_only
    assert not found.takes_messages


@pytest.mark.parametrize(
    ("event", "place", "heard"),
    [
        # The half that people may hear has no channels:history.
        ("message", "channel", {"bot"}),
        ("message", "im", {"bot"}),
        ("message", "group", {"user"}),
        ("message", "mpim", set()),
        ("message", None, {"bot", "user"}),
        ("message", "elsewhere", set()),
        ("message.channels", None, {"bot"}),
        ("app_mention", None, {"bot"}),
        ("app_mention", "group", {"bot"}),
        ("app_home_opened", None, {"bot"}),
        ("reaction_added", None, set()),
        ("member_joined_channel", "channel", {"bot"}),
        ("member_joined_channel", "group", set()),
        ("app_rate_limited", None, {"bot"}),
    ],
)
def test_subscriptions(event: str, place: str | None, heard: set[str]) -> None:
    found = Manifest.parse(TEXT)
    assert found.heard_as(event, place) == heard
    assert found.is_subscribed(event, place) is bool(heard)


def test_without_its_scope_an_event_is_not_sent_unless_nobody_minds(zork: Manifest) -> None:
    assert not zork.is_subscribed("message", "mpim")
    assert zork.is_subscribed("message", "mpim", strict=False)
    assert zork.heard_as("message", "channel", strict=False) == {"bot", "user"}
    assert not zork.is_subscribed("reaction_added", strict=False)


@pytest.mark.parametrize("name", ["zork", "/zork"])
def test_commands(zork: Manifest, name: str) -> None:
    command = zork.command(name)
    assert command is not None
    assert (command.command, command.usage_hint, command.should_escape) == ("/zork", "open mailbox", True)
    assert zork.has_command(name)
    assert zork.should_escape(name)


def test_other_commands(zork: Manifest) -> None:
    assert zork.has_command("/xyzzy")
    assert not zork.should_escape("/xyzzy")
    assert zork.command("/plugh") is None
    assert not zork.has_command("/plugh")
    assert not zork.should_escape("/plugh")
    assert [command.command for command in zork.commands] == ["/zork", "/xyzzy"]


def test_shortcuts(zork: Manifest) -> None:
    shortcut = zork.shortcut("keep")
    assert shortcut is not None
    assert shortcut.type is ShortcutType.MESSAGE
    assert zork.shortcut("keep", "message") is shortcut
    assert zork.shortcut("keep", "global") is None
    assert zork.has_shortcut("open", "global")
    assert not zork.has_shortcut("plugh")
    assert len(zork.shortcuts) == 2


def test_scopes(zork: Manifest) -> None:
    assert zork.has_scope("commands")
    assert not zork.has_scope("groups:history")
    assert zork.has_scope("groups:history", "user")
    assert not zork.has_scope("commands", "user")
    assert zork.bot_scopes[0] == "app_mentions:read"
    assert zork.user_scopes == ("groups:history", "chat:write:user")


def test_a_scope_of_old_counts_as_the_one_of_today(zork: Manifest) -> None:
    assert zork.has_scope("chat:write", "user")
    assert zork.has_scope("chat:write:user", "user")


def test_a_wider_scope_is_not_implied(zork: Manifest) -> None:
    assert zork.has_scope("chat:write")
    assert not zork.has_scope("chat:write.public")
    assert not zork.has_scope("chat:write.customize")


@pytest.mark.parametrize(
    ("host", "expected"),
    [
        ("example.com", True),
        ("Sub.Example.com.", True),
        ("notexample.com", False),
        ("example.com.evil.test", False),
        ("com", False),
    ],
)
def test_links(zork: Manifest, host: str, expected: bool) -> None:
    assert zork.unfurls(host) is expected
    assert zork.unfurl_domains == ("example.com",)


def test_what_is_handed_out_is_nobodys_to_change(zork: Manifest) -> None:
    data: Json = {"display_information": {"name": "Zork"}, "functions": {"a": {}}}
    found = Manifest.from_dict(data)
    data["functions"]["a"]["b"] = 1
    written: Any = found.to_dict()
    written["functions"]["a"]["c"] = 1
    assert found.to_dict() == {"display_information": {"name": "Zork"}, "functions": {"a": {}}}
    assert hash(zork) == hash(Manifest.parse(TEXT))


def test_anything_that_describes_an_app_becomes_a_manifest(tmp_path: Path, zork: Manifest) -> None:
    (tmp_path / "app.yaml").write_text(TEXT, "utf-8")
    assert manifest_from(None) is ANYTHING
    assert manifest_from(zork) is zork
    assert manifest_from(tmp_path / "app.yaml") == zork
    assert manifest_from(str(tmp_path / "app.yaml")) == zork
    assert manifest_from(yaml.safe_load(TEXT)) == zork


def asked(manifest: AppManifest) -> str:
    return manifest.app_name


def test_both_are_what_the_rooms_ask_for(zork: Manifest) -> None:
    assert [asked(zork), asked(ANYTHING)] == ["Zork", ""]


@pytest.mark.parametrize("given", ["app.yaml", Path("app.yaml"), {"display_information": {"name": "x"}}])
def test_one_is_no_list(given: Any) -> None:
    with pytest.raises(ConfigurationError, match=r"^manifests is a list, even of one: manifests=\["):
        manifests_from(given)
