from __future__ import annotations

import enum
import json
from dataclasses import dataclass
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tautwire.local.journal.packing import HEAD, is_cut, pack
from tautwire.secret import Secret

MOST = 1 << 20

scalars = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text()
documents = st.recursive(
    scalars, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4), max_leaves=12
)


def read(raw: bytes) -> Any:
    return json.loads(raw)


@dataclass(frozen=True, slots=True)
class Rule:
    kind: str
    count: int | None = None


class Colour(enum.Enum):
    RED = "red"


class Odd:
    def __repr__(self) -> str:
        return "nobody shall see this"


@given(documents)
def test_any_json_is_kept_as_one_object_on_one_line(document: Any) -> None:
    wanted = document if isinstance(document, dict) else {"value": document}
    for raw in (pack(document, MOST), pack(json.dumps(wanted).encode(), MOST)):
        assert read(raw) == wanted
        assert raw.startswith(b"{")
        assert b"\n" not in raw
        raw.decode()


@given(st.binary() | st.text().map(str.encode) | documents.map(lambda data: json.dumps(data, indent=1).encode()[:-1]))
def test_any_bytes_end_up_in_an_object(text: bytes) -> None:
    raw = pack(text, MOST)
    assert isinstance(read(raw), dict)
    assert b"\n" not in raw
    raw.decode()


def test_json_text_is_not_copied() -> None:
    text = b'{"a":[1,2.50,"\xc3\xa9","line\\nfeed"]}'
    assert pack(text, MOST) is text


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        (b'{"a":\r\n 1}', {"a": 1}),
        (b'{"a":"\\u0041\\/"}', {"a": "A/"}),
        (b'{"a":"\\ud800"}', {"a": "\ufffd"}),
        (b'{"a":"\\ud83d\\ude00"}', {"a": "😀"}),
        (b' {"a":1}', {"a": 1}),
        (b"[1]", {"value": [1]}),
        (b'"text"', {"value": "text"}),
        (b'{"a":1', {"text": '{"a":1'}),
        (b'{"a":NaN}', {"text": '{"a":NaN}'}),
        (b"UNAUTHENTICATED: cache_error", {"text": "UNAUTHENTICATED: cache_error"}),
        (b'{"a":"\xff"}', {"text": '{"a":"\\xff"}'}),
        (b"", {"text": ""}),
        (b'{"a":' + b"[" * 100_000 + b"]" * 100_000 + b"}", None),
    ],
)
def test_a_clients_json_is_brought_into_form(text: bytes, wanted: Any) -> None:
    found = read(pack(text, MOST))
    assert found == ({"text": text.decode()} if wanted is None else wanted)


def test_what_is_no_json_is_named_and_not_shown() -> None:
    circle: dict[str, Any] = {}
    circle["circle"] = circle
    found = read(pack({"rule": Rule("lost"), "colour": Colour.RED, "odd": [Odd()], "token_of": Secret("xoxb-1")}, MOST))
    assert found == {"rule": {"kind": "lost", "count": None}, "colour": "red", "odd": ["<Odd>"], "token_of": "<Secret>"}
    assert read(pack({"half": "\ud800", "odd": Odd()}, MOST)) == {"half": "\ufffd", "odd": "<Odd>"}
    assert read(pack({("a", 1): 2, "b": 3}, MOST)) == {"<tuple>": 2, "b": 3}
    assert read(pack(circle, MOST)) == {"unreadable": "<dict>"}
    assert read(pack({"text": "\ud800", "number": float("nan")}, MOST)) == {"unreadable": "<dict>"}


def test_what_is_too_long_is_cut_and_says_so() -> None:
    raw = pack({"text": "é" * 10_000, "token": "t0psecret"}, 5_000)
    found = read(raw)
    assert is_cut(raw)
    assert found["cut"] > 20_000
    assert found["head"].startswith('{"text":"éé')
    assert len(found["head"].encode()) <= HEAD
    assert not is_cut(pack({"text": "é" * 100}, 5_000))


def test_a_secret_is_masked_before_the_cut() -> None:
    for length in range(20, 80):
        raw = pack({"note": "x" * 30, "token": "t0psecret", "text": "y" * 500}, length)
        assert is_cut(raw)
        assert b"t0p" not in raw
        assert len(raw) < length * 2 + 40
