"""What the reference keeps, and what is left of it after a restart."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum
from typing import TYPE_CHECKING

from tautwire.inbox.api import State, Stored

if TYPE_CHECKING:
    from tautwire.inbox.api import Record

__all__ = ["Entry", "Shelf", "Waits", "shown"]


class Waits(Enum):
    """What a stored record waits for."""

    TIME = "time"
    TURN = "turn"
    ACK = "ack"


@dataclass(slots=True, eq=False)
class Entry:
    """A record, and what has become of it."""

    number: int
    record: Record
    stored_at: float
    at: float
    state: State = State.STORED
    waits: Waits = Waits.TIME
    attempt: int = 0
    fence: int = 0
    owner: str = ""
    is_acked: bool = False
    error: str = ""

    @property
    def has_ended(self) -> bool:
        """Whether it is done or dead."""
        return self.state in {State.DONE, State.DEAD}

    @property
    def is_owned(self) -> bool:
        """Whether somebody has it, or had it last, until a lease that has run out, and nobody else has had it since."""
        return self.state is State.LEASED or (self.state is State.STORED and bool(self.owner))

    @property
    def is_head(self) -> bool:
        """Whether the others of its group wait for it."""
        return self.state is State.LEASED or (self.state is State.STORED and self.waits is Waits.TIME)


@dataclass(slots=True, eq=False)
class Shelf:
    """What an inbox has stored. One that is opened with the shelf of another is that other one after a restart."""

    entries: dict[str, Entry] = field(default_factory=dict)
    numbers: int = 0
    duplicates: int = 0
    retried: int = 0


def shown(entry: Entry) -> Stored:
    """As a person looks at it."""
    return Stored(
        id=str(entry.number),
        record=entry.record,
        state=entry.state,
        attempt=entry.attempt,
        stored_at=entry.stored_at,
        at=entry.at,
        owner=entry.owner,
        error=entry.error,
    )
