"""Which scopes an app needs to be told of an event, and under which name it subscribes to it. Pure.

The scopes are those on each event's own page, docs.slack.dev/reference/events/<type>, which say the same as the
`x-scopes-required` of Slack's AsyncAPI description (slackapi/slack-api-specs, 2021) wherever both know the event. Where
an event has several, each stands for the conversations of its kind and one is enough to subscribe: "if your bot or app
has the channels:read scope, it will receive events for public channels" (the page of member_joined_channel).

From the AsyncAPI description alone come channel_archive, channel_unarchive, channel_created, channel_deleted,
channel_rename, group_archive, group_unarchive, star_added and user_change. Inferred are the user_*_changed events,
which are "identical to the existing user_change event", and group_deleted, from the other group events. No page could
be read of the agent events, entity_details_requested, function_executed, team_access_revoked and of shared channel
invites that are accepted, approved or declined: these stand here as needing nothing, so that no app misses them by a
mistake of ours.
"""

from collections.abc import Collection
from typing import Final

__all__ = ["SCOPES", "UNASKED", "is_covered", "scopes_for", "subscriptions"]

_CHANNELS: Final = ("channels:read",)
_GROUPS: Final = ("groups:read",)
_DIRECT: Final = ("im:read",)
_FILES: Final = ("files:read",)
_PEOPLE: Final = ("users:read",)
_TEAM: Final = ("team:read",)
_USERGROUPS: Final = ("usergroups:read",)
_METADATA: Final = ("metadata.message:read",)
_FREE: Final[tuple[str, ...]] = ()

#: Event types as a manifest subscribes to them, each with scopes of which one has to be granted; none: no scope needed.
SCOPES: Final[dict[str, tuple[str, ...]]] = {
    "agent_session_stopped": _FREE,
    "app_context_changed": _FREE,
    "app_deleted": ("admin.apps:read",),
    "app_home_opened": _FREE,
    "app_installed": _FREE,
    "app_mention": ("app_mentions:read",),
    "app_requested": _FREE,
    "app_uninstalled": _FREE,
    "app_uninstalled_team": ("admin.apps:read",),
    "assistant_thread_context_changed": _FREE,
    "assistant_thread_started": _FREE,
    "call_rejected": _FREE,
    "channel_archive": _CHANNELS,
    "channel_created": _CHANNELS,
    "channel_deleted": _CHANNELS,
    "channel_history_changed": ("channels:history", "groups:history", "mpim:history"),
    "channel_id_changed": _FREE,
    "channel_left": _CHANNELS,
    "channel_rename": _CHANNELS,
    "channel_shared": ("channels:read", "groups:read"),
    "channel_unarchive": _CHANNELS,
    "channel_unshared": ("channels:read", "groups:read"),
    "dnd_updated": ("dnd:read",),
    "dnd_updated_user": ("dnd:read",),
    "email_domain_changed": _TEAM,
    "emoji_changed": ("emoji:read",),
    "entity_details_requested": _FREE,
    "external_org_migration_finished": _FREE,
    "external_org_migration_started": _FREE,
    "file_change": _FILES,
    "file_comment_added": _FILES,
    "file_comment_deleted": _FILES,
    "file_comment_edited": _FILES,
    "file_created": _FILES,
    "file_deleted": _FILES,
    "file_public": _FILES,
    "file_shared": _FILES,
    "file_unshared": _FILES,
    "function_executed": _FREE,
    "grid_migration_finished": _FREE,
    "grid_migration_started": _FREE,
    "group_archive": _GROUPS,
    "group_close": _GROUPS,
    "group_deleted": _GROUPS,
    "group_history_changed": ("groups:history",),
    "group_left": _GROUPS,
    "group_open": _GROUPS,
    "group_rename": _GROUPS,
    "group_unarchive": _GROUPS,
    "im_close": _DIRECT,
    "im_created": _DIRECT,
    "im_history_changed": ("im:history",),
    "im_open": _DIRECT,
    "invite_requested": ("admin.invites:read",),
    "link_shared": ("links:read",),
    "member_joined_channel": ("channels:read", "groups:read", "mpim:read"),
    "member_left_channel": ("channels:read", "groups:read"),
    "message.app_home": _FREE,
    "message.channels": ("channels:history",),
    "message.groups": ("groups:history",),
    "message.im": ("im:history",),
    "message.mpim": ("mpim:history",),
    "message_metadata_deleted": _METADATA,
    "message_metadata_posted": _METADATA,
    "message_metadata_updated": _METADATA,
    "pin_added": ("pins:read",),
    "pin_removed": ("pins:read",),
    "reaction_added": ("reactions:read",),
    "reaction_removed": ("reactions:read",),
    "shared_channel_invite_accepted": _FREE,
    "shared_channel_invite_approved": _FREE,
    "shared_channel_invite_declined": _FREE,
    "shared_channel_invite_received": _FREE,
    "shared_channel_invite_requested": _FREE,
    "star_added": ("stars:read",),
    "star_removed": ("stars:read",),
    "subteam_created": _USERGROUPS,
    "subteam_members_changed": _USERGROUPS,
    "subteam_self_added": _USERGROUPS,
    "subteam_self_removed": _USERGROUPS,
    "subteam_updated": _USERGROUPS,
    "team_access_granted": _FREE,
    "team_access_revoked": _FREE,
    "team_domain_change": _TEAM,
    "team_join": _PEOPLE,
    "team_rename": _TEAM,
    "tokens_revoked": _FREE,
    "user_change": _PEOPLE,
    "user_huddle_changed": _PEOPLE,
    "user_profile_changed": _PEOPLE,
    "user_status_changed": _PEOPLE,
}

#: Sent without a subscription ("this event does not require a specific OAuth scope or subscription", says its page).
UNASKED: Final = frozenset({"app_rate_limited"})

_MESSAGES: Final = {
    "channel": "message.channels",
    "group": "message.groups",
    "im": "message.im",
    "mpim": "message.mpim",
    "app_home": "message.app_home",
}

_PREFIXES: Final = {"channel": "channels:", "group": "groups:", "im": "im:", "mpim": "mpim:"}


def subscriptions(event_type: str, channel_type: str | None = None) -> tuple[str, ...]:
    """The names under which an event of this type may be subscribed to.

    A `message` has one for each kind of conversation; without a `channel_type` any of them will do.
    """
    if event_type != "message":
        return (event_type,)
    if channel_type is None:
        return tuple(_MESSAGES.values())
    return (_MESSAGES[channel_type],) if channel_type in _MESSAGES else ()


def scopes_for(event_type: str) -> tuple[str, ...]:
    """Scopes of which one has to be granted; none for an event that needs none or is not known here."""
    return SCOPES.get(event_type, _FREE)


def is_covered(event_type: str, channel_type: str | None, granted: Collection[str]) -> bool:
    """Whether `granted` lets an app hear this event; `channel_type` is where it happened, `None` anywhere."""
    needed = scopes_for(event_type)
    if len(needed) > 1:
        prefix = _PREFIXES.get(channel_type or "", "")
        needed = tuple(scope for scope in needed if scope.startswith(prefix)) or ("",)
    return not needed or any(scope in granted for scope in needed)
