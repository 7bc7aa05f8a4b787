"""Records in an inbox, stored, leased and dead, and whether its counts are right."""

from __future__ import annotations

import sqlite3
from typing import TYPE_CHECKING, Any

from tautwire.inbox.api import Lease, Record

if TYPE_CHECKING:
    from pathlib import Path

    from tautwire.inbox.api import Inbox

__all__ = ["counted", "dead", "leased", "record"]


def record(number: int, size: int = 100, **how: Any) -> Record:
    return Record(key=f"k{number}", type="events_api", envelope_id=f"e{number}", payload=b"#" * size, **how)


async def leased(inbox: Inbox, number: int, **how: Any) -> Lease:
    lease = (await inbox.put(record(number, **how), owner="ann")).lease
    assert lease is not None
    return lease


async def dead(inbox: Inbox, *numbers: int) -> None:
    for number in numbers:
        await inbox.bury(await leased(inbox, number), error="x")


def counted(path: Path) -> None:
    """What the triggers have counted is what is there."""
    with sqlite3.connect(path) as db:
        there = dict(db.execute("SELECT state, count(*) FROM records GROUP BY state"))
        counts = dict(db.execute("SELECT state, number FROM counts WHERE state NOT LIKE '% %' AND number > 0"))
        assert counts == there
        payloads = "SELECT count(*) FROM payloads WHERE number NOT IN (SELECT number FROM records)"
        assert db.execute(payloads).fetchone() == (0,)
    db.close()
