"""Reactions and pins: what people put on messages."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from tautwire.local.workspace.changes import PinAdded, PinRemoved, ReactionAdded, ReactionRemoved
from tautwire.local.workspace.model import Pin
from tautwire.local.workspace.refusal import Refusal

if TYPE_CHECKING:
    from tautwire.local.workspace.core import Core
    from tautwire.local.workspace.model import Channel, Message, User

__all__ = ["Marks"]

#: Slack's bounds: different emoji under one message, and by one person.
MAX_REACTIONS: Final = 50
MAX_REACTIONS_EACH: Final = 23
MAX_PINS: Final = 100
#: Subtypes of messages that somebody has said.
_SPOKEN: Final = frozenset({"", "me_message", "file_share", "bot_message", "thread_broadcast"})
_EMOJI: Final = re.compile(r"[\w+'-]+(::skin-tone-[2-6])?")


class Marks:
    """Reactions and pins of a workspace."""

    def __init__(self, core: Core) -> None:
        self._core = core

    def react(self, channel: Channel, message: Message, name: str, *, by: User) -> None:
        """Put an emoji under a message, once."""
        bare = name.strip(":")
        if not _EMOJI.fullmatch(bare):
            raise Refusal("invalid_name")
        self._may_mark(channel, by)
        if by.id in message.reactions.get(bare, ()):
            raise Refusal("already_reacted")
        if bare not in message.reactions and len(message.reactions) >= MAX_REACTIONS:
            raise Refusal("too_many_emoji")
        if sum(by.id in people for people in message.reactions.values()) >= MAX_REACTIONS_EACH:
            raise Refusal("too_many_reactions")
        message.reactions.setdefault(bare, []).append(by.id)
        self._core.happened(ReactionAdded(by, channel, message, bare))

    def _may_mark(self, channel: Channel, by: User) -> None:
        if by.id not in channel.members:
            raise Refusal("not_in_channel")
        if channel.is_archived:
            raise Refusal("is_archived")

    def unreact(self, channel: Channel, message: Message, name: str, *, by: User) -> None:
        """Take it away again."""
        bare = name.strip(":")
        if by.id not in message.reactions.get(bare, ()):
            raise Refusal("no_reaction")
        message.reactions[bare].remove(by.id)
        if not message.reactions[bare]:
            del message.reactions[bare]
        self._core.happened(ReactionRemoved(by, channel, message, bare))

    def pin(self, channel: Channel, message: Message, *, by: User, wall: float) -> None:
        """Pin a message to its channel; lines of Slack's own cannot be pinned."""
        self._may_mark(channel, by)
        if message.subtype not in _SPOKEN:
            raise Refusal("not_pinnable")
        if message.ts in channel.pins:
            raise Refusal("already_pinned")
        if len(channel.pins) >= MAX_PINS:
            raise Refusal("too_many_pins")
        pin = channel.pins[message.ts] = Pin(by.id, int(wall))
        self._core.happened(PinAdded(by, channel, message, pin))

    def unpin(self, channel: Channel, message: Message, *, by: User) -> None:
        """Unpin it."""
        if message.ts not in channel.pins:
            raise Refusal("no_pin")
        pin = channel.pins.pop(message.ts)
        self._core.happened(PinRemoved(by, channel, message, pin))
