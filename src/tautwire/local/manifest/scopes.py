"""What is known of Slack's permission scopes: their names, and which needs which. Pure.

The names are those of Slack's pages docs.slack.dev/reference/scopes and of its methods' pages (2026), with those that
@slack/web-api lists for manifests. New ones appear, so that an unknown name is only ever a warning.
"""

from typing import Final

__all__ = ["BOT_SCOPES", "NEEDS", "USER_SCOPES", "replaced"]


def _words(text: str) -> tuple[str, ...]:
    return tuple(text.split())


#: What a bot token can be granted.
BOT_SCOPES: Final = _words(
    """
    app_mentions:read assistant:write bookmarks:read bookmarks:write calls:read calls:write canvases:read canvases:write
    channels:history channels:join channels:manage channels:read channels:write channels:write.invites
    channels:write.topic chat:write chat:write.customize chat:write.public commands conversations.connect:manage
    conversations.connect:read conversations.connect:write datastore:read datastore:write dnd:read emoji:read files:read
    files:write groups:history groups:read groups:write groups:write.invites groups:write.topic im:history im:read
    im:write im:write.topic incoming-webhook links.embed:write links:read links:write lists:read lists:write
    metadata.message:read mpim:history mpim:read mpim:write mpim:write.invites mpim:write.topic pins:read pins:write
    reactions:read reactions:write reminders:read reminders:write remote_files:read remote_files:share
    remote_files:write search:read.enterprise search:read.files search:read.im search:read.mpim search:read.private
    search:read.public search:read.users team.billing:read team.preferences:read team:read tokens.basic triggers:read
    triggers:write usergroups:read usergroups:write users.profile:read users:read users:read.email users:write
    workflow.steps:execute
    """
)

_BOTS_ONLY: Final = _words(
    """
    app_mentions:read assistant:write channels:join channels:manage chat:write.customize chat:write.public
    conversations.connect:manage conversations.connect:read conversations.connect:write datastore:read datastore:write
    workflow.steps:execute
    """
)

_PEOPLE_ONLY: Final = _words(
    """
    admin admin.analytics:read admin.app_activities:read admin.apps:read admin.apps:write admin.barriers:read
    admin.barriers:write admin.chat:read admin.chat:write admin.conversations:manage_objects admin.conversations:read
    admin.conversations:write admin.invites:read admin.invites:write admin.roles:read admin.roles:write
    admin.teams:read admin.teams:write admin.usergroups:read admin.usergroups:write admin.users:read admin.users:write
    admin.workflows:read admin.workflows:write auditlogs:read dnd:write email identity.avatar identity.basic
    identity.email identity.team identity:read openid profile search:read stars:read stars:write users.profile:write
    """
)

#: What a person's token can be granted.
USER_SCOPES: Final = tuple(scope for scope in BOT_SCOPES if scope not in _BOTS_ONLY) + _PEOPLE_ONLY

#: Scopes that Slack grants only together with another one, each as its own page says.
NEEDS: Final = {
    "chat:write.customize": "chat:write",
    "chat:write.public": "chat:write",
    "users:read.email": "users:read",
}

#: Names from before granular bots; docs.slack.dev/reference/scopes/chat.write says what replaces them.
_REPLACED: Final = {"chat:write:bot": "chat:write", "chat:write:user": "chat:write"}


def replaced(scope: str) -> str:
    """The scope's name of today: the two halves of old are one `chat:write` now."""
    return _REPLACED.get(scope, scope)
