"""What waits for its time: messages that are posted later."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from tautwire.local.workspace.content import Content, check
from tautwire.local.workspace.model import Scheduled
from tautwire.local.workspace.refusal import Refusal

if TYPE_CHECKING:
    from tautwire.local.workspace.core import Core
    from tautwire.local.workspace.model import App, Channel, Message, User
    from tautwire.local.workspace.talk import Talk

__all__ = ["Schedule"]

#: Seconds ahead that a message can be scheduled (120 days), and seconds before its time when it can no longer be
#: taken back (docs.slack.dev/reference/methods/chat.scheduleMessage, chat.deleteScheduledMessage).
MAX_AHEAD: Final = 120 * 86_400
TOO_LATE: Final = 60
#: So many messages for one channel in five minutes.
MAX_AT_ONCE: Final = 30
_WINDOW: Final = 300
_KEPT: Final = ("text", "blocks", "attachments", "metadata", "thread_ts", "is_broadcast", "username", "icons")


class Schedule:
    """The scheduled messages of a workspace. `wall` is epoch seconds."""

    def __init__(self, core: Core, talk: Talk) -> None:
        self._core, self._talk = core, talk

    def add(
        self, channel: Channel, content: Content, post_at: int, *, by: User, wall: float, app: App | None = None
    ) -> Scheduled:
        """Say it at `post_at` (epoch seconds), at most 120 days ahead."""
        self._talk.may_post(channel, by)
        check(content)
        if post_at <= wall:
            raise Refusal("time_in_past")
        if post_at - wall > MAX_AHEAD:
            raise Refusal("time_too_far")
        near = (each for each in self._core.scheduled.values() if each.channel_id == channel.id)
        if sum(abs(each.post_at - post_at) < _WINDOW for each in near) >= MAX_AT_ONCE:
            raise Refusal("restricted_too_many")
        scheduled = Scheduled(
            id=self._core.ids.of("Q"),
            channel_id=channel.id,
            user_id=by.id,
            app_id=app.id if app else "",
            post_at=post_at,
            created=int(wall),
            content=_plain(content),
        )
        self._core.scheduled[scheduled.id] = scheduled
        return scheduled

    def of(self, by: User, app: App | None = None) -> list[Scheduled]:
        """What `by` has scheduled, through `app` when one is given, in the order of time."""
        mine = (each for each in self._core.scheduled.values() if each.user_id == by.id)
        return sorted((each for each in mine if app is None or each.app_id == app.id), key=lambda it: it.post_at)

    def take_back(self, channel: Channel, scheduled_id: str, *, by: User, wall: float) -> None:
        """Never mind. Refuses what is not there, or is about to be said: `invalid_scheduled_message_id`."""
        found = self._core.scheduled.get(scheduled_id)
        is_mine = found is not None and found.channel_id == channel.id and found.user_id == by.id
        if found is None or not is_mine or found.post_at - wall < TOO_LATE:
            raise Refusal("invalid_scheduled_message_id")
        del self._core.scheduled[scheduled_id]

    def next_time(self) -> int | None:
        """When `post_due` has something to do next; `None` when nothing waits."""
        return min((each.post_at for each in self._core.scheduled.values()), default=None)

    def post_due(self, wall: float) -> list[Message]:
        """Say everything whose time has come; what can no longer be said is dropped, as Slack does."""
        waiting = sorted(self._core.scheduled.values(), key=lambda it: it.post_at)
        posted = (self._post(each, wall) for each in waiting if each.post_at <= wall)
        return [message for message in posted if message is not None]

    def _post(self, scheduled: Scheduled, wall: float) -> Message | None:
        del self._core.scheduled[scheduled.id]
        channel, by = self._core.channels.get(scheduled.channel_id), self._core.users[scheduled.user_id]
        if channel is None:
            return None
        content, app = Content(**scheduled.content), self._core.apps.get(scheduled.app_id)
        try:
            return self._talk.post(channel, content, by=by, wall=wall, app=app)
        except Refusal:
            return None


def _plain(content: Content) -> dict[str, Any]:
    return {name: getattr(content, name) for name in _KEPT}
