"""The timetable is the same for the same numbers, and what it holds is what was asked for."""

from __future__ import annotations

from collections import Counter

import pytest

from tautwire.cli.timetable import PRESETS, Kind, Sending, Strike, Trouble, parse_faults, timetable
from tautwire.errors import ConfigurationError

STORM = PRESETS["storm"]


def test_the_same_seed_gives_the_same_run(seed: int) -> None:
    assert timetable(30, 40, STORM, seed) == timetable(30, 40, STORM, seed)
    assert timetable(30, 40, STORM, seed).sendings != timetable(30, 40, STORM, seed + 1).sendings


def test_faults_do_not_change_the_traffic(seed: int) -> None:
    assert timetable(30, 40, STORM, seed).sendings == timetable(30, 40, frozenset(), seed).sendings


def test_the_rate_is_an_average_and_the_kinds_are_mixed(seed: int) -> None:
    table = timetable(300, 40, frozenset(), seed)
    assert len(table.sendings) == pytest.approx(12_000, rel=0.1)
    assert all(0 < sending.at < 300 for sending in table.sendings)
    shares = Counter(sending.kind for sending in table.sendings)
    assert shares[Kind.EVENT] == pytest.approx(6_000, rel=0.1)
    assert shares[Kind.COMMAND] == pytest.approx(3_600, rel=0.1)
    assert shares[Kind.CLICK] == pytest.approx(2_400, rel=0.1)
    assert len({sending.number for sending in table.sendings}) == len(table.sendings)


def test_thirty_seconds_of_storm_hold_what_the_demo_promises() -> None:
    struck = Counter(strike.trouble for strike in timetable(30, 1, STORM, 0).strikes)
    assert struck[Trouble.REFRESH] + struck[Trouble.RATE_LIMIT] >= 5
    assert struck[Trouble.RATE_LIMIT] == 1
    assert struck[Trouble.DROP] >= 3
    assert struck[Trouble.HALF_OPEN] == 1
    assert {strike.how for strike in timetable(30, 1, STORM, 0).strikes if strike.how} == {"close", "fin", "rst"}


def test_nothing_else_strikes_while_the_half_open_connection_is_not_noticed() -> None:
    strikes = timetable(30, 1, STORM, 0).strikes
    began = next(strike.at for strike in strikes if strike.trouble is Trouble.HALF_OPEN)
    assert not [strike for strike in strikes if began < strike.at < began + 10.5]


def test_a_rate_limited_refresh_leaves_time_for_the_wait() -> None:
    *_, last = timetable(30, 1, STORM, 0).strikes
    assert last.trouble is Trouble.RATE_LIMIT
    # A back-off of up to four seconds after three losses, and the dial.
    assert last.grace > 4.0 + 0.3
    assert last.at + last.grace + 0.3 < 30


def test_a_longer_run_has_more_storms_with_a_minute_of_peace_between_them() -> None:
    first = timetable(30, 1, STORM, 0).strikes
    strikes = timetable(125, 1, STORM, 0).strikes
    assert strikes[: len(first)] == first
    assert [strike.trouble for strike in strikes] == [strike.trouble for strike in first] * 2
    assert strikes[len(first)].at - (first[-1].at + first[-1].grace) > 60


def test_a_run_ends_in_peace_and_in_order() -> None:
    table = timetable(10, 20, STORM, 1)
    assert max(strike.at for strike in table.strikes) <= 9
    steps = table.steps()
    assert [step.at for step in steps] == sorted(step.at for step in steps)
    assert {type(step) for step in steps} == {Sending, Strike}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("none", set()),
        ("mild", {Trouble.REFRESH, Trouble.DROP}),
        ("storm", set(Trouble)),
        ("drop", {Trouble.DROP}),
        ("mild, half-open", {Trouble.REFRESH, Trouble.DROP, Trouble.HALF_OPEN}),
        ("none,rate-limit", {Trouble.RATE_LIMIT}),
    ],
)
def test_faults_by_name(text: str, expected: set[Trouble]) -> None:
    assert parse_faults(text) == expected


@pytest.mark.parametrize("text", ["", "strom", "drop,,refresh", "Storm"])
def test_other_names_are_refused_in_one_sentence(text: str) -> None:
    with pytest.raises(ConfigurationError, match="half-open") as caught:
        parse_faults(text)
    assert "\n" not in str(caught.value)
