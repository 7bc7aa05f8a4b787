"""Who comes and goes, and direct conversations.

An app hears of those who come into and leave the places that it is in, of its own coming and of its own going.
`channel_type` is `C` or `G`, as by the letters that the ids of public and private channels used to begin with.
Opening and closing a direct conversation is told to the one who did it, that it was made to everybody in it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from tautwire.local.workspace import shapes

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tautwire.local.events.event import Ear, Event
    from tautwire.local.workspace.changes import ChannelClosed, ChannelOpened, MemberJoined, MemberLeft
    from tautwire.local.workspace.model import Json

__all__ = ["closed", "joined", "left", "opened"]


def joined(change: MemberJoined, ear: Ear) -> Iterator[Event]:
    """Somebody new, perhaps the app itself."""
    if ear.is_in(change.channel):
        inviter = {"inviter": change.inviter.id} if change.inviter is not None else {}
        yield from ear.hear("member_joined_channel", _member(change, ear) | inviter, change.channel)


def left(change: MemberLeft, ear: Ear) -> Iterator[Event]:
    """Somebody less. The app itself is told twice: that a member has left, and that it is out."""
    is_me = change.user.id == ear.me
    if is_me or ear.is_in(change.channel):
        yield from ear.hear("member_left_channel", _member(change, ear), change.channel)
    if is_me:
        actor = change.kicked_by or change.user
        word = "channel" if change.channel.kind == "channel" else "group"
        yield from ear.hear(f"{word}_left", {"channel": change.channel.id, "actor_id": actor.id}, change.channel)


def _member(change: MemberJoined | MemberLeft, ear: Ear) -> Json:
    return {
        "user": change.user.id,
        "channel": change.channel.id,
        "channel_type": "C" if change.channel.kind == "channel" else "G",
        "team": ear.core.team.id,
    }


def opened(change: ChannelOpened, ear: Ear) -> Iterator[Event]:
    """A direct conversation: new for those in it, open for the one who wanted it. `group_open` is that of several."""
    place, by = change.channel, change.by
    if not ear.is_in(place):
        return
    if change.is_new and place.kind == "im":
        shape = shapes.channel(ear.core, place, viewer=ear.core.users.get(ear.me))
        yield from ear.hear("im_created", {"user": by.id, "channel": shape}, place)
    if by.id == ear.me:
        word = "im" if place.kind == "im" else "group"
        yield from ear.hear(f"{word}_open", {"user": by.id, "channel": place.id}, place)


def closed(change: ChannelClosed, ear: Ear) -> Iterator[Event]:
    """And put away."""
    if change.by.id == ear.me:
        word = "im" if change.channel.kind == "im" else "group"
        yield from ear.hear(f"{word}_close", {"user": change.by.id, "channel": change.channel.id}, change.channel)
