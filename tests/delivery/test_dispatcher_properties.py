"""Whatever happens in whatever order: after three seconds nothing is left, and every promise was kept."""

from __future__ import annotations

import asyncio
import contextlib
import random
from collections import Counter
from typing import Any

import pytest

from tautwire.errors import NotConnectedError
from tautwire.facts import AckSent, EngineFault

Make = Any  # the fixture `bench` of conftest


class Life:
    """Envelopes, losses, acks from anywhere, cancellations and pauses, drawn from one seed."""

    def __init__(self, it: Any, chance: random.Random) -> None:
        self.it, self.chance = it, chance
        self.acks: list[asyncio.Task[None]] = []
        #: The events whose handling was begun after they had been acked.
        self.too_often: list[str] = []
        #: Kind and event of each envelope.
        self._known: dict[str, tuple[str, str]] = {}
        it.listeners = [self._listen, self._listen]

    async def _listen(self, received: Any) -> None:
        envelope_id = received.receipt.envelope_id
        for _ in range(self.chance.randint(0, 3)):
            match self.chance.randrange(6):
                case 0:
                    await asyncio.sleep(self.chance.choice([0, 0.1, 2.5, 3, 8]))
                case 1:
                    raise self.chance.choice([ValueError(), asyncio.CancelledError(), KeyError()])
                case 2:
                    self._ack(envelope_id)
                case _:
                    await self.it.dispatcher.ack(envelope_id)

    def _ack(self, envelope_id: str) -> None:
        async def ack() -> None:
            await asyncio.sleep(self.chance.choice([0, 0.5, 2.9, 3, 5]))
            with contextlib.suppress(NotConnectedError):
                await self.it.dispatcher.ack(envelope_id)

        self.acks.append(asyncio.create_task(ack()))

    async def step(self, number: int) -> None:
        it, chance = self.it, self.chance
        match chance.randrange(10):
            case 0:
                it.cut()
            case 1:
                it.link()
            case 2 if self.acks:
                chance.choice(self.acks).cancel()
            case 3:
                await it.time.move(chance.choice([0.1, 0.5, 1.0, 3.0]))
            case 4:
                link = chance.choice(it.links)
                link.flows.clear() if link.flows.is_set() and chance.random() < 0.5 else link.flows.set()
            case _:
                self._come(f"e{number}" if chance.random() < 0.9 else f"e{chance.randrange(number + 1)}")
        if chance.random() < 0.5:
            await it.time.turn(chance.randint(1, 4))

    def _come(self, envelope_id: str) -> None:
        kind = self.chance.choice(["events_api", "events_api", "slash_commands"])
        event = f"Ev{self.chance.randrange(12)}"
        kind, event = self._known.setdefault(envelope_id, (kind, event))
        acked = {self._known[fact.envelope_id] for fact in self.it.of(AckSent)}
        received = self.it.received(envelope_id, event_id=event, kind=kind, link=self.chance.choice(self.it.links))
        before = self.it.dispatcher.running
        self.it.dispatcher.take(received)
        if kind == "events_api" and self.it.dispatcher.running > before and (kind, event) in acked:
            self.too_often.append(event)


@pytest.mark.parametrize("word", ["never", "events", "all"])
@pytest.mark.parametrize("life", range(20))
async def test_after_three_seconds_everything_is_settled(bench: Make, seed: int, life: int, word: str) -> None:
    it = bench(auto_ack=word)
    it_lives = Life(it, random.Random(f"{seed} {life} {word}"))
    for number in range(120):
        await it_lives.step(number)
    for link in it.links:
        link.flows.set()
    await it.time.move(60)
    await asyncio.gather(*it_lives.acks, return_exceptions=True)
    await it.time.move(4)

    assert it.is_empty, "both indexes and both deques"
    assert (it.dispatcher.unsettled, it.dispatcher.running) == (0, 0)
    assert len(asyncio.all_tasks()) == 1, "the sweeper has ended as well"
    assert it.of(EngineFault) == []
    assert it_lives.too_often == []
    handled = Counter(it.handled)
    acks = Counter(fact.envelope_id for fact in it.of(AckSent))
    assert all(acks[envelope_id] <= handled[envelope_id] for envelope_id in acks)


async def test_it_notices_what_is_left(bench: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    it = bench(auto_ack="never")
    monkeypatch.setattr(it.dispatcher._ledger, "settle", lambda pending: None)
    await it.take("e1")
    await it.time.move(4)
    assert not it.is_empty
