"""An errand through the Web API with the plain client: one thing after the other, then what came back, as JSON."""

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError

DESK = json.loads((Path(__file__).parent.parent / "desk.json").read_text())

web = WebClient(token=os.environ["SLACK_BOT_TOKEN"], base_url=os.environ["SLACK_API_URL"])


def people() -> tuple[list[dict[str, Any]], int]:
    members: list[dict[str, Any]] = []
    pages = 0
    for page in web.users_list(limit=100):
        members += page["members"]
        pages += 1
    return members, pages


def general() -> str:
    for page in web.conversations_list(limit=1):
        for channel in page["channels"]:
            if channel["name"] == "general":
                return str(channel["id"])
    raise LookupError("there is no general")


def refusal(call: Callable[[], object]) -> str:
    try:
        call()
    except SlackApiError as error:
        return str(error.response["error"])
    return ""


def main() -> dict[str, Any]:
    me = web.auth_test()
    members, pages = people()
    ann = next(member["id"] for member in members if member["name"] == "ann")
    channel = general()

    ts = web.chat_postMessage(channel=channel, text="First draft", blocks=DESK["release"])["ts"]
    web.chat_update(channel=channel, ts=ts, text="Second draft")
    web.reactions_add(channel=channel, timestamp=ts, name="eyes")
    web.pins_add(channel=channel, timestamp=ts)
    reply = web.chat_postMessage(channel=channel, thread_ts=ts, text="A remark")
    web.chat_postMessage(channel=channel, thread_ts=ts, text="Another")
    web.chat_delete(channel=channel, ts=reply["ts"])
    web.chat_postEphemeral(channel=channel, user=ann, text="Only you")

    reacted = web.reactions_get(channel=channel, timestamp=ts)
    pinned = web.pins_list(channel=channel)
    thread = web.conversations_replies(channel=channel, ts=ts)
    history = web.conversations_history(channel=channel, limit=1)
    permalink = web.chat_getPermalink(channel=channel, message_ts=ts)["permalink"]
    info = web.conversations_info(channel=channel)
    profile = web.users_info(user=ann)
    found = web.users_lookupByEmail(email=profile["user"]["profile"]["email"])

    direct = web.conversations_open(users=[ann])["channel"]["id"]
    web.chat_postMessage(channel=direct, text="Between us")
    home = web.views_publish(user_id=ann, view=DESK["home"])
    upload = web.files_upload_v2(
        channel=channel,
        filename="run.log",
        title="The log",
        content="all good\nbye\n",
        initial_comment="Here it is",
    )
    file = web.files_info(file=upload["file"]["id"])["file"]

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
        "unknown_channel": refusal(lambda: web.chat_postMessage(channel="C0NOWHERE", text="Hello?")),
        "no_text": refusal(lambda: web.chat_postMessage(channel=channel)),
        "bad_trigger": refusal(lambda: web.views_open(trigger_id="1.2.3", view=DESK["modal"])),
    }


print(json.dumps(main()))
