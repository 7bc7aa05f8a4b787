"""Facts counted: what `snapshot()` shows."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field, fields
from typing import TYPE_CHECKING

from tautwire import facts

if TYPE_CHECKING:
    from tautwire.facts import Fact

__all__ = ["Counters", "Counts"]


@dataclass(frozen=True, slots=True)
class Counts:
    """How often what happened, since the client was made."""

    opened: int = 0
    ready: int = 0
    rotated: int = 0
    lost: int = 0
    dials_failed: int = 0
    gaps: int = 0
    acked: int = 0
    acked_automatically: int = 0
    acked_elsewhere: int = 0
    acked_late: int = 0
    acks_failed: int = 0
    refused: int = 0
    duplicates: int = 0
    listeners_failed: int = 0
    malformed: int = 0
    unknown: int = 0
    back_pressure: int = 0
    stored: int = 0
    not_stored: int = 0
    handled: int = 0
    retried: int = 0
    buried: int = 0
    leases_lost: int = 0
    answers_lost: int = 0
    inbox_troubles: int = 0
    faults: int = 0


_NAMES: dict[type, str] = {
    facts.LinkOpened: "opened",
    facts.LinkReady: "ready",
    facts.LinkRetired: "rotated",
    facts.LinkLost: "lost",
    facts.DialFailed: "dials_failed",
    facts.Gap: "gaps",
    facts.AckSent: "acked",
    facts.AckLate: "acked_late",
    facts.AckFailed: "acks_failed",
    facts.EnvelopeRefused: "refused",
    facts.Duplicate: "duplicates",
    facts.ListenerFailed: "listeners_failed",
    facts.MalformedFrame: "malformed",
    facts.UnknownMessage: "unknown",
    facts.BackPressure: "back_pressure",
    facts.EnvelopeStored: "stored",
    facts.NotStored: "not_stored",
    facts.Handled: "handled",
    facts.RetryPlanned: "retried",
    facts.Buried: "buried",
    facts.LeaseLost: "leases_lost",
    facts.AnswerLost: "answers_lost",
    facts.InboxTrouble: "inbox_troubles",
    facts.EngineFault: "faults",
}


@dataclass(slots=True)
class Counters:
    """An observer that counts, and keeps the last gap and the last lengths of time that storing took."""

    last_gap: facts.Gap | None = None
    _puts: deque[float] = field(default_factory=lambda: deque(maxlen=1000))
    _counts: dict[str, int] = field(default_factory=lambda: dict.fromkeys((f.name for f in fields(Counts)), 0))

    def __call__(self, fact: Fact) -> None:
        """Count `fact`."""
        if (name := _NAMES.get(type(fact))) is not None:
            self._counts[name] += 1
        if isinstance(fact, facts.AckSent):
            self._counts["acked_automatically"] += fact.is_automatic
            self._counts["acked_elsewhere"] += fact.is_elsewhere
        elif isinstance(fact, facts.Gap):
            self.last_gap = fact
        elif isinstance(fact, facts.EnvelopeStored):
            self._puts.append(fact.seconds)

    @property
    def slowest_put(self) -> float:
        """Seconds from the arrival of an envelope to its commit, the slowest of the last 1,000; 0 for none."""
        return max(self._puts, default=0.0)

    def counts(self) -> Counts:
        """The counts now."""
        return Counts(**self._counts)
