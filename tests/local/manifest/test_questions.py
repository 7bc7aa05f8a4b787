from __future__ import annotations

import inspect

import pytest

from tautwire.local.manifest import ANYTHING, AppManifest, Manifest, Permissive, ShortcutType
from tautwire.local.manifest.scopes import BOT_SCOPES, USER_SCOPES


def questions() -> list[str]:
    return [name for name in vars(AppManifest) if not name.startswith("_")]


@pytest.mark.parametrize("question", questions())
def test_a_manifest_and_none_answer_the_same_questions(question: str) -> None:
    manifest = Manifest.from_dict({"display_information": {"name": "Zork"}})
    for answering in (manifest, ANYTHING):
        assert hasattr(answering, question)
    asked = inspect.getattr_static(AppManifest, question)
    if inspect.isfunction(asked):
        for kind in (Manifest, Permissive):
            assert list(inspect.signature(getattr(kind, question)).parameters) == list(
                inspect.signature(asked).parameters
            )


def test_the_questions_are_all_there() -> None:
    assert {"is_subscribed", "command", "shortcut", "has_scope", "bot_scopes", "unfurl_domains"} <= set(questions())


def test_without_a_manifest_everything_is_sent_to_the_bot() -> None:
    assert ANYTHING.is_subscribed("message", "im")
    assert ANYTHING.is_subscribed("novelty", strict=False)
    assert ANYTHING.heard_as("reaction_added") == {"bot"}


@pytest.mark.parametrize("name", ["deploy", "/deploy"])
def test_every_command_exists_as_soon_as_somebody_types_it(name: str) -> None:
    command = ANYTHING.command(name)
    assert command.command == "/deploy"
    assert not command.should_escape
    assert ANYTHING.has_command(name)
    assert not ANYTHING.should_escape(name)
    assert ANYTHING.commands == ()


def test_every_shortcut_exists() -> None:
    assert ANYTHING.shortcut("open").type is ShortcutType.GLOBAL
    assert ANYTHING.shortcut("open", "message").type is ShortcutType.MESSAGE
    assert ANYTHING.shortcut("open").callback_id == "open"
    assert ANYTHING.has_shortcut("open")
    assert ANYTHING.shortcuts == ()


def test_every_scope_is_granted() -> None:
    assert ANYTHING.has_scope("admin")
    assert ANYTHING.has_scope("novelty:read", "user")
    assert ANYTHING.bot_scopes == BOT_SCOPES
    assert ANYTHING.user_scopes == USER_SCOPES


def test_every_door_is_open() -> None:
    assert ANYTHING.is_interactive
    assert ANYTHING.socket_mode_enabled
    assert ANYTHING.home_tab_enabled
    assert ANYTHING.messages_tab_enabled
    assert ANYTHING.takes_messages
    assert ANYTHING.has_bot_user
    assert not ANYTHING.messages_tab_read_only
    assert not ANYTHING.token_rotation_enabled
    assert ANYTHING.unfurls("example.com")
    assert ANYTHING.unfurl_domains == ("*",)


def test_it_has_no_name_nothing_to_warn_of_and_nothing_to_write_down() -> None:
    assert ANYTHING.app_name == ANYTHING.bot_name == ""
    assert ANYTHING.warnings == ()
    assert ANYTHING.to_dict() is None
    assert repr(ANYTHING) == "<no manifest: everything is allowed>"


def test_it_can_be_given_a_name() -> None:
    assert Permissive(app_name="Zork", bot_name="zork").bot_name == "zork"
