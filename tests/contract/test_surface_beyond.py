"""What is new beyond slack_sdk's surface, what is taken from the environment, and a program moved by one word."""

from __future__ import annotations

import asyncio
import ssl
import textwrap
from typing import Any

import pytest
import trustme
from slack_sdk.web.async_client import AsyncWebClient as TheirWebClient

from tautwire import AsyncWebClient, ConfigurationError, SocketModeClient, SocketModeRequest, facts
from tautwire.local import LocalSlack, State

TOKEN = "xapp-1"


async def acknowledge(client: SocketModeClient, request: SocketModeRequest) -> None:
    await client.send_socket_mode_response({"envelope_id": request.envelope_id, "payload": {"text": "ok"}})


async def answers(slack: LocalSlack, client: SocketModeClient) -> None:
    """Whether the client connects and acks."""
    client.socket_mode_request_listeners.append(acknowledge)
    async with client:
        await slack.wait_connections(1)
        command = slack.send_command()
        await slack.settled()
        assert (command.state, command.answer) == (State.ACKED, {"text": "ok"})


# The constructor.


def test_it_needs_no_loop_and_opens_nothing() -> None:
    client = SocketModeClient(TOKEN)
    assert (client.message_processor, client.current_session) == (None, None)

    async def later() -> None:
        async with LocalSlack() as slack:
            client.app_token = slack.app_token
            client.wss_uri = slack.websocket_url()
            await answers(slack, client)

    asyncio.run(later())


def test_a_loop_is_ignored_with_a_warning() -> None:
    loop = asyncio.new_event_loop()
    try:
        with pytest.warns(DeprecationWarning, match="loop= is ignored") as caught:
            SocketModeClient(TOKEN, loop=loop)
        assert caught[0].filename == __file__
    finally:
        loop.close()


@pytest.fixture
def proxies(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    for name in ("HTTPS_PROXY", "https_proxy", "HTTP_PROXY", "http_proxy", "NO_PROXY", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
    return monkeypatch


@pytest.mark.parametrize("blank", [None, "", "  "])
def test_a_blank_proxy_is_none(proxies: pytest.MonkeyPatch, blank: str | None) -> None:
    assert SocketModeClient(TOKEN, proxy=blank).proxy is None
    proxies.setenv("HTTP_PROXY", "http://proxy:1")
    assert SocketModeClient(TOKEN, proxy=blank).proxy == "http://proxy:1"
    assert SocketModeClient(TOKEN, proxy="http://mine:2").proxy == "http://mine:2"


async def test_everything_may_come_from_the_environment(slack: LocalSlack, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SLACK_APP_TOKEN", slack.app_token)
    monkeypatch.setenv("SLACK_BOT_TOKEN", slack.bot_token)
    monkeypatch.setenv("SLACK_API_URL", slack.api_url)
    client = SocketModeClient()
    assert client.app_token == slack.app_token
    assert (await client.web_client.auth_test())["ok"]
    await answers(slack, client)


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"app_token": " "}, "SLACK_APP_TOKEN"),
        ({"app_token": "xoxb-1"}, "app-level token"),
        ({"connections": 0}, "1 to 10"),
        ({"connections": 11}, "1 to 10"),
        ({"concurrency": 0}, "at least 1"),
        ({"ping_interval": 0}, "positive"),
        ({"auto_ack": "sometimes"}, "'never', 'events', 'all'"),
        ({"ack_deadline": 4}, "at most 3"),
    ],
)
def test_what_cannot_work_is_said(options: dict[str, Any], words: str) -> None:
    with pytest.raises(ConfigurationError, match=words):
        SocketModeClient(**({"app_token": TOKEN} | options))


# Web clients.


class OnlyApiCall:
    """The least that a web client can be."""

    def __init__(self, slack: LocalSlack) -> None:
        self.base_url = slack.api_url
        self._client = TheirWebClient(base_url=slack.api_url)

    async def api_call(self, method: str, *, http_verb: str, headers: dict[str, str]) -> Any:
        return await self._client.api_call(method, http_verb=http_verb, headers=headers)


@pytest.mark.parametrize(
    "web_client",
    [
        lambda slack: TheirWebClient(base_url=slack.api_url),
        lambda slack: AsyncWebClient(base_url=slack.api_url),
        OnlyApiCall,
    ],
    ids=["slack_sdk's", "ours", "api_call"],
)
async def test_every_kind_of_web_client(slack: LocalSlack, web_client: Any) -> None:
    given = web_client(slack)
    client = SocketModeClient(slack.app_token, web_client=given)
    assert client.web_client is given
    await answers(slack, client)
    assert slack.opens == 1
    if isinstance(given, AsyncWebClient):
        await given.close()


