"""What somebody else has left halfway, or does at the same moment; and what is not ours at all."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import pytest

from natsservers import Server
from storing import record
from tautwire.errors import InboxError, InboxFullError, InboxUnavailableError, LeaseLostError
from tautwire.inbox.api import Lease, Mode, State
from tautwire.inbox.jetstream import JetStreamInbox, broker, holding, people
from tautwire.inbox.jetstream import rooms as rooms_module
from tautwire.inbox.jetstream.broker import ApiError, WrongSequenceError
from tautwire.inbox.jetstream.link import Link
from tautwire.inbox.jetstream.names import group_of, id_of
from tautwire.inbox.jetstream.notes import Note

if TYPE_CHECKING:
    from collections.abc import Callable

    from tautwire.inbox.jetstream.parts import Parts

    Make = Callable[..., JetStreamInbox]
    Patch = pytest.MonkeyPatch

AWAY = InboxUnavailableError("away")
SECOND = WrongSequenceError("second", 10071)


def parts_of(inbox: JetStreamInbox) -> Parts:
    assert inbox._parts is not None
    return inbox._parts


def fails(patch: Patch, what: Any, name: str, error: Exception, times: int = 1, *, is_done: bool = False) -> None:
    """The next calls fail, before anything was done or after."""
    real, left = getattr(what, name), [times]

    async def failing(*args: Any, **how: Any) -> Any:
        if not left[0]:
            return await real(*args, **how)
        left[0] -= 1
        if is_done:
            await real(*args, **how)
        raise error

    patch.setattr(what, name, failing)


def silent(patch: Patch, what: Any, name: str) -> None:
    """The calls do nothing."""

    async def nothing(*_: Any, **__: Any) -> None:
        pass

    patch.setattr(what, name, nothing)


async def turns() -> None:
    """What a lost connection means has spread."""
    for _ in range(20):
        await asyncio.sleep(0)


async def leased(inbox: JetStreamInbox, number: int, **how: Any) -> Lease:
    placed = await inbox.put(record(number, **how), owner="ann")
    return placed.lease or (await inbox.claim("ann", wait=5.0))[0]


async def test_a_dead_letter_that_was_not_written_is_written_later(new_inbox: Make, monkeypatch: Patch) -> None:
    async with new_inbox(lease_seconds=0.5) as inbox:
        lease = await leased(inbox, 1)
        with monkeypatch.context() as patch:
            fails(patch, parts_of(inbox).rooms, "entomb", AWAY)
            await inbox.bury(lease, error="x")
        assert (await inbox.stats()).dead == 1
        shown = await inbox.show(lease.id)
        assert shown is not None
        assert (shown.state, shown.error, shown.record) == (State.DEAD, "x", record(1))
        assert await inbox.list(State.DEAD) == []
        assert await inbox.claim("bob", wait=1.5) == []
        assert await inbox.list(State.DEAD) == [shown]
        assert (await inbox.stats()).dead == 1


async def test_a_message_that_was_not_removed_is_removed_later(new_inbox: Make, monkeypatch: Patch) -> None:
    async with new_inbox(lease_seconds=0.5) as inbox:
        lease = await leased(inbox, 1, mode=Mode.AGAIN)
        with monkeypatch.context() as patch:
            silent(patch, parts_of(inbox).workers, "ack")
            await inbox.done(lease)
        shown = await inbox.show(lease.id)
        assert shown is not None
        assert shown.state is State.DONE
        stats = await inbox.stats()
        assert (stats.waiting, stats.leased, stats.done) == (0, 0, 1)
        assert await inbox.give_up([lease.id], error="x") == 0
        assert await inbox.claim("bob", wait=1.0) == []
        assert (await parts_of(inbox).streams.sizes()).work == 0


async def test_an_ack_for_one_that_has_ended_changes_nothing(new_inbox: Make, monkeypatch: Patch) -> None:
    async with new_inbox() as inbox:
        lease = await leased(inbox, 1, mode=Mode.ONCE_ACKED)
        for chore in parts_of(inbox)._chores:  # They would remove it.
            chore.cancel()
        with monkeypatch.context() as patch:
            silent(patch, parts_of(inbox).rooms, "remove")
            await inbox.done(lease)
        await inbox.acked(lease.id)
        shown = await inbox.show(lease.id)
        assert shown is not None
        assert shown.state is State.DONE


async def test_a_replay_of_one_whose_message_was_not_removed(new_inbox: Make, monkeypatch: Patch) -> None:
    """Who buried it died before that: the dead letter must not go without its record."""
    async with new_inbox(lease_seconds=30) as inbox:
        lease = await leased(inbox, 1)
        with monkeypatch.context() as patch:
            silent(patch, parts_of(inbox).workers, "ack")
            await inbox.bury(lease, error="x")
        assert await inbox.replay() == 1
        assert await inbox.list(State.DEAD) == []
        (again,) = await inbox.claim("bob")
        assert (again.record, again.attempt) == (record(1), 1)
        await inbox.done(again)


async def test_a_replay_while_the_message_goes(new_inbox: Make, monkeypatch: Patch) -> None:
    """It was in the way, and is not there when one looks: the dead letter stays until the record is certain."""
    async with new_inbox() as inbox:
        await inbox.bury(await leased(inbox, 1), error="x")
        rooms = parts_of(inbox).rooms
        real, left = rooms.add, [1000]

        async def in_the_way(*args: Any) -> int:
            left[0] -= 1
            return 0 if left[0] >= 0 else await real(*args)

        monkeypatch.setattr(rooms, "add", in_the_way)
        with pytest.raises(InboxUnavailableError, match="too often to be replayed"):
            await inbox.replay()
        assert len(await inbox.list(State.DEAD)) == 1
        left[0] = 2
        assert await inbox.replay() == 1
        assert [each.record.key for each in await inbox.claim("bob")] == ["k1"]


async def test_a_replay_that_somebody_else_was_faster_with(new_inbox: Make, monkeypatch: Patch) -> None:
    async with new_inbox() as one, new_inbox() as two:
        await one.bury(await leased(one, 1), error="x")
        real = parts_of(one).rooms.note

        async def late(which: str) -> Any:
            place = await real(which)
            monkeypatch.undo()
            assert await two.replay() == 1
            return place

        monkeypatch.setattr(parts_of(one).rooms, "note", late)
        assert await one.replay() == 0
        assert len(await one.claim("bob", limit=5)) == 1


async def test_who_stands_in_line_and_has_ended_holds_up_nobody(new_inbox: Make, monkeypatch: Patch) -> None:
    """Its message is not removed yet, or cannot be read."""
    async with new_inbox(lease_seconds=30) as inbox:
        parts = parts_of(inbox)
        await parts.broker.store(f"{inbox.name}.work.{group_of('C1')}.{id_of('x')}", b"?", {})
        for number in (1, 2):
            await inbox.put(record(number, group="C1"))
        (first,) = await inbox.claim("ann", limit=5)
        assert first.record.key == "k1"
        with monkeypatch.context() as patch:
            silent(patch, parts.workers, "ack")
            await inbox.done(first)
        assert [each.record.key for each in await inbox.claim("ann", limit=5, wait=5.0)] == ["k2"]


async def test_a_publish_that_is_under_way_is_waited_for(new_inbox: Make, monkeypatch: Patch) -> None:
    """As of two connections that deliver the same event, in a cluster."""
    async with new_inbox() as inbox:
        monkeypatch.setattr(rooms_module, "_PAUSES", (0.0, 0.0))
        broker_ = parts_of(inbox).broker
        with monkeypatch.context() as patch:
            fails(patch, broker_, "store", ApiError("NATS says: duplicate message id is in process", 10158))
            assert not (await inbox.put(record(1))).is_duplicate
        with monkeypatch.context() as patch:
            fails(patch, broker_, "store", ApiError("NATS says: duplicate message id is in process", 10158), times=9)
            with pytest.raises(InboxUnavailableError, match="has not come to an end"):
                await inbox.put(record(2))
        with monkeypatch.context() as patch:
            fails(patch, broker_, "store", ApiError("NATS says: odd", 1))
            with pytest.raises(ApiError, match="odd"):
                await inbox.put(record(3))


async def test_a_dead_letter_of_an_earlier_life(new_inbox: Make, monkeypatch: Patch) -> None:
    """Who replayed it died before that was removed: it is replaced, or goes."""
    async with new_inbox() as inbox:
        for number in (1, 2, 3):
            await inbox.bury(await leased(inbox, number), error="x")
        with monkeypatch.context() as patch:
            silent(patch, parts_of(inbox).rooms, "remove_tomb")
            assert await inbox.replay() == 3
            assert await inbox.replay() == 0
        for lease in await inbox.claim("bob", limit=5, wait=5.0):
            await (inbox.bury(lease, error="again") if lease.record.key == "k1" else inbox.done(lease))
        assert [stored.error for stored in await inbox.list(State.DEAD)] == ["x", "x", "again"]
        assert await inbox.replay([id_of("k2")]) == 0
        assert await inbox.purge(State.DEAD, older_than=3600.0) == 0
        assert await inbox.purge(State.DEAD) == 1
        assert await inbox.list(State.DEAD) == []


async def test_a_dead_letter_that_is_there_already_stays(new_inbox: Make) -> None:
    async with new_inbox() as inbox:
        await inbox.bury(await leased(inbox, 1), error="x")
        rooms = parts_of(inbox).rooms
        tomb = await rooms.tomb(id_of("k1"))
        assert tomb is not None
        assert tomb.note is not None
        await rooms.entomb(tomb.meta, b"other", tomb.note)
        assert await rooms.tomb(id_of("k1")) == tomb


async def test_what_dies_while_all_are_replayed_is_left(new_inbox: Make, monkeypatch: Patch) -> None:
    """Or a replay of what fails at once would have no end."""
    async with new_inbox() as inbox:
        await inbox.bury(await leased(inbox, 1), error="x")
        streams = parts_of(inbox).streams
        sizes = await streams.sizes()

        async def before() -> Any:
            return type(sizes)(work=0, notes=0, dead=0, last_dead=0, bound=0, bytes=0)

        monkeypatch.setattr(streams, "sizes", before)
        assert await inbox.replay() == 0


async def test_at_the_same_moment_one_is_first(new_inbox: Make, monkeypatch: Patch) -> None:
    monkeypatch.setattr(rooms_module, "_PAUSES", (0.0, 0.0))
    async with new_inbox() as inbox:
        rooms = parts_of(inbox).rooms
        await inbox.put(record(1))
        with monkeypatch.context() as patch:
            fails(patch, rooms, "write", SECOND)
            assert await inbox.give_up([id_of("k1")], error="x") == 0
        with monkeypatch.context() as patch:
            fails(patch, rooms, "write", SECOND)
            (lease,) = await inbox.claim("ann")
            assert lease.attempt == 1
        with monkeypatch.context() as patch:
            fails(patch, rooms, "write", SECOND)
            await inbox.bury(lease, error="x")
        with monkeypatch.context() as patch:
            fails(patch, rooms, "write", SECOND)
            assert await inbox.purge(State.DEAD) == 0
        assert await inbox.purge(State.DEAD) == 1
        placed = await inbox.put(record(2, mode=Mode.ONCE_ACKED))
        with monkeypatch.context() as patch:
            fails(patch, rooms, "write", SECOND)
            await inbox.acked(placed.id)
        assert len(await inbox.claim("ann")) == 1


async def test_what_changes_all_the_time_is_left_alone(new_inbox: Make, monkeypatch: Patch) -> None:
    monkeypatch.setattr(rooms_module, "_PAUSES", (0.0, 0.0))
    async with new_inbox() as inbox:
        rooms = parts_of(inbox).rooms
        lease = await leased(inbox, 1)
        placed = await inbox.put(record(2, mode=Mode.ONCE_ACKED))
        await inbox.put(record(3))
        with monkeypatch.context() as patch:
            fails(patch, rooms, "write", SECOND, times=1000)
            for call in (inbox.done(lease), inbox.acked(placed.id), inbox.claim("bob")):
                with pytest.raises(InboxUnavailableError, match="changed too often"):
                    await call
        await inbox.done(lease)


async def test_an_outcome_that_nobody_learned_can_be_told_again(new_inbox: Make, monkeypatch: Patch) -> None:
    async with new_inbox() as inbox:
        rooms = parts_of(inbox).rooms
        for number, call in enumerate((inbox.done, inbox.release)):
            lease = await leased(inbox, number)
            with monkeypatch.context() as patch:
                fails(patch, rooms, "write", AWAY, is_done=True)
                with pytest.raises(InboxUnavailableError):
                    await call(lease)
            await call(lease)
            with pytest.raises(LeaseLostError):
                await call(lease)
        lease = await leased(inbox, 7)
        with monkeypatch.context() as patch:
            fails(patch, rooms, "write", AWAY, is_done=True)
            with pytest.raises(InboxUnavailableError):
                await inbox.extend(lease)
        await inbox.extend(lease)
        with monkeypatch.context() as patch:
            fails(patch, rooms, "write", AWAY, is_done=True)
            with pytest.raises(InboxUnavailableError):
                await inbox.done(lease)
        with pytest.raises(LeaseLostError):
            await inbox.bury(lease, error="something else")


async def test_what_was_leased_before_the_broker_went_is_not_lost(new_inbox: Make, monkeypatch: Patch) -> None:
    async with new_inbox() as inbox:
        for number in (1, 2):
            await inbox.put(record(number))
        parts = parts_of(inbox)
        with monkeypatch.context() as patch:
            flows: list[Any] = []
            real = parts.broker.flow

            async def once(*args: Any) -> Any:
                if flows:
                    raise AWAY
                flows.append(await real(*args))
                fails(patch, flows[0], "next", AWAY, times=0)
                return flows[0]

            patch.setattr(parts.broker, "flow", once)
            assert len(await inbox.claim("ann", limit=5)) == 2


async def test_what_came_before_the_connection_was_lost_counts(new_inbox: Make, monkeypatch: Patch) -> None:
    async with new_inbox() as inbox:
        for number in (1, 2):
            await inbox.put(record(number))
        parts = parts_of(inbox)
        real = parts.broker.flow

        async def broken(*args: Any) -> Any:
            flow = await real(*args)
            came: list[Any] = []
            following = flow.next

            async def once(seconds: float) -> Any:
                if came:
                    raise AWAY
                came.append(await following(seconds))
                return came[0]

            flow.next = once  # type: ignore[method-assign]
            return flow

        with monkeypatch.context() as patch:
            patch.setattr(parts.broker, "flow", broken)
            found = await parts.workers.fetch(2, 0.0)
        assert [each.kept.meta.key for each in found] == ["k1"]
        assert [each.record.key for each in await inbox.claim("ann", limit=5)] == ["k2"]


async def test_a_put_that_is_cancelled_gives_its_lease_back(new_inbox: Make) -> None:
    async with new_inbox() as inbox:
        kept = 0
        for number in range(30):
            putting = asyncio.ensure_future(inbox.put(record(number, mode=Mode.NEVER), owner="ann"))
            for _ in range(number):
                await asyncio.sleep(0)
            putting.cancel()
            await asyncio.wait({putting})
            kept += not putting.cancelled()
        assert await inbox.claim("bob") == []
        stats = await inbox.stats()
        assert (stats.leased, stats.waiting, stats.delayed) == (kept, 0, 0)
        assert stats.dead == 29 - kept


async def test_what_another_version_wrote_is_left_to_it(new_inbox: Make) -> None:
    async with new_inbox() as inbox:
        parts = parts_of(inbox)
        await parts.broker.store(f"{inbox.name}.work.-.{id_of('x')}", b"?", {})
        assert await inbox.claim("ann", limit=5) == []
        assert await inbox.list(State.STORED) == []
        await inbox.put(record(1))
        assert [each.record.key for each in await inbox.claim("ann", limit=5)] == ["k1"]
        await parts.broker.store(f"{inbox.name}.state.{id_of('k2')}", b"?", {})
        with pytest.raises(InboxError, match="was not written by this version"):
            await inbox.put(record(2))


async def test_a_duplicate_is_one_also_when_it_is_full(new_inbox: Make, monkeypatch: Patch) -> None:
    async with new_inbox() as inbox:
        await inbox.put(record(1))
        fails(monkeypatch, parts_of(inbox).rooms, "add", InboxFullError("full"), times=2)
        assert (await inbox.put(record(1))).is_duplicate
        with pytest.raises(InboxFullError):
            await inbox.put(record(2))


async def test_counts_of_everybody_add_up(new_inbox: Make) -> None:
    async with new_inbox() as one, new_inbox() as two, new_inbox() as three:
        inboxes = (one, two, three)
        for number in range(10):
            await asyncio.gather(*(inbox.put(record(number * 3 + place)) for place, inbox in enumerate(inboxes)))
            await asyncio.gather(*(parts_of(inbox).counting.add() for inbox in inboxes))
        assert (await one.stats()).stored == 30


async def test_counts_wait_for_the_broker(new_inbox: Make, monkeypatch: Patch) -> None:
    async with new_inbox() as inbox:
        counting = parts_of(inbox).counting
        fails(monkeypatch, counting, "add", AWAY)
        await inbox.put(record(1))
        async with asyncio.timeout(10):
            while counting.has_new:
                await inbox.show(id_of("k1"))


async def test_leases_and_pages_that_are_remembered_are_bounded(new_inbox: Make, monkeypatch: Patch) -> None:
    monkeypatch.setattr(holding, "_MOST", 1)
    monkeypatch.setattr(people, "_MOST_PAGES", 1)
    async with new_inbox() as inbox:
        for number in range(3):
            await inbox.put(record(number))
        pages = [(await inbox.list(State.STORED, limit=1))[0].id]
        pages += [(await inbox.list(State.STORED, limit=1, after=pages[0]))[0].id]
        assert [each.record.key for each in await inbox.list(State.STORED, after=pages[0])] == ["k1", "k2"]
        leases = await inbox.claim("ann", limit=3)
        for lease in leases:
            await inbox.done(lease)
        assert (await inbox.stats()).done == 3
        assert await inbox.show("0" * 32) is None


async def test_errors_of_the_api_are_told(new_inbox: Make, monkeypatch: Patch) -> None:
    async with new_inbox() as inbox:
        parts = parts_of(inbox)
        with pytest.raises(ApiError, match="NATS says: "):
            await parts.rooms._remove("no-such-stream", 1)
        await parts.rooms.remove(4711)
        with monkeypatch.context() as patch:
            fails(patch, parts.broker, "api", ApiError("NATS says: odd", 1))
            with pytest.raises(ApiError, match="odd"):
                await inbox.stats()
    real = broker.Broker.api

    async def odd(self: Any, what: str, *rest: Any) -> Any:
        if what.startswith("CONSUMER.INFO"):
            raise ApiError("NATS says: odd", 1)
        return await real(self, what, *rest)

    monkeypatch.setattr(broker.Broker, "api", odd)
    with pytest.raises(ApiError, match="odd"):
        await new_inbox().open()


async def test_an_account_without_jetstream() -> None:
    none = "{ users: [ { user: ann, password: x } ] }"
    some = "{ jetstream: enabled, users: [ { user: bob, password: x } ] }"
    async with Server(config=f"accounts {{ A {none}, B {some} }}") as server:
        inbox = JetStreamInbox(server.url, user="ann", password="x", replicas=1, max_bytes=1 << 20)
        with pytest.raises(InboxError, match="this NATS has no JetStream: switch it on, for this account, too"):
            await inbox.open()


async def test_a_connection_that_is_of_no_use_is_closed(new_inbox: Make, monkeypatch: Patch) -> None:
    fails(monkeypatch, Link, "listen", AWAY)
    with pytest.raises(InboxUnavailableError, match="away"):
        await new_inbox().open()


async def test_a_closed_connection_says_that_it_is_lost(new_inbox: Make) -> None:
    async with new_inbox() as inbox:
        link = await parts_of(inbox).broker.link()
        await link.close()
        with pytest.raises(InboxUnavailableError, match="lost"):
            await link.flow(ask="$JS.API.INFO", data=b"")
        with pytest.raises(InboxUnavailableError, match="lost"):
            await link.request("$JS.API.INFO", b"", None, 1.0)
        await turns()
        assert (await parts_of(inbox).broker.link()) is not link
        assert (await inbox.stats()).details["connections_lost"] == 1
        assert (await inbox.put(record(1))).id


async def test_a_server_that_says_nothing(monkeypatch: Patch) -> None:
    monkeypatch.setattr(broker, "_CONNECT_SECONDS", 0.2)
    heard: list[asyncio.StreamWriter] = []

    async def nothing(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        heard.append(writer)

    async with await asyncio.start_server(nothing, "127.0.0.1") as server:
        port = server.sockets[0].getsockname()[1]
        with pytest.raises(InboxUnavailableError, match=f"NATS at 127.0.0.1:{port} cannot be reached"):
            await JetStreamInbox(f"nats://127.0.0.1:{port}").open()
        for writer in heard:
            writer.transport.abort()


async def test_nobody_hears_what_is_said_without_a_connection(inbox_on: Make) -> None:
    async with Server() as server, inbox_on(server, monitor=()) as inbox:
        link = await parts_of(inbox).broker.link()
        server.kill()
        await asyncio.wait({link.lost})
        await turns()
        await parts_of(inbox).broker.say("x")
        with pytest.raises(InboxUnavailableError, match="there is no connection to NATS"):
            await inbox.claim("ann")


def test_a_note_without_a_record_can_be_shown() -> None:
    assert people._done("id", Note(state=State.DONE, life=1, seq=1)).record.key == ""
