"""What an interaction was about, so that its answer finds its way back. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tautwire.local.workspace import Refusal
from tautwire.local.workspace.answers import TROUBLE

if TYPE_CHECKING:
    from tautwire.local.workspace import Workspace
    from tautwire.local.workspace.model import Json

__all__ = ["Command", "Context", "Submission", "Suggestion", "answered", "failed"]


@dataclass(frozen=True, slots=True)
class Command:
    """A slash command: who typed it where."""

    app_id: str
    user_id: str
    channel_id: str


@dataclass(frozen=True, slots=True)
class Submission:
    """A submitted modal."""

    app_id: str
    view_id: str


@dataclass(frozen=True, slots=True)
class Suggestion:
    """Somebody types into an external select."""

    action_id: str
    value: str


Context = Command | Submission | Suggestion


def answered(workspace: Workspace, context: object, payload: Json | None, *, wall: float) -> str:
    """Put the payload of an ack where it belongs. Returns Slack's code for an answer that it does not take, or `""`."""
    body = payload or {}
    try:
        match context:
            case Command():
                app, user = workspace.apps[context.app_id], workspace.users[context.user_id]
                # It may be gone since.
                channel = workspace.channel(context.channel_id)
                workspace.answers.to_command(app, channel, user, body, wall=wall)
            case Submission():
                view = workspace.core.views.get(context.view_id)
                if view is not None:
                    workspace.answers.to_submission(workspace.apps[context.app_id], view, body, wall=wall)
            case Suggestion():
                options_in(body)
    except Refusal as refusal:
        return refusal.error
    return ""


def failed(workspace: Workspace, context: object) -> None:
    """The app did not answer in time: a submitted modal stays, and says so."""
    view = workspace.core.views.get(context.view_id) if isinstance(context, Submission) else None
    if view is not None:
        workspace.screens.leave_in_trouble(view, TROUBLE)


def options_in(payload: Json) -> list[Json]:
    """The options that an app offers, groups laid out flat. Raises `Refusal` for something else."""
    groups: Any = payload.get("option_groups")
    options: Any = payload.get("options")
    if isinstance(groups, list):
        options = [option for group in groups for option in _options_of(group)]
    if not isinstance(options, list) or not all(isinstance(each, dict) and "text" in each for each in options):
        raise Refusal("invalid_options")
    return options


def _options_of(group: Any) -> list[Any]:
    found = group.get("options") if isinstance(group, dict) else None
    if not isinstance(found, list):
        raise Refusal("invalid_option_groups")
    return found
