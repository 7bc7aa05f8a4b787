"""What `SqliteInbox` takes: puts a second, how long one waits, how soon a full file is open, and how much memory it is.

    python benchmarks/inbox.py --folder . --done 1000000 --waiting 100000

The file is made anew in a folder of its own, which should be on the disk that is meant: each put waits for it. Rows of
`--done` and `--waiting` are put there first, past the inbox, since nobody wants to wait for a million handlers.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import resource
import sqlite3
import sys
import tempfile
from dataclasses import asdict, dataclass
from pathlib import Path
from time import perf_counter, time
from typing import TYPE_CHECKING

from tautwire import SqliteInbox
from tautwire.inbox.api import Record

if TYPE_CHECKING:
    from collections.abc import Iterator

#: Bytes of a payload: a message event of Slack's has 1 to 3 KB.
SIZE = 2_000
_INSERT = (
    "INSERT INTO records (key, type, envelope_id, mode, line, state, attempt, fence, stored_at, at)"
    " VALUES (?, 'events_api', ?, 'again', '', ?, 1, 1, ?, ?)"
)


@dataclass(frozen=True, slots=True)
class Result:
    """Seconds, but for rates and bytes."""

    done: int
    waiting: int
    file_bytes: int
    open_seconds: float
    #: Puts that were leased, handled and done, so many at once.
    window: int
    per_second: float
    window_p50: float
    window_p99: float
    #: Puts at a steady rate, each followed by its done.
    pace: int
    pace_p50: float
    pace_p99: float
    pace_worst: float
    slowest_commit: float
    #: Resident memory of the whole process at its highest, and before the inbox was opened.
    memory_bytes: int
    memory_before: int


def record(number: int) -> Record:
    key = f"event/A0123456789/T0123456789/Ev{number:012X}"
    return Record(key=key, type="events_api", envelope_id=f"0b1e2c3d-{number:012d}", payload=os.urandom(SIZE))


def fill(path: Path, done: int, waiting: int, *, payload: bytes | None = None) -> None:
    """Rows as the inbox would have made them; without a payload of its own each that waits has another one."""

    def rows(state: str, first: int, count: int) -> Iterator[tuple[object, ...]]:
        now = time()
        for number in range(first, first + count):
            made = record(number)
            yield made.key, made.envelope_id, state, now, now

    with sqlite3.connect(path) as db:
        db.executemany(_INSERT, rows("done", 0, done))
        db.executemany(_INSERT, rows("stored", done, waiting))
        put = "INSERT INTO payloads SELECT number, coalesce(?, randomblob(?)) FROM records WHERE state = 'stored'"
        db.execute(put, (payload, SIZE))
    db.close()


async def one(inbox: SqliteInbox, number: int, waits: list[float]) -> None:
    began = perf_counter()
    placed = await inbox.put(record(number), owner="benchmark")
    waits.append(perf_counter() - began)
    assert placed.lease is not None
    await inbox.done(placed.lease)


async def in_a_window(inbox: SqliteInbox, numbers: range, window: int) -> tuple[float, list[float]]:
    """How many a second, and how long each put waited."""
    waits: list[float] = []
    queue = iter(numbers)

    async def worker() -> None:
        for number in queue:
            await one(inbox, number, waits)

    began = perf_counter()
    await asyncio.gather(*(worker() for _ in range(window)))
    return len(numbers) / (perf_counter() - began), sorted(waits)


async def at_a_pace(inbox: SqliteInbox, numbers: range, pace: int) -> list[float]:
    waits: list[float] = []
    began = perf_counter()
    async with asyncio.TaskGroup() as tasks:
        for place, number in enumerate(numbers):
            await asyncio.sleep(max(0.0, began + place / pace - perf_counter()))
            tasks.create_task(one(inbox, number, waits))
    return sorted(waits)


async def measured(path: Path, options: argparse.Namespace) -> Result:
    async with SqliteInbox(path, max_waiting=10**9, max_bytes=1 << 40):
        pass
    fill(path, options.done, options.waiting)
    before = resident()
    inbox = SqliteInbox(path, max_waiting=10**9, max_bytes=1 << 40)
    began = perf_counter()
    await inbox.open()
    opened = perf_counter() - began
    first, count = options.done + options.waiting, options.records
    rate, window = await in_a_window(inbox, range(first, first + count), options.window)
    paced = range(first + count, first + count + options.pace * options.seconds)
    pace = await at_a_pace(inbox, paced, options.pace)
    stats = await inbox.stats()
    await inbox.close()
    return Result(
        done=options.done,
        waiting=options.waiting,
        file_bytes=stats.size,
        open_seconds=opened,
        window=options.window,
        per_second=rate,
        window_p50=window[len(window) // 2],
        window_p99=window[len(window) * 99 // 100],
        pace=options.pace,
        pace_p50=pace[len(pace) // 2],
        pace_p99=pace[len(pace) * 99 // 100],
        pace_worst=pace[-1],
        slowest_commit=stats.commit_seconds,
        memory_bytes=resident(),
        memory_before=before,
    )


def resident() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024)


def parsed(arguments: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--folder", type=Path, help="where the file is made; a temporary folder otherwise")
    parser.add_argument("--done", type=int, default=0, help="records that are done beforehand")
    parser.add_argument("--waiting", type=int, default=0, help="records that wait meanwhile")
    parser.add_argument("--records", type=int, default=20_000, help="records that go through in the window")
    parser.add_argument("--window", type=int, default=100, help="records at once")
    parser.add_argument("--pace", type=int, default=500, help="records a second, afterwards")
    parser.add_argument("--seconds", type=int, default=20, help="how long at that pace")
    parser.add_argument("--json", action="store_true", help="one line for programs")
    return parser.parse_args(arguments)


def main(arguments: list[str]) -> None:
    options = parsed(arguments)
    with tempfile.TemporaryDirectory(dir=options.folder) as folder:
        result = asyncio.run(measured(Path(folder, "events.db"), options))
    if options.json:
        print(json.dumps(asdict(result)))
        return
    for name, value in asdict(result).items():
        print(f"{name:16} {value:,.4f}" if isinstance(value, float) else f"{name:16} {value:,}")


if __name__ == "__main__":
    main(sys.argv[1:])
