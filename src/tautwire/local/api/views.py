"""`views.*`: modals and App Homes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from tautwire.local.api.method import Call, Family, optional, required
from tautwire.local.workspace import shapes
from tautwire.local.workspace.refusal import Refusal

if TYPE_CHECKING:
    from tautwire.local.workspace.grants import Trigger
    from tautwire.local.workspace.model import Json, View

__all__ = ["family"]

family: Final = Family()

_VIEW: Final = required("view", "json")
_TRIGGERS: Final = (optional("trigger_id"), optional("interactivity_pointer"))
_TRIGGER_ERRORS: Final = "expired_trigger_id exchanged_trigger_id invalid_trigger_id"
_VIEW_ERRORS: Final = "view_too_large duplicate_external_id"


@family.method("views.open", _VIEW, *_TRIGGERS, errors=f"{_TRIGGER_ERRORS} {_VIEW_ERRORS}", tier=4)
def open_view(call: Call) -> Json:
    """Show a modal; the `trigger_id` serves once, within 3 s."""
    given, screens = _given(call), call.workspace.screens
    # A view that Slack does not take costs nothing: the trigger can be used for a better one.
    screens.check(call.app, given, "modal")
    return _shown(call, screens.open(call.app, _trigger(call), given, wall=call.wall))


@family.method(
    "views.push", _VIEW, *_TRIGGERS, errors=f"{_TRIGGER_ERRORS} {_VIEW_ERRORS} not_found push_limit_reached", tier=4
)
def push_view(call: Call) -> Json:
    """Show a modal on top of the one that the trigger is from; three at most."""
    given, screens = _given(call), call.workspace.screens
    screens.check(call.app, given, "modal")
    return _shown(call, screens.push(call.app, _trigger(call), given, wall=call.wall))


@family.method(
    "views.update",
    _VIEW,
    optional("view_id"),
    optional("external_id"),
    optional("hash"),
    errors=f"{_VIEW_ERRORS} not_found hash_conflict",
    tier=4,
)
def update_view(call: Call) -> Json:
    """Show something else in a view that is open."""
    view_id, external_id, screens = call.text("view_id"), call.text("external_id"), call.workspace.screens
    if not view_id and not external_id:
        raise call.wrong("invalid_arguments", "missing required field: view_id")
    view = screens.find(call.app, view_id, external_id)
    return _shown(call, screens.update(call.app, view, _given(call), wall=call.wall, known_hash=call.text("hash")))


@family.method(
    "views.publish",
    required("user_id"),
    _VIEW,
    optional("hash"),
    errors=f"{_VIEW_ERRORS} hash_conflict not_enabled user_not_found",
    tier=4,
    note="`user_not_found` is not on Slack's page; for a user who is not there it says nothing",
)
def publish_view(call: Call) -> Json:
    """Show something in the app's home, to one person."""
    user = call.someone(call.text("user_id"))
    screens = call.workspace.screens
    return _shown(call, screens.publish(call.app, user, _given(call), wall=call.wall, known_hash=call.text("hash")))


def _given(call: Call) -> Any:
    try:
        return call.structure("view")
    except Refusal:
        raise call.wrong("invalid_arguments", "must be valid JSON [json-pointer:/view]") from None


def _trigger(call: Call) -> Trigger:
    value = call.text("trigger_id") or call.text("interactivity_pointer")
    if not value:
        raise call.wrong("invalid_arguments", "missing required field: trigger_id")
    fault = call.faults.decide("trigger", value, call.method.name)
    if fault is not None:
        raise Refusal(f"{fault.kind}_trigger_id")
    return call.workspace.grants.pull(value, call.app.id, call.now)


def _shown(call: Call, view: View) -> Json:
    return {"view": shapes.view(call.app.identity, view)}
