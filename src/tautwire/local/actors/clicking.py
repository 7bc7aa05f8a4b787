"""What people type, click and choose: commands, shortcuts, and every interactive element."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tautwire.errors import ConfigurationError
from tautwire.local.actors import context, elements
from tautwire.local.actors.interacting import Interacting
from tautwire.local.actors.said import Said, Shown
from tautwire.local.actors.stage import Outcome, app_for
from tautwire.local.socket import frames

if TYPE_CHECKING:
    from tautwire.local.actors.place import Place
    from tautwire.local.workspace import App, Channel
    from tautwire.local.workspace.model import Json

__all__ = ["Clicking"]


class Clicking(Interacting):
    """Each method returns an `Outcome` once the app has acked, or has run out of time.

    With no app connected that is at once. What is not there to click on raises `ConfigurationError`.
    """

    async def command(self, line: str, *, channel: str | Channel | Place = "general") -> Outcome:
        """A slash command with its text, as typed: `/deploy api prod`."""
        name, _, text = line.strip().partition(" ")
        if not name.startswith("/") or len(name) < 2:
            raise ConfigurationError(f"a command begins with a slash, unlike {line!r}")
        place, stage = self._where(channel), self._stage
        app = app_for(stage, lambda each: each.permissions.has_command(name), f"the command {name}")
        self._stage.acted(self.name, "command", channel=place.name, text=line)
        payload = frames.command(
            app.identity,
            name,
            text.strip(),
            user=self.record,
            channel=place,
            response_url=self._response_url("commands", app, place),
            trigger_id=self._trigger(app),
        )
        about = context.Command(app.id, self.id, place.id)
        return await self._tell(
            app, payload, kind="slash_commands", subject=name, accepts=True, about=about, what=f"type {line}"
        )

    async def shortcut(self, callback_id: str) -> Outcome:
        """A global shortcut."""
        app = self._app_with_shortcut(callback_id)
        self._stage.acted(self.name, "shortcut", what=callback_id)
        payload = frames.shortcut(
            app.identity, callback_id, user=self.record, action_ts=self._ts(), trigger_id=self._trigger(app)
        )
        return await self._tell(app, payload, subject="shortcut", what=f"use the shortcut {callback_id}")

    async def message_shortcut(self, callback_id: str, message: Said) -> Outcome:
        """A shortcut in a message's menu."""
        app = self._app_with_shortcut(callback_id)
        place = self._stage.workspace.channels[message.channel_id]
        self._stage.acted(self.name, "message_shortcut", what=callback_id, ts=message.ts)
        payload = frames.message_action(
            app.identity,
            callback_id,
            user=self.record,
            channel=place,
            message=message.as_dict(),
            action_ts=self._ts(),
            trigger_id=self._trigger(app),
            response_url=self._response_url("app-actions", app, place),
        )
        return await self._tell(app, payload, subject="message_action", what=f"use the shortcut {callback_id}")

    def _app_with_shortcut(self, callback_id: str) -> App:
        return app_for(
            self._stage, lambda each: each.permissions.has_shortcut(callback_id), f"the shortcut {callback_id!r}"
        )

    # Clicking and choosing

    async def clicks(self, target: Said | Shown, wanted: str, value: Any = None) -> Outcome:
        """Press or choose something in a message or view; `wanted` is its `action_id`, its text or its `block_id`.

        `value` is what was chosen: an option by value or text, a person or channel by name, a date, words; a list for
        the multi-selects. A choice in an input block without `dispatch_action` is only remembered for the submission.
        """
        app, found = self._app_of(target), elements.find(target.blocks, wanted)
        chosen = elements.choose(found, value, self._resolve)
        self._stage.acted(self.name, "clicks", on=repr(target), what=found.action_id, value=value)
        if found.type in elements.HOLDING and isinstance(target, Shown):
            self._remember(target, found, chosen)
        if not found.dispatches:
            return Outcome()
        act = elements.action(found, chosen, action_ts=self._ts())
        payload = frames.block_actions(
            app.identity,
            [act],
            user=self.record,
            place=self._scene(app, target),
            trigger_id=self._trigger(app, target),
            state=elements.states(target.blocks, self._known(target, found, chosen)),
        )
        return await self._tell(app, payload, subject="block_actions", what=f"click on {wanted}")

    async def types(self, target: Said | Shown, wanted: str, words: str) -> list[Json]:
        """Look for options in an external select: what the app offers for `words`."""
        app, found = self._app_of(target), elements.find(target.blocks, wanted)
        if "external_select" not in found.type:
            raise ConfigurationError(f"{wanted!r} is a {found.type}, which asks no app for its options")
        self._stage.acted(self.name, "types", on=repr(target), what=found.action_id, text=words)
        payload = frames.block_suggestion(
            app.identity,
            action_id=found.action_id,
            block_id=found.block_id,
            value=words,
            user=self.record,
            place=self._scene(app, target, answerable=False),
        )
        about = context.Suggestion(found.action_id, words)
        outcome = await self._tell(
            app, payload, subject="block_suggestion", accepts=True, about=about, what=f"look for {words!r}"
        )
        return context.options_in(outcome.answer) if outcome.is_ok and outcome.answer else []

    def _scene(self, app: App, target: Said | Shown, *, answerable: bool = True) -> Json:
        if isinstance(target, Shown):
            return frames.in_view(target.as_dict())
        place = self._stage.workspace.channels[target.channel_id]
        url = self._response_url("actions", app, place, target) if answerable else None
        scene = frames.in_message(place, target.as_dict(), url)
        scene["container"]["is_ephemeral"] = target.is_ephemeral
        return scene

    def _known(self, target: Said | Shown, found: elements.Found, chosen: Any) -> Json:
        if isinstance(target, Shown):
            return target.values
        if found.type not in elements.HOLDING:
            return {}
        return {found.block_id: {found.action_id: elements.state_value(found, chosen)}}
