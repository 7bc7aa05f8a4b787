"""The safety properties of a delivery with an inbox as checks, and for each something broken that has to be noticed."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import pytest

from processes import Store, frame
from tautwire.delivery.durable import DurableDelivery
from tautwire.delivery.holds import Holds
from tautwire.delivery.policy import StoragePolicy
from tautwire.delivery.receiver import Receiver
from tautwire.delivery.slots import Slots
from tautwire.delivery.worker import Worker
from tautwire.errors import InboxFullError
from tautwire.inbox.api import Mode

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    Check = Callable[..., Awaitable[None]]

Make = Any  # the fixture `process` of conftest

COMMAND: dict[str, Any] = {"kind": "slash_commands"}
SUBMISSION: dict[str, Any] = {"kind": "interactive", "type": "view_submission"}


async def never(_: object) -> None:
    await asyncio.Event().wait()


def fail(_: object) -> None:
    raise ZeroDivisionError


async def opened(process: Make, listener: Any = None, **options: Any) -> Any:
    it = process(**options)
    if listener is not None:
        it.listeners = [listener]
    await it.delivery.open()
    await it.clock.turn()
    return it


async def check_commit_first(process: Make, **how: Any) -> None:
    it = await opened(process, **how)
    it.store.shut("before put")
    it.take(frame("e1"))
    await it.clock.move(1)
    it.die()
    following = await opened(process, shelf=it.shelf, name="two", **how)
    assert (it.acked, following.states()) == ([], {}), "acked, and lost"


async def check_refusal(process: Make, **how: Any) -> None:
    it = await opened(process, **how)
    it.store.troubles["put"] = [InboxFullError("full")]
    it.take(frame("e1"))
    await it.clock.move(5)
    assert it.acked == []


async def check_slow_commit(process: Make, **how: Any) -> None:
    it = await opened(process, **how)
    committed = it.store.shut("after put")
    it.take(frame("e1"))
    await it.clock.move(2.5)
    committed.set()
    await it.clock.turn()
    assert (it.acked, it.handled) == ([], ["e1"])


async def check_once(process: Make, **how: Any) -> None:
    it = await opened(process, lambda _: asyncio.sleep(5), **how)
    it.take(frame("e1"))
    await it.clock.move(1)
    it.take(frame("e2", retry=1))
    await it.clock.move(400)
    it.take(frame("e3", retry=2))
    await it.clock.move(10)
    assert (it.acked, it.handled) == (["e1", "e2", "e3"], ["e1"])


async def check_once_over_a_restart(process: Make, **how: Any) -> None:
    it = await opened(process, **how)
    it.take(frame("e1"))
    await it.clock.turn()
    it.die()
    it = await opened(process, shelf=it.shelf, name="two", **how)
    it.take(frame("e2", retry=1))
    await it.clock.turn()
    assert (it.acked, it.handled) == (["e2"], [])


async def check_fence(process: Make, **how: Any) -> None:
    """The first is only thought to be dead. What it says late must not cover up that the second has failed."""
    first = await opened(process, lambda _: asyncio.sleep(90), **how)
    first.take(frame("e1"))
    await first.clock.turn()
    first.delivery._worker.holds.stop()
    second = await opened(process, never, shelf=first.shelf, name="two", **how)
    assert second.handled == ["e1"]
    await first.clock.move(95)
    assert second.states() == {"e1": "leased"}
    second.die()
    third = await opened(process, shelf=first.shelf, name="three", **how)
    assert third.handled == ["e1"]


async def check_lease_is_kept(process: Make, **how: Any) -> None:
    first = await opened(process, lambda _: asyncio.sleep(90), **how)
    second = process(shelf=first.shelf, name="two", **how)
    await second.delivery.open()
    await first.clock.turn()
    first.store.shut("before claim")  # So that nothing comes back to it that way.
    await first.clock.move(31)
    first.take(frame("e1"))
    await first.clock.move(100)
    assert first.handled + second.handled == ["e1"]


async def check_nothing_runs_twice_here(process: Make, **how: Any) -> None:
    it = await opened(process, lambda _: asyncio.sleep(200), **how)
    it.take(frame("e1"))
    await it.clock.turn()
    it.clock._now += 120
    await it.clock.move(300)
    assert (it.handled, it.states()) == (["e1"], {"e1": "done"})


async def check_failures_count(process: Make, **how: Any) -> None:
    it = await opened(process, **how)
    it.listeners = [lambda received: fail(received) if len(it.handled) == 1 else None]
    it.take(frame("e1"))
    await it.clock.move(60)
    assert (it.handled, it.states()) == (["e1", "e1"], {"e1": "done"})


async def check_there_is_an_end(process: Make, **how: Any) -> None:
    it = await opened(process, fail, **how)
    it.take(frame("e1"))
    await it.clock.move(3600)
    assert (len(it.handled), it.states()) == (5, {"e1": "dead"})


async def check_poison(process: Make, **how: Any) -> None:
    it = await opened(process, never, **how)
    it.take(frame("e1"))
    for life in range(8):
        await it.clock.turn()
        it.die()
        it = await opened(process, never, shelf=it.shelf, name=f"life {life}", **how)
    await it.clock.turn()
    assert it.states() == {"e1": "dead"}


async def check_unacked_command(process: Make, **how: Any) -> None:
    it = await opened(process, **how)
    it.cut()
    it.take(frame("e1", **COMMAND))
    await it.clock.move(5)
    assert (it.handled, it.states()) == ([], {"e1": "dead"})


async def check_acked_command(process: Make, **how: Any) -> None:
    it = await opened(process, never, **how)
    it.take(frame("e1", **COMMAND))
    await it.clock.turn()
    it.die()
    it = await opened(process, shelf=it.shelf, name="two", **how)
    assert it.handled == ["e1"]


async def check_submission(process: Make, **how: Any) -> None:
    it = await opened(process, never, **how)
    it.take(frame("e1", **SUBMISSION))
    await it.clock.turn()
    it.die()
    it = await opened(process, shelf=it.shelf, name="two", **how)
    assert (it.handled, it.states()) == ([], {"e1": "dead"})


async def check_given_back(process: Make, **how: Any) -> None:
    it = await opened(process, never, **how)
    it.take(frame("e1"))
    await it.clock.turn()
    await it.delivery.drain(1)
    assert it.states() == {"e1": "stored"}


async def check_somebody_listens(process: Make, **how: Any) -> None:
    it = process(**how)
    it.listeners = []
    await it.delivery.open()
    it.take(frame("e1"))
    await it.clock.move(5)
    called: list[object] = []
    it.listeners = [called.append]
    await it.clock.move(5)
    assert len(called) == 1


async def check_places(process: Make, **how: Any) -> None:
    it = await opened(process, never, concurrency=2, **how)
    for number in range(9):
        it.take(frame(f"e{number}", event_id=f"Ev{number}"))
    await it.clock.move(1)
    assert len(it.handled) == 2


async def check_order(process: Make, **how: Any) -> None:
    it = await opened(process, lambda _: asyncio.sleep(0), concurrency=1, **how)
    it.store.is_slow = True
    for number in range(200):
        it.take(frame(f"e{number}", event_id=f"Ev{number}"))
        await asyncio.sleep(0)
    await it.clock.turn(3000)
    assert it.handled == [f"e{number}" for number in range(200)]


async def check_reading_stops(process: Make, **how: Any) -> None:
    it = await opened(process, **how)
    it.store.shut("before put")
    while it.delivery.has_room and it.delivery.received < 2000:
        it.take(frame(f"e{it.delivery.received}", event_id=f"Ev{it.delivery.received}"))
        await asyncio.sleep(0)
    assert it.delivery.received < 2000


# What could be wrong: with a store, with a delivery, or with a part of one.


class KeysOnCompletion(Store):
    async def put(self, record: Any, *, owner: str = "") -> Any:
        known = self.shelf.entries.get(record.key)
        if known is not None and not known.has_ended:
            self.shelf.entries[f"{record.key} before"] = self.shelf.entries.pop(record.key)
        return await super().put(record, owner=owner)


class Forgets(Store):
    async def put(self, record: Any, *, owner: str = "") -> Any:
        self.shelf.entries.pop(record.key, None)
        return await super().put(record, owner=owner)


class NoFence(Store):
    def _held_by(self, lease: Any) -> Any:
        return self._entries()[lease.record.key]


class ReadsOn(DurableDelivery):
    has_room = True


def acks_first(patch: pytest.MonkeyPatch) -> None:
    receive = Receiver.receive

    async def backwards(self: Receiver, received: Any, record: Any, owner: str) -> Any:
        await self._ack_first(received)
        patch.setattr(self, "_ack", lambda *_: asyncio.sleep(0))
        return await receive(self, received, record, owner)

    patch.setattr(Receiver, "receive", backwards)


def acks_whatever_happens(patch: pytest.MonkeyPatch) -> None:
    put = Receiver._put

    async def anyway(self: Receiver, arrival: Any, owner: str) -> Any:
        try:
            return await put(self, arrival, owner)
        finally:
            await self._ack_again(arrival.received)

    patch.setattr(Receiver, "_put", anyway)


def never_looks_at_the_time(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(Receiver, "_sweep_soon", lambda self: None)


def never_extends(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(Holds, "_extend", lambda self, held: asyncio.sleep(0))


def never_adopts(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(Holds, "adopt", lambda self, lease: False)


def covers_up(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(Worker, "failed", lambda self, held, listener, error: None)


def counts_nothing(patch: pytest.MonkeyPatch) -> None:
    init = Worker.__init__

    def endless(self: Worker, *arguments: Any, **named: Any) -> None:
        init(self, *arguments, **named | {"attempts": 10**6})

    patch.setattr(Worker, "__init__", endless)


def only_counts_failures(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(Worker, "_run", lambda self, held: self.attend(held, _received(self, held)))


def _received(worker: Worker, held: Any) -> Any:
    from tautwire.delivery import worker as module

    return module._received(held.lease.record, 0.0)


def runs_commands_whatever_happens(patch: pytest.MonkeyPatch) -> None:
    attend = Worker.attend

    async def trusting(self: Worker, held: Any, received: Any) -> None:
        held.is_acked = True
        await attend(self, held, received)

    patch.setattr(Worker, "attend", trusting)


def notes_no_acks(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(Receiver, "_tell_acked", lambda self, which: asyncio.sleep(0))


def repeats_submissions(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(StoragePolicy, "_mode", lambda *_: Mode.AGAIN)


def gives_nothing_back(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(Worker, "let_go", lambda self, held: self.holds.drop(held))


def runs_for_nobody(patch: pytest.MonkeyPatch) -> None:
    from processes import Process

    patch.setattr(Process, "wants_envelopes", True)


def has_any_number_of_places(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(Slots, "take_for_new", lambda self: True)


def lets_newcomers_through(patch: pytest.MonkeyPatch) -> None:
    def take_for_new(self: Slots) -> bool:
        self._taken += bool(is_free := self.free)
        return bool(is_free)

    patch.setattr(Slots, "take_for_new", take_for_new)


CHECKS: dict[str, tuple[Check, list[Any]]] = {
    "the commit is before the ack": (check_commit_first, [acks_first]),
    "what is not stored is not acked": (check_refusal, [acks_first, acks_whatever_happens]),
    "nor what is stored too late": (check_slow_commit, [never_looks_at_the_time, acks_whatever_happens]),
    "an event is handled once": (check_once, [KeysOnCompletion, Forgets]),
    "also over a restart": (check_once_over_a_restart, [Forgets]),
    "a stale owner is refused": (check_fence, [NoFence]),
    "who lives keeps its lease": (check_lease_is_kept, [never_extends]),
    "nothing runs twice in one process": (check_nothing_runs_twice_here, [never_adopts]),
    "a failure counts": (check_failures_count, [covers_up]),
    "five attempts are all": (check_there_is_an_end, [counts_nothing]),
    "also of those that end the process": (check_poison, [counts_nothing, only_counts_failures]),
    "an un-acked command is not run": (check_unacked_command, [runs_commands_whatever_happens]),
    "an acked one is": (check_acked_command, [notes_no_acks]),
    "a submission is run once": (check_submission, [repeats_submissions]),
    "a drain gives back": (check_given_back, [gives_nothing_back]),
    "nobody listening is no handling": (check_somebody_listens, [runs_for_nobody]),
    "places are bounded": (check_places, [has_any_number_of_places]),
    "the stored go first": (check_order, [lets_newcomers_through]),
    "a store that hangs stops the reading": (check_reading_stops, [ReadsOn]),
}


@pytest.mark.parametrize("check", [check for check, _ in CHECKS.values()], ids=CHECKS.keys())
async def test_the_delivery_is_safe(process: Make, check: Check) -> None:
    await check(process)


@pytest.mark.parametrize(
    ("check", "flaw"),
    [(check, flaw) for check, flaws in CHECKS.values() for flaw in flaws],
    ids=[f"{name}: {flaw.__name__}" for name, (_, flaws) in CHECKS.items() for flaw in flaws],
)
async def test_a_broken_one_is_noticed(process: Make, check: Check, flaw: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    how: dict[str, Any] = {}
    if isinstance(flaw, type):
        how["store" if issubclass(flaw, Store) else "kind"] = flaw
    else:
        flaw(monkeypatch)
    with pytest.raises(AssertionError):
        await check(process, **how)
