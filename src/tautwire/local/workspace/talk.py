"""Messages: saying, changing, taking back; threads; what only one person sees; what waits for its time."""

from __future__ import annotations

from copy import copy
from dataclasses import dataclass, field, fields
from typing import TYPE_CHECKING, Any, Final

from tautwire.local.workspace.changes import (
    FileShared,
    MessageChanged,
    MessageDeleted,
    MessagePosted,
    MessageShown,
)
from tautwire.local.workspace.model import Message, Scheduled
from tautwire.local.workspace.refusal import Refusal

if TYPE_CHECKING:
    from tautwire.local.workspace.core import Core
    from tautwire.local.workspace.model import App, Channel, Json, User

__all__ = ["MAX_TEXT", "Content", "Talk"]

#: Characters of a message's text; Slack cuts there and says so.
MAX_TEXT: Final = 40_000
MAX_BLOCKS: Final = 50
MAX_ATTACHMENTS: Final = 100
#: Seconds ahead that a message can be scheduled: 120 days.
MAX_AHEAD: Final = 120 * 86_400


@dataclass(frozen=True, slots=True, kw_only=True)
class Content:
    """What somebody wants to say. `None` for what was not given, which matters when a message is changed."""

    text: str | None = None
    blocks: list[Json] | None = None
    attachments: list[Json] | None = None
    metadata: Json | None = None
    thread_ts: str = ""
    is_broadcast: bool = False
    username: str = ""
    icons: Json | None = None
    subtype: str = ""
    file_ids: tuple[str, ...] = ()
    extra: Json = field(default_factory=dict)

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to show."""
        return not (self.text or self.blocks or self.attachments or self.file_ids)


class Talk:
    """What is said. `wall` is epoch seconds, everywhere; `by` is a person or an app's bot user."""

    def __init__(self, core: Core) -> None:
        self._core = core

    def may_post(self, channel: Channel, by: User) -> None:
        """Refuse who may not speak in `channel`; an app with `chat:write.public` speaks in any public one."""
        if channel.is_archived:
            raise Refusal("is_archived")
        if by.id in channel.members:
            return
        app = self._core.app_of(by)
        if channel.kind != "channel":
            raise Refusal("channel_not_found")
        if app is None or not app.permissions.has_scope("chat:write.public"):
            raise Refusal("not_in_channel")

    def post(self, channel: Channel, content: Content, *, by: User, wall: float, app: App | None = None) -> Message:
        """Say it. `app` is the app that speaks in a person's name; a bot user's own app need not be given."""
        self.may_post(channel, by)
        self.check(content)
        return self.put(channel, content, by=by, wall=wall, app=app)

    def check(self, content: Content) -> None:
        """Refuse what Slack would not take for a message."""
        if content.is_empty:
            raise Refusal("no_text")
        if content.blocks is not None:
            self._check_blocks(content.blocks)
        if content.attachments is not None and len(content.attachments) > MAX_ATTACHMENTS:
            raise Refusal("too_many_attachments")

    def _check_blocks(self, blocks: list[Json]) -> None:
        if len(blocks) > MAX_BLOCKS or not all(isinstance(each, dict) and each.get("type") for each in blocks):
            raise Refusal("invalid_blocks")

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
        for file_id in message.file_ids:
            file = self._core.files[file_id]
            file.shares.setdefault(channel.id, []).append(message.ts)
            self._core.happened(FileShared(file, by, channel, message))
        return message

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
            blocks=content.blocks or [],
            attachments=content.attachments or [],
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
        self.check(content)
        message = self._message(channel, content, by, wall, self._core.app_of(by))
        message.seen_by, message.thread_ts = to.id, content.thread_ts
        self._core.happened(MessageShown(channel, message))
        return message

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
        message = self._own(channel, ts, by, "cant_update_message")
        if content.text is None and content.blocks is None and content.attachments is None:
            raise Refusal("no_text")
        if content.blocks is not None:
            self._check_blocks(content.blocks)
        return self.rewrite(channel, message, content, by=by, wall=wall)

    def rewrite(self, channel: Channel, message: Message, content: Content, *, by: User, wall: float) -> Message:
        """The same without asking whose it is: replacing the original by `response_url`, unfurling."""
        previous = copy(message)
        if content.text is not None:
            message.text = content.text[:MAX_TEXT]
        if content.blocks is not None or content.text is not None:
            message.blocks = content.blocks or []
        if content.attachments is not None:
            message.attachments = content.attachments
        if content.metadata is not None:
            message.metadata = content.metadata
        message.edited_by, message.edited_ts = by.id, self._core.ids.ts(wall)
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

    def _own(self, channel: Channel, ts: str, by: User, otherwise: str) -> Message:
        message = self.find(channel, ts)
        if channel.is_archived:
            raise Refusal("is_archived")
        may = message.user_id == by.id or (otherwise == "cant_delete_message" and (by.is_admin or by.is_owner))
        if not may or (message.subtype and message.subtype not in ("me_message", "file_share", "bot_message")):
            raise Refusal(otherwise)
        return message

    # What waits for its time

    def schedule(self, channel: Channel, content: Content, post_at: int, *, by: User, wall: float) -> Scheduled:
        """Say it at `post_at` (epoch seconds), at most 120 days ahead."""
        self.may_post(channel, by)
        self.check(content)
        if post_at <= wall:
            raise Refusal("time_in_past")
        if post_at - wall > MAX_AHEAD:
            raise Refusal("time_too_far")
        scheduled = Scheduled(
            id=self._core.ids.of("Q"),
            channel_id=channel.id,
            user_id=by.id,
            post_at=post_at,
            created=int(wall),
            content=_plain(content),
        )
        self._core.scheduled[scheduled.id] = scheduled
        return scheduled

    def unschedule(self, channel: Channel, scheduled_id: str, *, by: User) -> None:
        """Never mind."""
        found = self._core.scheduled.get(scheduled_id)
        if found is None or found.channel_id != channel.id or found.user_id != by.id:
            raise Refusal("invalid_scheduled_message_id")
        del self._core.scheduled[scheduled_id]

    def post_due(self, wall: float) -> list[Message]:
        """Say everything whose time has come; what can no longer be said is dropped, as Slack does."""
        due = sorted(
            (each for each in self._core.scheduled.values() if each.post_at <= wall), key=lambda it: it.post_at
        )
        posted: list[Message] = []
        for each in due:
            del self._core.scheduled[each.id]
            channel, by = self._core.channels.get(each.channel_id), self._core.users[each.user_id]
            if channel is None or channel.is_archived:
                continue
            posted.append(self.put(channel, Content(**each.content), by=by, wall=wall))
        return posted


def _plain(content: Content) -> dict[str, Any]:
    kept = ("text", "blocks", "attachments", "metadata", "thread_ts", "is_broadcast", "username", "icons")
    return {name: getattr(content, name) for name in kept}
