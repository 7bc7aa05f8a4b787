"""Where in a manifest one is reading: the words that errors and warnings begin with. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Final, NoReturn

from tautwire.errors import ConfigurationError

__all__ = ["Place", "kind", "shortened"]

_PLAIN_KEY: Final = re.compile(r"[A-Za-z0-9_$-]{1,64}")
_MOST_QUOTED: Final = 60


@dataclass(frozen=True, slots=True)
class Place:
    """A spot in the file called `name`, such as `settings.event_subscriptions.bot_events[2]`; `""` is the whole of it.

    All places of one reading share one list of `warnings`.
    """

    name: str
    path: str = ""
    warnings: list[str] = field(default_factory=list)

    def key(self, key: str) -> Place:
        """The spot one key further in."""
        if not _PLAIN_KEY.fullmatch(key):
            return replace(self, path=f"{self.path}[{shortened(key)}]")
        return replace(self, path=f"{self.path}.{key}" if self.path else key)

    def item(self, index: int) -> Place:
        """The spot of a list's item, counted from 0."""
        return replace(self, path=f"{self.path}[{index}]")

    def refuse(self, fault: str) -> NoReturn:
        """Raise the one sentence that says where, what is wrong and what to do."""
        raise ConfigurationError(f"{self.name}: {self.path or 'the manifest'} {fault}")

    def warn(self, fault: str) -> None:
        """Keep a sentence about something that Slack would not take, or that cannot do what it seems to."""
        self.warnings.append(f"{self.path} {fault}")


def kind(value: object) -> str:
    """What a value is, in the words of somebody who writes YAML."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if value is None:
        return "nothing"
    words = {str: "text", int: "a number", float: "a number", list: "a list"}
    return words.get(type(value), "a group of settings" if isinstance(value, Mapping) else "something else")


def shortened(text: object) -> str:
    """`text` in quotes, cut when it is long: what a file says may be anything."""
    quoted = repr(text)
    return quoted if len(quoted) <= _MOST_QUOTED else f"{quoted[: _MOST_QUOTED - 4]}…{quoted[0]}"
