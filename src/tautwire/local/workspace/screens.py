"""Modals and App Homes: what apps show on people's screens, in stacks of at most three."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final

from tautwire.local.workspace.changes import AppHomeOpened, ViewChanged
from tautwire.local.workspace.model import View
from tautwire.local.workspace.refusal import Refusal

if TYPE_CHECKING:
    from typing import Literal

    from tautwire.local.workspace.core import Core
    from tautwire.local.workspace.grants import Trigger
    from tautwire.local.workspace.model import App, Channel, Json, User

__all__ = ["Screens"]

#: Slack's bounds for a view.
MAX_STACK: Final = 3
MAX_BLOCKS: Final = 100
MAX_SHORT: Final = 24
MAX_METADATA: Final = 3000
MAX_CALLBACK: Final = 255
MAX_BYTES: Final = 250_000
_LONGEST: Final = {"private_metadata": MAX_METADATA, "callback_id": MAX_CALLBACK, "external_id": MAX_CALLBACK}


class Screens:
    """What each person sees. `wall` is epoch seconds."""

    def __init__(self, core: Core) -> None:
        self._core = core
        #: Open modals by person, the one on top last.
        self.stacks: dict[str, list[View]] = {}
        #: Published homes by person and app.
        self.homes: dict[tuple[str, str], View] = {}

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

    def open(self, app: App, trigger: Trigger, given: Json, *, wall: float) -> View:
        """A modal of its own, in place of whatever was open."""
        check_view(given, "modal")
        self._check_external_id(app, given, None)
        self._close_all(trigger.user_id)
        return self._put(app, trigger.user_id, given, wall)

    def push(self, app: App, trigger: Trigger, given: Json, *, wall: float) -> View:
        """A modal on top of the one that the trigger is from."""
        check_view(given, "modal")
        self._check_external_id(app, given, None)
        stack = self.stacks.get(trigger.user_id, [])
        if (
            not stack
            or stack[-1].app_id != app.id
            or (trigger.view_id and all(trigger.view_id != it.id for it in stack))
        ):
            raise Refusal("not_found")
        if len(stack) >= MAX_STACK:
            raise Refusal("push_limit_reached")
        return self._put(app, trigger.user_id, given, wall)

    def update(self, app: App, view: View, given: Json, *, wall: float, known_hash: str = "") -> View:
        """Another content for an open view; `known_hash` guards against a race."""
        check_view(given, view.kind)
        self._check_external_id(app, given, view)
        if not view.is_open:
            raise Refusal("not_found")
        if known_hash and known_hash != view.hash:
            raise Refusal("hash_conflict")
        kept = {block.get("block_id") for block in given.get("blocks", ())}
        view.given, view.hash = given, self._hash(wall)
        view.values = {block: value for block, value in view.values.items() if block in kept}
        view.errors, view.trouble = {}, ""
        self._core.happened(ViewChanged(view))
        return view

    def publish(self, app: App, user: User, given: Json, *, wall: float, known_hash: str = "") -> View:
        """What `app` shows `user` in its home."""
        if not app.permissions.home_tab_enabled:
            raise Refusal("not_enabled")
        check_view(given, "home")
        found = self.home(user, app)
        if found is not None:
            return self.update(app, found, given, wall=wall, known_hash=known_hash)
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

    def dismiss(self, view: View, *, everything: bool = False) -> list[View]:
        """Close a modal, and with `everything` (its cross) those under it. Returns them, the top first."""
        stack = self.stacks.get(view.user_id, [])
        if view not in stack:
            return []
        keep = 0 if everything else stack.index(view)
        closed = stack[keep:][::-1]
        del stack[keep:]
        for each in closed:
            each.is_open = False
            self._core.happened(ViewChanged(each))
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
        """Another modal on top of the submitted one, which stays."""
        check_view(given, "modal")
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
        view = View(view_id, app.id, user_id, kind, given, self._hash(wall), root_id=view_id)
        self._core.views[view_id] = view
        return view

    def _close_all(self, user_id: str) -> None:
        for view in self.stacks.pop(user_id, []):
            view.is_open = False
            self._core.happened(ViewChanged(view))

    def _hash(self, wall: float) -> str:
        return f"{int(wall)}.{self._core.ids.secret(32)}"

    def _check_external_id(self, app: App, given: Json, view: View | None) -> None:
        external_id = given.get("external_id")
        if not external_id:
            return
        if any(self._is(each, app, external_id) and each is not view for each in self._core.views.values()):
            raise Refusal("duplicate_external_id")


def check_view(given: Any, kind: str) -> None:
    """Refuse what Slack would not take for a view, with its own kind of reasons."""
    if not isinstance(given, dict):
        raise _invalid("must provide an object [json-pointer:/view]")
    problems = list(_problems(given, kind))
    if problems:
        raise _invalid(*problems)
    if len(json.dumps(given)) > MAX_BYTES:
        raise Refusal("view_too_large")


def _problems(given: Json, kind: str) -> list[str]:
    blocks, found = given.get("blocks"), []
    if given.get("type") != kind:
        found.append(f"must be a valid view type: {kind} [json-pointer:/view/type]")
    if not isinstance(blocks, list):
        found.append("missing required field: blocks [json-pointer:/view/blocks]")
    elif len(blocks) > MAX_BLOCKS:
        found.append(f"no more than {MAX_BLOCKS} items allowed [json-pointer:/view/blocks]")
    elif not all(isinstance(block, dict) and block.get("type") for block in blocks):
        found.append("missing required field: type [json-pointer:/view/blocks]")
    elif kind == "modal" and not given.get("submit") and any(block["type"] == "input" for block in blocks):
        found.append("missing required field: submit, as there are input blocks [json-pointer:/view/submit]")
    if kind == "modal" and not given.get("title"):
        found.append("missing required field: title [json-pointer:/view/title]")
    found += [
        f"must be plain_text of at most {MAX_SHORT} characters [json-pointer:/view/{name}]"
        for name in ("title", "submit", "close")
        if given.get(name) is not None and not _is_short(given[name])
    ]
    return found + [
        f"must be no more than {most} characters [json-pointer:/view/{name}]"
        for name, most in _LONGEST.items()
        if len(str(given.get(name) or "")) > most
    ]


def _is_short(text: Any) -> bool:
    return (
        isinstance(text, dict) and text.get("type") == "plain_text" and 0 < len(str(text.get("text", ""))) <= MAX_SHORT
    )


def _invalid(*messages: str) -> Refusal:
    return Refusal("invalid_arguments", response_metadata={"messages": [f"[ERROR] {each}" for each in messages]})