@pytest.mark.parametrize("kind", [TheirWebClient, AsyncWebClient], ids=["slack_sdk's", "ours"])
async def test_the_web_clients_ssl_serves_the_websocket_as_well(kind: Any) -> None:
    authority = trustme.CA()
    server, trusting = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER), ssl.create_default_context()
    authority.issue_cert("127.0.0.1").configure_cert(server)
    authority.configure_trust(trusting)
    async with LocalSlack(ssl_context=server) as slack:
        web_client = kind(base_url=slack.api_url, ssl=trusting)
        await answers(slack, SocketModeClient(slack.app_token, web_client=web_client))
        assert slack.websocket_url().startswith("wss://")
        if isinstance(web_client, AsyncWebClient):
            await web_client.close()


# The rest.


async def test_requests_come_one_by_one_until_the_client_is_closed(slack: LocalSlack, make: Any, ready: Any) -> None:
    client = make()
    await ready(client)
    sent = [slack.send_command(text=str(number)) for number in range(3)]
    seen = []
    async for request in client.requests():
        seen.append(request.payload["text"])
        await acknowledge(client, request)
        if len(seen) == len(sent):
            await slack.settled()
            closing = asyncio.create_task(client.close())
    await closing
    assert sorted(seen) == ["0", "1", "2"]
    assert {each.state for each in sent} == {State.ACKED}
    assert client.socket_mode_request_listeners == []


async def test_a_snapshot(slack: LocalSlack, make: Any, ready: Any, until: Any) -> None:
    client = make(connections=2)
    before = client.snapshot()
    assert (before.is_connected, before.closed, before.connections, before.dials) == (False, False, (), 0)
    client.socket_mode_request_listeners.append(acknowledge)
    await ready(client)
    await slack.wait_connections(2)
    slack.send_command()
    await slack.settled()
    await until(lambda: [each.state for each in client.snapshot().connections] == ["ready", "ready"])
    now = client.snapshot()
    assert (now.is_connected, now.is_recovering, now.closed, now.dials, now.received) == (True, False, False, 2, 1)
    assert all(each.age >= each.silent_for >= 0 for each in now.connections)
    with pytest.raises(AttributeError):
        now.dials = 0
    await client.close()
    after = client.snapshot()
    assert (after.is_connected, after.closed, after.connections, after.received) == (False, True, (), 1)
    assert before.dials == 0


async def test_an_async_with_connects_and_closes(slack: LocalSlack, make: Any) -> None:
    async with make() as client:
        assert slack.accepted == 1
    assert client.closed
    await slack.wait_connections(0)


async def test_run_serves_until_closed(slack: LocalSlack, make: Any) -> None:
    client = make()
    client.socket_mode_request_listeners.append(acknowledge)
    running = asyncio.create_task(client.run())
    await slack.wait_connections(1)
    slack.send_command()
    await slack.settled()
    await client.close()
    await running


async def test_observers_get_the_facts(slack: LocalSlack, make: Any, ready: Any) -> None:
    seen: list[facts.Fact] = []

    def broken(fact: facts.Fact) -> None:
        raise RuntimeError("an observer's own trouble")

    async def failing(client: Any, request: SocketModeRequest) -> None:
        await acknowledge(client, request)
        raise RuntimeError("no")

    client = make(observers=[broken, seen.append])
    client.socket_mode_request_listeners.append(failing)
    await ready(client)
    slack.send_command()
    await slack.settled()
    await client.close()
    kinds = [type(fact).__name__ for fact in seen]
    for kind in ("LinkOpened", "LinkReady", "AckSent", "ListenerFailed", "LinkClosed"):
        assert kind in kinds, kinds
    assert kinds.index("LinkOpened") < kinds.index("LinkReady") < kinds.index("AckSent")


@pytest.mark.parametrize(
    ("auto_ack", "states"),
    [
        ("never", [State.LOST, State.LOST]),
        ("events", [State.ACKED, State.LOST]),
        ("all", [State.ACKED, State.ACKED]),
    ],
)
async def test_what_nobody_acks(seed: int, auto_ack: str, states: list[State]) -> None:
    async def look(*_: Any) -> None: ...

    async with LocalSlack(seed=seed, time_scale=0.001, deadline=0.3) as slack:
        web_client = TheirWebClient(base_url=slack.api_url)
        client = SocketModeClient(slack.app_token, web_client=web_client, auto_ack=auto_ack, ack_deadline=0.05)
        client.socket_mode_request_listeners.append(look)
        async with client:
            await slack.wait_connections(1)
            sent = [slack.send_event(), slack.send_command()]
            await slack.settled()
        assert [each.state for each in sent] == states


