"""What an attempt comes to."""

from __future__ import annotations

import random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tautwire.delivery.verdict import LONGEST_PAUSE, SHORTEST_PAUSE, Bury, Done, Failure, Retry, judge, pause
from tautwire.inbox.api import Lease, Mode, Record

FAILED = Failure("it broke")


class Top:
    """Chance that always gives the most."""

    def uniform(self, a: float, b: float, /) -> float:
        return b


def lease(mode: Mode = Mode.AGAIN, attempt: int = 1) -> Lease:
    record = Record(key="k", type="events_api", envelope_id="e1", payload=b"{}", mode=mode)
    return Lease(id="1", record=record, owner="me", attempt=attempt, fence=attempt, until=60.0, stored_at=0.0)


def verdict(*failures: Failure, is_acked: bool = True, **which: Any) -> Any:
    return judge(failures, lease(**which), is_acked=is_acked, attempts=5, chance=Top())


@pytest.mark.parametrize("mode", Mode)
@pytest.mark.parametrize("attempt", [1, 5, 9])
def test_what_nobody_failed_at_is_done(mode: Mode, attempt: int) -> None:
    assert verdict(mode=mode, attempt=attempt) == Done()


def test_what_failed_is_tried_again_four_times_with_growing_pauses() -> None:
    assert [verdict(FAILED, attempt=attempt) for attempt in range(1, 5)] == [
        Retry(5.0, "it broke"),
        Retry(20.0, "it broke"),
        Retry(80.0, "it broke"),
        Retry(300.0, "it broke"),
    ]


@pytest.mark.parametrize("attempt", [5, 6])
def test_the_fifth_failure_is_the_last(attempt: int) -> None:
    assert verdict(FAILED, attempt=attempt) == Bury("it failed in its last attempt", "it broke")


def test_everybodys_failure_is_kept() -> None:
    assert verdict(FAILED, Failure("it broke, too")).error == "it broke\n\nit broke, too"


def test_what_answers_in_its_ack_has_one_chance() -> None:
    assert verdict(FAILED, mode=Mode.NEVER) == Bury(
        "it failed, and what answers in its ack is handled once", "it broke"
    )


def test_a_command_has_more_than_one_only_if_it_was_acked() -> None:
    assert isinstance(verdict(FAILED, mode=Mode.ONCE_ACKED), Retry)
    assert verdict(FAILED, mode=Mode.ONCE_ACKED, is_acked=False).reason.startswith("it was not acked")
    assert isinstance(verdict(FAILED, is_acked=False), Retry), "an event needs no ack for that"


def test_what_cannot_end_differently_is_not_tried_again() -> None:
    buried = verdict(FAILED, Failure("nobody wants it", is_final=True))
    assert isinstance(buried, Bury)
    assert "would not change" in buried.reason


@given(st.integers(1, 50), st.integers())
def test_a_pause_is_between_a_second_and_five_minutes(attempt: int, seed: int) -> None:
    assert SHORTEST_PAUSE <= pause(attempt, random.Random(seed)) <= LONGEST_PAUSE


def test_a_pause_is_full_of_jitter(seed: int) -> None:
    chance = random.Random(seed)
    pauses = [pause(4, chance) for _ in range(1000)]
    assert min(pauses) < 30 < 270 < max(pauses)
