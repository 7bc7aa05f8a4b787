"""Messages: saying, changing, taking back; threads; what only one person sees."""

from __future__ import annotations

from copy import copy
from dataclasses import fields
from typing import TYPE_CHECKING, Final

from tautwire.local.workspace.changes import (
    FileShared,
    MessageChanged,
    MessageDeleted,
    MessagePosted,
    MessageShown,
)
from tautwire.local.workspace.content import (
    MAX_TEXT,
    Content,
    attachments_as_stored,
    blocks_as_stored,
    check,
    check_parts,
)
from tautwire.local.workspace.model import Message
from tautwire.local.workspace.refusal import Refusal

if TYPE_CHECKING:
    from tautwire.local.workspace.core import Core
    from tautwire.local.workspace.model import App, Channel, User

__all__ = ["Talk"]

#: Messages that their author may still change or take back: those that people and apps have written.
_OWN: Final = frozenset({"", "me_message", "file_share", "bot_message"})


class Talk:
    """What is said. `wall` is epoch seconds, everywhere; `by` is a person or an app's bot user."""

    def __init__(self, core: Core) -> None:
        self._core = core

    def may_post(self, channel: Channel, by: User) -> None:
        """Refuse who may not speak in `channel`; an app with `chat:write.public` speaks in any public one."""
        app = self._core.app_of(by)
        if channel.is_archived:
            raise Refusal("is_archived")
        if channel.kind == "im" and app is not None and not app.permissions.messages_tab_enabled:
            raise Refusal("messages_tab_disabled")
        if by.id in channel.members:
            return
        if channel.kind != "channel":
            raise Refusal("channel_not_found")
        if app is None or not app.permissions.has_scope("chat:write.public"):
            raise Refusal("not_in_channel")

    def post(self, channel: Channel, content: Content, *, by: User, wall: float, app: App | None = None) -> Message:
        """Say it. `app` is the app that speaks in a person's name; a bot user's own app need not be given."""
        self.may_post(channel, by)
        check(content)
        return self.put(channel, content, by=by, wall=wall, app=app)

    def put(self, channel: Channel, content: Content, *, by: User, wall: float, app: App | None = None) -> Message:
        """Say it without asking whether one may: what came by a `response_url` bypasses posting permission."""
        parent = self._parent(channel, content.thread_ts)
        message = self._message(channel, content, by, wall, app or self._core.app_of(by))
        channel.messages[message.ts] = message
        channel.closed_by.clear()
        if parent is not None:
            parent.thread_ts = parent.ts
        if content.thread_ts:
            self._put_under(channel, parent.ts if parent else content.thread_ts, message)
        self._core.happened(MessagePosted(channel, message))
        self._share(channel, message, content.file_ids, by)
        return message

    def _share(self, channel: Channel, message: Message, file_ids: tuple[str, ...], by: User) -> None:
        for file_id in file_ids:
            file = self._core.files[file_id]
            file.shares.setdefault(channel.id, []).append(message.ts)
            self._core.happened(FileShared(file, by, channel, message))

    def may_reply(self, channel: Channel, thread_ts: str) -> None:
        """Refuse a thread under one of Slack's own lines."""
        self._parent(channel, thread_ts)

    def _parent(self, channel: Channel, thread_ts: str) -> Message | None:
        """The message that a thread is under; `None` also when there is none such: Slack posts all the same."""
        parent = channel.messages.get(thread_ts)
        if parent is not None and parent.is_reply:
            parent = channel.messages.get(parent.thread_ts)
        if parent is not None and parent.subtype.endswith(("_join", "_leave")):
            raise Refusal("cannot_reply_to_message")
        return parent

    def _put_under(self, channel: Channel, thread_ts: str, message: Message) -> None:
        message.thread_ts = thread_ts
        channel.threads.setdefault(thread_ts, []).append(message.ts)

    def _message(self, channel: Channel, content: Content, by: User, wall: float, app: App | None) -> Message:
        return Message(
            ts=self._core.ids.ts(wall),
            channel_id=channel.id,
            user_id=by.id,
            text=(content.text or "")[:MAX_TEXT],
            subtype=content.subtype or ("file_share" if content.file_ids else ""),
            app_id=app.id if app else "",
            bot_id=app.identity.bot_id if app else "",
            blocks=blocks_as_stored(content, self._core.ids.random),
            attachments=attachments_as_stored(content, self._core.ids.random),
            file_ids=list(content.file_ids),
            metadata=content.metadata,
            is_broadcast=content.is_broadcast and bool(content.thread_ts),
            client_msg_id="" if app else self._core.ids.uuid(),
            username=content.username,
            icons=content.icons,
            extra=dict(content.extra),
        )

    def show(self, channel: Channel, to: User, content: Content, *, by: User, wall: float) -> Message:
        """An ephemeral message: only `to` sees it, and it is not in the channel's history."""
        check(content)
        message = self._message(channel, content, by, wall, self._core.app_of(by))
        message.seen_by, message.thread_ts = to.id, content.thread_ts
        self._core.happened(MessageShown(channel, message))
        return message

    def show_again(self, channel: Channel, message: Message, content: Content) -> None:
        """Other words in an ephemeral message, in its place."""
        message.text = (content.text or "")[:MAX_TEXT]
        message.blocks = blocks_as_stored(content, self._core.ids.random)
        message.attachments = attachments_as_stored(content, self._core.ids.random)
        self._core.happened(MessageShown(channel, message))

    def find(self, channel: Channel, ts: str) -> Message:
        """By its `ts`. Raises `Refusal("message_not_found")`."""
        found = channel.messages.get(ts)
        if found is None:
            raise Refusal("message_not_found")
        return found

    def replies(self, channel: Channel, parent: Message) -> list[Message]:
        """The thread under `parent`, oldest first, without it."""
        return [channel.messages[ts] for ts in channel.threads.get(parent.ts, ())]

    # Changing and taking back

    def edit(self, channel: Channel, ts: str, content: Content, *, by: User, wall: float) -> Message:
        """Change a message of one's own. What `content` does not give stays, but new text takes old blocks away."""
        message = self._own(channel, ts, by, "cant_update_message", archived="is_inactive")
        if self._leaves_nothing(message, content):
            raise Refusal("no_text")
        check_parts(content)
        return self.rewrite(channel, message, content, by=by, wall=wall)

    def rewrite(self, channel: Channel, message: Message, content: Content, *, by: User, wall: float) -> Message:
        """The same without asking whose it is: replacing the original by `response_url`, unfurling.

        A message is marked as edited when its text is; with new blocks it is not (docs.slack.dev, chat.update).
        """
        previous, random = copy(message), self._core.ids.random
        new = tuple(each for each in dict.fromkeys(content.file_ids) if each not in message.file_ids)
        message.file_ids = [*message.file_ids, *new]
        if content.text is not None:
            message.text = content.text[:MAX_TEXT]
        if content.blocks is not None or content.text is not None:
            message.blocks = blocks_as_stored(content, random)
        if content.attachments is not None:
            message.attachments = attachments_as_stored(content, random)
        if content.metadata is not None:
            message.metadata = content.metadata or None
        if content.text is not None and content.blocks is None:
            message.edited_by, message.edited_ts = by.id, self._core.ids.ts(wall)
        self._core.happened(MessageChanged(channel, message, previous))
        self._share(channel, message, new, by)
        return message

    def _leaves_nothing(self, message: Message, content: Content) -> bool:
        """Whether nothing is given, or nothing would be left to show."""
        given = (content.text, content.blocks, content.attachments, content.metadata)
        text = message.text if content.text is None else content.text
        kept = message.blocks if content.text is None else []
        blocks = kept if content.blocks is None else content.blocks
        attachments = message.attachments if content.attachments is None else content.attachments
        nothing_given = all(each is None for each in given) and not content.file_ids
        return nothing_given or not (text or blocks or attachments or message.file_ids or content.file_ids)

    def broadcast(self, channel: Channel, ts: str, *, by: User) -> Message:
        """Show a reply of one's own to the whole channel, after the fact."""
        message = self._own(channel, ts, by, "cant_update_message", archived="is_inactive")
        if not message.is_reply or message.is_broadcast:
            raise Refusal("cant_broadcast_message")
        previous, message.is_broadcast = copy(message), True
        self._core.happened(MessageChanged(channel, message, previous))
        return message

    def delete(self, channel: Channel, ts: str, *, by: User, wall: float) -> Message:  # noqa: ARG002 - as all of these
        """Take back a message of one's own; an admin takes back anybody's."""
        message = self._own(channel, ts, by, "cant_delete_message")
        self.remove(channel, message)
        return message

    def remove(self, channel: Channel, message: Message) -> None:
        """The same without asking whose it is.

        What has replies leaves a tombstone in its place, and goes when the last of them goes (42wim/matterbridge#600,
        slack-edge#10).
        """
        if channel.threads.get(message.ts):
            self._bury(channel, message)
            return
        self._take_out(channel, message)
        parent = channel.messages.get(message.thread_ts) if message.is_reply else None
        if parent is not None and parent.subtype == "tombstone" and not channel.threads.get(parent.ts):
            self._take_out(channel, parent)

    def _take_out(self, channel: Channel, message: Message) -> None:
        del channel.messages[message.ts]
        channel.pins.pop(message.ts, None)
        channel.threads.pop(message.ts, None)
        if message.is_reply and message.ts in channel.threads.get(message.thread_ts, ()):
            channel.threads[message.thread_ts].remove(message.ts)
        self._core.happened(MessageDeleted(channel, message))

    def _bury(self, channel: Channel, message: Message) -> None:
        previous, bare = copy(message), Message(message.ts, channel.id, "USLACKBOT", "This message was deleted.")
        for each in fields(Message):
            setattr(message, each.name, getattr(bare, each.name))
        message.subtype, message.thread_ts = "tombstone", message.ts
        message.extra = {"parent_user_id": message.user_id, "hidden": True}
        channel.pins.pop(message.ts, None)
        self._core.happened(MessageChanged(channel, message, previous))

    def _own(self, channel: Channel, ts: str, by: User, otherwise: str, *, archived: str = "") -> Message:
        message = self.find(channel, ts)
        if channel.is_archived:
            raise Refusal(archived or otherwise)
        may = message.user_id == by.id or (otherwise == "cant_delete_message" and (by.is_admin or by.is_owner))
        if not may or message.subtype not in _OWN:
            raise Refusal(otherwise)
        return message
