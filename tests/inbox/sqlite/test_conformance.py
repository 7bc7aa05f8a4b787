"""SQLite does what every inbox does."""

from __future__ import annotations

import shutil
from itertools import count
from typing import TYPE_CHECKING, cast

import pytest

from tautwire.inbox.sqlite import SqliteInbox
from tautwire.testing.inbox import InboxConformance

if TYPE_CHECKING:
    from pathlib import Path

    from tautwire.inbox.api import Inbox


class TestSqliteInbox(InboxConformance):
    @pytest.fixture(autouse=True)
    def _folder(self, tmp_path: Path) -> None:
        self.folder, self.numbers = tmp_path, count()

    async def make(self, *, max_waiting: int) -> Inbox:
        path = self.folder / f"{next(self.numbers)}.db"
        return SqliteInbox(path, clock=self.clock, lease_seconds=self.lease_seconds, max_waiting=max_waiting)

    async def restart(self, inbox: Inbox, *, max_waiting: int) -> Inbox:
        """What a killed process leaves is what it has written so far; the inbox lives on beside that."""
        path = cast("SqliteInbox", inbox).path
        await inbox.stats()
        copy = self.folder / f"{next(self.numbers)}.db"
        for end in ("", "-wal"):
            shutil.copy(f"{path}{end}", f"{copy}{end}")
        return SqliteInbox(copy, clock=self.clock, lease_seconds=self.lease_seconds, max_waiting=max_waiting)
