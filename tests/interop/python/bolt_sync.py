"""The release desk as a Bolt app on threads. The first argument names the adapter that carries it."""

import asyncio
import importlib
import json
import os
import re
import signal
import sys
from pathlib import Path
from typing import Any

from slack_bolt import App
from slack_sdk import WebClient
from slack_sdk.web.async_client import AsyncWebClient

DESK = json.loads((Path(__file__).parent.parent / "desk.json").read_text())
URL = os.environ["SLACK_API_URL"]

app = App(client=WebClient(token=os.environ["SLACK_BOT_TOKEN"], base_url=URL))


@app.event("app_mention")
def mentioned(event: dict[str, Any], client: WebClient, say: Any) -> None:
    thread = event.get("thread_ts") or event["ts"]
    if "headcount" in event["text"]:
        sizes = [len(page["members"]) for page in client.users_list(limit=100)]
        say(text=f"{sum(sizes)} people on {len(sizes)} pages", thread_ts=thread)
    elif "log" in event["text"]:
        client.files_upload_v2(
            channel=event["channel"],
            thread_ts=thread,
            filename="run.log",
            title="The log",
            content="all good\nbye\n",
            initial_comment="Here it is",
        )
    else:
        say(text=f"Hello <@{event['user']}>", thread_ts=thread)


@app.message(re.compile("^knock"))
def knocked(say: Any) -> None:
    say("Who is there?")


@app.event("message")
def small_talk() -> None:
    pass


@app.event("app_home_opened")
def at_home(event: dict[str, Any], client: WebClient) -> None:
    client.views_publish(user_id=event["user"], view=DESK["home"])


@app.command("/deploy")
def deploy(ack: Any, body: dict[str, Any], client: WebClient) -> None:
    ack()
    service = body["text"]
    posted = client.chat_postMessage(channel=body["channel_id"], text=f"{service}: which version?")
    order = {"service": service, "channel": posted["channel"], "ts": posted["ts"]}
    client.views_open(trigger_id=body["trigger_id"], view={**DESK["modal"], "private_metadata": json.dumps(order)})


@app.view("deploy")
def deploying(ack: Any, view: dict[str, Any], client: WebClient) -> None:
    version = view["state"]["values"]["version_block"]["version"]["value"]
    if not re.fullmatch(r"\d+\.\d+\.\d+", version):
        ack(response_action="errors", errors={"version_block": "Three numbers, please"})
        return
    ack()
    order = json.loads(view["private_metadata"])
    text = f"{order['service']} {version} is out"
    client.chat_update(channel=order["channel"], ts=order["ts"], text=text, blocks=DESK["release"])


@app.view_closed("deploy")
def called_off(ack: Any, view: dict[str, Any], client: WebClient) -> None:
    ack()
    order = json.loads(view["private_metadata"])
    client.chat_update(channel=order["channel"], ts=order["ts"], text=f"{order['service']}: called off")


@app.action("details")
def details(ack: Any, body: dict[str, Any], client: WebClient) -> None:
    ack()
    client.chat_postEphemeral(channel=body["channel"]["id"], user=body["user"]["id"], text="Nothing broke so far")


@app.options("owner")
def owners(ack: Any, payload: dict[str, Any]) -> None:
    typed = payload["value"].lower()
    ack(options=[owner for owner in DESK["owners"] if typed in owner["text"]["text"].lower()])


@app.action("owner")
def given(ack: Any, action: dict[str, Any], body: dict[str, Any], respond: Any) -> None:
    ack()
    text = f"<@{body['user']['id']}> gave it to {action['selected_option']['value']}"
    respond(text=text, response_type="in_channel", replace_original=False)


def looking(ack: Any) -> None:
    ack("Looking")


def report(body: dict[str, Any], client: WebClient) -> None:
    client.chat_postMessage(channel=body["channel_id"], text="Report: all quiet")


app.command("/report")(ack=looking, lazy=[report])


@app.shortcut("new_task")
def new_task(ack: Any, shortcut: dict[str, Any], client: WebClient) -> None:
    ack()
    client.views_open(trigger_id=shortcut["trigger_id"], view=DESK["task"])


@app.view("task")
def noted(ack: Any, body: dict[str, Any], view: dict[str, Any], client: WebClient) -> None:
    ack()
    title = view["state"]["values"]["title_block"]["title"]["value"]
    client.chat_postMessage(channel=body["user"]["id"], text=f"Noted: {title}")


@app.shortcut("file_bug")
def file_bug(ack: Any, shortcut: dict[str, Any], client: WebClient) -> None:
    ack()
    message = shortcut["message"]
    client.chat_postMessage(
        channel=shortcut["channel"]["id"], thread_ts=message["ts"], text=f"Filed: {message['text']}"
    )


async def serve(handler_type: Any) -> None:
    stop = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
    web = AsyncWebClient(token=os.environ["SLACK_BOT_TOKEN"], base_url=URL)
    handler = handler_type(app, os.environ["SLACK_APP_TOKEN"], web_client=web)
    await handler.connect_async()
    await stop.wait()
    await handler.close_async()


if __name__ == "__main__":
    handler_type = importlib.import_module(f"slack_bolt.adapter.socket_mode.{sys.argv[1]}").SocketModeHandler
    if sys.argv[1] in ("aiohttp", "websockets"):
        asyncio.run(serve(handler_type))
    else:
        handler_type(app, os.environ["SLACK_APP_TOKEN"]).start()
