"""What there is in a workspace. Plain records without behaviour of their own; the families next door change them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from tautwire.local.manifest import AppManifest

__all__ = [
    "App",
    "Channel",
    "ChannelKind",
    "File",
    "Identity",
    "Json",
    "Message",
    "Note",
    "Pin",
    "Scheduled",
    "Team",
    "User",
    "View",
]

Json = dict[str, Any]

#: Slack's own words, as in a message event's `channel_type`.
ChannelKind = Literal["channel", "group", "im", "mpim"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Team:
    """The workspace's own name."""

    id: str = "T0LOCAL01"
    name: str = "Acme"
    domain: str = "acme"
    email_domain: str = "acme.test"


@dataclass(frozen=True, slots=True, kw_only=True)
class Identity:
    """Who an app is, and where it is installed: what its envelopes carry."""

    app_id: str = "A0LOCAL01"
    app_name: str = "Local Bot"
    bot_id: str = "B0LOCALBOT"
    bot_user_id: str = "U0LOCALBOT"
    bot_user_name: str = "localbot"
    team_id: str = "T0LOCAL01"
    team_name: str = "Acme"
    team_domain: str = "acme"
    verification: str = "local-verification"


@dataclass(frozen=True, slots=True, kw_only=True)
class App:
    """An installed app: who it is, its tokens, and what its manifest lets it do and hear."""

    identity: Identity
    app_token: str
    bot_token: str
    client_id: str
    client_secret: str
    permissions: AppManifest

    @property
    def id(self) -> str:
        """`A…`."""
        return self.identity.app_id

    def __repr__(self) -> str:
        return f"<app {self.identity.app_name} {self.id}>"


@dataclass(slots=True, eq=False)
class User:
    """Somebody; with `app_id` and `bot_id`, the bot user of an app."""

    id: str
    name: str
    real_name: str = ""
    display_name: str = ""
    email: str = ""
    title: str = ""
    tz: str = "Europe/London"
    tz_offset: int = 0
    status_text: str = ""
    status_emoji: str = ""
    presence: str = "active"
    is_admin: bool = False
    is_owner: bool = False
    is_deleted: bool = False
    is_restricted: bool = False
    app_id: str = ""
    bot_id: str = ""
    updated: int = 1_790_000_000

    @property
    def is_bot(self) -> bool:
        """Whether an app acts under this name."""
        return bool(self.bot_id)

    def __repr__(self) -> str:
        return f"<{self.name} {self.id}>"


@dataclass(slots=True)
class Note:
    """A topic or a purpose: what, by whom, when (epoch seconds)."""

    value: str = ""
    creator: str = ""
    last_set: int = 0


@dataclass(frozen=True, slots=True)
class Pin:
    """Who pinned a message, and when (epoch seconds)."""

    user_id: str
    created: int


@dataclass(slots=True, eq=False)
class Message:
    """One message. `ts` is its id in its channel; `extra` holds what only its `subtype` has.

    `seen_by` is set for an ephemeral message: the one person who sees it.
    """

    ts: str
    channel_id: str
    user_id: str
    text: str = ""
    subtype: str = ""
    app_id: str = ""
    bot_id: str = ""
    blocks: list[Json] = field(default_factory=list)
    attachments: list[Json] = field(default_factory=list)
    file_ids: list[str] = field(default_factory=list)
    metadata: Json | None = None
    thread_ts: str = ""
    is_broadcast: bool = False
    edited_by: str = ""
    edited_ts: str = ""
    reactions: dict[str, list[str]] = field(default_factory=dict)
    client_msg_id: str = ""
    username: str = ""
    icons: Json | None = None
    seen_by: str = ""
    extra: Json = field(default_factory=dict)

    @property
    def is_reply(self) -> bool:
        """Whether it stands in a thread under another message."""
        return bool(self.thread_ts) and self.thread_ts != self.ts

    def __repr__(self) -> str:
        return f"<message {self.ts} in {self.channel_id} by {self.user_id}: {self.text[:40]!r}>"


@dataclass(slots=True, eq=False)
class Channel:
    """A place to talk. `messages` are in order of `ts`; `threads` lists the replies under a parent's `ts`."""

    id: str
    name: str
    kind: ChannelKind = "channel"
    creator: str = ""
    created: int = 1_790_000_000
    members: dict[str, None] = field(default_factory=dict)
    topic: Note = field(default_factory=Note)
    purpose: Note = field(default_factory=Note)
    previous_names: list[str] = field(default_factory=list)
    is_archived: bool = False
    is_general: bool = False
    messages: dict[str, Message] = field(default_factory=dict)
    threads: dict[str, list[str]] = field(default_factory=dict)
    pins: dict[str, Pin] = field(default_factory=dict)
    last_read: dict[str, str] = field(default_factory=dict)
    #: People who have closed this direct conversation; it opens again with the next message.
    closed_by: dict[str, None] = field(default_factory=dict)

    @property
    def is_direct(self) -> bool:
        """Whether it is a direct message, of two or of several."""
        return self.kind in ("im", "mpim")

    @property
    def is_private(self) -> bool:
        """Whether only its members know of it."""
        return self.kind != "channel"

    def __repr__(self) -> str:
        return f"<{self.kind} {self.name} {self.id}, {len(self.messages)} message(s)>"


@dataclass(slots=True, eq=False)
class File:
    """A file. Until `is_complete` it is an upload that nobody sees; `shares` are the messages it is in, by channel."""

    id: str
    name: str
    user_id: str
    created: int
    size: int
    title: str = ""
    mimetype: str = "application/octet-stream"
    filetype: str = "binary"
    alt_text: str = ""
    snippet_type: str = ""
    content: bytes = b""
    upload_key: str = ""
    is_uploaded: bool = False
    is_complete: bool = False
    shares: dict[str, list[str]] = field(default_factory=dict)

    def __repr__(self) -> str:
        return f"<file {self.name} {self.id}, {self.size} bytes>"


@dataclass(slots=True, eq=False)
class View:
    """A modal or an App Home as it stands on somebody's screen. `given` is what the app sent, `values` the input."""

    id: str
    app_id: str
    user_id: str
    kind: Literal["modal", "home"]
    given: Json
    hash: str
    root_id: str
    previous_id: str = ""
    values: Json = field(default_factory=dict)
    #: What the app has complained about, by `block_id`.
    errors: dict[str, str] = field(default_factory=dict)
    #: What Slack shows when the app did not answer.
    trouble: str = ""
    is_open: bool = True

    @property
    def callback_id(self) -> str:
        """The app's own name for it."""
        return str(self.given.get("callback_id") or "")

    @property
    def external_id(self) -> str:
        """The app's own, unique id, or `""`."""
        return str(self.given.get("external_id") or "")

    def __repr__(self) -> str:
        return f"<{self.kind} {self.callback_id or self.id} of {self.user_id}>"


@dataclass(frozen=True, slots=True, kw_only=True)
class Scheduled:
    """A message that is waiting for its time (`post_at`, epoch seconds). `app_id` is the app that scheduled it."""

    id: str
    channel_id: str
    user_id: str
    app_id: str = ""
    post_at: int
    created: int
    content: Json
