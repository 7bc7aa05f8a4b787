"""`chat.scheduleMessage` and its kin: what is said later."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from tautwire.local.api.method import Call, Family, optional, required
from tautwire.local.api.paging import page
from tautwire.local.api.spoken import (
    BODY,
    CONTENT_ERRORS,
    PLACE_ERRORS,
    STYLE,
    THREAD,
    UNFURL,
    content_of,
    place_of,
    short,
)
from tautwire.local.workspace.content import MAX_TEXT
from tautwire.local.workspace.refusal import Refusal

if TYPE_CHECKING:
    from tautwire.local.workspace.model import Json

__all__ = ["family"]

family: Final = Family()


@family.method(
    "chat.scheduleMessage",
    required("channel", missing="channel_not_found"),
    required("post_at", "integer", missing="invalid_time"),
    *BODY,
    optional("metadata", "json"),
    *THREAD,
    *STYLE,
    *UNFURL,
    scopes="chat:write",
    errors=f"""{PLACE_ERRORS} {CONTENT_ERRORS} invalid_metadata_format invalid_metadata_schema invalid_time
        time_in_past time_too_far restricted_too_many""",
)
def schedule_message(call: Call) -> Json:
    """Say something at a time within the next 120 days."""
    channel, content = place_of(call), short(content_of(call), MAX_TEXT)
    post_at = call.integer("post_at", 0, error="invalid_time")
    later = call.workspace.schedule.add(channel, content, post_at, by=call.user, wall=call.wall, app=call.app)
    me = call.app.identity
    message: Json = {
        "type": "delayed_message",
        "user": call.user.id,
        "bot_id": me.bot_id,
        "app_id": me.app_id,
        "team": me.team_id,
        "text": content.text or "",
        **{name: value for name, value in (("blocks", content.blocks), ("attachments", content.attachments)) if value},
    }
    return {"channel": channel.id, "scheduled_message_id": later.id, "post_at": post_at, "message": message}


@family.method(
    "chat.scheduledMessages.list",
    optional("channel"),
    optional("oldest"),
    optional("latest"),
    optional("team_id"),
    errors="invalid_channel",
    is_paged=True,
)
def scheduled_messages_list(call: Call) -> Json:
    """What this app has scheduled, soonest first."""
    name = call.text("channel")
    if name and name not in call.workspace.channels:
        raise Refusal("invalid_channel")
    oldest = call.integer("oldest", 0)
    latest = call.integer("latest", 0)
    waiting = [
        each
        for each in call.workspace.schedule.of(call.user, call.app)
        if name in ("", each.channel_id) and oldest <= each.post_at and (not latest or each.post_at <= latest)
    ]
    part = page(call, waiting, [each.id for each in waiting], error="invalid_arguments")
    listed = [
        {
            "id": each.id,
            "channel_id": each.channel_id,
            "post_at": each.post_at,
            "date_created": each.created,
            "text": each.content["text"] or "",
        }
        for each in part.items
    ]
    return {"scheduled_messages": listed, **part.metadata}


@family.method(
    "chat.deleteScheduledMessage",
    required("channel", missing="channel_not_found"),
    required("scheduled_message_id", missing="invalid_scheduled_message_id"),
    optional("as_user", "flag"),
    scopes="chat:write",
    errors="channel_not_found invalid_scheduled_message_id",
)
def delete_scheduled_message(call: Call) -> Json:
    """Never mind; not in the last minute before it is said."""
    channel = call.conversation()
    call.workspace.schedule.take_back(channel, call.text("scheduled_message_id"), by=call.user, wall=call.wall)
    return {}
