"""The leases of this process: what is known about each, so that it need not be asked for again."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from tautwire.inbox.jetstream.notes import Meta, Note
    from tautwire.inbox.jetstream.rooms import Place

__all__ = ["Held", "Holding"]

#: Leases that are kept in mind; the oldest beyond that were given up by whoever had them, and can be asked for.
_MOST: Final = 10_000


@dataclass(slots=True)
class Held:
    """A lease: its message, and its note as we know it."""

    meta: Meta
    place: Place
    seq: int
    #: Where to tell the consumer; empty for a lease that came with its put, or began in another process.
    token: str = ""
    #: Whether it is where no worker sees it.
    is_held: bool = False
    #: What was written last, and nobody knows whether it was.
    unsure: Note | None = None


class Holding:
    """By record and fence."""

    def __init__(self) -> None:
        self._leases: dict[tuple[str, int], Held] = {}

    def keep(self, id_: str, fence: int, held: Held) -> None:
        """One has begun."""
        self._leases[id_, fence] = held
        if len(self._leases) > _MOST:
            del self._leases[next(iter(self._leases))]

    def find(self, id_: str, fence: int) -> Held | None:
        """What is known."""
        return self._leases.get((id_, fence))

    def drop(self, id_: str, fence: int) -> None:
        """One has ended."""
        self._leases.pop((id_, fence), None)
