"""Who acks, and when."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import pytest

from tautwire.delivery.policy import ACK_DEADLINE, SLACK_DEADLINE, AckPolicy, AutoAck, is_late
from tautwire.errors import ConfigurationError

if TYPE_CHECKING:
    from collections.abc import Collection

KINDS = ("events_api", "slash_commands", "interactive", "something_new")


def test_the_client_is_half_a_second_before_slack() -> None:
    assert (ACK_DEADLINE, SLACK_DEADLINE) == (2.5, 3.0)
    assert AckPolicy() == AckPolicy(AutoAck.EVENTS, 2.5)


@pytest.mark.parametrize(("word", "acked"), [("never", []), ("events", ["events_api"]), ("all", KINDS)])
def test_what_the_words_mean(word: str, acked: Collection[str]) -> None:
    policy = AckPolicy.of(word, 2.5)
    assert {kind for kind in KINDS if policy.acks_itself(kind, has_failed=False)} == set(acked)


@pytest.mark.parametrize("word", [word.value for word in AutoAck])
@pytest.mark.parametrize("kind", KINDS)
def test_a_failed_listener_is_never_covered_up(word: str, kind: str) -> None:
    assert not AckPolicy.of(word, 2.5).acks_itself(kind, has_failed=True)


@pytest.mark.parametrize("word", ["", "ALL", "event", "none"])
def test_an_unknown_word_is_refused_and_told_the_known_ones(word: str) -> None:
    with pytest.raises(ConfigurationError, match=r"it can be 'never', 'events', 'all'") as refusal:
        AckPolicy.of(word, 2.5)
    assert repr(word) in str(refusal.value)


@pytest.mark.parametrize("seconds", [0, -1, 3.001, math.inf, math.nan])
def test_a_deadline_out_of_bounds_is_refused(seconds: float) -> None:
    with pytest.raises(ConfigurationError, match="above 0 and at most 3 seconds"):
        AckPolicy.of("events", seconds)


@pytest.mark.parametrize("seconds", [0.001, 2.5, 3])
def test_a_deadline_within_bounds_is_kept(seconds: float) -> None:
    assert AckPolicy.of("events", seconds).deadline == seconds


def test_slack_has_given_up_at_three_seconds() -> None:
    assert [is_late(seconds) for seconds in (0, 2.999, 3.0, 3.001)] == [False, False, True, True]
