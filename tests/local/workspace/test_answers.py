from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tautwire.local.workspace import Content, Refusal
from tautwire.local.workspace.answers import TROUBLE
from tautwire.local.workspace.grants import Trigger

if TYPE_CHECKING:
    from collections.abc import Callable

    from tautwire.local.workspace import App, Channel, Message, User, View, Workspace

WALL, NOW = 1_795_000_000.0, 10.0
TITLE = {"type": "plain_text", "text": "T"}
DIVIDER = {"type": "divider"}


def refusal(action: Callable[[], object]) -> str:
    with pytest.raises(Refusal) as caught:
        action()
    return caught.value.error


class Url:
    """A response URL of Ann's in the general channel."""

    def __init__(self, workspace: Workspace, message: Message | None = None, user: str = "U0ANN") -> None:
        self.workspace = workspace
        self.path = workspace.grants.response_url(
            "actions",
            workspace.app.id,
            user,
            "C0GENERAL",
            NOW,
            message_ts=message.ts if message else "",
            is_ephemeral=bool(message and message.seen_by),
        )

    def __call__(self, **body: Any) -> None:
        self.workspace.answers.by_response_url(self.path, body, wall=WALL, now=NOW)


@pytest.fixture
def shown(workspace: Workspace) -> Callable[[], list[Message]]:
    """What one person or another sees alone."""
    return lambda: list(workspace.answers.ephemerals.values())


@pytest.fixture
def asked(workspace: Workspace, general: Channel, bot: User) -> Message:
    """What the app has said, for all to see."""
    return workspace.talk.post(general, Content(text="Deploy?", blocks=[DIVIDER]), by=bot, wall=WALL)


# Response URLs


def test_an_answer_is_for_one_person(workspace: Workspace, general: Channel, shown: Any) -> None:
    Url(workspace)(text="a", thread_ts="1700000000.000001", blocks=[DIVIDER])
    (message,) = shown()
    assert (message.seen_by, message.text, message.thread_ts) == ("U0ANN", "a", "1700000000.000001")
    assert message.blocks[0]["block_id"]
    assert general.messages == {}


def test_or_for_all(workspace: Workspace, general: Channel, shown: Any) -> None:
    metadata = {"event_type": "a", "event_payload": {}}
    Url(workspace)(text="a", response_type="in_channel", metadata=metadata, attachments=[{"text": "b"}])
    (message,) = general.messages.values()
    assert (message.user_id, message.text, message.metadata) == ("U0LOCALBOT", "a", metadata)
    assert message.attachments[0]["text"] == "b"
    assert shown() == []


def test_it_does_not_matter_whether_the_app_may_post(workspace: Workspace, general: Channel, bot: User) -> None:
    del general.members[bot.id]
    Url(workspace)(text="a", response_type="in_channel")
    assert len(general.messages) == 1


def test_somebody_whom_the_workspace_does_not_know(workspace: Workspace, shown: Any) -> None:
    Url(workspace, user="U999")(text="a")
    assert shown()[0].seen_by == "U999"


@pytest.mark.parametrize("yes", [True, "true", "True"])
def test_the_original_is_replaced(
    yes: object, workspace: Workspace, general: Channel, asked: Message, shown: Any
) -> None:
    Url(workspace, asked)(text="Deployed.", replace_original=yes)
    assert (asked.text, asked.blocks) == ("Deployed.", [])
    assert list(general.messages) == [asked.ts]
    assert shown() == []


@pytest.mark.parametrize("no", [False, "false", None, 0])
def test_or_stays(no: object, workspace: Workspace, asked: Message, shown: Any) -> None:
    Url(workspace, asked)(text="Deployed.", replace_original=no)
    assert (asked.text, shown()[0].text) == ("Deploy?", "Deployed.")


def test_what_one_person_saw_stays_theirs(workspace: Workspace, general: Channel, shown: Any) -> None:
    url = Url(workspace)
    url(text="a")
    (message,) = shown()
    url(text="b", replace_original=True, response_type="in_channel")
    assert shown() == [message]
    assert (message.text, general.messages) == ("b", {})
    again = Url(workspace, message)
    again(delete_original=True)
    assert shown() == []
    again(delete_original=True)


def test_the_first_answer_is_the_original_where_there_was_none(workspace: Workspace, general: Channel) -> None:
    url = Url(workspace)
    url(text="a", response_type="in_channel")
    url(text="b", response_type="in_channel")
    url(text="c", replace_original=True)
    assert [each.text for each in general.messages.values()] == ["c", "b"]


def test_the_original_is_deleted(workspace: Workspace, general: Channel, asked: Message) -> None:
    url = Url(workspace, asked)
    url(delete_original="true", text="overlooked")
    assert general.messages == {}
    url(delete_original=True)


def test_what_others_have_said_is_left_alone(workspace: Workspace, general: Channel, ann: User, shown: Any) -> None:
    said = workspace.talk.post(general, Content(text="it broke"), by=ann, wall=WALL)
    url = Url(workspace, said)
    url(delete_original=True)
    url(text="Noted.", replace_original=True)
    assert (general.messages[said.ts].text, shown()[0].text) == ("it broke", "Noted.")


