"""Slack's limits, each at its edge: the last value that is taken, and the first that is not."""

from __future__ import annotations

from typing import Any

import pytest

from tautwire.errors import ConfigurationError
from tautwire.local.manifest import Manifest

Json = dict[str, Any]

COMMAND: Json = {"command": "/deploy", "description": "Deploys"}
SHORTCUT: Json = {"name": "Go", "type": "global", "callback_id": "go", "description": "Goes"}


def nested(path: str, value: object) -> Json:
    """A manifest with `value` at `path`; the last of `a.b[].c` is a list's only item."""
    for key in reversed(path.split(".")):
        value = {key.removesuffix("[]"): [value] if key.endswith("[]") else value}
    assert isinstance(value, dict)
    return value


def manifest(path: str, value: object) -> Manifest:
    data: Json = {"display_information": {"name": "Zork"}}
    given = nested(path, value)
    data["display_information"] |= given.pop("display_information", {})
    return Manifest.from_dict(data | given, "app")


def fault(path: str, value: object) -> str:
    with pytest.raises(ConfigurationError) as caught:
        manifest(path, value)
    return str(caught.value)


def longest(path: str) -> tuple[str, object, object, str]:
    name, _, rest = path.partition(" ")
    return name, "x" * int(rest), "x" * (int(rest) + 1), f"app: {name} has {int(rest) + 1} characters, and Slack takes"


@pytest.mark.parametrize(
    ("path", "good", "bad", "sentence"),
    [
        longest("display_information.name 35"),
        longest("display_information.description 140"),
        longest("display_information.long_description 4000"),
        longest("features.bot_user.display_name 80"),
        ("display_information.long_description", "x" * 174, "x" * 173, "has 173 characters, and Slack wants 174 or"),
        ("display_information.background_color", "#0aF", "#0aF1", 'must be a colour such as "#2c2d30"'),
        ("display_information.background_color", "#00aaFF", "00aaFF", 'must be a colour such as "#2c2d30"'),
        ("_metadata.major_version", 2, 3, "app: _metadata.major_version must be 1 or 2"),
        ("_metadata.minor_version", 7, "7", "minor_version must be a whole number (without quotes), not text"),
        ("_metadata.minor_version", 0, True, "minor_version must be a whole number (without quotes), not true"),
        ("features.unfurl_domains[]", "a.example.com", "https://example.com", "unfurl_domains[0] must be a domain in"),
        ("features.unfurl_domains[]", "xx", "x", "unfurl_domains[0] must be a domain in small letters"),
        (
            "features.unfurl_domains",
            ["aa", "bb", "cc", "dd", "ee"],
            ["ff"] * 6,
            "has 6 entries, and Slack takes 5 at most",
        ),
        (
            "features.unfurl_domains",
            ["aa", "bb"],
            ["aa", "bb", "aa"],
            "unfurl_domains[2] repeats features.unfurl_domains[0]",
        ),
        (
            "oauth_config.redirect_urls",
            ["a", "b"],
            ["a", "a"],
            "redirect_urls[1] repeats oauth_config.redirect_urls[0]",
        ),
        ("oauth_config.redirect_urls[]", "x" * 2500, "x" * 2501, "has 2501 characters"),
        (
            "oauth_config.redirect_urls",
            [str(n) for n in range(1000)],
            [str(n) for n in range(1001)],
            "has 1001 entries",
        ),
        ("oauth_config.scopes.bot", ["x"] * 255, ["x"] * 256, "app: oauth_config.scopes.bot has 256 entries"),
        ("oauth_config.scopes.user", ["x"] * 255, ["x"] * 256, "app: oauth_config.scopes.user has 256 entries"),
        ("oauth_config.scopes.bot[]", "x" * 50, "x" * 51, "oauth_config.scopes.bot[0] has 51 characters"),
        (
            "settings.event_subscriptions.bot_events[]",
            "x" * 50,
            5,
            "bot_events[0] must be text, not a number; put it in",
        ),
        ("settings.event_subscriptions.bot_events", [str(n) for n in range(100)], ["x", "x"], "bot_events[1] repeats"),
        ("settings.event_subscriptions.user_events", [], [str(n) for n in range(101)], "user_events has 101 entries"),
        ("settings.event_subscriptions.request_url", "https://a.test", "a.test", "must be an address that starts with"),
        ("settings.interactivity.is_enabled", True, "true", "must be true or false (without quotes), not text"),
        ("settings.socket_mode_enabled", False, 1, "must be true or false (without quotes), not a number"),
        ("settings", {}, [], "app: settings must be a group of settings, not a list"),
        ("settings.event_subscriptions.bot_events", ["x"], "x", "bot_events must be a list, not text"),
        ("settings.interactivity", {"is_enabled": False}, {}, "interactivity lacks is_enabled, which Slack requires"),
        (
            "features.bot_user",
            {"display_name": "z"},
            {"always_online": True},
            "bot_user lacks display_name, which Slack",
        ),
        ("display_information.name", "x", "", "app: display_information.name is empty; fill it in"),
        ("display_information.name", "x", None, "app: display_information.name must be text, not nothing"),
    ],
)
def test_limits(path: str, good: object, bad: object, sentence: str) -> None:
    manifest(path, good)
    assert sentence in fault(path, bad)


