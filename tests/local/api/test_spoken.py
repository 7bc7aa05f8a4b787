"""Reading a message from the arguments of a call."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from tautwire.local.manifest import Manifest

if TYPE_CHECKING:
    from tautwire.local import LocalSlack
    from tautwire.local.workspace import Workspace

DIVIDER = {"type": "divider"}


@pytest.mark.parametrize(
    ("icon", "icons"),
    [
        ({"icon_emoji": ":ghost:", "icon_url": "https://x.test/a.png"}, {"emoji": ":ghost:"}),
        ({"icon_url": "https://x.test/a.png"}, {"image_48": "https://x.test/a.png"}),
    ],
)
def test_another_name_and_face(ask: Any, icon: dict[str, str], icons: dict[str, str]) -> None:
    message = ask("chat.postMessage", channel="C0GENERAL", text="boo", username="Ghost", **icon)["message"]
    assert (message["subtype"], message["username"], message["icons"]) == ("bot_message", "Ghost", icons)
    assert "user" not in message


def test_which_only_a_bot_with_the_scope_can_have(ann: Any, workspace: Workspace, asker: Any) -> None:
    manifest = {"display_information": {"name": "Plain"}, "oauth_config": {"scopes": {"bot": ["chat:write"]}}}
    manifest["features"] = {"bot_user": {"display_name": "plain"}}
    plain = workspace.install(Manifest.from_dict(manifest))
    for each in (ann, asker(plain.bot_token)):
        message = each("chat.postMessage", channel="C0GENERAL", text="boo", username="Ghost")["message"]
        assert "username" not in message


def test_blocks_in_attachments_have_ids_too(ask: Any) -> None:
    given = [{"text": "old"}, {"fallback": "f", "blocks": [DIVIDER]}]
    old, new = ask("chat.postMessage", channel="C0GENERAL", attachments=given)["message"]["attachments"]
    assert old == {"id": 1, "fallback": "[no preview available]", "text": "old"}
    assert (new["id"], new["fallback"]) == (2, "f")
    assert new["blocks"][0]["block_id"]


async def test_every_way_of_sending_arguments(slack: LocalSlack, call: Any) -> None:
    body = {"channel": "C0GENERAL", "text": "hi"}
    for way in ({"json": body | {"blocks": [DIVIDER]}}, {"data": body | {"blocks": json.dumps([DIVIDER])}},
                {"params": body | {"blocks": json.dumps([DIVIDER])}}):  # fmt: skip
        answer = (await call(slack, "chat.postMessage", **way))[2]
        assert answer["ok"], way
        assert answer["message"]["blocks"][0]["type"] == "divider"
    assert [each["text"] for each in slack.messages] == ["hi"] * 3


@pytest.mark.parametrize("method", ["chat.postMessage", "chat.meMessage", "chat.scheduleMessage"])
def test_a_person_stands_for_the_conversation_with_them(method: str, ask: Any) -> None:
    assert ask(method, channel="U0ANN", text="hi", post_at=1_795_001_000)["channel"] == "D0ANN"


@pytest.mark.parametrize("metadata", [{}, {"entities": []}, {"event_type": "a", "event_payload": {"b": 1}}])
def test_metadata_that_will_do(metadata: dict[str, Any], ask: Any, workspace: Workspace) -> None:
    ts = ask("chat.postMessage", channel="C0GENERAL", text="a", metadata=metadata)["ts"]
    assert workspace.channel("general").messages[ts].metadata == metadata


def test_markdown_stands_for_text(ask: Any) -> None:
    given = {"markdown_text": "**a**", "text": "", "blocks": []}
    assert ask("chat.postMessage", channel="C0GENERAL", **given)["message"]["text"] == "**a**"
