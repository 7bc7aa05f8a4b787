"""What only this store has: bounds on its file, what it erases and forgets, and a clock that may step."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import pytest

import tautwire
from storing import counted, dead, leased, record
from tautwire.errors import ConfigurationError, InboxError, InboxFullError
from tautwire.inbox.api import State
from tautwire.inbox.sqlite import SqliteInbox
from tautwire.inbox.sqlite.tidying import SHORT_OF, SHORT_SECONDS
from tautwire.testing.inbox import HandClock

if TYPE_CHECKING:
    from collections.abc import Awaitable
    from pathlib import Path

DAY = 86_400.0


def test_it_is_there_by_its_name() -> None:
    assert tautwire.SqliteInbox is SqliteInbox
    assert repr(SqliteInbox("events.db")) == "<SqliteInbox events.db>"


@pytest.mark.parametrize(
    "options", [{"max_waiting": 0}, {"max_bytes": -1}, {"lease_seconds": float("nan")}, {"keep_seconds": DAY - 1}]
)
def test_what_cannot_be_is_refused(options: dict[str, Any], path: Path) -> None:
    with pytest.raises(ConfigurationError, match=f"{next(iter(options))} is "):
        SqliteInbox(path, **options)


async def test_it_can_be_opened_once(path: Path) -> None:
    async with SqliteInbox(path, lease_seconds=30) as inbox:
        assert inbox.lease_seconds == 30
        with pytest.raises(InboxError, match="open already"):
            await inbox.open()
        assert await inbox.claim("ann") == []
        await asyncio.gather(inbox.close(), inbox.close())
        await inbox.open()
        assert await inbox.claim("ann") == []


async def _outcome(call: Awaitable[Any]) -> Any:
    try:
        return await call
    except InboxError as error:
        return error


async def test_the_file_has_a_bound(path: Path) -> None:
    async with SqliteInbox(path, max_bytes=1_000_000) as inbox:
        puts = [inbox.put(record(number, size=20_000)) for number in range(100)]
        errors = [each for each in [await _outcome(put) for put in puts] if isinstance(each, InboxFullError)]
        assert str(errors[0]) == "the inbox is full: it may hold 100,000 records and 1 MB"
        stored = 100 - len(errors)
        assert 900_000 < (await inbox.stats()).size < 1_100_000
        assert (await inbox.put(record(0))).is_duplicate
        for lease in await inbox.claim("ann", limit=10):
            await inbox.done(lease)
        stats = await inbox.stats()
        assert stats.details["free_bytes"] > 190_000
        for number in range(10):
            await inbox.put(record(stored + number, size=15_000))
        assert (await inbox.stats()).size == stats.size


async def test_a_million_records_that_are_done_cost_little(path: Path) -> None:
    """Nothing of a payload stays: bytes for each, measured over a thousand."""
    async with SqliteInbox(path) as inbox:
        for start in range(0, 1000, 100):
            leases = await asyncio.gather(*(leased(inbox, n, size=2_000) for n in range(start, start + 100)))
            await asyncio.gather(*(inbox.done(lease) for lease in leases))
        stats = await inbox.stats()
        assert (stats.done, stats.waiting) == (1000, 0)
        assert stats.size - stats.details["free_bytes"] < 400 * 1000


@pytest.mark.parametrize("group", ["", "C1"])
@pytest.mark.parametrize("keep_payload", [False, True])
async def test_what_is_done_is_erased(keep_payload: bool, group: str, path: Path) -> None:
    """From the file, and from the log when that has had its turn."""
    async with SqliteInbox(path, keep_payload=keep_payload) as inbox:
        for size in (50, 3_000, 50_000):
            await inbox.done(await leased(inbox, size, size=size, group=group))
            (stored,) = [each for each in await inbox.list(State.DONE) if each.record.key == f"k{size}"]
            assert stored.record.payload == (b"#" * size if keep_payload else b"")
    left = b"".join(found.read_bytes() for found in path.parent.iterdir())
    assert (b"#" * 20 in left) is keep_payload


async def test_a_person_can_erase_what_was_kept(path: Path) -> None:
    async with SqliteInbox(path, keep_payload=True) as inbox:
        await inbox.done(await leased(inbox, 1))
        await dead(inbox, 2)
        assert await inbox.purge(State.DONE) == 1
        assert await inbox.purge(State.DONE) == 0
        assert await inbox.purge(State.DEAD) == 1
        assert [stored.record.payload for stored in await inbox.list(State.DONE)] == [b"", b""]
        assert {stored.error for stored in await inbox.list(State.DONE)} == {"purged"}


async def test_keys_go_after_their_time_a_few_at_once(path: Path) -> None:
    clock = HandClock()
    async with SqliteInbox(path, clock=clock, keep_seconds=2 * DAY) as inbox:
        leases = await asyncio.gather(*(leased(inbox, number) for number in range(250)))
        await asyncio.gather(*(inbox.done(lease) for lease in leases))
        await dead(inbox, 1000)
        clock.move(2 * DAY - 10)
        await inbox.done(await leased(inbox, 2000))
        assert (await inbox.put(record(1))).is_duplicate
        clock.move(20)
        steps = [(await inbox.stats()).done for _ in range(5)]
        assert steps == [251, 151, 51, 1, 1]
        assert not (await inbox.put(record(1))).is_duplicate
        clock.move(2 * DAY)
        await inbox.stats()
        stats = await inbox.stats()
        assert (stats.done, stats.dead, stats.stored) == (0, 1, 253)
    counted(path)


async def test_a_busy_inbox_forgets_faster_than_it_learns(path: Path) -> None:
    clock = HandClock()
    async with SqliteInbox(path, clock=clock) as inbox:
        for start in range(0, 2000, 400):
            leases = await asyncio.gather(*(leased(inbox, n) for n in range(start, start + 400)))
            await asyncio.gather(*(inbox.done(lease) for lease in leases))
        clock.move(DAY + 1)
        for start in range(2000, 4000, 400):
            leases = await asyncio.gather(*(leased(inbox, n) for n in range(start, start + 400)))
            await asyncio.gather(*(inbox.done(lease) for lease in leases))
        assert (await inbox.stats()).done == 2000
    counted(path)


async def test_a_file_short_of_room_forgets_keys_after_an_hour(path: Path) -> None:
    """Rather than refuse what is new. Until then it is full, and says so."""
    clock = HandClock()

    async def done(inbox: SqliteInbox, first: int) -> None:
        leases = await asyncio.gather(*(leased(inbox, first + n) for n in range(50)))
        await asyncio.gather(*(inbox.done(lease) for lease in leases))

    async def fill(inbox: SqliteInbox) -> None:
        for first in range(0, 5_000, 50):
            await done(inbox, first)

    async with SqliteInbox(path, clock=clock, max_bytes=400_000) as inbox:
        with pytest.raises(InboxFullError):
            await fill(inbox)
        clock.move(SHORT_SECONDS - 10)
        assert (await inbox.put(record(1))).is_duplicate
        clock.move(20)
        for _ in range(20):
            await inbox.stats()
        stats = await inbox.stats()
        assert SHORT_OF / 2 < (stats.size - stats.details["free_bytes"]) / 400_000 < SHORT_OF
        assert stats.done > 0
        assert not (await inbox.put(record(1))).is_duplicate
        await done(inbox, 10_000)
    counted(path)


async def test_numbers_are_never_given_twice(path: Path) -> None:
    """Or an old lease could be taken for a new one."""
    clock = HandClock()
    async with SqliteInbox(path, clock=clock) as inbox:
        lease = await leased(inbox, 1)
        await inbox.done(lease)
        clock.move(DAY + 10)
        await inbox.stats()
        assert (await inbox.stats()).done == 0
        assert int((await leased(inbox, 1)).id) > int(lease.id)


@pytest.mark.parametrize("step", [-7200.0, 7200.0])
async def test_a_step_of_the_wall_clock_changes_nothing(step: float, path: Path) -> None:
    clock = HandClock()
    async with SqliteInbox(path, clock=clock, lease_seconds=60) as inbox:
        lease = await leased(inbox, 1)
        await inbox.retry(await leased(inbox, 2), delay=30, error="")
        clock.step(step)
        assert await inbox.claim("bob", limit=5) == []
        clock.move(40)
        assert [each.record.key for each in await inbox.claim("bob", limit=5)] == ["k2"]
        await inbox.done(lease)


async def test_a_clock_that_was_set_back_over_a_restart_holds_up_nothing(path: Path) -> None:
    """A retry waits for its delay at most, whatever year it was when it was asked for."""
    clock = HandClock()
    async with SqliteInbox(path, clock=clock) as inbox:
        await inbox.retry(await leased(inbox, 1), delay=30, error="")
        await inbox.put(record(2))
    clock.step(-365 * DAY)
    async with SqliteInbox(path, clock=clock) as inbox:
        assert [each.record.key for each in await inbox.claim("bob", limit=5)] == ["k2"]
        clock.move(31)
        assert [each.record.key for each in await inbox.claim("bob", limit=5)] == ["k1"]


async def test_why_something_failed_may_have_half_a_character_in_it(path: Path) -> None:
    async with SqliteInbox(path) as inbox:
        for number in range(3):
            await inbox.put(record(number))
        tried, buried = await inbox.claim("ann", limit=2)
        await inbox.retry(tried, delay=60.0, error="in caf\udce9.py")
        await inbox.bury(buried, error="in caf\udce9.py")
        assert await inbox.give_up(["3"], error="\ud83d") == 1
        errors = [(await inbox.show(which)).error for which in ("1", "2", "3")]  # type: ignore[union-attr]
        assert errors == ["in caf\\udce9.py", "in caf\\udce9.py", "\\ud83d"]


async def test_it_belongs_to_one_loop(path: Path) -> None:
    async with SqliteInbox(path) as inbox:

        def elsewhere() -> None:
            with pytest.raises(InboxError, match="opened on another event loop: use it there"):
                asyncio.run(inbox.stats())

        await asyncio.to_thread(elsewhere)
        async with asyncio.timeout(10):
            await inbox.put(record(1))
        assert (await inbox.stats()).stored == 1
