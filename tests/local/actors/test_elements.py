"""Every interactive element: found by what a person knows of it, chosen from, and told of in Slack's form."""

from __future__ import annotations

from typing import Any

import pytest

from tautwire.errors import ConfigurationError
from tautwire.local.actors import elements

OPTIONS = [
    {"text": {"type": "plain_text", "text": "Red"}, "value": "r"},
    {"text": {"type": "plain_text", "text": "Blue"}, "value": "b"},
]
GROUPED = [{"label": {"type": "plain_text", "text": "Warm"}, "options": OPTIONS[:1]}, {"options": OPTIONS[1:]}]


def block(element: dict[str, Any], kind: str = "actions", **more: Any) -> dict[str, Any]:
    place: dict[str, dict[str, Any]] = {
        "actions": {"elements": [element]},
        "section": {"accessory": element},
        "input": {"element": element},
    }
    return {"type": kind, "block_id": "b", **place[kind], **more}


def found(element: dict[str, Any], **more: Any) -> elements.Found:
    return elements.find([block({"action_id": "a"} | element, **more)], "a")


def upper(_found: elements.Found, name: Any) -> str:
    """Stands for whoever knows people and places."""
    return str(name).upper()


def choose(element: dict[str, Any], given: Any, offered: list[dict[str, Any]] | None = None, **more: Any) -> Any:
    return elements.choose(found(element, **more), given, upper, offered or ())


BUTTON = {"type": "button", "action_id": "ok", "text": {"type": "plain_text", "text": "Yes"}, "value": "42"}


@pytest.mark.parametrize("wanted", ["ok", "Yes", "b"])
@pytest.mark.parametrize("kind", ["actions", "section"])
def test_an_element_is_found_by_id_by_label_or_by_block(wanted: str, kind: str) -> None:
    blocks: list[dict[str, Any]] = [
        {"type": "divider"},
        {"type": "section", "text": {"type": "mrkdwn", "text": "x"}},
        block(BUTTON, kind),
    ]
    assert elements.find(blocks, wanted).element is BUTTON


def test_an_id_goes_before_a_label() -> None:
    trap = {"type": "button", "action_id": "other", "text": {"type": "plain_text", "text": "ok"}}
    assert elements.find([block(trap), block(BUTTON)], "ok").element is BUTTON


def test_who_looks_for_what_is_not_there_is_told_what_is() -> None:
    with pytest.raises(ConfigurationError, match="no 'nope' here, but 'ok'"):
        elements.find([block(BUTTON)], "nope")
    with pytest.raises(ConfigurationError, match="nothing to click on"):
        elements.find([{"type": "divider"}], "nope")


@pytest.mark.parametrize(
    ("element", "given", "key", "chosen"),
    [
        ({"type": "static_select", "options": OPTIONS}, "r", "selected_option", OPTIONS[0]),
        ({"type": "static_select", "option_groups": GROUPED}, "Blue", "selected_option", OPTIONS[1]),
        ({"type": "external_select"}, OPTIONS[0], "selected_option", OPTIONS[0]),
        ({"type": "multi_static_select", "options": OPTIONS}, ["b", "r"], "selected_options", OPTIONS[::-1]),
        ({"type": "multi_external_select"}, OPTIONS, "selected_options", OPTIONS),
        ({"type": "overflow", "options": OPTIONS}, "r", "selected_option", OPTIONS[0]),
        ({"type": "radio_buttons", "options": OPTIONS}, "b", "selected_option", OPTIONS[1]),
        ({"type": "checkboxes", "options": OPTIONS}, [], "selected_options", []),
        ({"type": "users_select"}, "ann", "selected_user", "ANN"),
        ({"type": "conversations_select"}, "c", "selected_conversation", "C"),
        ({"type": "channels_select"}, "c", "selected_channel", "C"),
        ({"type": "multi_users_select"}, ["ann", "bob"], "selected_users", ["ANN", "BOB"]),
        ({"type": "multi_conversations_select"}, ("c",), "selected_conversations", ["C"]),
        ({"type": "multi_channels_select"}, "c", "selected_channels", ["C"]),
        ({"type": "datepicker"}, "2026-01-02", "selected_date", "2026-01-02"),
        ({"type": "timepicker"}, "10:30", "selected_time", "10:30"),
        ({"type": "datetimepicker"}, "1795000000", "selected_date_time", 1_795_000_000),
        ({"type": "plain_text_input"}, "words", "value", "words"),
        ({"type": "email_text_input"}, "a@b.test", "value", "a@b.test"),
        ({"type": "url_text_input"}, "https://b.test", "value", "https://b.test"),
        ({"type": "number_input"}, 3, "value", "3"),
        ({"type": "file_input"}, ["f1"], "files", ["F1"]),
        ({"type": "rich_text_input"}, {"type": "rich_text"}, "rich_text_value", {"type": "rich_text"}),
        ({"type": "datetimepicker"}, None, "selected_date_time", None),
        ({"type": "plain_text_input"}, None, "value", None),
        ({"type": "rich_text_input"}, None, "rich_text_value", None),
    ],
)
def test_a_choice_in_an_action_and_in_the_state(element: dict[str, Any], given: Any, key: str, chosen: Any) -> None:
    there = found(element)
    value = elements.choose(there, given, upper)
    act = elements.action(there, value, action_ts="1.2")
    assert act == {"type": element["type"], "action_id": "a", "block_id": "b", key: chosen, "action_ts": "1.2"}
    assert elements.state_value(there, value) == {"type": element["type"], key: chosen}


