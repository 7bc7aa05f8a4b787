"""The release desk as a Bolt app on asyncio. The first argument names the adapter that carries it."""

import asyncio
import importlib
import json
import os
import re
import signal
import sys
from pathlib import Path
from typing import Any

from slack_bolt.app.async_app import AsyncApp
from slack_sdk.web.async_client import AsyncWebClient

DESK = json.loads((Path(__file__).parent.parent / "desk.json").read_text())

app = AsyncApp(client=AsyncWebClient(token=os.environ["SLACK_BOT_TOKEN"], base_url=os.environ["SLACK_API_URL"]))


@app.event("app_mention")
async def mentioned(event: dict[str, Any], client: AsyncWebClient, say: Any) -> None:
    thread = event.get("thread_ts") or event["ts"]
    if "headcount" in event["text"]:
        sizes = [len(page["members"]) async for page in await client.users_list(limit=100)]
        await say(text=f"{sum(sizes)} people on {len(sizes)} pages", thread_ts=thread)
    elif "log" in event["text"]:
        await client.files_upload_v2(
            channel=event["channel"],
            thread_ts=thread,
            filename="run.log",
            title="The log",
            content="all good\nbye\n",
            initial_comment="Here it is",
        )
    else:
        await say(text=f"Hello <@{event['user']}>", thread_ts=thread)


@app.message(re.compile("^knock"))
async def knocked(say: Any) -> None:
    await say("Who is there?")


@app.event("message")
async def small_talk() -> None:
    pass


@app.event("app_home_opened")
async def at_home(event: dict[str, Any], client: AsyncWebClient) -> None:
    await client.views_publish(user_id=event["user"], view=DESK["home"])


@app.command("/deploy")
async def deploy(ack: Any, body: dict[str, Any], client: AsyncWebClient) -> None:
    await ack()
    service = body["text"]
    posted = await client.chat_postMessage(channel=body["channel_id"], text=f"{service}: which version?")
    order = {"service": service, "channel": posted["channel"], "ts": posted["ts"]}
    await client.views_open(
        trigger_id=body["trigger_id"], view={**DESK["modal"], "private_metadata": json.dumps(order)}
    )


@app.view("deploy")
async def deploying(ack: Any, view: dict[str, Any], client: AsyncWebClient) -> None:
    version = view["state"]["values"]["version_block"]["version"]["value"]
    if not re.fullmatch(r"\d+\.\d+\.\d+", version):
        await ack(response_action="errors", errors={"version_block": "Three numbers, please"})
        return
    await ack()
    order = json.loads(view["private_metadata"])
    text = f"{order['service']} {version} is out"
    await client.chat_update(channel=order["channel"], ts=order["ts"], text=text, blocks=DESK["release"])


@app.view_closed("deploy")
async def called_off(ack: Any, view: dict[str, Any], client: AsyncWebClient) -> None:
    await ack()
    order = json.loads(view["private_metadata"])
    await client.chat_update(channel=order["channel"], ts=order["ts"], text=f"{order['service']}: called off")


@app.action("details")
async def details(ack: Any, body: dict[str, Any], client: AsyncWebClient) -> None:
    await ack()
    await client.chat_postEphemeral(channel=body["channel"]["id"], user=body["user"]["id"], text="Nothing broke so far")


@app.options("owner")
async def owners(ack: Any, payload: dict[str, Any]) -> None:
    typed = payload["value"].lower()
    await ack(options=[owner for owner in DESK["owners"] if typed in owner["text"]["text"].lower()])


@app.action("owner")
async def given(ack: Any, action: dict[str, Any], body: dict[str, Any], respond: Any) -> None:
    await ack()
    text = f"<@{body['user']['id']}> gave it to {action['selected_option']['value']}"
    await respond(text=text, response_type="in_channel", replace_original=False)


async def looking(ack: Any) -> None:
    await ack("Looking")


async def report(body: dict[str, Any], client: AsyncWebClient) -> None:
    await client.chat_postMessage(channel=body["channel_id"], text="Report: all quiet")


app.command("/report")(ack=looking, lazy=[report])


@app.shortcut("new_task")
async def new_task(ack: Any, shortcut: dict[str, Any], client: AsyncWebClient) -> None:
    await ack()
    await client.views_open(trigger_id=shortcut["trigger_id"], view=DESK["task"])


@app.view("task")
async def noted(ack: Any, body: dict[str, Any], view: dict[str, Any], client: AsyncWebClient) -> None:
    await ack()
    title = view["state"]["values"]["title_block"]["title"]["value"]
    await client.chat_postMessage(channel=body["user"]["id"], text=f"Noted: {title}")


@app.shortcut("file_bug")
async def file_bug(ack: Any, shortcut: dict[str, Any], client: AsyncWebClient) -> None:
    await ack()
    message = shortcut["message"]
    await client.chat_postMessage(
        channel=shortcut["channel"]["id"], thread_ts=message["ts"], text=f"Filed: {message['text']}"
    )


async def main(adapter: str) -> None:
    handler_type = importlib.import_module(f"slack_bolt.adapter.socket_mode.{adapter}").AsyncSocketModeHandler
    stop = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
    handler = handler_type(app, os.environ["SLACK_APP_TOKEN"])
    await handler.connect_async()
    await stop.wait()
    await handler.close_async()


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1]))
