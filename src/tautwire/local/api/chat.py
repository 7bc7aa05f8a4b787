"""`chat.*`: saying, changing and taking back. What is said later is in `chat_later`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from tautwire.local.api.method import Call, Family, optional, required, warn
from tautwire.local.api.spoken import (
    BODY,
    CONTENT_ERRORS,
    PLACE_ERRORS,
    STYLE,
    THREAD,
    UNFURL,
    content_of,
    place_of,
    short,
)
from tautwire.local.workspace import shapes
from tautwire.local.workspace.blocks import problems
from tautwire.local.workspace.content import MAX_TEXT, Content, refused
from tautwire.local.workspace.refusal import Refusal
from tautwire.local.workspace.unfurls import unfurled

if TYPE_CHECKING:
    from tautwire.local.workspace import Channel, Message
    from tautwire.local.workspace.model import Json

__all__ = ["family"]

family: Final = Family()

#: Characters of a text that replaces another (docs.slack.dev, chat.update: `msg_too_long`).
MAX_UPDATE: Final = 4_000
_CHANNEL: Final = required("channel", missing="channel_not_found")


@family.method(
    "chat.postMessage",
    _CHANNEL,
    *BODY,
    optional("metadata", "json"),
    *THREAD,
    *STYLE,
    *UNFURL,
    optional("mrkdwn", "flag"),
    scopes="chat:write",
    errors=f"{PLACE_ERRORS} {CONTENT_ERRORS} cannot_reply_to_message invalid_metadata_format invalid_metadata_schema",
    tier="special",
)
def post_message(call: Call) -> Json:
    """Say something in a channel, to a person (a user's id opens the direct conversation), or in a thread."""
    channel, content = place_of(call), content_of(call)
    said = call.workspace.talk.post(channel, content, by=call.user, wall=call.wall, app=call.app)
    answer: Json = {"channel": channel.id, "ts": said.ts, "message": _shape(call, said)}
    return warn(answer, "message_truncated") if len(content.text or "") > MAX_TEXT else answer


def _shape(call: Call, said: Message) -> Json:
    return shapes.message(call.workspace.core, said, base_url=call.base_url)


@family.method(
    "chat.postEphemeral",
    _CHANNEL,
    required("user"),
    *BODY,
    optional("thread_ts"),
    *STYLE,
    scopes="chat:write",
    errors=f"{PLACE_ERRORS} {CONTENT_ERRORS} user_not_in_channel",
    tier=4,
)
def post_ephemeral(call: Call) -> Json:
    """Show something to one person in a channel."""
    channel, content = call.channel(), short(content_of(call), MAX_TEXT)
    call.workspace.talk.may_post(channel, call.user)
    if call.text("user") not in channel.members:
        raise Refusal("user_not_in_channel")
    to = call.workspace.users[call.text("user")]
    shown = call.workspace.answers.show(channel, to, content, by=call.user, wall=call.wall)
    return {"message_ts": shown.ts}


@family.method(
    "chat.meMessage",
    _CHANNEL,
    required("text", missing="no_text"),
    scopes="chat:write",
    errors=f"{PLACE_ERRORS} no_text msg_too_long",
)
def me_message(call: Call) -> Json:
    """Say what one is doing, as `/me` does."""
    channel = place_of(call)
    content = short(Content(text=call.text("text"), subtype="me_message"), MAX_TEXT)
    said = call.workspace.talk.post(channel, content, by=call.user, wall=call.wall, app=call.app)
    return {"channel": channel.id, "ts": said.ts}


@family.method(
    "chat.update",
    _CHANNEL,
    required("ts"),
    *BODY,
    optional("metadata", "json"),
    optional("file_ids", "list"),
    optional("reply_broadcast", "flag"),
    optional("link_names"),
    optional("parse"),
    optional("as_user", "flag"),
    scopes="chat:write",
    errors=f"""{CONTENT_ERRORS} channel_not_found message_not_found cant_update_message is_inactive file_not_found
        invalid_metadata_format invalid_metadata_schema cant_broadcast_message no_dual_broadcast_content_update""",
)
def update(call: Call) -> Json:
    """Change a message of one's own: its content, or whether a reply is shown to the whole channel."""
    channel = call.conversation()
    said = _broadcast(call, channel) if call.flag("reply_broadcast") else _rewritten(call, channel)
    return {"channel": channel.id, "ts": said.ts, "text": said.text, "message": _shape(call, said)}


def _broadcast(call: Call, channel: Channel) -> Message:
    if any(call.args.get(each) for each in ("text", "blocks", "attachments", "markdown_text")):
        raise Refusal("no_dual_broadcast_content_update")
    return call.workspace.talk.broadcast(channel, call.text("ts"), by=call.user)


def _rewritten(call: Call, channel: Channel) -> Message:
    files = (call.workspace.uploads.find(each, call.user) for each in call.names("file_ids"))
    content = short(content_of(call, file_ids=tuple(file.id for file in files)), MAX_UPDATE)
    return call.workspace.talk.edit(channel, call.text("ts"), content, by=call.user, wall=call.wall)


@family.method(
    "chat.delete",
    _CHANNEL,
    required("ts"),
    optional("as_user", "flag"),
    scopes="chat:write",
    errors="channel_not_found message_not_found cant_delete_message",
)
def delete(call: Call) -> Json:
    """Take back a message of one's own."""
    channel = call.conversation()
    said = call.workspace.talk.delete(channel, call.text("ts"), by=call.user, wall=call.wall)
    return {"channel": channel.id, "ts": said.ts}


@family.method(
    "chat.getPermalink",
    _CHANNEL,
    required("message_ts"),
    errors="channel_not_found message_not_found",
    tier="special",
    takes_json=False,
)
def get_permalink(call: Call) -> Json:
    """Where a message can be looked at."""
    channel = call.conversation()
    said = call.message(channel, "message_ts")
    return {"channel": channel.id, "permalink": shapes.permalink(call.workspace.core, channel, said)}


@family.method(
    "chat.unfurl",
    optional("channel"),
    optional("ts"),
    optional("unfurls", "json"),
    optional("unfurl_id"),
    optional("source"),
    optional("user_auth_required", "flag"),
    optional("user_auth_message"),
    optional("user_auth_url"),
    optional("user_auth_blocks", "json"),
    scopes="links:write",
    errors="""missing_channel missing_ts missing_unfurls missing_unfurl_id missing_source invalid_source
        invalid_unfurl_id invalid_unfurls_format cannot_find_channel cannot_find_message cannot_parse_attachment
        cannot_unfurl_url cannot_unfurl_message""",
    note="a link that is still in the composer has no `unfurl_id` here, as nobody writes in one",
)
def unfurl(call: Call) -> Json:
    """Show what is behind the links of a message, or ask its author to sign in first."""
    channel, ts = _linked(call)
    said = channel.messages.get(ts)
    if said is None:
        raise Refusal("cannot_find_message")
    unfurls = call.structure("unfurls", error="invalid_unfurls_format")
    is_asking = call.flag("user_auth_required") or any(map(call.text, ("user_auth_message", "user_auth_url")))
    if unfurls is None and not is_asking:
        raise Refusal("missing_unfurls")
    if unfurls is not None:
        content = Content(attachments=unfurled(said, unfurls, call.app))
        call.workspace.talk.rewrite(channel, said, content, by=call.user, wall=call.wall)
    if is_asking:
        _ask_to_sign_in(call, channel, said)
    return {}


def _linked(call: Call) -> tuple[Channel, str]:
    """Which message is meant: by channel and ts, or by what `link_shared` has called the link."""
    channel, ts = call.text("channel"), call.text("ts")
    if call.text("unfurl_id") or call.text("source"):
        channel, ts = _by_unfurl_id(call.text("unfurl_id"), call.text("source"))
    for value, error in ((channel, "missing_channel"), (ts, "missing_ts")):
        if not value:
            raise Refusal(error)
    found = call.workspace.channels.get(channel)
    if found is None or (found.is_private and call.user.id not in found.members):
        raise Refusal("cannot_find_channel")
    return found, ts


def _by_unfurl_id(unfurl_id: str, source: str) -> tuple[str, str]:
    for value, error in ((unfurl_id, "missing_unfurl_id"), (source, "missing_source")):
        if not value:
            raise Refusal(error)
    if source not in ("composer", "conversations_history"):
        raise Refusal("invalid_source")
    channel, _, rest = unfurl_id.partition(".")
    seconds, _, micros = rest.rpartition(".")[0].partition(".")
    if source == "composer" or not (channel and seconds and micros):
        raise Refusal("invalid_unfurl_id")
    return channel, f"{seconds}.{micros}"


def _ask_to_sign_in(call: Call, channel: Channel, said: Message) -> None:
    blocks = call.structure("user_auth_blocks", error="cannot_parse_attachment")
    found = [] if blocks is None else problems(blocks, "message", "/user_auth_blocks")
    if found:
        raise refused("cannot_parse_attachment", found)
    url = call.text("user_auth_url")
    words = call.text("user_auth_message") or f"{call.app.identity.app_name} asks you to sign in{url and f': <{url}>'}"
    author, content = call.workspace.users[said.user_id], Content(text=words, blocks=blocks)
    call.workspace.answers.show(channel, author, content, by=call.user, wall=call.wall)
