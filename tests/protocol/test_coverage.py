from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tautwire.protocol.coverage import Coverage, Uncovered

Step = tuple[str, str, float]


def gaps_of(steps: list[Step]) -> list[tuple[float, float]]:
    coverage: Coverage[str] = Coverage()
    found = []
    for what, key, moment in steps:
        gap = coverage.ready(key, moment) if what == "ready" else coverage.ended(key, moment)
        if gap is not None:
            found.append((gap.since, gap.until))
    return found


def test_before_the_first_connection_nothing_is_missed() -> None:
    assert gaps_of([("ready", "a", 100.0)]) == []


def test_a_gap_lasts_from_the_loss_to_the_next_hello() -> None:
    assert gaps_of([("ready", "a", 1.0), ("ended", "a", 10.0), ("ready", "b", 12.5)]) == [(10.0, 12.5)]
    assert Uncovered(10.0, 12.5).seconds == 2.5


def test_a_successor_in_time_leaves_no_gap() -> None:
    assert gaps_of([("ready", "a", 1.0), ("ready", "b", 9.0), ("ended", "a", 10.0), ("ended", "b", 11.0)]) == []


def test_a_successor_at_the_very_moment_leaves_no_gap() -> None:
    assert gaps_of([("ready", "a", 1.0), ("ended", "a", 9.0), ("ready", "b", 9.0)]) == []


def test_silence_counts_from_the_last_frame_not_from_its_discovery() -> None:
    steps = [("ready", "a", 0.0), ("ready", "b", 65.5), ("ended", "a", 50.0)]
    assert gaps_of(steps) == [(50.0, 65.5)]


def test_silence_while_another_listened_is_no_gap() -> None:
    assert gaps_of([("ready", "a", 0.0), ("ready", "b", 1.0), ("ended", "a", 50.0), ("ready", "c", 60.0)]) == []


def test_one_stretch_is_one_gap_however_many_were_lost_in_it() -> None:
    steps = [
        ("ready", "a", 0.0),
        ("ready", "b", 1.0),
        ("ended", "a", 10.0),
        ("ended", "b", 10.2),
        ("ready", "c", 13.0),
        ("ready", "d", 14.0),
    ]
    assert gaps_of(steps) == [(10.2, 13.0)]


def test_each_stretch_is_a_gap_of_its_own() -> None:
    steps = [("ready", "a", 0.0), ("ended", "a", 5.0), ("ready", "b", 6.0), ("ended", "b", 8.0), ("ready", "c", 9.0)]
    assert gaps_of(steps) == [(5.0, 6.0), (8.0, 9.0)]


def test_a_successor_that_went_before_the_silent_one_was_noticed_hides_no_gap() -> None:
    steps = [("ready", "a", 0.0), ("ready", "b", 65.5), ("ended", "b", 68.0), ("ended", "a", 50.0)]
    assert gaps_of([*steps, ("ready", "c", 69.0)]) == [(50.0, 65.5), (68.0, 69.0)]


def test_two_gaps_that_come_to_light_at_once_are_both_told() -> None:
    steps = [
        ("ready", "a", 0.0),
        ("ready", "b", 60.0),
        ("ended", "b", 65.0),
        ("ready", "c", 67.0),
        ("ended", "c", 68.0),
        ("ended", "a", 50.0),
        ("ready", "d", 70.0),
        ("ended", "d", 71.0),
    ]
    assert gaps_of(steps) == [(50.0, 60.0), (65.0, 67.0), (68.0, 70.0)]


def test_the_end_of_one_that_was_never_ready_says_nothing() -> None:
    assert gaps_of([("ended", "a", 5.0), ("ready", "b", 9.0)]) == []
    assert gaps_of([("ready", "b", 1.0), ("ended", "a", 5.0), ("ended", "b", 6.0), ("ended", "b", 7.0)]) == []


@pytest.mark.parametrize(
    ("steps", "expected"),
    [
        ([], []),
        ([("ready", "a", 1.0)], []),
        ([("ready", "a", 1.0), ("ended", "a", 5.0)], [Uncovered(5.0, 9.0)]),
        ([("ready", "a", 0.0), ("ready", "b", 2.0), ("ended", "b", 5.0)], []),
        (
            [
                *[("ready", "a", 0.0), ("ready", "b", 3.0), ("ended", "b", 4.0), ("ready", "c", 5.0)],
                *[("ended", "c", 6.0), ("ready", "d", 7.0), ("ended", "d", 8.0), ("ended", "a", 2.0)],
            ],
            [Uncovered(4.0, 5.0), Uncovered(6.0, 7.0), Uncovered(8.0, 9.0)],
        ),
    ],
    ids=["never ready", "still ready", "dark", "one of two", "several at once"],
)
def test_stopping_closes_the_open_gap(steps: list[Step], expected: list[Uncovered]) -> None:
    coverage: Coverage[str] = Coverage()
    for what, key, moment in steps:
        if what == "ready":
            coverage.ready(key, moment)
        else:
            coverage.ended(key, moment)
    assert list(coverage.stopped(9.0)) == expected
    assert coverage.ended("a", 10.0) is None
    assert coverage.ready("z", 20.0) is None, "time while nobody wanted to listen is no gap"


@st.composite
def lives(draw: st.DrawFn) -> list[tuple[float, float, float]]:
    """For each connection: ready at, good until, noticed at."""
    moments = st.integers(0, 200).map(float)
    found = []
    for _ in range(draw(st.integers(1, 8))):
        since = draw(moments)
        good = since + draw(st.integers(0, 40))
        found.append((since, good, good + draw(st.integers(0, 20))))
    return found


@given(lives())
def test_gaps_are_exactly_what_no_connection_covered(drawn: list[tuple[float, float, float]]) -> None:
    # The sentinel is ready after everything, so that every gap has an end.
    events: list[tuple[float, int, str, int, float]] = [(1_000.0, 1, "ready", -1, 1_000.0)]
    for key, (since, good, noticed) in enumerate(drawn):
        events += [(since, 0, "ready", key, since), (noticed, 1, "ended", key, good)]
    coverage: Coverage[int] = Coverage()
    found: list[Uncovered | None] = []
    for _, _, what, key, moment in sorted(events):
        found.append(coverage.ready(key, moment) if what == "ready" else coverage.ended(key, moment))
    # Whatever came to light together with another one is told by the calls that follow.
    found += [coverage.ended(-1, 1_000.0), *(coverage.ready(1_000 + n, 1_000.0) for n in range(10))]

    start = min(since for since, _, _ in drawn)
    dark = {
        moment
        for moment in range(int(start), 1_000)
        if not any(since <= moment < good for since, good, _ in drawn)
    }  # fmt: skip
    told = [gap for gap in found if gap is not None]
    assert {moment for gap in told for moment in range(int(gap.since), int(gap.until))} == dark
    assert sum(gap.seconds for gap in told) == len(dark), "no stretch is told twice"
