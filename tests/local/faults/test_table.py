from __future__ import annotations

from tautwire.local.faults import KINDS, Fault, Faults, Rule


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


def test_a_rule_can_be_looked_at_and_taken_out() -> None:
    faults, fault = Faults(), api(count=1)
    one, two = faults.add(fault, fault)
    assert (one.number, two.number, faults.rules) == (1, 2, (one, two))
    assert faults.decide("api", "x") is fault
    assert (one.seen, one.fired, one.is_spent) == (1, 1, True)
    assert (two.fired, two.is_spent) == (0, False)
    one.remove()
    one.remove()
    assert list(faults.rules) == [two]
    faults.remove(fault)
    assert list(faults.rules) == []
    (three,) = faults.add(fault)
    assert three.number == 3


def test_one_rule_can_be_asked_alone() -> None:
    faults = Faults()
    one, two = faults.add(api(after=1), api())
    assert [faults.strikes(one, "api", "x") for _ in range(2)] == [False, True]
    assert not faults.strikes(one, "hello", "x")
    assert (one.fired, two.seen) == (1, 0)


def test_whether_anything_can_still_happen() -> None:
    faults = Faults()
    faults.add(api(count=1))
    assert (faults.awaits("api"), faults.awaits("hello")) == (True, False)
    faults.decide("api", "x")
    assert not faults.awaits("api")


def test_who_wants_to_know_is_told_of_every_new_rule() -> None:
    faults, told = Faults(), list[Rule]()
    faults.told = told.append
    assert faults.add(api(), api()) == tuple(told)


def test_there_is_something_to_choose_from_at_every_point() -> None:
    assert all(KINDS.values())
