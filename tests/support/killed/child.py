"""What a child does."""

from __future__ import annotations

import asyncio
import os
import random
import sqlite3
from itertools import count
from typing import TYPE_CHECKING

from killed import ATTEMPTS, WINDOW
from killed.stores import STORES
from tautwire.inbox.api import Record

if TYPE_CHECKING:
    from killed import Life
    from tautwire.inbox.api import Lease
    from tautwire.inbox.sqlite import SqliteInbox

__all__ = ["live", "say"]


def say(what: str, number: int) -> None:
    """In one write, so that it is said in full or not at all."""
    os.write(1, f"{what} {number}\n".encode())


def record(number: int) -> Record:
    group = f"C{number % 4}" if number % 3 == 0 else ""
    payload = b"%d." % number * (number % 700)
    return Record(key=f"Ev{number}", type="events_api", envelope_id=f"e{number}", payload=payload, group=group)


async def live(life: Life) -> None:
    """Put and handle, side by side, until killed or at the end."""
    worker = _Worker(life)
    async with worker.inbox:
        async with asyncio.TaskGroup() as tasks:
            for _ in range(WINDOW):
                tasks.create_task(worker.put())
            for _ in range(WINDOW):
                tasks.create_task(worker.handle())
        if not life.to_the_end:
            await asyncio.Event().wait()


class _Worker:
    def __init__(self, life: Life) -> None:
        self.inbox: SqliteInbox = STORES[life.store](life.path, max_waiting=1_000_000)
        self._life = life
        self._numbers = iter(range(life.first, life.first + life.records))
        self._chance = random.Random(life.seed)
        self._putting = WINDOW
        self._owners = count()

    async def put(self) -> None:
        """Records, each followed now and then by a redelivery of an earlier one."""
        owner = f"{os.getpid()} {next(self._owners)}"
        for number in self._numbers:
            placed = await self.inbox.put(record(number), owner=owner if number % 2 else "")
            say("stored", number)
            if self._chance.random() < 0.2:
                again = await self.inbox.put(record(number))
                if not again.is_duplicate:
                    say("twice", number)
            if placed.lease is not None:
                await self._run(placed.lease)
        self._putting -= 1

    async def handle(self) -> None:
        """What there is to claim."""
        owner = f"{os.getpid()} {next(self._owners)}"
        while True:
            leases = await self.inbox.claim(owner, limit=3, wait=0.05)
            for lease in leases:
                await self._run(lease)
            if not leases and not self._putting and self._life.to_the_end:
                stats = await self.inbox.stats()
                if not stats.waiting + stats.delayed + stats.leased:
                    return

    async def _run(self, lease: Lease) -> None:
        number = int(lease.record.key.removeprefix("Ev").partition("/")[0])
        assert lease.record.payload == record(number).payload, "half a payload"
        if lease.attempt > ATTEMPTS:
            await self.inbox.bury(lease, error="too often")
            say("dead", number)
            return
        say("begun", number)
        await asyncio.sleep(0)
        if self._chance.random() < 0.25:
            await self.inbox.retry(lease, delay=self._chance.choice((0.0, 0.001)), error="it failed")
            say("failed", number)
        else:
            await self.inbox.done(lease)
            say("done", number)


def found(path: str) -> dict[int, str]:
    """Each record with its state, as the file has it."""
    with sqlite3.connect(path) as db:
        rows = db.execute("SELECT key, state FROM records").fetchall()
    db.close()
    return {int(key.removeprefix("Ev").partition("/")[0]): state for key, state in rows}
