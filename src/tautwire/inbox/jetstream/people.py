"""What is for people: statistics, list, show, replay, give up, purge."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from msgspec.structs import replace

from tautwire.errors import InboxUnavailableError
from tautwire.inbox.api import Mode, State, Stats, Stored
from tautwire.inbox.jetstream.broker import WrongSequenceError
from tautwire.inbox.jetstream.deciding import is_delayed
from tautwire.inbox.jetstream.names import id_of, is_id
from tautwire.inbox.jetstream.notes import Meta, Note, dead_note, life_of, shortened, shown
from tautwire.inbox.rules import PURGED

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Sequence

    from tautwire.inbox.api import Record
    from tautwire.inbox.jetstream.counting import Counting
    from tautwire.inbox.jetstream.moment import Moment
    from tautwire.inbox.jetstream.pulling import Puller
    from tautwire.inbox.jetstream.rooms import Kept, Rooms
    from tautwire.inbox.jetstream.scanning import Scanning
    from tautwire.inbox.jetstream.streams import Streams
    from tautwire.inbox.jetstream.turns import Turns

__all__ = ["People"]

#: Records that the statistics look at, the oldest; those behind them are taken for waiting.
_LOOKED_AT: Final = 1_000
#: Times that a record is looked at which is changed meanwhile.
_TRIES: Final = 8
#: Pages whose end is remembered.
_MOST_PAGES: Final = 100


class People:
    """What a person can ask for and change."""

    def __init__(
        self,
        rooms: Rooms,
        workers: Puller,
        scanning: Scanning,
        streams: Streams,
        turns: Turns,
        counting: Counting,
        moment: Moment,
        lease_seconds: float,
    ) -> None:
        self._workers = workers
        self._rooms, self._scanning, self._streams, self._turns = rooms, scanning, streams, turns
        self._counting, self._moment, self._seconds = counting, moment, lease_seconds
        self._places: dict[tuple[State, str], int] = {}

    # Looking.

    async def stats(self) -> Stats:
        """See `Inbox`."""
        sizes = await self._streams.sizes()
        now = self._moment.now()
        seen = noted = delayed = leased = dying = 0
        oldest = now
        async for each in self._scanning.records():
            if each.life.is_over or each.life.state in {State.DONE, State.DEAD}:
                dying += each.life.state is State.DEAD and not each.life.is_over
                continue
            seen += 1
            noted += each.place.note is not None
            leased += each.life.state is State.LEASED
            delayed += each.life.state is State.STORED and is_delayed(each.kept.meta, each.life, now)
            oldest = min(oldest, each.kept.meta.at)
            if seen == _LOOKED_AT:
                break
        counts = await self._counting.add()
        waiting = max(seen, sizes.work if seen == _LOOKED_AT else 0) - delayed - leased
        return Stats(
            waiting=waiting,
            delayed=delayed,
            leased=leased,
            done=max(0, sizes.notes - noted - sizes.dead - dying),
            dead=sizes.dead + dying,
            oldest=max(0.0, now - oldest),
            bound=sizes.bound,
            stored=counts.stored,
            duplicates=counts.duplicates,
            retried=counts.retried,
            size=sizes.bytes,
            commit_seconds=max(self._counting.commits, default=0.0),
            details=sizes.details,
        )

    async def list(self, state: State, *, limit: int, after: str) -> Sequence[Stored]:
        """See `Inbox`."""
        found: list[Stored] = []
        if limit <= 0:
            return found
        async for seq, stored in self._all(state, await self._place(state, after)):
            found.append(stored)
            if len(found) == limit:
                self._remember(state, stored.id, seq)
                break
        return found

    async def _all(self, state: State, after: int) -> AsyncIterator[tuple[int, Stored]]:
        if state is State.DEAD:
            async for kept in self._scanning.dead(after=after):
                yield kept.seq, _dead(kept)
        elif state is State.DONE:
            async for id_, place in self._scanning.notes(after=after):
                if place.note is not None and place.note.state is State.DONE:
                    yield place.seq, _done(id_, place.note)
        else:
            async for each in self._scanning.records(after=after):
                if each.life.state is state and not each.life.is_over:
                    yield each.kept.seq, shown(each.kept.id, each.kept.meta, each.life, each.kept.payload)

    async def _place(self, state: State, after: str) -> int:
        """Where a page begins; the last one of the page before may have gone elsewhere meanwhile."""
        if not after:
            return 0
        known = self._places.get((state, after))
        if known is not None:
            return known
        kept: Kept | None = None
        if is_id(after):
            if state is State.DEAD:
                kept = await self._rooms.tomb(after)
            elif state is State.DONE:
                return (await self._rooms.note(after)).seq
            else:
                kept = await self._rooms.waiting(after) or await self._rooms.held(after)
        return 0 if kept is None else kept.seq

    def _remember(self, state: State, id_: str, seq: int) -> None:
        self._places[state, id_] = seq
        if len(self._places) > _MOST_PAGES:
            del self._places[next(iter(self._places))]

    async def show(self, which: str) -> Stored | None:
        """See `Inbox`."""
        if not is_id(which):
            return None
        place = await self._rooms.note(which)
        kept = await self._rooms.waiting(which) or await self._rooms.held(which)
        if kept is not None:
            life = life_of(kept.meta, place.note, place.seq, self._seconds)
            if not life.is_over and life.state is not State.DONE:
                return shown(which, kept.meta, life, kept.payload)
        tomb = await self._rooms.tomb(which)
        if tomb is not None:
            return _dead(tomb)
        note = place.note
        return _done(which, note) if note is not None and note.state is State.DONE else None

    # Changing.

    async def replay(self, ids: Sequence[str] | None) -> int:
        """See `Inbox`."""
        replayed = 0
        async for tomb in self._tombs(ids):
            replayed += await self._replay(tomb)
        return replayed

    async def _tombs(self, ids: Sequence[str] | None) -> AsyncIterator[Kept]:
        if ids is None:
            last = (await self._streams.sizes()).last_dead
            async for tomb in self._scanning.dead():
                if tomb.seq > last:
                    return
                yield tomb
            return
        for which in ids:
            found = await self._rooms.tomb(which) if is_id(which) else None
            if found is not None:
                yield found

    async def _replay(self, tomb: Kept) -> bool:
        """It begins another life. That is one commit; the note of the one before counts no more from then on."""
        old = tomb.meta
        meta = Meta(
            key=old.key,
            type=old.type,
            envelope_id=old.envelope_id,
            mode=Mode.AGAIN,
            group=old.group,
            at=old.at,
            life=old.life + 1,
        )
        place = await self._rooms.note(tomb.id)
        is_wanted = place.note is None or (place.note.state is State.DEAD and place.note.life == old.life)
        seq = await self._begin_again(meta, tomb.payload) if is_wanted else 0
        self._workers.expect(seq)
        await self._rooms.remove_tomb(tomb.seq)
        return bool(seq)

    async def _begin_again(self, meta: Meta, payload: bytes) -> int:
        """Its place, or 0 if somebody else has replayed it. Until one is certain its dead letter has to stay."""
        id_ = id_of(meta.key)
        for _ in range(_TRIES):
            if seq := await self._rooms.add(self._rooms.line(meta), meta, payload):
                return seq
            there, place = await self._rooms.waiting(id_), await self._rooms.note(id_)
            lives = [0 if there is None else there.meta.life, 0 if place.note is None else place.note.life]
            if max(lives) >= meta.life:
                return 0
            if there is not None:  # Who buried it has not removed its message yet, or died before that.
                await self._rooms.remove(there.seq)
        raise InboxUnavailableError("a record is changed too often to be replayed")

    async def give_up(self, ids: Sequence[str], error: str) -> int:
        """See `Inbox`."""
        given_up, error = 0, shortened(error)
        for which in ids:
            kept = await self._rooms.waiting(which) or await self._rooms.held(which) if is_id(which) else None
            given_up += kept is not None and await self._give_up(kept, error)
        return given_up

    async def _give_up(self, kept: Kept, error: str) -> bool:
        place = await self._rooms.note(kept.id)
        life = life_of(kept.meta, place.note, place.seq, self._seconds)
        if life.is_over or life.state is not State.STORED:
            return False
        try:
            await self._rooms.kill(kept, dead_note(kept.meta, kept.seq, life, error, self._moment.now()), place)
        except WrongSequenceError:
            return False
        await self._rooms.remove(kept.seq)
        await self._turns.moved(kept.meta.group)
        return True

    async def purge(self, state: State, older_than: float) -> int:
        """See `Inbox`. What is done has no payload here."""
        purged = 0
        if state is State.DEAD:
            before = self._moment.now() - older_than
            async for tomb in self._scanning.dead():
                if tomb.note is None or tomb.note.at <= before:
                    purged += await self._purge(tomb)
        return purged

    async def _purge(self, tomb: Kept) -> bool:
        place = await self._rooms.note(tomb.id)
        is_dead = place.note is not None and place.note.state is State.DEAD and place.note.life == tomb.meta.life
        if place.note is not None and is_dead:
            try:
                await self._rooms.write(tomb.id, _purged(place.note, self._moment.now()), place.seq)
            except WrongSequenceError:
                return False
        await self._rooms.remove_tomb(tomb.seq)
        return is_dead


def _purged(note: Note, now: float) -> Note:
    return replace(note, state=State.DONE, at=now, error=PURGED)


def _dead(tomb: Kept) -> Stored:
    note = tomb.note
    record: Record = tomb.meta.record(tomb.payload)
    return Stored(
        id=tomb.id,
        record=record,
        state=State.DEAD,
        attempt=0 if note is None else note.attempt,
        stored_at=tomb.meta.at,
        at=tomb.at if note is None else note.at,
        error="" if note is None else note.error,
    )


def _done(id_: str, note: Note) -> Stored:
    meta = note.meta or Meta(key="", type="", envelope_id="")
    return Stored(
        id=id_,
        record=meta.record(b""),
        state=State.DONE,
        attempt=note.attempt,
        stored_at=meta.at,
        at=note.at,
        error=note.error,
    )
