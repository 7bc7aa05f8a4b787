from __future__ import annotations

import copy
import pickle
from typing import Any

import pytest
from multidict import CIMultiDict, CIMultiDictProxy

from tautwire.errors import ConfigurationError, SlackApiError, SlackRequestError
from tautwire.secret import Secret
from tautwire.web.arguments import Call, FilePart, plan_call
from tautwire.web.response import AsyncSlackResponse, next_cursor


class Pages:
    """Answers each cursor with its page."""

    def __init__(self, **pages: dict[str, Any]) -> None:
        self.pages = pages
        self.calls: list[Call] = []

    async def perform(self, call: Call) -> AsyncSlackResponse:
        self.calls.append(call)
        return response(self.pages[call.form["cursor"]], client=self, call=call)


def response(
    data: dict[str, Any] | bytes, *, client: Any = None, call: Call | None = None, status: int = 200
) -> AsyncSlackResponse:
    return AsyncSlackResponse(
        client=client or Pages(),
        call=call or plan_call("conversations.list", data={"limit": 2}),
        api_url="https://slack.com/api/conversations.list",
        data=data,
        headers={"X-Slack-Req-Id": "r"},
        status_code=status,
    )


def page(cursor: str | None, *items: int) -> dict[str, Any]:
    return {"ok": True, "items": list(items), "response_metadata": {"next_cursor": cursor}}


def test_reads_like_a_dict() -> None:
    answer = response({"ok": True, "channel": "C1", "nothing": None})
    assert answer["channel"] == answer.get("channel") == "C1"
    assert answer["missing"] is None
    assert answer.get("missing", 5) == 5
    assert "channel" in answer
    assert "nothing" not in answer
    assert "missing" not in answer
    assert dict(answer) == answer.data
    assert list(answer.keys()) == ["ok", "channel", "nothing"]
    assert ("ok", True) in answer.items()
    assert "C1" in answer.values()


def test_says_how_it_was_asked() -> None:
    answer = response({"ok": True})
    assert answer.http_verb == "POST"
    assert answer.api_url.endswith("/conversations.list")
    assert answer.req_args["data"] == {"limit": "2"}
    assert answer.headers["X-Slack-Req-Id"] == "r"


def test_validate() -> None:
    good = response({"ok": True})
    assert good.validate() is good
    for bad in (response({"ok": False, "error": "e"}), response({"ok": True, "error": "e"}, status=500), response({})):
        with pytest.raises(SlackApiError) as caught:
            bad.validate()
        assert caught.value.response is bad


def test_neither_repr_nor_str_shows_the_data() -> None:
    answer = response({"ok": True, "url": "wss://ticket"})
    assert repr(answer) == str(answer) == "<AsyncSlackResponse conversations.list status=200 ok>"
    assert repr(response({"ok": False})) == "<AsyncSlackResponse conversations.list status=200 not ok>"


def test_binary_data_is_no_dict() -> None:
    answer = response(b"gz")
    assert answer.is_ok
    assert answer.data == b"gz"
    for use in (lambda: answer["a"], lambda: answer.get("a"), lambda: "a" in answer, answer.keys):
        with pytest.raises(ValueError, match="binary"):
            use()


async def test_pages_follow_the_cursor_past_empty_ones_to_the_end() -> None:
    source = Pages(a=page("b", 3), b=page("c="), **{"c=": page("d", 4), "d": page("")})
    first = response(page("a", 1, 2), client=source)
    pages = [one async for one in first]
    assert [one["items"] for one in pages] == [[1, 2], [3], [], [4], []]
    assert pages[0] is first
    assert [call.form for call in source.calls] == [{"limit": "2", "cursor": c} for c in ("a", "b", "c=", "d")]


async def test_a_walk_is_its_own_iterator() -> None:
    walk = aiter(response(page(None, 1)))
    assert aiter(walk) is walk
    assert (await anext(walk))["items"] == [1]
    with pytest.raises(StopAsyncIteration):
        await anext(walk)


async def test_a_walk_can_be_left_and_made_again() -> None:
    source = Pages(a=page(None, 3))
    first = response(page("a", 1), client=source)
    async for one in first:
        assert one is first
        break
    assert source.calls == []
    assert [one["items"] async for one in first] == [[1], [3]]
    assert [one["items"] async for one in first] == [[1], [3]]


async def test_a_cursor_that_stands_still_ends_the_walk_loudly() -> None:
    source = Pages(a=page("a", 2))
    with pytest.raises(SlackRequestError, match="same cursor"):
        [one async for one in response(page("a", 1), client=source)]
    assert len(source.calls) == 1


async def test_a_cursor_that_cannot_be_sent_ends_the_walk() -> None:
    with pytest.raises(SlackRequestError, match="cursor is no text"):
        await response(page("\ud800", 1)).next_page()


COPIES: list[Any] = [copy.copy, copy.deepcopy, lambda one: pickle.loads(pickle.dumps(one))]


@pytest.mark.parametrize("copied", COPIES)
async def test_a_copy_holds_the_answer_without_secrets(copied: Any) -> None:
    arguments = {"client_secret": "hush", "limit": 2}
    files = {"image": FilePart("i.png", b"hush")}
    headers = {"Cookie": "d=hush"}
    for options in ({"data": arguments, "files": files}, {"json": arguments}, {"verb": "GET", "params": arguments}):
        call = plan_call("conversations.list", token=Secret("xoxb-hush"), headers=headers, **options)
        first = response(page("b", 1), call=call)
        first.headers = CIMultiDictProxy(CIMultiDict({"X-Slack-Req-Id": "r", "Set-Cookie": "d=hush"}))

        other = copied(first)

        assert (other.data, other.status_code, other.api_url) == (first.data, 200, first.api_url)
        assert dict(other.headers) == {"X-Slack-Req-Id": "r"}
        assert other.headers["x-slack-req-id"] == "r"
        assert (other.http_verb, repr(other)) == (first.http_verb, repr(first))
        shown = {**first.req_args, "headers": other.req_args["headers"]}
        assert other.req_args == shown
        assert b"hush" not in pickle.dumps(other, 0)
        assert "hush" not in repr([vars(other), vars(other._call) if hasattr(other._call, "__dict__") else other._call])
        with pytest.raises(ConfigurationError, match="a copy of an answer has no client"):
            await other.next_page()


@pytest.mark.parametrize("copied", COPIES)
async def test_the_last_page_of_a_copy_is_its_last(copied: Any) -> None:
    assert [one["items"] async for one in copied(response(page(None, 1)))] == [[1]]


@pytest.mark.parametrize(
    ("data", "cursor"),
    [
        ({}, None),
        ({"response_metadata": None}, None),
        ({"response_metadata": {}}, None),
        ({"response_metadata": {"next_cursor": ""}}, None),
        ({"response_metadata": {"next_cursor": 5}}, None),
        ({"response_metadata": "odd"}, None),
        ({"response_metadata": {"next_cursor": "a"}}, "a"),
        ({"next_cursor": "b"}, "b"),
        ({"next_cursor": "b", "response_metadata": {"next_cursor": ""}}, "b"),
    ],
)
def test_next_cursor(data: dict[str, Any], cursor: str | None) -> None:
    assert next_cursor(data) == cursor
