"""Extend, and the four ways in which a lease ends.

Each is a note that replaces the one of the lease, under the condition that nobody else has replaced it. Whoever comes
late is refused by the server. What follows, to the consumer and between the streams, is done again by whoever meets the
record next, should it not come through; so once the note is written, nothing is raised.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace as replaced
from functools import partial
from typing import TYPE_CHECKING, Final

from msgspec.structs import replace

from tautwire.errors import InboxError, InboxUnavailableError, LeaseLostError
from tautwire.inbox.api import State
from tautwire.inbox.jetstream.broker import WrongSequenceError
from tautwire.inbox.jetstream.holding import Held
from tautwire.inbox.jetstream.notes import Life, Note, dead_note, life_of, shortened
from tautwire.inbox.jetstream.rooms import Place
from tautwire.inbox.rules import NOT_ACKED, may_be_handled_again

if TYPE_CHECKING:
    from collections.abc import Callable

    from tautwire.inbox.api import Lease
    from tautwire.inbox.jetstream.counting import Counting
    from tautwire.inbox.jetstream.holding import Holding
    from tautwire.inbox.jetstream.moment import Moment
    from tautwire.inbox.jetstream.pulling import Puller
    from tautwire.inbox.jetstream.rooms import Rooms
    from tautwire.inbox.jetstream.turns import Turns

__all__ = ["Settling"]

#: Notes that are read again because somebody else has written meanwhile, before it is given up.
_TRIES: Final = 8


class Settling:
    """What is said of a lease."""

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

    async def extend(self, lease: Lease) -> Lease:
        """See `Inbox`."""
        until = self._moment.now() + self._seconds
        held = await self._write(lease, partial(self._extended, until))
        if held.token:
            await self._workers.progress(held.token)
        return replaced(lease, until=until)

    async def done(self, lease: Lease) -> None:
        """See `Inbox`."""
        await self._follow(lease, await self._write(lease, self._done))

    async def bury(self, lease: Lease, error: str) -> None:
        """See `Inbox`."""
        await self._follow(lease, await self._write(lease, partial(self._buried, shortened(error))))

    async def retry(self, lease: Lease, delay: float, error: str) -> None:
        """See `Inbox`."""
        held = await self._write(lease, partial(self._let_go, shortened(error), delay, 0))
        if held.place.note is not None and held.place.note.state is State.STORED:
            self._counting.retried()
        await self._follow(lease, held, delay)

    async def release(self, lease: Lease) -> None:
        """See `Inbox`."""
        await self._follow(lease, await self._write(lease, partial(self._let_go, "", 0.0, 1)))

    # What is written, from how it stands now.

    def _extended(self, until: float, held: Held, life: Life) -> Note:
        return self._note(State.LEASED, held, life, owner=life.owner, at=until, error=life.error)

    def _done(self, held: Held, life: Life) -> Note:
        return self._note(State.DONE, held, life, at=self._moment.now(), has_meta=True)

    def _buried(self, error: str, held: Held, life: Life) -> Note:
        return dead_note(held.meta, held.seq, life, error, self._moment.now())

    def _let_go(self, error: str, delay: float, uncounted: int, held: Held, life: Life) -> Note:
        if not may_be_handled_again(held.meta.mode, is_acked=life.is_acked):
            return self._buried(error or NOT_ACKED, held, life)
        at = self._moment.now() + delay
        return self._note(State.STORED, held, life, at=at, attempt=life.attempt - uncounted, error=error or life.error)

    def _note(
        self,
        state: State,
        held: Held,
        life: Life,
        *,
        at: float,
        attempt: int | None = None,
        owner: str = "",
        error: str = "",
        has_meta: bool = False,
    ) -> Note:
        return Note(
            state=state,
            life=held.meta.life,
            seq=held.seq,
            attempt=life.attempt if attempt is None else attempt,
            fence=life.fence,
            owner=owner,
            at=at,
            is_acked=life.is_acked,
            error=error,
            meta=held.meta if has_meta else None,
        )

    async def _write(self, lease: Lease, change: Callable[[Held, Life], Note]) -> Held:
        """Write it, if the lease is still ours."""
        held = await self._known(lease)
        for _ in range(_TRIES):
            life = life_of(held.meta, held.place.note, held.place.seq, self._seconds)
            note = change(held, life)
            if _came_through(held, note):
                return held
            if not self._is_ours(lease, held, life):
                self._holding.drop(lease.id, lease.fence)
                raise _lost(lease)
            there = held.place  # Another call for this lease may change it meanwhile.
            try:
                held.place = Place(note, await self._rooms.write(lease.id, note, there.seq))
            except WrongSequenceError:
                held.place = await self._rooms.newer(lease.id, there)
            except InboxUnavailableError:
                held.unsure = note
                raise
            else:
                return held
        raise InboxUnavailableError("a record is changed too often")

    def _is_ours(self, lease: Lease, held: Held, life: Life) -> bool:
        if (life.state, life.owner, life.fence, life.is_over) != (State.LEASED, lease.owner, lease.fence, False):
            return False
        # Without a note the fence is 0, and so it would be in the next life of a key that was forgotten meanwhile.
        return held.place.note is not None or self._moment.now() < lease.until + self._seconds

    async def _known(self, lease: Lease) -> Held:
        """What is known about a lease; asked for if it was settled, or began in another process."""
        held = self._holding.find(lease.id, lease.fence)
        if held is not None:
            return held
        kept = await self._rooms.held(lease.id) or await self._rooms.waiting(lease.id)
        if kept is None:
            raise _lost(lease)
        is_held = self._rooms.names.is_held(kept.subject)
        return Held(kept.meta, await self._rooms.note(lease.id), kept.seq, is_held=is_held)

    # What follows.

    async def _follow(self, lease: Lease, held: Held, delay: float = 0.0) -> None:
        self._holding.drop(lease.id, lease.fence)
        note = held.place.note
        with suppress(InboxError):
            if note is not None and note.state is State.STORED:
                await self._wait_again(lease, held, delay)
                return
            if note is not None and note.state is State.DEAD:
                await self._rooms.entomb(held.meta, lease.record.payload, note)
            if held.token:
                await self._workers.ack(held.token)
            else:
                await self._rooms.remove(held.seq)
            await self._turns.moved(lease.record.group)

    async def _wait_again(self, lease: Lease, held: Held, delay: float) -> None:
        if held.token:
            await self._workers.nak(held.token, delay)
        elif held.is_held:  # In its line it is delivered again by itself, when the broker has waited for a lease.
            self._workers.expect(await self._rooms.queue(held.meta, lease.record.payload))
            await self._rooms.remove(held.seq)


def _came_through(held: Held, note: Note) -> bool:
    """Whether what was written without an answer was written, and says the same."""
    there, unsure = held.place.note, held.unsure
    if there is None or unsure is None or note.state is State.LEASED:
        return False
    # Said twice, it may be the first time that came through: all but the moment is the same then.
    return there == replace(unsure, at=there.at) and there.state is note.state


def _lost(lease: Lease) -> LeaseLostError:
    return LeaseLostError(f"record {lease.id} has gone to another owner, or has ended")
