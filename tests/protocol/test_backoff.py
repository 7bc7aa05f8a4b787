from __future__ import annotations

import itertools
import math
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tautwire.protocol.backoff import CAP, FLOOR, RATE_LIMIT_DEFAULT, delays, rate_limit_delay


class Always:
    """Chance that always falls on one end, and remembers what it was asked."""

    def __init__(self, share: float) -> None:
        self.share = share
        self.asked: list[tuple[float, float]] = []

    def uniform(self, a: float, b: float, /) -> float:
        self.asked.append((a, b))
        return a + (b - a) * self.share


def test_the_bound_doubles_up_to_a_minute() -> None:
    assert list(itertools.islice(delays(Always(1.0)), 9)) == [1, 2, 4, 8, 16, 32, 60, 60, 60]


def test_the_jitter_is_full() -> None:
    chance = Always(0.5)
    assert list(itertools.islice(delays(chance), 3)) == [0.5, 1.0, 2.0]
    assert chance.asked == [(0.0, 1.0), (0.0, 2.0), (0.0, 4.0)]


def test_a_lucky_draw_is_still_a_wait() -> None:
    assert list(itertools.islice(delays(Always(0.0)), 4)) == [FLOOR] * 4


def test_a_new_stream_begins_at_the_beginning() -> None:
    chance = Always(1.0)
    first = delays(chance)
    assert [next(first), next(first), next(delays(chance))] == [1, 2, 1]


@given(st.integers(0, 2**32), st.integers(1, 200))
def test_every_delay_is_within_its_bounds(seed: int, attempts: int) -> None:
    for n, delay in enumerate(itertools.islice(delays(random.Random(seed)), attempts)):
        assert FLOOR <= delay <= max(FLOOR, min(CAP, 2.0**n))


@pytest.mark.parametrize(
    ("retry_after", "base"),
    [
        (None, RATE_LIMIT_DEFAULT),
        (0.0, 0.0),
        (7.0, 7.0),
        (3600.0, 3600.0),
        (-5.0, 0.0),
        (math.inf, RATE_LIMIT_DEFAULT),
        (math.nan, RATE_LIMIT_DEFAULT),
    ],
)
def test_a_rate_limit_is_waited_out_and_up_to_a_tenth_more(retry_after: float | None, base: float) -> None:
    assert rate_limit_delay(retry_after, Always(0.0)) == base
    assert rate_limit_delay(retry_after, Always(1.0)) == pytest.approx(base * 1.1)


@given(st.floats(0, 1e6), st.integers(0, 2**32))
def test_never_less_than_what_slack_said(retry_after: float, seed: int) -> None:
    assert retry_after <= rate_limit_delay(retry_after, random.Random(seed)) <= retry_after * 1.1 + 1e-6
