"""The form of a saved workspace: one JSON document, key by key.

`saving` writes it and `loading` reads it; docs/local-seed.md shows one that is written by hand. Nearly everything may
be left out: what is not there is made up, as the comments say. Somebody is named by id or by name, and so is a channel.
Times are epoch seconds.
"""

from __future__ import annotations

from typing import Any, Final, Literal

import msgspec

__all__ = [
    "FORMAT",
    "VERSION",
    "SavedApp",
    "SavedChannel",
    "SavedCounters",
    "SavedFile",
    "SavedMessage",
    "SavedNote",
    "SavedPin",
    "SavedScheduled",
    "SavedTeam",
    "SavedUser",
    "SavedView",
    "SavedWebhook",
    "SavedWorkspace",
]

#: What the document says it is. A number that is higher than this one's is refused.
FORMAT: Final = "tautwire-workspace"
VERSION: Final = 1
#: When a workspace was founded that does not say so.
FOUNDED: Final = 1_790_000_000

Json = dict[str, Any]


class _Saved(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True, kw_only=True):
    """A part of the document; what is as usual is not written."""


class SavedTeam(_Saved, frozen=True):
    """The workspace's own name."""

    id: str = "T0LOCAL01"
    name: str = "Acme"
    domain: str = "acme"
    email_domain: str = "acme.test"


class SavedUser(_Saved, frozen=True):
    """Somebody. A name alone will do; it can also stand in the list by itself, as a text."""

    name: str
    id: str = ""
    #: Made of the name: `Ann`, `ann`, and `ann@` with the team's domain.
    real_name: str | None = None
    display_name: str | None = None
    email: str | None = None
    title: str = ""
    tz: str = "Europe/London"
    tz_offset: int = 0
    status_text: str = ""
    status_emoji: str = ""
    presence: Literal["active", "away"] = "active"
    is_admin: bool = False
    is_owner: bool = False
    is_deleted: bool = False
    is_restricted: bool = False
    #: Of an app's bot user.
    app_id: str = ""
    bot_id: str = ""
    updated: int = FOUNDED


class SavedWebhook(_Saved, frozen=True):
    """An incoming webhook; its path is made."""

    channel: str
    path: str = ""


class SavedApp(_Saved, frozen=True):
    """An installed app. Without an `id` it is installed anew: its bot comes into `general` and `random`.

    Without a `manifest` (Slack's own, as JSON) everything is allowed.
    """

    id: str = ""
    name: str = ""
    manifest: Json | None = None
    bot_id: str = ""
    bot_user: str = ""
    app_token: str = ""
    bot_token: str = ""
    client_id: str = ""
    client_secret: str = ""
    verification: str = "local-verification"
    #: Tokens with which the app acts in a person's name, and whose name that is.
    user_tokens: dict[str, str] = {}
    #: Those of its tokens that were given back.
    revoked: list[str] = []
    webhooks: list[SavedWebhook] = []


class SavedNote(_Saved, frozen=True):
    """A topic or purpose. The words alone will do: then they are the creator's, and as old as the channel."""

    value: str
    creator: str = ""
    last_set: int = 0


class SavedPin(_Saved, frozen=True):
    """A message that is pinned to its channel, by whom and when."""

    ts: str
    user: str
    created: int


class SavedMessage(_Saved, frozen=True):
    """A message. `user` and `text` will do; others may stand under it in `replies`."""

    user: str
    text: str = ""
    #: Later than that of the message before.
    ts: str = ""
    subtype: str = ""
    #: The app that its author is the bot of, if any.
    app_id: str | None = None
    bot_id: str | None = None
    blocks: list[Json] = []
    attachments: list[Json] = []
    #: By id, or by name when only one file is called so.
    files: list[str] = []
    metadata: Json | None = None
    thread_ts: str = ""
    is_broadcast: bool = False
    edited_by: str = ""
    edited_ts: str = ""
    #: Who has put which emoji under it.
    reactions: dict[str, list[str]] = {}
    #: Pinned to its channel by its author.
    is_pinned: bool = False
    client_msg_id: str = ""
    username: str = ""
    icons: Json | None = None
    extra: Json = {}
    replies: list[SavedMessage] = []


class SavedChannel(_Saved, frozen=True):
    """A channel, or a direct conversation (`im` of two, `mpim` of up to nine).

    `group` is a private channel. Without `members` a public channel has everybody, a private one its creator. A public
    channel's name can also stand in the list by itself, as a text.
    """

    #: `im` and `mpim` have names of their own.
    name: str = ""
    id: str = ""
    kind: Literal["channel", "group", "im", "mpim"] = "channel"
    #: The first of the members.
    creator: str | None = None
    created: int = FOUNDED
    members: list[str] | None = None
    topic: SavedNote | str = ""
    purpose: SavedNote | str = ""
    previous_names: list[str] = []
    is_archived: bool = False
    #: The one called `general`.
    is_general: bool | None = None
    messages: list[SavedMessage] = []
    pins: list[SavedPin] = []
    #: How far each has read: the `ts` of a message.
    last_read: dict[str, str] = {}
    closed_by: list[str] = []


class SavedFile(_Saved, frozen=True):
    """A file: its `content` in base64, or a `text`."""

    name: str
    user: str
    id: str = ""
    content: bytes = b""
    text: str = ""
    #: The name.
    title: str | None = None
    #: By the name's ending.
    mimetype: str | None = None
    filetype: str | None = None
    alt_text: str = ""
    snippet_type: str = ""
    created: int = FOUNDED


class SavedView(_Saved, frozen=True):
    """An open modal, or an App Home. Modals of one person are in the order of their stack."""

    id: str
    app: str
    user: str
    kind: Literal["modal", "home"]
    #: The view as the app gave it.
    given: Json
    hash: str
    root_id: str
    previous_id: str = ""
    #: What was entered so far.
    values: Json = {}
    errors: dict[str, str] = {}
    trouble: str = ""


class SavedScheduled(_Saved, frozen=True):
    """A message that waits for its time."""

    channel: str
    user: str
    post_at: int
    content: Json
    id: str = ""
    app_id: str = ""
    created: int = FOUNDED


class SavedCounters(_Saved, frozen=True):
    """How far the workspace has counted, so that no id and no `ts` comes twice."""

    serial: int = 0
    draws: int = 0
    last_ts: str = ""


class SavedWorkspace(_Saved, frozen=True):
    """The document. Who and what it leaves out altogether (`users`, `channels`) is Acme's.

    With people of its own and no channels it has `general` and `random`.
    """

    format: str = FORMAT
    version: int = VERSION
    team: SavedTeam = SavedTeam()
    users: list[SavedUser | str] | None = None
    apps: list[SavedApp] = []
    channels: list[SavedChannel | str] | None = None
    files: list[SavedFile] = []
    views: list[SavedView] = []
    scheduled: list[SavedScheduled] = []
    #: Custom emoji and their pictures.
    emoji: dict[str, str] = {}
    counters: SavedCounters = SavedCounters()
