"""What is kept where on the broker, and how it goes from one place to the next.

Each step is one commit of JetStream's. Where two belong together, the first one decides, and the second is done again
by whoever meets the record next: all of them may be done twice.
"""

from __future__ import annotations

import base64
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final

import msgspec

from tautwire.errors import InboxError, InboxUnavailableError
from tautwire.inbox.api import State
from tautwire.inbox.jetstream.broker import ApiError, WrongSequenceError
from tautwire.inbox.jetstream.names import group_of, id_of
from tautwire.inbox.jetstream.notes import LIFE, META, Meta, Note, meta_in, read, room_for, written

if TYPE_CHECKING:
    from tautwire.clock import Clock
    from tautwire.inbox.jetstream.broker import Broker
    from tautwire.inbox.jetstream.names import Names

__all__ = ["Kept", "Place", "Rooms", "epoch", "kept_in"]

_ID: Final = "Nats-Msg-Id"
_EXPECTED: Final = "Nats-Expected-Last-Subject-Sequence"
_EXPECTED_IN: Final = "Nats-Expected-Last-Subject-Sequence-Subject"
_TTL: Final = "Nats-TTL"
#: Another publish with the same id has not ended.
_IN_PROCESS: Final = 10158
#: Seconds to wait for what somebody else has begun: a commit of most of the servers.
_PAUSES: Final = (0.005, 0.01, 0.02, 0.04, 0.08, 0.16, 0.32, 0.64)
#: Nothing at that place; already deleted.
_GONE: Final = frozenset({10043, 10057})


@dataclass(frozen=True, slots=True)
class Place:
    """A note, and where it is in the state stream; 0 for none."""

    note: Note | None = None
    seq: int = 0


@dataclass(frozen=True, slots=True)
class Kept:
    """A message of a stream."""

    subject: str
    seq: int
    meta: Meta
    payload: bytes
    at: float
    note: Note | None = None

    @property
    def id(self) -> str:
        """What its record is called."""
        return self.subject.rpartition(".")[2]


