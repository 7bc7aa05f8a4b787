"""Text as rich text."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tautwire.local.workspace.rich_text import block, links

Json = dict[str, Any]


def text(words: str, *style: str) -> Json:
    return {"type": "text", "text": words} | ({"style": dict.fromkeys(style, True)} if style else {})


def parts(said: str) -> list[Json]:
    elements: list[Json] = block(said, seed="1.000001")["elements"]
    return elements


def section(said: str) -> list[Json]:
    """The elements of a text that is one section."""
    (only,) = parts(said)
    assert only["type"] == "rich_text_section"
    elements: list[Json] = only["elements"]
    return elements


def test_a_block_word_for_word() -> None:
    said = "<#C043|general> :cat: <@U043> <https://google.com> text"
    shape = block(said, seed="1.000001")
    assert shape == {
        "type": "rich_text",
        "block_id": shape["block_id"],
        "elements": [
            {
                "type": "rich_text_section",
                "elements": [
                    {"type": "channel", "channel_id": "C043"},
                    text(" "),
                    {"type": "emoji", "name": "cat"},
                    text(" "),
                    {"type": "user", "user_id": "U043"},
                    text(" "),
                    {"type": "link", "url": "https://google.com"},
                    text(" text"),
                ],
            }
        ],
    }
    assert len(shape["block_id"]) == 5


def test_block_ids_are_the_same_each_time_and_of_each_message_its_own() -> None:
    one, again, other, edited = block("a", seed="1"), block("a", seed="1"), block("a", seed="2"), block("b", seed="1")
    assert one == again
    assert len({each["block_id"] for each in (one, other, edited)}) == 3


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ("<@U1|ann>", {"type": "user", "user_id": "U1"}),
        ("<!here>", {"type": "broadcast", "range": "here"}),
        ("<!channel|channel>", {"type": "broadcast", "range": "channel"}),
        ("<!subteam^S1|@team>", {"type": "usergroup", "usergroup_id": "S1"}),
        (
            "<!date^1795000000^{date} at {time}|then &amp; there>",
            {"type": "date", "timestamp": 1795000000, "format": "{date} at {time}", "fallback": "then & there"},
        ),
        (
            "<!date^1795000000^{date}^https://e.test/?a&amp;b|then>",
            {
                "type": "date",
                "timestamp": 1795000000,
                "format": "{date}",
                "fallback": "then",
                "url": "https://e.test/?a&b",
            },
        ),
        ("<https://e.test/?a=1&amp;b=2|A &lt; B>", {"type": "link", "url": "https://e.test/?a=1&b=2", "text": "A < B"}),
        ("<mailto:a@b.test|a@b.test>", {"type": "link", "url": "mailto:a@b.test", "text": "a@b.test"}),
        ("https://e.test/x", {"type": "link", "url": "https://e.test/x"}),
        (":wave::skin-tone-3:", {"type": "emoji", "name": "wave", "skin_tone": 3}),
        (":+1:", {"type": "emoji", "name": "+1"}),
        (":100:", {"type": "emoji", "name": "100"}),
        ("`a *b* <c>`", text("a *b* <c>", "code")),
        ("*bold*", text("bold", "bold")),
        ("_italic_", text("italic", "italic")),
        ("~gone~", text("gone", "strike")),
        ("*_both_*", text("both", "bold", "italic")),
    ],
)
def test_elements(said: str, expected: Json) -> None:
    assert section(said) == [expected]


@pytest.mark.parametrize(
    "said",
    [
        "plain",
        "10:30:45",
        "3*4*5",
        "snake_case_name",
        "* not bold *",
        "a ** b",
        "<>",
        "< b>",
        "*",
        ":",
        "::",
        "a:b:c",
        "`",
    ],
)
def test_what_is_only_text(said: str) -> None:
    assert section(said) == [text(said)]


def test_escapes_are_undone() -> None:
    assert section("1 &lt; 2 &amp;&amp; 3 &gt; 2") == [text("1 < 2 && 3 > 2")]


def test_styles_hold_for_what_is_inside_and_neighbours_are_joined() -> None:
    assert section("*see <@U1>* and *that*, *_so_ on*") == [
        text("see ", "bold"),
        {"type": "user", "user_id": "U1", "style": {"bold": True}},
        text(" and "),
        text("that", "bold"),
        text(", "),
        text("so", "bold", "italic"),
        text(" on", "bold"),
    ]


def test_bold_in_bold_is_only_text() -> None:
    assert section("*a _b *c*_ d*") == [text("a ", "bold"), text("b *c*", "bold", "italic"), text(" d", "bold")]


def test_quotes_and_preformatted_text_stand_apart() -> None:
    assert parts("look:\n```\nx = 1\ny = &lt;2&gt;\n```\n&gt; he said\n> *so*\nright") == [
        {"type": "rich_text_section", "elements": [text("look:\n")]},
        {"type": "rich_text_preformatted", "elements": [text("x = 1\ny = <2>")], "border": 0},
        {"type": "rich_text_quote", "elements": [text("he said\n"), text("so", "bold")]},
        {"type": "rich_text_section", "elements": [text("right")]},
    ]


def test_an_empty_quote_is_left_out() -> None:
    assert parts("&gt;\n\nright") == [{"type": "rich_text_section", "elements": [text("\nright")]}]


def test_links() -> None:
    said = "<https://a.test/1|one> *https://b.test/2?x=1&amp;y=2*, (http://c.test) <https://a.test/1> <@U1>"
    assert links(said) == ["https://a.test/1", "https://b.test/2?x=1&y=2", "http://c.test"]
    assert links("`https://code.test` and ```\nhttps://pre.test\n```") == []
    assert links("nothing here, ftp://d.test neither") == []


@given(st.text(alphabet="ab *_~`<>@#!|:&;^\n1+/.https", max_size=60))
def test_any_text_becomes_a_block(said: str) -> None:
    shape = block(said, seed="1")
    for part in shape["elements"]:
        assert part["elements"], "no empty part"
        assert all(each["text"] for each in part["elements"] if each["type"] == "text"), "no empty text"
    links(said)


@pytest.mark.parametrize("piece", ["*a ", "_*~", "<a", ":a", "> ", "```", "`a", "http://a"])
def test_forty_thousand_marks_are_nothing_to_wait_for(piece: str) -> None:
    """Nesting is bounded, and so is looking for the other half of a pair."""
    said = (piece * 40_000)[:40_000]
    assert block(said, seed="1")["elements"]
    links(said)
