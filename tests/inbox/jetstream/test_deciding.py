"""What is done with a message that was delivered, in each state it may be in."""

from __future__ import annotations

import pytest

from tautwire.inbox.api import Mode, State
from tautwire.inbox.jetstream.deciding import Step, is_delayed, next_step, turn_delay
from tautwire.inbox.jetstream.notes import Life, Meta

LEASE = 60.0
NOW = 1000.0


def step(mode: Mode, life: Life) -> tuple[Step, float]:
    meta = Meta(key="k", type="t", envelope_id="e", mode=mode)
    return next_step(meta, life, now=NOW, lease_seconds=LEASE)


@pytest.mark.parametrize("mode", Mode)
@pytest.mark.parametrize("at", [NOW - 100, NOW + 100])
def test_what_has_ended_is_never_claimed(mode: Mode, at: float) -> None:
    assert step(mode, Life(state=State.DONE, at=at)) == (Step.DROP, 0.0)
    assert step(mode, Life(state=State.DEAD, at=at)) == (Step.FINISH, 0.0)
    for state in State:
        assert step(mode, Life(state=state, at=at, is_over=True)) == (Step.DROP, 0.0)


@pytest.mark.parametrize("mode", Mode)
@pytest.mark.parametrize("is_acked", [False, True])
def test_a_lease_that_goes_on_is_left_alone(mode: Mode, is_acked: bool) -> None:
    """Also when the broker delivers it too early, as after a change of its leader."""
    assert step(mode, Life(state=State.LEASED, at=NOW + 30, is_acked=is_acked)) == (Step.PARK, 30.0)


@pytest.mark.parametrize(
    ("mode", "is_acked", "wanted"),
    [
        (Mode.AGAIN, False, Step.CLAIM),
        (Mode.AGAIN, True, Step.CLAIM),
        (Mode.ONCE_ACKED, True, Step.CLAIM),
        (Mode.ONCE_ACKED, False, Step.BURY),
        (Mode.NEVER, False, Step.BURY),
        (Mode.NEVER, True, Step.BURY),
    ],
)
@pytest.mark.parametrize("rest", [-100.0, 0.0, 0.04 * LEASE])
def test_a_lease_that_is_over_ends_as_its_mode_says(mode: Mode, is_acked: bool, wanted: Step, rest: float) -> None:
    assert step(mode, Life(state=State.LEASED, at=NOW + rest, is_acked=is_acked)) == (wanted, 0.0)


def test_what_waits_for_its_ack_waits_and_then_is_dead() -> None:
    assert step(Mode.ONCE_ACKED, Life(state=State.STORED, at=NOW + 30)) == (Step.PARK, 30.0)
    assert step(Mode.ONCE_ACKED, Life(state=State.STORED, at=NOW)) == (Step.BURY, 0.0)
    assert step(Mode.ONCE_ACKED, Life(state=State.STORED, at=NOW, is_acked=True)) == (Step.CLAIM, 0.0)


def test_a_retry_is_never_early() -> None:
    assert step(Mode.AGAIN, Life(state=State.STORED, at=NOW + 0.001))[0] is Step.PARK
    assert step(Mode.AGAIN, Life(state=State.STORED, at=NOW)) == (Step.CLAIM, 0.0)
    assert step(Mode.AGAIN, Life(state=State.STORED)) == (Step.CLAIM, 0.0)


def test_who_is_delayed() -> None:
    event, command = (Meta(key="k", type="t", envelope_id="e", mode=mode) for mode in (Mode.AGAIN, Mode.ONCE_ACKED))
    assert not is_delayed(event, Life(state=State.STORED), NOW)
    assert is_delayed(event, Life(state=State.STORED, at=NOW + 1), NOW)
    assert is_delayed(command, Life(state=State.STORED), NOW)
    assert not is_delayed(command, Life(state=State.STORED, is_acked=True), NOW)


def test_turns_are_waited_for_longer_and_longer() -> None:
    delays = [turn_delay(count) for count in range(1, 40)]
    assert delays == sorted(delays)
    assert (delays[0], delays[1], delays[-1]) == (0.25, 0.5, 8.0)
