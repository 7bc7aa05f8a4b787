"""What is read from outside can always be written again."""

from __future__ import annotations

import json

import pytest

from tautwire.local.sendable import MOST_DEEP, loads


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{",
        "NaN",
        '{"x":-Infinity}',
        '{"x":1e999}',
        '["\\ud800"]',
        '{"\\udc00":1}',
        '["\ud800"]',
        f'["é",{"[" * 5000}{"]" * 5000}]',
        "9" * 5000,
        "[" * (MOST_DEEP + 1) + "1" + "]" * (MOST_DEEP + 1),
        '{"a":' * 5000 + "1" + "}" * 5000,
    ],
    ids=lambda text: text[:12].encode("ascii", "replace").decode() or "nothing",
)
def test_what_could_not_be_sent_on_is_no_json(text: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - the kind is the promise
        loads(text)


@pytest.mark.parametrize(
    "text",
    ["null", '{"a":[1,2.5,-1e3,true,"é"]}', '["\\ud83d\\ude00"]', "[" * MOST_DEEP + "]" * MOST_DEEP, "[[],[]]" * 1],
    ids=lambda text: text[:12],
)
def test_everything_else_is_read_as_it_is(text: str) -> None:
    assert loads(text) == json.loads(text)
