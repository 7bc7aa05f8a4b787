"""The records in Slack's JSON, word for word: the one owner of what a message, a channel or a user looks like."""

from __future__ import annotations

import zlib
from typing import TYPE_CHECKING, Final

from tautwire.local.workspace import rich_text
from tautwire.local.workspace.file_shape import file

if TYPE_CHECKING:
    from tautwire.local.workspace.core import Core
    from tautwire.local.workspace.model import App, Channel, Identity, Json, Message, Note, User, View

__all__ = ["bot", "bot_profile", "channel", "file", "message", "permalink", "profile", "team", "user", "view"]

#: Pixels of the pictures of people and of workspaces (docs.slack.dev, user object and team.info).
_FACES: Final = (24, 32, 48, 72, 192, 512)
_ICONS: Final = (34, 44, 68, 88, 102, 132)


def message(core: Core, said: Message, *, base_url: str = "") -> Json:
    """A message as in `conversations.history`; without `channel`, which only events and some answers carry.

    In captured traffic a message with a `subtype` has no `team`, and one under a name of its own (`username`) is a
    `bot_message` without `user`.
    """
    shape: Json = {"type": "message"}
    subtype = _subtype(said)
    if subtype:
        shape["subtype"] = subtype
    if subtype != "bot_message":
        shape["user"] = said.user_id
    shape |= {"text": said.text, "ts": said.ts}
    app = core.apps.get(said.app_id)
    if said.bot_id:
        shape |= {"bot_id": said.bot_id, "app_id": said.app_id}
        if app is not None:
            shape["bot_profile"] = bot_profile(app.identity)
    if said.client_msg_id and subtype != "me_message":
        shape["client_msg_id"] = said.client_msg_id
    if not subtype:
        shape["team"] = core.team.id
    return shape | _parts(core, said, base_url) | _thread(core, said, base_url) | said.extra


def _subtype(said: Message) -> str:
    if said.is_broadcast and said.is_reply:
        return "thread_broadcast"
    return said.subtype or ("bot_message" if said.username else "")


def _blocks(said: Message) -> list[Json]:
    is_spoken = said.text and said.subtype in ("", "me_message", "file_share", "bot_message")
    return said.blocks or ([rich_text.block(said.text, seed=said.ts)] if is_spoken else [])


def _parts(core: Core, said: Message, base_url: str) -> Json:
    given: Json = {
        "blocks": _blocks(said),
        "attachments": said.attachments,
        "metadata": said.metadata,
        "username": said.username,
        "icons": said.icons,
        "reactions": [{"name": name, "users": list(who), "count": len(who)} for name, who in said.reactions.items()],
        "files": [file(core, core.files[each], base_url=base_url) for each in said.file_ids if each in core.files],
    }
    shape = {name: value for name, value in given.items() if value}
    if said.file_ids:
        shape |= {"upload": False, "display_as_bot": False}
    if said.edited_ts:
        shape["edited"] = {"user": said.edited_by, "ts": said.edited_ts}
    if said.seen_by:
        shape["is_ephemeral"] = True
    place = core.channels.get(said.channel_id)
    if place is not None and said.ts in place.pins:
        shape["pinned_to"] = [place.id]
    return shape


def _thread(core: Core, said: Message, base_url: str) -> Json:
    if not said.thread_ts:
        return {}
    place = core.channels.get(said.channel_id)
    parent = place.messages.get(said.thread_ts) if place else None
    if said.is_reply:
        shape: Json = {"thread_ts": said.thread_ts, **({"parent_user_id": parent.user_id} if parent else {})}
        root = {"root": message(core, parent, base_url=base_url)} if parent and said.is_broadcast else {}
        return shape | root
    stamps = place.threads.get(said.ts, []) if place else []
    replies = [place.messages[ts] for ts in stamps if ts in place.messages] if place else []
    users = list(dict.fromkeys(reply.user_id for reply in replies))
    return {
        "thread_ts": said.ts,
        "reply_count": len(replies),
        "reply_users_count": len(users),
        "reply_users": users[:5],
        **({"latest_reply": replies[-1].ts} if replies else {}),
        "is_locked": False,
        "subscribed": False,
    }


def permalink(core: Core, place: Channel, said: Message) -> str:
    """Where a message can be looked at."""
    address = f"https://{core.team.domain}.slack.com/archives/{place.id}/p{said.ts.replace('.', '')}"
    return f"{address}?thread_ts={said.thread_ts}&cid={place.id}" if said.is_reply else address


def channel(
    core: Core, place: Channel, *, viewer: User | None = None, is_listed: bool = False, with_count: bool = False
) -> Json:
    """A conversation object, with the keys of its kind. One of a list does not say how far `viewer` has read it."""
    count = {"num_members": len(place.members)} if with_count else {}
    if place.kind == "im":
        return _direct(core, place, viewer) | ({} if is_listed else count)
    is_member = viewer is not None and viewer.id in place.members
    shape: Json = {
        "id": place.id,
        "name": place.name,
        "name_normalized": place.name,
        "is_channel": place.kind == "channel",
        "is_group": place.kind == "group",
        "is_im": False,
        "is_mpim": place.kind == "mpim",
        "is_private": place.is_private,
        "is_archived": place.is_archived,
        "is_general": place.is_general,
        "is_shared": False,
        "is_ext_shared": False,
        "is_org_shared": False,
        "is_pending_ext_shared": False,
        "pending_shared": [],
        "pending_connected_team_ids": [],
        "shared_team_ids": [core.team.id],
        "parent_conversation": None,
        "is_member": is_member,
        "created": place.created,
        "updated": place.created * 1000,
        "creator": place.creator,
        "context_team_id": core.team.id,
        "unlinked": 0,
        "previous_names": list(place.previous_names),
        "topic": _note(place.topic),
        "purpose": _note(place.purpose),
    }
    if place.is_private:
        shape["is_open"] = viewer is None or viewer.id not in place.closed_by
    if is_member and viewer is not None and not is_listed:
        shape["last_read"] = place.last_read.get(viewer.id, "0000000000.000000")
    return shape | count