@pytest.mark.parametrize(
    ("body", "error"),
    [
        ({}, "no_text"),
        ({"replace_original": True}, "no_text"),
        ({"blocks": {}}, "invalid_blocks_format"),
        ({"blocks": [{}]}, "invalid_blocks"),
        ({"attachments": "x"}, "invalid_attachments"),
    ],
)
def test_what_is_no_answer(body: dict[str, Any], error: str, workspace: Workspace, asked: Message) -> None:
    assert refusal(lambda: Url(workspace, asked)(**body)) == error
    assert asked.text == "Deploy?"


def test_a_channel_that_is_no_more(workspace: Workspace, general: Channel) -> None:
    url = Url(workspace)
    del workspace.channels[general.id]
    assert refusal(lambda: url(text="a")) == "channel_not_found"


# Webhooks


def test_a_webhook(workspace: Workspace, general: Channel, app: App) -> None:
    path = workspace.grants.webhook(app.id, general.id).path
    said = workspace.answers.by_webhook(path, {"text": "a", "channel": "C0DEV", "username": "Ghost"}, wall=WALL)
    assert general.messages == {said.ts: said}
    assert (said.subtype, said.username, said.bot_id) == ("bot_message", "", "B0LOCALBOT")


def test_webhooks_that_lead_nowhere(workspace: Workspace, general: Channel, ann: User, app: App) -> None:
    def use(path: str) -> str:
        return refusal(lambda: workspace.answers.by_webhook(path, {"text": "a"}, wall=WALL))

    hook = workspace.grants.webhook
    dev = workspace.channel("dev")
    workspace.places.archive(dev, by=ann, wall=WALL)
    assert use("/services/x") == use(hook("A1", general.id).path) == "no_service"
    assert use(hook(app.id, "C1").path) == "channel_not_found"
    assert use(hook(app.id, dev.id).path) == "channel_is_archived"
    path = hook(app.id, general.id).path
    assert refusal(lambda: workspace.answers.by_webhook(path, {}, wall=WALL)) == "no_text"


# Commands


def test_a_command_is_answered(workspace: Workspace, general: Channel, ann: User, app: App, shown: Any) -> None:
    def answer(**body: Any) -> Message | None:
        return workspace.answers.to_command(app, general, ann, body, wall=WALL)

    assert answer() is None
    alone = answer(text="a")
    assert shown() == [alone]
    said = answer(text="b", response_type="in_channel")
    assert list(general.messages.values()) == [said]
    assert refusal(lambda: answer(blocks=[{}])) == "invalid_blocks"


# Submissions


def modal(*blocks: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"type": "modal", "title": TITLE, "submit": TITLE, "blocks": list(blocks), **more}


FIELD = {"type": "input", "block_id": "b", "label": TITLE, "element": {"type": "plain_text_input"}}


@pytest.fixture
def stack(workspace: Workspace, app: App) -> list[View]:
    """Two modals of Ann's, the one to be submitted last."""
    screens, trigger = workspace.screens, Trigger(app.id, "U0ANN", NOW)
    return [
        screens.open(app, trigger, modal(), wall=WALL),
        screens.push(app, trigger, modal(FIELD, {"type": "divider", "block_id": "d"}), wall=WALL),
    ]


@pytest.mark.parametrize(
    ("body", "left"),
    [
        ({}, ["first"]),
        ({"response_action": "clear"}, []),
        ({"response_action": "errors", "errors": {"b": "no"}}, ["first", "second"]),
        ({"response_action": "update", "view": modal(callback_id="u")}, ["first", "u"]),
        ({"response_action": "push", "view": modal(callback_id="p")}, ["first", "second", "p"]),
    ],
)
def test_a_submission_is_answered(
    body: dict[str, Any], left: list[str], workspace: Workspace, app: App, ann: User, stack: list[View]
) -> None:
    stack[0].given["callback_id"], stack[1].given["callback_id"] = "first", "second"
    workspace.answers.to_submission(app, stack[1], body, wall=WALL)
    assert [each.callback_id for each in workspace.screens.stack(ann)] == left
    assert stack[1].errors == body.get("errors", {})
    assert stack[1].trouble == ""


@pytest.mark.parametrize(
    ("body", "error"),
    [
        ({"response_action": "dance"}, "invalid_response_action"),
        ({"response_action": "errors"}, "invalid_errors"),
        ({"response_action": "errors", "errors": {}}, "invalid_errors"),
        ({"response_action": "errors", "errors": ["b"]}, "invalid_errors"),
        ({"response_action": "errors", "errors": {"d": "no"}}, "invalid_errors"),
        ({"response_action": "update"}, "invalid_view"),
        ({"response_action": "update", "view": {}}, "invalid_arguments"),
        ({"response_action": "push", "view": "x"}, "invalid_view"),
    ],
)
def test_nonsense_leaves_a_modal_in_trouble(
    body: dict[str, Any], error: str, workspace: Workspace, app: App, ann: User, stack: list[View]
) -> None:
    assert refusal(lambda: workspace.answers.to_submission(app, stack[1], body, wall=WALL)) == error
    assert (workspace.screens.stack(ann), stack[1].trouble, stack[1].errors) == (stack, TROUBLE, {})
