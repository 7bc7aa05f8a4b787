"""What an app answers, where it may answer: response URLs, command acks, submissions, webhooks."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from tautwire.local.workspace.refusal import Refusal
from tautwire.local.workspace.talk import Content

if TYPE_CHECKING:
    from tautwire.local.workspace.core import Core
    from tautwire.local.workspace.grants import Grants, ResponseUrl
    from tautwire.local.workspace.model import App, Channel, Json, Message, User, View
    from tautwire.local.workspace.screens import Screens
    from tautwire.local.workspace.talk import Talk

__all__ = ["TROUBLE", "Answers"]

#: What a person reads under a modal whose app did not answer, or answered nonsense.
TROUBLE: Final = "We had some trouble connecting. Try again?"


class Answers:
    """Puts an app's answers where they belong. `wall` is epoch seconds, `now` monotonic ones."""

    def __init__(self, core: Core, talk: Talk, screens: Screens, grants: Grants) -> None:
        self._core, self._talk, self._screens, self._grants = core, talk, screens, grants
        #: Ephemeral messages by their `ts`, as they are shown now.
        self.ephemerals: dict[str, Message] = {}

    # Response URLs and webhooks

    def by_response_url(self, path: str, body: Json, *, wall: float, now: float) -> None:
        """One of the five answers. Raises `Refusal` for a URL that is unknown, used up or too old."""
        url = self._grants.answer(path, body, now)
        app, channel = self._core.apps[url.app_id], self._core.channels.get(url.channel_id)
        if channel is None:
            raise Refusal("channel_not_found")
        content = _content(body)
        if _is_yes(body.get("delete_original")):
            self._delete_original(url, channel)
        elif _is_yes(body.get("replace_original")):
            self._replace_original(url, channel, content, app, wall)
        elif content.is_empty:
            raise Refusal("no_text")
        else:
            self._say(url, channel, content, app, wall, is_public=body.get("response_type") == "in_channel")

    def _say(
        self, url: ResponseUrl, channel: Channel, content: Content, app: App, wall: float, *, is_public: bool
    ) -> None:
        bot = self._core.bot_user(app)
        if is_public:
            self._talk.check(content)
            said = self._talk.put(channel, content, by=bot, wall=wall)
        else:
            said = self.show(channel, self._core.users[url.user_id], content, by=bot, wall=wall)
        if not url.message_ts:
            url.message_ts, url.is_ephemeral = said.ts, not is_public

    def _delete_original(self, url: ResponseUrl, channel: Channel) -> None:
        if url.is_ephemeral:
            self.ephemerals.pop(url.message_ts, None)
        elif url.message_ts in channel.messages:
            self._talk.remove(channel, channel.messages[url.message_ts])

    def _replace_original(self, url: ResponseUrl, channel: Channel, content: Content, app: App, wall: float) -> None:
        self._talk.check(content)
        bot = self._core.bot_user(app)
        if url.is_ephemeral or url.message_ts not in channel.messages:
            self.ephemerals.pop(url.message_ts, None)
            shown = self.show(channel, self._core.users[url.user_id], content, by=bot, wall=wall)
            url.message_ts, url.is_ephemeral = shown.ts, True
        else:
            self._talk.rewrite(channel, channel.messages[url.message_ts], content, by=bot, wall=wall)

    def show(self, channel: Channel, to: User, content: Content, *, by: User, wall: float) -> Message:
        """An ephemeral message, remembered so that it can be clicked on, replaced and deleted."""
        shown = self._talk.show(channel, to, content, by=by, wall=wall)
        self.ephemerals[shown.ts] = shown
        return shown

    def by_webhook(self, path: str, body: Json, *, wall: float) -> None:
        """A message by an incoming webhook."""
        webhook = self._grants.webhooks.get(path)
        if webhook is None:
            raise Refusal("no_service")
        channel = self._core.channels.get(webhook.channel_id)
        if channel is None:
            raise Refusal("channel_not_found")
        if channel.is_archived:
            raise Refusal("channel_is_archived")
        content = _content(body)
        self._talk.check(content)
        bot = self._core.bot_user(self._core.apps[webhook.app_id])
        self._talk.put(channel, content, by=bot, wall=wall)

    # Acks

    def to_command(self, app: App, channel: Channel, user: User, body: Json, *, wall: float) -> Message | None:
        """A message in the ack of a slash command; ephemeral unless `in_channel`. `None` when there is none."""
        content = _content(body)
        if content.is_empty:
            return None
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
        known = {str(block.get("block_id")) for block in view.given.get("blocks", ())}
        if not isinstance(errors, dict) or not errors or not errors.keys() <= known:
            raise Refusal("invalid_errors")
        self._screens.complain(view, {block: str(words) for block, words in errors.items()})


def _view(body: Json) -> Json:
    given: Json | None = body.get("view")
    if not isinstance(given, dict):
        raise Refusal("invalid_view")
    return given


def _content(body: Json) -> Content:
    blocks, attachments = body.get("blocks"), body.get("attachments")
    return Content(
        text=str(body["text"]) if body.get("text") is not None else None,
        blocks=blocks if isinstance(blocks, list) else None,
        attachments=attachments if isinstance(attachments, list) else None,
        thread_ts=str(body.get("thread_ts") or ""),
    )


def _is_yes(value: Any) -> bool:
    return value is True or str(value).lower() == "true"
