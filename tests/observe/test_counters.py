"""Facts counted."""

from __future__ import annotations

from dataclasses import asdict, fields
from typing import Any, get_args

import pytest

from tautwire import facts
from tautwire.observe.counters import Counters, Counts
from tautwire.protocol.effects import Cause, Departure

ERROR = ValueError("no")
ACK = facts.AckSent(1.0, "e1", "events_api", 0.1, 1, is_elsewhere=False, is_automatic=False)

COUNTED: list[tuple[Any, dict[str, int]]] = [
    (facts.LinkOpened(1.0, 1, 0.1), {"opened": 1}),
    (facts.LinkReady(1.0, 1, 0.1, 1, "A1", "host", 18060.0, 1), {"ready": 1}),
    (facts.LinkLeaving(1.0, 1, Departure.WARNING), {}),
    (facts.LinkRetired(1.0, 1, Departure.WARNING), {"rotated": 1}),
    (facts.LinkClosed(1.0, 1, Cause.RETIRED, 5.0), {}),
    (facts.LinkLost(1.0, 1, Cause.LOST, 5.0), {"lost": 1}),
    (facts.DialFailed(1.0, 1, ERROR), {"dials_failed": 1}),
    (facts.Gap(1.0, 0.0, 1.0, 1.0), {"gaps": 1}),
    (ACK, {"acked": 1}),
    (
        facts.AckSent(1.0, "e1", "events_api", 0.1, 1, is_elsewhere=True, is_automatic=False),
        {"acked": 1, "acked_elsewhere": 1},
    ),
    (
        facts.AckSent(1.0, "e1", "events_api", 0.1, 1, is_elsewhere=False, is_automatic=True),
        {"acked": 1, "acked_automatically": 1},
    ),
    (facts.AckLate(1.0, "e1", "events_api", 3.1), {"acked_late": 1}),
    (facts.AckFailed(1.0, "e1", "events_api", "why"), {"acks_failed": 1}),
    (facts.EnvelopeRefused(1.0, "e1", "events_api", "why"), {"refused": 1}),
    (facts.Duplicate(1.0, "e1", "events_api", 1), {"duplicates": 1}),
    (facts.ListenerFailed(1.0, "name", "e1", ERROR), {"listeners_failed": 1}),
    (facts.MalformedFrame(1.0, 1, "problem", 3), {"malformed": 1}),
    (facts.UnknownMessage(1.0, 1, "type"), {"unknown": 1}),
    (facts.BackPressure(1.0, 1, 0.5), {"back_pressure": 1}),
    (facts.InboxOpened(1.0, 3, 1, 0, ()), {}),
    (facts.Recovering(1.0, 3, 0), {}),
    (facts.EnvelopeStored(1.0, "e1", "events_api", 0.1), {"stored": 1}),
    (facts.NotStored(1.0, "e1", "events_api", "why"), {"not_stored": 1}),
    (facts.Handled(1.0, "e1", "events_api", 1, 0.1), {"handled": 1}),
    (facts.RetryPlanned(1.0, "e1", "events_api", 1, 2.0), {"retried": 1}),
    (facts.Buried(1.0, "e1", "events_api", 5, "why"), {"buried": 1}),
    (facts.LeaseLost(1.0, "e1", "events_api", 1), {"leases_lost": 1}),
    (facts.AnswerLost(1.0, "e1", "slash_commands"), {"answers_lost": 1}),
    (facts.InboxTrouble(1.0, "doing", ERROR), {"inbox_troubles": 1}),
    (facts.EngineFault(1.0, "where", ERROR), {"faults": 1}),
    (facts.Stopped(1.0, None), {}),
]


@pytest.mark.parametrize(("fact", "counted"), COUNTED, ids=lambda value: type(value).__name__)
def test_each_fact_counts_for_what_it_is(fact: Any, counted: dict[str, int]) -> None:
    counters = Counters()
    counters(fact)
    counters(fact)
    assert {name: count for name, count in asdict(counters.counts()).items() if count} == {
        name: 2 * count for name, count in counted.items()
    }


def test_no_fact_and_no_count_is_forgotten() -> None:
    assert {type(fact) for fact, _ in COUNTED} == set(get_args(facts.Fact))
    assert {name for _, counted in COUNTED for name in counted} == {field.name for field in fields(Counts)}


def test_nothing_has_happened_yet() -> None:
    assert (Counters().counts(), Counters().last_gap) == (Counts(), None)
    assert not any(asdict(Counts()).values())


def test_the_last_gap_is_kept() -> None:
    counters = Counters()
    for seconds in (1.0, 2.0):
        counters(facts.Gap(9.0, 0.0, seconds, seconds))
    assert counters.last_gap == facts.Gap(9.0, 0.0, 2.0, 2.0)


def test_counts_are_a_picture_and_clients_do_not_share_them() -> None:
    counters, others = Counters(), Counters()
    before = counters.counts()
    counters(ACK)
    assert (before.acked, counters.counts().acked, others.counts().acked) == (0, 1, 0)


def test_the_slowest_of_the_last_puts() -> None:
    counters = Counters()
    assert counters.slowest_put == 0
    for seconds in (0.5, *[0.01] * 999):
        counters(facts.EnvelopeStored(1.0, "e", "events_api", seconds))
    assert counters.slowest_put == 0.5
    counters(facts.EnvelopeStored(1.0, "e", "events_api", 0.02))
    assert counters.slowest_put == 0.02
