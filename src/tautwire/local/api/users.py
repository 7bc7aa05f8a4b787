"""`users.*`: people and bots, their profiles, whether they are there. (`users.conversations` is in `conversations`.)"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from tautwire.local.api.method import Call, Family, optional, required
from tautwire.local.api.paging import page
from tautwire.local.workspace import shapes
from tautwire.local.workspace.refusal import Refusal

if TYPE_CHECKING:
    from tautwire.local.workspace.model import Json, User

__all__ = ["family"]

family: Final = Family()

_EMAIL: Final = "users:read.email"
#: Fields of a profile that an app may set, and what they are called in the model.
_SETTABLE: Final = {
    "real_name": "real_name",
    "display_name": "display_name",
    "email": "email",
    "title": "title",
    "status_text": "status_text",
    "status_emoji": "status_emoji",
}
_MAX_STATUS: Final = 100
_MAX_FIELDS: Final = 50


def _shown(call: Call, who: User) -> Json:
    shape = shapes.user(call.workspace.core, who) | ({"locale": "en-US"} if call.flag("include_locale") else {})
    shape["profile"] = _profile(call, who)
    return shape


def _profile(call: Call, who: User) -> Json:
    """A profile; the address only for who has the scope for it (docs.slack.dev, scope users:read.email)."""
    shape = shapes.profile(call.workspace.core, who)
    if not call.may(_EMAIL):
        shape.pop("email", None)
    return shape


@family.method(
    "users.list",
    optional("include_locale", "flag"),
    optional("team_id"),
    scopes="users:read",
    errors="limit_required missing_argument invalid_limit",
    tier=2,
    takes_json=False,
    is_paged=True,
    note="Without `limit` all users come at once, however many.",
)
def list_users(call: Call) -> Json:
    """Everybody: people, bots, those who have left."""
    everybody = list(call.workspace.users.values())
    part = page(call, everybody, list(call.workspace.users), usual=max(1, len(everybody)), word="user")
    members = [_shown(call, each) for each in part.items]
    return {"members": members, "cache_ts": int(call.wall), **part.metadata}


@family.method(
    "users.info",
    required("user", missing="user_not_found"),
    optional("include_locale", "flag"),
    scopes="users:read",
    errors="user_not_found user_not_visible too_many_users",
    tier=4,
    takes_json=False,
)
def info(call: Call) -> Json:
    """Facts about somebody."""
    return {"user": _shown(call, call.person())}


@family.method(
    "users.lookupByEmail",
    required("email", missing="users_not_found"),
    scopes=_EMAIL,
    errors="users_not_found",
    takes_json=False,
)
def look_up_by_email(call: Call) -> Json:
    """Somebody by mail address."""
    return {"user": _shown(call, call.workspace.people.by_email(call.text("email")))}


@family.method(
    "users.profile.get",
    optional("user"),
    optional("include_labels", "flag"),
    scopes="users.profile:read",
    errors="user_not_found",
    tier=4,
    takes_json=False,
    note="There are no custom fields.",
)
def get_profile(call: Call) -> Json:
    """Somebody's profile, the caller's own by default."""
    return {"profile": _profile(call, call.person()) | {"fields": {}}}


@family.method(
    "users.profile.set",
    optional("profile", "json"),
    optional("name"),
    optional("value"),
    optional("user"),
    tokens=("user",),
    user_scopes="users.profile:write",
    errors="invalid_profile not_admin not_app_admin too_long email_taken user_not_found",
    note="Custom fields and expiring states are left aside.",
)
def set_profile(call: Call) -> Json:
    """Change a profile: the person's own, or for an admin anybody's."""
    who = call.person()
    if who is not call.user and not call.user.is_admin:
        raise Refusal("not_admin")
    given = _given_profile(call)
    if len(str(given.get("status_text", ""))) > _MAX_STATUS:
        raise Refusal("too_long")
    email = str(given.get("email") or "").lower()
    if email and any(each.email.lower() == email and each is not who for each in call.workspace.users.values()):
        raise Refusal("email_taken")
    known = {_SETTABLE[name]: str(value or "") for name, value in given.items() if name in _SETTABLE}
    call.workspace.people.change(who, wall=call.wall, **known)
    return {"username": who.name, "profile": _profile(call, who)}


def _given_profile(call: Call) -> dict[str, Any]:
    given = call.structure("profile", error="invalid_profile")
    if given is None and call.text("name"):
        given = {call.text("name"): call.text("value")}
    if not isinstance(given, dict) or not given or len(given) > _MAX_FIELDS:
        raise Refusal("invalid_profile")
    return given


@family.method("users.getPresence", optional("user"), scopes="users:read", errors="user_not_found", takes_json=False)
def get_presence(call: Call) -> Json:
    """Whether somebody is there: `active` or `away`; of the caller, how Slack knows."""
    who = call.person()
    if who is not call.user:
        return {"presence": who.presence}
    is_there = who.presence == "active"
    return {
        "presence": who.presence,
        "online": is_there,
        "auto_away": False,
        "manual_away": not is_there,
        "connection_count": int(is_there),
        "last_activity": int(call.wall),
    }


@family.method(
    "users.setPresence",
    required("presence", missing="invalid_presence"),
    scopes="users:write",
    errors="invalid_presence",
    tier=2,
)
def set_presence(call: Call) -> Json:
    """Be `away`, or let Slack find out (`auto`)."""
    wanted = call.text("presence")
    if wanted not in ("auto", "away"):
        raise Refusal("invalid_presence")
    call.workspace.people.change(call.user, wall=call.wall, presence="active" if wanted == "auto" else "away")
    return {}


@family.method(
    "users.identity",
    tokens=("user",),
    user_scopes="identity.basic",
    errors="email_not_verified invalid_user_id",
    takes_json=False,
)
def identity(call: Call) -> Json:
    """Who has signed in with Slack."""
    who, team = call.user, call.workspace.team
    user: Json = {"id": who.id, "name": who.real_name or who.name}
    if call.may("identity.email"):
        user["email"] = who.email
    return {"user": user, "team": {"id": team.id, "name": team.name}}
