"""`reaction_added`, `pin_added` and their opposites, for apps that are where it happens."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tautwire.local.workspace import shapes

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tautwire.local.events.event import Ear, Event
    from tautwire.local.workspace.changes import PinAdded, PinRemoved, ReactionAdded, ReactionRemoved
    from tautwire.local.workspace.model import Json

__all__ = ["pinned", "reacted", "unpinned", "unreacted"]


def reacted(change: ReactionAdded, ear: Ear) -> Iterator[Event]:
    """An emoji under a message."""
    yield from _reaction("reaction_added", change, ear)


def unreacted(change: ReactionRemoved, ear: Ear) -> Iterator[Event]:
    """And away again."""
    yield from _reaction("reaction_removed", change, ear)


def _reaction(type: str, change: ReactionAdded | ReactionRemoved, ear: Ear) -> Iterator[Event]:  # noqa: A002
    place, said = change.channel, change.message
    if not ear.is_in(place):
        return
    inner = {
        "user": change.user.id,
        "reaction": change.name,
        "item": {"type": "message", "channel": place.id, "ts": said.ts},
        "item_user": said.user_id,
    }
    yield from ear.hear(type, inner, place)


def pinned(change: PinAdded, ear: Ear) -> Iterator[Event]:
    """A message on the channel's board."""
    if ear.is_in(change.channel):
        yield from ear.hear("pin_added", _pin(change, ear), change.channel)


def unpinned(change: PinRemoved, ear: Ear) -> Iterator[Event]:
    """And off it."""
    if ear.is_in(change.channel):
        more = {"has_pins": bool(change.channel.pins)}
        yield from ear.hear("pin_removed", _pin(change, ear) | more, change.channel)


def _pin(change: PinAdded | PinRemoved, ear: Ear) -> Json:
    place, said, pin = change.channel, change.message, change.pin
    link = {"permalink": shapes.permalink(ear.core, place, said)}
    return {
        "user": change.user.id,
        "channel_id": place.id,
        "item": {
            "type": "message",
            "created": pin.created,
            "created_by": pin.user_id,
            "channel": place.id,
            "message": shapes.message(ear.core, said, base_url=ear.base_url) | link,
        },
        "item_user": said.user_id,
        "pin_count": len(place.pins),
        "pinned_info": {"channel": place.id, "pinned_by": pin.user_id, "pinned_ts": pin.created},
    }
