"""Where loading stands: the workspace that grows, the names known so far, and the words for a mistake. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, NoReturn

from tautwire.errors import ConfigurationError
from tautwire.local.workspace.saved import FOUNDED

if TYPE_CHECKING:
    from collections.abc import Iterable

    from tautwire.local.workspace.model import App, Channel, File, User
    from tautwire.local.workspace.workspace import Workspace

__all__ = ["MINUTE", "Planting"]

#: Seconds between messages whose time is made up.
MINUTE: Final = 60
_TS: Final = re.compile(r"\d{1,12}\.\d{6}")
_ID: Final = re.compile(r"[A-Z][A-Z0-9]+")
_MADE: Final = re.compile(r"[A-Z][A-Za-z]*([0-9A-F]{11})")
_MOST_NAMES: Final = 12


@dataclass(slots=True)
class Planting:
    """One reading of a document. `name` is what errors call it."""

    workspace: Workspace
    name: str
    _users: dict[str, User] = field(default_factory=dict)
    _places: dict[str, Channel] = field(default_factory=dict)
    _files: dict[str, File | None] = field(default_factory=dict)
    _said: int = 0

    def wrong(self, where: str, what: str) -> NoReturn:
        """Raise the one sentence that says where and what."""
        raise ConfigurationError(f"{self.name}: {where}: {what}")

    # Ids and times

    def claim(self, where: str, given: str, prefix: str, taken: Iterable[str]) -> str:
        """The id that is given, or a new one."""
        if not given:
            return self.workspace.ids.of(prefix)
        if not _ID.fullmatch(given):
            self.wrong(where, f"{given!r} is no id: those are capitals and digits, such as 'U0ANN'")
        if given in taken:
            self.wrong(where, f"the id {given!r} comes twice")
        self.passed(given)
        return given

    def passed(self, made: str) -> None:
        """Never make an id that could be this one again."""
        found = _MADE.fullmatch(made)
        if found:
            self.workspace.ids.serial = max(self.workspace.ids.serial, int(found[1], 16))

    def saw(self, where: str, ts: str) -> None:
        """Never give a `ts` that is not later than this one."""
        if not _TS.fullmatch(ts):
            self.wrong(where, f"{ts!r} is no ts, such as '1795000000.000100'")
        self.workspace.ids.saw(ts)

    def next_ts(self) -> str:
        """The `ts` of a message that has none."""
        self._said += 1
        return self.workspace.ids.ts(FOUNDED + self._said * MINUTE)

    # Who and where

    def know_user(self, where: str, user: User) -> None:
        """Somebody can be named from now on."""
        if not user.name:
            self.wrong(where, "a name is missing")
        if user.name in self._users:
            self.wrong(where, f"the name {user.name!r} comes twice")
        self._users |= {user.id: user, user.name: user}
        self.workspace.users[user.id] = user

    def know_place(self, where: str, place: Channel) -> None:
        """A channel can be named from now on; a direct conversation only by its id."""
        self._places[place.id] = self.workspace.channels[place.id] = place
        if place.is_direct:
            return
        if place.name in self._places:
            self.wrong(where, f"the name {place.name!r} comes twice")
        self._places[place.name] = place

    def know_file(self, file: File) -> None:
        """A file can be named from now on; by its name, when no other has the same."""
        self.workspace.core.files[file.id] = self._files[file.id] = file
        self._files[file.name] = None if file.name in self._files else file

    def who(self, where: str, name: str) -> User:
        """By id or name, with or without `@`."""
        found = self._users.get(name.removeprefix("@"))
        if found is None:
            self.wrong(where, f"there is no user {name!r}; {_choice(each.name for each in self._users.values())}")
        return found

    def place(self, where: str, name: str) -> Channel:
        """By id or name, with or without `#`."""
        found = self._places.get(name.removeprefix("#"))
        if found is None:
            names = (each.name if not each.is_direct else each.id for each in self._places.values())
            self.wrong(where, f"there is no channel {name!r}; {_choice(names)}")
        return found

    def file(self, where: str, name: str) -> File:
        """By id, or by a name that only one has."""
        found = self._files.get(name)
        if found is None:
            self.wrong(where, f"there is no file {name!r}, or more than one")
        return found

    def app(self, where: str, app_id: str) -> App:
        """By id."""
        found = self.workspace.apps.get(app_id)
        if found is None:
            self.wrong(where, f"there is no app {app_id!r}; {_choice(self.workspace.apps)}")
        return found


def _choice(names: Iterable[str]) -> str:
    known = list(dict.fromkeys(names))
    shown = ", ".join(known[:_MOST_NAMES])
    return f"known are {shown}{' and others' if len(known) > _MOST_NAMES else ''}" if known else "none is known here"
