"""What apps show people: modals, homes, and what only one person sees."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

from tautwire.errors import ConfigurationError
from tautwire.local.actors import context, elements
from tautwire.local.actors.interacting import Interacting
from tautwire.local.actors.said import Said, Shown
from tautwire.local.actors.stage import PATIENCE, Outcome, app_named
from tautwire.local.socket import payloads
from tautwire.local.workspace import shapes

if TYPE_CHECKING:
    from collections.abc import Callable

    from tautwire.local.workspace import App
    from tautwire.local.workspace.model import Json

__all__ = ["Viewing"]


class Viewing(Interacting):
    """Each method that tells an app returns an `Outcome` once it has acked, or has run out of time."""

    @property
    def screen(self) -> Shown | None:
        """The modal on top, if one is open."""
        view = self._stage.workspace.screens.top(self.record)
        return None if view is None else Shown(self._stage, view)

    async def modal(self, callback_id: str = "", *, timeout: float = PATIENCE) -> Shown:
        """The modal on top, once there is one (with this `callback_id`) that was not given before.

        So it waits for the modal that a command, a click or a submission brings up, whatever lies there still. For
        the one that is there now ask `screen`; one that the app updates stays the same, and has `until`.
        """
        screens, seen = self._stage.workspace.screens, self._memory.seen

        def holds() -> bool:
            view = screens.top(self.record)
            return view is not None and view.id not in seen and callback_id in ("", view.callback_id)

        named = f"new modal {callback_id!r}" if callback_id else "new modal"
        await self._stage.until(holds, f"{named} on {self.name}'s screen", timeout, instead=self._on_screen)
        view = screens.stack(self.record)[-1]
        seen.add(view.id)
        return Shown(self._stage, view)

    def _on_screen(self) -> str:
        screen = self.screen
        if screen is None:
            return "nothing is open there"
        known = ", given before (see `screen`)" if screen.id in self._memory.seen else ""
        return f"there is {screen!r} with the callback_id {screen.callback_id!r}{known}"

    async def submits(self, view: Shown, values: dict[str, Any] | None = None) -> Outcome:
        """Fill in (`{action_id, label or block_id: what}`) and press the submit button.

        What is not filled in stays as it was. `ConfigurationError` for what Slack's client would not let through.
        """
        app = self._app_of(view)
        if view.record.kind != "modal" or not view.record.given.get("submit"):
            raise ConfigurationError(f"{view!r} has no submit button")
        for wanted, given in (values or {}).items():
            self._choose(view, elements.find(view.blocks, wanted), given)
        missing = elements.missing(view.blocks, view.values)
        if missing:
            raise ConfigurationError(f"{view!r} cannot be submitted without {', '.join(missing)}")
        view.record.errors, view.record.trouble = {}, ""
        view.record.values = elements.states(view.blocks, view.values)
        payload = payloads.view_submission(
            app.identity,
            view.as_dict(),
            user=self.record,
            trigger_id=self._trigger(app, view),
            response_urls=self._response_urls(app, view),
        )
        about = context.Submission(app.id, view.id)
        with self._acts("submits", what=view.title, values=values):
            return await self._tell(app, payload, subject="view_submission", accepts=True, about=about, what="submit")

    def _response_urls(self, app: App, view: Shown) -> list[Json]:
        urls: list[Json] = []
        for found in elements.interactive(view.blocks):
            if found.element.get("response_url_enabled"):
                value = view.values.get(found.block_id, {}).get(found.action_id, {})
                chosen = value.get("selected_conversation") or value.get("selected_channel") or ""
                place = self._stage.workspace.channels.get(chosen)
                if place is not None:
                    url = self._response_url("app", app, place)
                    known = {"block_id": found.block_id, "action_id": found.action_id, "channel_id": place.id}
                    urls.append(known | {"response_url": url})
        return urls

    async def closes(self, view: Shown, *, everything: bool = False) -> list[Outcome]:
        """Cancel a modal, or (`everything`, its cross) the whole stack. Apps that asked for it are told of each."""
        app = self._app_of(view)
        if view.record.kind != "modal":
            raise ConfigurationError(f"{view!r} cannot be closed")
        with self._acts("closes", what=view.title):
            closed = self._stage.workspace.screens.dismiss(view.record, everything=everything)
            self._stage.settle()
            return [
                await self._tell(
                    app,
                    payloads.view_closed(
                        app.identity, shapes.view(app.identity, each), user=self.record, is_cleared=everything
                    ),
                    subject="view_closed",
                    what="close a modal",
                )
                for each in closed
                if each.given.get("notify_on_close")
            ]

    async def opens_home(self, app: str = "", *, tab: Literal["home", "messages"] = "home") -> Shown | None:
        """Look at an app's home (or its `messages`); `app` is its name or id, the first one's without.

        Returns what is to be seen at once, `None` for nothing yet; `sees_home` waits for what the app publishes then.
        """
        workspace, chosen = self._stage.workspace, app_named(self._stage, app)
        place = workspace.direct(self.record, workspace.core.bot_user(chosen), wall=self._stage.clock.wall())
        name, screens = chosen.identity.app_name, workspace.screens
        await self._do(
            "opens the home of",
            f"open the home of {name}",
            lambda: screens.open_home(self.record, chosen, place, tab),
            what=name,
            tab=tab,
        )
        return self.home(app)

    def home(self, app: str = "") -> Shown | None:
        """What an app's home shows now."""
        view = self._stage.workspace.screens.home(self.record, app_named(self._stage, app))
        return None if view is None else Shown(self._stage, view)

    async def sees_home(
        self, where: Callable[[Shown], object] | None = None, *, app: str = "", timeout: float = PATIENCE
    ) -> Shown:
        """What an app's home shows, once it shows anything (that `where` holds of)."""
        chosen = app_named(self._stage, app)

        def holds() -> bool:
            view = self.home(chosen.id)
            return view is not None and (where is None or bool(where(view)))

        await self._stage.until(
            holds,
            f"home of {chosen.identity.app_name} as {self.name} waits for it",
            timeout,
            instead=lambda: f"it shows {view.text!r}" if (view := self.home(chosen.id)) else "it shows nothing",
        )
        return Shown(self._stage, self._stage.workspace.screens.homes[self.id, chosen.id])

    # What only this person sees

    @property
    def ephemerals(self) -> list[Said]:
        """Messages that nobody else sees, oldest first."""
        shown = self._stage.workspace.answers.ephemerals.values()
        return [Said(self._stage, each) for each in shown if each.seen_by == self.id]

    async def next_ephemeral(
        self, *, containing: str = "", where: Callable[[Said], object] | None = None, timeout: float = PATIENCE
    ) -> Said:
        """The oldest of them that matches and was not given before, waiting for it when needed."""
        found: list[Said] = []

        def matches(said: Said) -> bool:
            return said.ts not in self._memory.seen and containing in said.text and (where is None or bool(where(said)))

        def holds() -> bool:
            found[:] = [each for each in self.ephemerals if matches(each)][:1]
            return bool(found)

        wanted = f"ephemeral message for {self.name}" + (f" containing {containing!r}" if containing else "")
        await self._stage.until(holds, wanted, timeout, instead=lambda: f"there are {self.ephemerals[-5:]}")
        self._memory.seen.add(found[0].ts)
        return found[0]
