from __future__ import annotations

from random import Random
from typing import Any, Literal

import pytest

from tautwire.local.workspace.refusal import Refusal
from tautwire.local.workspace.view_rules import as_stored, check_view, places_in

TITLE = {"type": "plain_text", "text": "T"}
INPUT = {"type": "input", "label": TITLE, "element": {"type": "plain_text_input"}}
MODAL: dict[str, Any] = {"type": "modal", "title": TITLE, "blocks": []}
HOME: dict[str, Any] = {"type": "home", "blocks": []}


@pytest.mark.parametrize(
    "view",
    [
        MODAL,
        MODAL | {"submit": TITLE, "close": TITLE, "clear_on_close": True, "notify_on_close": False, "blocks": [INPUT]},
        MODAL | {"private_metadata": "x" * 3000, "callback_id": "x" * 255, "external_id": "x" * 255},
        MODAL | {"title": TITLE | {"text": "x" * 24}},
        HOME,
        HOME | {"blocks": [INPUT], "callback_id": "h"},
    ],
)
def test_what_will_do(view: dict[str, Any]) -> None:
    check_view(view, view["type"])


@pytest.mark.parametrize(
    ("view", "kind", "messages"),
    [
        ([], "modal", ["must provide an object [json-pointer:/view]"]),
        ({}, "home", ["missing required field: blocks [json-pointer:/view]",
                      "missing required field: type [json-pointer:/view]"]),
        (HOME | {"title": TITLE}, "modal", ["unsupported type: home [json-pointer:/view/type]"]),
        (MODAL | {"title": TITLE | {"text": "x" * 25}}, "modal",
         ["failed to match all allowed schemas [json-pointer:/view/title]",
          "must be less than 25 characters [json-pointer:/view/title/text]"]),
        (MODAL | {"submit": None}, "modal",
         ["failed to match all allowed schemas [json-pointer:/view/submit]",
          "must provide an object [json-pointer:/view/submit]"]),
        (MODAL | {"private_metadata": "x" * 3001}, "modal",
         ["must be less than 3001 characters [json-pointer:/view/private_metadata]"]),
        (MODAL | {"blocks": [{"type": "divider"}, INPUT]}, "modal",
         ["must define `submit` to use an `input` block in modals [json-pointer:/view/blocks/1/input]"]),
        (MODAL | {"blocks": [{"type": "markdown", "text": "a"}]}, "modal",
         ["unsupported type: markdown [json-pointer:/view/blocks/0/type]"]),
        (HOME | {"blocks": "x"}, "home", ["must provide an array [json-pointer:/view/blocks]"]),
    ],
)  # fmt: skip
def test_what_will_not(view: Any, kind: Literal["modal", "home"], messages: list[str]) -> None:
    with pytest.raises(Refusal) as caught:
        check_view(view, kind)
    assert caught.value.body == {
        "ok": False,
        "error": "invalid_arguments",
        "response_metadata": {"messages": [f"[ERROR] {each}" for each in messages]},
    }


def test_what_could_not_be_sent_on() -> None:
    deep: Any = 1
    for _ in range(960):
        deep = {"x": deep}
    with pytest.raises(Refusal) as caught:
        check_view(HOME | {"more": deep}, "home")
    assert caught.value.body["response_metadata"] == {"messages": ["[ERROR] nested too deeply [json-pointer:/view]"]}


def test_a_view_has_a_size() -> None:
    with pytest.raises(Refusal, match="view_too_large"):
        check_view(HOME | {"more": "x" * 250_000}, "home")


def test_as_stored() -> None:
    given = MODAL | {"blocks": [INPUT, {"type": "divider"}], "private_metadata": "x"}
    stored = as_stored(given, Random(1))
    assert (stored["title"], stored["private_metadata"]) == (TITLE | {"emoji": True}, "x")
    block, divider = stored["blocks"]
    assert list(places_in(stored["blocks"])) == [(block["block_id"], block["element"]["action_id"])]
    assert divider["block_id"] != block["block_id"]
    assert given["blocks"][0] == INPUT
