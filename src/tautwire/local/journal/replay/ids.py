"""Old ids to new ones, the same for all deliveries and wherever an id occurs in a payload. Pure."""

from __future__ import annotations

import re
from typing import Any, Final, Protocol

__all__ = ["Fresh", "Ids"]

Json = dict[str, Any]

#: An id inside a longer text: an envelope's, an event's, a trigger, a response_url with its secret masked or not.
_ID: Final = re.compile(
    r"""https?://[^\s"'<>|\\]*?/(?:commands|actions|app|app-actions)/[TE][A-Z0-9]+/\w+/(?:•••|[\w-]+)"""
    r"|(?<![0-9A-Za-z])[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}(?![0-9A-Za-z])"
    r"|(?<![0-9A-Za-z])Ev[0-9A-Za-z]+"
    r"|(?<![0-9.])\d+\.\d+\.[0-9a-f]{32}(?![0-9A-Za-z])"
)
_TRIGGERS: Final = frozenset({"trigger_id", "interactivity_pointer"})
_KIND: Final = re.compile(r"/(commands|actions|app-actions|app)/")
#: Where an answer's URL comes from when its path does not say it, by the payload's type.
_KINDS: Final = {"message_action": "app-actions", "block_actions": "actions", "view_submission": "actions"}


class Fresh(Protocol):
    """Whoever makes ids: the local Slack that the replay goes to. Each call gives one that was never given before."""

    def envelope_id(self) -> str:
        """A UUID."""

    def event_id(self) -> str:
        """`Ev…`."""

    def trigger_id(self, app_id: str) -> str:
        """One that the app can use from now on."""

    def response_url(self, kind: str, channel_id: str, app_id: str) -> str:
        """A whole URL; `kind` is `commands`, `actions`, `app` or `app-actions`, the channel may be `""`."""

    def verification(self, app_id: str) -> str:
        """The app's verification token."""


class Ids:
    """What became of each id: `new` maps old ones to new ones, and grows with `learn`."""

    def __init__(self, fresh: Fresh) -> None:
        self._fresh = fresh
        self.new: dict[str, str] = {}

    def learn(self, envelope_id: str, payload: Json, app_id: str) -> None:
        """Give new ids to an envelope and to what its payload hands out. `RecursionError` for one that is too deep."""
        if envelope_id not in self.new:
            self.new[envelope_id] = self._fresh.envelope_id()
        event_id = payload.get("event_id")
        if isinstance(event_id, str) and event_id not in self.new:
            self.new[event_id] = self._fresh.event_id()
        self._learn_from(payload, app_id, _kind(payload), _channel(payload))

    def _learn_from(self, data: Any, app_id: str, kind: str, channel: str) -> None:
        if isinstance(data, list):
            for item in data:
                self._learn_from(item, app_id, kind, channel)
        elif isinstance(data, dict):
            here = str(data.get("channel_id") or channel)
            for name, value in data.items():
                if not isinstance(value, str):
                    self._learn_from(value, app_id, kind, here)
                elif value and value not in self.new:
                    self._learn_one(name, value, app_id, kind, here)

    def _learn_one(self, name: str, value: str, app_id: str, kind: str, channel: str) -> None:
        if name in _TRIGGERS:
            self.new[value] = self._fresh.trigger_id(app_id)
        elif name == "response_url":
            found = _KIND.search(value)
            self.new[value] = self._fresh.response_url(found[1] if found else kind, channel, app_id)

    def renewed(self, data: Any) -> Any:
        """A copy of `data` with every known id replaced, in keys and in longer texts, too.

        An id without Slack's shape, which a caller can choose for an envelope, is found only where it stands alone.
        """
        if isinstance(data, str):
            known = self.new.get(data)
            return known if known is not None else _ID.sub(self._replace, data)
        if isinstance(data, list):
            return [self.renewed(item) for item in data]
        if isinstance(data, dict):
            return {self.renewed(name): self.renewed(value) for name, value in data.items()}
        return data

    def _replace(self, found: re.Match[str]) -> str:
        return self.new.get(found[0], found[0])


def _kind(payload: Json) -> str:
    return "commands" if "command" in payload else _KINDS.get(str(payload.get("type")), "actions")


def _channel(payload: Json) -> str:
    channel = payload.get("channel")
    found = channel.get("id") if isinstance(channel, dict) else payload.get("channel_id")
    return found if isinstance(found, str) else ""
