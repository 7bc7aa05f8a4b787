"""What the other rooms ask about an app, and the app that has no manifest. Pure.

`AppManifest` are the questions, `Manifest` answers them from a file, `ANYTHING` answers them for an app without one, so
that nobody has to ask whether there is a manifest.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal, Protocol

from tautwire.local.manifest.scopes import BOT_SCOPES, USER_SCOPES
from tautwire.local.manifest.sections import Shortcut, ShortcutType, SlashCommand

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["ANYTHING", "AppManifest", "Audience", "Permissive"]

#: On whose behalf an event is heard: the bot's own, or that of a person who installed the app.
Audience = Literal["bot", "user"]


class AppManifest(Protocol):
    """The questions.

    `channel_type` is Slack's word in a message event: `channel`, `group` (private), `im`, `mpim` or `app_home`. A
    command's name may be given with its slash or without.
    """

    @property
    def app_name(self) -> str:
        """The app's name; `""` for the usual one."""

    @property
    def bot_name(self) -> str:
        """The bot user's display name, else the app's name; `""` for the usual one."""

    @property
    def has_bot_user(self) -> bool:
        """Whether the app has a bot user at all."""

    @property
    def bot_scopes(self) -> Sequence[str]:
        """What its bot token is granted."""

    @property
    def user_scopes(self) -> Sequence[str]:
        """What a person's token is granted."""

    @property
    def commands(self) -> Sequence[SlashCommand]:
        """The commands that it names, for a list of them; ask `command` whether there is one."""

    @property
    def shortcuts(self) -> Sequence[Shortcut]:
        """The shortcuts that it names, for a list of them; ask `shortcut` whether there is one."""

    @property
    def unfurl_domains(self) -> Sequence[str]:
        """Domains whose links the app is told about; `*` for any."""

    @property
    def is_interactive(self) -> bool:
        """Whether clicks, submissions and shortcuts are sent to it."""

    @property
    def socket_mode_enabled(self) -> bool:
        """Whether it may open Socket Mode connections."""

    @property
    def token_rotation_enabled(self) -> bool:
        """Whether its tokens expire and are refreshed."""

    @property
    def home_tab_enabled(self) -> bool:
        """Whether it has an App Home to publish to."""

    @property
    def messages_tab_enabled(self) -> bool:
        """Whether people see their conversation with it."""

    @property
    def messages_tab_read_only(self) -> bool:
        """Whether that conversation is closed to what people write."""

    @property
    def takes_messages(self) -> bool:
        """Whether people can write to it: Slack says "Sending messages to this app has been turned off" if not."""

    @property
    def warnings(self) -> Sequence[str]:
        """What Slack would not take, or what cannot do what it seems to; one sentence each."""

    def is_subscribed(self, event_type: str, channel_type: str | None = None, *, strict: bool = True) -> bool:
        """Whether it is sent events of this type; `message` is asked about with the kind of conversation.

        An event whose scope is missing is not sent: Slack does not save a subscription without it (seen in
        nanocoai/nanoclaw#3423). With `strict=False` scopes are left out of it.
        """

    def heard_as(self, event_type: str, channel_type: str | None = None, *, strict: bool = True) -> frozenset[Audience]:
        """For whom it is subscribed: as `is_subscribed`, with the reason."""

    def command(self, name: str) -> SlashCommand | None:
        """The slash command of this name."""

    def has_command(self, name: str) -> bool:
        """Whether there is such a slash command."""

    def should_escape(self, command: str) -> bool:
        """Whether mentions in the text of this command reach the app as `<@U…>`."""

    def shortcut(self, callback_id: str, kind: str | None = None) -> Shortcut | None:
        """The shortcut with this id; of one kind (`global`, `message`), or of either."""

    def has_shortcut(self, callback_id: str, kind: str | None = None) -> bool:
        """Whether there is such a shortcut."""

    def has_scope(self, scope: str, audience: Audience = "bot") -> bool:
        """Whether its bot token, or a person's token, is granted `scope`."""

    def unfurls(self, host: str) -> bool:
        """Whether links to `host` are among those that the app is told about."""

    def to_dict(self) -> dict[str, object] | None:
        """The manifest as plain data; `None` when there is none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Permissive:
    """An app without a manifest: whatever it is asked, it may do, and everything is sent to its bot.

    Commands and shortcuts exist as soon as somebody uses them. The scopes are all that are known, for answers that list
    them; none is ever missing.
    """

    app_name: str = ""
    bot_name: str = ""
    has_bot_user: bool = True
    bot_scopes: tuple[str, ...] = BOT_SCOPES
    user_scopes: tuple[str, ...] = USER_SCOPES
    commands: tuple[SlashCommand, ...] = ()
    shortcuts: tuple[Shortcut, ...] = ()
    unfurl_domains: tuple[str, ...] = ("*",)
    is_interactive: bool = True
    socket_mode_enabled: bool = True
    token_rotation_enabled: bool = False
    home_tab_enabled: bool = True
    messages_tab_enabled: bool = True
    messages_tab_read_only: bool = False
    takes_messages: bool = True
    warnings: tuple[str, ...] = ()

    def __repr__(self) -> str:
        return "<no manifest: everything is allowed>"

    def is_subscribed(self, event_type: str, channel_type: str | None = None, *, strict: bool = True) -> bool:  # noqa: ARG002
        """Yes."""
        return True

    def heard_as(
        self,
        event_type: str,  # noqa: ARG002
        channel_type: str | None = None,  # noqa: ARG002
        *,
        strict: bool = True,  # noqa: ARG002
    ) -> frozenset[Audience]:
        """The bot."""
        return frozenset({"bot"})

    def command(self, name: str) -> SlashCommand:
        """A command of that name."""
        return SlashCommand(command=f"/{name.removeprefix('/')}", description="")

    def has_command(self, name: str) -> bool:  # noqa: ARG002
        """Yes."""
        return True

    def should_escape(self, command: str) -> bool:  # noqa: ARG002
        """No, which is Slack's default."""
        return False

    def shortcut(self, callback_id: str, kind: str | None = None) -> Shortcut:
        """A shortcut with that id, a global one unless `kind` says otherwise."""
        type_ = ShortcutType(kind or ShortcutType.GLOBAL)
        return Shortcut(name=callback_id, type=type_, callback_id=callback_id, description="")

    def has_shortcut(self, callback_id: str, kind: str | None = None) -> bool:  # noqa: ARG002
        """Yes."""
        return True

    def has_scope(self, scope: str, audience: Audience = "bot") -> bool:  # noqa: ARG002
        """Yes."""
        return True

    def unfurls(self, host: str) -> bool:  # noqa: ARG002
        """Yes."""
        return True

    def to_dict(self) -> dict[str, object] | None:
        """None: there is no manifest to write down."""
        return None


#: The one app without a manifest that there has to be.
ANYTHING: Final = Permissive()
