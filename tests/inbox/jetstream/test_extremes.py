"""What is very large, very long, deleted underfoot or said twice stops nothing and loses nothing."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any

import pytest

from storing import record
from tautwire.errors import InboxError, InboxUnavailableError, LeaseLostError
from tautwire.inbox.api import Lease, Mode, State
from tautwire.inbox.jetstream.deciding import turn_delay

if TYPE_CHECKING:
    from collections.abc import Callable

    from tautwire.inbox.jetstream import JetStreamInbox
    from tautwire.inbox.jetstream.parts import Parts

    Make = Callable[..., JetStreamInbox]

LONG_ERROR = "änd so on " * 10_000


def parts_of(inbox: JetStreamInbox) -> Parts:
    assert inbox._parts is not None
    return inbox._parts


# What is large.


@pytest.mark.parametrize("room", [0, 50, 500, 2_000, 14_000])
async def test_a_record_that_can_be_stored_can_be_buried(new_inbox: Make, room: int) -> None:
    """What is written beside a payload takes room, too, and a dead letter has the most of it. A server that is given
    more than it takes hangs up, on everybody who uses the connection."""
    async with new_inbox() as inbox:
        parts = parts_of(inbox)
        large = replace(record(1), payload=b"x" * (await parts.broker.max_payload() - room))
        if room < 12_000:
            with pytest.raises(InboxError, match="is more than NATS takes: raise max_payload"):
                await inbox.put(large)
        else:
            await inbox.put(large)
            (lease,) = await inbox.claim("ann", wait=5.0)
            await inbox.retry(lease, delay=0.0, error=LONG_ERROR)
            (lease,) = await inbox.claim("ann", wait=5.0)
            await inbox.bury(lease, error=LONG_ERROR)
            (dead,) = await inbox.list(State.DEAD)
            assert (dead.record, len(dead.error), dead.error[-1]) == (large, 1_000, "…")
            assert await inbox.replay() == 1
            assert await inbox.give_up([dead.id], error=LONG_ERROR) == 1
            assert len(await inbox.list(State.DEAD)) == 1
        assert parts.broker.losses == 0


async def test_all_of_many_large_dead_letters_are_seen(new_inbox: Make) -> None:
    """A server gives fewer than asked for when they are large."""
    number = 10
    async with new_inbox() as inbox:
        for each in range(number):
            await inbox.put(replace(record(each), payload=b"x" * 1_000_000))
            (lease,) = await inbox.claim("ann", wait=5.0)
            await inbox.bury(lease, error="x")
        assert await inbox.purge(State.DEAD) == number


# What is long.


async def test_who_waits_in_a_long_line_costs_the_broker_nothing(
    new_inbox: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It takes the broker the longer to say who is first the longer the line is."""
    async with new_inbox(lease_seconds=30.0) as inbox:
        parts, asked = parts_of(inbox), 0
        real = parts.rooms.first_of

        async def first_of(*args: Any) -> Any:
            nonlocal asked
            asked += 1
            return await real(*args)

        monkeypatch.setattr(parts.rooms, "first_of", first_of)
        await asyncio.gather(*(inbox.put(record(number, group="C1")) for number in range(60)))
        (head,) = await inbox.claim("ann")
        for _ in range(7):
            assert await inbox.claim("ann", limit=8) == []
        assert asked < 15
        assert parts.turns.waiting > 50
        await inbox.done(head)
        assert len(await inbox.claim("ann", limit=8, wait=5.0)) == 1


