"""What is written beside a payload, and about a record. Pure.

`Meta` goes with the payload and never changes. `Note` is the record's state: each change replaces the one before, under
the condition that nobody else has replaced it, so the server decides who was first. A record without a note, or with
one of an earlier life, is as its meta says: `Life` is both together.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, TypeVar

import msgspec

from tautwire.errors import InboxError
from tautwire.inbox.api import Mode, Record, State, Stored

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = [
    "LIFE",
    "META",
    "Counts",
    "Life",
    "Meta",
    "Note",
    "dead_note",
    "life_of",
    "meta_in",
    "read",
    "room_for",
    "shortened",
    "shown",
    "written",
]

#: The header with the meta, and the one with the note that a dead letter has.
META: Final = "Tautwire-Record"
LIFE: Final = "Tautwire-State"

#: Characters of an error that are kept; as JSON each takes twelve bytes at the most.
_LONGEST_ERROR: Final = 1_000
#: Bytes of everything else beside a payload: the error, and what else is noted.
_BESIDE: Final = 12 * _LONGEST_ERROR + 1_000

T = TypeVar("T", bound="msgspec.Struct")


class Meta(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What belongs to a payload. `life` counts the replays, from one; `at` is when it was stored first."""

    key: str
    type: str
    envelope_id: str
    mode: Mode = Mode.AGAIN
    group: str = ""
    at: float = 0.0
    life: int = 1
    #: Whom it was leased to when it was put.
    owner: str = ""
    #: Whether it was held before, so that there is a note about it from the start.
    was_held: bool = False

    @property
    def has_note(self) -> bool:
        """Whether there may be a note before anybody has claimed it."""
        return self.was_held or self.life > 1 or bool(self.owner)

    def record(self, payload: bytes) -> Record:
        """What it was made of."""
        return Record(
            key=self.key,
            type=self.type,
            envelope_id=self.envelope_id,
            payload=payload,
            mode=self.mode,
            group=self.group,
        )


class Note(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What is known about a record. `seq` is its message's place in the work stream."""

    state: State
    life: int
    seq: int
    attempt: int = 0
    #: The number of the lease; without one, the place of this very note in the state stream.
    fence: int | None = None
    owner: str = ""
    #: When it may be handled, when its lease ends, when it ended.
    at: float = 0.0
    is_acked: bool = False
    is_purged: bool = False
    error: str = ""
    #: What people want to see of one that has ended.
    meta: Meta | None = None


class Counts(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Since the store was made."""

    stored: int = 0
    duplicates: int = 0
    retried: int = 0

    def plus(self, other: Counts) -> Counts:
        """Both together."""
        return Counts(
            stored=self.stored + other.stored,
            duplicates=self.duplicates + other.duplicates,
            retried=self.retried + other.retried,
        )

    def minus(self, other: Counts) -> Counts:
        """What is left without the other."""
        return Counts(
            stored=self.stored - other.stored,
            duplicates=self.duplicates - other.duplicates,
            retried=self.retried - other.retried,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Life:
    """How it stands with a record. `is_over` when its message is a copy of one that was replayed since."""

    state: State
    attempt: int = 0
    fence: int = 0
    owner: str = ""
    at: float = 0.0
    is_acked: bool = False
    error: str = ""
    is_over: bool = False


def life_of(meta: Meta, note: Note | None, place: int, lease_seconds: float) -> Life:
    """What a note at a `place` of the state stream, or none, says about a record."""
    if note is None or note.life < meta.life:
        at = meta.at + lease_seconds
        if meta.owner:
            return Life(state=State.LEASED, attempt=1, owner=meta.owner, at=at)
        return Life(state=State.STORED, at=at if meta.mode is Mode.ONCE_ACKED else 0.0)
    return Life(
        state=note.state,
        attempt=note.attempt,
        fence=place if note.fence is None else note.fence,
        owner=note.owner,
        at=note.at,
        is_acked=note.is_acked,
        error=note.error,
        is_over=note.life > meta.life,
    )


def dead_note(meta: Meta, seq: int, life: Life, error: str, now: float) -> Note:
    """What is noted about a record that is dead from now on."""
    return Note(
        state=State.DEAD,
        life=meta.life,
        seq=seq,
        attempt=life.attempt,
        fence=life.fence,
        at=now,
        is_acked=life.is_acked,
        error=error,
        meta=meta,
    )


def shown(id_: str, meta: Meta, life: Life, payload: bytes) -> Stored:
    """For people."""
    return Stored(
        id=id_,
        record=meta.record(payload),
        state=life.state,
        attempt=life.attempt,
        stored_at=meta.at,
        at=life.at or meta.at,
        owner=life.owner,
        error=life.error,
    )


def shortened(error: str) -> str:
    """What is kept of an error: it goes with the payload when that is buried, and both have to fit."""
    return error if len(error) <= _LONGEST_ERROR else f"{error[: _LONGEST_ERROR - 1]}…"


def room_for(meta: Meta, payload: bytes) -> int:
    """Bytes of the largest message that this may become: a dead letter, which has its meta twice, and an error."""
    return len(payload) + 2 * len(written(meta)) + _BESIDE


def written(what: msgspec.Struct) -> str:
    """As one line of ASCII, which is what a header takes."""
    return json.dumps(msgspec.to_builtins(what), separators=(",", ":"))


def read(kind: type[T], text: str | bytes) -> T:
    """What was written.

    Raises:
        InboxError: it was not written by an inbox, or by one that is newer.
    """
    try:
        return msgspec.convert(json.loads(text), kind)
    except ValueError:
        raise InboxError("something on NATS has the name of the inbox, and was not written by this version") from None


def meta_in(headers: Mapping[str, str]) -> Meta:
    """The meta of a message. Raises `InboxError` as `read`."""
    return read(Meta, headers.get(META, "null"))
