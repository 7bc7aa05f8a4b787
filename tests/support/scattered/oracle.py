"""What many processes wrote into one journal, told as one story of each envelope; `mortal.oracle` judges it.

A handling that was begun ends in one of five ways: as done, as dead, as planned again, with its process, or with its
lease, which the store gave to somebody else. Whatever is begun once more needs one that did not end it.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from mortal.oracle import Row, Story, Verdict, judge
from tautwire.delivery.policy import ATTEMPTS
from tautwire.inbox.api import State
from tautwire.local import State as Seen

if TYPE_CHECKING:
    from collections.abc import Callable, Collection
    from pathlib import Path

    from tautwire.inbox.api import Inbox
    from tautwire.local import Delivery

__all__ = ["look", "rows_of"]

_PAGE = 500


@dataclass
class Tale(Story):
    """One envelope. `at_work` are the lives that handle it, in the order in which they began."""

    at_work: list[str] = field(default_factory=list)
    #: Handlings whose lease ended before they did.
    outlived: int = 0
    #: Handlings that began while another one went on.
    overlaps: int = 0
    #: Handlings that began after the end, in a process that was stopped between its lease and its listener.
    late: int = 0

    def tell(self, life: str, what: str, *, was_stopped: bool) -> None:
        """One line of the journal."""
        if what == "begun":
            if self.ended and was_stopped:
                self.late += 1
            elif self.ended:
                self.complaints.append(f"had ended, and was begun again: {self.ended}")
            self.begun += 1
            self.overlaps += bool(self.at_work)
            if life in self.at_work:
                self.complaints.append("was begun while the same process was at work on it")
            self.at_work.append(life)
            return
        if what in {"Handled", "Buried", "RetryPlanned", "LeaseLost"}:
            self._end(life, what)
        if what == "LeaseLost":
            return
        self.hear(what)

    def _end(self, life: str, what: str) -> None:
        if what in {"Handled", "Buried"}:
            if self.ended:
                self.complaints.append(f"was {self.ended}, and then {what}")
            if self.at_work and self.at_work[-1] != life and life in self.at_work:
                self.complaints.append("was ended by somebody who had lost it")
        if life in self.at_work:
            self.at_work.remove(life)
            self.outlived += what == "LeaseLost"

    def leave(self, life: str) -> None:
        """A life is over."""
        if life in self.at_work:
            self.at_work.remove(life)
            self.broken_off += 1

    def close(self) -> Tale:
        """All lives are over; for the judge, a handling that outlived its lease was broken off."""
        self.outlived += len(self.at_work)
        self.broken_off += self.outlived
        return self


async def rows_of(inbox: Inbox) -> list[Row]:
    """All that is in the inbox."""
    found: list[Row] = []
    for state in State:
        after = ""
        while page := await inbox.list(state, limit=_PAGE, after=after):
            found += [
                Row(each.record.envelope_id, state.value, each.record.mode.value, each.attempt, each.error)
                for each in page
            ]
            after = page[-1].id
    return found


def look(
    sent: list[Delivery], journal: Path, rows: list[Row], number_of: Callable[[str], int], stopped: Collection[int]
) -> Verdict:
    """What is wrong, and how much there was of what; `stopped` are the lives that were stopped for a while."""
    told: defaultdict[int, Tale] = defaultdict(Tale)
    for line in journal.read_text("ascii").splitlines():
        life, what, envelope_id = line.split(" ")
        if what == "gone":
            for each in told.values():
                each.leave(life)
        else:
            told[number_of(envelope_id)].tell(life, what, was_stopped=int(life) in stopped)
    there = [(number_of(row.envelope_id), row) for row in rows]
    verdict = judge(sent, {number: tale.close() for number, tale in told.items()}, there)
    known = {number for number, _ in there}
    for number, tale in told.items():
        delivery = sent[number]
        if tale.begun > ATTEMPTS:
            verdict.complaints.append(f"{number} was begun {tale.begun} times, where {ATTEMPTS} can be")
        if delivery.state is Seen.ACKED and number not in known and delivery.subject != "view_submission":
            verdict.complaints.append(f"{number} ({delivery.subject}) was acked and is lost, refused before or not")
        verdict.counts["outlived"] += tale.outlived
        verdict.counts["overlaps"] += tale.overlaps
        verdict.counts["late"] += tale.late
    return verdict