def test_words_in_a_rich_text_input_become_rich_text() -> None:
    chosen = choose({"type": "rich_text_input"}, "hi")
    assert chosen["elements"][0]["elements"] == [{"type": "text", "text": "hi"}]


def test_a_button_repeats_its_value_and_holds_nothing() -> None:
    there = elements.find([block(BUTTON)], "ok")
    act = elements.action(there, elements.choose(there, None, upper), action_ts="1.2")
    assert act == {
        "type": "button", "action_id": "ok", "block_id": "b", "text": BUTTON["text"], "value": "42", "action_ts": "1.2",
    }  # fmt: skip
    assert elements.states([block(BUTTON)], {}) == {}


@pytest.mark.parametrize("given", ["positive", "positive_button", "yes", "Good"])
def test_feedback(given: str) -> None:
    good = {"text": {"type": "plain_text", "text": "Good"}, "value": "yes"}
    element = {"type": "feedback_buttons", "positive_button": good, "negative_button": {"value": "no"}}
    there = found(element)
    act = elements.action(there, elements.choose(there, given, upper), action_ts="1.2")
    assert (act["value"], act["text"]) == ("yes", good["text"])
    with pytest.raises(ConfigurationError, match="'positive' or 'negative'"):
        choose(element, "so so")


def test_an_option_that_is_not_there() -> None:
    with pytest.raises(ConfigurationError, match="'a' has no option 'g'; there is 'r', 'b'"):
        choose({"type": "static_select", "options": OPTIONS}, "g")
    with pytest.raises(
        ConfigurationError, match=r"no option 'g'; the app offered nothing \(await types\(…\) asks it\)"
    ):
        choose({"type": "external_select"}, "g")
    with pytest.raises(ConfigurationError, match="no option 'g'; the app offered 'r', 'b'"):
        choose({"type": "external_select"}, "g", OPTIONS)


@pytest.mark.parametrize("given", ["b", "Blue"])
def test_what_the_app_has_offered_can_be_chosen(given: str) -> None:
    assert choose({"type": "external_select"}, given, OPTIONS) is OPTIONS[1]
    assert choose({"type": "multi_external_select"}, [given, OPTIONS[0]], OPTIONS) == [OPTIONS[1], OPTIONS[0]]


@pytest.mark.parametrize("kind", ["static_select", "external_select", "radio_buttons", "overflow", "users_select"])
def test_something_has_to_be_chosen_except_in_an_input(kind: str) -> None:
    with pytest.raises(ConfigurationError, match="say what to choose in 'a'"):
        choose({"type": kind}, None)
    assert choose({"type": kind}, None, kind="input") is None


def test_one_is_one() -> None:
    with pytest.raises(ConfigurationError, match="'a' takes one thing, not 2"):
        choose({"type": "static_select", "options": OPTIONS}, ["r", "b"])


