"""Who could have kept what: each rule of the scoreboard by a record that only it decides."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest

from tautwire.cli.course import Record
from tautwire.cli.scoreboard import DROP_PATIENCE, HALF_OPEN_PATIENCE, IN_FLIGHT, Score, score
from tautwire.cli.timetable import Trouble
from tautwire.cli.watch import Blame, Gap
from tautwire.local import Attempt, Delivery, State

NOW = 100.0


def attempt(
    at: float = NOW, connection: str | None = "c1", *, acked_after: float | None = None, is_expired: bool = True
) -> Attempt:
    made = Attempt(0, "e", connection, at, at + 3)
    if acked_after is not None:
        made.acked_at = at + acked_after
        made.is_in_time = acked_after <= 3
    made.is_expired = is_expired and not made.is_in_time
    return made


def command(*attempts: Attempt, state: State = State.LOST) -> Delivery:
    made = Delivery("slash_commands", "/deploy", "", {}, True, NOW, envelope_id="e", state=state)
    made.attempts.extend(attempts)
    return made


def event(*attempts: Attempt, state: State = State.LOST) -> Delivery:
    made = Delivery("events_api", "message", "Ev1", {}, False, NOW, envelope_id="e", state=state)
    made.attempts.extend(attempts)
    return made


def judge(*deliveries: Delivery, **more: Any) -> Score:
    known: dict[str, Any] = {
        "client": "a client 1.0",
        "seconds": 30.0,
        "was_stopped": False,
        "handled": Counter({"e": 1, "Ev1": 1}),
        "cuts": {},
        "gaps": [],
        "opens": 1,
        "accepted": 1,
        "struck": Counter(),
    }
    return score(Record(deliveries=list(deliveries), **(known | more)))


def fate(delivery: Delivery, **more: Any) -> str:
    found = judge(delivery, **more)
    counts = {name: getattr(found, name) for name in ("kept", "missed", "swallowed", "nobody", "awaited")}
    assert sum(counts.values()) == found.sent == 1
    return next(name for name, count in counts.items() if count)


@pytest.mark.parametrize("make", [command, event])
def test_acked_and_handled_is_kept(make: Any) -> None:
    assert fate(make(attempt(acked_after=0.1), state=State.ACKED)) == "kept"


@pytest.mark.parametrize("make", [command, event])
def test_acked_and_never_handled_is_missed(make: Any) -> None:
    assert fate(make(attempt(acked_after=0.1), state=State.ACKED), handled=Counter()) == "missed"


@pytest.mark.parametrize("make", [command, event])
def test_unacked_on_a_living_connection_is_missed(make: Any) -> None:
    assert fate(make(attempt())) == "missed"


def test_late_is_missed_and_counted_as_late() -> None:
    found = judge(command(attempt(acked_after=4), state=State.LATE))
    assert (found.missed, found.late, found.is_clean) == (1, 1, False)


@pytest.mark.parametrize(
    ("after_the_cut", "expected"),
    [
        (-IN_FLIGHT - 0.01, "missed"),
        (-IN_FLIGHT + 0.01, "swallowed"),
        (0.0, "swallowed"),
        (HALF_OPEN_PATIENCE - 1, "swallowed"),
        (HALF_OPEN_PATIENCE + 1, "missed"),
    ],
)
def test_what_a_cut_swallows(after_the_cut: float, expected: str) -> None:
    assert fate(command(attempt()), cuts={"c1": NOW - after_the_cut}) == expected


def test_the_cut_of_another_connection_excuses_nothing() -> None:
    assert fate(command(attempt()), cuts={"c2": NOW}) == "missed"


@pytest.mark.parametrize(
    ("blame", "since", "expected"),
    [
        (Blame.DROP, NOW - 1, "nobody"),
        (Blame.DROP, NOW - DROP_PATIENCE - 0.1, "missed"),
        (Blame.DROP, NOW + 1, "missed"),
        (Blame.HALF_OPEN, NOW - DROP_PATIENCE - 1, "nobody"),
        (Blame.HALF_OPEN, NOW - HALF_OPEN_PATIENCE - 1, "missed"),
        (Blame.REFRESH, NOW - 0.01, "missed"),
        (Blame.REFRESH, NOW + 0.01, "missed"),
        (Blame.CLIENT, NOW - 0.01, "missed"),
    ],
)
def test_nobody_connected(blame: Blame, since: float, expected: str) -> None:
    assert fate(command(attempt(connection=None)), gaps=[Gap(since, NOW + 9, blame)]) == expected


def test_the_gap_that_counts_is_the_last_one_begun() -> None:
    gaps = [Gap(NOW - 3, NOW - 2, Blame.DROP), Gap(NOW - 1, NOW + 1, Blame.REFRESH), Gap(NOW + 5, NOW + 6, Blame.DROP)]
    assert fate(command(attempt(connection=None)), gaps=gaps) == "missed"


def test_nobody_without_a_gap_is_missed() -> None:
    assert fate(command(attempt(connection=None))) == "missed"


def test_an_event_is_kept_by_its_redelivery() -> None:
    found = judge(event(attempt(), attempt(NOW + 4, acked_after=0.1), state=State.ACKED), cuts={"c1": NOW})
    assert (found.kept, found.redelivered) == (1, 1)


def test_an_event_needs_an_excuse_for_each_attempt() -> None:
    twice = (attempt(), attempt(NOW + 4, "c2"))
    assert fate(event(*twice), cuts={"c1": NOW}) == "missed"
    assert fate(event(*twice), cuts={"c1": NOW, "c2": NOW + 4}) == "swallowed"


def test_an_event_with_redeliveries_left_is_awaited() -> None:
    assert fate(event(attempt(), state=State.SENT), cuts={"c1": NOW}) == "awaited"
    assert fate(event(attempt(), state=State.SENT)) == "missed"


def test_what_is_under_way_at_the_end_is_awaited() -> None:
    assert fate(command(attempt(is_expired=False), state=State.SENT)) == "awaited"


def test_handled_twice() -> None:
    assert judge(handled=Counter({"a": 1, "b": 2, "c": 3})).twice == 2


def test_latencies_are_of_acks_in_time() -> None:
    quick = [command(attempt(acked_after=n / 100), state=State.ACKED) for n in range(1, 101)]
    found = judge(*quick, command(attempt(acked_after=5), state=State.LATE))
    assert found.latency_p50 == pytest.approx(0.51)
    assert found.latency_p99 == pytest.approx(1.0)
    assert found.latency_max == pytest.approx(1.0)


def test_gaps_by_blame() -> None:
    gaps = [
        Gap(1, 2, Blame.DROP),
        Gap(3, 6, Blame.DROP),
        Gap(10, 10.5, Blame.REFRESH),
        Gap(20, 31, Blame.HALF_OPEN),
        Gap(40, 40.25, Blame.CLIENT),
    ]
    without = judge(gaps=gaps).without_connection
    assert (without.drop, without.refresh, without.half_open, without.unasked) == (3, 0.5, 11, 0.25)
    assert (without.total, without.longest) == (15.75, 11)


def test_the_plain_counts() -> None:
    found = judge(
        command(attempt(acked_after=1), state=State.ACKED),
        event(attempt(acked_after=1), state=State.ACKED),
        event(attempt(acked_after=1), state=State.ACKED),
        opens=7,
        accepted=6,
        struck=Counter({Trouble.DROP: 2}),
    )
    assert found.sent_by_type == {"event": 2, "command": 1, "click": 0}
    assert (found.opens, found.connections, found.is_clean) == (7, 6, True)
    assert found.faults == {"refresh": 0, "drop": 2, "half-open": 0, "rate-limit": 0}
