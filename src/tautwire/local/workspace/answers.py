"""What an app answers, where it may answer: response URLs, command acks, submissions, webhooks."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from tautwire.local.forgetting import forget
from tautwire.local.workspace.content import Content, check
from tautwire.local.workspace.model import User
from tautwire.local.workspace.refusal import Refusal

if TYPE_CHECKING:
    from tautwire.local.workspace.core import Core
    from tautwire.local.workspace.grants import Grants, ResponseUrl
    from tautwire.local.workspace.model import App, Channel, Json, Message, View
    from tautwire.local.workspace.screens import Screens
    from tautwire.local.workspace.talk import Talk

__all__ = ["TROUBLE", "Answers"]

#: Ephemeral messages that are remembered; Slack's own clients lose them sooner.
MOST_EPHEMERALS: Final = 10_000
#: What a person reads under a modal whose app did not answer, or answered nonsense.
TROUBLE: Final = "We had some trouble connecting. Try again?"


class Answers:
    """Puts an app's answers where they belong. `wall` is epoch seconds, `now` monotonic ones."""

    def __init__(self, core: Core, talk: Talk, screens: Screens, grants: Grants) -> None:
        self._core, self._talk, self._screens, self._grants = core, talk, screens, grants
        #: Ephemeral messages by their `ts`, as they are shown now; the latest of them.
        self.ephemerals: dict[str, Message] = {}

    # Response URLs and webhooks

    def by_response_url(self, path: str, body: Json, *, wall: float, now: float) -> None:
        """One of the five answers. Raises `Refusal` for a URL that is unknown, used up or too old."""
        url = self._grants.answer(path, body, now)
        channel = self._core.channels.get(url.channel_id)
        if channel is None:
            raise Refusal("channel_not_found")
        if _is_yes(body.get("delete_original")):
            self._delete_original(url, channel)
            return
        content = _content(body)
        check(content)
        if not (_is_yes(body.get("replace_original")) and self._replace_original(url, channel, content, wall)):
            self._say(url, channel, content, wall, is_public=body.get("response_type") == "in_channel")

    def _say(self, url: ResponseUrl, channel: Channel, content: Content, wall: float, *, is_public: bool) -> None:
        bot = self._core.bot_user(self._core.apps[url.app_id])
        if is_public:
            said = self._talk.put(channel, content, by=bot, wall=wall)
        else:
            # A raw envelope may name somebody whom the workspace does not know.
            to = self._core.users.get(url.user_id) or User(url.user_id, url.user_id.lower())
            said = self.show(channel, to, content, by=bot, wall=wall)
        if not url.message_ts:
            url.message_ts, url.is_ephemeral = said.ts, not is_public

    def _original(self, url: ResponseUrl, channel: Channel) -> Message | None:
        """The message that the URL is about, as long as it is there and the app's own."""
        known = self.ephemerals if url.is_ephemeral else channel.messages
        found = known.get(url.message_ts)
        return found if found is not None and found.app_id == url.app_id else None

    def _delete_original(self, url: ResponseUrl, channel: Channel) -> None:
        original = self._original(url, channel)
        if original is not None and original.seen_by:
            del self.ephemerals[original.ts]
        elif original is not None:
            self._talk.remove(channel, original)

    def _replace_original(self, url: ResponseUrl, channel: Channel, content: Content, wall: float) -> bool:
        """Whether there was one. What one person saw stays theirs, whatever `response_type` says."""
        original = self._original(url, channel)
        if original is None:
            return False
        if original.seen_by:
            self._talk.show_again(channel, original, content)
        else:
            bot = self._core.bot_user(self._core.apps[url.app_id])
            self._talk.rewrite(channel, original, content, by=bot, wall=wall)
        return True

    def show(self, channel: Channel, to: User, content: Content, *, by: User, wall: float) -> Message:
        """An ephemeral message, remembered so that it can be clicked on, replaced and deleted."""
        shown = self._talk.show(channel, to, content, by=by, wall=wall)
        self.ephemerals[shown.ts] = shown
        forget(self.ephemerals, MOST_EPHEMERALS)
        return shown

    def by_webhook(self, path: str, body: Json, *, wall: float) -> Message:
        """A message by an incoming webhook: a `bot_message`, whatever name or channel it asks for."""
        webhook = self._grants.webhooks.get(path)
        app = self._core.apps.get(webhook.app_id) if webhook else None
        if webhook is None or app is None:
            raise Refusal("no_service")
        channel = self._core.channels.get(webhook.channel_id)
        if channel is None:
            raise Refusal("channel_not_found")
        if channel.is_archived:
            raise Refusal("channel_is_archived")
        content = _content(body, subtype="bot_message")
        check(content)
        return self._talk.put(channel, content, by=self._core.bot_user(app), wall=wall)

    # Acks

    def to_command(self, app: App, channel: Channel, user: User, body: Json, *, wall: float) -> Message | None:
        """A message in the ack of a slash command; ephemeral unless `in_channel`. `None` when there is none."""
        content = _content(body)
        if content.is_empty:
            return None
        check(content)
        bot = self._core.bot_user(app)
        if body.get("response_type") == "in_channel":
            return self._talk.put(channel, content, by=bot, wall=wall)
        return self.show(channel, user, content, by=bot, wall=wall)

    def to_submission(self, app: App, view: View, body: Json, *, wall: float) -> None:
        """A `response_action`, or nothing, which closes the submitted modal."""
        action = body.get("response_action")
        try:
            if action is None:
                self._screens.dismiss(view)
            elif action == "clear":
                self._screens.dismiss(view, everything=True)
            elif action == "errors":
                self._complain(view, body.get("errors"))
            elif action == "update":
                self._screens.update(app, view, _view(body), wall=wall)
            elif action == "push":
                self._screens.push_on(app, view, _view(body), wall=wall)
            else:
                raise Refusal("invalid_response_action")
        except Refusal:
            self._screens.leave_in_trouble(view, TROUBLE)
            raise

    def _complain(self, view: View, errors: Any) -> None:
        inputs = {block["block_id"] for block in view.given["blocks"] if block["type"] == "input"}
        if not isinstance(errors, dict) or not errors or not errors.keys() <= inputs:
            raise Refusal("invalid_errors")
        self._screens.complain(view, {block: str(words) for block, words in errors.items()})


def _view(body: Json) -> Json:
    given: Json | None = body.get("view")
    if not isinstance(given, dict):
        raise Refusal("invalid_view")
    return given


def _content(body: Json, subtype: str = "") -> Content:
    for name, error in (("blocks", "invalid_blocks_format"), ("attachments", "invalid_attachments")):
        if not isinstance(body.get(name), list | None):
            raise Refusal(error)
    text = body.get("text")
    return Content(
        text=None if text is None else str(text),
        blocks=body.get("blocks"),
        attachments=body.get("attachments"),
        metadata=body["metadata"] if isinstance(body.get("metadata"), dict) else None,
        thread_ts=str(body.get("thread_ts") or ""),
        subtype=subtype,
    )


def _is_yes(value: Any) -> bool:
    return value is True or str(value).lower() == "true"
