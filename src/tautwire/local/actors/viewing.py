"""What apps show people: modals, homes, and what only one person sees."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

from tautwire.errors import ConfigurationError
from tautwire.local.actors import context, elements
from tautwire.local.actors.interacting import Interacting
from tautwire.local.actors.said import Said, Shown
from tautwire.local.actors.stage import PATIENCE, Outcome, app_for
from tautwire.local.socket import frames
from tautwire.local.workspace import shapes

if TYPE_CHECKING:
    from tautwire.local.workspace import App
    from tautwire.local.workspace.model import Json

__all__ = ["Viewing"]


class Viewing(Interacting):
    """Each method that tells an app returns an `Outcome` once it has acked, or has run out of time."""

    _seen: set[str]

    @property
    def screen(self) -> Shown | None:
        """The modal on top, if one is open."""
        view = self._stage.workspace.screens.top(self.record)
        return None if view is None else Shown(self._stage, view)

    async def modal(self, callback_id: str = "", *, timeout: float = PATIENCE) -> Shown:
        """The modal on top, once there is one (with this `callback_id`)."""
        screens = self._stage.workspace.screens

        def holds() -> bool:
            view = screens.top(self.record)
            return view is not None and callback_id in ("", view.callback_id)

        await self._stage.until(holds, f"a modal {callback_id!r} on {self.name}'s screen", timeout)
        return Shown(self._stage, screens.stack(self.record)[-1])

    async def submits(self, view: Shown, values: dict[str, Any] | None = None) -> Outcome:
        """Fill in (`{action_id, label or block_id: what}`) and press the submit button."""
        app = self._app_of(view)
        for wanted, given in (values or {}).items():
            found = elements.find(view.blocks, wanted)
            self._remember(view, found, elements.choose(found, given, self._resolve))
        missing = elements.missing(view.blocks, view.values)
        if missing:
            raise ConfigurationError(f"{view!r} cannot be submitted without {', '.join(missing)}")
        self._stage.acted(self.name, "submits", view=repr(view), values=values)
        view.record.errors, view.record.trouble = {}, ""
        view.record.values = elements.states(view.blocks, view.values)
        payload = frames.view_submission(
            app.identity,
            view.as_dict(),
            user=self.record,
            trigger_id=self._trigger(app, view),
            response_urls=self._response_urls(app, view),
        )
        about = context.Submission(app.id, view.id)
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
        """Cancel a modal, or (`everything`, its cross) the whole stack. Those that asked for it are told of."""
        app = self._app_of(view)
        self._stage.acted(self.name, "closes", view=repr(view))
        closed = self._stage.workspace.screens.dismiss(view.record, everything=everything)
        heard = [each for each in closed if each.given.get("notify_on_close")]
        outcomes = []
        for each in heard:
            payload = frames.view_closed(
                app.identity, shapes.view(app.identity, each), user=self.record, is_cleared=everything
            )
            outcomes.append(await self._tell(app, payload, subject="view_closed", what="close a modal"))
        self._stage.settle()
        return outcomes

    async def opens_home(self, app: str = "", *, tab: Literal["home", "messages"] = "home") -> Shown | None:
        """Look at an app's home (or its `messages`); returns what it shows just then, `None` for nothing yet."""
        workspace = self._stage.workspace
        chosen = app_for(self._stage, lambda each: app in ("", each.id, each.identity.app_name), f"the name {app!r}")
        place = workspace.direct(self.record, workspace.core.bot_user(chosen), wall=self._stage.clock.wall())
        self._stage.acted(self.name, "opens_home", app=chosen.id, tab=tab)
        await self._do("open that", lambda: workspace.screens.open_home(self.record, chosen, place, tab))
        view = workspace.screens.home(self.record, chosen)
        return None if view is None else Shown(self._stage, view)

    def home(self, app: str = "") -> Shown | None:
        """What an app's home shows now."""
        chosen = app_for(self._stage, lambda each: app in ("", each.id, each.identity.app_name), f"the name {app!r}")
        view = self._stage.workspace.screens.home(self.record, chosen)
        return None if view is None else Shown(self._stage, view)

    # What only this person sees

    @property
    def ephemerals(self) -> list[Said]:
        """Messages that nobody else sees, oldest first."""
        shown = self._stage.workspace.answers.ephemerals.values()
        return [Said(self._stage, each) for each in shown if each.seen_by == self.id]

    async def next_ephemeral(self, *, containing: str = "", timeout: float = PATIENCE) -> Said:
        """The oldest of them that was not given before, waiting for it when needed."""
        found: list[Said] = []

        def holds() -> bool:
            new = (each for each in self.ephemerals if each.ts not in self._seen and containing in each.text)
            found[:] = list(new)[:1]
            return bool(found)

        await self._stage.until(holds, f"an ephemeral message for {self.name}", timeout)
        self._seen.add(found[0].ts)
        return found[0]
