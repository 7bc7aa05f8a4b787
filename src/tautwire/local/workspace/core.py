"""What all rooms of a workspace share: its records, its ids, and the outbox of what has happened."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from tautwire.local.workspace.model import App, Channel, File, Scheduled, Team, User, View
from tautwire.local.workspace.refusal import Refusal

if TYPE_CHECKING:
    from random import Random

    from tautwire.local.workspace.changes import Change

__all__ = ["Core", "Ids"]

#: Of a UUID of version 4, the bits that are drawn, and those that say what it is (RFC 9562, 5.4).
_UUID_VERSION: Final = 0x4 << 76 | 0x2 << 62
_UUID_CHANCE: Final = ~(0xF << 76 | 0x3 << 62)


class Ids:
    """Every identifier of a workspace, from one counter and one random source: the same seed, the same ids."""

    def __init__(self, random: Random, serial: int = 8_012_345_678_900) -> None:
        self.random = random
        self.serial = serial
        #: How many UUIDs and secrets were made: where the random source is, for who saves a workspace.
        self.draws = 0
        self._last_ts = 0

    @property
    def last_ts(self) -> str:
        """The latest message id that was given or seen; `""` for none."""
        return _stamp(self._last_ts) if self._last_ts else ""

    def next(self) -> int:
        """The counter, one further."""
        self.serial += 1
        return self.serial

    def of(self, prefix: str) -> str:
        """`prefix` and eleven hex digits, unique for the life of the workspace: `Ev…`, `V…`, `F…`, `C…`, `U…`."""
        return f"{prefix}{self.next():011X}"

    def uuid(self) -> str:
        """A version 4 UUID."""
        self.draws += 1
        # As `uuid.UUID` does it, in a quarter of the time: every envelope needs one or two.
        digits = f"{self.random.getrandbits(128) & _UUID_CHANCE | _UUID_VERSION:032x}"
        return f"{digits[:8]}-{digits[8:12]}-{digits[12:16]}-{digits[16:20]}-{digits[20:]}"

    def secret(self, bits: int = 128) -> str:
        """Hex digits nobody can guess without the seed."""
        self.draws += 1
        return f"{self.random.getrandbits(bits):0{bits // 4}x}"

    def ts(self, wall: float) -> str:
        """A message id: seconds and six digits of `wall`, later than every one given before."""
        micros = max(int(wall * 1_000_000), self._last_ts + 1)
        self._last_ts = micros
        return _stamp(micros)

    def saw(self, ts: str) -> None:
        """Never give a `ts` that is not later than this one."""
        seconds, _, digits = ts.partition(".")
        self._last_ts = max(self._last_ts, int(seconds) * 1_000_000 + int(digits))


def _stamp(micros: int) -> str:
    return f"{micros // 1_000_000}.{micros % 1_000_000:06d}"


@dataclass(slots=True, kw_only=True)
class Core:
    """The records. `outbox` fills as things happen; whoever owns the workspace takes from it."""

    ids: Ids
    team: Team = field(default_factory=Team)
    apps: dict[str, App] = field(default_factory=dict)
    users: dict[str, User] = field(default_factory=dict)
    channels: dict[str, Channel] = field(default_factory=dict)
    files: dict[str, File] = field(default_factory=dict)
    views: dict[str, View] = field(default_factory=dict)
    scheduled: dict[str, Scheduled] = field(default_factory=dict)
    emoji: dict[str, str] = field(default_factory=dict)
    outbox: list[Change] = field(default_factory=list)

    def happened(self, change: Change) -> None:
        """Put a change into the outbox."""
        self.outbox.append(change)

    def user(self, name: str) -> User:
        """By id, or by name with or without `@`. Raises `Refusal("user_not_found")`."""
        found = self.find_user(name)
        if found is None:
            raise Refusal("user_not_found")
        return found

    def find_user(self, name: str) -> User | None:
        """The same, or `None`."""
        if name in self.users:
            return self.users[name]
        bare = name.removeprefix("@").lower()
        return next((user for user in self.users.values() if user.name == bare and bare), None)

    def channel(self, name: str, viewer: User | None = None) -> Channel:
        """By id, or by name with or without `#`. Raises `Refusal("channel_not_found")`.

        With a `viewer`, private places that they are not in are not found either.
        """
        found = self.find_channel(name)
        if found is None or (viewer is not None and found.is_private and viewer.id not in found.members):
            raise Refusal("channel_not_found")
        return found

    def find_channel(self, name: str) -> Channel | None:
        """By id, or by name with or without `#`; direct conversations only by id."""
        if name in self.channels:
            return self.channels[name]
        bare = name.removeprefix("#")
        named = (each for each in self.channels.values() if not each.is_direct and each.name == bare)
        return next(named, None) if bare else None

    def app_of(self, user: User) -> App | None:
        """The app that acts as `user`, or `None` for a person."""
        return self.apps.get(user.app_id)

    def bot_user(self, app: App) -> User:
        """The user that `app` acts as."""
        return self.users[app.identity.bot_user_id]