def row(number: int, **more: Any) -> dict[str, Any]:
    button = BUTTON | {"value": str(number), "text": {"type": "plain_text", "text": f"Delete {number}"}} | more
    return block(button, "section", block_id=f"row{number}")


def test_buttons_of_one_name_are_told_apart() -> None:
    rows = [row(1), row(2), row(3)]
    for said in ("2", "Delete 2"):
        assert elements.find(rows, "ok", said).block_id == "row2"
    assert elements.find(rows, "row3/ok").block_id == "row3"
    with pytest.raises(ConfigurationError, match="there are 3 'ok' here; give the value of one: '1', '2', '3'"):
        elements.find(rows, "ok")
    with pytest.raises(ConfigurationError, match="no 'ok' here has the value '4', but '1', '2', '3'"):
        elements.find(rows, "ok", "4")


def test_other_elements_of_one_name_are_told_apart_by_their_blocks() -> None:
    select = {"type": "users_select", "action_id": "who"}
    blocks = [block(select, block_id="b1"), block(select, block_id="b2")]
    assert elements.find(blocks, "b2/who", "ann").block_id == "b2"
    with pytest.raises(ConfigurationError, match="there are 2 'who' here; name one: 'b1/who', 'b2/who'"):
        elements.find(blocks, "who", "ann")


def test_a_section_says_what_its_select_is_for() -> None:
    section = block({"type": "users_select", "action_id": "who"}, "section", text={"type": "mrkdwn", "text": "Owner"})
    assert elements.find([section], "Owner").name == "who"
    assert elements.is_there([section], "Owner")
    assert not elements.is_there([section], "owner")


def test_an_action_repeats_what_its_element_began_with() -> None:
    there = found(
        {"type": "static_select", "options": OPTIONS, "initial_option": OPTIONS[0], "placeholder": {"text": "?"}}
    )
    act = elements.action(there, OPTIONS[1], action_ts="1.2")
    assert (act["initial_option"], act["placeholder"], act["selected_option"]) == (
        OPTIONS[0],
        {"text": "?"},
        OPTIONS[1],
    )
    link = elements.find([block(BUTTON | {"url": "https://a.test"})], "ok")
    assert elements.action(link, None, action_ts="1.2")["url"] == "https://a.test"


def test_the_state_is_as_chosen_else_as_it_began() -> None:
    blocks = [
        block({"type": "plain_text_input", "action_id": "t", "initial_value": "first"}, "input", block_id="b1"),
        block({"type": "static_select", "action_id": "s", "options": OPTIONS, "initial_option": OPTIONS[0]}, "section",
              block_id="b2"),
        block({"type": "multi_users_select", "action_id": "m"}, block_id="b3"),
        block({"type": "overflow", "action_id": "o", "options": OPTIONS}, block_id="b4"),
    ]  # fmt: skip
    assert elements.states(blocks, {"b2": {"s": {"type": "static_select", "selected_option": None}}}) == {
        "b1": {"t": {"type": "plain_text_input", "value": "first"}},
        "b2": {"s": {"type": "static_select", "selected_option": None}},
        "b3": {"m": {"type": "multi_users_select", "selected_users": []}},
    }


def test_what_has_to_be_filled_in() -> None:
    label = {"type": "plain_text", "text": "Title"}
    needed = block({"type": "plain_text_input", "action_id": "t"}, "input", block_id="b1", label=label)
    free = block({"type": "plain_text_input", "action_id": "u"}, "input", block_id="b2", optional=True)
    assert elements.missing([needed, free, block(BUTTON)], {}) == ["'Title'"]
    assert elements.missing([needed], {"b1": {"t": {"type": "plain_text_input", "value": "x"}}}) == []


@pytest.mark.parametrize(("more", "dispatches"), [({}, False), ({"dispatch_action": True}, True)])
def test_an_input_is_told_with_the_submission_unless_it_dispatches(more: dict[str, bool], dispatches: bool) -> None:
    there = elements.find([block({"type": "plain_text_input", "action_id": "a"}, "input", **more)], "a")
    assert (there.is_input, there.dispatches) == (True, dispatches)
    assert elements.find([block(BUTTON)], "ok").dispatches
