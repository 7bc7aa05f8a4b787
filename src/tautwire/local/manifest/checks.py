"""What in a manifest does not fit together: sentences for `Manifest.warnings`. Pure.

Slack refuses to save most of these. They are warnings here, since the app can still be worked on; the local Slack
leaves out what Slack would leave out, and the sentence says so. Where a rule is not from Slack's documentation, the
function that holds it names its source.
"""

from __future__ import annotations

from collections import Counter
from difflib import get_close_matches
from typing import TYPE_CHECKING, Final

from tautwire.local.manifest import events
from tautwire.local.manifest.scopes import BOT_SCOPES, NEEDS, USER_SCOPES, replaced

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    from tautwire.local.manifest.place import Place
    from tautwire.local.manifest.sections import Document

__all__ = ["check"]

_MESSAGE_ADVICE: Final = (
    "is no event to subscribe to; name message.channels, message.groups, message.im or message.mpim"
)


def check(document: Document, at: Place) -> None:
    """Add a sentence to `at.warnings` for everything that does not fit."""
    _check_socket_mode(document, at)
    _check_bot_user(document, at)
    _check_scopes(document, at)
    _check_events(document, at)
    _check_features(document, at)


def _check_socket_mode(document: Document, at: Place) -> None:
    if not document.settings.socket_mode_enabled:
        at.key("settings").key("socket_mode_enabled").warn(
            "is off, and the local Slack delivers over nothing else; set it to true"
        )


def _check_bot_user(document: Document, at: Place) -> None:
    """From use: bot scopes without a bot user are refused (open-cli-collective/slack-chat-api#103)."""
    has_bot_parts = document.oauth_config.scopes.bot or document.settings.event_subscriptions.bot_events
    if has_bot_parts and document.features.bot_user is None:
        at.key("features").key("bot_user").warn(
            "is missing, and Slack refuses bot scopes and bot events without it; add it with a display_name"
        )


def _check_scopes(document: Document, at: Place) -> None:
    scopes, spot = document.oauth_config.scopes, at.key("oauth_config").key("scopes")
    _check_scope_names(scopes.bot, BOT_SCOPES, USER_SCOPES, spot.key("bot"))
    _check_scope_names(scopes.user, USER_SCOPES, BOT_SCOPES, spot.key("user"))
    _check_optional(scopes.bot_optional, scopes.bot, spot.key("bot_optional"), "bot")
    _check_optional(scopes.user_optional, scopes.user, spot.key("user_optional"), "user")


def _check_scope_names(granted: tuple[str, ...], known: Collection[str], elsewhere: Collection[str], at: Place) -> None:
    for index, scope in enumerate(granted):
        name, spot = replaced(scope), at.item(index)
        if name != scope:
            spot.warn(f"is a name of old; write {name}")
        elif name not in known and name in elsewhere:
            spot.warn(f"({scope}) is for the other kind of token; Slack refuses it here, so move it")
        elif name not in known:
            spot.warn(f"({scope}) is no scope known here, and Slack refuses what it does not know{_hint(scope, known)}")
        elif name in NEEDS and NEEDS[name] not in granted:
            spot.warn(f"({scope}) is granted only together with {NEEDS[name]}; add that")


def _check_optional(optional: tuple[str, ...], granted: tuple[str, ...], at: Place, main: str) -> None:
    for index, scope in enumerate(optional):
        if scope not in granted:
            at.item(index).warn(f"({scope}) has to be in oauth_config.scopes.{main}, too; add it there")


def _check_events(document: Document, at: Place) -> None:
    subscribed, scopes = document.settings.event_subscriptions, document.oauth_config.scopes
    spot = at.key("settings").key("event_subscriptions")
    _check_event_names(subscribed.bot_events, scopes.bot, spot.key("bot_events"), "bot")
    _check_event_names(subscribed.user_events, scopes.user, spot.key("user_events"), "user")
    _check_messages_tab(document, at)
    _check_links(document, at)


def _check_event_names(listed: tuple[str, ...], granted: tuple[str, ...], at: Place, kind: str) -> None:
    for index, name in enumerate(listed):
        spot = at.item(index)
        if name == "message":
            spot.warn(_MESSAGE_ADVICE)
        elif name not in events.SCOPES:
            spot.warn(f"({name}) is no event known here{_hint(name, events.SCOPES)}")
        elif not events.is_covered(name, None, granted):
            wanted = " or ".join(events.scopes_for(name))
            spot.warn(f"({name}) needs {wanted} and is not sent without; add it to oauth_config.scopes.{kind}")


def _check_messages_tab(document: Document, at: Place) -> None:
    """From use: Slack says "Sending messages to this app has been turned off" (slackapi/python-slack-sdk#1015)."""
    home = document.features.app_home
    is_open = home.messages_tab_enabled and not home.messages_tab_read_only_enabled
    if "message.im" in document.settings.event_subscriptions.bot_events and not is_open:
        at.key("features").key("app_home").warn(
            "keeps people from writing to the app, so message.im brings nothing; set messages_tab_enabled to true "
            "and messages_tab_read_only_enabled to false"
        )


def _check_links(document: Document, at: Place) -> None:
    subscribed = document.settings.event_subscriptions
    if "link_shared" in subscribed.bot_events + subscribed.user_events and not document.features.unfurl_domains:
        at.key("features").key("unfurl_domains").warn("is missing, so link_shared is never sent; name your domains")


def _check_features(document: Document, at: Place) -> None:
    features, scopes = document.features, document.oauth_config.scopes
    spot = at.key("features")
    if (features.slash_commands or features.shortcuts) and "commands" not in scopes.bot + scopes.user:
        spot.warn("has commands or shortcuts, which need the scope commands; add it to oauth_config.scopes.bot")
    if features.shortcuts and not document.settings.interactivity.is_enabled:
        spot.key("shortcuts").warn("need settings.interactivity.is_enabled; set it to true")
    for index, command in enumerate(features.slash_commands):
        if len(command.command.split()) > 1:
            spot.key("slash_commands").item(index).warn("has a space in its command, so nobody can type it; remove it")
    _check_repeated((entry.command for entry in features.slash_commands), spot.key("slash_commands"))
    _check_repeated((f"{entry.type.value} {entry.callback_id}" for entry in features.shortcuts), spot.key("shortcuts"))


def _check_repeated(names: Iterable[str], at: Place) -> None:
    """Not from Slack: the second of the same name could never be told from the first."""
    for name, times in Counter(names).items():
        if times > 1:
            at.warn(f"has {name} {times} times, and only the first counts; rename or remove the others")


def _hint(name: str, known: Iterable[str]) -> str:
    close = get_close_matches(name, list(known), n=1, cutoff=0.8)
    return f"; did you mean {close[0]}?" if close else "; check how it is spelt"