class Rooms:
    """The streams of one inbox."""

    def __init__(self, broker: Broker, names: Names, keep_seconds: float, clock: Clock) -> None:
        self.names = names
        self._broker, self._clock = broker, clock
        self._ttl = f"{int(keep_seconds)}s"

    # Notes.

    async def note(self, id_: str) -> Place:
        """What is known about a record."""
        found = await self._broker.find(self.names.state_stream, {"last_by_subj": self.names.state(id_)})
        if found is None:
            return Place()
        return Place(read(Note, base64.b64decode(found.get("data", ""))), int(found["seq"]))

    async def newer(self, id_: str, than: Place) -> Place:
        """The note that was in the way of ours. It may be on its way to the servers still, so this waits for it."""
        for pause in _PAUSES:
            place = await self.note(id_)
            if place.seq != than.seq:
                break
            await self._clock.sleep(pause)
        return place

    async def write(self, id_: str, note: Note, expected: int) -> int:
        """Replace the note that is at `expected`; where the new one is. One that has ended goes after its time.

        Raises:
            WrongSequenceError: another one has replaced it.
        """
        headers = {_EXPECTED: str(expected)}
        if note.state is State.DONE:
            headers[_TTL] = self._ttl
        seq, _ = await self._broker.store(self.names.state(id_), written(note).encode(), headers)
        return seq

    # Records.

    async def check_size(self, meta: Meta, payload: bytes) -> None:
        """Raises `InboxError` for what the server does not take, now or when it is buried: it would hang up on us."""
        size, most = room_for(meta, payload), await self._broker.max_payload()
        if size > most:
            raise InboxError(
                f"a record of {len(payload):,} bytes is more than NATS takes: raise max_payload ({most:,}) to {size:,}"
            )

    async def add(self, subject: str, meta: Meta, payload: bytes, *, alone_in: str = "") -> int:
        """Store a record; its place, or 0 if it was there. `alone_in` is a line that has to be empty.

        Raises:
            WrongSequenceError: the line is not.
        """
        id_ = id_of(meta.key)
        headers = {META: written(meta), _ID: f"{id_}.{meta.life}{'.moved' if meta.was_held else ''}", _EXPECTED: "0"}
        if alone_in:
            headers[_EXPECTED_IN] = alone_in
        try:
            return await self._stored(subject, payload, headers)
        except WrongSequenceError:
            if alone_in:
                raise
            return 0

    async def _stored(self, subject: str, payload: bytes, headers: dict[str, str]) -> int:
        for pause in _PAUSES:
            try:
                seq, was_there = await self._broker.store(subject, payload, headers)
            except ApiError as error:
                if error.code != _IN_PROCESS:
                    raise
                await self._clock.sleep(pause)
            else:
                return 0 if was_there else seq
        raise InboxUnavailableError("NATS has not come to an end with the same record")

    def line(self, meta: Meta) -> str:
        """Where a record of this group waits."""
        return self.names.work(group_of(meta.group), id_of(meta.key))

    async def queue(self, meta: Meta, payload: bytes) -> int:
        """A record that was held joins its line, for workers to see."""
        moved = Meta(
            key=meta.key,
            type=meta.type,
            envelope_id=meta.envelope_id,
            mode=meta.mode,
            group=meta.group,
            at=meta.at,
            life=meta.life,
            was_held=True,
        )
        return await self.add(self.line(meta), moved, payload)

    async def kill(self, kept: Kept, note: Note, place: Place) -> None:
        """A record is dead; its message is to be removed then.

        Raises:
            WrongSequenceError: somebody else has changed it since.
        """
        await self.write(kept.id, note, place.seq)
        await self.entomb(kept.meta, kept.payload, note)

    async def entomb(self, meta: Meta, payload: bytes, note: Note) -> None:
        """Keep a dead letter; its note says so already."""
        headers = {META: written(meta), LIFE: written(note), _EXPECTED: "0"}
        try:
            await self._broker.store(self.names.dead(id_of(meta.key)), payload, headers)
        except WrongSequenceError:
            await self._replace_tomb(meta, payload, headers)

    async def _replace_tomb(self, meta: Meta, payload: bytes, headers: dict[str, str]) -> None:
        """There is one already: of this life, or left over from the one before."""
        there = await self.tomb(id_of(meta.key))
        if there is not None and (there.meta.at, there.meta.life) < (meta.at, meta.life):
            await self.remove_tomb(there.seq)
            await self._broker.store(self.names.dead(id_of(meta.key)), payload, headers)

    async def tomb(self, id_: str) -> Kept | None:
        """The dead letter of a record."""
        return kept_in(await self._broker.find(self.names.dead_stream, {"last_by_subj": self.names.dead(id_)}))

    async def remove_tomb(self, seq: int) -> None:
        """It is not needed any more."""
        await self._remove(self.names.dead_stream, seq)

    async def remove(self, seq: int) -> None:
        """A record has ended, or is elsewhere."""
        await self._remove(self.names.work_stream, seq)

    async def held(self, id_: str) -> Kept | None:
        """A record that no worker sees."""
        return kept_in(await self._broker.find(self.names.work_stream, {"last_by_subj": self.names.held(id_)}))

    async def waiting(self, id_: str) -> Kept | None:
        """A record in any line."""
        return kept_in(await self._broker.find(self.names.work_stream, {"last_by_subj": self.names.work("*", id_)}))

    async def first_of(self, group: str, start: int = 1) -> Kept | None:
        """The first one in a line, from a place on."""
        while True:
            body = {"seq": start, "next_by_subj": self.names.work(group_of(group), "*")}
            found = await self._broker.find(self.names.work_stream, body)
            with suppress(InboxError):  # What cannot be read holds up nobody.
                return kept_in(found)
            start = int(found["seq"]) + 1 if found else start

    async def _remove(self, stream: str, seq: int) -> None:
        try:
            await self._broker.api(f"STREAM.MSG.DELETE.{stream}", {"seq": seq, "no_erase": True})
        except ApiError as error:
            if error.code not in _GONE:
                raise


def epoch(text: str) -> float:
    """Epoch seconds of a time as Go writes it; it has nanoseconds."""
    head, _, fraction = text.rstrip("Z").partition(".")
    return datetime.fromisoformat(f"{head}+00:00").timestamp() + float(f"0.{fraction or 0}")


def kept_in(found: dict[str, Any] | None) -> Kept | None:
    """A message as the API gives it."""
    if found is None:
        return None
    headers = headers_in(base64.b64decode(found.get("hdrs", "")))
    at = epoch(found["time"])
    return kept(found["subject"], int(found["seq"]), headers, base64.b64decode(found.get("data", "")), at)


def kept(subject: str, seq: int, headers: dict[str, str], payload: bytes, at: float) -> Kept:
    """A message with what its headers say; its time is the broker's where it has none of its own."""
    meta: Meta = meta_in(headers)
    note = read(Note, headers[LIFE]) if LIFE in headers else None
    if not meta.at:
        meta = _at(meta, at)
    return Kept(subject, seq, meta, payload, at, note)


def _at(meta: Meta, at: float) -> Meta:
    return msgspec.structs.replace(meta, at=at)


def headers_in(block: bytes) -> dict[str, str]:
    """The headers as NATS writes them, after their first line."""
    pairs = (line.partition(b":") for line in block.split(b"\r\n")[1:])
    return {name.decode(): value.strip().decode() for name, colon, value in pairs if colon}
