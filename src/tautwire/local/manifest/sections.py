"""The groups of settings of an app manifest, under Slack's own names, each with the limits that Slack sets.

Where the numbers come from:

- Slack's app manifest reference (docs.slack.dev/reference/app-manifest, 2026): the app's name 35 characters, its
  description 140, its long description 174 to 4,000; a bot's name 80; a shortcut's `callback_id` 255 and description
  150; a command 32 with its slash, its description 2,000 and its hint 1,000; at most 50 commands, 10 shortcuts, 5
  unfurl domains, 1,000 redirect URLs, 255 scopes and 100 events for each kind of token.
- Slack's JSON schema of the same (slackapi/manifest-schema 0.5.0): a shortcut's name 24 characters; addresses 3,000 or
  3,500, redirect URLs 2,500, domains 255, names of scopes and events 50; the shapes of colours, addresses and domains;
  that events, domains and redirect URLs may not repeat; that lists of commands, shortcuts and domains may not be empty
  (which is confirmed from real use: gastownhall/gascity-packs#63).
- The two differ on the shortest long description, 174 or 175; 174 is allowed here. The reference limits a bot's name to
  `a-z 0-9 - _ .`, the schema does not, and manifests with spaces and capitals are in use, so that it is not checked.
- Not documented: what an app without `app_home` shows. All tabs are taken to be off, as people who leave it out find
  that "Sending messages to this app has been turned off" (slackapi/python-slack-sdk#1015).
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated, ClassVar, Final

from tautwire.local.manifest.rules import Choice, Flag, Group, Many, Section, Text, Whole

__all__ = [
    "AppHome",
    "BotUser",
    "DisplayInformation",
    "EventSubscriptions",
    "Features",
    "IncomingWebhooks",
    "Interactivity",
    "Metadata",
    "OAuthConfig",
    "Scopes",
    "Settings",
    "Shortcut",
    "ShortcutType",
    "SlashCommand",
]

_COLOUR: Final = re.compile(r"#[0-9a-fA-F]{3}([0-9a-fA-F]{3})?")
_DOMAIN: Final = re.compile(r"(?![.\-])[-a-z0-9.]+[a-z0-9]")
_WEB: Final = re.compile(r"https?://.*", re.DOTALL)
_SLASH: Final = re.compile(r"/.+", re.DOTALL)


def _address(longest: int) -> Text:
    return Text(longest, shape=_WEB, form="must be an address that starts with https://")


def _names(most: int, *, unique: bool) -> Many:
    return Many(Text(50), most, unique=unique)


class ShortcutType(StrEnum):
    """Where a shortcut is offered: everywhere, or in a message's menu."""

    GLOBAL = "global"
    MESSAGE = "message"


@dataclass(frozen=True, slots=True, kw_only=True)
class Metadata(Section):
    """`_metadata`: which version of the format this is. Slack knows 1, the default, and 2."""

    unused: ClassVar[frozenset[str]] = frozenset({"schema_version", "min_version"})

    major_version: Annotated[int, Whole((1, 2))] = 1
    minor_version: Annotated[int | None, Whole()] = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DisplayInformation(Section):
    """`display_information`: what people see of the app."""

    name: Annotated[str, Text(35)]
    description: Annotated[str, Text(140)] = ""
    long_description: Annotated[str, Text(4000, shortest=174)] = ""
    background_color: Annotated[
        str, Text(7, shape=_COLOUR, form='must be a colour such as "#2c2d30" (in quotes: YAML takes # for a comment)')
    ] = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class AppHome(Section):
    """`features.app_home`: the tabs of the conversation with the app. Read-only: people cannot write to it."""

    home_tab_enabled: Annotated[bool, Flag()] = False
    messages_tab_enabled: Annotated[bool, Flag()] = False
    messages_tab_read_only_enabled: Annotated[bool, Flag()] = False


@dataclass(frozen=True, slots=True, kw_only=True)
class BotUser(Section):
    """`features.bot_user`."""

    display_name: Annotated[str, Text(80)]
    always_online: Annotated[bool, Flag()] = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Shortcut(Section):
    """One of `features.shortcuts`. `callback_id` comes back in its payload."""

    name: Annotated[str, Text(24)]
    type: Annotated[ShortcutType, Choice(ShortcutType)]
    callback_id: Annotated[str, Text(255)]
    description: Annotated[str, Text(150)]


