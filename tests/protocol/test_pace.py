from __future__ import annotations

import math
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tautwire.protocol.pace import CROWDED_WAIT, OPEN_BURST, OPEN_REFILL, Pace


class Always:
    """Chance that always falls on one end."""

    def __init__(self, share: float = 1.0) -> None:
        self.share = share

    def uniform(self, a: float, b: float, /) -> float:
        return a + (b - a) * self.share


def dial(pace: Pace, now: float) -> None:
    assert pace.earliest(now) == now
    pace.dialled(now)


def test_the_first_dial_waits_for_nothing() -> None:
    assert Pace(Always()).earliest(5.0) == 5.0


def test_failures_wait_longer_and_longer() -> None:
    pace, now, waits = Pace(Always()), 0.0, []
    for _ in range(8):
        pace.dialled(now)
        pace.failed(now)
        waits.append(pace.earliest(now) - now)
        now += 1_000.0
    assert waits == [1, 2, 4, 8, 16, 32, 60, 60]


def test_a_shorter_delay_never_shortens_a_longer_one() -> None:
    pace = Pace(Always())
    pace.rate_limited(0.0, 100.0)
    pace.failed(1.0)
    assert pace.earliest(1.0) == pytest.approx(110.0)


class TestTheFreeRedial:
    def test_the_first_loss_is_redialled_at_once(self) -> None:
        pace = Pace(Always())
        pace.lost(100.0, ready_at=10.0)
        assert pace.earliest(100.0) == 100.0

    def test_losses_before_its_dial_share_it(self) -> None:
        pace = Pace(Always())
        for _ in range(10):
            pace.lost(100.0, ready_at=10.0)
        assert pace.earliest(100.0) == 100.0

    def test_losses_of_the_same_blow_that_are_noticed_after_its_dial_share_it(self) -> None:
        pace = Pace(Always())
        pace.lost(100.0, ready_at=10.0)
        pace.dialled(100.0)
        for n in range(9):
            pace.lost(100.1 + n, ready_at=10.0 + n)
        assert pace.earliest(110.0) == 110.0

    def test_a_young_connection_that_is_lost_waits(self) -> None:
        pace = Pace(Always())
        pace.lost(100.0, ready_at=10.0)
        dial(pace, 100.0)
        pace.lost(105.0, ready_at=101.0)
        assert pace.earliest(105.0) == 106.0

    def test_there_is_none_after_a_failure(self) -> None:
        pace = Pace(Always())
        dial(pace, 0.0)
        pace.failed(0.0)
        dial(pace, 1.0)
        pace.lost(5.0, ready_at=2.0)
        assert pace.earliest(5.0) == 7.0, "the back-off goes on where it was"

    def test_stability_grants_a_new_one_and_clears_the_backoff(self) -> None:
        pace = Pace(Always())
        for n in range(5):
            pace.failed(float(n))
        pace.stable()
        pace.lost(500.0, ready_at=400.0)
        dial(pace, 500.0)
        pace.failed(500.0)
        assert pace.earliest(500.0) == 501.0

    def test_stability_shortens_no_wait_that_is_under_way(self) -> None:
        pace = Pace(Always())
        pace.rate_limited(0.0, 100.0)
        pace.stable()
        assert pace.earliest(0.0) == pytest.approx(110.0)


class TestARateLimit:
    @pytest.mark.parametrize(("said", "least"), [(12.0, 12.0), (None, 30.0)])
    def test_is_waited_out(self, said: float | None, least: float) -> None:
        pace = Pace(Always(0.0))
        pace.rate_limited(50.0, said)
        assert pace.earliest(50.0) == 50.0 + least
        assert pace.earliest(50.0 + least) == 50.0 + least

    def test_is_not_lifted_by_room(self) -> None:
        pace = Pace(Always(0.0))
        pace.rate_limited(50.0, 12.0)
        pace.made_room()
        assert pace.earliest(50.0) == 62.0


class TestTooMany:
    @pytest.mark.parametrize("share", [0.0, 0.5, 1.0])
    def test_stays_away_for_half_a_minute_to_a_minute(self, share: float) -> None:
        pace = Pace(Always(share))
        pace.crowded(10.0)
        assert pace.earliest(10.0) - 10.0 == CROWDED_WAIT[0] + 30.0 * share

    def test_room_of_our_own_ends_the_wait(self) -> None:
        pace = Pace(Always())
        pace.crowded(10.0)
        pace.made_room()
        assert pace.earliest(11.0) == 11.0


class TestPermits:
    def test_ten_at_once_then_ten_a_minute(self) -> None:
        pace, now, made = Pace(Always()), 0.0, []
        while now <= 60.0:
            pace.dialled(now)
            made.append(now)
            now = pace.earliest(now)
        assert made[:OPEN_BURST] == [0.0] * OPEN_BURST
        assert made[OPEN_BURST:] == pytest.approx([OPEN_REFILL * n for n in range(1, 11)])

    def test_rest_refills_no_more_than_ten(self) -> None:
        pace = Pace(Always())
        pace.dialled(0.0)
        for _ in range(OPEN_BURST):
            dial(pace, 100_000.0)
        assert pace.earliest(100_000.0) == pytest.approx(100_000.0 + OPEN_REFILL)

    @given(st.integers(0, 2**32), st.lists(st.floats(0, 30), min_size=1, max_size=60))
    def test_no_window_holds_more_than_a_burst_and_what_refills(self, seed: int, idle: list[float]) -> None:
        pace, now, made = Pace(random.Random(seed)), 0.0, []
        for seconds in idle:
            now += seconds
            while (at := pace.earliest(now)) > now:
                now = at
            pace.dialled(now)
            made.append(now)
        for n, start in enumerate(made):
            for count, end in enumerate(made[n:], 1):
                assert count <= OPEN_BURST + (end - start) / OPEN_REFILL + 1e-6


@given(st.integers(0, 2**32), st.lists(st.sampled_from(["failed", "lost", "limited", "crowded", "room", "stable"])))
def test_the_answer_is_finite_and_never_past(seed: int, events: list[str]) -> None:
    pace, now = Pace(random.Random(seed)), 0.0
    for event in events:
        now += 1.0
        match event:
            case "failed":
                pace.failed(now)
            case "lost":
                pace.lost(now, now - 0.5)
            case "limited":
                pace.rate_limited(now, math.inf)
            case "crowded":
                pace.crowded(now)
            case "room":
                pace.made_room()
            case "stable":
                pace.stable()
        assert now <= pace.earliest(now) <= now + 60.0 + 1e-9
