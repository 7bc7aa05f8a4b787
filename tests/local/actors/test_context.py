"""An ack's payload, whatever it is, finds its way or is refused; the local Slack survives it."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as some

from scripted import input_block, modal
from tautwire.local.actors import context
from tautwire.local.workspace import Refusal, View, Workspace

OPTION = {"text": {"type": "plain_text", "text": "Red"}, "value": "r"}

TITLE = input_block({"type": "plain_text_input", "action_id": "title"}, block_id="b", label="Title")

#: What apps send, by the keys that mean something somewhere, and anything else for their values.
KEYS = (
    *("text", "blocks", "attachments", "response_type", "response_action", "errors", "view"),
    *("options", "option_groups", "thread_ts", "metadata", "type"),
)
PAYLOADS = some.dictionaries(
    some.sampled_from(KEYS),
    some.recursive(
        some.none()
        | some.booleans()
        | some.text(max_size=5)
        | some.integers()
        | some.sampled_from(
            ["errors", "update", "push", "clear", "in_channel", "modal", "b", OPTION, TITLE, modal(TITLE)]
        ),
        lambda inner: some.lists(inner, max_size=3) | some.dictionaries(some.text(max_size=9), inner, max_size=3),
        max_leaves=5,
    ),
)


def workspace() -> Workspace:
    made = Workspace()
    made.install()
    return made


def opened(made: Workspace) -> View:
    trigger = made.grants.pull(made.grants.trigger(made.app.id, "U0ANN", 0.0), made.app.id, 0.0)
    return made.screens.open(made.app, trigger, modal(TITLE), wall=1.0)


@given(payload=PAYLOADS | some.none())
def test_no_payload_breaks_the_local_slack(payload: dict[str, Any] | None) -> None:
    made = workspace()
    view = opened(made)
    for about in (
        context.Command(made.app.id, "U0ANN", "C0GENERAL"),
        context.Submission(made.app.id, view.id),
        context.Suggestion("pick", "re"),
    ):
        assert isinstance(context.answered(made, about, payload, wall=1.0), str)


def test_an_answer_to_nothing_goes_nowhere() -> None:
    made = workspace()
    assert context.answered(made, None, {"text": "hi"}, wall=1.0) == ""
    context.failed(made, None)
    assert made.take_changes() == []


def test_the_place_of_a_command_may_be_gone() -> None:
    made = workspace()
    made.places.delete(made.channel("dev"), by=made.user("ann"))
    about = context.Command(made.app.id, "U0ANN", "C0DEV")
    assert context.answered(made, about, {"text": "hi"}, wall=1.0) == "channel_not_found"


def test_a_submission_without_an_answer_leaves_the_modal_in_trouble() -> None:
    made = workspace()
    view = opened(made)
    context.failed(made, context.Submission(made.app.id, view.id))
    assert (view.is_open, view.trouble) == (True, "We had some trouble connecting. Try again?")


@pytest.mark.parametrize(
    ("payload", "count"),
    [
        ({"options": [OPTION, OPTION]}, 2),
        ({"options": []}, 0),
        ({"option_groups": [{"label": {}, "options": [OPTION]}, {"options": [OPTION, OPTION]}]}, 3),
    ],
)
def test_options(payload: dict[str, Any], count: int) -> None:
    assert context.options_in(payload) == [OPTION] * count


@pytest.mark.parametrize(
    ("payload", "error"),
    [
        ({}, "invalid_options"),
        ({"options": "x"}, "invalid_options"),
        ({"options": [{"value": "no text"}]}, "invalid_options"),
        ({"option_groups": ["x"]}, "invalid_option_groups"),
        ({"option_groups": [{"label": {}}]}, "invalid_option_groups"),
    ],
)
def test_no_options(payload: dict[str, Any], error: str) -> None:
    with pytest.raises(Refusal, match=error):
        context.options_in(payload)


def test_an_answer_to_a_modal_that_is_forgotten_goes_nowhere() -> None:
    made = workspace()
    about = context.Submission(made.app.id, "V0GONE")
    assert context.answered(made, about, {"response_action": "clear"}, wall=1.0) == ""
    context.failed(made, about)
    assert made.take_changes() == []
