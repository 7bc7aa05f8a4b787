"""`views.*`: modals and App Homes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from tautwire.local.api.method import Call, Family, optional, required
from tautwire.local.workspace import shapes
from tautwire.local.workspace.refusal import Refusal

if TYPE_CHECKING:
    from tautwire.local.workspace.grants import Trigger
    from tautwire.local.workspace.model import Json, View

__all__ = ["family"]

family: Final = Family()

_TRIGGER_ERRORS: Final = "expired_trigger_id exchanged_trigger_id invalid_trigger_id"
_VIEW_ERRORS: Final = "view_too_large duplicate_external_id invalid_view"


@family.method(
    "views.open",
    required("view", "json"),
    optional("trigger_id"),
    optional("interactivity_pointer"),
    errors=f"{_TRIGGER_ERRORS} {_VIEW_ERRORS}",
    tier=4,
)
def open_view(call: Call) -> Json:
    """Show a modal; the `trigger_id` serves once, within 3 s."""
    given = call.structure("view")
    view = call.workspace.screens.open(call.app, _trigger(call), given, wall=call.wall)
    return _shown(call, view)


def _trigger(call: Call) -> Trigger:
    value = call.text("trigger_id") or call.text("interactivity_pointer")
    if call.faults.decide("trigger", value) is not None:
        raise Refusal("expired_trigger_id")
    return call.workspace.grants.pull(value, call.app.id, call.now)


def _shown(call: Call, view: View) -> Json:
    return {"view": shapes.view(call.app.identity, view)}
