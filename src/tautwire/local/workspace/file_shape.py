"""A file in Slack's JSON."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import quote

if TYPE_CHECKING:
    from tautwire.local.workspace.core import Core
    from tautwire.local.workspace.model import File, Json

__all__ = ["file"]


def file(core: Core, what: File, *, base_url: str = "") -> Json:
    """A file object; its URLs lead to the local Slack."""
    public = [each for each in what.shares if each in core.channels and core.channels[each].kind == "channel"]
    private = [each for each in what.shares if each in core.channels and core.channels[each].kind != "channel"]
    place, name = f"{base_url}/files-pri/{core.team.id}-{what.id}", quote(what.name, safe="")
    return {
        "id": what.id,
        "created": what.created,
        "timestamp": what.created,
        "name": what.name,
        "title": what.title,
        "mimetype": what.mimetype,
        "filetype": what.filetype,
        "pretty_type": what.filetype.upper(),
        "user": what.user_id,
        "user_team": core.team.id,
        "editable": False,
        "size": what.size,
        "mode": "snippet" if what.snippet_type else "hosted",
        "is_external": False,
        "external_type": "",
        "is_public": bool(public),
        "public_url_shared": False,
        "display_as_bot": False,
        "username": "",
        "url_private": f"{place}/{name}",
        "url_private_download": f"{place}/download/{name}",
        "permalink": f"https://{core.team.domain}.slack.com/files/{what.user_id}/{what.id}/{name}",
        "channels": public,
        "groups": [each for each in private if core.channels[each].kind == "group"],
        "ims": [each for each in private if core.channels[each].is_direct],
        "shares": _shares(core, what),
        "comments_count": 0,
        "has_rich_preview": False,
        "file_access": "visible",
        **({"alt_txt": what.alt_text} if what.alt_text else {}),
    }


def _shares(core: Core, what: File) -> Json:
    shape: dict[str, Any] = {}
    for channel_id, stamps in what.shares.items():
        place = core.channels.get(channel_id)
        if place is not None:
            word = "public" if place.kind == "channel" else "private"
            shape.setdefault(word, {})[channel_id] = [{"ts": ts, "team_id": core.team.id} for ts in stamps]
    return shape
