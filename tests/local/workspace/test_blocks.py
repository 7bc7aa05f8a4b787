"""Block Kit's blocks: what is taken where, what is refused and in which words, and what is filled in."""

from __future__ import annotations

from random import Random
from typing import Any

import pytest

from tautwire.local.workspace.blocks import MOST, Surface, finished, in_attachments, problems, with_defaults

PLAIN = {"type": "plain_text", "text": "Go"}
BOLD = {"type": "mrkdwn", "text": "*Go*"}
BUTTON = {"type": "button", "text": PLAIN}
PICTURE = {"image_url": "https://x.test/a.png", "alt_text": "a"}
INPUT = {"type": "input", "label": PLAIN, "element": {"type": "plain_text_input"}}
CARD = {"type": "card", "title": BOLD, "actions": [BUTTON]}
RICH = {
    "type": "rich_text",
    "elements": [{"type": "rich_text_section", "elements": [{"type": "text", "text": "Go"}]}],
}

EVERYWHERE: list[dict[str, Any]] = [
    {"type": "actions", "elements": [BUTTON, BUTTON]},
    CARD,
    {"type": "context", "elements": [PLAIN, BOLD, {"type": "image", **PICTURE}]},
    {"type": "divider"},
    {"type": "header", "text": PLAIN},
    {"type": "image", **PICTURE, "title": PLAIN},
    {"type": "image", "slack_file": {"id": "F1"}, "alt_text": ""},
    INPUT | {"hint": PLAIN, "optional": True, "dispatch_action": True},
    RICH,
    {"type": "section", "text": BOLD, "accessory": BUTTON},
    {"type": "section", "fields": [PLAIN, BOLD]},
    {
        "type": "video",
        "alt_text": "a",
        "title": PLAIN,
        "thumbnail_url": "https://x.test/t.png",
        "video_url": "https://x.test/v",
    },
]
MESSAGES_ONLY: list[dict[str, Any]] = [
    {"type": "container", "title": PLAIN, "child_blocks": [{"type": "divider"}]},
    {"type": "context_actions", "elements": [{"type": "icon_button", "icon": "trash", "text": PLAIN}]},
    {"type": "data_table", "caption": "a", "rows": []},
    {"type": "data_visualization", "title": "a"},
    {"type": "file", "external_id": "a", "source": "remote"},
    {"type": "markdown", "text": "# a"},
    {"type": "plan", "title": "a"},
    {"type": "table", "rows": [[{"type": "raw_text", "text": "a"}, RICH]], "column_settings": [{"align": "right"}]},
    {"type": "task_card", "task_id": "1", "title": "a"},
]
CAROUSEL = {"type": "carousel", "elements": [CARD]}
ALERT = {"type": "alert", "text": PLAIN, "level": "info"}


@pytest.mark.parametrize("surface", ["message", "modal", "home"])
@pytest.mark.parametrize("block", EVERYWHERE, ids=lambda block: block["type"])
def test_blocks_for_every_surface(block: dict[str, Any], surface: Surface) -> None:
    assert problems([block], surface) == []


@pytest.mark.parametrize(
    ("block", "where"),
    [*((block, {"message"}) for block in MESSAGES_ONLY), (CAROUSEL, {"message", "home"}), (ALERT, {"modal"})],
)
def test_blocks_for_some_surfaces(block: dict[str, Any], where: set[Surface]) -> None:
    surfaces: list[Surface] = ["message", "modal", "home"]
    assert {surface for surface in surfaces if not problems([block], surface)} == where
    (elsewhere,) = {tuple(problems([block], surface)) for surface in surfaces if surface not in where}
    assert elsewhere == (f"unsupported type: {block['type']} [json-pointer:/blocks/0/type]",)


