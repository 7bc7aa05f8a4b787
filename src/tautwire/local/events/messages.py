"""`message` and `app_mention`: what is said, changed and taken back.

An app is sent the messages of every conversation that it is in, its own ones too. A change or a deletion is itself a
`message`, `hidden`, with a `ts` of its own. A reply is told once, as a message with a `thread_ts`; its parent, whose
`reply_count` has grown, is not told of: `message_replied` has the page of a documented bug, and no capture of the
Events API shows it, nor a `message_changed` in its place.

`app_mention` comes besides the `message`, with an `event_id` of its own. It comes again when a message that mentions
the app is edited (slack-go#1256, with a capture; inkeep/agents#2284), never for what the app itself says (bolt-js#1573,
bolt-python#1350), and not in direct messages (its page).
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

from tautwire.local.workspace import shapes

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tautwire.local.events.event import Ear, Event
    from tautwire.local.workspace.changes import MessageChanged, MessageDeleted, MessagePosted
    from tautwire.local.workspace.model import Json, Message

__all__ = ["changed", "deleted", "is_spoken", "posted"]

#: Subtypes of what somebody says, as against Slack's own lines.
_SPOKEN: Final = frozenset({"", "me_message", "file_share", "bot_message"})


def posted(change: MessagePosted, ear: Ear) -> Iterator[Event]:
    """A new message, and what it means to an app that it mentions."""
    place, said = change.channel, change.message
    if not ear.is_in(place):
        return
    shape = shapes.message(ear.core, said, base_url=ear.base_url)
    more = {"channel": place.id, "event_ts": said.ts, "channel_type": place.kind}
    yield from ear.hear("message", shape | more, place)
    yield from _mention(change, ear, event_ts=said.ts)


def changed(change: MessageChanged, ear: Ear) -> Iterator[Event]:
    """An edit, with both states of the message."""
    place, said, previous = change.channel, change.message, change.previous
    if not ear.is_in(place):
        return
    inner = {
        "subtype": "message_changed",
        "message": shapes.message(ear.core, said, base_url=ear.base_url),
        "previous_message": shapes.message(ear.core, previous, base_url=ear.base_url),
        "channel": place.id,
        "hidden": True,
        "ts": ear.ts,
        "channel_type": place.kind,
    }
    yield from ear.hear("message", inner, place)
    if (said.text, said.blocks) != (previous.text, previous.blocks):
        yield from _mention(change, ear, event_ts=ear.ts)


def deleted(change: MessageDeleted, ear: Ear) -> Iterator[Event]:
    """A message that is gone, as it was."""
    place, previous = change.channel, change.previous
    if not ear.is_in(place):
        return
    inner = {
        "subtype": "message_deleted",
        "previous_message": shapes.message(ear.core, previous, base_url=ear.base_url),
        "channel": place.id,
        "hidden": True,
        "deleted_ts": previous.ts,
        "ts": ear.ts,
        "channel_type": place.kind,
    }
    yield from ear.hear("message", inner, place)


def is_spoken(said: Message) -> bool:
    """Whether somebody has said it; Slack's own lines name people, too, and mean nothing by it."""
    return said.subtype in _SPOKEN


def _mention(change: MessagePosted | MessageChanged, ear: Ear, *, event_ts: str) -> Iterator[Event]:
    place, said = change.channel, change.message
    if place.kind == "im" or said.app_id == ear.app.id or not is_spoken(said) or not _names(said, ear.me):
        return
    shape = shapes.message(ear.core, said, base_url=ear.base_url)
    yield from ear.hear(
        "app_mention", shape | {"type": "app_mention", "channel": place.id, "event_ts": event_ts}, place
    )


def _names(said: Message, user_id: str) -> bool:
    mark = re.compile(rf"<@{re.escape(user_id)}(?:\|[^>]*)?>")
    return bool(mark.search(said.text)) or any(_block_names(each, user_id, mark) for each in said.blocks)


def _block_names(part: Any, user_id: str, mark: re.Pattern[str]) -> bool:
    """Whether a block, or a part of one, mentions somebody: an element of rich text, or a mark in mrkdwn."""
    if isinstance(part, dict):
        return _is_mention(part, user_id) or any(_block_names(each, user_id, mark) for each in part.values())
    if isinstance(part, list):
        return any(_block_names(each, user_id, mark) for each in part)
    return isinstance(part, str) and bool(mark.search(part))


def _is_mention(part: Json, user_id: str) -> bool:
    return part.get("type") == "user" and part.get("user_id") == user_id
