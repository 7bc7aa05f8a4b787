"""What an app may do and hear, as the workspace asks about it. An app manifest answers; so does having none."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Literal, Protocol

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["ANYTHING", "Anything", "Audience", "Permissions"]

#: Whose token it is: the bot's, or that of a person who installed the app.
Audience = Literal["bot", "user"]


class Permissions(Protocol):
    """The questions. `channel_type` is Slack's: `channel`, `group`, `im`, `mpim`."""

    @property
    def app_name(self) -> str:
        """The app's display name, `""` for the usual one."""

    @property
    def bot_name(self) -> str:
        """The bot user's display name, `""` for the usual one."""

    @property
    def bot_scopes(self) -> Sequence[str]:
        """What a bot token is granted."""

    @property
    def user_scopes(self) -> Sequence[str]:
        """What a user token is granted."""

    @property
    def unfurl_domains(self) -> Sequence[str]:
        """Domains whose links the app is told about."""

    @property
    def home_tab_enabled(self) -> bool:
        """Whether it has an App Home."""

    @property
    def messages_tab_enabled(self) -> bool:
        """Whether people can write to it."""

    @property
    def is_interactive(self) -> bool:
        """Whether clicks and submissions are sent to it."""

    def has_scope(self, scope: str, audience: Audience = "bot") -> bool:
        """Whether its bot token, or a person's token, was granted `scope`."""

    def is_subscribed(self, event_type: str, channel_type: str | None = None) -> bool:
        """Whether it is sent events of this type; `message` asks with the channel's type."""

    def has_command(self, name: str) -> bool:
        """Whether `/name` is one of its slash commands."""

    def has_shortcut(self, callback_id: str) -> bool:
        """Whether it has this shortcut, global or on messages."""

    def should_escape(self, command: str) -> bool:
        """Whether mentions in the text of `command` are sent as `<@U…>`."""


class Anything:
    """No manifest: everything is allowed, and everything is sent."""

    app_name = ""
    bot_name = ""
    #: What an ordinary bot asks for; shown in `X-OAuth-Scopes`. With no manifest nothing is refused for a scope.
    bot_scopes: Sequence[str] = (
        "app_mentions:read",
        "channels:history",
        "channels:join",
        "channels:manage",
        "channels:read",
        "chat:write",
        "chat:write.public",
        "commands",
        "emoji:read",
        "files:read",
        "files:write",
        "groups:history",
        "groups:read",
        "groups:write",
        "im:history",
        "im:read",
        "im:write",
        "links:read",
        "mpim:history",
        "mpim:read",
        "mpim:write",
        "pins:read",
        "pins:write",
        "reactions:read",
        "reactions:write",
        "team:read",
        "users.profile:read",
        "users:read",
        "users:read.email",
    )
    user_scopes: Sequence[str] = ("chat:write", "channels:history", "channels:read", "users:read")
    unfurl_domains: Sequence[str] = ("*",)
    home_tab_enabled = True
    messages_tab_enabled = True
    is_interactive = True

    def __repr__(self) -> str:
        return "<anything goes>"

    def has_scope(self, scope: str, audience: Audience = "bot") -> bool:  # noqa: ARG002
        """Yes."""
        return bool(scope)

    def is_subscribed(self, event_type: str, channel_type: str | None = None) -> bool:  # noqa: ARG002
        """Yes."""
        return bool(event_type)

    def has_command(self, name: str) -> bool:
        """Yes."""
        return bool(name)

    def has_shortcut(self, callback_id: str) -> bool:
        """Yes."""
        return bool(callback_id)

    def should_escape(self, command: str) -> bool:
        """No, as in a new app."""
        return not command


ANYTHING: Final = Anything()
