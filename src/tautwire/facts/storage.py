"""The facts of what is stored: those of a client with an inbox, and of whoever else works on one.

`tautwire.facts` has them all. `type` is what an envelope is to the inbox: of what is `interactive`, its kind.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

__all__ = [
    "AnswerLost",
    "Buried",
    "EnvelopeStored",
    "Handled",
    "InboxOpened",
    "InboxTrouble",
    "LeaseLost",
    "NotStored",
    "Recovering",
    "RetryPlanned",
    "StorageFact",
]


@dataclass(frozen=True, slots=True)
class InboxOpened:
    """The inbox is ready, and `waiting` records in it are to be handled.

    Of those that dead owners had left, `freed` are among them, and `buried` are dead letters from now on. `notices` are
    sentences for a person, about something that was put right and should be looked at.
    """

    at: float
    waiting: int
    freed: int
    buried: int
    notices: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Recovering:
    """Of the `total` records that were waiting when the inbox was opened, `left` have not ended yet.

    Said for each tenth of them, and when none is left.
    """

    at: float
    total: int
    left: int


@dataclass(frozen=True, slots=True)
class EnvelopeStored:
    """An envelope is in the inbox, `seconds` after it came in; from here on it is not lost."""

    at: float
    envelope_id: str
    type: str
    seconds: float


@dataclass(frozen=True, slots=True)
class NotStored:
    """The inbox did not take an envelope, in time or at all. It is not acked, so that Slack sends an event again.

    A command or a click comes only once: its person sees an error. One whose listener comes first was handled all the
    same, and only its outcome is not recorded.
    """

    at: float
    envelope_id: str
    type: str
    reason: str


@dataclass(frozen=True, slots=True)
class Handled:
    """All listeners came back from a stored envelope, in its `attempt`, `seconds` after they began; that is stored."""

    at: float
    envelope_id: str
    type: str
    attempt: int
    seconds: float


@dataclass(frozen=True, slots=True)
class RetryPlanned:
    """The `attempt` at a stored envelope failed; the next one is due in `delay` seconds."""

    at: float
    envelope_id: str
    type: str
    attempt: int
    delay: float


@dataclass(frozen=True, slots=True)
class Buried:
    """A stored envelope is a dead letter: nothing more happens to it until a person looks. The inbox has the reason in
    full; here it is in a few words.
    """

    at: float
    envelope_id: str
    type: str
    attempt: int
    reason: str


@dataclass(frozen=True, slots=True)
class LeaseLost:
    """A stored envelope went to another owner while it was handled here, so it is handled twice; what was done here
    counts for nothing.
    """

    at: float
    envelope_id: str
    type: str
    attempt: int


@dataclass(frozen=True, slots=True)
class AnswerLost:
    """A listener had an answer in its ack, but the envelope had been acked when it was stored, and its `response_url`
    did not take the answer, or there is none.
    """

    at: float
    envelope_id: str
    type: str


@dataclass(frozen=True, slots=True)
class InboxTrouble:
    """The inbox could not do something that is not an envelope's storing; `doing` says what. It is tried again."""

    at: float
    doing: str
    error: Exception


StorageFact: TypeAlias = (
    InboxOpened
    | Recovering
    | EnvelopeStored
    | NotStored
    | Handled
    | RetryPlanned
    | Buried
    | LeaseLost
    | AnswerLost
    | InboxTrouble
)