@pytest.mark.parametrize(
    ("blocks", "words"),
    [
        ({}, ["must provide an array [json-pointer:/blocks]"]),
        (["x"], ["must provide an object [json-pointer:/blocks/0]"]),
        ([{"type": "shape"}], ["unsupported type: shape [json-pointer:/blocks/0/type]"]),
        ([{"type": "divider"}] * 51, ["no more than 50 items allowed [json-pointer:/blocks]"]),
        ([{"type": "divider", "block_id": None}], ["must provide a string [json-pointer:/blocks/0/block_id]"]),
        ([{"type": "divider", "block_id": "x" * 256}],
         ["must be less than 256 characters [json-pointer:/blocks/0/block_id]"]),
        ([{"type": "section"}], ["must define either `text` or `fields` [json-pointer:/blocks/0]"]),
        ([{"type": "divider"}, {"type": "section", "text": BOLD | {"text": "x" * 3001}}],
         ["failed to match all allowed schemas [json-pointer:/blocks/1/text]",
          "must be less than 3001 characters [json-pointer:/blocks/1/text/text]"]),
        ([{"type": "section", "text": BOLD | {"text": ""}}],
         ["failed to match all allowed schemas [json-pointer:/blocks/0/text]",
          "must be more than 0 characters [json-pointer:/blocks/0/text/text]"]),
        ([{"type": "section", "fields": [PLAIN] * 11}],
         ["no more than 10 items allowed [json-pointer:/blocks/0/fields]"]),
        ([{"type": "section", "fields": [PLAIN | {"text": "x" * 2001}]}],
         ["failed to match all allowed schemas [json-pointer:/blocks/0/fields/0]",
          "must be less than 2001 characters [json-pointer:/blocks/0/fields/0/text]"]),
        ([{"type": "actions", "elements": [BUTTON] * 26}],
         ["no more than 25 items allowed [json-pointer:/blocks/0/elements]"]),
        ([{"type": "actions", "elements": []}], ["must provide at least 1 items [json-pointer:/blocks/0/elements]"]),
        ([{"type": "header", "text": BOLD}],
         ["failed to match all allowed schemas [json-pointer:/blocks/0/text]",
          "unsupported type: mrkdwn [json-pointer:/blocks/0/text/type]"]),
        ([{"type": "image", "alt_text": "a"}],
         ["must define either `image_url` or `slack_file` [json-pointer:/blocks/0]"]),
        ([{"type": "context", "elements": [PLAIN] * 11}],
         ["no more than 10 items allowed [json-pointer:/blocks/0/elements]"]),
        ([{"type": "input", "label": PLAIN}], ["missing required field: element [json-pointer:/blocks/0]"]),
        ([{"type": "table", "rows": [[{"type": "raw_text"}] * 21]}],
         ["no more than 20 items allowed [json-pointer:/blocks/0/rows/0]"]),
        ([{"type": "container", "title": PLAIN, "child_blocks": [CARD]}],
         ["unsupported type: card [json-pointer:/blocks/0/child_blocks/0/type]"]),
        ([{"type": "divider", "block_id": "b"}, {"type": "header", "text": PLAIN, "block_id": "b"}],
         ['`block_id` "b" already exists [json-pointer:/blocks/1/block_id]']),
        ([{"type": "actions", "elements": [BUTTON | {"action_id": "a"}] * 2}],
         ['`action_id` "a" already exists [json-pointer:/blocks/0/elements/1/action_id]']),
        ([{"type": "carousel", "elements": [CARD | {"block_id": "b"}] * 2}],
         ['`block_id` "b" already exists [json-pointer:/blocks/0/elements/1/block_id]']),
    ],
)  # fmt: skip
def test_what_a_message_does_not_take(blocks: Any, words: list[str]) -> None:
    assert problems(blocks, "message") == words


def test_the_same_action_id_in_two_blocks_is_fine() -> None:
    block = {"type": "section", "text": BOLD, "accessory": BUTTON | {"action_id": "a"}}
    assert problems([block, block], "message") == []


@pytest.mark.parametrize("surface", ["modal", "home"])
def test_views_take_a_hundred(surface: Surface) -> None:
    assert MOST[surface] == 100
    assert problems([{"type": "divider"}] * 100, surface) == []
    assert problems([{"type": "divider"}] * 101, surface, "/view/blocks") == [
        "no more than 100 items allowed [json-pointer:/view/blocks]"
    ]


def test_blocks_in_attachments() -> None:
    assert in_attachments([{"text": "a"}, {"blocks": [{"type": "divider"}]}]) == []
    assert in_attachments(["a", {"blocks": [{"type": "alert"}]}]) == [
        "must provide an object [json-pointer:/attachments/0]",
        "unsupported type: alert [json-pointer:/attachments/1/blocks/0/type]",
    ]


