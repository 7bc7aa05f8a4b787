"""Block Kit's elements: each as Slack's pages describe it, and each bound one step too far."""

from __future__ import annotations

from typing import Any

import pytest

from tautwire.local.workspace import elements
from tautwire.local.workspace.elements import ACTIONS, CONTEXT, CONTEXT_ACTIONS, INPUTS, INTERACTIVE, SECTION

PLAIN = {"type": "plain_text", "text": "Go", "emoji": True}
BOLD = {"type": "mrkdwn", "text": "*Go*", "verbatim": True}
OPTION = {"text": PLAIN, "value": "go", "description": PLAIN}
GROUP = {"label": PLAIN, "options": [OPTION]}
CONFIRM = {"title": PLAIN, "text": BOLD, "confirm": PLAIN, "deny": PLAIN, "style": "danger"}
FEEDBACK = {"text": PLAIN, "value": "yes", "accessibility_label": "yes"}
ID = {"action_id": "a"}

WHOLE: dict[str, dict[str, Any]] = {
    "button": {"text": PLAIN, "value": "1", "url": "https://x.test", "style": "primary", "confirm": CONFIRM},
    "workflow_button": {"text": PLAIN, "workflow": {"trigger": {"url": "https://x.test"}}},
    "icon_button": {"icon": "trash", "text": PLAIN, "visible_to_user_ids": ["U1"]},
    "feedback_buttons": {"positive_button": FEEDBACK, "negative_button": FEEDBACK},
    "overflow": {"options": [OPTION | {"url": "https://x.test"}], "confirm": CONFIRM},
    "checkboxes": {"options": [OPTION | {"text": BOLD}], "initial_options": [OPTION], "focus_on_load": True},
    "radio_buttons": {"options": [OPTION], "initial_option": OPTION},
    "datepicker": {"initial_date": "2026-11-22", "placeholder": PLAIN},
    "timepicker": {"initial_time": "10:00", "timezone": "Europe/London"},
    "datetimepicker": {"initial_date_time": 1_790_000_000},
    "static_select": {"options": [OPTION], "initial_option": OPTION},
    "external_select": {"min_query_length": 0, "initial_option": OPTION},
    "users_select": {"initial_user": "U1"},
    "conversations_select": {"filter": {"include": ["im"]}, "response_url_enabled": True},
    "channels_select": {"initial_channel": "C1", "response_url_enabled": False},
    "multi_static_select": {"option_groups": [GROUP], "max_selected_items": 2},
    "multi_external_select": {"initial_options": [OPTION]},
    "multi_users_select": {"initial_users": ["U1"]},
    "multi_conversations_select": {"default_to_current_conversation": True, "initial_conversations": ["C1"]},
    "multi_channels_select": {"initial_channels": ["C1"]},
    "plain_text_input": {
        "multiline": True,
        "min_length": 1,
        "max_length": 9,
        "dispatch_action_config": {"trigger_actions_on": ["on_enter_pressed"]},
    },
    "email_text_input": {"initial_value": "a@x.test"},
    "url_text_input": {"initial_value": "https://x.test"},
    "number_input": {"is_decimal_allowed": False, "min_value": "1", "max_value": "2"},
    "rich_text_input": {"initial_value": {"type": "rich_text", "elements": []}},
    "file_input": {"filetypes": ["png"], "max_files": 2},
}


def whole(kind: str, **more: Any) -> dict[str, Any]:
    return {"type": kind, **ID, **WHOLE[kind], **more}


def test_every_element_is_described_here() -> None:
    assert WHOLE.keys() == INTERACTIVE.keys()


@pytest.mark.parametrize("kind", WHOLE)
def test_each_as_slack_describes_it(kind: str) -> None:
    assert list(INTERACTIVE[kind](whole(kind), "")) == []
    assert list(INTERACTIVE[kind](whole(kind, action_id="x" * 256), "")) == [
        "must be less than 256 characters [json-pointer:/action_id]"
    ]


