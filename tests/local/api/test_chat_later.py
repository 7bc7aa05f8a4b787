from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from tautwire.local.api.methods import METHODS

if TYPE_CHECKING:
    from tautwire.local import LocalSlack
    from tautwire.local.workspace import Workspace

#: An hour from when the tests ask.
LATER = 1_795_003_600


def test_schedule_message(ask: Any, workspace: Workspace) -> None:
    blocks = [{"type": "divider"}]
    answer = ask("chat.scheduleMessage", channel="general", text="a", post_at=str(LATER), blocks=json.dumps(blocks))
    message = answer["message"]
    assert (answer["channel"], answer["post_at"]) == ("C0GENERAL", LATER)
    assert (message["type"], message["text"], message["blocks"]) == ("delayed_message", "a", blocks)
    assert (message["user"], message["bot_id"]) == ("U0LOCALBOT", "B0LOCALBOT")
    assert "attachments" not in message
    assert workspace.channel("general").messages == {}
    (said,) = workspace.schedule.post_due(LATER)
    assert (said.text, said.blocks[0]["type"], said.app_id) == ("a", "divider", workspace.app.id)


async def test_it_is_said_when_its_time_has_come(still: LocalSlack, clock: Any, call: Any) -> None:
    post_at = int(clock.wall()) + 90
    body = {"channel": "C0GENERAL", "text": "soon", "post_at": post_at}
    assert (await call(still, "chat.scheduleMessage", json=body))[2]["ok"]
    await clock.advance(89)
    assert still.messages == []
    await clock.advance(2)
    assert [each["text"] for each in still.messages] == ["soon"]


def test_the_list_and_taking_back(ask: Any, ann: Any) -> None:
    ids = [
        ask("chat.scheduleMessage", channel=channel, text=text, post_at=post_at)["scheduled_message_id"]
        for channel, text, post_at in (("C0GENERAL", "b", LATER + 60), ("C0GENERAL", "a", LATER), ("D0ANN", "c", LATER))
    ]
    assert ann("chat.scheduleMessage", channel="C0GENERAL", text="d", post_at=LATER)["ok"]
    listed = ask("chat.scheduledMessages.list", channel="C0GENERAL")
    assert listed["response_metadata"] == {"next_cursor": ""}
    assert [each["text"] for each in listed["scheduled_messages"]] == ["a", "b"]
    first = listed["scheduled_messages"][0]
    assert set(first) == {"id", "channel_id", "post_at", "date_created", "text"}
    assert (first["id"], first["channel_id"], first["post_at"]) == (ids[1], "C0GENERAL", LATER)
    assert [len(page) for page in ask.pages("chat.scheduledMessages.list", "scheduled_messages", limit=2)] == [2, 1]
    given = {"oldest": LATER + 1, "latest": LATER + 60}
    assert [each["id"] for each in ask("chat.scheduledMessages.list", **given)["scheduled_messages"]] == [ids[0]]
    assert ask("chat.scheduledMessages.list", latest=LATER - 1)["scheduled_messages"] == []
    assert ask("chat.deleteScheduledMessage", channel="C0GENERAL", scheduled_message_id=ids[1]) == {"ok": True}
    left = ask("chat.scheduledMessages.list")["scheduled_messages"]
    assert [each["id"] for each in left] == [ids[2], ids[0]]


HERE = {"channel": "C0GENERAL"}
FINE = HERE | {"text": "a", "post_at": LATER}
REFUSED: list[tuple[str, dict[str, Any], str]] = [
    ("chat.scheduleMessage", {"text": "a", "post_at": LATER}, "channel_not_found"),
    ("chat.scheduleMessage", FINE | {"channel": "C0DEV", "as": "dan"}, "not_in_channel"),
    ("chat.scheduleMessage", FINE | {"channel": "C0RANDOM"}, "is_archived"),
    ("chat.scheduleMessage", HERE | {"post_at": LATER}, "no_text"),
    ("chat.scheduleMessage", FINE | {"text": "x" * 40_001}, "msg_too_long"),
    ("chat.scheduleMessage", FINE | {"blocks": [{"type": "shape"}]}, "invalid_blocks"),
    ("chat.scheduleMessage", FINE | {"blocks": "{"}, "invalid_blocks_format"),
    ("chat.scheduleMessage", FINE | {"attachments": "{"}, "invalid_attachments"),
    ("chat.scheduleMessage", FINE | {"attachments": [{}] * 101}, "too_many_attachments"),
    ("chat.scheduleMessage", FINE | {"markdown_text": "b"}, "markdown_text_conflict"),
    ("chat.scheduleMessage", FINE | {"metadata": "{"}, "invalid_metadata_format"),
    ("chat.scheduleMessage", FINE | {"metadata": {"a": 1}}, "invalid_metadata_schema"),
    ("chat.scheduleMessage", HERE | {"text": "a"}, "invalid_time"),
    ("chat.scheduleMessage", FINE | {"post_at": "tomorrow"}, "invalid_time"),
    ("chat.scheduleMessage", FINE | {"post_at": 1_795_000_000}, "time_in_past"),
    ("chat.scheduleMessage", FINE | {"post_at": LATER + 121 * 86_400}, "time_too_far"),
    ("chat.scheduleMessage", FINE | {"channel": "D0ANN", "text": "one too many"}, "restricted_too_many"),
    ("chat.scheduledMessages.list", {"channel": "C0NOWHERE"}, "invalid_channel"),
    ("chat.scheduledMessages.list", {"cursor": "nonsense"}, "invalid_cursor"),
    ("chat.scheduledMessages.list", {"oldest": "x"}, "invalid_arguments"),
    ("chat.scheduledMessages.list", {"limit": "-1"}, "invalid_arguments"),
    ("chat.deleteScheduledMessage", {"scheduled_message_id": "Q1"}, "channel_not_found"),
    ("chat.deleteScheduledMessage", HERE, "invalid_scheduled_message_id"),
    ("chat.deleteScheduledMessage", HERE | {"scheduled_message_id": "Q1"}, "invalid_scheduled_message_id"),
]


@pytest.mark.parametrize(("method", "given", "error"), REFUSED)
def test_what_is_refused(
    method: str, given: dict[str, Any], error: str, ask: Any, asker: Any, workspace: Workspace
) -> None:
    workspace.places.archive(workspace.channel("random"), by=workspace.user("ann"), wall=1_795_000_000.0)
    for number in range(30):
        assert ask("chat.scheduleMessage", channel="D0ANN", text=str(number), post_at=LATER + number)["ok"]
    dan = asker(workspace.user_token(workspace.app, workspace.user("dan")))
    who = dan if "as" in given else ask
    assert who.error(method, **{name: value for name, value in given.items() if name != "as"}) == error


@pytest.mark.parametrize(
    "method", ["chat.scheduleMessage", "chat.scheduledMessages.list", "chat.deleteScheduledMessage"]
)
def test_every_declared_error_is_provoked_above(method: str) -> None:
    provoked = {error for name, _, error in REFUSED if name == method} - {"invalid_arguments"}
    # An app without a messages tab is in the tests of chat.postMessage, which looks at it in the same way.
    assert provoked == METHODS[method].errors - {"messages_tab_disabled"}
