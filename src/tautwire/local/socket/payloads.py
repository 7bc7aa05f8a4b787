"""What is inside Slack's envelopes: events, commands and interactions, word for word. Pure.

Shapes are those of Slack's documentation and of captured traffic.
"""

from __future__ import annotations

import base64
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from tautwire.local.socket.frames import dumps

if TYPE_CHECKING:
    from tautwire.local.workspace import Channel, Identity, User

__all__ = [
    "app_rate_limited",
    "block_actions",
    "block_suggestion",
    "command",
    "event_callback",
    "in_message",
    "in_view",
    "message_action",
    "shortcut",
    "view_closed",
    "view_submission",
]

Json = dict[str, Any]


def event_callback(me: Identity, event: Json, *, event_id: str, event_time: int) -> Json:
    """The wrapper of an event, for the app that is `me`: heard on behalf of its bot user, as `authorizations` says.

    `event_context` is opaque to clients and built the way Slack builds it today: type, team, app and, where there is
    one, channel.
    """
    return {
        "token": me.verification,
        "team_id": me.team_id,
        "context_team_id": me.team_id,
        "context_enterprise_id": None,
        "api_app_id": me.app_id,
        "type": "event_callback",
        "event_id": event_id,
        "event_time": event_time,
        "authorizations": [
            {
                "enterprise_id": None,
                "team_id": me.team_id,
                "user_id": me.bot_user_id,
                "is_bot": True,
                "is_enterprise_install": False,
            }
        ],
        "is_ext_shared_channel": False,
        "event_context": _context(str(event.get("type")), me.team_id, me.app_id, _place_of(event)),
        "event": event,
    }


@lru_cache(maxsize=1024)
def _context(kind: str, team_id: str, app_id: str, place: str) -> str:
    context = {"et": kind, "tid": team_id, "aid": app_id} | ({"cid": place} if place else {})
    return f"4-{base64.urlsafe_b64encode(dumps(context)).decode().rstrip('=')}"


def _place_of(event: Json) -> str:
    """Where it happened; events have four ways of saying so."""
    channel, item = event.get("channel") or event.get("channel_id"), event.get("item")
    if channel is None and isinstance(item, dict):
        channel = item.get("channel")
    return str((channel.get("id") if isinstance(channel, dict) else channel) or "")


def app_rate_limited(me: Identity, minute: int) -> Json:
    """Slack's word that it drops events. The only event payload without an inner `event`."""
    return {
        "token": me.verification,
        "type": "app_rate_limited",
        "team_id": me.team_id,
        "minute_rate_limited": minute,
        "api_app_id": me.app_id,
    }


def command(
    me: Identity, name: str, text: str, *, user: User, channel: Channel, response_url: str, trigger_id: str
) -> Json:
    """A slash command. `is_enterprise_install` is a string here and nowhere else."""
    return {
        "token": me.verification,
        "team_id": me.team_id,
        "team_domain": me.team_domain,
        "channel_id": channel.id,
        "channel_name": channel.name,
        "user_id": user.id,
        "user_name": user.name,
        "command": name,
        "text": text,
        "api_app_id": me.app_id,
        "is_enterprise_install": "false",
        "response_url": response_url,
        "trigger_id": trigger_id,
    }


def block_actions(
    me: Identity, actions: list[Json], *, user: User, place: Json, trigger_id: str, state: Json | None = None
) -> Json:
    """A click. `place` is what `in_message` or `in_view` gives."""
    return {
        "type": "block_actions",
        "user": _user(me, user),
        "api_app_id": me.app_id,
        "token": me.verification,
        "container": place["container"],
        "trigger_id": trigger_id,
        "team": _team(me),
        "enterprise": None,
        "is_enterprise_install": False,
        **{key: value for key, value in place.items() if key != "container"},
        "state": {"values": state or {}},
        "actions": actions,
    }


def in_message(channel: Channel, message: Json, response_url: str | None) -> Json:
    """The keys that say that an interaction happened in a message; a suggestion has no `response_url`."""
    place: Json = {
        "container": {
            "type": "message",
            "message_ts": message["ts"],
            "channel_id": channel.id,
            "is_ephemeral": False,
        },
        "channel": {"id": channel.id, "name": channel.name},
        "message": message,
    }
    return place if response_url is None else place | {"response_url": response_url}


def in_view(shown: Json) -> Json:
    """The keys that say that an interaction happened in a view."""
    return {"container": {"type": "view", "view_id": shown["id"]}, "view": shown}


def block_suggestion(me: Identity, *, action_id: str, block_id: str, value: str, user: User, place: Json) -> Json:
    """What somebody has typed into an external select so far."""
    return {
        "type": "block_suggestion",
        "user": _user(me, user),
        "team": _team(me),
        "container": place["container"],
        "api_app_id": me.app_id,
        "token": me.verification,
        "action_id": action_id,
        "block_id": block_id,
        "value": value,
        **{key: value for key, value in place.items() if key != "container"},
    }


def view_submission(me: Identity, shown: Json, *, user: User, trigger_id: str, response_urls: list[Json]) -> Json:
    """A submitted modal. `response_urls` is at the top, whatever the documentation's example shows."""
    return {
        "type": "view_submission",
        "team": _team(me),
        "user": _user(me, user),
        "api_app_id": me.app_id,
        "token": me.verification,
        "trigger_id": trigger_id,
        "view": shown,
        "response_urls": response_urls,
        "is_enterprise_install": False,
        "enterprise": None,
    }


def view_closed(me: Identity, shown: Json, *, user: User, is_cleared: bool) -> Json:
    """A dismissed modal that had asked for `notify_on_close`."""
    return {
        "type": "view_closed",
        "team": _team(me),
        "user": _user(me, user),
        "api_app_id": me.app_id,
        "token": me.verification,
        "view": shown,
        "is_cleared": is_cleared,
        "is_enterprise_install": False,
        "enterprise": None,
    }


def shortcut(me: Identity, callback_id: str, *, user: User, action_ts: str, trigger_id: str) -> Json:
    """A global shortcut: no channel, no `response_url`, and in captures no `api_app_id`."""
    return {
        "type": "shortcut",
        "token": me.verification,
        "action_ts": action_ts,
        "team": _team(me),
        "user": {"id": user.id, "username": user.name, "team_id": me.team_id},
        "is_enterprise_install": False,
        "enterprise": None,
        "callback_id": callback_id,
        "trigger_id": trigger_id,
    }


def message_action(
    me: Identity,
    callback_id: str,
    *,
    user: User,
    channel: Channel,
    message: Json,
    action_ts: str,
    trigger_id: str,
    response_url: str,
) -> Json:
    """A message shortcut."""
    return {
        "type": "message_action",
        "token": me.verification,
        "action_ts": action_ts,
        "team": _team(me),
        "user": {"id": user.id, "name": user.name},
        "channel": {"id": channel.id, "name": channel.name},
        "is_enterprise_install": False,
        "enterprise": None,
        "callback_id": callback_id,
        "trigger_id": trigger_id,
        "response_url": response_url,
        "message_ts": message["ts"],
        "message": message,
    }


def _team(me: Identity) -> Json:
    return {"id": me.team_id, "domain": me.team_domain}


def _user(me: Identity, user: User) -> Json:
    return {"id": user.id, "username": user.name, "name": user.name, "team_id": me.team_id}
