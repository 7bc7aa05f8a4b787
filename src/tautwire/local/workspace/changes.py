"""What has happened in a workspace, as facts. Whoever tells apps about it starts from these.

A change refers to the records themselves, so it is to be read when it happens, before the next one.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from tautwire.local.workspace.model import App, Channel, File, Message, Pin, User, View

__all__ = [
    "AppHomeOpened",
    "Change",
    "ChannelArchived",
    "ChannelClosed",
    "ChannelCreated",
    "ChannelDeleted",
    "ChannelOpened",
    "ChannelRenamed",
    "ChannelUnarchived",
    "EmojiChanged",
    "FileCreated",
    "FileDeleted",
    "FileShared",
    "MemberJoined",
    "MemberLeft",
    "MessageChanged",
    "MessageDeleted",
    "MessagePosted",
    "MessageShown",
    "PinAdded",
    "PinRemoved",
    "ReactionAdded",
    "ReactionRemoved",
    "UserChanged",
    "UserJoined",
    "ViewChanged",
]


@dataclass(frozen=True, slots=True)
class MessagePosted:
    """Somebody has said something, or Slack has (a subtype such as `channel_join`)."""

    channel: Channel
    message: Message


@dataclass(frozen=True, slots=True)
class MessageShown:
    """An ephemeral message has come up for one person. No event tells of it."""

    channel: Channel
    message: Message


@dataclass(frozen=True, slots=True)
class MessageChanged:
    """A message was edited, unfurled or buried under a tombstone; `previous` is how it stood before."""

    channel: Channel
    message: Message
    previous: Message


@dataclass(frozen=True, slots=True)
class MessageDeleted:
    """A message is gone; `previous` is how it stood."""

    channel: Channel
    previous: Message


@dataclass(frozen=True, slots=True)
class ReactionAdded:
    """An emoji under a message."""

    user: User
    channel: Channel
    message: Message
    name: str


@dataclass(frozen=True, slots=True)
class ReactionRemoved:
    """And away again."""

    user: User
    channel: Channel
    message: Message
    name: str


@dataclass(frozen=True, slots=True)
class PinAdded:
    """A message was pinned to its channel; `pin` says by whom and when."""

    user: User
    channel: Channel
    message: Message
    pin: Pin


@dataclass(frozen=True, slots=True)
class PinRemoved:
    """And unpinned, by `user`; `pin` is the one that is gone."""

    user: User
    channel: Channel
    message: Message
    pin: Pin


@dataclass(frozen=True, slots=True)
class MemberJoined:
    """Somebody has come into a channel, of their own will or by invitation."""

    user: User
    channel: Channel
    inviter: User | None = None


@dataclass(frozen=True, slots=True)
class MemberLeft:
    """Somebody has left a channel, or (`kicked_by`) was made to."""

    user: User
    channel: Channel
    kicked_by: User | None = None


@dataclass(frozen=True, slots=True)
class ChannelCreated:
    """There is a new channel, public or private."""

    channel: Channel
    by: User


@dataclass(frozen=True, slots=True)
class ChannelOpened:
    """A direct conversation has come up for `by`; `is_new` when it did not exist before."""

    channel: Channel
    by: User
    is_new: bool


@dataclass(frozen=True, slots=True)
class ChannelClosed:
    """A direct conversation was put away by `by`."""

    channel: Channel
    by: User


@dataclass(frozen=True, slots=True)
class ChannelRenamed:
    """A channel has another name."""

    channel: Channel
    by: User
    old_name: str


@dataclass(frozen=True, slots=True)
class ChannelArchived:
    """A channel is closed for good, or until unarchived."""

    channel: Channel
    by: User


@dataclass(frozen=True, slots=True)
class ChannelUnarchived:
    """And open again."""

    channel: Channel
    by: User


@dataclass(frozen=True, slots=True)
class ChannelDeleted:
    """A channel is gone with all that was in it."""

    channel: Channel
    by: User


@dataclass(frozen=True, slots=True)
class UserJoined:
    """Somebody new in the workspace."""

    user: User


@dataclass(frozen=True, slots=True)
class UserChanged:
    """A profile has changed; `what` says which part of it."""

    user: User
    what: Literal["profile", "status", "account"]


@dataclass(frozen=True, slots=True)
class EmojiChanged:
    """A custom emoji was added or removed."""

    name: str
    url: str
    is_added: bool


@dataclass(frozen=True, slots=True)
class FileCreated:
    """An upload is complete."""

    file: File
    user: User


@dataclass(frozen=True, slots=True)
class FileShared:
    """A file has appeared in a channel."""

    file: File
    user: User
    channel: Channel
    message: Message


@dataclass(frozen=True, slots=True)
class FileDeleted:
    """A file is gone; `file` is how it stood."""

    file: File


@dataclass(frozen=True, slots=True)
class AppHomeOpened:
    """A person has opened an app's home (`tab`), or the messages with its bot."""

    user: User
    app: App
    channel: Channel
    tab: Literal["home", "messages"]
    view: View | None


@dataclass(frozen=True, slots=True)
class ViewChanged:
    """A modal or home came up, changed or went. No event tells of it."""

    view: View


Change = (
    MessagePosted
    | MessageShown
    | MessageChanged
    | MessageDeleted
    | ReactionAdded
    | ReactionRemoved
    | PinAdded
    | PinRemoved
    | MemberJoined
    | MemberLeft
    | ChannelCreated
    | ChannelOpened
    | ChannelClosed
    | ChannelRenamed
    | ChannelArchived
    | ChannelUnarchived
    | ChannelDeleted
    | UserJoined
    | UserChanged
    | EmojiChanged
    | FileCreated
    | FileShared
    | FileDeleted
    | AppHomeOpened
    | ViewChanged
)
