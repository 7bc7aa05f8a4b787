"""A secret shows itself to `reveal()` and to nothing else."""

from __future__ import annotations

import copy
import json
import logging
import pickle
import traceback
from dataclasses import dataclass
from typing import TYPE_CHECKING

import msgspec
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from tautwire.secret import Secret

if TYPE_CHECKING:
    from collections.abc import Callable

TOKEN = "xapp-1-A0123-456-deadbeef"


@dataclass(frozen=True, slots=True)
class Holder:
    token: Secret


def boom(token: Secret) -> None:
    raise RuntimeError(f"could not use {token}")


def as_traceback(token: Secret) -> str:
    try:
        boom(token)
    except RuntimeError as error:
        caught = traceback.TracebackException.from_exception(error, capture_locals=True)
        return "".join(caught.format())
    raise AssertionError("nothing was raised")


SHOWN: dict[str, Callable[[Secret], str]] = {
    "str": str,
    "repr": repr,
    "f-string": lambda secret: f"{secret}{secret!r}{secret:>40}",
    "percent": lambda secret: "%s %r" % (secret, secret),  # noqa: UP031  # how logging words its lines
    "format": lambda secret: "{0} {0!r} {0!s}".format(secret),  # noqa: UP032
    "in a container": lambda secret: repr([secret, {secret: secret}]),
    "in a dataclass": lambda secret: repr(Holder(secret)),
    "in a traceback with its locals": as_traceback,
    "in a log record": lambda s: logging.LogRecord("x", 10, "x", 1, "%s %r", (s, s), None).getMessage(),
}


@pytest.mark.parametrize("way", SHOWN)
def test_no_way_of_printing_shows_it(way: str) -> None:
    shown = SHOWN[way](Secret(TOKEN))
    assert "xapp-•••" in shown
    assert "A0123" not in shown
    assert "deadbeef" not in shown


@pytest.mark.parametrize("way", SHOWN)
@given(value=st.text(st.characters(min_codepoint=0x4E00, max_codepoint=0x9FFF), min_size=1))
def test_not_one_letter_of_a_value_without_a_known_prefix_is_shown(way: str, value: str) -> None:
    assert not set(value) & set(SHOWN[way](Secret(value)))


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        ("xapp-1-A", "xapp-•••"),
        ("xoxb-1-A", "xoxb-•••"),
        ("xoxp-1-A", "xoxp-•••"),
        ("xoxe-1-A", "xoxe-•••"),
        ("xapp", "•••"),
        ("hunter2-rest", "•••"),
        ("wss://wss-primary.slack.com/link/?ticket=1", "•••"),
        ("", "•••"),
    ],
)
def test_the_mask_keeps_the_kind_of_token_only(value: str, shown: str) -> None:
    assert str(Secret(value)) == shown
    assert repr(Secret(value)) == f"Secret({shown})"
    assert f"{Secret(value):*^12}" == f"{shown:*^12}"


@given(value=st.text())
def test_reveal_gives_it_back(value: str) -> None:
    assert Secret(value).reveal() == value
    assert bool(Secret(value)) == bool(value)


@given(one=st.text(), other=st.text())
def test_equality_and_hash_go_by_the_value(one: str, other: str) -> None:
    assert Secret(one) == Secret(one)
    assert hash(Secret(one)) == hash(Secret(one))
    assert (Secret(one) == Secret(other)) == (one == other)


@given(value=st.text())
def test_a_secret_is_no_string(value: str) -> None:
    assume(value)
    assert Secret(value) != value
    assert len({Secret(value), value}) == 2


@pytest.mark.parametrize(
    "leave",
    [pickle.dumps, copy.copy, copy.deepcopy, json.dumps, msgspec.json.encode, msgspec.msgpack.encode, vars, iter, len],
)
def test_it_does_not_leave_by_a_back_door(leave: object) -> None:
    with pytest.raises(TypeError) as refused:
        leave(Secret(TOKEN))  # type: ignore[operator]
    assert "deadbeef" not in str(refused.value)


def test_it_does_not_join_other_text() -> None:
    with pytest.raises(TypeError) as refused:
        "".join([Secret(TOKEN)])  # type: ignore[list-item]
    assert "deadbeef" not in str(refused.value)
