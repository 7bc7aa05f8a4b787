"""The release desk on slack_sdk's Socket Mode clients on asyncio. The first argument names the client."""

import asyncio
import importlib
import json
import os
import re
import signal
import sys
from pathlib import Path
from typing import Any

from slack_sdk.socket_mode.async_client import AsyncBaseSocketModeClient
from slack_sdk.socket_mode.request import SocketModeRequest
from slack_sdk.socket_mode.response import SocketModeResponse
from slack_sdk.web.async_client import AsyncWebClient
from slack_sdk.webhook.async_client import AsyncWebhookClient

DESK = json.loads((Path(__file__).parent.parent / "desk.json").read_text())

web = AsyncWebClient(token=os.environ["SLACK_BOT_TOKEN"], base_url=os.environ["SLACK_API_URL"])


async def on_event(event: dict[str, Any]) -> None:
    if event["type"] == "app_mention":
        await mentioned(event)
    elif event["type"] == "app_home_opened":
        await web.views_publish(user_id=event["user"], view=DESK["home"])
    elif event.get("text", "").startswith("knock") and "bot_id" not in event:
        await web.chat_postMessage(channel=event["channel"], text="Who is there?")


async def mentioned(event: dict[str, Any]) -> None:
    channel, thread = event["channel"], event.get("thread_ts") or event["ts"]
    if "headcount" in event["text"]:
        sizes = [len(page["members"]) async for page in await web.users_list(limit=100)]
        text = f"{sum(sizes)} people on {len(sizes)} pages"
        await web.chat_postMessage(channel=channel, thread_ts=thread, text=text)
    elif "log" in event["text"]:
        await web.files_upload_v2(
            channel=channel,
            thread_ts=thread,
            filename="run.log",
            title="The log",
            content="all good\nbye\n",
            initial_comment="Here it is",
        )
    else:
        await web.chat_postMessage(channel=channel, thread_ts=thread, text=f"Hello <@{event['user']}>")


async def on_command(command: dict[str, Any]) -> None:
    channel, service = command["channel_id"], command["text"]
    if command["command"] == "/report":
        await web.chat_postMessage(channel=channel, text="Report: all quiet")
        return
    posted = await web.chat_postMessage(channel=channel, text=f"{service}: which version?")
    order = {"service": service, "channel": posted["channel"], "ts": posted["ts"]}
    await web.views_open(
        trigger_id=command["trigger_id"], view={**DESK["modal"], "private_metadata": json.dumps(order)}
    )


async def on_interaction(body: dict[str, Any]) -> None:
    match body["type"]:
        case "view_submission":
            await submitted(body)
        case "view_closed":
            order = json.loads(body["view"]["private_metadata"])
            await web.chat_update(channel=order["channel"], ts=order["ts"], text=f"{order['service']}: called off")
        case "block_actions":
            await clicked(body, body["actions"][0])
        case "shortcut":
            await web.views_open(trigger_id=body["trigger_id"], view=DESK["task"])
        case "message_action":
            channel, message = body["channel"]["id"], body["message"]
            await web.chat_postMessage(channel=channel, thread_ts=message["ts"], text=f"Filed: {message['text']}")


async def submitted(body: dict[str, Any]) -> None:
    values = body["view"]["state"]["values"]
    if body["view"]["callback_id"] == "task":
        await web.chat_postMessage(channel=body["user"]["id"], text=f"Noted: {values['title_block']['title']['value']}")
        return
    order = json.loads(body["view"]["private_metadata"])
    text = f"{order['service']} {values['version_block']['version']['value']} is out"
    await web.chat_update(channel=order["channel"], ts=order["ts"], text=text, blocks=DESK["release"])


async def clicked(body: dict[str, Any], action: dict[str, Any]) -> None:
    if action["action_id"] == "details":
        channel, user = body["channel"]["id"], body["user"]["id"]
        await web.chat_postEphemeral(channel=channel, user=user, text="Nothing broke so far")
        return
    text = f"<@{body['user']['id']}> gave it to {action['selected_option']['value']}"
    await AsyncWebhookClient(body["response_url"]).send(text=text, response_type="in_channel", replace_original=False)


def errors_in(body: dict[str, Any]) -> dict[str, str]:
    if body.get("type") != "view_submission" or body["view"]["callback_id"] != "deploy":
        return {}
    version = body["view"]["state"]["values"]["version_block"]["version"]["value"]
    return {} if re.fullmatch(r"\d+\.\d+\.\d+", version) else {"version_block": "Three numbers, please"}


def answer(body: dict[str, Any]) -> dict[str, Any] | None:
    """What the acknowledgement itself carries."""
    if body.get("command") == "/report":
        return {"text": "Looking"}
    if body.get("type") == "block_suggestion":
        typed = body["value"].lower()
        return {"options": [owner for owner in DESK["owners"] if typed in owner["text"]["text"].lower()]}
    errors = errors_in(body)
    return {"response_action": "errors", "errors": errors} if errors else None


async def listener(client: AsyncBaseSocketModeClient, request: SocketModeRequest) -> None:
    body = request.payload
    await client.send_socket_mode_response(SocketModeResponse(request.envelope_id, answer(body)))
    if request.type == "events_api":
        await on_event(body["event"])
    elif request.type == "slash_commands":
        await on_command(body)
    elif not errors_in(body):
        await on_interaction(body)


async def main(name: str) -> None:
    client_type = importlib.import_module(f"slack_sdk.socket_mode.{name}").SocketModeClient
    stop = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
    client = client_type(app_token=os.environ["SLACK_APP_TOKEN"], web_client=web)
    client.socket_mode_request_listeners.append(listener)
    await client.connect()
    await stop.wait()
    await client.close()


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1]))