@dataclass(frozen=True, slots=True, kw_only=True)
class SlashCommand(Section):
    """One of `features.slash_commands`. `command` has its slash.

    `should_escape`: mentions reach the app as `<@U…>` and `<#C…|name>`. `url` is where Slack posts without Socket Mode.
    """

    command: Annotated[
        str, Text(32, shortest=2, shape=_SLASH, form="must start with a slash and go on after it, such as /deploy")
    ]
    description: Annotated[str, Text(2000)]
    usage_hint: Annotated[str, Text(1000)] = ""
    should_escape: Annotated[bool, Flag()] = False
    url: Annotated[str, _address(3000)] = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Features(Section):
    """`features`."""

    unused: ClassVar[frozenset[str]] = frozenset(
        {"agent_view", "assistant_view", "functions", "rich_previews", "search", "workflow_steps"}
    )

    app_home: Annotated[AppHome, Group(AppHome)] = AppHome()
    bot_user: Annotated[BotUser | None, Group(BotUser)] = None
    shortcuts: Annotated[tuple[Shortcut, ...], Many(Group(Shortcut), 10, filled=True)] = ()
    slash_commands: Annotated[tuple[SlashCommand, ...], Many(Group(SlashCommand), 50, filled=True)] = ()
    unfurl_domains: Annotated[
        tuple[str, ...],
        Many(
            Text(255, shape=_DOMAIN, form="must be a domain in small letters, such as example.com"),
            5,
            unique=True,
            filled=True,
        ),
    ] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Scopes(Section):
    """`oauth_config.scopes`. What is optional has to be in the main list of its kind, too."""

    bot: Annotated[tuple[str, ...], _names(255, unique=False)] = ()
    bot_optional: Annotated[tuple[str, ...], _names(255, unique=False)] = ()
    user: Annotated[tuple[str, ...], _names(255, unique=False)] = ()
    user_optional: Annotated[tuple[str, ...], _names(255, unique=False)] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class OAuthConfig(Section):
    """`oauth_config`."""

    unused: ClassVar[frozenset[str]] = frozenset({"pkce_enabled", "token_management_enabled"})

    redirect_urls: Annotated[tuple[str, ...], Many(Text(2500), 1000, unique=True)] = ()
    scopes: Annotated[Scopes, Group(Scopes)] = Scopes()


@dataclass(frozen=True, slots=True, kw_only=True)
class EventSubscriptions(Section):
    """`settings.event_subscriptions`: what the bot is told, and what the people who installed the app may hear."""

    unused: ClassVar[frozenset[str]] = frozenset({"metadata_subscriptions"})

    bot_events: Annotated[tuple[str, ...], _names(100, unique=True)] = ()
    user_events: Annotated[tuple[str, ...], _names(100, unique=True)] = ()
    request_url: Annotated[str, _address(3500)] = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Interactivity(Section):
    """`settings.interactivity`: whether clicks, submissions and shortcuts are sent to the app."""

    unused: ClassVar[frozenset[str]] = frozenset({"message_menu_options_url"})

    is_enabled: Annotated[bool, Flag()]
    request_url: Annotated[str, _address(3500)] = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class IncomingWebhooks(Section):
    """`settings.incoming_webhooks`."""

    incoming_webhooks_enabled: Annotated[bool, Flag()] = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings(Section):
    """`settings`."""

    unused: ClassVar[frozenset[str]] = frozenset(
        {
            "allowed_ip_address_ranges",
            "function_runtime",
            "hermes_app_type",
            "is_hosted",
            "is_mcp_enabled",
            "siws_links",
        }
    )

    event_subscriptions: Annotated[EventSubscriptions, Group(EventSubscriptions)] = EventSubscriptions()
    incoming_webhooks: Annotated[IncomingWebhooks, Group(IncomingWebhooks)] = IncomingWebhooks()
    interactivity: Annotated[Interactivity, Group(Interactivity)] = Interactivity(is_enabled=False)
    org_deploy_enabled: Annotated[bool, Flag()] = False
    socket_mode_enabled: Annotated[bool, Flag()] = False
    token_rotation_enabled: Annotated[bool, Flag()] = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Document(Section):
    """A manifest's outermost group."""

    unused: ClassVar[frozenset[str]] = frozenset(
        {
            "$schema",
            "app_directory",
            "compliance",
            "datastores",
            "events",
            "external_auth_providers",
            "functions",
            "mcp_servers",
            "metadata_events",
            "outgoing_domains",
            "trigger_types",
            "types",
            "workflows",
        }
    )
    renamed: ClassVar[Mapping[str, str]] = {"metadata": "_metadata"}

    metadata: Annotated[Metadata, Group(Metadata)] = Metadata()
    display_information: Annotated[DisplayInformation, Group(DisplayInformation)]
    features: Annotated[Features, Group(Features)] = Features()
    oauth_config: Annotated[OAuthConfig, Group(OAuthConfig)] = OAuthConfig()
    settings: Annotated[Settings, Group(Settings)] = Settings()
