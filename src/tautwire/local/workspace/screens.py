"""Modals and App Homes: what apps show on people's screens, in stacks of at most three."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING, Final

from tautwire.local.workspace.changes import AppHomeOpened, ViewChanged
from tautwire.local.workspace.model import View
from tautwire.local.workspace.refusal import Refusal
from tautwire.local.workspace.view_rules import as_stored, check_view, places_in

if TYPE_CHECKING:
    from typing import Literal

    from tautwire.local.workspace.core import Core
    from tautwire.local.workspace.grants import Trigger
    from tautwire.local.workspace.model import App, Channel, Json, User

__all__ = ["Screens"]

#: Modals on top of each other.
MAX_STACK: Final = 3
#: Modals that are still known after they were closed.
MOST_CLOSED: Final = 1_000


class Screens:
    """What each person sees. `wall` is epoch seconds."""

    def __init__(self, core: Core) -> None:
        self._core = core
        #: Open modals by person, the one on top last.
        self.stacks: dict[str, list[View]] = {}
        #: Published homes by person and app.
        self.homes: dict[tuple[str, str], View] = {}
        self._closed: deque[str] = deque()

    def top(self, user: User) -> View | None:
        """The modal that `user` sees, if any."""
        stack = self.stacks.get(user.id)
        return stack[-1] if stack else None

    def stack(self, user: User) -> list[View]:
        """All open modals of `user`, the one on top last; a copy."""
        return list(self.stacks.get(user.id, ()))

    def home(self, user: User, app: App) -> View | None:
        """What `app` has published for `user`, if anything."""
        return self.homes.get((user.id, app.id))

    # What apps do

    def check(self, app: App, given: Json, kind: Literal["modal", "home"], view: View | None = None) -> None:
        """Refuse what Slack would not take for a view, or for another content of `view`."""
        check_view(given, kind)
        external_id = given.get("external_id")
        taken = (each for each in self._core.views.values() if external_id and self._is(each, app, external_id))
        if any(each is not view for each in taken):
            raise Refusal("duplicate_external_id")

    def open(self, app: App, trigger: Trigger, given: Json, *, wall: float) -> View:
        """A modal of its own, in place of whatever was open."""
        self.check(app, given, "modal")
        self._close_all(trigger.user_id)
        return self._put(app, trigger.user_id, given, wall)

    def push(self, app: App, trigger: Trigger, given: Json, *, wall: float) -> View:
        """A modal on top of the one that the trigger is from."""
        self.check(app, given, "modal")
        stack = self.stacks.get(trigger.user_id, [])
        is_there = not trigger.view_id or any(trigger.view_id == each.id for each in stack)
        if not stack or stack[-1].app_id != app.id or not is_there:
            raise Refusal("not_found")
        return self.push_on(app, stack[-1], given, wall=wall)

    def update(self, app: App, view: View, given: Json, *, wall: float, known_hash: str = "") -> View:
        """Another content for an open view; `known_hash` guards against a race.

        What somebody has entered stays where block and element have the ids that they had.
        """
        self.check(app, given, view.kind, view)
        if not view.is_open:
            raise Refusal("not_found")
        if known_hash and known_hash != view.hash:
            raise Refusal("hash_conflict")
        view.given, view.hash = as_stored(given, self._core.ids.random), self._hash(wall)
        view.values = _kept_values(view)
        view.errors, view.trouble = {}, ""
        self._core.happened(ViewChanged(view))
        return view

    def publish(self, app: App, user: User, given: Json, *, wall: float, known_hash: str = "") -> View:
        """What `app` shows `user` in its home."""
        if not app.permissions.home_tab_enabled:
            raise Refusal("not_enabled")
        found = self.home(user, app)
        if found is not None:
            return self.update(app, found, given, wall=wall, known_hash=known_hash)
        self.check(app, given, "home")
        if known_hash:
            raise Refusal("hash_conflict")
        view = self._new(app, user.id, given, wall, "home")
        self.homes[user.id, app.id] = view
        self._core.happened(ViewChanged(view))
        return view

    def find(self, app: App, view_id: str = "", external_id: str = "") -> View:
        """One of the app's views. Raises `Refusal("not_found")`."""
        found = self._core.views.get(view_id)
        if found is None and external_id:
            found = next((view for view in self._core.views.values() if self._is(view, app, external_id)), None)
        if found is None or found.app_id != app.id:
            raise Refusal("not_found")
        return found

    def _is(self, view: View, app: App, external_id: str) -> bool:
        return view.is_open and view.app_id == app.id and view.external_id == external_id

    # What people do

    def close(self, view: View, *, everything: bool = False) -> list[View]:
        """What a person does: cancel a modal, which clears the stack when the app has asked for it, or (`everything`)
        take the cross, which always does. Returns what is gone, the top first."""
        return self.dismiss(view, everything=everything or bool(view.given.get("clear_on_close")))

    def dismiss(self, view: View, *, everything: bool = False) -> list[View]:
        """Take a modal away with what is on it, and with `everything` those under it. Returns them, the top first."""
        stack = self.stacks.get(view.user_id, [])
        if view not in stack:
            return []
        keep = 0 if everything else stack.index(view)
        closed = stack[keep:][::-1]
        del stack[keep:]
        for each in closed:
            self._shut(each)
        return closed

    def open_home(self, user: User, app: App, channel: Channel, tab: Literal["home", "messages"]) -> None:
        """Look at the app's home, or at its messages."""
        self._core.happened(AppHomeOpened(user, app, channel, tab, self.home(user, app)))

    # What an answer to a submission does

    def complain(self, view: View, errors: dict[str, str]) -> None:
        """Show the app's errors at its inputs; the modal stays."""
        view.errors = errors
        self._core.happened(ViewChanged(view))

    def push_on(self, app: App, view: View, given: Json, *, wall: float) -> View:
        """Another modal on top of `view`, which stays."""
        self.check(app, given, "modal")
        if len(self.stacks.get(view.user_id, [])) >= MAX_STACK:
            raise Refusal("push_limit_reached")
        return self._put(app, view.user_id, given, wall)

    def leave_in_trouble(self, view: View, words: str) -> None:
        """The app did not answer; the modal stays and says so."""
        view.trouble = words
        self._core.happened(ViewChanged(view))

    # Inside

    def _put(self, app: App, user_id: str, given: Json, wall: float) -> View:
        view = self._new(app, user_id, given, wall, "modal")
        stack = self.stacks.setdefault(user_id, [])
        if stack:
            view.root_id, view.previous_id = stack[0].id, stack[-1].id
        stack.append(view)
        self._core.happened(ViewChanged(view))
        return view

    def _new(self, app: App, user_id: str, given: Json, wall: float, kind: Literal["modal", "home"]) -> View:
        view_id = self._core.ids.of("V")
        stored = as_stored(given, self._core.ids.random)
        view = View(view_id, app.id, user_id, kind, stored, self._hash(wall), root_id=view_id)
        self._core.views[view_id] = view
        return view

    def _close_all(self, user_id: str) -> None:
        for view in self.stacks.pop(user_id, []):
            self._shut(view)

    def _shut(self, view: View) -> None:
        """It is gone from the screen, and after many others from memory."""
        view.is_open = False
        self._core.happened(ViewChanged(view))
        self._closed.append(view.id)
        if len(self._closed) > MOST_CLOSED:
            self._core.views.pop(self._closed.popleft(), None)

    def _hash(self, wall: float) -> str:
        return f"{int(wall)}.{self._core.ids.secret(32)}"


def _kept_values(view: View) -> Json:
    """What was entered, as far as there is still a place for it."""
    places = set(places_in(view.given["blocks"]))
    kept = {
        block: {action: value for action, value in entered.items() if (block, action) in places}
        for block, entered in view.values.items()
    }
    return {block: entered for block, entered in kept.items() if entered}
