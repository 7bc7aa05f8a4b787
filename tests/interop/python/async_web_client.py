"""An errand through the Web API with the asyncio client: one thing after the other, then what came back, as JSON."""

import asyncio
import json
import os
from collections.abc import Awaitable
from pathlib import Path
from typing import Any

from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

DESK = json.loads((Path(__file__).parent.parent / "desk.json").read_text())

web = AsyncWebClient(token=os.environ["SLACK_BOT_TOKEN"], base_url=os.environ["SLACK_API_URL"])


async def people() -> tuple[list[dict[str, Any]], int]:
    members: list[dict[str, Any]] = []
    pages = 0
    async for page in await web.users_list(limit=100):
        members += page["members"]
        pages += 1
    return members, pages


async def general() -> str:
    async for page in await web.conversations_list(limit=1):
        for channel in page["channels"]:
            if channel["name"] == "general":
                return str(channel["id"])
    raise LookupError("there is no general")


async def refusal(call: Awaitable[object]) -> str:
    try:
        await call
    except SlackApiError as error:
        return str(error.response["error"])
    return ""


async def main() -> dict[str, Any]:
    me = await web.auth_test()
    members, pages = await people()
    ann = next(member["id"] for member in members if member["name"] == "ann")
    channel = await general()

    ts = (await web.chat_postMessage(channel=channel, text="First draft", blocks=DESK["release"]))["ts"]
    await web.chat_update(channel=channel, ts=ts, text="Second draft")
    await web.reactions_add(channel=channel, timestamp=ts, name="eyes")
    await web.pins_add(channel=channel, timestamp=ts)
    reply = await web.chat_postMessage(channel=channel, thread_ts=ts, text="A remark")
    await web.chat_postMessage(channel=channel, thread_ts=ts, text="Another")
    await web.chat_delete(channel=channel, ts=reply["ts"])
    await web.chat_postEphemeral(channel=channel, user=ann, text="Only you")

    reacted = await web.reactions_get(channel=channel, timestamp=ts)
    pinned = await web.pins_list(channel=channel)
    thread = await web.conversations_replies(channel=channel, ts=ts)
    history = await web.conversations_history(channel=channel, limit=1)
    permalink = (await web.chat_getPermalink(channel=channel, message_ts=ts))["permalink"]
    info = await web.conversations_info(channel=channel)
    profile = await web.users_info(user=ann)
    found = await web.users_lookupByEmail(email=profile["user"]["profile"]["email"])

    direct = (await web.conversations_open(users=[ann]))["channel"]["id"]
    await web.chat_postMessage(channel=direct, text="Between us")
    home = await web.views_publish(user_id=ann, view=DESK["home"])
    upload = await web.files_upload_v2(
        channel=channel,
        filename="run.log",
        title="The log",
        content="all good\nbye\n",
        initial_comment="Here it is",
    )
    file = (await web.files_info(file=upload["file"]["id"]))["file"]

    return {
        "user": me["user_id"],
        "people": len(members),
        "pages": pages,
        "channel": channel,
        "ts": ts,
        "permalink": permalink,
        "text": thread["messages"][0]["text"],
        "replies": [message["text"] for message in thread["messages"][1:]],
        "latest": history["messages"][0]["ts"],
        "reactions": [reaction["name"] for reaction in reacted["message"]["reactions"]],
        "pins": [item["message"]["ts"] for item in pinned["items"]],
        "name": info["channel"]["name"],
        "found": found["user"]["name"],
        "direct": direct,
        "home": home["view"]["type"],
        "file": [file["name"], file["title"], file["size"]],
        "unknown_channel": await refusal(web.chat_postMessage(channel="C0NOWHERE", text="Hello?")),
        "no_text": await refusal(web.chat_postMessage(channel=channel)),
        "bad_trigger": await refusal(web.views_open(trigger_id="1.2.3", view=DESK["modal"])),
    }


print(json.dumps(asyncio.run(main())))
