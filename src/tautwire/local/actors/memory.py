"""What a person has in mind and on the screen, and the workspace does not know of."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from tautwire.local.actors.said import Said, Shown

if TYPE_CHECKING:
    from tautwire.local.actors.elements import Found
    from tautwire.local.workspace.model import Json

__all__ = ["Memory"]

_Surface = tuple[str, str]

#: Messages and selects remembered, the latest: a local Slack may run for weeks.
_MOST: Final = 1000


@dataclass(slots=True)
class Memory:
    """One person's. `seen` are the ephemeral messages and modals that a test was given already, by `ts` and id.

    Slack's client remembers what was chosen in a message, and shows the options that an app has offered last; here both
    are remembered for the latest thousand.
    """

    seen: set[str] = field(default_factory=set)
    _chosen: dict[_Surface, Json] = field(default_factory=dict)
    _offered: dict[tuple[_Surface, str, str], list[Json]] = field(default_factory=dict)

    def values(self, target: Said | Shown) -> Json:
        """What was chosen in it so far: `{block_id: {action_id: {…}}}`."""
        if isinstance(target, Shown):
            return target.values
        values = self._chosen.setdefault(_surface(target), {})
        _trim(self._chosen)
        return values

    def choose(self, target: Said | Shown, found: Found, value: Json) -> None:
        """`value` stands in the element from now on."""
        self.values(target).setdefault(found.block_id, {})[found.action_id] = value

    def offer(self, target: Said | Shown, found: Found, options: list[Json]) -> None:
        """The app's options for what was typed."""
        self._offered[_surface(target), found.block_id, found.action_id] = options
        _trim(self._offered)

    def offered(self, target: Said | Shown, found: Found) -> list[Json]:
        """The latest of them."""
        return self._offered.get((_surface(target), found.block_id, found.action_id), [])


def _trim(known: dict[Any, Any]) -> None:
    if len(known) > _MOST:
        del known[next(iter(known))]


def _surface(target: Said | Shown) -> _Surface:
    return (target.channel_id, target.ts) if isinstance(target, Said) else ("", target.id)
