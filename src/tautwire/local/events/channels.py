"""What becomes of channels. Of public ones every app is told that wants to know, of private ones those that are in.

A private channel's events are called `group_…` and differ here and there: `group_unarchive` names its actor as
`actor_id` in Slack's SDKs and as `user` in an older capture, so it has both; creating one is told to nobody.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from tautwire.local.workspace import shapes

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tautwire.local.events.event import Ear, Event
    from tautwire.local.workspace.changes import (
        ChannelArchived,
        ChannelCreated,
        ChannelDeleted,
        ChannelRenamed,
        ChannelUnarchived,
    )
    from tautwire.local.workspace.model import Channel, Json

__all__ = ["archived", "created", "deleted", "renamed", "unarchived"]

_CREATED: Final = (
    "id",
    "is_channel",
    "name",
    "name_normalized",
    "created",
    "creator",
    "is_shared",
    "is_org_shared",
    "context_team_id",
    "is_archived",
    "is_general",
    "is_group",
    "is_private",
    "is_ext_shared",
    "is_im",
    "is_mpim",
    "is_pending_ext_shared",
    "updated",
    "unlinked",
    "previous_names",
    "topic",
    "purpose",
)
_RENAMED: Final = ("id", "is_channel", "is_mpim", "name", "name_normalized", "created")


def created(change: ChannelCreated, ear: Ear) -> Iterator[Event]:
    """A new public channel."""
    if change.channel.kind == "channel":
        inner = {"channel": _part(change.channel, _CREATED, ear) | {"is_frozen": False}}
        yield from ear.hear("channel_created", inner, change.channel)


def renamed(change: ChannelRenamed, ear: Ear) -> Iterator[Event]:
    """A channel under its new name."""
    if ear.sees(change.channel):
        inner = {"channel": _part(change.channel, _RENAMED, ear)}
        yield from ear.hear(f"{_word(change.channel)}_rename", inner, change.channel)


def archived(change: ChannelArchived, ear: Ear) -> Iterator[Event]:
    """A channel that is closed."""
    if ear.sees(change.channel):
        inner = {"channel": change.channel.id, "user": change.by.id, "is_moved": 0}
        yield from ear.hear(f"{_word(change.channel)}_archive", inner, change.channel)


def unarchived(change: ChannelUnarchived, ear: Ear) -> Iterator[Event]:
    """A channel that is open again."""
    if ear.sees(change.channel):
        inner = {"channel": change.channel.id, "user": change.by.id}
        more = {} if change.channel.kind == "channel" else {"actor_id": change.by.id}
        yield from ear.hear(f"{_word(change.channel)}_unarchive", inner | more, change.channel)


def deleted(change: ChannelDeleted, ear: Ear) -> Iterator[Event]:
    """A channel that is gone."""
    if ear.sees(change.channel):
        inner: Json = {"channel": change.channel.id, "actor_id": change.by.id}
        more = {} if change.channel.kind == "channel" else {"date_deleted": int(ear.ts.partition(".")[0])}
        yield from ear.hear(f"{_word(change.channel)}_deleted", inner | more, change.channel)


def _word(place: Channel) -> str:
    return "channel" if place.kind == "channel" else "group"


def _part(place: Channel, keys: tuple[str, ...], ear: Ear) -> Json:
    shape = shapes.channel(ear.core, place)
    return {key: shape[key] for key in keys if key in shape}
