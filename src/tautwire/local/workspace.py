"""One team, one app, a few people and what has been said. Pure: the caller brings the time and the random source."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum
from typing import TYPE_CHECKING, Any, Final
from uuid import UUID

if TYPE_CHECKING:
    from random import Random

__all__ = ["Channel", "Identity", "ResponseUrl", "TriggerVerdict", "User", "Workspace"]

Json = dict[str, Any]

#: Slack's numbers: a trigger_id serves once, within 3 s; a response_url five times, within 30 minutes.
TRIGGER_SECONDS: Final = 3.0
RESPONSE_URL_SECONDS: Final = 1800.0
RESPONSE_URL_USES: Final = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Identity:
    """Who the app is, and where it is installed."""

    app_id: str = "A0LOCAL01"
    app_name: str = "Local Bot"
    bot_id: str = "B0LOCALBOT"
    bot_user_id: str = "U0LOCALBOT"
    bot_user_name: str = "localbot"
    team_id: str = "T0LOCAL01"
    team_name: str = "Local"
    team_domain: str = "local"
    verification: str = "local-verification"


@dataclass(frozen=True, slots=True)
class User:
    """Somebody."""

    id: str
    name: str
    real_name: str = ""


@dataclass(frozen=True, slots=True)
class Channel:
    """A place to talk; `kind` as in `channel_type`: channel, group, im, mpim."""

    id: str
    name: str
    kind: str = "channel"


@dataclass(slots=True)
class ResponseUrl:
    """Where an app may still answer, and what it has answered so far."""

    path: str
    channel_id: str
    issued_at: float
    received: list[Json] = field(default_factory=list)


class TriggerVerdict(Enum):
    """What a `trigger_id` is worth; the values are Slack's error codes."""

    VALID = ""
    INVALID = "invalid_trigger_id"
    EXPIRED = "expired_trigger_id"
    EXCHANGED = "exchanged_trigger_id"


@dataclass(slots=True)
class _Trigger:
    issued_at: float
    is_used: bool = False


def _people() -> dict[str, User]:
    people = (User("U0ANN", "ann", "Ann Ode"), User("U0BOB", "bob", "Bob Ell"))
    return {user.id: user for user in people}


def _places() -> dict[str, Channel]:
    places = (Channel("C0GENERAL", "general"), Channel("C0RANDOM", "random"), Channel("D0ANN", "directmessage", "im"))
    return {channel.id: channel for channel in places}


@dataclass(slots=True)
class Workspace:
    """Everything that outlives one request. Lists grow as long as the workspace lives."""

    random: Random
    me: Identity = field(default_factory=Identity)
    users: dict[str, User] = field(default_factory=_people)
    channels: dict[str, Channel] = field(default_factory=_places)
    messages: dict[str, list[Json]] = field(default_factory=dict)
    views: dict[str, Json] = field(default_factory=dict)
    response_urls: dict[str, ResponseUrl] = field(default_factory=dict)
    _triggers: dict[str, _Trigger] = field(default_factory=dict)
    _last_ts: int = 0
    _serial: int = 8_012_345_678_900

    def uuid(self) -> str:
        """A version 4 UUID from the workspace's random source."""
        return str(UUID(int=self.random.getrandbits(128), version=4))

    def event_id(self) -> str:
        """`Ev…`, unique for the life of the workspace."""
        self._serial += 1
        return f"Ev{self._serial:011X}"

    def ts(self, wall: float) -> str:
        """A message id: seconds and six digits of `wall`, later than every one given before."""
        micros = max(int(wall * 1_000_000), self._last_ts + 1)
        self._last_ts = micros
        return f"{micros // 1_000_000}.{micros % 1_000_000:06d}"

    def channel(self, name: str) -> Channel | None:
        """By id, by name with or without `#`, or a person's direct messages by the user's id."""
        if name in self.channels:
            return self.channels[name]
        if name in self.users:
            return self.channels.setdefault(f"D{name[1:]}", Channel(f"D{name[1:]}", "directmessage", "im"))
        bare = name.removeprefix("#")
        return next((channel for channel in self.channels.values() if channel.name == bare), None)

    def user(self, name: str) -> User:
        """By id or by name; a stranger is introduced on the spot."""
        known = self.users.get(name) or next((user for user in self.users.values() if user.name == name), None)
        return known or self.users.setdefault(name, User(name, name.lower()))

    def said(self, channel: Channel) -> list[Json]:
        """The messages of a channel, oldest first; the list itself."""
        return self.messages.setdefault(channel.id, [])

    def message(self, channel: Channel, ts: str) -> Json | None:
        """One message by its `ts`."""
        return next((message for message in reversed(self.said(channel)) if message["ts"] == ts), None)

    def store_view(self, view: Json) -> Json:
        """Keep a view under its id."""
        self.views[view["id"]] = view
        return view

    def view_id(self) -> str:
        """`V…`, fresh."""
        self._serial += 1
        return f"V{self._serial:011X}"

    def trigger(self, now: float) -> str:
        """A fresh `trigger_id`, in Slack's shape."""
        self._serial += 1
        value = f"{self._serial}.4012345678.{self.random.getrandbits(128):032x}"
        self._triggers[value] = _Trigger(now)
        return value

    def pull_trigger(self, value: str, now: float) -> TriggerVerdict:
        """Use a `trigger_id`; `now` on the same clock as its making."""
        trigger = self._triggers.get(value)
        if trigger is None:
            return TriggerVerdict.INVALID
        if trigger.is_used:
            return TriggerVerdict.EXCHANGED
        if now - trigger.issued_at > TRIGGER_SECONDS:
            return TriggerVerdict.EXPIRED
        trigger.is_used = True
        return TriggerVerdict.VALID

    def response_url(self, kind: str, channel: Channel, now: float) -> str:
        """The path of a fresh `response_url`; `kind` is `commands`, `actions` or `app-actions`."""
        self._serial += 1
        path = f"/{kind}/{self.me.team_id}/{self._serial}/{self.random.getrandbits(96):024x}"
        self.response_urls[path] = ResponseUrl(path, channel.id, now)
        return path

    def respond(self, path: str, body: Json, now: float) -> str:
        """Take an answer to a `response_url`; `""`, or Slack's word for why not."""
        url = self.response_urls.get(path)
        if url is None:
            return "no_team"
        if now - url.issued_at > RESPONSE_URL_SECONDS:
            return "expired_url"
        if len(url.received) >= RESPONSE_URL_USES:
            return "used_url"
        url.received.append(body)
        return ""
