"""`actors.Shown`, without `await`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tautwire.local.actors.stage import PATIENCE

if TYPE_CHECKING:
    from collections.abc import Callable

    from tautwire.local.actors import Shown
    from tautwire.local.workspace import View
    from tautwire.local.workspace.model import Json
    from tautwire.testing.sync.portal import Portal

__all__ = ["SyncShown"]


class SyncShown:
    """One modal or App Home, live. `shown` is the thing itself."""

    def __init__(self, portal: Portal, shown: Shown) -> None:
        self._portal = portal
        self.shown = shown

    def __repr__(self) -> str:
        return self._portal.read(lambda: repr(self.shown))

    def __eq__(self, other: object) -> bool:
        return isinstance(other, SyncShown) and other.shown == self.shown

    def __hash__(self) -> int:
        return hash(self.shown)

    @property
    def record(self) -> View:
        """See `Shown.record`."""
        return self.shown.record

    @property
    def id(self) -> str:
        """See `Shown.id`."""
        return self.shown.id

    @property
    def title(self) -> str:
        """See `Shown.title`."""
        return self._portal.read(lambda: self.shown.title)

    @property
    def callback_id(self) -> str:
        """See `Shown.callback_id`."""
        return self._portal.read(lambda: self.shown.callback_id)

    @property
    def private_metadata(self) -> str:
        """See `Shown.private_metadata`."""
        return self._portal.read(lambda: self.shown.private_metadata)

    @property
    def blocks(self) -> list[Json]:
        """See `Shown.blocks`."""
        return self._portal.read(lambda: self.shown.blocks)

    @property
    def text(self) -> str:
        """See `Shown.text`."""
        return self._portal.read(lambda: self.shown.text)

    @property
    def values(self) -> Json:
        """See `Shown.values`."""
        return self._portal.read(lambda: self.shown.values)

    @property
    def errors(self) -> dict[str, str]:
        """See `Shown.errors`."""
        return self._portal.read(lambda: self.shown.errors)

    @property
    def trouble(self) -> str:
        """See `Shown.trouble`."""
        return self._portal.read(lambda: self.shown.trouble)

    @property
    def is_open(self) -> bool:
        """See `Shown.is_open`."""
        return self._portal.read(lambda: self.shown.is_open)

    def offers(self, wanted: str) -> bool:
        """See `Shown.offers`."""
        return self._portal.read(lambda: self.shown.offers(wanted))

    def as_dict(self) -> Json:
        """See `Shown.as_dict`."""
        return self._portal.read(self.shown.as_dict)

    def until(self, holds: Callable[[SyncShown], object], *, timeout: float = PATIENCE) -> SyncShown:
        """See `Shown.until`."""
        self._portal.wait(lambda: self.shown.until(lambda _: holds(self), timeout=timeout))
        return self
