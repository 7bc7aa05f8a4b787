"""Channels and direct conversations: making them, coming and going, what they are called."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

from tautwire.local.workspace.changes import (
    ChannelArchived,
    ChannelClosed,
    ChannelCreated,
    ChannelDeleted,
    ChannelOpened,
    ChannelRenamed,
    ChannelUnarchived,
    MemberJoined,
    MemberLeft,
    MessagePosted,
)
from tautwire.local.workspace.model import Channel, ChannelKind, Message, Note
from tautwire.local.workspace.refusal import Refusal

if TYPE_CHECKING:
    from collections.abc import Set as AbstractSet

    from tautwire.local.workspace.core import Core
    from tautwire.local.workspace.model import User

__all__ = ["MAX_GROUP", "Places", "check_name"]

#: Slack's bounds: a channel's name, its topic and purpose, and the people in a group conversation.
MAX_NAME: Final = 80
MAX_NOTE: Final = 250
MAX_GROUP: Final = 8


class Places:
    """The channels of a workspace. `wall` is epoch seconds, everywhere."""

    def __init__(self, core: Core) -> None:
        self._core = core

    # Making and naming

    def create(self, name: str, *, by: User, wall: float, is_private: bool = False) -> Channel:
        """A new channel with its creator in it. Refuses a name that is taken or that Slack would not have."""
        self._check_name(name)
        channel = Channel(
            self._core.ids.of("C"), name, "group" if is_private else "channel", creator=by.id, created=int(wall)
        )
        channel.members[by.id] = None
        self._core.channels[channel.id] = channel
        self._core.happened(ChannelCreated(channel, by))
        self._announce(channel, by, "join", wall)
        self._core.happened(MemberJoined(by, channel))
        return channel

    def rename(self, channel: Channel, name: str, *, by: User, wall: float) -> None:
        """Another name; the old one is remembered."""
        self._must_be_in(channel, by)
        self._must_not_be_direct(channel)
        self._must_be_open(channel)
        if channel.is_general:
            raise Refusal("not_authorized")
        self._check_name(name)
        old, channel.name = channel.name, name
        channel.previous_names.insert(0, old)
        self._announce(
            channel, by, "name", wall, f"has renamed the channel from “{old}” to “{name}”", old_name=old, name=name
        )
        self._core.happened(ChannelRenamed(channel, by, old))

    def _check_name(self, name: str) -> None:
        check_name(name)
        if self._core.find_channel(name) is not None:
            raise Refusal("name_taken")

    def set_topic(self, channel: Channel, value: str, *, by: User, wall: float) -> None:
        """What the channel is about just now."""
        self._may_describe(channel, value, by)
        channel.topic = Note(value, by.id, int(wall))
        self._announce(channel, by, "topic", wall, f"set the channel topic: {value}", topic=value)

    def set_purpose(self, channel: Channel, value: str, *, by: User, wall: float) -> None:
        """What the channel is for."""
        self._may_describe(channel, value, by)
        channel.purpose = Note(value, by.id, int(wall))
        self._announce(channel, by, "purpose", wall, f"set the channel description: {value}", purpose=value)

    def _may_describe(self, channel: Channel, value: str, by: User) -> None:
        self._must_be_in(channel, by)
        self._must_be_open(channel)
        if channel.kind == "im":
            raise Refusal("method_not_supported_for_channel_type")
        if len(value) > MAX_NOTE:
            raise Refusal("too_long")

    # Opening and closing

    def archive(self, channel: Channel, *, by: User, wall: float) -> None:
        """No more words here."""
        self._must_not_be_direct(channel)
        self._must_be_in(channel, by)
        if channel.is_general:
            raise Refusal("cant_archive_general")
        if channel.is_archived:
            raise Refusal("already_archived")
        self._announce(channel, by, "archive", wall, "archived the channel")
        channel.is_archived = True
        self._core.happened(ChannelArchived(channel, by))

    def unarchive(self, channel: Channel, *, by: User, wall: float) -> None:
        """Words again."""
        self._must_not_be_direct(channel)
        if not channel.is_archived:
            raise Refusal("not_archived")
        channel.is_archived = False
        channel.members.setdefault(by.id)
        self._announce(channel, by, "unarchive", wall, "un-archived the channel")
        self._core.happened(ChannelUnarchived(channel, by))

    def delete(self, channel: Channel, *, by: User) -> None:
        """Gone with all that was in it; people can, apps cannot."""
        self._must_not_be_direct(channel)
        if channel.is_general:
            raise Refusal("cant_delete_general")
        del self._core.channels[channel.id]
        self._core.happened(ChannelDeleted(channel, by))

    def open_direct(self, people: list[User], *, by: User, wall: float) -> tuple[Channel, bool]:
        """The direct conversation of `by` with `people`, made when needed; and whether it was open already."""
        members = dict.fromkeys([by.id, *(user.id for user in people)])
        if len(members) > MAX_GROUP + 1:
            raise Refusal("too_many_users")
        if any(user.is_deleted for user in people):
            raise Refusal("user_disabled")
        kind: ChannelKind = "im" if len(members) <= 2 else "mpim"
        found = self.find_direct(set(members))
        if found is not None:
            return found, self.reopen(found, by=by)
        return self._new_direct(kind, members, by, wall), False

    def reopen(self, channel: Channel, *, by: User) -> bool:
        """Bring a direct conversation up again; `True` when it was open already."""
        if not channel.is_direct:
            raise Refusal("method_not_supported_for_channel_type")
        if by.id not in channel.closed_by:
            return True
        del channel.closed_by[by.id]
        self._core.happened(ChannelOpened(channel, by, is_new=False))
        return False

    def find_direct(self, members: AbstractSet[str]) -> Channel | None:
        """The direct conversation of exactly these people."""
        return next(
            (each for each in self._core.channels.values() if each.is_direct and each.members.keys() == members), None
        )

    def _new_direct(self, kind: ChannelKind, members: dict[str, None], by: User, wall: float) -> Channel:
        names = "--".join(sorted(self._core.users[user_id].name for user_id in members))
        name, letter = ("directmessage", "D") if kind == "im" else (f"mpdm-{names}-1", "G")
        channel = Channel(self._core.ids.of(letter), name, kind, creator=by.id, created=int(wall), members=members)
        self._core.channels[channel.id] = channel
        self._core.happened(ChannelOpened(channel, by, is_new=True))
        return channel

    def close_direct(self, channel: Channel, *, by: User) -> bool:
        """Put a direct conversation away for `by`; `False` when it was away already."""
        if not channel.is_direct:
            raise Refusal("method_not_supported_for_channel_type")
        if by.id in channel.closed_by:
            return False
        channel.closed_by[by.id] = None
        self._core.happened(ChannelClosed(channel, by))
        return True

    # Coming and going

    def join(self, channel: Channel, user: User, *, wall: float) -> bool:
        """Come in; `False` for somebody who is in already. Only public channels can be joined."""
        if channel.kind != "channel":
            raise Refusal("method_not_supported_for_channel_type")
        self._must_be_open(channel)
        return self._enter(channel, user, None, wall)

    def invite(self, channel: Channel, user: User, *, by: User, wall: float) -> None:
        """Bring somebody in."""
        self.may_invite(channel, by=by)
        self.may_come(channel, user, by=by)
        self._enter(channel, user, by, wall)

    def may_invite(self, channel: Channel, *, by: User) -> None:
        """Refuse when `by` cannot bring anybody into `channel`."""
        self._must_not_be_direct(channel)
        self._must_be_in(channel, by)
        self._must_be_open(channel)

    def may_come(self, channel: Channel, user: User, *, by: User) -> None:
        """Refuse when `by` cannot bring `user`."""
        if user.id == by.id:
            raise Refusal("cant_invite_self")
        if user.is_deleted:
            raise Refusal("user_is_disabled")
        if user.id in channel.members:
            raise Refusal("already_in_channel")

    def _enter(self, channel: Channel, user: User, inviter: User | None, wall: float) -> bool:
        if user.id in channel.members:
            return False
        channel.members[user.id] = None
        more = {"inviter": inviter.id} if inviter else {}
        self._announce(channel, user, "join", wall, **more)
        self._core.happened(MemberJoined(user, channel, inviter))
        return True

    def leave(self, channel: Channel, user: User, *, wall: float) -> bool:
        """Go; `False` for somebody who was not in. Nobody leaves the general channel."""
        self._must_not_be_direct(channel)
        self._must_be_open(channel)
        if channel.is_general:
            raise Refusal("cant_leave_general")
        if channel.members.keys() == {user.id}:
            raise Refusal("last_member")
        return self._exit(channel, user, None, wall)

    def kick(self, channel: Channel, user: User, *, by: User, wall: float) -> None:
        """Make somebody go."""
        self._must_not_be_direct(channel)
        self._must_be_in(channel, by)
        if channel.is_general:
            raise Refusal("cant_kick_from_general")
        if user.id == by.id:
            raise Refusal("cant_kick_self")
        if not self._exit(channel, user, by, wall):
            raise Refusal("not_in_channel")

    def _exit(self, channel: Channel, user: User, kicked_by: User | None, wall: float) -> bool:
        if user.id not in channel.members:
            return False
        self._announce(channel, user, "leave", wall)
        del channel.members[user.id]
        self._core.happened(MemberLeft(user, channel, kicked_by))
        return True

    def mark(self, channel: Channel, ts: str, *, by: User) -> None:
        """Read up to `ts`."""
        self._must_be_in(channel, by)
        channel.last_read[by.id] = ts

    # The rules that repeat

    def _must_be_in(self, channel: Channel, user: User) -> None:
        if user.id not in channel.members:
            raise Refusal("not_in_channel")

    def _must_be_open(self, channel: Channel) -> None:
        if channel.is_archived:
            raise Refusal("is_archived")

    def _must_not_be_direct(self, channel: Channel) -> None:
        if channel.is_direct:
            raise Refusal("method_not_supported_for_channel_type")

    def _announce(self, channel: Channel, by: User, what: str, wall: float, text: str = "", **extra: Any) -> None:
        """Slack's own line in the channel. Private ones have said `channel_join`, too, since their ids begin with C."""
        said = text or ("has joined the channel" if what == "join" else "has left the channel")
        message = Message(
            self._core.ids.ts(wall), channel.id, by.id, f"<@{by.id}> {said}", subtype=f"channel_{what}", extra=extra
        )
        channel.messages[message.ts] = message
        self._core.happened(MessagePosted(channel, message))


def check_name(name: str) -> None:
    """Refuse what Slack would not have as a channel's name."""
    if not name:
        raise Refusal("invalid_name_required")
    if len(name) > MAX_NAME:
        raise Refusal("invalid_name_maxlength")
    if name != name.lower() or not re.fullmatch(r"[\w-]+", name):
        raise Refusal("invalid_name_specials")
    if not re.search(r"\w", name.replace("_", "")):
        raise Refusal("invalid_name_punctuation")
