"""The figures of a run, and the verdict. Pure: a record in, numbers out.

What a client *could have kept*, precisely. An envelope is kept when it was acked in time, in any of its attempts, and
the app did its work for it. One that was not kept could have been, unless each of its attempts is excused. An
attempt is excused when no client could have acked it:

- *swallowed*: it was put on a connection that was half-open, or dropped, at that moment or within `IN_FLIGHT` after
  it: it, or its ack, was under way and lost. A half-open connection excuses for `HALF_OPEN_PATIENCE`, which is the
  time to notice it and let go of it; who clings to it longer loses by his own doing.
- *nobody*: no connection was there, because the last one was dropped, or found half-open, at most `DROP_PATIENCE`
  before. Nobody connected during a planned refresh excuses nothing: that is what the announcement is for.
- *awaited*: it is not over. Its three seconds still run.

An event whose attempts are all excused, and for which Slack has attempts left, counts as awaited at the end of a run.
Every envelope is in exactly one of `kept`, `missed`, `swallowed`, `nobody`, `awaited`.
"""

from __future__ import annotations

import enum
from collections import Counter
from typing import TYPE_CHECKING, Final

import msgspec

from tautwire.cli.timetable import Kind, Trouble
from tautwire.cli.watch import Blame
from tautwire.local import State

if TYPE_CHECKING:
    from tautwire.cli.course import Record
    from tautwire.cli.watch import Gap
    from tautwire.local import Attempt, Delivery

__all__ = ["DROP_PATIENCE", "HALF_OPEN_PATIENCE", "IN_FLIGHT", "Fate", "Gaps", "Score", "score"]

#: Seconds before a connection's death in which an envelope, or its ack, may have been under way.
IN_FLIGHT: Final = 0.1
#: Seconds after a loss by which a client has to be back: a back-off of four, and the dial.
DROP_PATIENCE: Final = 5.0
#: Seconds after which a half-open connection must be known as such, and let go: four pings of five seconds' distance,
#: which is also slack_sdk's measure, and a second for the rest.
HALF_OPEN_PATIENCE: Final = 21.0
#: Seconds by which the watch may be late to notice that nobody is connected.
_NOTICE: Final = 0.05

_PATIENCE: Final = {
    Blame.REFRESH: 0.0 - _NOTICE,
    Blame.CLIENT: 0.0 - _NOTICE,
    Blame.DROP: DROP_PATIENCE,
    Blame.HALF_OPEN: HALF_OPEN_PATIENCE,
}


class Fate(enum.Enum):
    """What became of an envelope; the module says what each means. `MISSED`: it could have been kept."""

    KEPT = "kept"
    MISSED = "missed"
    SWALLOWED = "swallowed"
    NOBODY = "nobody"
    AWAITED = "awaited"


class Gaps(msgspec.Struct, frozen=True, kw_only=True):
    """The longest time without a ready connection after each kind of trouble, and all such times together; seconds."""

    refresh: float
    drop: float
    half_open: float
    unasked: float
    total: float

    @property
    def longest(self) -> float:
        """Whatever the reason."""
        return max(self.refresh, self.drop, self.half_open, self.unasked)


class Score(msgspec.Struct, frozen=True, kw_only=True):
    """A client's figures. Latencies in seconds, from Slack's sending to Slack's reading of an ack in time.

    `sent` = `kept` + `missed` + `swallowed` + `nobody` + `awaited`. `late` are those of `missed` that were acked after
    three seconds. `twice`: the app did its work more than once. `redelivered`: Slack had to send it again.
    `opens`: calls of `apps.connections.open`. `faults`: how many of each found a connection to strike.
    """

    client: str
    seconds: float
    sent: int
    sent_by_type: dict[str, int]
    kept: int
    missed: int
    late: int
    swallowed: int
    nobody: int
    awaited: int
    twice: int
    redelivered: int
    latency_p50: float
    latency_p99: float
    latency_max: float
    without_connection: Gaps
    opens: int
    connections: int
    faults: dict[str, int]

    @property
    def is_clean(self) -> bool:
        """Whether nothing was lost that could have been kept."""
        return self.missed == 0


def score(record: Record) -> Score:
    """The figures of `record`."""
    fates = [_fate(delivery, record) for delivery in record.deliveries]
    counts = Counter(fates)
    missed = [delivery for delivery, fate in zip(record.deliveries, fates, strict=True) if fate is Fate.MISSED]
    latencies = sorted(_latencies(record.deliveries))
    types = Counter(delivery.type for delivery in record.deliveries)
    return Score(
        client=record.client,
        seconds=round(record.seconds, 3),
        sent=len(record.deliveries),
        sent_by_type={kind.name.lower(): types[kind.value] for kind in Kind},
        kept=counts[Fate.KEPT],
        missed=counts[Fate.MISSED],
        late=sum(delivery.state is State.LATE for delivery in missed),
        swallowed=counts[Fate.SWALLOWED],
        nobody=counts[Fate.NOBODY],
        awaited=counts[Fate.AWAITED],
        twice=sum(runs > 1 for runs in record.handled.values()),
        redelivered=sum(len(delivery.attempts) > 1 for delivery in record.deliveries),
        latency_p50=_percentile(latencies, 0.50),
        latency_p99=_percentile(latencies, 0.99),
        latency_max=latencies[-1] if latencies else 0.0,
        without_connection=_without(record.gaps),
        opens=record.opens,
        connections=record.accepted,
        faults={trouble.value: record.struck[trouble] for trouble in Trouble},
    )


def _fate(delivery: Delivery, record: Record) -> Fate:
    if delivery.state is State.ACKED:
        return Fate.KEPT if record.handled[delivery.event_id or delivery.envelope_id] else Fate.MISSED
    excuses = [_excuse(attempt, record) for attempt in delivery.attempts]
    if None in excuses:
        return Fate.MISSED
    return Fate.AWAITED if delivery.state is State.SENT else excuses[-1] or Fate.MISSED


def _excuse(attempt: Attempt, record: Record) -> Fate | None:
    """Why nobody could have acked this attempt; `None` when somebody could have."""
    if attempt.connection_id is None:
        return Fate.NOBODY if _was_just_lost(attempt.sent_at, record.gaps) else None
    cut = record.cuts.get(attempt.connection_id)
    if cut is not None and -IN_FLIGHT <= attempt.sent_at - cut <= HALF_OPEN_PATIENCE:
        return Fate.SWALLOWED
    return None if attempt.is_expired or attempt.acked_at is not None else Fate.AWAITED


def _was_just_lost(at: float, gaps: list[Gap]) -> bool:
    """Whether `at` lies in a gap that no announcement preceded, and early enough in it."""
    begun = [gap for gap in gaps if gap.since <= at + _NOTICE]
    return bool(begun) and at - begun[-1].since <= _PATIENCE[begun[-1].blame]


def _latencies(deliveries: list[Delivery]) -> list[float]:
    return [
        attempt.latency
        for delivery in deliveries
        for attempt in delivery.attempts
        if attempt.is_in_time and attempt.latency is not None
    ]


def _percentile(ordered: list[float], share: float) -> float:
    return ordered[min(len(ordered) - 1, int(len(ordered) * share))] if ordered else 0.0


def _without(gaps: list[Gap]) -> Gaps:
    def longest(blame: Blame) -> float:
        return max((gap.seconds for gap in gaps if gap.blame is blame), default=0.0)

    return Gaps(
        refresh=longest(Blame.REFRESH),
        drop=longest(Blame.DROP),
        half_open=longest(Blame.HALF_OPEN),
        unasked=longest(Blame.CLIENT),
        total=sum(gap.seconds for gap in gaps),
    )
