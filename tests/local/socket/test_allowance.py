from __future__ import annotations

from tautwire.local.socket.allowance import EVENTS_PER_HOUR, Allowance


def test_without_a_limit_everything_goes() -> None:
    allowance = Allowance()
    assert all(allowance.take(0.0) for _ in range(2 * EVENTS_PER_HOUR))


def test_the_limit_is_reached_exactly() -> None:
    allowance = Allowance(3)
    assert [allowance.take(10.0) for _ in range(5)] == [True, True, True, False, False]


def test_the_hour_slides_by_the_minute() -> None:
    allowance = Allowance(3)
    assert [allowance.take(at) for at in (0.0, 59.0, 60.0, 61.0)] == [True, True, True, False]
    assert not allowance.take(3599.0)
    # The two of the first minute are an hour old now; the third will be in a minute.
    assert [allowance.take(3600.0) for _ in range(3)] == [True, True, False]
    assert [allowance.take(3660.0) for _ in range(2)] == [True, False]


def test_an_hour_of_silence_forgives_everything() -> None:
    allowance = Allowance(2)
    assert [allowance.take(0.0) for _ in range(3)] == [True, True, False]
    assert [allowance.take(1e9) for _ in range(3)] == [True, True, False]


def test_slacks_own_number() -> None:
    allowance = Allowance(EVENTS_PER_HOUR)
    assert sum(allowance.take(number / 100) for number in range(40_000)) == 30_000


def test_a_notice_is_owed_once_a_minute() -> None:
    allowance = Allowance(0)
    assert [allowance.owes_notice(at) for at in (0.0, 0.1, 59.9, 60.0, 60.1, 130.0)] == [
        True,
        False,
        False,
        True,
        False,
        True,
    ]
