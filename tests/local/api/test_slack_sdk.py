"""slack_sdk, unchanged, with what it makes of lists, flags, files and passwords on the way."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import pytest
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError
from slack_sdk.models.blocks import ActionsBlock, ButtonElement, SectionBlock
from slack_sdk.models.metadata import Metadata
from slack_sdk.models.views import View
from slack_sdk.web.async_client import AsyncWebClient
from slack_sdk.webhook.async_client import AsyncWebhookClient

from tautwire.clock import SYSTEM_CLOCK

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

    from tautwire.local import LocalSlack


@pytest.fixture
def web(slack: LocalSlack) -> AsyncWebClient:
    return AsyncWebClient(slack.bot_token, base_url=slack.api_url)


@pytest.fixture
async def threaded() -> AsyncIterator[Callable[..., Any]]:
    """Call something that waits, without making the loop wait."""
    yield asyncio.to_thread
    await asyncio.get_running_loop().shutdown_default_executor()


async def test_a_message_from_its_first_word_to_its_last(slack: LocalSlack, web: AsyncWebClient) -> None:
    blocks = [
        SectionBlock(text="*Deploy?*"),
        ActionsBlock(elements=[ButtonElement(text="Yes", action_id="yes", value="1", style="primary")]),
    ]
    metadata = Metadata(event_type="asked", event_payload={"about": "deploy"})
    posted = await web.chat_postMessage(
        channel="#general", text="Deploy?", blocks=blocks, metadata=metadata, unfurl_links=False, link_names=True
    )
    message = posted["message"]
    assert [each["type"] for each in message["blocks"]] == ["section", "actions"]
    assert message["blocks"][1]["elements"][0]["action_id"] == "yes"
    assert message["metadata"] == {"event_type": "asked", "event_payload": {"about": "deploy"}}
    place = {"channel": posted["channel"], "ts": posted["ts"]}
    reply = await web.chat_postMessage(channel="C0GENERAL", text="a", thread_ts=posted["ts"], reply_broadcast=True)
    assert reply["message"]["subtype"] == "thread_broadcast"
    assert (await web.chat_update(**place, text="Deployed.", blocks=[]))["message"]["text"] == "Deployed."
    link = await web.chat_getPermalink(channel=place["channel"], message_ts=place["ts"])
    assert link["permalink"].startswith("https://acme.slack.com/archives/C0GENERAL/p")
    assert (await web.chat_meMessage(channel="C0GENERAL", text="rests"))["ok"]
    assert (await web.chat_postEphemeral(channel="C0GENERAL", user="U0ANN", text="psst"))["message_ts"]
    await web.chat_delete(channel="C0GENERAL", ts=reply["ts"])
    await web.chat_delete(**place)
    assert [each["text"] for each in slack.messages] == ["rests"]


async def test_what_is_said_later(slack: LocalSlack, web: AsyncWebClient) -> None:
    post_at = int(SYSTEM_CLOCK.wall()) + 3600
    later = await web.chat_scheduleMessage(channel="C0GENERAL", text="a", post_at=post_at)
    listed = (await web.chat_scheduledMessages_list(channel="C0GENERAL", limit=1))["scheduled_messages"]
    assert [each["id"] for each in listed] == [later["scheduled_message_id"]]
    await web.chat_deleteScheduledMessage(channel="C0GENERAL", scheduled_message_id=later["scheduled_message_id"])


async def test_why_blocks_were_refused(web: AsyncWebClient) -> None:
    with pytest.raises(SlackApiError) as caught:
        await web.chat_postMessage(channel="C0GENERAL", text="a", blocks=[{"type": "section"}])
    answer = caught.value.response
    assert answer["errors"] == ["must define either `text` or `fields` [json-pointer:/blocks/0]"]


async def test_views(slack: LocalSlack, web: AsyncWebClient) -> None:
    view = View(type="modal", title="T", submit="Go", blocks=[SectionBlock(text="a")], callback_id="c")
    opened = (await web.views_open(trigger_id=slack.send_command().payload["trigger_id"], view=view))["view"]
    assert opened["callback_id"] == "c"
    changed = await web.views_update(view_id=opened["id"], hash=opened["hash"], view=view.to_dict())
    assert changed["view"]["hash"] != opened["hash"]
    pushed = await web.views_push(trigger_id=slack.send_command().payload["trigger_id"], view=view)
    assert pushed["view"]["previous_view_id"] == opened["id"]
    home = View(type="home", blocks=[SectionBlock(text="a")])
    assert (await web.views_publish(user_id="U0ANN", view=home))["view"]["type"] == "home"


async def test_files(slack: LocalSlack, web: AsyncWebClient, threaded: Any) -> None:
    given: dict[str, Any] = {"channel": "C0GENERAL", "initial_comment": "look", "alt_txt": "A"}
    uploads = [{"content": "a,b\n", "filename": "a.csv", "title": "A"}, {"content": "c", "filename": "c.txt"}]
    answer = await web.files_upload_v2(file_uploads=uploads, **given)
    assert [each["title"] for each in answer["files"]] == ["A", "c.txt"]
    blocking = WebClient(slack.bot_token, base_url=slack.api_url)
    single = await threaded(blocking.files_upload_v2, content=b"\x00\xff", filename="b.bin", **given)
    file = (await web.files_info(file=single["file"]["id"]))["file"]
    assert (file["size"], file["shares"]["public"]["C0GENERAL"][0]["ts"]) == (2, slack.messages[-1]["ts"])
    assert [len(each["files"]) for each in slack.messages] == [2, 1]
    assert [each["name"] for each in (await web.files_list(types="all", count=2))["files"]] == ["b.bin", "c.txt"]
    await web.files_delete(file=file["id"])


async def test_oauth(slack: LocalSlack, web: AsyncWebClient, threaded: Any) -> None:
    app = slack.workspace.app
    code = slack.workspace.grants.code(app.id, "U0ANN", SYSTEM_CLOCK.monotonic(), redirect_uri="https://x.test")
    client = {"client_id": app.client_id, "client_secret": app.client_secret, "redirect_uri": "https://x.test"}
    answer = await threaded(WebClient(base_url=slack.api_url).oauth_v2_access, code=code, **client)
    assert answer["access_token"] == slack.bot_token
    assert (await AsyncWebhookClient(answer["incoming_webhook"]["url"]).send(text="hi")).body == "ok"
    assert (await web.auth_revoke(test=True))["revoked"] is False
    assert [each["text"] for each in slack.messages] == ["hi"]


async def test_response_urls(slack: LocalSlack) -> None:
    client = AsyncWebhookClient(slack.send_command().payload["response_url"])
    assert (await client.send(text="a", response_type="in_channel")).status_code == 200
    assert (await client.send(text="b", replace_original=True)).body == "ok"
    assert [each["text"] for each in slack.messages] == ["b"]
    assert (await client.send(delete_original=True)).body == "ok"
    assert slack.messages == []
