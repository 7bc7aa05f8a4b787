"""`reactions.*`: emoji under messages."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from tautwire.local.api.method import Call, Family, optional, required
from tautwire.local.api.paging import page
from tautwire.local.workspace import shapes
from tautwire.local.workspace.refusal import Refusal

if TYPE_CHECKING:
    from tautwire.local.workspace.model import Channel, Json, Message

__all__ = ["family", "marked"]

family: Final = Family()

_TS: Final = re.compile(r"\d{1,12}\.\d{6}")
_WRONG: Final = "invalid_arguments"
_NOTE: Final = "Files cannot be reacted to; Slack has given that up, too, for new reactions."


def marked(call: Call) -> tuple[Channel, Message]:
    """The message that `channel` and `timestamp` name."""
    if not call.text("channel") or not call.text("timestamp"):
        raise Refusal("no_item_specified")
    place = call.conversation()
    if not _TS.fullmatch(call.text("timestamp")):
        raise Refusal("bad_timestamp")
    return place, call.message(place, "timestamp")


def _shown(call: Call, place: Channel, said: Message) -> Json:
    core = call.workspace.core
    link = shapes.permalink(core, place, said)
    message = shapes.message(core, said, base_url=call.base_url) | {"permalink": link}
    return {"type": "message", "channel": place.id, "message": message}


@family.method(
    "reactions.add",
    required("channel"),
    required("timestamp"),
    required("name"),
    scopes="reactions:write",
    note="Any word will do for an emoji's name; Slack refuses those that it does not know.",
    errors="""already_reacted bad_timestamp channel_not_found invalid_name is_archived message_not_found
        no_item_specified not_in_channel not_reactable too_many_emoji too_many_reactions""",
)
def add(call: Call) -> Json:
    """Put an emoji under a message. Its name comes without colons, which Slack refuses (opsdroid/opsdroid#990)."""
    place, said = marked(call)
    name = call.text("name")
    if name.startswith(":"):
        raise Refusal("invalid_name")
    call.workspace.marks.react(place, said, name, by=call.user)
    return {}


@family.method(
    "reactions.remove",
    required("name"),
    optional("channel"),
    optional("timestamp"),
    optional("file"),
    optional("file_comment"),
    scopes="reactions:write",
    errors="""bad_timestamp channel_not_found file_not_found invalid_name message_not_found no_item_specified
        no_reaction""",
    tier=2,
    note=_NOTE,
)
def remove(call: Call) -> Json:
    """Take it away again."""
    _refuse_files(call)
    place, said = marked(call)
    call.workspace.marks.unreact(place, said, call.text("name"), by=call.user)
    return {}


@family.method(
    "reactions.get",
    optional("channel"),
    optional("timestamp"),
    optional("full", "flag"),
    optional("file"),
    optional("file_comment"),
    scopes="reactions:read",
    errors="bad_timestamp channel_not_found file_not_found message_not_found no_item_specified",
    takes_json=False,
    note=_NOTE,
)
def get(call: Call) -> Json:
    """A message with its reactions."""
    _refuse_files(call)
    return _shown(call, *marked(call))


def _refuse_files(call: Call) -> None:
    """A file has no reactions here, and so there is none that could be named."""
    if call.text("file") or call.text("file_comment"):
        raise Refusal("file_not_found")


@family.method(
    "reactions.list",
    optional("user"),
    optional("full", "flag"),
    optional("count", "integer"),
    optional("page", "integer"),
    optional("team_id"),
    scopes="reactions:read",
    errors="user_not_found",
    tier=2,
    takes_json=False,
    is_paged=True,
    note=f"{_NOTE} `page` is always the first; use the cursor.",
)
def list_reactions(call: Call) -> Json:
    """What somebody has reacted to, newest first; the caller by default."""
    who = call.person()
    found = [
        (place, said)
        for place in call.workspace.channels.values()
        if not place.is_private or call.user.id in place.members
        for said in place.messages.values()
        if any(who.id in people for people in said.reactions.values())
    ]
    found.sort(key=lambda each: each[1].ts, reverse=True)
    usual = call.integer("count", 100) or 100
    part = page(
        call, found, [f"{place.id}/{said.ts}" for place, said in found], usual=usual, word="reaction", error=_WRONG
    )
    items = [_shown(call, place, said) for place, said in part.items]
    pages = max(1, -(-len(found) // usual))
    paging = {"count": usual, "total": len(found), "page": 1, "pages": pages}
    return {"items": items, "paging": paging, **part.metadata}
