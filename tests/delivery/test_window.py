"""The window: bounded in time and in number."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from tautwire.delivery.window import WINDOW_KEYS, WINDOW_SECONDS, Window


def test_its_bounds_are_an_hour_and_fifty_thousand_keys() -> None:
    assert (WINDOW_SECONDS, WINDOW_KEYS) == (3600, 50_000)
    window = Window()
    window.add(("first",), 0.0)
    assert window.has(("first",), 3599.9)
    assert not window.has(("first",), 3600.0)

    for number in range(WINDOW_KEYS + 1):
        window.add((str(number),), 4000.0)
    assert len(window) == WINDOW_KEYS
    assert not window.has(("0",), 4000.0)
    assert window.has(("1",), 4000.0)
    assert window.has((str(WINDOW_KEYS),), 4000.0)


def test_what_was_never_added_is_not_there() -> None:
    assert not Window().has(("a",), 0.0)


def test_adding_again_counts_from_then() -> None:
    window = Window(seconds=10, keys=2)
    window.add(("a",), 0.0)
    window.add(("b",), 1.0)
    window.add(("a",), 5.0)
    assert window.has(("a",), 14.9)
    assert not window.has(("b",), 14.9)
    assert not window.has(("a",), 15.0)


def test_adding_again_makes_room_for_nobody() -> None:
    window = Window(seconds=10, keys=2)
    for key, now in (("a", 0.0), ("b", 1.0), ("a", 2.0), ("c", 3.0)):
        window.add((key,), now)
    assert [window.has((key,), 3.0) for key in "abc"] == [True, False, True]


def test_time_that_only_passes_frees_it_at_the_next_look() -> None:
    window = Window(seconds=10)
    for number in range(100):
        window.add((str(number),), 0.0)
    window.has(("x",), 10.0)
    assert len(window) == 0


@given(st.lists(st.tuples(st.sampled_from(["add", "has"]), st.integers(0, 8), st.integers(0, 4))))
def test_it_is_a_list_of_the_last_ones(steps: list[tuple[str, int, int]]) -> None:
    window, model, now = Window(seconds=10, keys=4), dict[int, int](), 0
    for what, key, passed in steps:
        now += passed
        if what == "add":
            window.add((str(key),), now)
            model.pop(key, None)
            model[key] = now
        model = dict(list({k: at for k, at in model.items() if now - at < 10}.items())[-4:])
        assert window.has((str(key),), now) == (key in model)
        assert len(window) == len(model)