def _direct(core: Core, place: Channel, viewer: User | None) -> Json:
    others = [each for each in place.members if viewer is None or each != viewer.id]
    other = others[0] if others else next(iter(place.members), "")
    return {
        "id": place.id,
        "created": place.created,
        "is_archived": False,
        "is_im": True,
        "is_org_shared": False,
        "context_team_id": core.team.id,
        "user": other,
        "is_user_deleted": other in core.users and core.users[other].is_deleted,
        "is_open": viewer is None or viewer.id not in place.closed_by,
        "priority": 0,
    }


def _note(note: Note) -> Json:
    return {"value": note.value, "creator": note.creator, "last_set": note.last_set}


def user(core: Core, who: User) -> Json:
    """A user object."""
    return {
        "id": who.id,
        "team_id": core.team.id,
        "name": who.name,
        "deleted": who.is_deleted,
        "real_name": who.real_name,
        "tz": who.tz,
        "tz_label": who.tz,
        "tz_offset": who.tz_offset,
        "profile": profile(core, who),
        "is_admin": who.is_admin,
        "is_owner": who.is_owner,
        "is_primary_owner": False,
        "is_restricted": who.is_restricted,
        "is_ultra_restricted": False,
        "is_bot": who.is_bot,
        "is_app_user": False,
        "is_email_confirmed": not who.is_bot,
        "color": f"{zlib.crc32(who.id.encode()) & 0xFFFFFF:06x}",
        "who_can_share_contact_card": "EVERYONE",
        "updated": who.updated,
    }


def profile(core: Core, who: User) -> Json:
    """A user's profile."""
    first, _, last = who.real_name.partition(" ")
    shape: Json = {
        "title": who.title,
        "phone": "",
        "skype": "",
        "real_name": who.real_name,
        "real_name_normalized": who.real_name,
        "display_name": who.display_name or who.name,
        "display_name_normalized": who.display_name or who.name,
        "status_text": who.status_text,
        "status_emoji": who.status_emoji,
        "status_expiration": 0,
        "avatar_hash": who.id.lower(),
        "first_name": first,
        "last_name": last,
        **{f"image_{size}": f"https://a.{core.team.email_domain}/{who.id}-{size}.png" for size in _FACES},
        "team": core.team.id,
    }
    if who.is_bot:
        return shape | {"bot_id": who.bot_id, "api_app_id": who.app_id, "always_active": True}
    return shape | {"email": who.email}


def bot(app: App, *, updated: int) -> Json:
    """A bot object, as `bots.info` gives it."""
    me = app.identity
    return {
        "id": me.bot_id,
        "deleted": False,
        "name": me.app_name,
        "updated": updated,
        "app_id": me.app_id,
        "user_id": me.bot_user_id,
        "icons": _icons(),
    }


def bot_profile(me: Identity) -> Json:
    """Who speaks, inside a bot's message."""
    return {
        "id": me.bot_id,
        "app_id": me.app_id,
        "user_id": me.bot_user_id,
        "name": me.app_name,
        "icons": _icons(),
        "deleted": False,
        "updated": 1_790_000_000,
        "team_id": me.team_id,
    }


def _icons() -> Json:
    return {f"image_{size}": f"https://a.acme.test/bot-{size}.png" for size in (36, 48, 72)}


def team(core: Core) -> Json:
    """A team object."""
    here = core.team
    return {
        "id": here.id,
        "name": here.name,
        "url": f"https://{here.domain}.slack.com/",
        "domain": here.domain,
        "email_domain": here.email_domain,
        "icon": {
            **{f"image_{size}": f"https://a.{here.email_domain}/team-{size}.png" for size in _ICONS},
            "image_default": True,
        },
    }


def view(me: Identity, shown: View) -> Json:
    """A view as Slack stores and returns it: what the app gave, and everything that it left out."""
    given = shown.given
    shape: Json = {
        "id": shown.id,
        "team_id": me.team_id,
        "type": shown.kind,
        "blocks": given.get("blocks", []),
        "private_metadata": given.get("private_metadata") or "",
        "callback_id": shown.callback_id,
        "state": {"values": shown.values},
        "hash": shown.hash,
        "title": given.get("title", {"type": "plain_text", "text": "View Title", "emoji": True}),
        "clear_on_close": bool(given.get("clear_on_close")),
        "notify_on_close": bool(given.get("notify_on_close")),
        "close": given.get("close"),
        "submit": given.get("submit"),
        "previous_view_id": shown.previous_id or None,
        "root_view_id": shown.root_id,
        "app_id": me.app_id,
        "external_id": shown.external_id,
        "app_installed_team_id": me.team_id,
        "bot_id": me.bot_id,
    }
    return shape
