"""A workspace with an app in it, and what that app hears."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tautwire.local.events import Event, events_of
from tautwire.local.manifest import Permissive
from tautwire.local.workspace import App, Channel, Content, Message, User, Workspace

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tautwire.local.manifest import Audience

#: When everything here happens.
WALL = 1_795_000_000.0


@dataclass(frozen=True, kw_only=True)
class Picky(Permissive):
    """An app that has subscribed to `events` alone; to messages, by the kind of place (`message.im`)."""

    events: tuple[str, ...] = ()
    scopes: Sequence[str] | None = None

    def is_subscribed(self, event_type: str, channel_type: str | None = None, *, strict: bool = True) -> bool:
        return event_type in self.events or f"{event_type}.{channel_type}" in self.events

    def has_scope(self, scope: str, audience: Audience = "bot") -> bool:
        return self.scopes is None or scope in self.scopes


class Town:
    """Acme with `app`, which hears everything it may. Time stands still; every id is later than the one before."""

    def __init__(self) -> None:
        self.workspace = Workspace()
        self.app = self.workspace.install()
        self.ann, self.bob, self.cleo = (self.workspace.user(name) for name in ("ann", "bob", "cleo"))
        self.bot = self.workspace.core.bot_user(self.app)
        self.general, self.dev, self.secret = map(self.workspace.channel, ("general", "dev", "secret-plans"))
        self.direct = self.workspace.channels["D0ANN"]

    def install(self, *events: str, **kwargs: Any) -> App:
        """Another app, which has subscribed to these alone."""
        if "domains" in kwargs:
            kwargs["unfurl_domains"] = tuple(kwargs.pop("domains"))
        return self.workspace.install(Picky(events=events, **kwargs))

    def bot_of(self, app: App) -> User:
        return self.workspace.core.bot_user(app)

    def says(self, text: str, channel: Channel | None = None, by: User | None = None, **content: Any) -> Message:
        content = {"text": text} | content
        place = channel or self.general
        return self.workspace.talk.post(place, Content(**content), by=by or self.ann, wall=WALL)

    def heard(self, app: App | None = None, *, base_url: str = "") -> list[Event]:
        """What the app is told of everything that has happened since the last time."""
        core, ids = self.workspace.core, self.workspace.ids
        stamped = [(change, ids.ts(WALL)) for change in self.workspace.take_changes()]
        listener = app or self.app
        return [
            event for change, ts in stamped for event in events_of(change, listener, core, ts=ts, base_url=base_url)
        ]

    def heard_by(self, *apps: App) -> list[list[str]]:
        """The types that each of them is told, of one and the same things."""
        core, changes = self.workspace.core, self.workspace.take_changes()
        return [
            [event.type for change in changes for event in events_of(change, app, core, ts="1.000001")] for app in apps
        ]


def types(events: list[Event]) -> list[str]:
    """Their types, in order."""
    return [event.type for event in events]
