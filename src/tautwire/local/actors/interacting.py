"""How an interaction gets to an app, and what comes of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tautwire.errors import ConfigurationError
from tautwire.local.actors import elements
from tautwire.local.actors.acting import Acting
from tautwire.local.actors.said import Shown
from tautwire.local.actors.stage import Outcome, refused

if TYPE_CHECKING:
    from tautwire.local.actors.said import Said
    from tautwire.local.workspace import App, Channel
    from tautwire.local.workspace.model import Json

__all__ = ["Interacting"]


class Interacting(Acting):
    """Somebody whose doings apps answer."""

    async def _tell(
        self,
        app: App,
        payload: Json,
        *,
        subject: str,
        what: str,
        kind: str = "interactive",
        accepts: bool = False,
        about: object = None,
    ) -> Outcome:
        if kind == "interactive" and not app.permissions.is_interactive:
            raise refused(self.record, what, "interactivity is switched off in the app's manifest")
        delivery = self._stage.tell(app, kind, payload, subject=subject, accepts=accepts, context=about)
        await self._told([delivery], what)
        return Outcome(delivery, delivery.user_error)

    def _trigger(self, app: App, target: Said | Shown | None = None) -> str:
        view_id = target.id if isinstance(target, Shown) else ""
        return self._stage.workspace.grants.trigger(app.id, self.id, self._stage.clock.monotonic(), view_id=view_id)

    def _response_url(self, kind: str, app: App, place: Channel, message: Said | None = None) -> str:
        path = self._stage.workspace.grants.response_url(
            kind,
            app.id,
            self.id,
            place.id,
            self._stage.clock.monotonic(),
            message_ts=message.ts if message else "",
            is_ephemeral=message.is_ephemeral if message else False,
        )
        return self._stage.base_url + path

    def _ts(self) -> str:
        return self._stage.workspace.ids.ts(self._stage.clock.wall())

    def _app_of(self, target: Said | Shown) -> App:
        app = self._stage.workspace.apps.get(target.record.app_id)
        if app is None:
            raise ConfigurationError(f"{target!r} is not an app's, so there is nothing to click on")
        if isinstance(target, Shown) and not target.is_open:
            raise ConfigurationError(f"{target!r} is closed")
        return app

    def _remember(self, target: Shown, found: elements.Found, chosen: Any) -> None:
        value = elements.state_value(found, chosen)
        target.record.values.setdefault(found.block_id, {})[found.action_id] = value

    def _resolve(self, name: str) -> str:
        core = self._stage.workspace.core
        known = core.find_user(name) or core.find_channel(name) or core.files.get(name)
        if known is None:
            raise ConfigurationError(f"there is nobody and nothing called {name!r} here")
        return known.id
