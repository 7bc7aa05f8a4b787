"""What only this store has: its options, visitors, several processes at one inbox, and what it makes on NATS."""

from __future__ import annotations

import asyncio
import builtins
import sys
from typing import TYPE_CHECKING, Any

import pytest

import tautwire
from storing import record
from tautwire.errors import ConfigurationError, InboxError, InboxFullError, LeaseLostError
from tautwire.inbox.address import inbox_at
from tautwire.inbox.api import Lease, Mode, State
from tautwire.inbox.jetstream import JetStreamInbox

if TYPE_CHECKING:
    from collections.abc import Callable

    Make = Callable[..., JetStreamInbox]


async def leased(inbox: JetStreamInbox, number: int, owner: str = "ann", **how: Any) -> Lease:
    placed = await inbox.put(record(number, **how), owner=owner)
    return placed.lease or (await inbox.claim(owner, wait=5.0))[0]


def test_it_is_there_by_its_name() -> None:
    assert tautwire.JetStreamInbox is JetStreamInbox
    inbox = JetStreamInbox("nats://ann:s3cret@a:4222,tls://b", name="shop")
    assert repr(inbox) == "<JetStreamInbox shop on nats://a:4222,tls://b>"
    assert isinstance(inbox_at("nats://a:4222"), JetStreamInbox)


def test_without_its_extra_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in sys.modules if name.startswith("tautwire.inbox.jetstream")]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "nats", None)
    monkeypatch.delitem(vars(tautwire), "JetStreamInbox", raising=False)
    with pytest.raises(ImportError, match=r'^an inbox on NATS needs an extra: pip install "tautwire\[nats\]"$'):
        _ = tautwire.JetStreamInbox
    with pytest.raises(ConfigurationError, match=r'pip install "tautwire\[nats\]"'):
        inbox_at("nats://a:4222")


def test_what_else_is_missing_is_not_hidden(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in sys.modules if name.startswith("tautwire.inbox.jetstream")]:
        monkeypatch.delitem(sys.modules, name)
    real = builtins.__import__

    def broken(name: str, *rest: Any) -> Any:
        if name == "tautwire.inbox.jetstream.inbox":
            raise ModuleNotFoundError("no module named 'other'", name="other")
        return real(name, *rest)

    monkeypatch.setattr(builtins, "__import__", broken)
    with pytest.raises(ModuleNotFoundError, match="other"):
        real("tautwire.inbox.jetstream")


@pytest.mark.parametrize(
    "options",
    [
        {"replicas": 0},
        {"max_waiting": 0},
        {"max_bytes": -1},
        {"lease_seconds": float("nan")},
        {"keep_seconds": 86_399.0},
    ],
)
def test_what_cannot_be_is_refused(options: dict[str, Any]) -> None:
    with pytest.raises(ConfigurationError, match=f"{next(iter(options))} is "):
        JetStreamInbox("nats://a", **options)


async def test_it_can_be_opened_once(new_inbox: Make) -> None:
    async with new_inbox(lease_seconds=30) as inbox:
        assert inbox.lease_seconds == 30
        with pytest.raises(InboxError, match="open already"):
            await inbox.open()
        assert await inbox.claim("ann") == []
        assert await inbox.claim("ann", limit=0) == []
        await asyncio.gather(inbox.close(), inbox.close())
        await inbox.open()
        assert await inbox.claim("ann") == []


async def test_everybody_shares_it(new_inbox: Make) -> None:
    async with new_inbox() as gateway, new_inbox() as worker, new_inbox() as other:
        waiting = asyncio.ensure_future(worker.claim("bob", wait=30.0))
        placed = await gateway.put(record(1))
        (lease,) = await waiting
        assert (lease.id, lease.record) == (placed.id, record(1))
        assert await other.claim("cleo") == []
        assert (await other.put(record(1))).is_duplicate
        await worker.done(lease)
        assert (await gateway.put(record(1))).is_duplicate
        with pytest.raises(LeaseLostError):
            await other.done(lease)


