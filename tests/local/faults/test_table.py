from __future__ import annotations

import pytest

from tautwire.errors import ConfigurationError
from tautwire.local.faults import KINDS, Fault, Faults


def api(**kwargs: object) -> Fault:
    return Fault(**{"where": "api", "kind": "error", **kwargs})  # type: ignore[arg-type]


def test_without_rules_nothing_happens() -> None:
    assert Faults().decide("api", "auth.test") is None


def test_a_rule_hits_where_it_belongs_and_nowhere_else() -> None:
    faults, fault = Faults(), api()
    faults.add(fault)
    assert faults.decide("handshake") is None
    assert faults.decide("api", "auth.test") is fault


def test_count_ends_it() -> None:
    faults, fault = Faults(), api(count=2)
    faults.add(fault)
    assert [faults.decide("api", "x") for _ in range(3)] == [fault, fault, None]
    assert faults.fired(fault) == 2


def test_match_is_a_pattern_for_any_subject() -> None:
    faults, fault = Faults(), api(match="chat.*")
    faults.add(fault)
    assert faults.decide("api", "auth.test") is None
    assert faults.decide("api") is None
    assert faults.decide("api", "auth.test", "chat.postMessage") is fault


def test_after_lets_the_first_pass() -> None:
    faults, fault = Faults(), api(after=2)
    faults.add(fault)
    assert [faults.decide("api", "x") for _ in range(4)] == [None, None, fault, fault]


def test_the_first_rule_that_hits_wins_and_the_next_takes_over() -> None:
    faults, first, second = Faults(), api(count=1), api()
    faults.add(first, second)
    assert [faults.decide("api", "x") for _ in range(2)] == [first, second]


def test_probability_is_repeatable_by_seed(seed: int) -> None:
    def run(number: int) -> list[bool]:
        faults = Faults(number)
        faults.add(api(probability=0.5))
        return [faults.decide("api", "x") is not None for _ in range(200)]

    assert run(seed) == run(seed)
    assert run(seed) != run(seed + 1)
    assert 40 < sum(run(seed)) < 160


def test_probability_of_nothing_never_hits() -> None:
    faults = Faults()
    faults.add(api(probability=0.0))
    assert [faults.decide("api", "x") for _ in range(50)] == [None] * 50


def test_remove_and_clear() -> None:
    faults, one, two = Faults(), api(), api()
    faults.add(one, two)
    faults.remove(one)
    assert faults.decide("api", "x") is two
    assert faults.fired(one) == 0
    faults.clear()
    assert faults.decide("api", "x") is None


@pytest.mark.parametrize(
    "wrong",
    [
        {"where": "kitchen"},
        {"where": "ping", "kind": "html"},
        {"probability": 1.5},
        {"probability": -0.1},
        {"form": "pretty"},
    ],
)
def test_a_rule_that_can_never_happen_is_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(ConfigurationError):
        api(**wrong)


def test_every_kind_can_be_made() -> None:
    assert [Fault(where=where, kind=kind) for where, kinds in KINDS.items() for kind in sorted(kinds)]
