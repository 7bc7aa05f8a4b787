"""The links' life in facts, and each gap once."""

from __future__ import annotations

from typing import Any

import pytest

from tautwire import facts
from tautwire.engine.report import Report
from tautwire.errors import DialError, InvalidTokenError
from tautwire.protocol.effects import Cause, Departure
from tautwire.protocol.messages import Hello


class Clock:
    now = 100.0

    def monotonic(self) -> float:
        return self.now

    def wall(self) -> float:
        return 1_000_000.0 + self.now

    async def sleep(self, seconds: float) -> None:
        raise NotImplementedError

    async def wait(self, event: Any, seconds: float) -> bool:
        raise NotImplementedError


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def told() -> list[Any]:
    return []


@pytest.fixture
def report(clock: Clock, told: list[Any]) -> Report:
    return Report(told.append, clock)


def test_opened_and_ready_count_from_the_dial(report: Report, clock: Clock, told: list[Any]) -> None:
    clock.now = 102.0
    report.opened(1, 100.0)
    clock.now = 103.0
    report.ready(1, Hello(3, "A1", "applink-1", 18060.0), 100.0, 2)
    assert told == [
        facts.LinkOpened(1_000_102.0, 1, 2.0),
        facts.LinkReady(1_000_103.0, 1, 3.0, 3, "A1", "applink-1", 18060.0, 2),
    ]


@pytest.mark.parametrize(
    ("cause", "is_replaced", "kind"),
    [
        (Cause.LOST, False, facts.LinkLost),
        (Cause.CLOSED, False, facts.LinkLost),
        (Cause.CLOSED, True, facts.LinkClosed),
        (Cause.SILENT, True, facts.LinkClosed),
        (Cause.RETIRED, False, facts.LinkClosed),
    ],
)
def test_what_was_replaced_or_given_up_is_not_lost(
    cause: Cause, is_replaced: bool, kind: type, report: Report, clock: Clock, told: list[Any]
) -> None:
    report.ended(1, cause, 90.0, 99.0, is_replaced=is_replaced)
    assert told == [kind(1_000_100.0, 1, cause, 10.0)]


def test_a_gap_is_told_once_when_it_is_over(report: Report, clock: Clock, told: list[Any]) -> None:
    report.ready(1, Hello(), 99.0, 1)
    report.ended(1, Cause.SILENT, 99.0, 105.0, is_replaced=False)
    clock.now = 110.0
    report.ready(2, Hello(), 109.0, 1)
    report.ready(3, Hello(), 109.0, 2)
    gaps = [fact for fact in told if isinstance(fact, facts.Gap)]
    assert gaps == [facts.Gap(1_000_110.0, 1_000_105.0, 1_000_110.0, 5.0)]
    assert isinstance(told[-2], facts.LinkReady), "the gap comes before the word that ends it"


def test_an_end_by_intent_begins_no_gap_and_ends_one(report: Report, clock: Clock, told: list[Any]) -> None:
    report.ready(1, Hello(), 100.0, 1)
    report.ending()
    report.ended(1, Cause.RETIRED, 100.0, 100.0, is_replaced=False)
    clock.now = 200.0
    report.ready(2, Hello(), 200.0, 1)
    assert [fact for fact in told if isinstance(fact, facts.Gap)] == []
    report.ended(2, Cause.LOST, 200.0, 200.0, is_replaced=False)
    clock.now = 207.0
    report.stopped(None)
    assert told[-2:] == [
        facts.Gap(1_000_207.0, 1_000_200.0, 1_000_207.0, 7.0),
        facts.Stopped(1_000_207.0, None),
    ]


def test_the_rest_is_passed_on(report: Report, told: list[Any]) -> None:
    failure, fatal, fault = DialError("no"), InvalidTokenError("no", code="x"), ValueError()
    report.leaving(1, Departure.WARNING)
    report.retired(1, Departure.WARNING)
    report.failed(2, failure)
    report.fault("somewhere", fault)
    report.stopped(fatal)
    assert told == [
        facts.LinkLeaving(1_000_100.0, 1, Departure.WARNING),
        facts.LinkRetired(1_000_100.0, 1, Departure.WARNING),
        facts.DialFailed(1_000_100.0, 2, failure),
        facts.EngineFault(1_000_100.0, "somewhere", fault),
        facts.Stopped(1_000_100.0, fatal),
    ]
