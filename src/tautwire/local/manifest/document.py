"""An app manifest: from a file to answers."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from typing import TYPE_CHECKING, Any

from tautwire.errors import ConfigurationError
from tautwire.local.manifest import events, reading
from tautwire.local.manifest.checks import check
from tautwire.local.manifest.place import Place
from tautwire.local.manifest.questions import ANYTHING
from tautwire.local.manifest.rules import read, written
from tautwire.local.manifest.scopes import replaced
from tautwire.local.manifest.sections import Document

if TYPE_CHECKING:
    from collections.abc import Iterable

    from tautwire.local.manifest.questions import AppManifest, Audience
    from tautwire.local.manifest.sections import Shortcut, SlashCommand

__all__ = ["Manifest", "manifest_from", "manifests_from"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Manifest(Document):
    """Slack's app manifest, checked. Made by `load`, `parse` or `from_dict`; its sections have Slack's own names.

    Each of the three raises one `ConfigurationError`, whose single sentence says where and what to do, when the text
    cannot be read or a value breaks one of Slack's limits (see `sections`, which says where the numbers come from).
    What Slack would refuse because two parts do not fit together, such as an event without its scope, is in `warnings`:
    a manifest that is still being worked on runs here, and says what Slack will say.
    """

    warnings: tuple[str, ...] = field(default=(), compare=False)

    @classmethod
    def load(cls, path: str | os.PathLike[str]) -> Manifest:
        """From a file, YAML or JSON by its content."""
        return cls.parse(reading.load(path), str(path))

    @classmethod
    def parse(cls, text: str, name: str = "manifest.yaml") -> Manifest:
        """From text, YAML or JSON by its content. `name` is what errors call it."""
        return cls._of(reading.data_of(text, name), name)

    @classmethod
    def from_dict(cls, data: Mapping[str, object], name: str = "manifest") -> Manifest:
        """From plain data, which is copied."""
        return cls._of(reading.plain(data, Place(name)), name)

    @classmethod
    def _of(cls, data: object, name: str) -> Manifest:
        place = Place(name)
        document = read(Document, data, place)
        check(document, place)
        parts: dict[str, Any] = {entry.name: getattr(document, entry.name) for entry in fields(document)}
        return cls(**parts, warnings=tuple(place.warnings))

    def to_dict(self) -> dict[str, object]:
        """As plain data, with what the local Slack has no use for, too; `from_dict` makes an equal manifest of it."""
        return written(self)

    def __repr__(self) -> str:
        return f"<manifest of {self.app_name}>"

    @property
    def app_name(self) -> str:
        """The app's name."""
        return self.display_information.name

    @property
    def bot_name(self) -> str:
        """The bot user's display name; the app's name when there is none."""
        return self.features.bot_user.display_name if self.features.bot_user else self.app_name

    @property
    def has_bot_user(self) -> bool:
        """Whether there is a bot user."""
        return self.features.bot_user is not None

    @property
    def bot_scopes(self) -> tuple[str, ...]:
        """`oauth_config.scopes.bot`."""
        return self.oauth_config.scopes.bot

    @property
    def user_scopes(self) -> tuple[str, ...]:
        """`oauth_config.scopes.user`."""
        return self.oauth_config.scopes.user

    @property
    def commands(self) -> tuple[SlashCommand, ...]:
        """`features.slash_commands`."""
        return self.features.slash_commands

    @property
    def shortcuts(self) -> tuple[Shortcut, ...]:
        """`features.shortcuts`."""
        return self.features.shortcuts

    @property
    def unfurl_domains(self) -> tuple[str, ...]:
        """`features.unfurl_domains`."""
        return self.features.unfurl_domains

    @property
    def is_interactive(self) -> bool:
        """`settings.interactivity.is_enabled`."""
        return self.settings.interactivity.is_enabled

    @property
    def socket_mode_enabled(self) -> bool:
        """`settings.socket_mode_enabled`."""
        return self.settings.socket_mode_enabled

    @property
    def token_rotation_enabled(self) -> bool:
        """`settings.token_rotation_enabled`."""
        return self.settings.token_rotation_enabled

    @property
    def home_tab_enabled(self) -> bool:
        """`features.app_home.home_tab_enabled`."""
        return self.features.app_home.home_tab_enabled

    @property
    def messages_tab_enabled(self) -> bool:
        """`features.app_home.messages_tab_enabled`."""
        return self.features.app_home.messages_tab_enabled

    @property
    def messages_tab_read_only(self) -> bool:
        """`features.app_home.messages_tab_read_only_enabled`."""
        return self.features.app_home.messages_tab_read_only_enabled

    @property
    def takes_messages(self) -> bool:
        """Whether people can write to it."""
        return self.messages_tab_enabled and not self.messages_tab_read_only

    def is_subscribed(self, event_type: str, channel_type: str | None = None, *, strict: bool = True) -> bool:
        """Whether it is sent events of this type: listed under `bot_events` or `user_events`, and with the scope."""
        return bool(self.heard_as(event_type, channel_type, strict=strict))

    def heard_as(self, event_type: str, channel_type: str | None = None, *, strict: bool = True) -> frozenset[Audience]:
        """For whom it is subscribed."""
        if event_type in events.UNASKED:
            return frozenset({"bot"})
        subscribed = self.settings.event_subscriptions
        audiences: tuple[tuple[Audience, tuple[str, ...], tuple[str, ...]], ...] = (
            ("bot", subscribed.bot_events, self.bot_scopes),
            ("user", subscribed.user_events, self.user_scopes),
        )
        return frozenset(
            audience
            for audience, listed, granted in audiences
            for name in events.subscriptions(event_type, channel_type)
            if name in listed and (not strict or events.is_covered(name, channel_type, granted))
        )

    def command(self, name: str) -> SlashCommand | None:
        """The first slash command of this name."""
        wanted = f"/{name.removeprefix('/')}"
        return next((command for command in self.commands if command.command == wanted), None)

    def has_command(self, name: str) -> bool:
        """Whether there is such a slash command."""
        return self.command(name) is not None

    def should_escape(self, command: str) -> bool:
        """The command's `should_escape`; false for an unknown one."""
        found = self.command(command)
        return found is not None and found.should_escape

    def shortcut(self, callback_id: str, kind: str | None = None) -> Shortcut | None:
        """The first shortcut with this id, of this kind if one is given."""
        fitting = (entry for entry in self.shortcuts if kind is None or entry.type == kind)
        return next((entry for entry in fitting if entry.callback_id == callback_id), None)

    def has_shortcut(self, callback_id: str, kind: str | None = None) -> bool:
        """Whether there is such a shortcut."""
        return self.shortcut(callback_id, kind) is not None

    def has_scope(self, scope: str, audience: Audience = "bot") -> bool:
        """Whether the bot's token, or a person's, is granted `scope`, under its name of today or of old."""
        granted = self.bot_scopes if audience == "bot" else self.user_scopes
        return scope in granted or scope in map(replaced, granted)

    def unfurls(self, host: str) -> bool:
        """Whether `host` is one of `unfurl_domains` or below one.

        That a domain stands for those below it is not on the pages that could be read; it is the likelier reading.
        """
        host = host.lower().rstrip(".")
        return any(host == domain or host.endswith(f".{domain}") for domain in self.unfurl_domains)


def manifests_from(
    given: Iterable[AppManifest | Mapping[str, object] | str | os.PathLike[str]],
) -> list[AppManifest]:
    """Several of them. A text is a list of letters to Python, so whoever forgets the list is told."""
    if isinstance(given, (str, os.PathLike, Mapping)):
        raise ConfigurationError("manifests is a list, even of one: manifests=[…]")
    return [manifest_from(each) for each in given]


def manifest_from(given: AppManifest | Mapping[str, object] | str | os.PathLike[str] | None) -> AppManifest:
    """Whatever a person hands in for an app's manifest: `None` (everything is allowed), a path, plain data, or one."""
    if given is None:
        return ANYTHING
    if isinstance(given, (str, os.PathLike)):
        return Manifest.load(given)
    return Manifest.from_dict(given) if isinstance(given, Mapping) else given
