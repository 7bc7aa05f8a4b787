from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tautwire.protocol.liveness import PONG_DEADLINE, QUICK_PONG_DEADLINE, Liveness, Verdict, silence_limit


def watch(liveness: Liveness, since: float, until: float) -> tuple[dict[Verdict, float], list[float]]:
    """Look as often as `next_check` asks; when each verdict first came, and when pings were sent."""
    seen: dict[Verdict, float] = {}
    pings = []
    now = since
    while now <= until:
        seen.setdefault(liveness.judge(now), now)
        if liveness.takes_ping(now):
            pings.append(now)
        following = liveness.next_check(now)
        assert following > now, "a watch that does not move on would spin"
        now = following
    return seen, pings


@pytest.mark.parametrize(("interval", "limit"), [(0.5, 15.0), (3.75, 15.0), (5.0, 20.0), (10.0, 40.0), (60.0, 240.0)])
def test_the_limit_of_silence(interval: float, limit: float) -> None:
    assert silence_limit(interval) == limit


@pytest.mark.parametrize("interval", [0.5, 1.0, 5.0, 10.0, 60.0])
def test_silence_is_suspect_when_a_ping_is_overdue_and_dead_at_its_limit(interval: float) -> None:
    liveness = Liveness(interval, 100.0)
    liveness.takes_ping(100.0)
    liveness.heard(100.5)
    liveness.next_check(100.5)
    seen, pings = watch(liveness, 100.5, 100.5 + silence_limit(interval))
    assert seen[Verdict.SUSPECT] == 100.0 + interval + QUICK_PONG_DEADLINE
    assert seen[Verdict.DEAD] == 100.5 + silence_limit(interval)
    assert pings[:2] == [100.0 + interval, 100.0 + 2 * interval]


def test_by_default_suspicion_comes_within_fifteen_seconds() -> None:
    seen, _ = watch(Liveness(5.0, 0.0), 0.0, 30.0)
    assert seen[Verdict.SUSPECT] <= 15.0
    assert seen[Verdict.DEAD] == 20.0


@given(st.floats(0.1, 120), st.floats(0, 1e6))
def test_no_live_peer_is_accused(interval: float, start: float) -> None:
    liveness, now = Liveness(interval, start), start
    for _ in range(50):
        assert liveness.judge(now) is Verdict.ALIVE
        if liveness.takes_ping(now):
            liveness.heard(now + 0.05)
        now = max(liveness.next_check(now), now + 0.05)


def test_any_frame_is_life() -> None:
    liveness = Liveness(5.0, 0.0)
    for second in range(120):
        liveness.heard(float(second))
        liveness.takes_ping(float(second))
        liveness.next_check(float(second))
        assert liveness.judge(float(second)) is Verdict.ALIVE
    assert liveness.last_heard == 119.0


def test_suspicion_may_pass() -> None:
    liveness = Liveness(5.0, 0.0)
    liveness.takes_ping(0.0)
    liveness.next_check(9.5)
    assert liveness.judge(10.0) is Verdict.SUSPECT
    liveness.heard(10.1)
    assert liveness.judge(10.2) is Verdict.ALIVE


def test_pings_keep_their_interval() -> None:
    _, pings = watch(Liveness(5.0, 0.0), 0.0, 18.0)
    assert pings == [0.0, 5.0, 10.0, 15.0]


