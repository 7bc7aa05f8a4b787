from __future__ import annotations

from tautwire.local.socket.standing import Standing


def after(failures: int, successes: int, *, seconds: float = 0.0) -> Standing:
    standing = Standing()
    for number in range(failures + successes):
        standing.note(seconds * number, has_failed=number < failures)
    return standing


def test_nothing_is_hopeless_before_it_has_begun() -> None:
    assert not Standing().is_hopeless


def test_below_a_thousand_nobody_is_given_up() -> None:
    assert not after(999, 0).is_hopeless
    assert after(1000, 0).is_hopeless


def test_it_takes_more_than_ninety_five_percent() -> None:
    assert not after(950, 50).is_hopeless
    assert after(951, 49).is_hopeless


def test_what_is_more_than_an_hour_ago_does_not_count() -> None:
    # One every four seconds: never a thousand in an hour.
    assert not after(5000, 0, seconds=4).is_hopeless
    assert after(5000, 0, seconds=3).is_hopeless


def test_an_app_recovers() -> None:
    standing = after(1000, 0)
    standing.note(3599, has_failed=False)
    assert standing.is_hopeless
    standing.note(3600, has_failed=False)
    assert not standing.is_hopeless
