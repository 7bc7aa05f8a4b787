"""What programs ask about in passing and a local workspace has none of: user groups, bookmarks, quiet hours."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from tautwire.local.api.method import Call, Family, optional, required
from tautwire.local.workspace.refusal import Refusal

if TYPE_CHECKING:
    from tautwire.local.workspace.model import Json

__all__ = ["family"]

family: Final = Family()

#: What `dnd.info` says of somebody who is always to be disturbed; the times are Slack's own for "never".
_ALWAYS: Final = {"dnd_enabled": False, "next_dnd_start_ts": 1, "next_dnd_end_ts": 1}
_GROUPS: Final = (optional("include_disabled", "flag"), optional("team_id"))


@family.method(
    "usergroups.list",
    optional("include_count", "flag"),
    optional("include_users", "flag"),
    *_GROUPS,
    scopes="usergroups:read",
    errors="invalid_team missing_argument plan_upgrade_required",
    tier=2,
    takes_json=False,
    note="There are none.",
)
def usergroups_list(call: Call) -> Json:  # noqa: ARG001 - as all methods
    """User groups."""
    return {"usergroups": []}


@family.method(
    "usergroups.users.list",
    required("usergroup", missing="no_such_subteam"),
    *_GROUPS,
    scopes="usergroups:read",
    errors="no_such_subteam plan_upgrade_required",
    tier=2,
    takes_json=False,
    note="There are none.",
)
def usergroups_users_list(call: Call) -> Json:  # noqa: ARG001 - as all methods
    """Who is in a user group."""
    raise Refusal("no_such_subteam")


@family.method(
    "bookmarks.list",
    required("channel_id", missing="channel_not_found"),
    scopes="bookmarks:read",
    errors="channel_not_found not_implemented",
    takes_json=False,
    note="There are none.",
)
def bookmarks_list(call: Call) -> Json:
    """Bookmarks of a channel."""
    call.conversation("channel_id")
    return {"bookmarks": []}


@family.method(
    "dnd.info",
    optional("user"),
    optional("team_id"),
    scopes="dnd:read",
    errors="user_not_found user_not_visible",
    takes_json=False,
    note="Nobody has quiet hours.",
)
def dnd_info(call: Call) -> Json:
    """Whether somebody wants to be left alone."""
    call.person()
    return dict(_ALWAYS)


@family.method(
    "dnd.teamInfo",
    required("users", "list", missing="no_users_provided"),
    optional("team_id"),
    scopes="dnd:read",
    errors="no_users_provided user_not_visible",
    tier=2,
    takes_json=False,
    note="Nobody has quiet hours.",
)
def dnd_team_info(call: Call) -> Json:
    """Whether any of several people want to be left alone."""
    return {"users": {name: dict(_ALWAYS) for name in call.names("users") if name in call.workspace.users}}


@family.method(
    "team.profile.get",
    optional("visibility"),
    scopes="users.profile:read",
    takes_json=False,
    note="There are no custom fields.",
)
def team_profile_get(call: Call) -> Json:  # noqa: ARG001 - as all methods
    """The custom fields of profiles."""
    return {"profile": {"fields": [], "sections": []}}
