"""`conversations.*`: which there are, who sees them, what they are called. See also `membership` and `history`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from tautwire.local.api.method import Call, Family, optional, required
from tautwire.local.api.paging import page
from tautwire.local.workspace import shapes
from tautwire.local.workspace.refusal import Refusal

if TYPE_CHECKING:
    from collections.abc import Callable

    from tautwire.local.workspace.model import Channel, ChannelKind, Json

__all__ = ["CHANGES", "READS", "USER_CHANGES", "family", "shown"]

family: Final = Family()

#: The scopes for looking and for changing, in the order in which Slack names them in `needed`.
READS: Final = "channels:read groups:read mpim:read im:read"
CHANGES: Final = "channels:manage groups:write mpim:write im:write"
USER_CHANGES: Final = "channels:write groups:write mpim:write im:write"
_TOPICS: Final = "channels:write.topic groups:write.topic mpim:write.topic im:write.topic"
_NAME_ERRORS: Final = """invalid_name invalid_name_maxlength invalid_name_punctuation invalid_name_required
    invalid_name_specials name_taken"""
#: Slack's words for kinds, in arguments and in `channel_type`.
_TYPES: Final[dict[str, ChannelKind]] = {
    "public_channel": "channel",
    "private_channel": "group",
    "mpim": "mpim",
    "im": "im",
}
_LISTING: Final = (optional("types", "list"), optional("exclude_archived", "flag"), optional("team_id"))
_LIST_ERRORS: Final = "invalid_types invalid_limit method_not_supported_for_channel_type missing_argument"
#: The most on one page (docs.slack.dev: "under 1000").
_MOST: Final = 999


def shown(call: Call, place: Channel) -> Json:
    """A conversation object as the caller sees it."""
    return shapes.channel(call.workspace.core, place, viewer=call.user)


@family.method(
    "conversations.list",
    *_LISTING,
    scopes=READS,
    errors=_LIST_ERRORS,
    tier=2,
    takes_json=False,
    is_paged=True,
)
def list_conversations(call: Call) -> Json:
    """Public channels, and of the other kinds those that the caller is in."""
    return _listed(call, lambda place: not place.is_private or call.user.id in place.members, with_count=True)


@family.method(
    "users.conversations",
    *_LISTING,
    optional("user"),
    scopes=READS,
    errors=f"{_LIST_ERRORS} user_not_found",
    takes_json=False,
    is_paged=True,
)
def of_user(call: Call) -> Json:
    """What the caller is in, or another person: of theirs, private ones only where the caller is, too."""
    who, me = call.person(), call.user

    def is_theirs(place: Channel) -> bool:
        return who.id in place.members and (not place.is_private or me.id in place.members)

    return _listed(call, is_theirs, with_count=False)


def _listed(call: Call, is_seen: Callable[[Channel], bool], *, with_count: bool) -> Json:
    kinds = _kinds(call)
    is_hidden = call.flag("exclude_archived")
    places = [
        place
        for place in call.workspace.channels.values()
        if place.kind in kinds and is_seen(place) and not (is_hidden and place.is_archived)
    ]
    part = page(call, places, [place.id for place in places], most=_MOST, word="team")
    core, user = call.workspace.core, call.user
    found = [shapes.channel(core, each, viewer=user, is_listed=True, with_count=with_count) for each in part.items]
    return {"channels": found, **part.metadata}


def _kinds(call: Call) -> set[ChannelKind]:
    """The kinds asked for; one without its scope fails the whole call (seen in langwatch/langwatch#6254)."""
    names = call.names("types") or ["public_channel"]
    if not _TYPES.keys() >= set(names):
        raise Refusal("invalid_types")
    for name in names:
        call.check_scopes(_TYPES[name])
    return {_TYPES[name] for name in names}


@family.method(
    "conversations.info",
    required("channel"),
    optional("include_locale", "flag"),
    optional("include_num_members", "flag"),
    scopes=READS,
    errors="channel_not_found channel_is_limited_access",
    takes_json=False,
)
def info(call: Call) -> Json:
    """Facts about one conversation."""
    place = call.conversation()
    shape = shapes.channel(call.workspace.core, place, viewer=call.user, with_count=call.flag("include_num_members"))
    return {"channel": shape | ({"locale": "en-US"} if call.flag("include_locale") else {})}


@family.method(
    "conversations.create",
    required("name"),
    optional("is_private", "flag"),
    optional("team_id"),
    scopes=CHANGES,
    user_scopes=USER_CHANGES,
    errors=f"{_NAME_ERRORS} cannot_create_channel missing_argument no_channel restricted_action",
    tier=2,
)
def create(call: Call) -> Json:
    """A new channel, with the caller in it."""
    is_private = call.flag("is_private")
    call.check_scopes("group" if is_private else "channel")
    name = call.text("name")
    return {
        "channel": shown(call, call.workspace.places.create(name, by=call.user, wall=call.wall, is_private=is_private))
    }


@family.method(
    "conversations.rename",
    required("channel"),
    required("name"),
    scopes=CHANGES,
    user_scopes=USER_CHANGES,
    errors=f"""{_NAME_ERRORS} channel_not_found is_archived method_not_supported_for_channel_type not_authorized
        not_in_channel""",
    tier=2,
)
def rename(call: Call) -> Json:
    """Another name."""
    place = call.conversation()
    call.workspace.places.rename(place, call.text("name"), by=call.user, wall=call.wall)
    return {"channel": shown(call, place)}


@family.method(
    "conversations.archive",
    required("channel"),
    scopes=CHANGES,
    user_scopes=USER_CHANGES,
    errors="""already_archived cant_archive_general cant_archive_required channel_not_found not_in_channel
        method_not_supported_for_channel_type restricted_action""",
    tier=2,
)
def archive(call: Call) -> Json:
    """Close a channel for good."""
    call.workspace.places.archive(call.conversation(), by=call.user, wall=call.wall)
    return {}


@family.method(
    "conversations.unarchive",
    required("channel"),
    scopes=CHANGES,
    user_scopes=USER_CHANGES,
    errors="channel_not_found method_not_supported_for_channel_type not_archived",
    tier=2,
)
def unarchive(call: Call) -> Json:
    """Open it again."""
    call.workspace.places.unarchive(call.conversation(), by=call.user, wall=call.wall)
    return {}


_NOTE_ERRORS: Final = (
    "channel_not_found is_archived method_not_supported_for_channel_type not_in_channel too_long user_is_restricted"
)


@family.method(
    "conversations.setTopic",
    required("channel"),
    required("topic"),
    scopes=f"{CHANGES} {_TOPICS}",
    user_scopes=f"{USER_CHANGES} {_TOPICS}",
    errors=_NOTE_ERRORS,
    tier=2,
)
def set_topic(call: Call) -> Json:
    """What a channel is about just now."""
    place = call.conversation()
    call.workspace.places.set_topic(place, call.text("topic"), by=call.user, wall=call.wall)
    return {"channel": shown(call, place)}


@family.method(
    "conversations.setPurpose",
    required("channel"),
    required("purpose"),
    scopes=f"{CHANGES} {_TOPICS}",
    user_scopes=f"{USER_CHANGES} {_TOPICS}",
    errors=_NOTE_ERRORS,
    tier=2,
)
def set_purpose(call: Call) -> Json:
    """What a channel is for."""
    place = call.conversation()
    call.workspace.places.set_purpose(place, call.text("purpose"), by=call.user, wall=call.wall)
    return {"channel": shown(call, place)}