@pytest.mark.parametrize(
    ("key", "good", "bad", "sentence"),
    [
        ("command", "/" + "x" * 31, "/" + "x" * 32, "slash_commands[0].command has 33 characters, and Slack takes 32"),
        ("command", "/x", "/", "slash_commands[0].command has 1 characters, and Slack wants 2 or more"),
        ("command", "/x", "deploy", "slash_commands[0].command must start with a slash and go on after it, such as"),
        ("description", "x" * 2000, "x" * 2001, "description has 2001 characters"),
        ("description", "x", "", "slash_commands[0].description is empty; fill it in"),
        ("usage_hint", "x" * 1000, "x" * 1001, "usage_hint has 1001 characters"),
        ("url", "http://" + "x" * 2993, "http://" + "x" * 2994, "url has 3001 characters"),
        ("should_escape", True, "yes", "should_escape must be true or false"),
    ],
)
def test_limits_of_commands(key: str, good: object, bad: object, sentence: str) -> None:
    manifest("features.slash_commands[]", COMMAND | {key: good})
    assert sentence in fault("features.slash_commands[]", COMMAND | {key: bad})


@pytest.mark.parametrize(
    ("key", "good", "bad", "sentence"),
    [
        ("name", "x" * 24, "x" * 25, "shortcuts[0].name has 25 characters"),
        ("callback_id", "x" * 255, "x" * 256, "shortcuts[0].callback_id has 256 characters"),
        ("description", "x" * 150, "x" * 151, "shortcuts[0].description has 151 characters"),
        ("type", "message", "channel", "shortcuts[0].type must be global or message"),
        ("type", "global", ["global"], "shortcuts[0].type must be global or message"),
    ],
)
def test_limits_of_shortcuts(key: str, good: object, bad: object, sentence: str) -> None:
    manifest("features.shortcuts[]", SHORTCUT | {key: good})
    assert sentence in fault("features.shortcuts[]", SHORTCUT | {key: bad})


@pytest.mark.parametrize(("path", "entry", "most"), [("slash_commands", COMMAND, 50), ("shortcuts", SHORTCUT, 10)])
def test_how_many(path: str, entry: Json, most: int) -> None:
    manifest(f"features.{path}", [entry] * most)
    sentence = f"app: features.{path} has {most + 1} entries, and Slack takes {most} at most; remove some"
    assert fault(f"features.{path}", [entry] * (most + 1)) == sentence


@pytest.mark.parametrize("key", ["command", "description"])
def test_what_a_command_has_to_have(key: str) -> None:
    entry = {name: value for name, value in COMMAND.items() if name != key}
    sentence = f"app: features.slash_commands[1] lacks {key}, which Slack requires; add it"
    assert fault("features.slash_commands", [COMMAND, entry]) == sentence


@pytest.mark.parametrize("key", ["name", "type", "callback_id", "description"])
def test_what_a_shortcut_has_to_have(key: str) -> None:
    entry = {name: value for name, value in SHORTCUT.items() if name != key}
    assert (
        fault("features.shortcuts[]", entry) == f"app: features.shortcuts[0] lacks {key}, which Slack requires; add it"
    )


def test_what_a_manifest_has_to_have() -> None:
    with pytest.raises(ConfigurationError, match=r"^app: the manifest lacks display_information, which Slack requires"):
        Manifest.from_dict({}, "app")


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("features.slash_commands", []),
        ("features.shortcuts", []),
        ("features.unfurl_domains", []),
        ("features.app_home", None),
        ("settings", None),
        ("settings.event_subscriptions.bot_events", None),
        ("display_information.description", ""),
        ("display_information.background_color", None),
    ],
)
def test_what_is_left_empty_counts_as_left_out_with_a_warning(path: str, value: object) -> None:
    found = manifest(path, value)
    assert found == Manifest.from_dict({"display_information": {"name": "Zork"}})
    assert f"{path} is empty, which Slack refuses; leave it out, or fill it in (in quotes if it begins with #)" in (
        found.warnings
    )


@pytest.mark.parametrize("path", ["settings.event_subscriptions.bot_events", "oauth_config.redirect_urls"])
def test_lists_that_may_be_empty(path: str) -> None:
    assert not [warning for warning in manifest(path, []).warnings if "is empty" in warning]


@pytest.mark.parametrize(
    "path", ["novelty", "features.novelty", "settings.event_subscriptions.novelty", "display_information.novelty"]
)
def test_an_unknown_key_is_tolerated_kept_and_told(path: str) -> None:
    found = manifest(path, {"a": [1]})
    told = f"{path} is no setting known here; check how it is spelt, unless Slack has added it lately"
    assert told in found.warnings
    assert found != Manifest.from_dict({"display_information": {"name": "Zork"}})
    assert Manifest.from_dict(found.to_dict()) == found


@pytest.mark.parametrize(
    "path",
    [
        "$schema",
        "functions",
        "workflows",
        "app_directory",
        "features.assistant_view",
        "features.agent_view",
        "oauth_config.pkce_enabled",
        "settings.function_runtime",
        "settings.event_subscriptions.metadata_subscriptions",
        "_metadata.schema_version",
    ],
)
def test_what_slack_knows_and_nobody_here_needs_is_kept_in_silence(path: str) -> None:
    found = manifest(path, "anything")
    assert not [warning for warning in found.warnings if "no setting known" in warning]
    assert Manifest.from_dict(found.to_dict()) == found
    expected: Any = found.to_dict()
    for key in path.split("."):
        expected = expected[key]
    assert expected == "anything"
