"""An event as an app hears it, and the app's ear: what it has subscribed to and where it is present."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tautwire.local.workspace.core import Core
    from tautwire.local.workspace.model import App, Channel, Json

__all__ = ["Ear", "Event"]


@dataclass(frozen=True, slots=True)
class Event:
    """One event for one app. `inner` is what Slack puts under `event`; the wrapper around it is the same for all."""

    type: str
    inner: Json

    def __repr__(self) -> str:
        subtype = self.inner.get("subtype")
        return f"<event {self.type}{f'/{subtype}' if subtype else ''}>"


@dataclass(frozen=True, slots=True, kw_only=True)
class Ear:
    """One app that may have to be told of one change.

    An app sees what its bot user sees: public facts about the workspace, and the conversations that it is a member of.
    `ts` is when the change happened, as events say it. `base_url` is where the URLs of files lead.
    """

    app: App
    core: Core
    ts: str
    base_url: str = ""

    @property
    def me(self) -> str:
        """The id of the app's bot user."""
        return self.app.identity.bot_user_id

    def is_in(self, place: Channel) -> bool:
        """Whether the bot is a member of `place`."""
        return self.me in place.members

    def sees(self, place: Channel) -> bool:
        """Whether it knows of `place`: a public channel, or one that it is in."""
        return place.kind == "channel" or self.is_in(place)

    def hear(self, type: str, inner: Json, place: Channel | None = None) -> list[Event]:  # noqa: A002 - Slack's word
        """The event, if the app has subscribed to it; `place` is where it happened, which decides about scopes.

        Unless `inner` has an `event_ts` of its own, it gets this change's, at the end, as Slack has it.
        """
        if not self.app.permissions.is_subscribed(type, place.kind if place is not None else None):
            return []
        return [Event(type, {"type": type} | inner | {"event_ts": inner.get("event_ts", self.ts)})]
