"""A lease that has run out is its last owner's as long as nobody else wants the record: a machine may have slept."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from storing import leased, record
from tautwire.errors import LeaseLostError
from tautwire.inbox.api import Mode, State
from tautwire.inbox.memory import MemoryInbox
from tautwire.inbox.sqlite import SqliteInbox
from tautwire.testing.inbox import HandClock

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from tautwire.inbox.api import Inbox


@pytest.fixture
def clock() -> HandClock:
    return HandClock()


@pytest.fixture(params=["memory", "sqlite"])
async def inbox(request: pytest.FixtureRequest, clock: HandClock, tmp_path: Path) -> AsyncIterator[Inbox]:
    made = MemoryInbox(clock=clock) if request.param == "memory" else SqliteInbox(tmp_path / "events.db", clock=clock)
    async with made as inbox:
        yield inbox


async def late(inbox: Inbox, clock: HandClock, number: int = 1, **how: Any) -> Any:
    """A lease that has run out, which the store has noticed."""
    lease = await leased(inbox, number, **how)
    clock.move(inbox.lease_seconds + 1)
    assert (await inbox.stats()).leased == 0
    return lease


async def states(inbox: Inbox) -> list[tuple[str, int, str]]:
    found = [stored for state in State for stored in await inbox.list(state)]
    return [(stored.state.value, stored.attempt, stored.owner) for stored in found]


async def test_it_can_be_done(inbox: Inbox, clock: HandClock) -> None:
    lease = await late(inbox, clock)
    assert await states(inbox) == [("stored", 1, "ann")]
    await inbox.done(lease)
    assert await states(inbox) == [("done", 1, "")]


async def test_it_can_be_extended(inbox: Inbox, clock: HandClock) -> None:
    lease = await inbox.extend(await late(inbox, clock))
    assert await states(inbox) == [("leased", 1, "ann")]
    assert await inbox.claim("bob") == []
    await inbox.done(lease)


async def test_it_can_fail_and_be_given_back_and_be_buried(inbox: Inbox, clock: HandClock) -> None:
    await inbox.retry(await late(inbox, clock, 1), delay=500, error="x")
    await inbox.release(await late(inbox, clock, 2))
    await inbox.bury(await late(inbox, clock, 3), error="x")
    assert await states(inbox) == [("stored", 1, ""), ("stored", 0, ""), ("dead", 1, "")]


@pytest.mark.parametrize("settle", ["extend", "done", "release"])
async def test_it_can_not_once_another_one_has_it(inbox: Inbox, clock: HandClock, settle: str) -> None:
    lease = await late(inbox, clock)
    [other] = await inbox.claim("bob")
    with pytest.raises(LeaseLostError):
        await getattr(inbox, settle)(lease)
    await inbox.done(other)
    with pytest.raises(LeaseLostError):
        await getattr(inbox, settle)(lease)


@pytest.mark.parametrize("settle", ["extend", "done", "release"])
async def test_what_was_let_go_of_is_nobodys(inbox: Inbox, clock: HandClock, settle: str) -> None:
    """Not even when the same one lets go of it twice."""
    lease = await leased(inbox, 1)
    await inbox.retry(lease, delay=0, error="x")
    with pytest.raises(LeaseLostError):
        await getattr(inbox, settle)(lease)
    assert await states(inbox) == [("stored", 1, "")]


async def test_what_may_not_be_repeated_is_dead(inbox: Inbox, clock: HandClock) -> None:
    lease = await late(inbox, clock, mode=Mode.NEVER)
    assert await states(inbox) == [("dead", 1, "")]
    with pytest.raises(LeaseLostError):
        await inbox.done(lease)


async def test_the_next_of_its_group_waits_until_then(inbox: Inbox, clock: HandClock) -> None:
    lease = await late(inbox, clock, group="C1")
    assert (await inbox.put(record(2, group="C1"), owner="bob")).lease is None
    await inbox.done(lease)
    [behind] = await inbox.claim("bob")
    assert behind.record.key == "k2"
