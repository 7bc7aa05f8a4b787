"""What people read, line by line."""

from __future__ import annotations

from datetime import UTC
from typing import Any

import pytest

from tautwire.cli.local.remote.blocks import block_lines
from tautwire.cli.local.remote.words import answered, clock, mentions, message_lines, printable, screen_lines, table

NAMES = {"U1": "ann", "C1": "#general", "UB": "bot"}


def plain(text: str) -> dict[str, Any]:
    return {"type": "plain_text", "text": text}


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("hi <@U1>", "hi @ann"),
        ("<@U9> in <#C1> and <#C9|ops>", "@U9 in #general and #ops"),
        ("<!here> <!channel>", "@here @channel"),
        ("see <https://a.example|the page> or <https://b.example>", "see the page or https://b.example"),
        ("a &lt;b&gt; &amp;lt;", "a <b> &lt;"),
    ],
)
def test_slacks_markup_as_people_see_it(text: str, shown: str) -> None:
    assert mentions(text, NAMES) == shown


def test_what_moves_no_cursor() -> None:
    assert printable("a\x1b[1m\tb\r\nc\u202e") == "a·[1m b⏎⏎c·"
    together = "\N{MAN}\N{ZERO WIDTH JOINER}\N{PERSONAL COMPUTER} é"
    assert printable(together) == together


def test_the_time_of_day() -> None:
    assert clock(1_795_000_000.25, UTC) == "11:06:40"
    assert clock(1_795_000_000.25, UTC, thousandths=True) == "11:06:40.250"
    assert clock(1e30, UTC) == "--:--:--"


def test_columns() -> None:
    assert table([("a", "bb", ""), ("ccc", "d", "e")]) == ["a    bb", "ccc  d   e"]
    assert table([]) == []


def test_a_conversation() -> None:
    messages: list[dict[str, Any]] = [
        {"ts": "1795000000.000001", "name": "ann", "text": "one\ntwo <@UB>"},
        {"ts": "1795000001.000001", "name": "bot", "text": "Deploy?", "edited": {"ts": "1"},
         "blocks": [{"type": "section", "text": plain("Deploy?")}, {"type": "rich_text", "elements": []}],
         "reactions": [{"name": "eyes", "count": 2}], "files": [{"name": "a.txt", "size": 3}]},
        {"ts": "1795000002.000001", "name": "ann", "text": "in the thread", "thread_ts": "1795000000.000001"},
        {"ts": "1795000003.000001", "name": "ann", "text": "of a thread out of sight", "thread_ts": "1"},
        {"ts": "x", "text": "odd"},
    ]  # fmt: skip
    assert list(message_lines(messages, NAMES, UTC)) == [
        "11:06:40 ann: one  [1795000000.000001]",
        "    two @bot",
        "    11:06:42 ann: in the thread  [1795000002.000001]",
        "11:06:41 bot: Deploy? (edited)  [1795000001.000001]",
        "    + a.txt (3 bytes)",
        "    :eyes: 2",
        "11:06:43 ann: of a thread out of sight  [1795000003.000001]",
        "00:00:00 ?: odd  [x]",
    ]


def test_blocks() -> None:
    options = [{"text": plain("Rome"), "value": "r"}, {"text": plain("Oslo"), "value": "o"}]
    blocks: list[dict[str, Any]] = [
        {"type": "header", "text": plain("Title")},
        {"type": "section", "text": plain("one\ntwo"), "fields": [plain("f1"), plain("f2")],
         "accessory": {"type": "image", "alt_text": "a cat", "image_url": "x"}},
        {"type": "divider"},
        {"type": "actions", "elements": [
            {"type": "button", "action_id": "ok", "text": plain("Yes")},
            {"type": "button", "text": plain("No")},
            {"type": "static_select", "action_id": "city", "option_groups": [{"options": options}]},
            {"type": "users_select"},
        ]},
        {"type": "context", "elements": [plain("by"), {"type": "image", "image_url": "http://i"}]},
        {"type": "input", "label": plain("Name"), "element": {"type": "plain_text_input", "action_id": "n"},
         "hint": plain("all of it")},
        {"type": "input", "label": plain("City"), "optional": True,
         "element": {"type": "radio_buttons", "action_id": "c", "options": options}},
        {"type": "image", "alt_text": "a dog"},
        {"type": "rich_text", "elements": [{"type": "rich_text_section", "elements": [
            {"type": "text", "text": "hi "}, {"type": "user", "user_id": "U1"}, {"type": "channel", "channel_id": "C1"},
            {"type": "emoji", "name": "tada"}, {"type": "link", "url": "http://l"},
        ]}]},
        {"type": "video"},
    ]  # fmt: skip
    assert list(block_lines(blocks, said="one")) == [
        "TITLE",
        "two",
        "· f1",
        "· f2",
        "(image: a cat)",
        "────",
        "[Yes] (ok)  [No]  <static_select city: Rome | Oslo>  <users_select>",
        "by (image: http://i)",
        "Name*: <plain_text_input n>",
        "all of it",
        "City: <radio_buttons c: Rome | Oslo>",
        "(image: a dog)",
        "hi <@U1><#C1>:tada:http://l",
        "(video)",
    ]


def test_a_screen() -> None:
    answer = {
        "names": NAMES,
        "modals": [
            {"title": plain("Below"), "callback_id": "", "blocks": [{"type": "divider"}]},
            {
                "title": plain("Top"),
                "callback_id": "top",
                "blocks": [],
                "errors": {"b": "no"},
                "trouble": "trouble",
            },
        ],
        "homes": [{"app_id": "A1", "blocks": [{"type": "section", "text": plain("hello <@U1>")}]}],
        "ephemerals": [{"ts": "1795000000.1", "name": "bot", "text": "psst", "channel": "C1"}],
    }
    assert list(screen_lines(answer, UTC)) == [
        "modal 'Top' (top)",
        "    ! b: no",
        "    ! trouble",
        "modal 'Below'",
        "    ────",
        "home of A1",
        "    hello @ann",
        "nobody else sees, in #general:",
        "    11:06:40 bot: psst  [1795000000.1]",
    ]


@pytest.mark.parametrize(
    ("payload", "lines"),
    [
        (None, []),
        ({}, []),
        ({"text": "done"}, ["done"]),
        ({"response_action": "clear"}, ["the app answers: clear"]),
        ({"text": "a", "blocks": [{"type": "section", "text": plain("a")}, {"type": "divider"}]}, ["a", "────"]),
    ],
)
def test_what_an_app_has_answered(payload: Any, lines: list[str]) -> None:
    assert list(answered(payload)) == lines
