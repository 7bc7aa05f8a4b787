"""What all actors lean on: outcomes that are true or false, and sentences about names that nobody has."""

from __future__ import annotations

from tautwire.local import Delivery
from tautwire.local.actors import Outcome
from tautwire.local.actors.stage import refused
from tautwire.local.workspace import User


def test_an_outcome_is_as_good_as_its_error() -> None:
    assert Outcome()
    assert Outcome().answer is None
    bad = Outcome(Delivery("interactive", "block_actions", "", {}, accepts=False, created_at=0.0), "operation_timeout")
    assert not bad
    assert (bad.is_ok, bad.answer) == (False, None)


def test_a_refusal_says_who_what_and_why() -> None:
    error = refused(User("U1", "eve"), "do that", "not_allowed")
    assert (str(error), error.code) == ("eve cannot do that: not_allowed", "not_allowed")
