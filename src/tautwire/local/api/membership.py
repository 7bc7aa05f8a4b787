"""`conversations.*`: who is in, who comes and who goes; direct conversations that open and close."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from tautwire.local.api.conversations import CHANGES, READS, USER_CHANGES, shown
from tautwire.local.api.method import Call, Family, optional, required, warn
from tautwire.local.api.paging import page
from tautwire.local.workspace.places import MAX_GROUP
from tautwire.local.workspace.refusal import Refusal

if TYPE_CHECKING:
    from tautwire.local.workspace.model import Channel, Json, User

__all__ = ["family"]

family: Final = Family()


@family.method(
    "conversations.members",
    required("channel"),
    scopes=READS,
    errors="channel_not_found fetch_members_failed invalid_limit method_not_supported_for_channel_type",
    tier=4,
    takes_json=False,
    is_paged=True,
)
def members(call: Call) -> Json:
    """The ids of those who are in."""
    ids = list(call.conversation().members)
    part = page(call, ids, ids, word="user_id")
    return {"members": part.items, **part.metadata}


@family.method(
    "conversations.join",
    required("channel"),
    scopes="channels:join",
    user_scopes="channels:write",
    errors="""channel_not_found channel_is_limited_access is_archived method_not_supported_for_channel_type
        too_many_members""",
)
def join(call: Call) -> Json:
    """Come into a public channel."""
    place = call.conversation()
    is_new = call.workspace.places.join(place, call.user, wall=call.wall)
    answer = {"channel": shown(call, place)}
    return answer if is_new else warn(answer, "already_in_channel")


@family.method(
    "conversations.leave",
    required("channel"),
    scopes=CHANGES,
    user_scopes=USER_CHANGES,
    errors="""cant_leave_general channel_not_found is_archived last_member method_not_supported_for_channel_type
        user_is_restricted""",
)
def leave(call: Call) -> Json:
    """Go; `not_in_channel` when the caller was not in."""
    was_in = call.workspace.places.leave(call.conversation(), call.user, wall=call.wall)
    return {} if was_in else {"not_in_channel": True}


_INVITES: Final = "channels:write.invites groups:write.invites mpim:write.invites"


@family.method(
    "conversations.invite",
    required("channel"),
    required("users", "list", missing="no_user"),
    optional("force", "flag"),
    scopes=f"{CHANGES} {_INVITES}",
    user_scopes=f"{USER_CHANGES} {_INVITES}",
    errors="""already_in_channel cant_invite cant_invite_self channel_not_found is_archived not_in_channel no_user
        method_not_supported_for_channel_type user_is_restricted user_is_disabled user_not_found""",
)
def invite(call: Call) -> Json:
    """Bring people in; when one of several cannot come, nobody does, unless `force` says so."""
    place, places = call.conversation(), call.workspace.places
    places.may_invite(place, by=call.user)
    guests, failed = _guests(call, place)
    if failed and not (guests and call.flag("force")):
        raise Refusal(failed[0]["error"], errors=failed)
    for guest in guests:
        places.invite(place, guest, by=call.user, wall=call.wall)
    return {"channel": shown(call, place), **({"errors": failed} if failed else {})}


def _guests(call: Call, place: Channel) -> tuple[list[User], list[Json]]:
    """Who can come, and who cannot and why."""
    names = list(dict.fromkeys(call.names("users")))
    if not names:
        raise Refusal("no_user")
    guests: list[User] = []
    failed: list[Json] = []
    for name in names:
        try:
            guest = call.someone(name)
            call.workspace.places.may_come(place, guest, by=call.user)
            guests.append(guest)
        except Refusal as refusal:
            failed.append({"user": name, "ok": False, "error": refusal.error})
    return guests, failed


@family.method(
    "conversations.kick",
    required("channel"),
    required("user", missing="user_not_found"),
    scopes=CHANGES,
    user_scopes=USER_CHANGES,
    errors="""cant_kick_from_general cant_kick_self channel_not_found method_not_supported_for_channel_type
        not_in_channel restricted_action user_not_found""",
)
def kick(call: Call) -> Json:
    """Make somebody go."""
    call.workspace.places.kick(call.conversation(), call.person(), by=call.user, wall=call.wall)
    return {"errors": {}}


@family.method(
    "conversations.open",
    optional("channel"),
    optional("users", "list"),
    optional("return_im", "flag"),
    optional("prevent_creation", "flag"),
    scopes="im:write mpim:write channels:manage groups:write",
    user_scopes="im:write mpim:write channels:write groups:write",
    errors="""channel_not_found method_not_supported_for_channel_type not_enough_users too_many_users user_disabled
        user_not_found user_not_visible users_list_not_supplied""",
)
def open_direct(call: Call) -> Json:
    """The direct conversation with one person or with several, made when there is none yet."""
    if call.text("channel"):
        place = call.conversation()
        was_open = call.workspace.places.reopen(place, by=call.user)
    else:
        place, was_open = _with(call)
    answer: Json = {"channel": shown(call, place) if call.flag("return_im") else {"id": place.id}}
    return {"no_op": True, "already_open": True, **answer} if was_open else answer


def _with(call: Call) -> tuple[Channel, bool]:
    names = call.names("users")
    if not names:
        raise Refusal("users_list_not_supplied")
    if len(names) > MAX_GROUP:
        raise Refusal("too_many_users")
    people = [call.someone(name) for name in names]
    members = {call.user.id, *(each.id for each in people)}
    call.check_scopes("im" if len(members) <= 2 else "mpim")
    if call.flag("prevent_creation") and call.workspace.places.find_direct(members) is None:
        raise Refusal("channel_not_found")
    return call.workspace.places.open_direct(people, by=call.user, wall=call.wall)


@family.method(
    "conversations.close",
    required("channel"),
    scopes=CHANGES,
    user_scopes=USER_CHANGES,
    errors="channel_not_found method_not_supported_for_channel_type user_does_not_own_channel",
    tier=2,
)
def close(call: Call) -> Json:
    """Put a direct conversation away."""
    was_open = call.workspace.places.close_direct(call.conversation(), by=call.user)
    return {} if was_open else {"no_op": True, "already_closed": True}