async def test_any_process_can_settle_a_lease_that_it_is_told_of(new_inbox: Make) -> None:
    """The note says whose it is, and nothing that one process alone knows is needed."""
    async with new_inbox(lease_seconds=1.0) as one, new_inbox(lease_seconds=1.0) as two:
        await one.put(record(1))
        (lease,) = await one.claim("ann")
        lease = await two.extend(lease)
        await two.retry(lease, delay=0.0, error="x")
        (again,) = await one.claim("ann", wait=5.0)
        await two.done(again)
        assert await one.claim("ann") == []
        held = await leased(one, 2, mode=Mode.ONCE_ACKED)
        await two.acked(held.id)
        await two.release(held)
        (again,) = await two.claim("bob", wait=5.0)
        assert again.attempt == 1
        await one.bury(again, error="x")
        assert [stored.id for stored in await two.list(State.DEAD)] == [again.id]


async def test_a_line_moves_on_whoever_works_on_it(new_inbox: Make) -> None:
    async with new_inbox() as one, new_inbox() as two:
        for number in (1, 2, 3):
            await one.put(record(number, group="C1"))
        (first,) = await one.claim("ann", limit=5)
        waiting = asyncio.ensure_future(two.claim("bob", wait=30.0))
        await two.stats()
        await one.done(first)
        (second,) = await waiting
        assert second.record.key == "k2"
        assert await one.claim("ann", limit=5) == []
        await two.done(second)
        assert [lease.record.key for lease in await one.claim("ann", limit=5, wait=5.0)] == ["k3"]


async def test_an_ack_of_a_command_moves_it_to_the_workers(new_inbox: Make) -> None:
    async with new_inbox() as gateway, new_inbox() as worker:
        placed = await gateway.put(record(1, mode=Mode.ONCE_ACKED, group="C1"))
        waiting = asyncio.ensure_future(worker.claim("bob", wait=30.0))
        await gateway.acked(placed.id)
        (lease,) = await waiting
        assert (lease.record, lease.attempt) == (record(1, mode=Mode.ONCE_ACKED, group="C1"), 1)
        await gateway.acked(placed.id)
        await worker.done(lease)
        await gateway.acked(placed.id)
        assert await worker.claim("bob") == []


async def test_a_command_in_a_line_that_is_busy_is_no_lease(new_inbox: Make) -> None:
    async with new_inbox() as inbox:
        await inbox.put(record(1, group="C1"))
        busy = await inbox.put(record(2, group="C1", mode=Mode.ONCE_ACKED), owner="ann")
        assert (busy.lease, busy.is_duplicate) == (None, False)
        free = await inbox.put(record(3, group="C2", mode=Mode.ONCE_ACKED), owner="ann")
        assert free.lease is not None
        again = await inbox.put(record(3, group="C2", mode=Mode.ONCE_ACKED), owner="ann")
        assert (again.id, again.is_duplicate, again.lease) == (free.id, True, None)
        await inbox.acked(free.id)
        lease = await inbox.extend(free.lease)
        await inbox.put(record(4, group="C2"))
        assert [each.record.key for each in await inbox.claim("bob", limit=5)] == ["k1"]
        await inbox.done(lease)
        assert [each.record.key for each in await inbox.claim("bob", limit=5, wait=5.0)] == ["k4"]


async def test_a_command_that_was_never_acked_leaves_its_line(new_inbox: Make) -> None:
    async with new_inbox(lease_seconds=1.0) as inbox:
        placed = await inbox.put(record(1, group="C1", mode=Mode.ONCE_ACKED), owner="ann")
        await inbox.put(record(2, group="C1"))
        assert await inbox.claim("bob") == []
        (lease,) = await inbox.claim("bob", wait=10.0)
        assert lease.record.key == "k2"
        assert [stored.id for stored in await inbox.list(State.DEAD)] == [placed.id]


async def test_bytes_are_bounded_too(new_inbox: Make) -> None:
    async with new_inbox(max_bytes=100_000) as inbox:
        puts = [inbox.put(record(number, size=10_000)) for number in range(20)]
        errors = [each for each in await asyncio.gather(*puts, return_exceptions=True) if isinstance(each, Exception)]
        assert 10 <= len(errors) < 20
        assert {type(error) for error in errors} == {InboxFullError}
        assert str(errors[0]) == "the inbox is full: its bound on NATS is reached"
        assert (await inbox.put(record(0))).is_duplicate


