from __future__ import annotations

from random import Random
from typing import Any

import pytest

from tautwire.local.workspace.content import (
    Content,
    attachments_as_stored,
    blocks_as_stored,
    check,
    check_parts,
    refused,
)
from tautwire.local.workspace.refusal import Refusal

DIVIDER = {"type": "divider"}


@pytest.mark.parametrize(
    "content",
    [
        Content(text="a"),
        Content(blocks=[DIVIDER]),
        Content(attachments=[{"text": "a"}]),
        Content(file_ids=("F1",)),
    ],
)
def test_what_will_do(content: Content) -> None:
    check(content)
    assert not content.is_empty


@pytest.mark.parametrize(
    ("given", "error", "messages"),
    [
        ({}, "no_text", None),
        ({"text": "", "blocks": [], "attachments": []}, "no_text", None),
        ({"blocks": [{}]}, "invalid_blocks", ["missing required field: type [json-pointer:/blocks/0]"]),
        ({"attachments": [{}] * 101}, "too_many_attachments", None),
        (
            {"attachments": [{"blocks": [{"type": "header"}]}]},
            "invalid_attachments",
            ["missing required field: text [json-pointer:/attachments/0/blocks/0]"],
        ),
    ],
)
def test_what_will_not(given: dict[str, Any], error: str, messages: list[str] | None) -> None:
    with pytest.raises(Refusal) as caught:
        check(Content(**given))
    body = caught.value.body
    assert body["error"] == error
    assert body.get("errors") == messages
    assert body.get("response_metadata") == (messages and {"messages": [f"[ERROR] {each}" for each in messages]})


def test_what_could_not_be_sent_on() -> None:
    deep: Any = 1
    for _ in range(960):
        deep = {"x": deep}
    for part, error in (("blocks", "invalid_blocks"), ("attachments", "invalid_attachments")):
        with pytest.raises(Refusal, match=error):
            check(Content(**{part: [{"type": "divider", "more": deep}]}))  # type: ignore[arg-type]
    with pytest.raises(Refusal, match="invalid_metadata_format"):
        check(Content(text="a", metadata={"event_type": "a", "event_payload": deep}))


def test_nothing_is_fine_as_far_as_its_parts_go() -> None:
    check_parts(Content())


def test_a_refusal_with_reasons() -> None:
    assert refused("bad", ["a"], more=1).body == {
        "ok": False,
        "error": "bad",
        "more": 1,
        "response_metadata": {"messages": ["[ERROR] a"]},
    }


def test_as_stored() -> None:
    content = Content(blocks=[DIVIDER], attachments=[{"id": 7, "text": "a"}, {"blocks": [DIVIDER]}])
    (block,) = blocks_as_stored(content, Random(1))
    first, second = attachments_as_stored(content, Random(1))
    assert block["block_id"] == second["blocks"][0]["block_id"]
    assert first == {"id": 7, "fallback": "[no preview available]", "text": "a"}
    assert second["id"] == 2
    assert blocks_as_stored(Content(), Random(1)) == attachments_as_stored(Content(), Random(1)) == []
