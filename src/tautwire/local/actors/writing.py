"""What Slack's client makes of what people type. Pure."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable

    from tautwire.local.workspace.core import Core

__all__ = ["as_command", "as_message"]

#: `@name` or `#name` on its own: not within an address or a link, and not in what is a mention already.
_NAME: Final = re.compile(r"(?<![\w<@#/&.|!-])([@#])([\w.-]+)")
_EVERYBODY: Final = ("here", "channel", "everyone")


def as_message(text: str, core: Core) -> str:
    """A message with the mentions that its names stand for; names that nobody has stay words."""
    return _NAME.sub(lambda found: _linked(found, core, lambda user_id, _name: f"<@{user_id}>"), text)


def as_command(text: str, core: Core) -> str:
    """The same for the text of a command that has `should_escape`: there the name goes along."""
    return _NAME.sub(lambda found: _linked(found, core, lambda user_id, name: f"<@{user_id}|{name}>"), text)


def _linked(found: re.Match[str], core: Core, mention: Callable[[str, str], str]) -> str:
    sign, typed = found.groups()
    # A name may end in a dot, and so may a sentence.
    for end in range(len(typed), 0, -1):
        name, rest = typed[:end], typed[end:]
        if rest.strip(".-_"):
            break
        if sign == "@" and name in _EVERYBODY:
            return f"<!{name}>{rest}"
        if sign == "@" and (user := core.find_user(name)) is not None:
            return mention(user.id, user.name) + rest
        if sign == "#" and (channel := core.find_channel(name)) is not None and not channel.is_direct:
            return f"<#{channel.id}|{channel.name}>{rest}"
    return found[0]
