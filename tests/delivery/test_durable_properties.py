"""Whatever happens in whatever order, over several lives: what was acked is handled, or there to be looked at."""

from __future__ import annotations

import asyncio
import random
from collections import Counter
from typing import Any

import pytest

from processes import Process, Store, frame
from tautwire.delivery.policy import StoragePolicy
from tautwire.errors import InboxUnavailableError
from tautwire.facts import EngineFault, Handled, NotStored
from tautwire.inbox.api import Mode, State

Make = Any  # the fixture `process` of conftest

KINDS: list[dict[str, Any]] = [
    {},
    {},
    {},
    {"kind": "slash_commands"},
    {"kind": "interactive", "type": "view_submission"},
]


class Life:
    """Envelopes, redeliveries, failures, losses, crashes and closes, drawn from one seed."""

    def __init__(self, make: Make, chance: random.Random, store: type[Store] = Store) -> None:
        self.make, self.chance, self.store = make, chance, store
        self.lives: list[Process] = []
        self.crashes = 0
        #: What Slack sends again until it is acked: each event by its number, and how it looks.
        self.sent: dict[str, dict[str, Any]] = {}

    @property
    def now(self) -> Process:
        return self.lives[-1]

    async def begin(self) -> None:
        before = self.lives[-1] if self.lives else None
        concurrency = self.chance.choice([1, 2, 1000])
        it = self.make(
            shelf=before.shelf if before else None,
            name=f"life {len(self.lives)}",
            concurrency=concurrency,
            storage=StoragePolicy.of(listener_timeout=30),
            seed=self.chance.random(),
            store=self.store,
        )
        it.store.is_slow = self.chance.random() < 0.5
        it.listeners = [self._listen, self._listen]
        self.lives.append(it)
        await it.delivery.open()

    async def _listen(self, received: Any) -> None:
        it, envelope_id = self.now, received.receipt.envelope_id
        for _ in range(self.chance.randint(0, 2)):
            match self.chance.randrange(8):
                case 0:
                    await asyncio.sleep(self.chance.choice([0, 0.1, 2.5, 70]))
                case 1:
                    raise self.chance.choice([ValueError(), asyncio.CancelledError(), KeyError()])
                case _ if not it.is_dead and it.wires[-1].is_open:
                    await it.delivery.ack(envelope_id, {"text": "hello"})

    async def step(self, number: int) -> None:
        it, chance = self.now, self.chance
        match chance.randrange(14):
            case 0:
                it.cut()
            case 1:
                it.wire()
            case 2:
                await it.clock.move(chance.choice([0.1, 1.0, 3.0, 70.0]))
            case 3:
                wire = chance.choice(it.wires)
                wire.flows.clear() if wire.flows.is_set() and chance.random() < 0.5 else wire.flows.set()
            case 4:
                trouble = chance.choice(["put", "acked", "claim", "extend", "done", "retry", "release", "bury"])
                it.store.troubles[trouble].append(InboxUnavailableError("the disk is full"))
            case 5:
                name = f"{chance.choice(['before', 'after'])} {chance.choice(['put', 'claim', 'done', 'acked'])}"
                it.store.doors.pop(name).set() if name in it.store.doors else it.store.shut(name)
            case 6 if chance.random() < 0.3:
                self.crashes += 1
                it.die()
                await self.begin()
            case 7 if chance.random() < 0.3:
                self._open_doors()
                await it.delivery.drain(chance.choice([0, 1, 5]))
                it.die()
                await self.begin()
            case _:
                self._come(number)
        await it.clock.turn(chance.randint(0, 4))

    def _come(self, number: int) -> None:
        if self.sent and self.chance.random() < 0.3:
            name = self.chance.choice(list(self.sent))
        else:
            name = f"{number}"
            self.sent[name] = self.chance.choice(KINDS)
        how = self.sent[name]
        envelope_id = f"e{name}" if how else f"e{name}.{number}"  # Only an event comes again under another id.
        self.now.take(frame(envelope_id, event_id=f"Ev{name}", **how), self.chance.choice(self.now.wires))

    def _open_doors(self) -> None:
        for door in self.now.store.doors.values():
            door.set()
        self.now.store.doors.clear()
        for wire in self.now.wires:
            wire.flows.set()

    async def end(self) -> None:
        """Better times, long enough for everything to end."""
        self._open_doors()
        self.now.store.troubles.clear()
        self.now.wire()
        self.now.listeners = [lambda _: None]
        await self.now.clock.move(3000)


async def lived(life: Life) -> Life:
    await life.begin()
    for step in range(120):
        await life.step(step)
    await life.end()
    return life


@pytest.mark.parametrize("number", range(40))
async def test_nothing_that_was_acked_is_lost(process: Make, seed: int, number: int) -> None:
    life = await lived(Life(process, random.Random(f"{seed} {number}")))
    check(life)
    assert (life.now.delivery.unsettled, life.now.delivery.running, len(life.now.delivery._worker.holds)) == (0, 0, 0)
    await life.now.delivery.drain(0)
    await life.now.delivery.close()


class LosesOne(Store):
    """Forgets a record that it has stored, as if the disk had not been synced."""

    async def put(self, record: Any, *, owner: str = "") -> Any:
        placed = await super().put(record, owner=owner)
        if record.key.endswith("7"):
            self.shelf.entries.pop(record.key, None)
        return placed


async def test_what_is_lost_is_noticed(process: Make, seed: int) -> None:
    lives = [await lived(Life(process, random.Random(f"{seed} {number}"), LosesOne)) for number in range(3)]
    with pytest.raises(AssertionError, match="what was acked"):
        _check_all(lives)


def _check_all(lives: list[Life]) -> None:
    for life in lives:
        check(life)


def check(life: Life) -> None:
    refused = Counter(fact.envelope_id for it in life.lives for fact in it.of(NotStored))
    handled = Counter(envelope_id for it in life.lives for envelope_id in it.handled)
    entries = {entry.record.key: entry for entry in life.now.shelf.entries.values()}
    for entry in entries.values():
        mode, which = entry.record.mode, entry.record.envelope_id
        assert entry.state in {State.DONE, State.DEAD}, "everything has ended"
        assert entry.state is State.DEAD or handled[which], "what is done was handled"
        assert mode is not Mode.NEVER or handled[which] <= 1 + refused[which], "what answers in its ack has one chance"
        assert handled[which] <= 5 + life.crashes + _untold(life)
    stored = {entry.record.envelope_id.partition(".")[0] for entry in entries.values()}
    for it in life.lives:
        for envelope_id in it.acked:
            name = envelope_id.partition(".")[0]
            assert name in stored or life.sent[name[1:]].get("type"), (
                "what was acked was stored, or answered in its ack"
            )
        assert it.of(EngineFault) == []
    done = Counter(fact.envelope_id for it in life.lives for fact in it.of(Handled))
    assert set(done.values()) <= {1}, "nobody is told twice that it is done"


def _untold(life: Life) -> int:
    """Outcomes that no store could take, each of which costs a handling more."""
    return sum(it.store.calls.count(name) for it in life.lives for name in ("done", "retry", "release", "bury"))