@pytest.mark.parametrize(
    ("kind", "more", "words"),
    [
        ("button", {"text": BOLD}, ["failed to match all allowed schemas [json-pointer:/text]",
                                    "unsupported type: mrkdwn [json-pointer:/text/type]"]),
        ("button", {"text": PLAIN | {"text": "x" * 76}}, ["failed to match all allowed schemas [json-pointer:/text]",
                                                          "must be less than 76 characters [json-pointer:/text/text]"]),
        ("button", {"style": "default"}, ["must be a valid enum value [json-pointer:/style]"]),
        ("button", {"style": None}, ["must provide a string [json-pointer:/style]"]),
        ("button", {"value": "x" * 2001}, ["must be less than 2001 characters [json-pointer:/value]"]),
        ("button", {"url": "x" * 3001}, ["must be less than 3001 characters [json-pointer:/url]"]),
        ("overflow", {"options": [OPTION] * 6}, ["no more than 5 items allowed [json-pointer:/options]"]),
        ("overflow", {"options": []}, ["must provide at least 1 items [json-pointer:/options]"]),
        ("checkboxes", {"options": [OPTION] * 11}, ["no more than 10 items allowed [json-pointer:/options]"]),
        ("static_select", {"options": [OPTION] * 101}, ["no more than 100 items allowed [json-pointer:/options]"]),
        ("static_select", {"options": [{"text": PLAIN, "value": "x" * 151}]},
         ["must be less than 151 characters [json-pointer:/options/0/value]"]),
        ("static_select", {"options": [OPTION | {"label": 1}]},
         ["invalid additional property: label [json-pointer:/options/0]"]),
        ("static_select", {"initial_option": None}, ["must provide an object [json-pointer:/initial_option]"]),
        ("static_select", {"placeholder": PLAIN | {"text": "x" * 151}},
         ["failed to match all allowed schemas [json-pointer:/placeholder]",
          "must be less than 151 characters [json-pointer:/placeholder/text]"]),
        ("number_input", {"is_decimal_allowed": "no"}, ["must provide a boolean [json-pointer:/is_decimal_allowed]"]),
    ],
)  # fmt: skip
def test_each_bound_one_step_too_far(kind: str, more: dict[str, Any], words: list[str]) -> None:
    assert list(INTERACTIVE[kind](whole(kind, **more), "")) == words


@pytest.mark.parametrize("kind", ["static_select", "multi_static_select"])
def test_a_menu_has_options_of_its_own(kind: str) -> None:
    assert list(INTERACTIVE[kind]({"type": kind}, "")) == [
        "must define either `options` or `option_groups` [json-pointer:]"
    ]


@pytest.mark.parametrize(
    ("check", "takes", "refuses"),
    [
        (ACTIONS, "datetimepicker rich_text_input multi_users_select workflow_button", "plain_text_input icon_button"),
        (SECTION, "button overflow multi_static_select timepicker", "datetimepicker plain_text_input"),
        (INPUTS, "plain_text_input file_input checkboxes static_select", "button overflow"),
        (CONTEXT_ACTIONS, "feedback_buttons icon_button", "button"),
    ],
)
def test_where_they_fit(check: Any, takes: str, refuses: str) -> None:
    for kind in takes.split():
        assert list(check(whole(kind), "")) == []
    for kind in refuses.split():
        assert list(check(whole(kind), "")) == [f"unsupported type: {kind} [json-pointer:/type]"]


def test_text_objects_are_closed() -> None:
    assert list(elements.plain()(PLAIN | {"verbatim": True}, "")) == [
        "failed to match all allowed schemas [json-pointer:]",
        "invalid additional property: verbatim [json-pointer:]",
    ]
    assert list(elements.any_text()(BOLD | {"emoji": True}, ""))[1] == (
        "invalid additional property: emoji [json-pointer:]"
    )
    assert list(elements.any_text(5)(BOLD, "")) == list(CONTEXT(BOLD, "")) == []


def test_an_image_says_what_it_shows() -> None:
    picture = {"type": "image", "image_url": "https://x.test/a.png"}
    assert list(CONTEXT(picture, "/e")) == ["missing required field: alt_text [json-pointer:/e]"]
    assert list(CONTEXT(picture | {"alt_text": ""}, "")) == []
    assert list(SECTION(picture | {"alt_text": "", "slack_file": {"id": 1}}, "")) == [
        "must provide a string [json-pointer:/slack_file/id]"
    ]
