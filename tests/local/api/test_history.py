from __future__ import annotations

import base64
from typing import TYPE_CHECKING, Any

import pytest

from tautwire.local.workspace import Content

if TYPE_CHECKING:
    from tautwire.local.workspace import Workspace


@pytest.fixture
def said(workspace: Workspace) -> list[str]:
    """Nine messages in the general channel, a second apart; their `ts`."""
    general, ann = workspace.channel("general"), workspace.user("ann")
    return [
        workspace.talk.post(general, Content(text=f"{number}"), by=ann, wall=1_795_000_000 + number).ts
        for number in range(9)
    ]


@pytest.fixture
def thread(workspace: Workspace, said: list[str]) -> list[str]:
    """The second message and four replies, one of them broadcast."""
    general, bob = workspace.channel("general"), workspace.user("bob")
    return [said[1]] + [
        workspace.talk.post(
            general,
            Content(text=f"reply {number}", thread_ts=said[1], is_broadcast=number == 2),
            by=bob,
            wall=1_795_000_100 + number,
        ).ts
        for number in range(4)
    ]


def stamps(answer: dict[str, Any]) -> list[str]:
    return [each["ts"] for each in answer["messages"]]


def test_newest_first(ask: Any, said: list[str]) -> None:
    answer = ask("conversations.history", channel="C0GENERAL")
    assert stamps(answer) == said[::-1]
    assert {key: answer[key] for key in answer if key != "messages"} == {
        "ok": True,
        "has_more": False,
        "pin_count": 0,
        "channel_actions_ts": None,
        "channel_actions_count": 0,
    }


def test_pages_go_back_in_time_and_hold_while_messages_come_and_go(
    ask: Any, said: list[str], workspace: Workspace
) -> None:
    first = ask("conversations.history", channel="C0GENERAL", limit=4)
    assert (stamps(first), first["has_more"]) == (said[:4:-1], True)
    general, ann = workspace.channel("general"), workspace.user("ann")
    workspace.talk.post(general, Content(text="new"), by=ann, wall=1_795_001_000)
    workspace.talk.remove(general, general.messages[said[4]])
    cursor = first["response_metadata"]["next_cursor"]
    assert stamps(ask("conversations.history", channel="C0GENERAL", limit=4, cursor=cursor)) == said[3::-1]
    pages = ask.pages("conversations.history", "messages", channel="C0GENERAL", limit=4)
    assert [len(page) for page in pages] == [4, 4, 1]


@pytest.mark.parametrize(
    ("bounds", "expected"),
    [
        ({"oldest": 3}, [8, 7, 6, 5, 4]),
        ({"oldest": 3, "inclusive": True}, [8, 7, 6, 5, 4, 3]),
        ({"latest": 3}, [2, 1, 0]),
        ({"latest": 3, "inclusive": "true"}, [3, 2, 1, 0]),
        ({"oldest": 2, "latest": 5}, [4, 3]),
        ({"oldest": 2, "latest": 5, "inclusive": 1}, [5, 4, 3, 2]),
        ({"oldest": 4, "latest": 4, "inclusive": 1}, [4]),
        ({"latest": 4, "inclusive": 1, "limit": 1}, [4]),
        ({"oldest": 2, "latest": 8, "limit": 2}, [7, 6]),
        # Without `latest` those closest to `oldest`, still newest first.
        ({"oldest": 2, "limit": 2}, [4, 3]),
        ({"inclusive": True, "limit": 2}, [8, 7]),
    ],
)
def test_between(ask: Any, said: list[str], bounds: dict[str, Any], expected: list[int]) -> None:
    given = {name: said[value] if name in ("oldest", "latest") else value for name, value in bounds.items()}
    assert stamps(ask("conversations.history", channel="C0GENERAL", **given)) == [said[each] for each in expected]


def test_pages_forward_from_the_oldest(ask: Any, said: list[str]) -> None:
    pages = ask.pages("conversations.history", "messages", channel="C0GENERAL", limit=3, oldest=said[0])
    assert [[each["ts"] for each in page] for page in pages] == [said[3:0:-1], said[6:3:-1], said[8:6:-1]]


@pytest.mark.parametrize("value", ["0", "now", ""])
def test_a_bound_that_is_none(ask: Any, said: list[str], value: str) -> None:
    answer = ask("conversations.history", channel="C0GENERAL", oldest=value, latest=value, limit=2)
    assert stamps(answer) == said[:6:-1]


def test_bounds_have_fewer_digits_than_a_float_would_lose(ask: Any, said: list[str]) -> None:
    assert stamps(ask("conversations.history", channel="C0GENERAL", latest="1795000002")) == said[1::-1]
    answer = ask("conversations.history", channel="C0GENERAL", latest="1795000002.0000001", inclusive=True)
    assert stamps(answer) == said[2::-1]


