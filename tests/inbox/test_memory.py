"""The reference passes its own tests."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from tautwire.inbox.memory import MemoryInbox
from tautwire.testing.inbox import InboxConformance

if TYPE_CHECKING:
    from tautwire.inbox.api import Inbox


class TestMemoryInbox(InboxConformance):
    async def make(self, *, max_waiting: int) -> Inbox:
        return MemoryInbox(clock=self.clock, lease_seconds=self.lease_seconds, max_waiting=max_waiting)

    async def restart(self, inbox: Inbox, *, max_waiting: int) -> Inbox:
        shelf = cast("MemoryInbox", inbox).shelf
        return MemoryInbox(clock=self.clock, lease_seconds=self.lease_seconds, max_waiting=max_waiting, shelf=shelf)