async def test_a_record_that_is_larger_than_a_message_may_be(new_inbox: Make) -> None:
    async with new_inbox() as inbox:
        with pytest.raises(InboxError, match=r"a record of 2,000,000 bytes is more than NATS takes: raise max_payload"):
            await inbox.put(record(1, size=2_000_000))
        assert not (await inbox.put(record(1))).is_duplicate


# Visitors.


async def test_a_visitor_looks_and_changes_what_people_may(new_inbox: Make) -> None:
    async with new_inbox() as inbox, new_inbox(is_visitor=True) as visitor:
        await inbox.put(record(1))
        lease = (await inbox.claim("ann"))[0]
        await inbox.put(record(2))
        await inbox.put(record(3))
        await inbox.bury((await inbox.claim("ann"))[0], error="x")
        stats = await visitor.stats()
        assert (stats.waiting, stats.leased, stats.dead) == (1, 1, 1)
        (dead,) = await visitor.list(State.DEAD)
        assert await visitor.show(dead.id) == dead
        assert await visitor.show(lease.id) == (await visitor.list(State.LEASED))[0]
        (stored,) = await visitor.list(State.STORED)
        assert await visitor.give_up([stored.id], error="no") == 1
        waiting = asyncio.ensure_future(inbox.claim("bob", wait=30.0))
        assert await visitor.replay([dead.id]) == 1
        assert [each.id for each in await waiting] == [dead.id]
        assert await visitor.purge(State.DEAD) == 1


async def test_a_visitor_owns_nothing(new_inbox: Make) -> None:
    async with new_inbox() as inbox, new_inbox(is_visitor=True) as visitor:
        lease = await leased(inbox, 1)
        calls: tuple[Callable[[], Any], ...] = (
            lambda: visitor.put(record(2)),
            lambda: visitor.acked(lease.id),
            lambda: visitor.claim("bob"),
            lambda: visitor.extend(lease),
            lambda: visitor.done(lease),
            lambda: visitor.retry(lease, delay=0, error=""),
            lambda: visitor.release(lease),
            lambda: visitor.bury(lease, error=""),
        )
        for call in calls:
            with pytest.raises(InboxError, match="a visitor may look"):
                await call()


async def test_a_visitor_makes_nothing(new_inbox: Make) -> None:
    visitor = new_inbox(is_visitor=True)
    with pytest.raises(InboxError, match="there is no inbox named"):
        await visitor.open()
    with pytest.raises(InboxError, match="not open"):
        await visitor.stats()
    with pytest.raises(InboxError, match="there is no inbox named"):
        await visitor.open()


async def test_pages_go_on_though_their_last_one_went_elsewhere(new_inbox: Make) -> None:
    async with new_inbox() as inbox, new_inbox(is_visitor=True) as other:
        for number in range(6):
            await inbox.put(record(number))
        page = await inbox.list(State.STORED, limit=3)
        await inbox.give_up([page[-1].id], error="x")
        rest = await inbox.list(State.STORED, limit=3, after=page[-1].id)
        assert [stored.record.key for stored in rest] == ["k3", "k4", "k5"]
        assert [stored.record.key for stored in await other.list(State.STORED, after=rest[0].id)] == ["k4", "k5"]
        assert await inbox.list(State.STORED, limit=0) == []
        assert len(await other.list(State.STORED, after="no id at all")) == 5
        for lease in await inbox.claim("ann", limit=5):
            await (inbox.done(lease) if lease.record.key < "k4" else inbox.bury(lease, error="x"))
        done, dead = await other.list(State.DONE), await other.list(State.DEAD)
        assert [each.record.key for each in await inbox.list(State.DONE, after=done[0].id)] == [
            each.record.key for each in done[1:]
        ]
        assert [each.id for each in await inbox.list(State.DEAD, after=dead[0].id)] == [each.id for each in dead[1:]]
        assert await inbox.show(done[0].id) == done[0]


async def test_many_pages_are_walked_through(new_inbox: Make) -> None:
    async with new_inbox() as inbox:
        await asyncio.gather(*(inbox.put(record(number, size=10)) for number in range(1100)))
        assert len(await inbox.list(State.STORED, limit=2000)) == 1100
        stats = await inbox.stats()
        assert (stats.waiting, stats.delayed, stats.leased) == (1100, 0, 0)
        for _ in range(120):
            page = await inbox.list(State.STORED, limit=1)
        assert len(page) == 1