def test_what_is_no_time_and_no_cursor(ask: Any, said: list[str]) -> None:
    place = {"channel": "C0GENERAL"}
    assert ask.error("conversations.history", **place, oldest="yesterday") == "invalid_ts_oldest"
    assert ask.error("conversations.history", **place, latest="1e9") == "invalid_ts_latest"
    assert ask.error("conversations.history", **place, limit=-5) == "invalid_limit"
    # base64 of "next_ts:soon" and of "user:U0ANN"
    for cursor in ("bmV4dF90czpzb29u", "dXNlcjpVMEFOTg==", "%"):
        assert ask.error("conversations.history", **place, cursor=cursor) == "invalid_cursor"


def test_bots_have_to_be_in_but_people_look_into_public_channels(ask: Any, ann: Any, bob: Any, said: list[str]) -> None:
    assert ask.error("conversations.history", channel="C0DEV") == "not_in_channel"
    assert ask.error("conversations.replies", channel="C0DEV", ts=said[0]) == "not_in_channel"
    assert ann("conversations.leave", channel="C0DEV")["ok"]
    assert ann("conversations.history", channel="C0DEV")["ok"]
    assert bob.error("conversations.history", channel="C0SECRET") == "channel_not_found"


def test_replies_are_not_in_the_history_unless_broadcast(ask: Any, said: list[str], thread: list[str]) -> None:
    answer = ask("conversations.history", channel="C0GENERAL")
    assert stamps(answer) == [thread[3], *said[::-1]]
    parent = answer["messages"][-2]
    assert (parent["reply_count"], parent["latest_reply"], parent["reply_users"]) == (4, thread[4], ["U0BOB"])
    assert answer["messages"][0]["subtype"] == "thread_broadcast"


def test_a_thread_oldest_first_by_any_of_its_messages(ask: Any, thread: list[str]) -> None:
    for ts in thread:
        answer = ask("conversations.replies", channel="C0GENERAL", ts=ts)
        assert (stamps(answer), answer["has_more"]) == (thread, False)
    assert [each.get("parent_user_id") for each in answer["messages"]] == [None, *["U0ANN"] * 4]


def test_a_message_alone_is_a_thread_of_one(ask: Any, said: list[str]) -> None:
    assert stamps(ask("conversations.replies", channel="C0GENERAL", ts=said[5])) == [said[5]]


@pytest.mark.parametrize(
    ("limit", "expected"),
    [(2, [[0, 1], [0, 2], [0, 3], [0, 4]]), (3, [[0, 1, 2], [0, 3, 4]]), (1, [[0], [0, 1], [0, 2], [0, 3], [0, 4]])],
)
def test_the_parent_is_on_top_of_every_page(ask: Any, thread: list[str], limit: int, expected: list[list[int]]) -> None:
    pages = ask.pages("conversations.replies", "messages", channel="C0GENERAL", ts=thread[0], limit=limit)
    assert [[thread.index(each["ts"]) for each in page] for page in pages] == expected


def test_a_part_of_a_thread(ask: Any, thread: list[str]) -> None:
    answer = ask("conversations.replies", channel="C0GENERAL", ts=thread[0], oldest=thread[1], latest=thread[4])
    assert stamps(answer) == [thread[0], thread[2], thread[3]]


@pytest.mark.parametrize("ts", ["", "1795000000.999999", "soon"])
def test_no_such_thread(ask: Any, thread: list[str], ts: str) -> None:
    assert ask.error("conversations.replies", channel="C0GENERAL", ts=ts) == "thread_not_found"
    assert ask.error("conversations.replies", channel="C0GENERAL") == "invalid_arguments"


def test_metadata_comes_when_asked_for(ask: Any, workspace: Workspace) -> None:
    metadata = {"event_type": "made", "event_payload": {"id": 1}}
    bot = workspace.core.bot_user(workspace.app)
    workspace.talk.post(workspace.channel("general"), Content(text="x", metadata=metadata), by=bot, wall=1.0)
    assert "metadata" not in ask("conversations.history", channel="C0GENERAL")["messages"][0]
    answer = ask("conversations.history", channel="C0GENERAL", include_all_metadata="true")
    assert answer["messages"][0]["metadata"] == metadata


def test_mark(ask: Any, said: list[str]) -> None:
    assert ask("conversations.mark", channel="C0GENERAL", ts=said[3]) == {"ok": True}
    assert ask("conversations.info", channel="C0GENERAL")["channel"]["last_read"] == said[3]
    assert ask.error("conversations.mark", channel="C0GENERAL", ts="soon") == "invalid_timestamp"
    assert ask.error("conversations.mark", channel="C0DEV", ts=said[3]) == "not_in_channel"


@pytest.mark.parametrize("when", ["9" * 5000, "٣", "-1", "x"])
def test_a_cursor_made_up(ask: Any, said: list[str], when: str) -> None:
    cursor = base64.b64encode(f"next_ts:{when}".encode()).decode()
    assert ask.error("conversations.history", channel="C0GENERAL", cursor=cursor) == "invalid_cursor"