async def test_at_most_so_many_listeners_at_a_time(slack: LocalSlack, make: Any, ready: Any) -> None:
    running, most, all_here = 0, 0, asyncio.Event()

    async def count(client: Any, request: SocketModeRequest) -> None:
        nonlocal running, most
        running += 1
        most = max(most, running)
        if running == 3:
            all_here.set()
        await all_here.wait()
        await acknowledge(client, request)
        running -= 1

    client = make(concurrency=3)
    client.socket_mode_request_listeners.append(count)
    await ready(client)
    sent = [slack.send_command() for _ in range(20)]
    await slack.settled()
    assert most == 3
    assert {each.state for each in sent} == {State.ACKED}


# A program, moved by one word.

PROGRAM = textwrap.dedent(
    """
    from slack_sdk.errors import SlackApiError
    from slack_sdk.socket_mode.aiohttp import SocketModeClient
    from slack_sdk.socket_mode.async_client import AsyncBaseSocketModeClient
    from slack_sdk.socket_mode.request import SocketModeRequest
    from slack_sdk.socket_mode.response import SocketModeResponse
    from slack_sdk.web.async_client import AsyncWebClient


    async def main(app_token, bot_token, api_url, over):
        client = SocketModeClient(
            app_token=app_token, web_client=AsyncWebClient(token=bot_token, base_url=api_url), ping_interval=1
        )

        async def process(client: AsyncBaseSocketModeClient, req: SocketModeRequest):
            if req.type == "slash_commands":
                assert await client.is_connected()
                assert (await client.session_id()).startswith("s_")
                answer = {"text": req.payload["text"]}
                await client.send_socket_mode_response(SocketModeResponse(req.envelope_id, answer))
            if req.type == "events_api":
                await client.send_socket_mode_response(SocketModeResponse(envelope_id=req.envelope_id))
                event = req.payload["event"]
                try:
                    await client.web_client.chat_postMessage(channel="nowhere", text="hi")
                except SlackApiError as error:
                    text = error.response["error"]
                await client.web_client.chat_postMessage(channel=event["channel"], thread_ts=event["ts"], text=text)

        client.socket_mode_request_listeners.append(process)
        await client.connect()
        await over.wait()
        await client.close()
        return client
    """
)


async def run(slack: LocalSlack, program: str) -> Any:
    names: dict[str, Any] = {}
    exec(program, names)
    over = asyncio.Event()
    running = asyncio.create_task(names["main"](slack.app_token, slack.bot_token, slack.api_url, over))
    await slack.wait_connections(1)
    command, event = slack.send_command(text="echo"), slack.send_event()
    await slack.settled()
    assert (command.state, command.answer, event.state) == (State.ACKED, {"text": "echo"}, State.ACKED)
    await slack.wait_for(lambda slack: [message["text"] for message in slack.messages] == ["channel_not_found"])
    over.set()
    return await running


async def test_a_program_moved_by_one_word(slack: LocalSlack) -> None:
    client = await run(slack, PROGRAM.replace("slack_sdk", "tautwire"))
    assert type(client) is SocketModeClient
    await client.web_client.close()


@pytest.mark.outlives("tasks", "sockets", reason="slack_sdk's client leaves its tasks to the loop")
async def test_the_same_program_as_it_was(slack: LocalSlack) -> None:
    client = await run(slack, PROGRAM)
    assert type(client).__module__ == "slack_sdk.socket_mode.aiohttp"
    tasks = [client.message_processor, client.current_session_monitor, client.message_receiver]
    await asyncio.gather(*tasks, return_exceptions=True)


def test_the_client_serves_again_on_another_event_loop() -> None:
    client = SocketModeClient("xapp-1-A0LOCAL-1")
    seen: list[str] = []

    async def listen(_: Any, message: dict[str, Any], __: str | None = None, /) -> None:
        seen.append(message["type"])

    async def serve(text: str) -> None:
        async with LocalSlack() as slack, AsyncWebClient(base_url=slack.api_url) as web_client:
            client.app_token, client.web_client = slack.app_token, web_client
            client.message_listeners[:] = [listen]
            await client.connect()
            await client.enqueue_message(text)
            await slack.wait_for(lambda _: text[9:-2] in seen)
            await client.disconnect()

    asyncio.run(serve('{"type":"first"}'))
    asyncio.run(serve('{"type":"second"}'))
    asyncio.run(client.close())
    assert [kind for kind in seen if kind != "hello"] == ["first", "second"]
