"""The release desk on slack_sdk's Socket Mode clients on threads. The first argument names the client."""

import importlib
import json
import os
import re
import sys
import threading
from pathlib import Path
from typing import Any

from slack_sdk import WebClient
from slack_sdk.socket_mode.client import BaseSocketModeClient
from slack_sdk.socket_mode.request import SocketModeRequest
from slack_sdk.socket_mode.response import SocketModeResponse
from slack_sdk.webhook import WebhookClient

DESK = json.loads((Path(__file__).parent.parent / "desk.json").read_text())

web = WebClient(token=os.environ["SLACK_BOT_TOKEN"], base_url=os.environ["SLACK_API_URL"])


def on_event(event: dict[str, Any]) -> None:
    if event["type"] == "app_mention":
        mentioned(event)
    elif event["type"] == "app_home_opened":
        web.views_publish(user_id=event["user"], view=DESK["home"])
    elif event.get("text", "").startswith("knock") and "bot_id" not in event:
        web.chat_postMessage(channel=event["channel"], text="Who is there?")


def mentioned(event: dict[str, Any]) -> None:
    channel, thread = event["channel"], event.get("thread_ts") or event["ts"]
    if "headcount" in event["text"]:
        sizes = [len(page["members"]) for page in web.users_list(limit=100)]
        text = f"{sum(sizes)} people on {len(sizes)} pages"
        web.chat_postMessage(channel=channel, thread_ts=thread, text=text)
    elif "log" in event["text"]:
        web.files_upload_v2(
            channel=channel,
            thread_ts=thread,
            filename="run.log",
            title="The log",
            content="all good\nbye\n",
            initial_comment="Here it is",
        )
    else:
        web.chat_postMessage(channel=channel, thread_ts=thread, text=f"Hello <@{event['user']}>")


def on_command(command: dict[str, Any]) -> None:
    channel, service = command["channel_id"], command["text"]
    if command["command"] == "/report":
        web.chat_postMessage(channel=channel, text="Report: all quiet")
        return
    posted = web.chat_postMessage(channel=channel, text=f"{service}: which version?")
    order = {"service": service, "channel": posted["channel"], "ts": posted["ts"]}
    web.views_open(trigger_id=command["trigger_id"], view={**DESK["modal"], "private_metadata": json.dumps(order)})


def on_interaction(body: dict[str, Any]) -> None:
    match body["type"]:
        case "view_submission":
            submitted(body)
        case "view_closed":
            order = json.loads(body["view"]["private_metadata"])
            web.chat_update(channel=order["channel"], ts=order["ts"], text=f"{order['service']}: called off")
        case "block_actions":
            clicked(body, body["actions"][0])
        case "shortcut":
            web.views_open(trigger_id=body["trigger_id"], view=DESK["task"])
        case "message_action":
            channel, message = body["channel"]["id"], body["message"]
            web.chat_postMessage(channel=channel, thread_ts=message["ts"], text=f"Filed: {message['text']}")


def submitted(body: dict[str, Any]) -> None:
    values = body["view"]["state"]["values"]
    if body["view"]["callback_id"] == "task":
        web.chat_postMessage(channel=body["user"]["id"], text=f"Noted: {values['title_block']['title']['value']}")
        return
    order = json.loads(body["view"]["private_metadata"])
    text = f"{order['service']} {values['version_block']['version']['value']} is out"
    web.chat_update(channel=order["channel"], ts=order["ts"], text=text, blocks=DESK["release"])


def clicked(body: dict[str, Any], action: dict[str, Any]) -> None:
    if action["action_id"] == "details":
        channel, user = body["channel"]["id"], body["user"]["id"]
        web.chat_postEphemeral(channel=channel, user=user, text="Nothing broke so far")
        return
    text = f"<@{body['user']['id']}> gave it to {action['selected_option']['value']}"
    WebhookClient(body["response_url"]).send(text=text, response_type="in_channel", replace_original=False)


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


def listener(client: BaseSocketModeClient, request: SocketModeRequest) -> None:
    body = request.payload
    client.send_socket_mode_response(SocketModeResponse(request.envelope_id, answer(body)))
    if request.type == "events_api":
        on_event(body["event"])
    elif request.type == "slash_commands":
        on_command(body)
    elif not errors_in(body):
        on_interaction(body)


if __name__ == "__main__":
    client_type = importlib.import_module(f"slack_sdk.socket_mode.{sys.argv[1]}").SocketModeClient
    client = client_type(app_token=os.environ["SLACK_APP_TOKEN"], web_client=web)
    client.socket_mode_request_listeners.append(listener)
    client.connect()
    threading.Event().wait()
