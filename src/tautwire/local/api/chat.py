"""`chat.*`: saying, changing and taking back."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from tautwire.local.api.method import Call, Family, optional, required
from tautwire.local.workspace import shapes
from tautwire.local.workspace.refusal import Refusal
from tautwire.local.workspace.talk import MAX_TEXT, Content

if TYPE_CHECKING:
    from tautwire.local.workspace.model import Channel, Json

__all__ = ["family", "warn"]

family: Final = Family()

_CONTENT: Final = (
    optional("text"),
    optional("blocks", "json"),
    optional("attachments", "json"),
    optional("markdown_text"),
    optional("metadata", "json"),
)


@family.method(
    "chat.postMessage",
    required("channel", missing="channel_not_found"),
    *_CONTENT,
    optional("thread_ts"),
    optional("reply_broadcast", "flag"),
    optional("username"),
    optional("icon_emoji"),
    optional("icon_url"),
    optional("unfurl_links", "flag"),
    optional("unfurl_media", "flag"),
    optional("link_names", "flag"),
    optional("mrkdwn", "flag"),
    optional("parse"),
    scopes="chat:write chat:write:bot",
    errors="""channel_not_found not_in_channel is_archived no_text invalid_blocks invalid_blocks_format
        too_many_attachments invalid_attachments invalid_metadata cannot_reply_to_message thread_not_found
        markdown_text_conflict user_not_found user_disabled too_many_users""",
    tier="special",
)
def post_message(call: Call) -> Json:
    """Say something in a channel, to a person (a user's id opens the direct conversation), or in a thread."""
    channel, content = _place(call), _content(call)
    said = call.workspace.talk.post(channel, content, by=call.user, wall=call.wall, app=call.app)
    shape = shapes.message(call.workspace.core, said, base_url=call.base_url)
    answer: Json = {"channel": channel.id, "ts": said.ts, "message": shape}
    return warn(answer, "message_truncated") if len(content.text or "") > MAX_TEXT else answer


def _place(call: Call) -> Channel:
    name = call.text("channel")
    if name in call.workspace.users:
        return call.workspace.direct(call.user, call.workspace.user(name), wall=call.wall)
    return call.channel()


def _content(call: Call) -> Content:
    text, markdown = call.args.get("text"), call.text("markdown_text")
    blocks, attachments = call.structure("blocks"), call.structure("attachments")
    if markdown and (text or blocks):
        raise Refusal("markdown_text_conflict")
    for value, error in ((blocks, "invalid_blocks_format"), (attachments, "invalid_attachments")):
        if value is not None and not isinstance(value, list):
            raise Refusal(error)
    metadata: Any = call.structure("metadata")
    icons = {"emoji": call.text("icon_emoji")} if call.text("icon_emoji") else None
    return Content(
        text=markdown or (None if text is None else call.text("text")),
        blocks=blocks,
        attachments=attachments,
        metadata=metadata if isinstance(metadata, dict) else None,
        thread_ts=call.text("thread_ts"),
        is_broadcast=call.flag("reply_broadcast"),
        username=call.text("username"),
        icons=icons,
    )


def warn(answer: Json, *warnings: str) -> Json:
    """`answer` with Slack's two ways of warning."""
    metadata = answer.get("response_metadata", {}) | {"warnings": list(warnings)}
    return {**answer, "warning": ",".join(warnings), "response_metadata": metadata}