async def test_a_claim_comes_back_though_there_is_no_end_of_those_that_wait_for_their_turn(
    new_inbox: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tautwire.inbox.jetstream.leasing.turn_delay", lambda *_: 0.0)
    async with new_inbox(lease_seconds=30.0) as inbox:
        for number in (1, 2, 3):
            await inbox.put(record(number, group="C1"))
        async with asyncio.timeout(10.0):
            assert len(await inbox.claim("ann", limit=5)) == 1
            assert await inbox.claim("ann", limit=5, wait=0.1) == []


def test_many_who_wait_are_looked_at_less_often() -> None:
    assert [turn_delay(count) for count in (1, 2, 3, 6, 50)] == [0.25, 0.5, 1.0, 8.0, 8.0]
    assert [turn_delay(1, waiting) for waiting in (10, 1_000, 5_000, 100_000)] == [0.25, 4.0, 20.0, 60.0]


async def test_a_line_that_is_through_leaves_nothing_in_memory(new_inbox: Make) -> None:
    async with new_inbox(lease_seconds=30.0) as inbox:
        turns = parts_of(inbox).turns
        turns.waits("C1", 7, "$JS.ACK.nobody", 0.0)
        turns.waits("C1", 8, "$JS.ACK.nobody", 0.0)
        turns.waits("C1", 8, "$JS.ACK.nobody", 0.0)
        turns.came("C1", 9)
        assert (turns.waiting, turns.is_behind("C1", 9)) == (2, False)
        await turns.moved("C1")
        assert (turns.waiting, turns._lines) == (0, {})


async def test_a_record_that_came_second_after_all_is_not_leased_with_its_put(
    new_inbox: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A cluster takes a line for empty while another record is on its way to it."""
    async with new_inbox(lease_seconds=2.0) as inbox, new_inbox(lease_seconds=2.0) as other:
        rooms = parts_of(inbox).rooms
        real = rooms.add

        async def blind(*args: Any, alone_in: str = "") -> int:
            if alone_in:
                await other.put(record(1, group="C1"))
            return await real(*args)

        monkeypatch.setattr(rooms, "add", blind)
        placed = await inbox.put(record(2, mode=Mode.ONCE_ACKED, group="C1"), owner="ann")
        assert placed.lease is None
        (first,) = await other.claim("bob", limit=5, wait=5.0)
        assert first.record.key == "k1"
        await inbox.acked(placed.id)
        await other.done(first)
        (second,) = await other.claim("bob", limit=5, wait=10.0)
        assert (second.record.key, second.attempt) == ("k2", 1)


# What is deleted, or lost without a word.


async def test_a_consumer_that_was_deleted_is_made_anew(new_inbox: Make) -> None:
    """Nothing is lost with it, and what is leased stays leased."""
    async with new_inbox(lease_seconds=30.0) as inbox:
        parts = parts_of(inbox)
        await inbox.put(record(1))
        (lease,) = await inbox.claim("ann", wait=5.0)
        for name in ("workers", "held"):
            await parts.broker.api(f"CONSUMER.DELETE.{parts.rooms.names.work_stream}.{name}")
        await inbox.put(record(2))
        leases: list[Lease] = []
        async with asyncio.timeout(10.0):
            while not leases:
                with suppress(InboxUnavailableError):
                    leases += await inbox.claim("ann", limit=5, wait=1.0)
        assert [each.record.key for each in leases] == ["k2"]
        await inbox.done(lease)
        await inbox.done(leases[0])
        assert await inbox.claim("ann") == []


async def test_a_fetch_that_the_broker_has_forgotten_is_noticed(
    new_inbox: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The leader of the consumer dies, and what was asked of it is known to nobody."""
    monkeypatch.setattr("tautwire.inbox.jetstream.pulling._BEAT", 0.3)
    monkeypatch.setattr("tautwire.inbox.jetstream.pulling._GRACE", 0.3)
    async with new_inbox() as inbox:
        puller = parts_of(inbox).workers
        async with asyncio.timeout(5.0):
            assert await puller.fetch(1, 1.5) == []  # It lives, so there is no trouble.
            # Somebody hears it, and says nothing.
            await (await parts_of(inbox).broker.link()).listen("$JS.API.SILENCE", lambda _: None)
            monkeypatch.setattr(puller, "_ask", "SILENCE")
            monkeypatch.setattr(puller, "_pull", partial(pulled, puller._pull))
            with pytest.raises(InboxUnavailableError, match="not answered in time"):
                await puller.fetch(1, 30.0)


async def pulled(pull: Any, body: dict[str, Any], wait: float, limit: int) -> Any:
    return await pull(body, wait, limit) if wait else []


async def test_a_claim_that_is_cancelled_while_it_asks_keeps_nothing(
    new_inbox: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with new_inbox(lease_seconds=30.0) as inbox, new_inbox(lease_seconds=30.0) as other:
        await inbox.put(record(1))
        broker, has_asked = parts_of(inbox).broker, asyncio.Event()
        real = broker.flow

        async def slow(*args: Any) -> Any:
            flow = await real(*args)
            has_asked.set()
            await asyncio.sleep(0)
            return flow

        monkeypatch.setattr(broker, "flow", slow)
        claiming = asyncio.ensure_future(inbox.claim("ann"))
        await has_asked.wait()
        claiming.cancel()
        await asyncio.wait({claiming})
        assert len(await other.claim("bob", wait=10.0)) == 1


async def test_a_clock_that_drifts_is_set_right(new_inbox: Make) -> None:
    async with new_inbox() as inbox:
        parts = parts_of(inbox)
        right = parts.moment.now()
        parts.moment._ahead += 300.0
        await parts.streams.tend()
        assert parts.moment.now() == pytest.approx(right, abs=5.0)


# What is said twice.


async def test_what_came_through_unheard_and_is_said_twice_more_is_no_lease_lost(
    new_inbox: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with new_inbox(lease_seconds=30.0) as inbox:
        parts = parts_of(inbox)
        await inbox.put(record(1))
        (lease,) = await inbox.claim("ann", wait=5.0)
        real = parts.rooms.write

        async def unheard(*args: Any) -> int:
            try:
                await real(*args)
            finally:
                raise InboxUnavailableError("no answer")

        with monkeypatch.context() as patch:
            patch.setattr(parts.rooms, "write", unheard)
            for _ in range(2):
                with pytest.raises(InboxUnavailableError):
                    await inbox.done(lease)
        await inbox.done(lease)
        with pytest.raises(LeaseLostError):
            await inbox.done(lease)
        assert (await inbox.stats()).done == 1
