from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tautwire.local.api.method import Call, Method
from tautwire.local.api.paging import cursor_for, cursor_of, limit_of, page
from tautwire.local.faults import Faults
from tautwire.local.workspace import Refusal, Workspace

if TYPE_CHECKING:
    from collections.abc import Callable


def call(**args: Any) -> Call:
    return Call(
        method=Method(name="a.b", run=lambda _call: {}),
        args=args,
        workspace=WORKSPACE,
        key=None,
        wall=0.0,
        now=0.0,
        base_url="",
        open_url=lambda _app: "",
        faults=Faults(),
    )


WORKSPACE = Workspace()


@given(st.integers(0, 60), st.integers(1, 70))
def test_pages_have_everything_once_and_in_order(count: int, limit: int) -> None:
    items = [f"i{number}" for number in range(count)]
    found, cursor = [], ""
    while True:
        part = page(call(limit=limit, cursor=cursor), items, items)
        assert len(part.items) <= limit
        found += part.items
        cursor = part.metadata["response_metadata"]["next_cursor"]
        assert part.has_more is bool(cursor)
        if not cursor:
            break
    assert found == items


@given(st.lists(st.integers(0, 30), unique=True, min_size=8), st.data())
def test_a_cursor_holds_while_others_come_and_go(numbers: list[int], data: st.DataObject) -> None:
    before = [str(number) for number in sorted(numbers)]
    cursor = page(call(limit=3), before, before).metadata["response_metadata"]["next_cursor"]
    gone = data.draw(st.sets(st.sampled_from([*before[:3], *before[4:]])))
    after = ["-1", *(each for each in before if each not in gone), "99"]
    assert page(call(limit=1, cursor=cursor), after, after).items == [before[3]]


def fails(error: str, doing: Callable[[], object]) -> None:
    with pytest.raises(Refusal) as caught:
        doing()
    assert caught.value.error == error


def test_a_cursor_of_something_that_is_gone() -> None:
    cursor = page(call(limit=1), "ab", "ab").metadata["response_metadata"]["next_cursor"]
    fails("invalid_cursor", lambda: page(call(cursor=cursor), "ac", "ac"))


@pytest.mark.parametrize("cursor", ["x", "%", "/w==", cursor_for("other", "a"), cursor_for("next", ""), "bmV4dA=="])
def test_what_is_no_cursor_of_this_list(cursor: str) -> None:
    fails("invalid_cursor", lambda: cursor_of(call(cursor=cursor), "next"))


def test_cursors_look_like_slacks() -> None:
    assert cursor_for("user", "U0G9WFXNZ") == "dXNlcjpVMEc5V0ZYTlo="
    assert cursor_of(call(cursor="dXNlcjpVMEc5V0ZYTlo="), "user") == "U0G9WFXNZ"


def test_how_many() -> None:
    assert [limit_of(call(limit=value), usual=100, most=200) for value in (None, "", 0, "0", 1, "50", 999)] == [
        100, 100, 100, 100, 1, 50, 200,
    ]  # fmt: skip
    fails("invalid_limit", lambda: limit_of(call(limit=-1), usual=1))
    fails("invalid_limit", lambda: limit_of(call(limit="some"), usual=1))
    fails("other", lambda: limit_of(call(limit="some"), usual=1, error="other"))
