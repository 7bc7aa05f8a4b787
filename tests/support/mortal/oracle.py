"""Compares what Slack saw, what the listeners wrote down and what the inbox has in the end."""

from __future__ import annotations

import sqlite3
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from mortal import ANSWER, is_doomed
from tautwire.delivery.policy import ATTEMPTS
from tautwire.local import State

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from pathlib import Path

    from tautwire.local import Delivery

__all__ = ["Row", "Story", "Verdict", "judge", "rows", "story"]


@dataclass
class Story:
    """One envelope, by the journal."""

    begun: int = 0
    retries: int = 0
    #: Lives that ended while it was at work.
    broken_off: int = 0
    has_returned: bool = False
    is_acked: bool = False
    is_refused: bool = False
    #: How often it came and was not new.
    known: int = 0
    ended: str = ""
    is_at_work: bool = False
    complaints: list[str] = field(default_factory=list)

    def hear(self, what: str) -> None:
        match what:
            case "begun":
                if self.ended:
                    self.complaints.append(f"had ended, and was begun again: {self.ended}")
                if self.is_at_work:
                    self.complaints.append("was begun while it was at work")
                self.begun += 1
                self.is_at_work = True
            case "returned":
                self.has_returned = True
            case "AckSent":
                self.is_acked = True
            case "Duplicate":
                self.known += 1
            case "NotStored":
                self.is_refused = True
            case "RetryPlanned":
                self.retries += 1
                self.is_at_work = False
            case "Handled" | "Buried":
                self.ended = what
                self.is_at_work = False

    def gone(self) -> None:
        self.broken_off += self.is_at_work
        self.is_at_work = False


@dataclass(frozen=True)
class Row:
    """One record, as the file has it."""

    envelope_id: str
    state: str
    mode: str
    attempt: int
    error: str = ""


@dataclass
class Verdict:
    complaints: list[str]
    counts: Counter[str]


def story(journal: Path, key_of: Callable[[str], int]) -> dict[int, Story]:
    """The stories by number; `key_of` has the number of an envelope id."""
    told: defaultdict[int, Story] = defaultdict(Story)
    for line in journal.read_text("ascii").splitlines():
        _, what, envelope_id = line.split(" ")
        if what == "gone":
            for each in told.values():
                each.gone()
        else:
            told[key_of(envelope_id)].hear(what)
    return told


def rows(path: Path) -> list[Row]:
    """All that is in the file."""
    with sqlite3.connect(path) as db:
        found = db.execute("SELECT envelope_id, state, mode, attempt, error FROM records").fetchall()
    db.close()
    return [Row(*row) for row in found]


def judge(sent: list[Delivery], told: dict[int, Story], there: Iterable[tuple[int, Row]]) -> Verdict:
    """What is wrong, and how much of what there was."""
    complaints: list[str] = []
    counts: Counter[str] = Counter()
    found: defaultdict[int, list[Row]] = defaultdict(list)
    for number, row in there:
        found[number].append(row)
    for number, delivery in enumerate(sent):
        case = _Case(number, delivery, told.get(number) or Story(), found[number])
        complaints += [f"{number} ({delivery.subject}) {each}" for each in case.complaints()]
        counts.update(case.counts())
    return Verdict(complaints, counts)


@dataclass
class _Case:
    number: int
    delivery: Delivery
    story: Story
    rows: list[Row]

    @property
    def is_acked(self) -> bool:
        """By Slack's view, in time or not."""
        return any(attempt.acked_at is not None for attempt in self.delivery.attempts)

    def complaints(self) -> list[str]:
        wrong = list(self.story.complaints)
        if len(self.rows) > 1:
            wrong.append("is there more than once")
        if self.is_acked and not self.rows and not self.story.is_refused:
            wrong.append("was acked and is lost")
        wrong += self._slacks_part()
        for row in self.rows:
            wrong += self._of_row(row)
        most = 1 + self.story.retries + self.story.broken_off
        if self.story.begun > most:
            wrong.append(f"was begun {self.story.begun} times, where {most} can be")
        if self.delivery.subject == "view_submission" and self.story.begun > 1:
            wrong.append(f"answers inside its ack, and was begun {self.story.begun} times")
        if self.delivery.subject in ("/deploy", "block_actions") and self.story.begun and not self.story.is_acked:
            wrong.append("was begun and had not been acked")
        return wrong

    def _slacks_part(self) -> list[str]:
        """What was not acked was sent again, or told to its person."""
        delivery, wrong = self.delivery, []
        if delivery.state is State.SENT:
            wrong.append("is still open")
        if delivery.state is State.LOST and delivery.type == "events_api" and delivery.tries < 4:
            wrong.append(f"was given up after {delivery.tries} tries")
        if delivery.state is State.LOST and delivery.type != "events_api" and not delivery.user_error:
            wrong.append("was lost and nobody told")
        if delivery.subject == "view_submission" and delivery.state is State.ACKED and delivery.answer != ANSWER:
            wrong.append("was acked without its answer")
        return wrong

    def _of_row(self, row: Row) -> list[str]:
        wrong = []
        if row.state not in {"done", "dead"}:
            wrong.append(f"is {row.state} in the end")
        if self.story.ended and {"Handled": "done", "Buried": "dead"}[self.story.ended] != row.state:
            wrong.append(f"was {self.story.ended} and is {row.state}")
        # One that answers inside its ack and was recorded too late is done whatever its listener did: it was called.
        was_called_first = self.delivery.subject == "view_submission" and self.story.is_refused
        if row.state == "done" and not self.story.has_returned and not was_called_first:
            wrong.append("is done, and no listener came back")
        if row.state == "done" and is_doomed(self.number) and not was_called_first:
            wrong.append("is done, and its listener always raises")
        if row.state == "dead" and row.mode == "again" and row.attempt < ATTEMPTS:
            wrong.append(f"is dead after {row.attempt} attempts")
        return wrong

    def counts(self) -> Counter[str]:
        delivery, told = self.delivery, self.story
        counts = Counter(
            envelopes=1,
            acked=self.is_acked,
            lost=delivery.state is State.LOST,
            redelivered=delivery.tries > 1,
            known=told.known,
            begun=told.begun,
            retries=told.retries,
            broken_off=told.broken_off,
            duplicates=max(0, told.begun - 1 - told.retries),
            stored_and_not_acked=bool(self.rows) and not self.is_acked,
        )
        if self.rows:
            is_doomed_ = is_doomed(self.number)
            counts[self.rows[0].state] = 1
            counts["dead of crashes"] = self.rows[0].state == "dead" and self.rows[0].mode == "again" and not is_doomed_
        return counts
