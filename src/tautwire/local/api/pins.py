"""`pins.*`: messages pinned to their channel."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from tautwire.local.api.method import Call, Family, optional, required
from tautwire.local.api.reactions import marked
from tautwire.local.workspace import shapes

if TYPE_CHECKING:
    from tautwire.local.workspace.model import Json

__all__ = ["family"]

family: Final = Family()


@family.method(
    "pins.add",
    required("channel"),
    optional("timestamp"),
    scopes="pins:write",
    errors="""already_pinned bad_timestamp channel_not_found message_not_found no_item_specified not_in_channel
        not_pinnable restricted_action too_many_pins""",
    tier=2,
)
def add(call: Call) -> Json:
    """Pin a message to its channel."""
    place, said = marked(call)
    call.workspace.marks.pin(place, said, by=call.user, wall=call.wall)
    return {}


@family.method(
    "pins.remove",
    required("channel"),
    optional("timestamp"),
    scopes="pins:write",
    errors="""bad_timestamp channel_not_found message_not_found no_item_specified no_pin not_pinned not_in_channel
        restricted_action""",
    tier=2,
)
def remove(call: Call) -> Json:
    """Unpin it."""
    place, said = marked(call)
    call.workspace.marks.unpin(place, said, by=call.user)
    return {}


@family.method(
    "pins.list",
    required("channel"),
    scopes="pins:read",
    errors="channel_not_found restricted_action",
    tier=2,
    takes_json=False,
)
def list_pins(call: Call) -> Json:
    """What is pinned in a channel, the latest first."""
    place, core = call.conversation(), call.workspace.core
    items = [
        {
            "type": "message",
            "channel": place.id,
            "created": pin.created,
            "created_by": pin.user_id,
            "message": shapes.message(core, place.messages[ts], base_url=call.base_url)
            | {"permalink": shapes.permalink(core, place, place.messages[ts])},
        }
        for ts, pin in reversed(place.pins.items())
        if ts in place.messages
    ]
    return {"items": items}
