"""Streams, looked through for a person. Any server that has them may answer, also one that is a moment behind."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from tautwire.errors import InboxError
from tautwire.inbox.jetstream.broker import ANSWER_SECONDS
from tautwire.inbox.jetstream.notes import Life, Note, life_of, read
from tautwire.inbox.jetstream.rooms import Kept, Place, epoch, kept

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Sequence

    from tautwire.inbox.jetstream.broker import Broker
    from tautwire.inbox.jetstream.link import Answer
    from tautwire.inbox.jetstream.names import Names

__all__ = ["Looked", "Scanning"]

#: Messages that are asked for in one go; the server gives the notes of up to 1,024 at once.
_PAGE: Final = 250
#: Bytes of them, so that the first does not wait for the last.
_PAGE_BYTES: Final = 4 << 20


@dataclass(frozen=True, slots=True)
class Looked:
    """A record that has not ended, with its note, and how it stands with it."""

    kept: Kept
    place: Place
    life: Life


class Scanning:
    """Page after page."""

    def __init__(self, broker: Broker, names: Names, lease_seconds: float) -> None:
        self._broker, self._names, self._seconds = broker, names, lease_seconds

    async def records(self, *, after: int = 0) -> AsyncIterator[Looked]:
        """Those that have not ended, in the order in which they came."""
        async for page in self._pages(self._names.work_stream, f"{self._names.name}.>", after):
            messages = _readable(page)
            notes = await self._notes(sorted({message.id for message in messages}))
            for message in messages:
                place = notes.get(message.id, Place())
                yield Looked(message, place, life_of(message.meta, place.note, place.seq, self._seconds))

    async def dead(self, *, after: int = 0) -> AsyncIterator[Kept]:
        """Dead letters, in the order in which they died."""
        async for page in self._pages(self._names.dead_stream, self._names.dead("*"), after):
            for each in _readable(page):
                yield each

    async def notes(self, *, after: int = 0) -> AsyncIterator[tuple[str, Place]]:
        """All notes, in the order in which they were written last."""
        async for page in self._pages(self._names.state_stream, self._names.state("*"), after):
            for each in page:
                yield _note(each)

    async def _notes(self, ids: Sequence[str]) -> dict[str, Place]:
        if not ids:
            return {}
        body = {"multi_last": [self._names.state(id_) for id_ in ids]}
        return dict([_note(each) for each in await self._ask(self._names.state_stream, body)])

    async def _pages(self, stream: str, subject: str, after: int) -> AsyncIterator[list[Answer]]:
        body = {"next_by_subj": subject, "batch": _PAGE, "max_bytes": _PAGE_BYTES}
        while page := await self._ask(stream, body | {"seq": after + 1}):
            yield page
            after = _seq(page[-1])  # A server gives fewer than asked for when they are large.

    async def _ask(self, stream: str, body: dict[str, Any]) -> list[Answer]:
        flow = await self._broker.flow(f"DIRECT.GET.{stream}", body)
        found: list[Answer] = []
        try:
            while not _is_end(answer := await flow.next(ANSWER_SECONDS)):
                found.append(answer)
        finally:
            await flow.end()
        return found


def _is_end(answer: Answer) -> bool:
    return "Status" in answer.headers


def _seq(answer: Answer) -> int:
    return int(answer.headers["Nats-Sequence"])


def _kept(answer: Answer) -> Kept:
    headers = answer.headers
    at = epoch(headers["Nats-Time-Stamp"])
    return kept(headers["Nats-Subject"], _seq(answer), dict(headers), answer.data, at)


def _readable(page: Sequence[Answer]) -> list[Kept]:
    """Without those that another version wrote, or somebody else."""
    found: list[Kept] = []
    for each in page:
        with suppress(InboxError):
            found.append(_kept(each))
    return found


def _note(answer: Answer) -> tuple[str, Place]:
    return answer.headers["Nats-Subject"].rpartition(".")[2], Place(read(Note, answer.data), _seq(answer))
