from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tautwire.local.workspace import Content

if TYPE_CHECKING:
    from tautwire.local.workspace import Workspace


@pytest.fixture
def ts(workspace: Workspace) -> str:
    general, ann = workspace.channel("general"), workspace.user("ann")
    return workspace.talk.post(general, Content(text="hi"), by=ann, wall=1_795_000_000).ts


def test_add_get_and_remove(ask: Any, bob: Any, ts: str) -> None:
    item = {"channel": "C0GENERAL", "timestamp": ts}
    assert ask("reactions.add", **item, name="eyes") == {"ok": True}
    assert bob("reactions.add", **item, name="eyes") == {"ok": True}
    assert ask.error("reactions.add", **item, name="eyes") == "already_reacted"
    answer = ask("reactions.get", **item)
    assert (answer["type"], answer["channel"]) == ("message", "C0GENERAL")
    assert answer["message"]["reactions"] == [{"name": "eyes", "users": ["U0LOCALBOT", "U0BOB"], "count": 2}]
    assert answer["message"]["permalink"].endswith(f"/archives/C0GENERAL/p{ts.replace('.', '')}")
    assert ask("reactions.remove", **item, name="eyes") == {"ok": True}
    assert ask.error("reactions.remove", **item, name="eyes") == "no_reaction"
    assert bob("reactions.remove", **item, name="eyes") == {"ok": True}
    assert "reactions" not in ask("reactions.get", **item)["message"]


@pytest.mark.parametrize(
    ("wrong", "error"),
    [
        ({"timestamp": ""}, "no_item_specified"),
        ({"channel": ""}, "no_item_specified"),
        ({"timestamp": "soon"}, "bad_timestamp"),
        ({"timestamp": "1795000000.999999"}, "message_not_found"),
        ({"channel": "C0SECRET"}, "channel_not_found"),
        ({"name": ":eyes:"}, "invalid_name"),
        ({"name": "two words"}, "invalid_name"),
        ({"name": ""}, "invalid_name"),
        ({"name": "👀"}, "invalid_name"),
    ],
)
def test_what_cannot_be_reacted_to(ask: Any, ts: str, wrong: dict[str, str], error: str) -> None:
    given = {"channel": "C0GENERAL", "timestamp": ts, "name": "eyes"} | wrong
    assert ask.error("reactions.add", **given) == error


def test_a_bot_reacts_where_it_is(ask: Any, workspace: Workspace) -> None:
    said = workspace.talk.post(workspace.channel("dev"), Content(text="x"), by=workspace.user("ann"), wall=1.0)
    item = {"channel": "C0DEV", "timestamp": said.ts, "name": "eyes"}
    assert ask.error("reactions.add", **item) == "not_in_channel"


def test_files_have_no_reactions(ask: Any) -> None:
    assert ask.error("reactions.get", file="F1") == "file_not_found"
    assert ask.error("reactions.remove", name="eyes", file_comment="Fc1") == "file_not_found"
    assert ask.error("reactions.get") == "no_item_specified"


def test_what_somebody_has_reacted_to_newest_first(ask: Any, bob: Any, workspace: Workspace) -> None:
    stamps = []
    for place in ("general", "random", "D0BOB"):
        channel, by = workspace.channel(place), workspace.user("bob")
        for number in range(2):
            said = workspace.talk.post(channel, Content(text=place), by=by, wall=1_795_000_000 + number)
            workspace.marks.react(channel, said, "eyes", by=by)
            stamps.append(said.ts)
    assert [each["message"]["ts"] for each in bob("reactions.list")["items"]] == sorted(stamps, reverse=True)
    seen = ask("reactions.list", user="U0BOB")
    assert {each["channel"] for each in seen["items"]} == {"C0GENERAL", "C0RANDOM"}
    assert seen["paging"] == {"count": 100, "total": 4, "page": 1, "pages": 1}
    assert ask("reactions.list")["items"] == []
    assert [len(page) for page in bob.pages("reactions.list", "items", limit=4)] == [4, 2]
    assert ask.error("reactions.list", user="nobody") == "user_not_found"
