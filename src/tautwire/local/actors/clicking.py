"""What people type, click and choose: commands, shortcuts, and every interactive element."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from tautwire.errors import ConfigurationError
from tautwire.local.actors import context, elements
from tautwire.local.actors.interacting import Interacting
from tautwire.local.actors.said import Said, Shown
from tautwire.local.actors.stage import Outcome, app_for, refused
from tautwire.local.actors.writing import as_command
from tautwire.local.socket import payloads

if TYPE_CHECKING:
    from tautwire.local.actors.place import Place
    from tautwire.local.workspace import App, Channel
    from tautwire.local.workspace.model import Json

__all__ = ["Clicking"]

#: From so many letters on an external select asks its app (docs.slack.dev, select menu of external data source).
_MIN_QUERY: Final = 3


class Clicking(Interacting):
    """Each method returns once the app has acked, or has run out of time; with no app connected that is at once.

    What is not there to click on, or not for this person, raises `ConfigurationError`.
    """

    async def command(self, line: str, *, channel: str | Channel | Place = "general") -> Outcome:
        """A slash command with its text, as typed: `/deploy api prod`."""
        name, _, text = line.strip().partition(" ")
        if not name.startswith("/") or len(name) < 2:
            raise ConfigurationError(f"a command begins with a slash, unlike {line!r}")
        place, core = self._where(channel), self._stage.workspace.core
        self._must_see(place, f"type {name}")
        app = app_for(
            self._stage,
            lambda each: each.permissions.has_command(name),
            f"the command {name}",
            lambda each: [command.command for command in each.permissions.commands],
        )
        payload = payloads.command(
            app.identity,
            name,
            as_command(text.strip(), core) if app.permissions.should_escape(name) else text.strip(),
            user=self.record,
            channel=place,
            response_url=self._response_url("commands", app, place),
            trigger_id=self._trigger(app),
        )
        about = context.Command(app.id, self.id, place.id)
        with self._acts("command", place, text=line):
            return await self._tell(
                app, payload, kind="slash_commands", subject=name, accepts=True, about=about, what=f"type {line}"
            )

    async def shortcut(self, callback_id: str) -> Outcome:
        """A global shortcut."""
        app = self._app_with_shortcut(callback_id, "global")
        payload = payloads.shortcut(
            app.identity, callback_id, user=self.record, action_ts=self._ts(), trigger_id=self._trigger(app)
        )
        with self._acts("uses the shortcut", what=callback_id):
            return await self._tell(app, payload, subject="shortcut", what=f"use the shortcut {callback_id}")

    async def message_shortcut(self, callback_id: str, message: Said) -> Outcome:
        """A shortcut in a message's menu."""
        app = self._app_with_shortcut(callback_id, "message")
        self._must_be_visible(message)
        if message.is_ephemeral:
            raise ConfigurationError(f"{message!r} is ephemeral, and so has no menu")
        place = self._stage.workspace.channels[message.channel_id]
        payload = payloads.message_action(
            app.identity,
            callback_id,
            user=self.record,
            channel=place,
            message=message.as_dict(),
            action_ts=self._ts(),
            trigger_id=self._trigger(app),
            response_url=self._response_url("app-actions", app, place),
        )
        with self._acts("uses the shortcut", place, what=callback_id, ts=message.ts):
            return await self._tell(app, payload, subject="message_action", what=f"use the shortcut {callback_id}")

    def _app_with_shortcut(self, callback_id: str, kind: str) -> App:
        return app_for(
            self._stage,
            lambda each: each.permissions.has_shortcut(callback_id, kind),
            f"the {kind} shortcut {callback_id!r}",
            lambda each: [f"{shortcut.callback_id} ({shortcut.type.value})" for shortcut in each.permissions.shortcuts],
        )

    # Clicking and choosing

    async def clicks(self, target: Said | Shown, wanted: str, value: Any = None) -> Outcome:
        """Press or choose something in a message or view; `wanted` is its `action_id`, its text or its `block_id`.

        `value` is what was chosen: an option by value or text, a person or channel by name, a date, words; a list for
        the multi-selects. Among buttons of one name it says which. A choice in an input block without
        `dispatch_action` is only remembered for the submission.
        """
        app, found = self._app_of(target), elements.find(target.controls, wanted, value)
        chosen = self._choose(target, found, value)
        if not found.dispatches:
            return Outcome()
        payload = payloads.block_actions(
            app.identity,
            [elements.action(found, chosen, action_ts=self._ts())],
            user=self.record,
            place=self._scene(app, target, found),
            trigger_id=self._trigger(app, target),
            state=elements.states(target.controls, self._memory.values(target)),
        )
        with self._acts("clicks", what=found.name, on=repr(target), value=value):
            return await self._tell(app, payload, subject="block_actions", what=f"click on {wanted}")

    async def types(self, target: Said | Shown, wanted: str, words: str) -> list[Json]:
        """Look for options in an external select: what the app offers for `words`.

        `clicks` and `submits` know them from then on, by value or text. `ActionRefusedError` when the app has not
        answered in time, or with something that Slack does not take.
        """
        app, found = self._app_of(target), elements.find(target.controls, wanted)
        if "external_select" not in found.type:
            raise ConfigurationError(f"{wanted!r} is a {found.type}, which asks no app for its options")
        least = found.element.get("min_query_length", _MIN_QUERY)
        if len(words) < least:
            raise ConfigurationError(f"{wanted!r} asks its app from {least} letters on (min_query_length)")
        payload = payloads.block_suggestion(
            app.identity,
            action_id=found.action_id,
            block_id=found.block_id,
            value=words,
            user=self.record,
            place=self._scene(app, target, found, answerable=False),
        )
        about, what = context.Suggestion(found.action_id, words), f"look for {words!r}"
        with self._acts("types", what=found.name, text=words, on=repr(target)):
            outcome = await self._tell(app, payload, subject="block_suggestion", accepts=True, about=about, what=what)
        if not outcome:
            raise refused(self.record, what, outcome.error)
        options = context.options_in(outcome.answer or {})
        self._memory.offer(target, found, options)
        return options

    def _scene(self, app: App, target: Said | Shown, found: elements.Found, *, answerable: bool = True) -> Json:
        if isinstance(target, Shown):
            return payloads.in_view(target.as_dict())
        place = self._stage.workspace.channels[target.channel_id]
        url = self._response_url("actions", app, place, target) if answerable else None
        scene = payloads.in_message(place, target.as_dict(), url)
        scene["container"]["is_ephemeral"] = target.is_ephemeral
        for number, attachment in enumerate(target.attachments, start=1):
            if any(block is found.block for block in attachment.get("blocks") or ()):
                scene["container"] |= {"type": "message_attachment", "attachment_id": number, "is_app_unfurl": False}
        return scene
