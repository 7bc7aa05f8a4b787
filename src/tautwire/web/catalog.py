"""What is known of Slack's methods by name: how a Python name becomes a method, and where arguments have their place.

A method that is not listed here is still callable: it goes out as a form, which every Slack method understands.
"""

from __future__ import annotations

import re
from typing import Final

__all__ = [
    "BASIC_AUTH_METHODS",
    "FILE_ARGUMENTS",
    "JSON_METHODS",
    "POSITIONAL_ARGUMENTS",
    "SECRET_ARGUMENTS",
    "method_of",
]

_NAME: Final = re.compile(r"[a-z][A-Za-z0-9]*(?:_[A-Za-z0-9]+)+")

#: Methods that slack_sdk sends as JSON, so that a stand-in for Slack written against it sees the same body here.
JSON_METHODS: Final = frozenset(
    """
    agents.conversations.archive agents.conversations.create agents.conversations.getCanvas
    agents.conversations.listViews agents.conversations.removeView agents.conversations.setCanvasContent
    agents.conversations.setCommands agents.conversations.setProperties agents.conversations.setView
    agents.sessions.rename agents.sessions.setStatus
    assistant.threads.setStatus assistant.threads.setSuggestedPrompts
    canvases.create canvases.edit conversations.canvases.create
    channels.archive channels.create channels.invite channels.join channels.kick channels.leave channels.mark
    channels.rename channels.setPurpose channels.setTopic channels.unarchive
    chat.appendStream chat.postEphemeral chat.postMessage chat.scheduleMessage chat.startStream chat.stopStream
    chat.unfurl chat.update
    dialog.open entity.presentDetails
    groups.archive groups.create groups.invite groups.kick groups.leave groups.mark groups.open groups.rename
    groups.setPurpose groups.setTopic groups.unarchive
    im.close im.mark im.open mpim.close mpim.mark
    slackLists.access.delete slackLists.access.set slackLists.create slackLists.download.get
    slackLists.download.start slackLists.items.create slackLists.items.delete slackLists.items.deleteMultiple
    slackLists.items.info slackLists.items.list slackLists.items.update slackLists.update
    users.profile.set views.open views.publish views.push views.update
    workflows.stepCompleted workflows.stepFailed workflows.updateStep
    """.split()  # noqa: SIM905  # a list literal would take a line for each
)

#: Arguments that are files and make the call multipart: a path, bytes, or an open binary file.
FILE_ARGUMENTS: Final = {
    "files.remote.add": ("indexable_file_contents", "preview_image"),
    "files.remote.update": ("indexable_file_contents", "preview_image"),
    "files.upload": ("file",),
    "users.setPhoto": ("image",),
}

#: Methods whose `client_id` and `client_secret` travel as HTTP Basic credentials, as Slack advises.
BASIC_AUTH_METHODS: Final = frozenset({"oauth.access", "oauth.v2.access", "openid.connect.token"})

#: The few methods that slack_sdk also lets be called with positional arguments, in their order.
POSITIONAL_ARGUMENTS: Final = {
    "auth.teams.list": ("cursor", "limit", "include_icon"),
    "dnd.teamInfo": ("users", "team_id"),
    "emoji.list": ("include_categories",),
    "entity.presentDetails": ("trigger_id", "metadata", "user_auth_required", "user_auth_url", "error"),
    "openid.connect.token": ("client_id", "client_secret", "code", "redirect_uri", "grant_type", "refresh_token"),
    "users.discoverableContacts.lookup": ("email",),
}

#: Arguments that are credentials themselves; `AsyncSlackResponse.req_args` masks them.
SECRET_ARGUMENTS: Final = frozenset(
    {"app_token", "client_secret", "code", "code_verifier", "refresh_token", "token", "user_token"}
)


def method_of(name: str) -> str | None:
    """The Web API method that the Python `name` stands for: `chat_postMessage` → `chat.postMessage`.

    Every underscore is a dot; Slack has no method without a dot and none with an underscore. `None` for a name that
    cannot be a method's.
    """
    return name.replace("_", ".") if _NAME.fullmatch(name) else None
