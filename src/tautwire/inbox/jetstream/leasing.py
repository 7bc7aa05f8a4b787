"""Deliveries become leases, or go where they belong.

The note decides. A lease is a note that says `LEASED`, written under the condition that nothing was written since it
was read. So of two who claim the same record one is refused by the server itself, whatever the clocks say.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Final

from tautwire.errors import InboxError, InboxUnavailableError
from tautwire.inbox.api import Lease, State
from tautwire.inbox.jetstream.broker import WrongSequenceError
from tautwire.inbox.jetstream.deciding import Step, next_step, turn_delay
from tautwire.inbox.jetstream.holding import Held
from tautwire.inbox.jetstream.names import id_of
from tautwire.inbox.jetstream.notes import Life, Meta, Note, dead_note, life_of
from tautwire.inbox.jetstream.rooms import Place
from tautwire.inbox.rules import NOT_ACKED

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tautwire.inbox.jetstream.counting import Counting
    from tautwire.inbox.jetstream.holding import Holding
    from tautwire.inbox.jetstream.moment import Moment
    from tautwire.inbox.jetstream.pulling import Delivery, Puller
    from tautwire.inbox.jetstream.rooms import Kept, Rooms
    from tautwire.inbox.jetstream.turns import Turns

__all__ = ["Leasing"]

#: Notes that are read again because somebody else has written meanwhile, before it is given up.
_TRIES: Final = 8
#: Seconds beyond a moment at which something is looked at again.
_AFTER: Final = 0.005


class Leasing:
    """How leases begin."""

    def __init__(
        self,
        rooms: Rooms,
        workers: Puller,
        turns: Turns,
        counting: Counting,
        moment: Moment,
        holding: Holding,
        lease_seconds: float,
    ) -> None:
        self._rooms, self._workers, self._turns, self._counting = rooms, workers, turns, counting
        self._moment, self._holding, self._seconds = moment, holding, lease_seconds

    async def begin(self, owner: str, deliveries: Sequence[Delivery]) -> list[Lease]:
        """Lease those that can be leased; the others go where they belong.

        Raises:
            InboxUnavailableError: the broker went away, and none was leased.
        """
        found = await asyncio.gather(*(self._consider(owner, each) for each in deliveries), return_exceptions=True)
        leases = [each for each in found if isinstance(each, Lease)]
        for each in found:
            if isinstance(each, BaseException) and not (leases and isinstance(each, InboxError)):
                raise each
        return leases

    async def look(self, deliveries: Sequence[Delivery]) -> None:
        """The same for those that no worker sees: what can be handled goes to its line."""
        await asyncio.gather(*(self._consider("", each) for each in deliveries), return_exceptions=True)

    def placed(self, meta: Meta, payload: bytes, seq: int) -> Lease:
        """The lease that a put comes with. There is no note: the record itself says so."""
        self._holding.keep(id_of(meta.key), 0, Held(meta, Place(), seq, is_held=not meta.group))
        return self._lease(meta, payload, attempt=1, fence=0, owner=meta.owner, until=meta.at + self._seconds)

    async def _consider(self, owner: str, delivery: Delivery) -> Lease | None:
        kept, meta = delivery.kept, delivery.kept.meta
        self._turns.came(meta.group, kept.seq)
        is_new = delivery.count == 1 and not meta.has_note
        place = Place() if is_new else await self._rooms.note(kept.id)
        for _ in range(_TRIES):
            life = life_of(meta, place.note, place.seq, self._seconds)
            step, rest = next_step(meta, life, now=self._moment.now(), lease_seconds=self._seconds)
            try:
                if step is Step.CLAIM:
                    return await self._claim(owner, delivery, place, life)
                await self._go(step, rest, delivery, place, life)
            except WrongSequenceError:
                place = await self._rooms.newer(kept.id, place)
            else:
                return None
        raise InboxUnavailableError("a record is changed too often to be claimed")

    async def _claim(self, owner: str, delivery: Delivery, place: Place, life: Life) -> Lease | None:
        kept, meta = delivery.kept, delivery.kept.meta
        if self._rooms.names.is_held(kept.subject):
            self._workers.expect(await self._rooms.queue(meta, kept.payload))
            await self._workers.ack(delivery.token)
            return None
        if meta.group and not await self._is_first(kept):
            delay = turn_delay(delivery.count, self._turns.waiting)
            self._turns.waits(meta.group, kept.seq, delivery.token, delay)
            await self._workers.nak(delivery.token, delay)
            return None
        until, attempt = self._moment.now() + self._seconds, life.attempt + 1
        note = Note(
            state=State.LEASED,
            life=meta.life,
            seq=kept.seq,
            attempt=attempt,
            owner=owner,
            at=until,
            is_acked=life.is_acked,
            error=life.error,
        )
        fence = await self._rooms.write(kept.id, note, place.seq)
        self._holding.keep(kept.id, fence, Held(meta, Place(note, fence), kept.seq, delivery.token))
        return self._lease(meta, kept.payload, attempt=attempt, fence=fence, owner=owner, until=until)

    async def _is_first(self, kept: Kept) -> bool:
        """Whether all before it in its line have ended; their messages may still be there."""
        if self._turns.is_behind(kept.meta.group, kept.seq):
            return False
        before = await self._rooms.first_of(kept.meta.group)
        while before is not None and before.seq < kept.seq:
            place = await self._rooms.note(before.id)
            life = life_of(before.meta, place.note, place.seq, self._seconds)
            if not life.is_over and life.state not in {State.DONE, State.DEAD}:
                return False
            before = await self._rooms.first_of(kept.meta.group, before.seq + 1)
        return True

    async def _go(self, step: Step, rest: float, delivery: Delivery, place: Place, life: Life) -> None:
        kept = delivery.kept
        if step is Step.PARK:
            await self._workers.nak(delivery.token, rest + _AFTER)
            return
        match step:
            case Step.DROP:
                self._counting.dropped(kept, place)
            case Step.BURY:
                await self._rooms.kill(kept, dead_note(kept.meta, kept.seq, life, NOT_ACKED, self._moment.now()), place)
            case _:
                note = place.note or dead_note(kept.meta, kept.seq, life, life.error, life.at)
                await self._rooms.entomb(kept.meta, kept.payload, note)
        await self._workers.ack(delivery.token)
        await self._turns.moved(kept.meta.group)

    def _lease(self, meta: Meta, payload: bytes, *, attempt: int, fence: int, owner: str, until: float) -> Lease:
        return Lease(
            id=id_of(meta.key),
            record=meta.record(payload),
            owner=owner,
            attempt=attempt,
            fence=fence,
            until=until,
            stored_at=meta.at,
        )
