"""Stores on NATS that are broken in one point each: what notices it."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import TYPE_CHECKING, Any

import pytest

from natsservers import Server
from storing import record
from tautwire.errors import InboxError
from tautwire.inbox.api import Inbox, Mode, Placed, State
from tautwire.inbox.jetstream import JetStreamInbox, deciding, putting
from tautwire.inbox.jetstream.deciding import Step
from tautwire.inbox.jetstream.names import id_of
from tautwire.inbox.jetstream.notes import META, Meta, Note, written
from tautwire.inbox.jetstream.rooms import Place, Rooms
from tautwire.inbox.jetstream.settings import Settings
from tautwire.testing.inbox import InboxConformance

if TYPE_CHECKING:
    from collections.abc import Callable

Patch = pytest.MonkeyPatch


def without_fencing(patch: Patch) -> None:
    """Notes are replaced whatever is there."""

    async def write(self: Rooms, id_: str, note: Note, expected: int) -> int:
        return (await self._broker.store(self.names.state(id_), written(note).encode(), {}))[0]

    patch.setattr(Rooms, "write", write)


def without_dedupe_at_put(patch: Patch) -> None:
    """Only what is done is known: dedupe on completion."""
    real = Rooms.note

    async def add(self: Rooms, subject: str, meta: Any, payload: bytes, **_: Any) -> int:
        return (await self._broker.store(subject, payload, {META: written(meta)}))[0]

    async def note(self: Rooms, id_: str) -> Place:
        place = await real(self, id_)
        return place if place.note is not None and place.note.state is State.DONE else Place(None, place.seq)

    patch.setattr(Rooms, "add", add)
    patch.setattr(Rooms, "note", note)


def without_lines(patch: Patch) -> None:
    """Everything at once."""

    async def first_of(self: Rooms, group: str, start: int = 1) -> None:
        pass

    patch.setattr(Rooms, "first_of", first_of)


def without_waiting_for_acks(patch: Patch) -> None:
    """A command is handled though its person has seen an error."""

    def meta(**how: Any) -> Any:
        return Meta(**how | {"mode": Mode.AGAIN, "owner": ""})

    patch.setattr(putting, "Meta", meta)


def without_confirmation(patch: Patch) -> None:
    """The ack goes out before the commit."""

    async def put(self: putting.Putting, rec: Any, owner: str) -> Placed:
        meta = Meta(key=rec.key, type=rec.type, envelope_id=rec.envelope_id, at=self._moment.now())
        with suppress(InboxError, TimeoutError):
            await asyncio.wait_for(self._add(meta, rec.payload), 0.01)
        return Placed(id=id_of(rec.key))

    patch.setattr(putting.Putting, "put", put)


def without_dead_letters(patch: Patch) -> None:
    """What is dead is gone."""

    async def entomb(self: Rooms, *_: Any) -> None:
        pass

    patch.setattr(Rooms, "entomb", entomb)


def with_leases_for_ever(patch: Patch) -> None:
    """A worker that died keeps what it had."""
    real = deciding.next_step

    def next_step(meta: Any, life: Any, **how: Any) -> Any:
        return (Step.PARK, 60.0) if life.state is State.LEASED else real(meta, life, **how)

    patch.setattr("tautwire.inbox.jetstream.leasing.next_step", next_step)


NOTICED = (AssertionError, InboxError, TimeoutError, IndexError, ValueError, KeyError, pytest.fail.Exception)

CONTROLS: dict[Callable[[Patch], None], tuple[str, ...]] = {
    without_fencing: ("one_who_lost_the_lease_is_refused_late",),
    without_dedupe_at_put: ("a_key_is_stored_once", "of_puts_at_the_same_time_one_is_new"),
    without_lines: ("a_group_is_handled_in_order_and_one_at_a_time", "puts_at_the_same_time_keep_to_it_too"),
    without_waiting_for_acks: ("what_has_to_be_acked_first_waits_for_that",),
    without_dead_letters: ("what_is_buried_is_dead_and_kept",),
    with_leases_for_ever: ("a_lease_ends",),
}


@pytest.fixture
def suite(server: Server, new_name: Callable[[], str]) -> InboxConformance:
    class Suite(InboxConformance):
        lease_seconds = 0.4
        is_time_ours = False
        knows_the_dead = False
        replays_in_place = False

        async def make(self, *, max_waiting: int) -> Inbox:
            return self.made(new_name(), max_waiting)

        def made(self, name: str, max_waiting: int = 10) -> JetStreamInbox:
            return JetStreamInbox(
                server.url,
                name=name,
                replicas=1,
                max_bytes=1 << 20,
                lease_seconds=self.lease_seconds,
                max_waiting=max_waiting,
                monitor=server.monitor,
            )

        async def elapse(self, seconds: float) -> None:
            await asyncio.sleep(seconds)

        def test_one_who_lost_the_lease_is_refused_late(self) -> None:
            """One process says done of a lease that has ended, when another one has claimed."""
            asyncio.run(self._late())

        async def _late(self) -> None:
            name = new_name()
            one, two = self.made(name), self.made(name)
            async with one, two:
                await one.put(record(1))
                (stale,) = await one.claim("ann", wait=5.0)
                (lease,) = await two.claim("bob", wait=5.0)
                with pytest.raises(InboxError):
                    await one.done(stale)
                await two.done(lease)

    return Suite()


@pytest.mark.parametrize(
    ("broken", "test"),
    [(broken, test) for broken, tests in CONTROLS.items() for test in tests],
    ids=lambda each: getattr(each, "__name__", each),
)
def test_it_is_noticed(broken: Callable[[Patch], None], test: str, suite: InboxConformance, monkeypatch: Patch) -> None:
    broken(monkeypatch)
    monkeypatch.setattr("tautwire.testing.inbox.bench._PATIENCE", 5.0)
    with pytest.raises(
        (AssertionError, InboxError, TimeoutError, IndexError, ValueError, KeyError, pytest.fail.Exception)
    ):
        getattr(suite, f"test_{test}")()


@pytest.mark.parametrize("test", sorted({test for tests in CONTROLS.values() for test in tests}))
def test_what_is_whole_passes(test: str, suite: InboxConformance) -> None:
    getattr(suite, f"test_{test}")()


async def test_an_ack_before_the_commit_is_noticed(inbox_on: Any, monkeypatch: Patch) -> None:
    """A put that comes back while the broker is away has promised what nobody keeps."""
    async with Server() as server, inbox_on(server, monitor=()) as inbox:
        await inbox.put(record(1))
        server.kill()
        with pytest.raises(InboxError):
            await inbox.put(record(2))
        without_confirmation(monkeypatch)
        assert (await inbox.put(record(3))).id


@pytest.mark.parametrize("storage", ["memory", "file"])
async def test_memory_is_noticed(storage: str, inbox_on: Any, monkeypatch: Patch) -> None:
    """What a store in memory had is gone with its server."""
    real = Settings.streams

    def made(self: Settings) -> Any:
        return ({**stream, "storage": storage} for stream in real(self))

    monkeypatch.setattr(Settings, "streams", made)
    async with Server(sync_interval="always") as server:
        async with inbox_on(server, monitor=()) as inbox:
            await inbox.put(record(1))
        server.kill()
        await server.restart()
        async with inbox_on(server, monitor=()) as inbox:
            assert len(await inbox.claim("ann")) == (0 if storage == "memory" else 1)


async def test_what_the_server_forgot_is_known_at_the_claim(new_inbox: Any) -> None:
    """A second copy of what is done, or leased, is never handed out, however it came there."""
    async with new_inbox(lease_seconds=1.0) as inbox:
        await inbox.put(record(1))
        (lease,) = await inbox.claim("ann")
        broker = inbox._parts.broker
        meta = {META: '{"key":"k1","type":"events_api","envelope_id":"e1"}'}
        await broker.store(f"{inbox.name}.work.-.{id_of('k1')}", b"copy", meta)
        assert await inbox.claim("bob", limit=5) == []
        await inbox.done(lease)
        await broker.store(f"{inbox.name}.work.-.{id_of('k1')}", b"copy", meta)
        assert await inbox.claim("bob", limit=5) == []
        await asyncio.sleep(1.1)
        assert await inbox.claim("bob", limit=5) == []
        stats = await inbox.stats()
        assert (stats.waiting, stats.leased, stats.delayed, stats.duplicates) == (0, 0, 0, 2)
