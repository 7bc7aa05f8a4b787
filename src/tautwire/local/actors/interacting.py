"""How an interaction gets to an app, and what comes of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tautwire.errors import ConfigurationError
from tautwire.local.actors import elements
from tautwire.local.actors.acting import Acting
from tautwire.local.actors.said import Shown
from tautwire.local.actors.stage import Outcome, name_of, refused
from tautwire.local.workspace import shapes

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
        """Whose it is; `ConfigurationError` when there is nothing to be clicked on, or not by this person."""
        app = self._stage.workspace.apps.get(target.record.app_id)
        if app is None:
            raise ConfigurationError(f"{target!r} is not an app's, so there is nothing to click on")
        if isinstance(target, Shown):
            self._must_be_on_screen(target)
        else:
            self._must_be_visible(target)
        return app

    def _must_be_on_screen(self, view: Shown) -> None:
        if view.record.user_id != self.id:
            raise ConfigurationError(
                f"{view!r} is on the screen of {name_of(self._stage, view.record.user_id)}, not of {self.name}"
            )
        if not view.is_open:
            raise ConfigurationError(f"{view!r} is closed, so nothing can be done with it")
        top = self._stage.workspace.screens.top(self.record)
        if view.record.kind == "modal" and top is not None and top is not view.record:
            raise ConfigurationError(f"{view!r} lies under {Shown(self._stage, top)!r}; that has to be closed first")

    def _must_be_visible(self, message: Said) -> None:
        if message.is_deleted:
            raise ConfigurationError(f"{message!r} was deleted, so nothing can be done with it")
        if message.record.seen_by not in ("", self.id):
            raise ConfigurationError(
                f"{message!r} is seen by {name_of(self._stage, message.record.seen_by)} alone, not by {self.name}"
            )
        self._must_see(self._stage.workspace.channels[message.channel_id], "see that message")

    def _choose(self, target: Said | Shown, found: elements.Found, value: Any) -> Any:
        """What was chosen, in Slack's form; from now on it stands there, if the element holds it."""
        chosen = elements.choose(found, value, self._resolve, self._memory.offered(target, found))
        if found.type in elements.HOLDING:
            self._memory.choose(target, found, elements.state_value(found, chosen))
        return chosen

    def _resolve(self, found: elements.Found, given: Any) -> Any:
        """A person, a place or a file, as the element's state names it."""
        workspace, name = self._stage.workspace, str(getattr(given, "id", given))
        core = workspace.core
        user, channel = core.find_user(name), core.find_channel(name)
        if "users" in found.type and user is not None:
            return user.id
        if "conversations" in found.type and user is not None and channel is None:
            channel = workspace.direct(self.record, user, wall=self._stage.clock.wall())
        if "channels" in found.type and channel is not None and channel.is_direct:
            channel = None
        if ("conversations" in found.type or "channels" in found.type) and channel is not None:
            return channel.id
        if found.type == "file_input":
            return self._file(name)
        raise ConfigurationError(f"{found.name!r} is a {found.type}, and there is no {given!r} for it here")

    def _file(self, name: str) -> Json:
        files = self._stage.workspace.core.files.values()
        latest = next((each for each in reversed(files) if name in (each.id, each.name)), None)
        if latest is None:
            names = ", ".join(repr(each.name) for each in files) or "none"
            raise ConfigurationError(f"there is no file {name!r}, but {names}; `uploads` makes one")
        return shapes.file(self._stage.workspace.core, latest, base_url=self._stage.base_url)
