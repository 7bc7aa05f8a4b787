"""What people in the workspace do, as envelopes: mention the bot, type a command, press a button, submit a form."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tautwire.errors import ConfigurationError
from tautwire.local.socket import payloads
from tautwire.local.socket.ledger import Delivery
from tautwire.local.workspace import User, View, shapes

if TYPE_CHECKING:
    from tautwire.clock import Clock
    from tautwire.local.socket.line import Line
    from tautwire.local.socket.registry import Endpoint
    from tautwire.local.switches import Switches
    from tautwire.local.workspace import Channel, Workspace

__all__ = ["Sender"]

Json = dict[str, Any]


class Sender:
    """The `send_…` methods. Each returns at once with the entry in the ledger; none ever waits for a client.

    Everywhere: `user` and `channel` are ids or names, and what else is given by keyword lands in the payload, over what
    is there. `to` (a connection, else one at random) and `envelope_id` (else a fresh UUID) address the envelope.
    """

    workspace: Workspace
    switches: Switches
    _clock: Clock

    def line(self, app_id: str | None = None) -> Line:
        """The Socket Mode line of an app; the first app's without an id."""
        raise NotImplementedError

    @property
    def base_url(self) -> str:
        """Where `response_url`s point; no slash at the end."""
        raise NotImplementedError

    def send_envelope(
        self,
        type: str,  # noqa: A002 - Slack's word
        payload: Json,
        *,
        accepts: bool = False,
        subject: str = "",
        event_id: str = "",
        to: Endpoint | None = None,
        envelope_id: str | None = None,
        retry_attempt: int = 0,
        retry_reason: str | None = None,
    ) -> Delivery:
        """Any envelope with any payload. `subject` is what `Fault.match` may name besides the type."""
        delivery = Delivery(type, subject, event_id, payload, accepts, self._clock.monotonic())
        return self.line(None if to is None else to.app_id).dispatch(
            delivery, to=to, envelope_id=envelope_id, retry_attempt=retry_attempt, retry_reason=retry_reason
        )

    def send_event(
        self,
        event_type: str = "app_mention",
        /,
        *,
        to: Endpoint | None = None,
        envelope_id: str | None = None,
        event_id: str | None = None,
        retry_attempt: int = 0,
        retry_reason: str | None = None,
        **inner: Any,
    ) -> Delivery:
        """An event. `app_mention` and `message` get an author, a channel, a text and a `ts` unless given."""
        wall = self._clock.wall()
        event: Json = {"type": event_type}
        if event_type in ("app_mention", "message"):
            event |= self._spoken(event_type, inner)
        event |= inner
        event.setdefault("event_ts", event.get("ts") or self.workspace.ids.ts(wall))
        known = event_id or self.workspace.ids.of("Ev")
        return self.send_envelope(
            "events_api",
            payloads.event_callback(self.workspace.me, event, event_id=known, event_time=int(wall)),
            subject=event_type,
            event_id=known,
            to=to,
            envelope_id=envelope_id,
            retry_attempt=retry_attempt,
            retry_reason=retry_reason,
        )

    def send_rate_limited(self, *, to: Endpoint | None = None) -> Delivery:
        """`app_rate_limited`: the event that says that events are being dropped, and has no inner event."""
        minute = int(self._clock.wall()) // 60 * 60
        payload = payloads.app_rate_limited(self.workspace.me, minute)
        return self.send_envelope("events_api", payload, subject="app_rate_limited", to=to)

    def send_command(
        self,
        command: str = "/deploy",
        *,
        text: str = "",
        user: str = "U0ANN",
        channel: str = "C0GENERAL",
        to: Endpoint | None = None,
        envelope_id: str | None = None,
        **more: Any,
    ) -> Delivery:
        """A slash command; its ack may carry a message."""
        payload = payloads.command(
            self.workspace.me,
            command,
            text,
            user=self._who(user),
            channel=self._place(channel),
            response_url=self._response_url("commands", channel, user),
            trigger_id=self._trigger(user),
        )
        return self.send_envelope(
            "slash_commands", payload | more, accepts=True, subject=command, to=to, envelope_id=envelope_id
        )

    def send_action(
        self,
        action_id: str = "ok",
        *,
        value: str | None = None,
        block_id: str = "b1",
        action: Json | None = None,
        message: Json | None = None,
        view: Json | None = None,
        user: str = "U0ANN",
        channel: str = "C0GENERAL",
        to: Endpoint | None = None,
        envelope_id: str | None = None,
        **more: Any,
    ) -> Delivery:
        """A click: a button with `value`, or what `action` says; in `message`, in `view`, or in a new message."""
        click = {
            "type": "button",
            "action_id": action_id,
            "block_id": block_id,
            "text": {"type": "plain_text", "text": action_id, "emoji": True},
            **({} if value is None else {"value": value}),
            "action_ts": self._ts(),
        }
        payload = payloads.block_actions(
            self.workspace.me,
            [click | (action or {})],
            user=self._who(user),
            place=self._scene(channel, message, view, user=user, answerable=True),
            trigger_id=self._trigger(user),
        )
        accepts = self.switches.block_actions_accept_payload
        return self.send_envelope(
            "interactive", payload | more, accepts=accepts, subject="block_actions", to=to, envelope_id=envelope_id
        )

    def send_options(
        self,
        action_id: str = "pick",
        *,
        value: str = "",
        block_id: str = "b1",
        message: Json | None = None,
        view: Json | None = None,
        user: str = "U0ANN",
        channel: str = "C0GENERAL",
        to: Endpoint | None = None,
        envelope_id: str | None = None,
        **more: Any,
    ) -> Delivery:
        """`block_suggestion`: somebody types into an external select; the ack carries the options."""
        payload = payloads.block_suggestion(
            self.workspace.me,
            action_id=action_id,
            block_id=block_id,
            value=value,
            user=self._who(user),
            place=self._scene(channel, message, view, user=user, answerable=False),
        )
        return self.send_envelope(
            "interactive", payload | more, accepts=True, subject="block_suggestion", to=to, envelope_id=envelope_id
        )

    def send_view_submission(
        self,
        callback_id: str = "ticket",
        *,
        values: Json | None = None,
        view: Json | None = None,
        response_urls: list[Json] | None = None,
        user: str = "U0ANN",
        to: Endpoint | None = None,
        envelope_id: str | None = None,
        **more: Any,
    ) -> Delivery:
        """A submitted modal; the ack may carry a `response_action`. `values`: `{block_id: {action_id: {…}}}`."""
        payload = payloads.view_submission(
            self.workspace.me,
            self._shown(callback_id, view, values),
            user=self._who(user),
            trigger_id=self._trigger(user),
            response_urls=response_urls or [],
        )
        return self.send_envelope(
            "interactive", payload | more, accepts=True, subject="view_submission", to=to, envelope_id=envelope_id
        )

    def send_view_closed(
        self,
        callback_id: str = "ticket",
        *,
        view: Json | None = None,
        is_cleared: bool = False,
        user: str = "U0ANN",
        to: Endpoint | None = None,
        envelope_id: str | None = None,
        **more: Any,
    ) -> Delivery:
        """A dismissed modal."""
        shown = self._shown(callback_id, view, None) | {"notify_on_close": True}
        payload = payloads.view_closed(self.workspace.me, shown, user=self._who(user), is_cleared=is_cleared)
        return self.send_envelope("interactive", payload | more, subject="view_closed", to=to, envelope_id=envelope_id)

    def send_shortcut(
        self,
        callback_id: str = "new_task",
        *,
        user: str = "U0ANN",
        to: Endpoint | None = None,
        envelope_id: str | None = None,
        **more: Any,
    ) -> Delivery:
        """A global shortcut."""
        payload = payloads.shortcut(
            self.workspace.me,
            callback_id,
            user=self._who(user),
            action_ts=self._ts(),
            trigger_id=self._trigger(user),
        )
        return self.send_envelope("interactive", payload | more, subject="shortcut", to=to, envelope_id=envelope_id)

    def send_message_action(
        self,
        callback_id: str = "file_bug",
        *,
        message: Json | None = None,
        user: str = "U0ANN",
        channel: str = "C0GENERAL",
        to: Endpoint | None = None,
        envelope_id: str | None = None,
        **more: Any,
    ) -> Delivery:
        """A message shortcut, on `message` or on one that has just been said."""
        payload = payloads.message_action(
            self.workspace.me,
            callback_id,
            user=self._who(user),
            channel=self._place(channel),
            message=message or self._said("it broke", by=self._who(user)),
            action_ts=self._ts(),
            trigger_id=self._trigger(user),
            response_url=self._response_url("app-actions", channel, user),
        )
        return self.send_envelope(
            "interactive", payload | more, subject="message_action", to=to, envelope_id=envelope_id
        )

    # The parts

    def _spoken(self, event_type: str, inner: Json) -> Json:
        me = self.workspace.me
        place = self._place(str(inner.get("channel", "C0GENERAL")))
        spoken: Json = {
            "user": "U0ANN",
            "text": f"<@{me.bot_user_id}> hello",
            "ts": self._ts(),
            "client_msg_id": self.workspace.ids.uuid(),
            "team": me.team_id,
            "channel": place.id,
        }
        return spoken | {"channel_type": place.kind} if event_type == "message" else spoken

    def _scene(self, channel: str, message: Json | None, view: Json | None, *, user: str, answerable: bool) -> Json:
        if view is not None:
            return payloads.in_view(view)
        shown = message or self._said("Deploy?")
        url = self._response_url("actions", channel, user) if answerable else None
        return payloads.in_message(self._place(channel), shown, url)

    def _said(self, text: str, by: User | None = None) -> Json:
        me = self.workspace.me
        if by is not None:
            return {"type": "message", "user": by.id, "ts": self._ts(), "text": text}
        return {
            "type": "message",
            "user": me.bot_user_id,
            "bot_id": me.bot_id,
            "ts": self._ts(),
            "text": text,
            "blocks": [],
        }

    def _shown(self, callback_id: str, view: Json | None, values: Json | None) -> Json:
        known = view or self._any_view(callback_id)
        return known if values is None else known | {"state": {"values": values}}

    def _any_view(self, callback_id: str) -> Json:
        view_id = self.workspace.ids.of("V")
        return shapes.view(
            self.workspace.me,
            View(
                view_id, self.workspace.me.app_id, "U0ANN", "modal", {"callback_id": callback_id}, self._ts(), view_id
            ),
        )

    def _who(self, name: str) -> User:
        """By id or name; a stranger is taken for what they say they are."""
        return self.workspace.core.find_user(name) or User(name, name.lower())

    def _place(self, name: str) -> Channel:
        workspace = self.workspace
        found = workspace.core.find_channel(name)
        person = workspace.core.find_user(name)
        if found is None and person is not None:
            return workspace.direct(person, workspace.core.bot_user(workspace.app), wall=self._clock.wall())
        if found is None:
            raise ConfigurationError(f"the local workspace has no channel {name!r}")
        return found

    def _ts(self) -> str:
        return self.workspace.ids.ts(self._clock.wall())

    def _trigger(self, user: str) -> str:
        return self.workspace.grants.trigger(self.workspace.me.app_id, self._who(user).id, self._clock.monotonic())

    def _response_url(self, kind: str, channel: str, user: str) -> str:
        path = self.workspace.grants.response_url(
            kind, self.workspace.me.app_id, self._who(user).id, self._place(channel).id, self._clock.monotonic()
        )
        return self.base_url + path
