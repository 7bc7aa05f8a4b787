"""What actors stand on: the workspace, the way to the apps, and a way to wait without sleeping."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Final, Protocol

from tautwire.errors import ActionRefusedError, ConfigurationError
from tautwire.local.workspace import User

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from contextlib import AbstractContextManager

    from tautwire.clock import Clock
    from tautwire.local.socket.ledger import Delivery
    from tautwire.local.workspace import App, Channel, Workspace
    from tautwire.local.workspace.model import Json

__all__ = [
    "PATIENCE",
    "Outcome",
    "Stage",
    "app_for",
    "app_named",
    "check_profile",
    "known_channel",
    "name_of",
    "refused",
]

#: Seconds that somebody who waits is given before they are told that nothing will come.
PATIENCE: Final = 30.0
#: What of somebody can be said or changed from outside.
_PROFILE: Final = [each.name for each in fields(User) if each.name not in ("id", "name", "app_id", "bot_id", "updated")]


class Stage(Protocol):
    """What a local Slack lets its actors use."""

    @property
    def workspace(self) -> Workspace:
        """The model."""

    @property
    def clock(self) -> Clock:
        """Slack's time."""

    @property
    def base_url(self) -> str:
        """Where response URLs lead."""

    def settle(self) -> list[Delivery]:
        """Tell the apps what has happened; what was sent because of it."""

    def tell(
        self, app: App, kind: str, payload: Json, *, subject: str, accepts: bool = False, context: object = None
    ) -> Delivery:
        """Send one envelope to one app."""

    def acted(self, person: str, deed: str, /, **details: object) -> AbstractContextManager[object]:
        """Note in the journal what a person did; what is noted within the block came of it."""

    async def until(
        self, holds: Callable[[], object], what: str, timeout: float = PATIENCE, *, instead: Callable[[], str] = str
    ) -> None:
        """Return once `holds()`; `TimeoutError` says `what` was waited for, and what there is `instead`."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of a command, a click or a submission.

    `error` is what the person sees when it failed: `dispatch_failed` with no app connected, `operation_timeout` with
    no ack in three seconds, or Slack's code for an answer that it does not take; `""` when all went well. `answer` is
    the payload of the ack, if it had one. `delivery` is `None` for a choice that the app learns of with the
    submission.
    """

    delivery: Delivery | None = None
    error: str = ""

    @property
    def is_ok(self) -> bool:
        """Whether the app acked in time, with something that Slack takes."""
        return not self.error

    @property
    def answer(self) -> Json | None:
        """The ack's payload."""
        return self.delivery.answer if self.delivery else None

    def __bool__(self) -> bool:
        return self.is_ok


def refused(who: User, what: str, error: str) -> ActionRefusedError:
    """The sentence for somebody who tried what Slack would not let them do."""
    return ActionRefusedError(f"{who.name} cannot {what}: {error}", error)


def app_for(stage: Stage, has: Callable[[App], bool], what: str, there: Callable[[App], Iterable[str]]) -> App:
    """The first installed app that `has` it. `ConfigurationError` says what is `there` in their manifests."""
    for app in stage.workspace.apps.values():
        if has(app):
            return app
    names = ", ".join(name for app in stage.workspace.apps.values() for name in there(app)) or "nothing of the kind"
    raise ConfigurationError(f"no installed app has {what}; in their manifests there is {names}")


def app_named(stage: Stage, name: str) -> App:
    """By id or name; the first one for `""`."""
    for app in stage.workspace.apps.values():
        if name in ("", app.id, app.identity.app_name):
            return app
    names = ", ".join(f"{app.identity.app_name} ({app.id})" for app in stage.workspace.apps.values())
    raise ConfigurationError(f"there is no app {name!r}, but {names}")


def known_channel(stage: Stage, name: str, viewer: User) -> Channel:
    """By name or id; by a person's or bot's name or id their direct conversation with `viewer`, opened when needed."""
    core = stage.workspace.core
    found = core.find_channel(name)
    if found is not None:
        return found
    other = core.find_user(name)
    if other is None:
        names = ", ".join(sorted(each.name for each in core.channels.values() if not each.is_direct))
        raise ConfigurationError(f"there is no channel and nobody called {name!r}; the channels are {names}")
    return stage.workspace.direct(viewer, other, wall=stage.clock.wall())


def check_profile(given: Iterable[str]) -> None:
    """`ConfigurationError` for the first name that nobody's profile or account has."""
    for name in given:
        if name not in _PROFILE:
            raise ConfigurationError(f"{name!r} is nothing that a profile has; it has {', '.join(_PROFILE)}")


def name_of(stage: Stage, user_id: str) -> str:
    """What somebody is called, or the id of a stranger."""
    user = stage.workspace.users.get(user_id)
    return user.name if user else user_id