# What is filled in


def test_ids_are_filled_in_and_the_same_seed_gives_the_same() -> None:
    given: list[dict[str, Any]] = [
        {"type": "divider"},
        {"type": "section", "text": BOLD, "accessory": BUTTON, "block_id": "mine"},
        {"type": "actions", "elements": [BUTTON, BUTTON | {"action_id": "ok"}]},
        INPUT,
        {"type": "context", "elements": [PLAIN]},
    ]
    whole = finished(given, Random(7))
    assert finished(given, Random(7)) == whole
    assert finished(given, Random(8)) != whole
    assert all(len(block["block_id"]) == 5 for block in whole if block["block_id"] != "mine")
    assert len({block["block_id"] for block in whole}) == 5
    assert whole[1]["block_id"] == "mine"
    assert len(whole[1]["accessory"]["action_id"]) == 5
    first, second = whole[2]["elements"]
    assert len(first["action_id"]) == 5
    assert second["action_id"] == "ok"
    assert (whole[3]["optional"], whole[3]["dispatch_action"]) == (False, False)
    assert "action_id" not in whole[4]["elements"][0]
    assert given[0] == {"type": "divider"}
    assert problems(whole, "message") == []


def test_a_fresh_id_is_never_one_that_is_there() -> None:
    class Stubborn(Random):
        def choices(self, population: Any, *args: Any, k: int = 1, **kwargs: Any) -> Any:
            drawn.append("first" if len(drawn) < 2 else "other")
            return drawn[-1]

    drawn: list[str] = []
    whole = finished([{"type": "divider"}, {"type": "divider"}], Stubborn())
    assert [block["block_id"] for block in whole] == ["first", "other"]
    assert drawn == ["first", "first", "other"]


def test_blocks_within_blocks_have_ids_too() -> None:
    container = {"type": "container", "title": PLAIN, "child_blocks": [{"type": "actions", "elements": [BUTTON]}]}
    carousel, box = finished([CAROUSEL, container], Random(7))
    (card,) = carousel["elements"]
    (child,) = box["child_blocks"]
    assert card["block_id"]
    assert card["actions"][0]["action_id"]
    assert child["block_id"]
    assert child["elements"][0]["action_id"]
    assert CARD["actions"] == [BUTTON]


def test_what_is_given_stays() -> None:
    block = INPUT | {"block_id": "b", "optional": True, "element": {"type": "plain_text_input", "action_id": "a"}}
    (whole,) = finished([block], Random(7))
    assert whole == block | {"label": PLAIN | {"emoji": True}, "dispatch_action": False}


def test_what_nobody_can_click_on_has_no_action_id() -> None:
    blocks: list[dict[str, Any]] = [
        {"type": "section", "text": BOLD, "accessory": {"type": "image", **PICTURE}},
        {"type": "section", "text": BOLD},
        {"type": "card", "title": BOLD, "": [1]},
        {"type": "divider", "": [1], "elements": ["x"], "accessory": 1, "child_blocks": {}},
    ]
    assert problems(blocks, "message") == []
    assert "action_id" not in repr(finished(blocks, Random(7)))


def test_texts_say_what_goes_without_saying() -> None:
    assert with_defaults({"text": PLAIN, "fields": [BOLD, BOLD | {"verbatim": True}]}) == {
        "text": PLAIN | {"emoji": True},
        "fields": [BOLD | {"verbatim": False}, BOLD | {"verbatim": True}],
    }


def test_what_could_not_be_sent_on() -> None:
    deep: Any = 1
    for _ in range(960):
        deep = {"x": deep}
    assert problems([{"type": "divider", "more": deep}], "message") == ["nested too deeply [json-pointer:/blocks]"]
    assert in_attachments([{"more": deep}]) == ["nested too deeply [json-pointer:/attachments]"]


def test_what_lies_deep_is_left_alone() -> None:
    deep: Any = PLAIN
    for _ in range(2000):
        deep = {"in": deep}
    assert with_defaults(deep)["in"]["in"] == deep["in"]["in"]