class TestABlockedLoop:
    """Time during which nobody looked is not silence."""

    def test_accuses_nobody(self) -> None:
        liveness = Liveness(5.0, 0.0)
        liveness.takes_ping(0.0)
        assert liveness.next_check(0.0) == 5.0
        assert liveness.judge(300.0) is Verdict.ALIVE

    def test_does_not_save_the_dead(self) -> None:
        liveness = Liveness(5.0, 0.0)
        liveness.takes_ping(0.0)
        liveness.next_check(0.0)
        seen, _ = watch(liveness, 300.0, 330.0)
        assert seen[Verdict.SUSPECT] == 305.0, "five seconds of silence were seen before the blockade"
        assert seen[Verdict.DEAD] == 315.0

    def test_a_second_is_a_tick_like_any_other(self) -> None:
        liveness = Liveness(5.0, 0.0)
        liveness.next_check(0.0)
        liveness.judge(6.0)
        assert liveness.last_heard == 0.0

    def test_what_was_read_at_its_end_was_not_heard_in_the_future(self) -> None:
        liveness = Liveness(5.0, 0.0)
        liveness.takes_ping(0.0)
        liveness.next_check(0.0)
        liveness.heard(300.0)
        liveness.judge(300.1)
        assert liveness.last_heard <= 300.1
        seen, _ = watch(liveness, 300.1, 330.0)
        assert seen[Verdict.DEAD] <= 320.1

    def test_a_ping_of_its_last_moment_is_not_unanswered_in_the_future(self) -> None:
        liveness = Liveness(5.0, 0.0)
        liveness.takes_ping(0.0)
        liveness.heard(0.1)
        liveness.next_check(0.1)
        liveness.heard(299.0)
        liveness.takes_ping(300.0)
        assert liveness.judge(300.0) is Verdict.ALIVE
        liveness.next_check(300.0)
        liveness.next_check(309.0)
        assert liveness.judge(310.0) is Verdict.SUSPECT

    def test_with_no_ping_under_way_there_is_none_to_forgive(self) -> None:
        liveness = Liveness(5.0, 0.0)
        liveness.takes_ping(0.0)
        liveness.heard(0.1)
        assert liveness.next_check(0.1) == 5.0
        assert liveness.judge(100.0) is Verdict.ALIVE
        assert liveness.last_heard == pytest.approx(95.1)


class TestBackPressure:
    """A pause of our own is not silence either."""

    def test_pauses_the_judgement(self) -> None:
        liveness = Liveness(5.0, 0.0)
        liveness.takes_ping(0.0)
        liveness.pause()
        seen, _ = watch(liveness, 0.0, 600.0)
        assert set(seen) == {Verdict.ALIVE}

    def test_the_count_starts_over_after_it(self) -> None:
        liveness = Liveness(5.0, 0.0)
        liveness.takes_ping(0.0)
        liveness.pause()
        watch(liveness, 0.0, 100.0)
        liveness.resume(100.0)
        assert liveness.judge(100.0) is Verdict.ALIVE
        liveness.next_check(100.0)
        seen, _ = watch(liveness, 100.0, 130.0)
        assert seen[Verdict.DEAD] == 120.0


def test_the_next_check_is_the_first_thing_that_can_change() -> None:
    liveness = Liveness(7.0, 0.0)
    assert liveness.next_check(0.0) == 28.0, "before the first ping only the limit"
    liveness.takes_ping(0.0)
    assert liveness.next_check(0.0) == 7.0
    assert liveness.next_check(8.0) == 10.0, "the pong's deadline, with the ping already due"
    assert liveness.next_check(50.0) == 57.0, "everything is overdue: look again in one interval"


@pytest.mark.parametrize(
    ("answers", "deadline"),
    [
        ([], PONG_DEADLINE),
        ([0.1], QUICK_PONG_DEADLINE),
        ([1.25], QUICK_PONG_DEADLINE),
        ([2.0], 8.0),
        ([2.0, 0.1], 8.0),
        ([2.5], PONG_DEADLINE),
        ([9.0], PONG_DEADLINE),
    ],
)
def test_the_pong_deadline_is_four_times_the_slowest_answer_within_its_bounds(
    answers: list[float], deadline: float
) -> None:
    liveness, now = Liveness(5.0, 0.0), 0.0
    for seconds in answers:
        assert liveness.takes_ping(now)
        liveness.heard(now + seconds)
        now += 10.0
    assert liveness.pong_deadline == pytest.approx(deadline)


def test_a_connection_that_always_answers_slowly_is_not_doubted() -> None:
    liveness, now = Liveness(5.0, 0.0), 0.0
    for _ in range(50):
        liveness.takes_ping(now)
        for step in range(1, 8):
            liveness.next_check(now + step - 1)
            assert liveness.judge(now + step) is Verdict.ALIVE
        liveness.heard(now + 7.0)
        now += 7.5


def test_a_pause_of_our_own_says_nothing_about_the_speed_of_the_peer() -> None:
    liveness = Liveness(5.0, 0.0)
    liveness.takes_ping(0.0)
    liveness.pause()
    liveness.resume(9.0)
    assert liveness.pong_deadline == PONG_DEADLINE
