"""`actors.Place`, without `await`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tautwire.local.actors.stage import PATIENCE
from tautwire.testing.sync.said import SyncSaid

if TYPE_CHECKING:
    from collections.abc import Callable

    from tautwire.local.actors import Place
    from tautwire.local.workspace import Channel
    from tautwire.testing.sync.portal import Portal

__all__ = ["SyncPlace"]


class SyncPlace:
    """One channel or direct conversation. `place` is the thing itself."""

    def __init__(self, portal: Portal, place: Place) -> None:
        self._portal = portal
        self.place = place

    def __repr__(self) -> str:
        return self._portal.read(lambda: repr(self.place))

    def __eq__(self, other: object) -> bool:
        return isinstance(other, SyncPlace) and other.place == self.place

    def __hash__(self) -> int:
        return hash(self.place)

    @property
    def record(self) -> Channel:
        """See `Place.record`."""
        return self.place.record

    @property
    def id(self) -> str:
        """See `Place.id`."""
        return self.place.id

    @property
    def name(self) -> str:
        """See `Place.name`."""
        return self._portal.read(lambda: self.place.name)

    @property
    def members(self) -> list[str]:
        """See `Place.members`."""
        return self._portal.read(lambda: self.place.members)

    @property
    def topic(self) -> str:
        """See `Place.topic`."""
        return self._portal.read(lambda: self.place.topic)

    @property
    def purpose(self) -> str:
        """See `Place.purpose`."""
        return self._portal.read(lambda: self.place.purpose)

    @property
    def mention(self) -> str:
        """See `Place.mention`."""
        return self._portal.read(lambda: self.place.mention)

    @property
    def is_archived(self) -> bool:
        """See `Place.is_archived`."""
        return self._portal.read(lambda: self.place.is_archived)

    @property
    def messages(self) -> list[SyncSaid]:
        """See `Place.messages`."""
        return [SyncSaid(self._portal, each) for each in self._portal.read(lambda: self.place.messages)]

    @property
    def last(self) -> SyncSaid | None:
        """See `Place.last`."""
        said = self._portal.read(lambda: self.place.last)
        return None if said is None else SyncSaid(self._portal, said)

    def next_message(
        self,
        *,
        from_: str = "",
        containing: str = "",
        where: Callable[[SyncSaid], object] | None = None,
        timeout: float = PATIENCE,
    ) -> SyncSaid:
        """See `Place.next_message`."""
        asked = None if where is None else lambda said: where(SyncSaid(self._portal, said))
        said = self._portal.wait(
            lambda: self.place.next_message(from_=from_, containing=containing, where=asked, timeout=timeout)
        )
        return SyncSaid(self._portal, said)
