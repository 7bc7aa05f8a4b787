"""People and custom emoji, which are the whole workspace's: every app that has subscribed is told."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tautwire.local.workspace import shapes

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tautwire.local.events.event import Ear, Event
    from tautwire.local.workspace.changes import EmojiChanged, UserChanged, UserJoined
    from tautwire.local.workspace.model import Json, User

__all__ = ["changed", "emoji", "joined"]


def joined(change: UserJoined, ear: Ear) -> Iterator[Event]:
    """Somebody new in the workspace."""
    yield from ear.hear("team_join", _user(change.user, ear))


def changed(change: UserChanged, ear: Ear) -> Iterator[Event]:
    """`user_change`, and the one that says what it was, "dispatched at the exact same time" with the same content."""
    inner = _user(change.user, ear)
    yield from ear.hear("user_change", inner)
    if change.what != "account":
        yield from ear.hear(f"user_{change.what}_changed", inner)


def emoji(change: EmojiChanged, ear: Ear) -> Iterator[Event]:
    """A custom emoji; only a new one has an address."""
    added = {"subtype": "add", "name": change.name, "value": change.url}
    removed = {"subtype": "remove", "names": [change.name]}
    yield from ear.hear("emoji_changed", added if change.is_added else removed)


def _user(who: User, ear: Ear) -> Json:
    """The user, with a mail address only for those who may read it."""
    shape = shapes.user(ear.core, who)
    if not ear.app.permissions.has_scope("users:read.email"):
        shape["profile"].pop("email", None)
    return {"user": shape, "cache_ts": who.updated}
