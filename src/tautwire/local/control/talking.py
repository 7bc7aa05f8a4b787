"""What a person can be told to do from outside: say something, mark it, come and go."""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING, Any, Final

from tautwire.errors import ConfigurationError
from tautwire.local.control.finding import message, own_message, place
from tautwire.local.control.operation import Body, Json, Room, Ts, Where, Who
from tautwire.local.control.telling import caused

if TYPE_CHECKING:
    from tautwire.local.actors import Said
    from tautwire.local.app import LocalSlack

__all__ = ["room"]

room: Final = Room()


class Say(Body):
    """A message; `@name` of somebody known becomes a mention."""

    text: str
    user: Who = "ann"
    channel: Where = "general"
    thread: str = ""
    blocks: list[dict[str, Any]] | None = None
    also_to_channel: bool = False


class Mark(Body):
    """An emoji under a message, or (`remove`) away from it."""

    emoji: str
    ts: Ts = ""
    user: Who = "ann"
    channel: Where = "general"
    remove: bool = False


class Pin(Body):
    """A message to be pinned to its channel, or (`remove`) unpinned."""

    ts: Ts = ""
    user: Who = "ann"
    channel: Where = "general"
    remove: bool = False


class Edit(Body):
    """Other words for a message of one's own."""

    text: str
    ts: Ts = ""
    user: Who = "ann"
    channel: Where = "general"


class Delete(Body):
    """A message of one's own to be taken back."""

    ts: Ts = ""
    user: Who = "ann"
    channel: Where = "general"


class Move(Body):
    """Coming into a channel, or going; with `who` somebody else, or a bot, is brought in or made to go."""

    channel: str
    user: Who = "ann"
    who: Who = ""


class Create(Body):
    """A new channel."""

    name: str
    user: Who = "ann"
    is_private: bool = False


class Upload(Body):
    """A file: its `content` as text, or its bytes in `base64`."""

    name: str
    content: str = ""
    base64: str = ""
    user: Who = "ann"
    channel: Where = "general"
    comment: str = ""


@room.does("/say", Say)
async def say(slack: LocalSlack, body: Say) -> Json:
    """Say something in a channel, to somebody, or in a thread.

    Answers `{message, channel, deliveries}` once every connected app has acked what it was told of it, or has had its
    time; `deliveries` is what apps were told.
    """
    with slack.journal.chain() as chain:
        said = await slack.user(body.user).says(
            body.text,
            channel=body.channel,
            thread=body.thread or None,
            blocks=body.blocks,
            also_to_channel=body.also_to_channel,
        )
    return _shown(said) | {"deliveries": caused(slack, chain)}


@room.does("/react", Mark)
async def react(slack: LocalSlack, body: Mark) -> Json:
    """Put an emoji under a message, or take it away.

    Answers `{message, channel}`.
    """
    person = slack.user(body.user)
    said = message(slack, person, body.channel, body.ts)
    await (person.unreacts(said, body.emoji) if body.remove else person.reacts(said, body.emoji))
    return _shown(said)


@room.does("/pin", Pin)
async def pin(slack: LocalSlack, body: Pin) -> Json:
    """Pin a message to its channel, or unpin it.

    Answers `{message, channel}`.
    """
    person = slack.user(body.user)
    said = message(slack, person, body.channel, body.ts)
    await (person.unpins(said) if body.remove else person.pins(said))
    return _shown(said)


@room.does("/edit", Edit)
async def edit(slack: LocalSlack, body: Edit) -> Json:
    """Give a message other words.

    Answers `{message, channel}`.
    """
    person = slack.user(body.user)
    return _shown(await person.edits(own_message(slack, person, body.channel, body.ts), body.text))


@room.does("/delete", Delete)
async def delete(slack: LocalSlack, body: Delete) -> Json:
    """Take a message back.

    Answers `{message, channel}`, as it was.
    """
    person = slack.user(body.user)
    said = own_message(slack, person, body.channel, body.ts)
    told = _shown(said)
    await person.deletes(said)
    return told


@room.does("/join", Move)
async def join(slack: LocalSlack, body: Move) -> Json:
    """Come into a channel, or bring somebody in.

    Answers `{members}`, by name.
    """
    person = slack.user(body.user)
    await (person.invites(body.who, body.channel) if body.who else person.joins(body.channel))
    return {"members": place(slack, person, body.channel).members}


@room.does("/leave", Move)
async def leave(slack: LocalSlack, body: Move) -> Json:
    """Leave a channel, or make somebody leave.

    Answers `{members}`, by name.
    """
    person = slack.user(body.user)
    await (person.kicks(body.who, body.channel) if body.who else person.leaves(body.channel))
    return {"members": place(slack, person, body.channel).members}


@room.does("/create", Create)
async def create(slack: LocalSlack, body: Create) -> Json:
    """Make a channel.

    Answers `{id, name}`.
    """
    made = await slack.user(body.user).creates(body.name, is_private=body.is_private)
    return {"id": made.id, "name": made.name}


@room.does("/upload", Upload)
async def upload(slack: LocalSlack, body: Upload) -> Json:
    """Put a file into a channel.

    Answers `{message, channel}`.
    """
    try:
        data = base64.b64decode(body.base64, validate=True) if body.base64 else body.content.encode()
    except ValueError:  # binascii's own, and that of a letter beyond ASCII
        raise ConfigurationError("what is given as base64 is none") from None
    return _shown(await slack.user(body.user).uploads(body.name, data, channel=body.channel, comment=body.comment))


def _shown(said: Said) -> Json:
    return {"message": said.as_dict(), "channel": {"id": said.channel_id, "name": said.channel_name}}
