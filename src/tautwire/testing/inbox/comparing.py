"""Any course of events, beside the reference."""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, ClassVar

from tautwire.errors import InboxError
from tautwire.inbox.api import Inbox, Lease, Mode, Placed, State, Stats, Stored
from tautwire.inbox.memory import MemoryInbox
from tautwire.testing.inbox.bench import Bench, scenario

if TYPE_CHECKING:
    from collections.abc import Awaitable, Sequence

__all__ = ["Comparing"]

#: Small, so that it is met.
_BOUND = 12


@dataclass
class _Both:
    """A store and the reference, which are told the same and have to answer the same."""

    theirs: Inbox
    ours: MemoryInbox
    #: Pairs of leases, ours second; those that were lost, too.
    leases: list[tuple[Lease, Lease]] = field(default_factory=list)
    #: What was done, for whoever looks for the reason.
    course: list[str] = field(default_factory=list)


class Comparing(Bench):
    """Random courses. Needs a store whose time is ours, with groups, that shows what is done."""

    #: Courses that are tried, and steps of each.
    courses: ClassVar[int] = 10
    steps: ClassVar[int] = 60
    #: A number gives the same courses again; what a failure shows.
    seed: ClassVar[int | None] = None

    @scenario
    async def test_it_does_what_the_reference_does(self, inbox: Inbox) -> None:
        """Whatever is done, in whatever order."""
        if not (
            self.is_time_ours and self.has_groups and self.replays_in_place and self.shows_done and self.knows_the_dead
        ):
            return
        for number in range(self.courses):
            seed = self.seed if self.seed is not None else random.SystemRandom().getrandbits(32)
            inbox = await self.opened(await self.make(max_waiting=_BOUND))
            ours = MemoryInbox(clock=self.clock, lease_seconds=self.lease_seconds, max_waiting=_BOUND)
            await ours.open()
            both = _Both(inbox, ours)
            chance = random.Random(seed)
            try:
                for _ in range(self.steps):
                    await self._step(both, chance)
                    await self._compare(both)
            except AssertionError as error:
                steps = "\n".join(both.course[-12:])
                raise AssertionError(f"course {number}, seed = {seed}, after\n{steps}\n{error}") from error

    async def _step(self, both: _Both, chance: random.Random) -> None:
        steps = (self._put, self._put, self._put, self._claim, self._settle, self._settle, self._wait)
        rarer = (self._ack, self._replay, self._give_up, self._purge, self._crash)
        step = chance.choice((*steps, *steps, *rarer))
        both.course.append(step.__name__)
        await step(both, chance)

    async def _put(self, both: _Both, chance: random.Random) -> None:
        mode = chance.choice((Mode.AGAIN, Mode.AGAIN, Mode.ONCE_ACKED, Mode.NEVER))
        group = "" if mode is Mode.NEVER else chance.choice(("", "C1", "C2"))
        record = self.record(chance.randrange(40), mode=mode, group=group)
        owner = "ann" if mode is Mode.NEVER else chance.choice(("", "ann", "bob"))
        both.course[-1] += f" {record.key} {mode.value} {group} {owner}"
        theirs = await _answer(both.theirs.put(record, owner=owner))
        ours = await _answer(both.ours.put(record, owner=owner))
        assert _plain(theirs) == _plain(ours)
        if not isinstance(ours, Exception) and ours.lease is not None:
            both.leases.append((theirs.lease, ours.lease))

    async def _claim(self, both: _Both, chance: random.Random) -> None:
        owner, limit = chance.choice(("ann", "bob")), chance.randrange(1, 4)
        theirs, ours = await both.theirs.claim(owner, limit=limit), await both.ours.claim(owner, limit=limit)
        both.course[-1] += f" {limit}: {[lease.record.key for lease in ours]}"
        assert [_plain(lease) for lease in theirs] == [_plain(lease) for lease in ours]
        both.leases.extend(zip(theirs, ours, strict=True))

    async def _settle(self, both: _Both, chance: random.Random) -> None:
        if not both.leases:
            return
        which = chance.randrange(len(both.leases))
        say = chance.choice(("extend", "done", "done", "retry", "release", "bury"))
        how: dict[str, Any] = {"error": "x"} if say in {"retry", "bury"} else {}
        if say == "retry":
            how["delay"] = chance.choice((0.0, 5.0, 100.0))
        theirs, ours = both.leases[which] if chance.random() < 0.3 else both.leases.pop(which)
        both.course[-1] += f" {say} {ours.record.key} {how}"
        answers = [
            await _answer(getattr(both.theirs, say)(theirs, **how)),
            await _answer(getattr(both.ours, say)(ours, **how)),
        ]
        assert type(answers[0]) is type(answers[1]), answers

    async def _wait(self, both: _Both, chance: random.Random) -> None:
        seconds = chance.choice((1.0, 10.0, self.lease_seconds * 1.1))
        both.course[-1] += f" {seconds}"
        await self.elapse(seconds)

    async def _ack(self, both: _Both, chance: random.Random) -> None:
        which = chance.randrange(40)
        for inbox in (both.theirs, both.ours):
            await inbox.acked(
                next((each.id for each in await _all(inbox) if each.record.key == self.keys(which)[0]), "0")
            )

    async def _replay(self, both: _Both, chance: random.Random) -> None:
        which = chance.choice((None, 0, 1))
        counts = [await inbox.replay(await _some(inbox, State.DEAD, which)) for inbox in (both.theirs, both.ours)]
        assert counts[0] == counts[1]

    async def _give_up(self, both: _Both, chance: random.Random) -> None:
        which = chance.randrange(3)
        for inbox in (both.theirs, both.ours):
            await inbox.give_up(await _some(inbox, State.STORED, which) or [], error="not wanted")

    async def _purge(self, both: _Both, chance: random.Random) -> None:
        state, older_than = chance.choice((State.DONE, State.DEAD)), chance.choice((0.0, 30.0))
        counts = [await inbox.purge(state, older_than=older_than) for inbox in (both.theirs, both.ours)]
        assert counts[0] == counts[1]

    async def _crash(self, both: _Both, chance: random.Random) -> None:
        both.course[-1] += f" {chance.random()}"
        both.theirs = await self.restarted(both.theirs, max_waiting=_BOUND)
        both.ours = MemoryInbox(
            clock=self.clock, lease_seconds=self.lease_seconds, max_waiting=_BOUND, shelf=both.ours.shelf
        )
        await both.ours.open()

    async def _compare(self, both: _Both) -> None:
        # The statistics first: with them a store notices what has ended meanwhile.
        assert _plain(await both.theirs.stats()) == _plain(await both.ours.stats())
        for state in State:
            theirs, ours = await both.theirs.list(state, limit=100), await both.ours.list(state, limit=100)
            assert [_plain(each) for each in theirs] == [_plain(each) for each in ours]


async def _answer(call: Awaitable[Any]) -> Any:
    try:
        return await call
    except InboxError as error:
        return error


async def _all(inbox: Inbox) -> Sequence[Stored]:
    return [stored for state in State for stored in await inbox.list(state, limit=100)]


async def _some(inbox: Inbox, state: State, which: int | None) -> list[str] | None:
    found = await inbox.list(state, limit=100)
    return None if which is None else [each.id for place, each in enumerate(found) if place % 3 == which]


def _plain(value: Any) -> Any:
    """What has to be the same: no ids, no sizes, times as far as they are meant."""
    match value:
        case Placed():
            return value.is_duplicate, _plain(value.lease)
        case Lease():
            return value.record, value.owner, value.attempt, value.fence, round(value.until, 2)
        case Stored():
            said = value.record, value.state, value.attempt, value.owner, value.error
            return *said, round(value.stored_at, 2), round(value.at, 2)
        case Stats():
            now = (
                value.waiting,
                value.delayed,
                value.leased,
                value.done,
                value.dead,
                value.bound,
                round(value.oldest, 2),
            )
            return *now, value.stored, value.duplicates, value.retried
        case Exception():
            return type(value)
    return value
