"""What the methods that say something have in common: their arguments, and reading a message from them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from tautwire.local.api.method import optional
from tautwire.local.workspace.content import Content
from tautwire.local.workspace.refusal import Refusal

if TYPE_CHECKING:
    from tautwire.local.api.call import Call
    from tautwire.local.workspace import Channel
    from tautwire.local.workspace.model import Json

__all__ = [
    "BODY",
    "CONTENT_ERRORS",
    "PLACE_ERRORS",
    "STYLE",
    "THREAD",
    "UNFURL",
    "content_of",
    "place_of",
    "short",
]

#: Characters of `markdown_text`.
MAX_MARKDOWN: Final = 12_000

BODY: Final = (
    optional("text"),
    optional("blocks", "json"),
    optional("attachments", "json"),
    optional("markdown_text"),
)
THREAD: Final = (optional("thread_ts"), optional("reply_broadcast", "flag"))
STYLE: Final = (
    optional("username"),
    optional("icon_emoji"),
    optional("icon_url"),
    optional("link_names", "flag"),
    optional("parse"),
    optional("as_user", "flag"),
)
UNFURL: Final = (optional("unfurl_links", "flag"), optional("unfurl_media", "flag"))

CONTENT_ERRORS: Final = """no_text msg_too_long invalid_blocks invalid_blocks_format invalid_attachments
    too_many_attachments markdown_text_conflict"""
PLACE_ERRORS: Final = "channel_not_found not_in_channel is_archived messages_tab_disabled"


def place_of(call: Call) -> Channel:
    """Where to say it: a channel by id or name, or a person by id, whose direct conversation opens."""
    person = call.workspace.users.get(call.text("channel"))
    if person is None:
        return call.channel()
    if person.is_deleted:
        raise Refusal("channel_not_found")
    return call.workspace.direct(call.user, person, wall=call.wall)


def content_of(call: Call, *, file_ids: tuple[str, ...] = ()) -> Content:
    """The message that the arguments make."""
    markdown, blocks = call.text("markdown_text"), _array(call, "blocks", "invalid_blocks_format")
    if markdown and (call.args.get("text") or blocks):
        raise Refusal("markdown_text_conflict")
    if len(markdown) > MAX_MARKDOWN:
        raise Refusal("msg_too_long")
    return Content(
        text=markdown or (None if call.args.get("text") is None else call.text("text")),
        blocks=blocks,
        attachments=_array(call, "attachments", "invalid_attachments"),
        metadata=_metadata(call),
        thread_ts=call.text("thread_ts"),
        is_broadcast=call.flag("reply_broadcast"),
        file_ids=file_ids,
        **_custom(call),
    )


def short(content: Content, most: int) -> Content:
    """The same. Refuses a text of more characters: `msg_too_long`."""
    if len(content.text or "") > most:
        raise Refusal("msg_too_long")
    return content


def _array(call: Call, name: str, error: str) -> list[Json] | None:
    given = call.structure(name, error=error)
    if given is not None and not isinstance(given, list):
        raise Refusal(error)
    return given


def _metadata(call: Call) -> Json | None:
    """`{}` takes away what was there; anything else is an event, or entities (Work Objects)."""
    given = call.structure("metadata", error="invalid_metadata_format")
    if given is None:
        return None
    if not isinstance(given, dict):
        raise Refusal("invalid_metadata_format")
    is_event = isinstance(given.get("event_type"), str) and isinstance(given.get("event_payload"), dict)
    if given and not is_event and not isinstance(given.get("entities"), list):
        raise Refusal("invalid_metadata_schema")
    return given


def _custom(call: Call) -> dict[str, Any]:
    """Another name and face, as far as the bot has the scope for it; without it Slack overlooks them."""
    if call.key is None or call.key.kind != "bot" or not call.key.has_scope("chat:write.customize"):
        return {}
    emoji, url = call.text("icon_emoji"), call.text("icon_url")
    icons = {"emoji": emoji} if emoji else {"image_48": url} if url else None
    return {"username": call.text("username"), "icons": icons}
