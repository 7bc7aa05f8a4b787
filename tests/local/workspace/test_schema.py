"""The small checks, each with what it takes and Slack's words for what it does not."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tautwire.local.workspace.schema import (
    anything,
    either,
    enum,
    flag,
    items,
    kinds,
    number,
    one_of,
    shape,
    text,
    too_deep,
)

if TYPE_CHECKING:
    from tautwire.local.workspace.schema import Check

POINT = shape({"x": number}, {"note": text(3)}, is_closed=True)
OPEN = shape({"x": number}, {})
KINDS = kinds({"a": shape({"type": anything, "n": number}, {})})


@pytest.mark.parametrize(("levels", "is_too_deep"), [(0, False), (49, False), (50, True), (2_000, True)])
def test_how_deep_is_too_deep(levels: int, is_too_deep: bool) -> None:
    deep: Any = 1
    for _ in range(levels):
        deep = {"x": [deep]}
    assert too_deep(deep) == is_too_deep


@pytest.mark.parametrize(
    ("check", "value"),
    [
        (anything, object()),
        (text(), ""),
        (text(3, 1), "abc"),
        (flag, False),
        (number, 7),
        (enum("red", "blue"), "blue"),
        (items(number), []),
        (items(number, 2, 1), [1, 2]),
        (POINT, {"x": 1, "note": "abc"}),
        (OPEN, {"x": 1, "more": None}),
        (KINDS, {"type": "a", "n": 1}),
        (one_of("x", "y", OPEN), {"x": 1}),
        (either(POINT), {"x": 1}),
    ],
)
def test_what_fits(check: Check, value: Any) -> None:
    assert list(check(value, "/p")) == []


@pytest.mark.parametrize(
    ("check", "value", "words"),
    [
        (text(), None, ["must provide a string [json-pointer:/p]"]),
        (text(3, 1), "", ["must be more than 0 characters [json-pointer:/p]"]),
        (text(3), "abcd", ["must be less than 4 characters [json-pointer:/p]"]),
        (flag, "true", ["must provide a boolean [json-pointer:/p]"]),
        (number, True, ["must provide an integer [json-pointer:/p]"]),
        (number, "1", ["must provide an integer [json-pointer:/p]"]),
        (enum("red"), "blue", ["must be a valid enum value [json-pointer:/p]"]),
        (enum("red"), ["red"], ["must provide a string [json-pointer:/p]"]),
        (items(number), {}, ["must provide an array [json-pointer:/p]"]),
        (items(number, None, 1), [], ["must provide at least 1 items [json-pointer:/p]"]),
        (
            items(number, 1),
            [1, "2"],
            ["no more than 1 items allowed [json-pointer:/p]", "must provide an integer [json-pointer:/p/1]"],
        ),
        (POINT, [], ["must provide an object [json-pointer:/p]"]),
        (
            POINT,
            {"note": "abcd", "z": 1},
            [
                "missing required field: x [json-pointer:/p]",
                "must be less than 4 characters [json-pointer:/p/note]",
                "invalid additional property: z [json-pointer:/p]",
            ],
        ),
        (KINDS, "a", ["must provide an object [json-pointer:/p]"]),
        (KINDS, {}, ["missing required field: type [json-pointer:/p]"]),
        (KINDS, {"type": ["a"]}, ["must provide a string [json-pointer:/p/type]"]),
        (KINDS, {"type": "b"}, ["unsupported type: b [json-pointer:/p/type]"]),
        (KINDS, {"type": "a"}, ["missing required field: n [json-pointer:/p]"]),
        (
            one_of("x", "y", OPEN),
            {},
            ["must define either `x` or `y` [json-pointer:/p]", "missing required field: x [json-pointer:/p]"],
        ),
        (one_of("x", "y", OPEN), 1, ["must provide an object [json-pointer:/p]"]),
        (
            either(POINT),
            1,
            ["failed to match all allowed schemas [json-pointer:/p]", "must provide an object [json-pointer:/p]"],
        ),
    ],
)
def test_what_does_not(check: Check, value: Any, words: list[str]) -> None:
    assert list(check(value, "/p")) == words
