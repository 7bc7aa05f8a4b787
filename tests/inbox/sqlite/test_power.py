"""The power fails, at any moment: what had come back from `put` is there.

And with less than `synchronous=FULL`, or with the folder never synced, it is not: were that not noticed, this would
prove nothing.
"""

from __future__ import annotations

import asyncio
import random
from contextlib import suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import pytest

import filelayer
from tautwire.errors import InboxError
from tautwire.inbox.api import Record, State
from tautwire.inbox.sqlite import SqliteInbox, database, files

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Callable
    from pathlib import Path

#: Bytes of a payload: enough for the log to be carried over into the file again and again.
SIZE = 20_000


@dataclass
class Life:
    """What somebody was told by when, in steps of the layer."""

    stored: dict[str, int] = field(default_factory=dict)
    done: dict[str, int] = field(default_factory=dict)


def record(number: int) -> Record:
    payload = random.Random(number).randbytes(SIZE)
    return Record(key=f"k{number}", type="events_api", envelope_id=f"e{number}", payload=payload)


async def live(path: Path, layer: filelayer.Layer, records: int) -> Life:
    """Many at once, every other one is handled; then a close, and some more."""
    life = Life()

    async def one(inbox: SqliteInbox, number: int) -> None:
        placed = await inbox.put(record(number), owner="ann")
        life.stored[record(number).key] = len(layer.steps)
        if placed.lease is not None and number % 2:
            await inbox.done(placed.lease)
            life.done[record(number).key] = len(layer.steps)

    for numbers in (range(records), range(records, records + 5)):
        async with SqliteInbox(path) as inbox:
            for start in range(numbers.start, numbers.stop, 7):
                await asyncio.gather(*(one(inbox, n) for n in range(start, min(start + 7, numbers.stop))))
    return life


def cut(folder: Path, steps: list[filelayer.Step], chance: random.Random) -> Path:
    """A folder with what is left after those steps."""
    folder.mkdir()
    for name, content in filelayer.Cut(steps).left(chance, chance.choice((0.0, 0.5, 1.0))).items():
        (folder / name.rpartition("/")[2]).write_bytes(content)
    return folder / "events.db"


async def lost(path: Path, life: Life, at: int) -> list[str]:
    """What was promised before that step and is not so in what was left at it."""
    async with SqliteInbox(path, if_damaged="refuse") as after:
        alive = {stored.record.key: stored.record for stored in await after.list(State.STORED, limit=10_000)}
        done = {stored.record.key for stored in await after.list(State.DONE, limit=10_000)}
        assert all(found == record(int(key[1:])) for key, found in alive.items()), "half a payload"
    return [key for key, step in life.stored.items() if step <= at and key not in {*alive, *done}] + [
        f"{key} is done" for key, step in life.done.items() if step <= at and key not in done
    ]


async def losses(path: Path, layer: filelayer.Layer, seed: int, cuts: int) -> list[str]:
    """All of them, over so many power cuts of one life."""
    life = await live(path, layer, 240)
    steps = list(layer.steps)
    chance = random.Random(seed)
    found: list[str] = []
    for number in range(cuts):
        at = chance.randrange(1, len(steps) + 1)
        left = cut(path.parent / f"cut {number}", steps[:at], chance)
        found += [f"{each} at {at}" for each in await lost(left, life, at)]
    return found


async def test_what_was_put_survives_a_power_cut(
    path: Path, layer: filelayer.Layer, seed: int, request: pytest.FixtureRequest
) -> None:
    cuts = 400 if request.config.getoption("--long") else 25
    assert await losses(path, layer, seed, cuts) == []
    files = {step.path for step in layer.steps if step.what == "write" and step.path == str(path)}
    assert files, "the log was never carried over into the file"


def negligent(less: str, set_up: Callable[[sqlite3.Connection], None]) -> Callable[[sqlite3.Connection], None]:
    def set_up_with_less(db: sqlite3.Connection) -> None:
        set_up(db)
        db.execute(f"PRAGMA synchronous = {less}")

    return set_up_with_less


@pytest.mark.parametrize("less", ["OFF", "NORMAL", "no folder"])
async def test_with_less_care_it_does_not(
    less: str, path: Path, layer: filelayer.Layer, seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    if less == "no folder":
        monkeypatch.setattr(files, "sync_folder", lambda path: None)
    else:
        monkeypatch.setattr(database, "_set_up", negligent(less, database._set_up))
    with suppress(InboxError, AssertionError):  # Without any sync the file itself is in pieces, which is a loss, too.
        assert await losses(path, layer, seed, 10) == []
        pytest.fail("nothing was lost, and should have been")
