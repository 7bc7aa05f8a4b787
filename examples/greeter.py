"""Answers who mentions it, takes `/deploy`, and hears a button: the three kinds of envelopes in one small app.

    export SLACK_APP_TOKEN=xapp-… SLACK_BOT_TOKEN=xoxb-…
    python examples/greeter.py

Ctrl-C ends it: what runs is finished and acked first.
"""

import asyncio

from tautwire import AsyncWebClient, SocketModeClient, SocketModeRequest, SocketModeResponse


async def greet(client: SocketModeClient, request: SocketModeRequest) -> None:
    if request.type != "events_api":
        return
    await client.send_socket_mode_response(SocketModeResponse(request.envelope_id))
    event = request.payload["event"]
    if event["type"] == "app_mention":
        await client.web_client.chat_postMessage(
            channel=event["channel"], text=f"Hello <@{event['user']}>!", thread_ts=event["ts"]
        )


async def deploy(client: SocketModeClient, request: SocketModeRequest) -> None:
    if request.type != "slash_commands":
        return
    # A command is answered in its own ack.
    answer = {"text": f"Deploying {request.payload['text']} …", "response_type": "in_channel"}
    await client.send_socket_mode_response(SocketModeResponse(request.envelope_id, answer))


async def click(client: SocketModeClient, request: SocketModeRequest) -> None:
    if request.type != "interactive":
        return
    await client.send_socket_mode_response(SocketModeResponse(request.envelope_id))
    for action in request.payload.get("actions", ()):
        await client.web_client.chat_postMessage(
            channel=request.payload["channel"]["id"], text=f"Somebody pressed {action['action_id']}."
        )


async def main() -> None:
    async with AsyncWebClient() as web_client:
        client = SocketModeClient(web_client=web_client)
        client.socket_mode_request_listeners += [greet, deploy, click]
        await client.run()


if __name__ == "__main__":
    asyncio.run(main())
