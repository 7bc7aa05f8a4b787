"""slack_sdk, unchanged: conversations, people, reactions and pins, and its own paging."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from slack_sdk.errors import SlackApiError
from slack_sdk.http_retry.builtin_async_handlers import AsyncRateLimitErrorRetryHandler
from slack_sdk.web.async_client import AsyncWebClient

from tautwire.local import LocalSlack
from tautwire.local.workspace.seed import crowd

if TYPE_CHECKING:
    from collections.abc import Awaitable


@pytest.fixture
def web(slack: LocalSlack) -> AsyncWebClient:
    return AsyncWebClient(slack.bot_token, base_url=slack.api_url)


async def refused(call: Awaitable[Any]) -> str:
    with pytest.raises(SlackApiError) as caught:
        await call
    return str(caught.value.response["error"])


async def test_the_life_of_a_channel(slack: LocalSlack, web: AsyncWebClient) -> None:
    channel = (await web.conversations_create(name="cakes", is_private=True))["channel"]["id"]
    await web.conversations_invite(channel=channel, users=["U0ANN", "U0BOB"], force=True)
    await web.conversations_setTopic(channel=channel, topic="Which?")
    await web.conversations_setPurpose(channel=channel, purpose="Cake")
    await web.conversations_rename(channel=channel, name="pies")
    info = (await web.conversations_info(channel=channel, include_num_members=True))["channel"]
    assert (info["name"], info["topic"]["value"], info["purpose"]["value"], info["num_members"]) == (
        "pies",
        "Which?",
        "Cake",
        3,
    )
    await web.conversations_kick(channel=channel, user="U0BOB")
    assert (await web.conversations_members(channel=channel))["members"] == ["U0LOCALBOT", "U0ANN"]
    listed = await web.conversations_list(types=["public_channel", "private_channel"], exclude_archived=True)
    assert "pies" in [each["name"] for each in listed["channels"]]
    await web.conversations_archive(channel=channel)
    assert await refused(web.chat_postMessage(channel=channel, text="x")) == "is_archived"
    await web.conversations_unarchive(channel=channel)
    await web.conversations_leave(channel=channel)
    assert await refused(web.conversations_info(channel=channel)) == "channel_not_found"


async def test_a_direct_conversation(web: AsyncWebClient) -> None:
    opened = await web.conversations_open(users=["U0BOB"], return_im=True)
    assert opened["channel"]["user"] == "U0BOB"
    posted = await web.chat_postMessage(channel=opened["channel"]["id"], text="hi")
    await web.conversations_mark(channel=posted["channel"], ts=posted["ts"])
    assert (await web.conversations_close(channel=posted["channel"]))["ok"]
    assert await refused(web.conversations_join(channel=posted["channel"])) == "method_not_supported_for_channel_type"


async def test_what_is_on_a_message(web: AsyncWebClient) -> None:
    item = {"channel": "C0GENERAL", "timestamp": (await web.chat_postMessage(channel="C0GENERAL", text="x"))["ts"]}
    await web.reactions_add(**item, name="eyes")
    await web.pins_add(**item)
    message = (await web.reactions_get(**item, full=True))["message"]
    assert ([each["name"] for each in message["reactions"]], message["pinned_to"]) == (["eyes"], ["C0GENERAL"])
    assert [each["type"] for each in (await web.reactions_list(limit=5))["items"]] == ["message"]
    assert [each["created_by"] for each in (await web.pins_list(channel="C0GENERAL"))["items"]] == ["U0LOCALBOT"]
    await web.reactions_remove(**item, name="eyes")
    await web.pins_remove(**item)
    assert (await web.pins_list(channel="C0GENERAL"))["items"] == []


async def test_people(slack: LocalSlack, web: AsyncWebClient) -> None:
    assert (await web.users_info(user="U0ANN", include_locale=True))["user"]["locale"] == "en-US"
    assert (await web.users_lookupByEmail(email="bob@acme.test"))["user"]["id"] == "U0BOB"
    assert (await web.users_profile_get(user="U0BOB"))["profile"]["real_name"] == "Bob Ell"
    assert (await web.users_getPresence(user="U0BOB"))["presence"] == "active"
    assert [each["name"] for each in (await web.users_conversations(user="U0DAN"))["channels"]] == ["general", "random"]
    bob = AsyncWebClient(slack.workspace.user_token(slack.workspace.app, slack.workspace.user("bob")), slack.api_url)
    await bob.users_profile_set(profile={"status_text": "Out", "status_emoji": ":tea:"})
    await bob.users_setPresence(presence="away")
    assert slack.workspace.user("bob").status_text == "Out"
    assert (await web.bots_info(bot="B0LOCALBOT"))["bot"]["user_id"] == "U0LOCALBOT"
    assert (await web.team_info())["team"]["domain"] == "acme"
    assert (await web.emoji_list())["emoji"] == {}


async def test_five_hundred_users_by_the_sdks_own_paging(slack: LocalSlack, web: AsyncWebClient) -> None:
    crowd(slack.workspace.core, 500)
    ids: list[str] = []
    pages = 0
    async for page in await web.users_list(limit=100):
        ids += [each["id"] for each in page["members"]]
        pages += 1
    assert ids == list(slack.workspace.users)
    assert (len(ids), pages) == (506, 6)
    members: list[str] = []
    async for page in await web.conversations_members(channel="C0GENERAL", limit=200):
        members += page["members"]
    assert members == list(slack.workspace.channel("general").members)


async def test_a_history_and_a_thread_in_pages(web: AsyncWebClient) -> None:
    stamps = [(await web.chat_postMessage(channel="C0GENERAL", text=str(number)))["ts"] for number in range(7)]
    thread = [stamps[0]]
    thread += [(await web.chat_postMessage(channel="C0GENERAL", text="r", thread_ts=stamps[0]))["ts"] for _ in range(5)]
    found: list[str] = []
    async for page in await web.conversations_history(channel="C0GENERAL", limit=3, inclusive=True):
        found += [each["ts"] for each in page["messages"]]
    assert found == stamps[::-1]
    replies: list[str] = []
    async for page in await web.conversations_replies(channel="C0GENERAL", ts=stamps[0], limit=3):
        assert page["messages"][0]["ts"] == stamps[0]
        replies += [each["ts"] for each in page["messages"][1:]]
    assert replies == thread[1:]


async def test_the_sdk_waits_as_long_as_it_is_told(clock: Any) -> None:
    async with LocalSlack(clock=clock, strict_limits=True) as slack:
        web = AsyncWebClient(slack.bot_token, base_url=slack.api_url)
        waited: list[float] = []

        class Handler(AsyncRateLimitErrorRetryHandler):
            async def prepare_for_next_attempt_async(
                self, *, state: Any, request: Any, response: Any = None, error: Exception | None = None
            ) -> None:
                seconds = response.headers["Retry-After"]
                waited.append(float(seconds[0] if isinstance(seconds, list) else seconds))
                state.increment_current_attempt()
                state.next_attempt_requested = True
                await clock.advance(waited[-1])

        web.retry_handlers.append(Handler())
        for _ in range(8):
            assert (await web.chat_postMessage(channel="C0GENERAL", text="x"))["ok"]
        assert waited == [1.0] * 3
        assert len(slack.messages) == 8
