"""`actors.Said`, without `await`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tautwire.local.actors.stage import PATIENCE

if TYPE_CHECKING:
    from collections.abc import Callable

    from tautwire.local.actors import Said
    from tautwire.local.workspace import Message, User
    from tautwire.local.workspace.model import Json
    from tautwire.testing.sync.portal import Portal

__all__ = ["SyncSaid"]


class SyncSaid:
    """One message, live. `said` is the thing itself."""

    def __init__(self, portal: Portal, said: Said) -> None:
        self._portal = portal
        self.said = said

    def __repr__(self) -> str:
        return self._portal.read(lambda: repr(self.said))

    def __eq__(self, other: object) -> bool:
        return isinstance(other, SyncSaid) and other.said == self.said

    def __hash__(self) -> int:
        return hash(self.said)

    @property
    def record(self) -> Message:
        """See `Said.record`."""
        return self.said.record

    @property
    def ts(self) -> str:
        """See `Said.ts`."""
        return self.said.ts

    @property
    def text(self) -> str:
        """See `Said.text`."""
        return self._portal.read(lambda: self.said.text)

    @property
    def blocks(self) -> list[Json]:
        """See `Said.blocks`."""
        return self._portal.read(lambda: self.said.blocks)

    @property
    def attachments(self) -> list[Json]:
        """See `Said.attachments`."""
        return self._portal.read(lambda: self.said.attachments)

    @property
    def subtype(self) -> str:
        """See `Said.subtype`."""
        return self._portal.read(lambda: self.said.subtype)

    @property
    def thread_ts(self) -> str:
        """See `Said.thread_ts`."""
        return self._portal.read(lambda: self.said.thread_ts)

    @property
    def author(self) -> User:
        """See `Said.author`."""
        return self._portal.read(lambda: self.said.author)

    @property
    def channel_id(self) -> str:
        """See `Said.channel_id`."""
        return self.said.channel_id

    @property
    def channel_name(self) -> str:
        """See `Said.channel_name`."""
        return self._portal.read(lambda: self.said.channel_name)

    @property
    def is_ephemeral(self) -> bool:
        """See `Said.is_ephemeral`."""
        return self._portal.read(lambda: self.said.is_ephemeral)

    @property
    def is_deleted(self) -> bool:
        """See `Said.is_deleted`."""
        return self._portal.read(lambda: self.said.is_deleted)

    @property
    def is_edited(self) -> bool:
        """See `Said.is_edited`."""
        return self._portal.read(lambda: self.said.is_edited)

    @property
    def reactions(self) -> dict[str, list[str]]:
        """See `Said.reactions`."""
        return self._portal.read(lambda: self.said.reactions)

    @property
    def files(self) -> list[str]:
        """See `Said.files`."""
        return self._portal.read(lambda: self.said.files)

    @property
    def replies(self) -> list[SyncSaid]:
        """See `Said.replies`."""
        return [SyncSaid(self._portal, each) for each in self._portal.read(lambda: self.said.replies)]

    def offers(self, wanted: str) -> bool:
        """See `Said.offers`."""
        return self._portal.read(lambda: self.said.offers(wanted))

    def as_dict(self) -> Json:
        """See `Said.as_dict`."""
        return self._portal.read(self.said.as_dict)

    def until(self, holds: Callable[[SyncSaid], object], *, timeout: float = PATIENCE) -> SyncSaid:
        """See `Said.until`."""
        self._portal.wait(lambda: self.said.until(lambda _: holds(self), timeout=timeout))
        return self

    def reply(self, number: int = 1, *, timeout: float = PATIENCE) -> SyncSaid:
        """See `Said.reply`."""
        return SyncSaid(self._portal, self._portal.wait(lambda: self.said.reply(number, timeout=timeout)))
