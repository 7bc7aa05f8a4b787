"""A record comes in; and its ack."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Final

from msgspec.structs import replace

from tautwire.errors import InboxError, InboxFullError, InboxUnavailableError
from tautwire.inbox.api import Mode, Placed, Record, State
from tautwire.inbox.jetstream.broker import WrongSequenceError
from tautwire.inbox.jetstream.names import group_of, id_of, is_id
from tautwire.inbox.jetstream.notes import Meta, Note, life_of
from tautwire.inbox.jetstream.rooms import Place

if TYPE_CHECKING:
    from tautwire.clock import Clock
    from tautwire.inbox.jetstream.counting import Counting
    from tautwire.inbox.jetstream.holding import Holding
    from tautwire.inbox.jetstream.leasing import Leasing
    from tautwire.inbox.jetstream.moment import Moment
    from tautwire.inbox.jetstream.pulling import Puller
    from tautwire.inbox.jetstream.rooms import Kept, Rooms

__all__ = ["Putting"]

#: Notes that are read again because somebody else has written meanwhile, before it is given up.
_TRIES: Final = 8


class Putting:
    """What the receiver needs."""

    def __init__(
        self,
        rooms: Rooms,
        leasing: Leasing,
        workers: Puller,
        counting: Counting,
        moment: Moment,
        holding: Holding,
        clock: Clock,
        lease_seconds: float,
    ) -> None:
        self._rooms, self._leasing, self._workers = rooms, leasing, workers
        self._counting, self._moment = counting, moment
        self._holding, self._clock, self._seconds = holding, clock, lease_seconds

    async def put(self, record: Record, owner: str) -> Placed:
        """See `Inbox`."""
        id_, began = id_of(record.key), self._clock.monotonic()
        if (await self._rooms.note(id_)).note is not None:
            return self._duplicate(id_)
        meta = Meta(
            key=record.key,
            type=record.type,
            envelope_id=record.envelope_id,
            mode=record.mode,
            group=record.group,
            at=self._moment.now(),
            owner="" if record.mode is Mode.AGAIN else owner,
        )
        await self._rooms.check_size(meta, record.payload)
        meta, seq = await self._add(meta, record.payload)
        if not seq:
            return self._duplicate(id_)
        if meta.owner and meta.group and not await self._is_first(meta, seq):
            meta = replace(meta, owner="")
        self._workers.expect(seq)
        self._counting.stored(self._clock.monotonic() - began)
        return Placed(id=id_, lease=self._leasing.placed(meta, record.payload, seq) if meta.owner else None)

    async def _add(self, meta: Meta, payload: bytes) -> tuple[Meta, int]:
        """Where it went to, and as what."""
        id_ = id_of(meta.key)
        try:
            if meta.mode is Mode.AGAIN:
                return meta, await self._rooms.add(self._rooms.line(meta), meta, payload)
            if meta.owner and meta.group:
                return await self._add_to_line(meta, payload)
            return meta, await self._rooms.add(self._rooms.names.held(id_), meta, payload)
        except InboxFullError:
            # What is there already is a duplicate, and no reason to be refused.
            if await self._rooms.waiting(id_) or await self._rooms.held(id_):
                return meta, 0
            raise

    async def _add_to_line(self, meta: Meta, payload: bytes) -> tuple[Meta, int]:
        """Leased as the first of its line, if there is none before it; held without a lease otherwise."""
        id_ = id_of(meta.key)
        line = self._rooms.names.work(group_of(meta.group), "*")
        try:
            return meta, await self._rooms.add(self._rooms.line(meta), meta, payload, alone_in=line)
        except WrongSequenceError:
            if await self._rooms.waiting(id_):
                return meta, 0
        meta = replace(meta, owner="")
        return meta, await self._rooms.add(self._rooms.names.held(id_), meta, payload)

    async def _is_first(self, meta: Meta, seq: int) -> bool:
        """Whether its line was empty. A cluster says so, too, while another record is on its way there; then this one
        is not leased, and waits for its ack."""
        first = await self._rooms.first_of(meta.group)
        if first is None or first.seq >= seq:
            return True
        note = Note(state=State.STORED, life=meta.life, seq=seq, fence=0, at=meta.at + self._seconds)
        with suppress(WrongSequenceError):  # Who looked at it meanwhile knows better.
            await self._rooms.write(id_of(meta.key), note, 0)
        return False

    def _duplicate(self, id_: str) -> Placed:
        self._counting.duplicate()
        return Placed(id=id_, is_duplicate=True)

    async def acked(self, which: str) -> None:
        """See `Inbox`."""
        if not is_id(which):
            return
        kept = await self._rooms.held(which) or await self._rooms.waiting(which)
        if kept is None or kept.meta.mode is not Mode.ONCE_ACKED:
            return
        place = await self._rooms.note(which)
        for _ in range(_TRIES):
            life = life_of(kept.meta, place.note, place.seq, self._seconds)
            if life.is_over or life.state in {State.DONE, State.DEAD}:
                return
            if life.is_acked or await self._note_ack(kept, place):
                break
            place = await self._rooms.newer(which, place)
        else:
            raise InboxUnavailableError("a record is changed too often")
        if life.state is State.STORED and self._rooms.names.is_held(kept.subject):
            await self._move(kept)

    async def _note_ack(self, kept: Kept, place: Place) -> bool:
        life = life_of(kept.meta, place.note, place.seq, self._seconds)
        is_leased = life.state is State.LEASED
        note = Note(
            state=life.state,
            life=kept.meta.life,
            seq=kept.seq,
            attempt=life.attempt,
            fence=life.fence,
            owner=life.owner,
            at=life.at if is_leased else self._moment.now(),
            is_acked=True,
            error=life.error,
        )
        try:
            seq = await self._rooms.write(kept.id, note, place.seq)
        except WrongSequenceError:
            return False
        held = self._holding.find(kept.id, life.fence)
        if held is not None:
            held.place = Place(note, seq)
        return True

    async def _move(self, kept: Kept) -> None:
        """To its line. The note says that it belongs there: should this fail, whoever meets it next takes it there."""
        try:
            self._workers.expect(await self._rooms.queue(kept.meta, kept.payload))
            await self._rooms.remove(kept.seq)
        except InboxError:
            return
