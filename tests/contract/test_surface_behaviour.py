"""The attributes and methods of the surface do what their documentation says: before, while and after."""

from __future__ import annotations

import asyncio
import json
import logging
from typing import TYPE_CHECKING, Any

import aiohttp
import pytest
from slack_sdk.socket_mode.response import SocketModeResponse as TheirResponse

from tautwire import (
    ClientClosedError,
    InvalidTokenError,
    MessageTooLargeError,
    NotConnectedError,
    SocketModeClient,
    SocketModeRequest,
    SocketModeResponse,
    facts,
)
from tautwire.local import Fault, State

if TYPE_CHECKING:
    from tautwire.local import LocalSlack

VIEWS = (
    "current_session",
    "aiohttp_client_session",
    "message_receiver",
    "current_session_monitor",
    "last_ping_pong_time",
)


def envelope(number: int = 1, **more: Any) -> str:
    return json.dumps({"type": "slash_commands", "envelope_id": f"e{number}", "payload": {"text": "hi"}} | more)


async def nothing(*_: Any) -> None: ...


# Attributes.


async def test_before_connect(client: SocketModeClient) -> None:
    for name in (*VIEWS, "wss_uri", "message_processor"):
        assert getattr(client, name) is None, name
    assert (client.closed, client.stale) == (False, False)
    assert (client.auto_reconnect_enabled, client.default_auto_reconnect_enabled) == (True, True)
    assert client.message_queue.empty()
    assert not client.connect_operation_lock.locked()
    assert (await client.is_connected(), await client.is_ping_pong_failing(), await client.session_id()) == (
        False,
        False,
        "",
    )
    for listeners in (
        client.message_listeners,
        client.socket_mode_request_listeners,
        client.on_message_listeners,
        client.on_error_listeners,
        client.on_close_listeners,
    ):
        assert listeners == []


async def test_while_connected(slack: LocalSlack, make: Any, ready: Any, until: Any) -> None:
    client = make(ping_interval=0.05)
    await ready(client)
    session = client.current_session
    assert isinstance(session, aiohttp.ClientWebSocketResponse)
    assert not session.closed
    assert isinstance(client.aiohttp_client_session, aiohttp.ClientSession)
    for name in ("message_receiver", "current_session_monitor", "message_processor"):
        assert not getattr(client, name).done(), name
    assert await client.is_connected()
    assert await client.session_id() == client.build_session_id(session) == f"s_{hash(session)}"
    assert client.wss_uri is None
    await until(lambda: client.last_ping_pong_time)
    assert 0 <= client._clock.wall() - client.last_ping_pong_time < 10
    assert not await client.is_ping_pong_failing()


@pytest.mark.parametrize("ending", ["close", "disconnect"])
async def test_afterwards(slack: LocalSlack, client: SocketModeClient, ready: Any, ending: str) -> None:
    await ready(client)
    receiver, monitor = client.message_receiver, client.current_session_monitor
    await getattr(client, ending)()
    for name in VIEWS:
        assert getattr(client, name) is None, name
    assert receiver is not None
    assert receiver.done()
    assert monitor is not None
    assert monitor.done()
    assert (client.closed, client.stale) == (ending == "close", False)
    assert (await client.is_connected(), await client.session_id()) == (False, "")
    await slack.wait_connections(0)
    if ending == "close":
        assert client.message_processor is None or client.message_processor.done()
        with pytest.raises(ClientClosedError):
            await client.connect()
    else:
        await ready(client)
        assert await client.is_connected()
        assert slack.accepted == 2


async def test_settings_are_read_when_they_matter(slack: LocalSlack, make: Any, ready: Any) -> None:
    client = make(app_token="xapp-wrong")
    client.app_token = slack.app_token
    assert client.app_token == slack.app_token
    logger = logging.getLogger("another")
    client.logger, client.trace_enabled, client.ping_interval = logger, True, 7
    await ready(client)
    assert (client.logger, client.trace_enabled, client.ping_interval) == (logger, True, 7)


async def test_connecting_overwrites_no_wish_to_stay_down(slack: LocalSlack, make: Any, ready: Any, until: Any) -> None:
    client = make(auto_reconnect_enabled=False)
    assert not client.default_auto_reconnect_enabled
    client.default_auto_reconnect_enabled = True
    await ready(client)
    assert not client.auto_reconnect_enabled
    slack.drop()
    await until(lambda: client.current_session is None)
    assert not await client.is_connected()
    assert slack.accepted == 1
    client.auto_reconnect_enabled = True
    await client.wait_until_ready(10)
    assert slack.accepted == 2


async def test_a_url_of_ones_own_serves_for_exactly_one_dial(
    slack: LocalSlack, client: SocketModeClient, ready: Any
) -> None:
    client.wss_uri = slack.websocket_url()
    assert client.wss_uri.startswith("ws://")
    await ready(client)
    assert [client.wss_uri, slack.opens] == [None, 0]
    slack.drop()
    await slack.wait_for(lambda slack: slack.accepted == 2)
    assert [client.wss_uri, slack.opens] == [None, 1]


async def test_a_quiet_connection_is_stale_and_its_pings_fail(
    slack: LocalSlack, make: Any, ready: Any, clock: Any
) -> None:
    client = make(clock=clock)
    await ready(client)
    slack.faults.add(Fault(where="pong", kind="missing"), Fault(where="ping", kind="missing"))
    slack.faults.add(Fault(where="hello", kind="missing"))
    await clock.wind(9)
    assert (client.stale, await client.is_ping_pong_failing()) == (False, False)
    await clock.wind(8)
    assert (client.stale, await client.is_connected(), await client.is_ping_pong_failing()) == (True, False, False)
    client.ping_interval = 2
    assert await client.is_ping_pong_failing()


async def test_before_the_hello_nothing_is_connected(slack: LocalSlack, client: SocketModeClient) -> None:
    slack.faults.add(Fault(where="hello", kind="missing", count=1))
    await client.connect()
    assert slack.accepted == 1
    assert (client.current_session, await client.is_connected(), await client.session_id()) == (None, False, "")
    with pytest.raises(TimeoutError):
        await client.wait_until_ready(0.01)
    slack.newest.say_hello()
    await client.wait_until_ready(10)
    assert await client.is_connected()


# Connecting.


async def test_connect_twice_is_one_connection(slack: LocalSlack, client: SocketModeClient) -> None:
    await asyncio.gather(*(client.connect() for _ in range(5)))
    await client.connect()
    assert slack.accepted == slack.opens == 1


async def test_a_refusal_for_good_comes_out_of_connect(slack: LocalSlack, client: SocketModeClient) -> None:
    slack.faults.add(Fault(where="api", kind="error", error="invalid_auth", count=1))
    with pytest.raises(InvalidTokenError) as caught:
        await client.connect()
    assert caught.value.code == "invalid_auth"
    await client.connect()
    assert slack.accepted == 1


async def test_a_new_endpoint_is_for_those_who_need_one(
    slack: LocalSlack, client: SocketModeClient, ready: Any
) -> None:
    await client.connect_to_new_endpoint()
    assert (slack.accepted, await client.is_connected()) == (1, True)
    await client.connect_to_new_endpoint()
    assert slack.accepted == 1
    before = await client.session_id()
    await asyncio.gather(*(client.connect_to_new_endpoint(force=True) for _ in range(5)))
    assert slack.accepted == 2
    assert await client.session_id() != before


async def test_urls_are_issued_and_errors_said(slack: LocalSlack, client: SocketModeClient) -> None:
    url = await client.issue_new_wss_url()
    assert url.startswith("ws://")
    slack.faults.add(Fault(where="api", kind="ratelimited", retry_after=0, count=2))
    assert (await client.issue_new_wss_url()) != url
    assert slack.opens == 4
    slack.faults.add(Fault(where="api", kind="error", error="invalid_auth", count=1))
    with pytest.raises(InvalidTokenError):
        await client.issue_new_wss_url()


async def test_waiting_for_what_nobody_has_asked_for(client: SocketModeClient) -> None:
    with pytest.raises(NotConnectedError):
        await client.wait_until_ready(10)


async def test_the_loops_can_be_awaited_by_those_who_drive_them(
    slack: LocalSlack, client: SocketModeClient, ready: Any
) -> None:
    await client.receive_messages()
    await client.monitor_current_session()
    await ready(client)
    following = [
        asyncio.create_task(client.receive_messages()),
        asyncio.create_task(client.monitor_current_session()),
    ]
    await asyncio.sleep(0)
    assert not any(task.done() for task in following)
    slack.drop()
    async with asyncio.timeout(10):
        await asyncio.gather(*following)


def test_a_session_id() -> None:
    assert SocketModeClient.build_session_id(None) == ""
    session: Any = "a session"
    assert SocketModeClient.build_session_id(session) == f"s_{hash(session)}"


# Messages, as if received.


async def test_a_message_put_in_by_hand(client: SocketModeClient, until: Any) -> None:
    seen: list[Any] = []

    async def on_message(client: Any, message: dict[str, Any], raw: str | None) -> None:
        seen.append((client, message, raw))

    async def on_request(client: Any, request: SocketModeRequest) -> None:
        seen.append((client, request.type, request.envelope_id, request.payload))

    client.message_listeners.append(on_message)
    client.socket_mode_request_listeners.append(on_request)
    text = envelope()
    await client.enqueue_message(text)
    assert client.message_queue.qsize() == 1
    await client.process_message()
    await until(lambda: len(seen) == 2)
    assert seen == [(client, json.loads(text), text), (client, "slash_commands", "e1", {"text": "hi"})]
    assert client.message_queue.empty()


async def test_process_message_waits_for_one(client: SocketModeClient, until: Any) -> None:
    processing = asyncio.create_task(client.process_message())
    await asyncio.sleep(0)
    assert not processing.done()
    await client.enqueue_message(envelope())
    await processing


async def test_a_connected_client_takes_what_is_put_in(
    slack: LocalSlack, client: SocketModeClient, ready: Any, until: Any
) -> None:
    """Its ack goes out, too, although no connection has delivered it; nonsense costs nothing."""

    async def on_request(client: Any, request: SocketModeRequest) -> None:
        await client.send_socket_mode_response(SocketModeResponse(request.envelope_id))

    seen: list[facts.Fact] = []
    client.observers.append(seen.append)
    client.socket_mode_request_listeners.append(on_request)
    await ready(client)
    for text in ("nonsense", "", "[1]", envelope(), json.dumps({"type": "disconnect", "reason": "warning"})):
        await client.enqueue_message(text)
    await slack.wait_for(lambda slack: slack.ledger.summary().unknown_acks == 1)
    await slack.wait_for(lambda slack: slack.accepted == 2)
    assert sum(isinstance(fact, facts.MalformedFrame) for fact in seen) == 3


async def test_process_messages_ends_with_the_client(client: SocketModeClient, until: Any) -> None:
    client.socket_mode_request_listeners.append(nothing)
    processing = asyncio.create_task(client.process_messages())
    await client.enqueue_message(envelope(1))
    await client.enqueue_message(envelope(2))
    await until(lambda: client.snapshot().received == 2)
    client.closed = True
    await client.enqueue_message(envelope(3))
    async with asyncio.timeout(10):
        await processing


async def test_a_listener_that_raises_costs_only_itself(
    client: SocketModeClient, caplog: pytest.LogCaptureFixture
) -> None:
    seen: list[str] = []

    def listener(name: str, *, fails: bool = False) -> Any:
        async def listen(_: Any, what: Any, *__: Any) -> None:
            seen.append(name)
            if fails:
                raise RuntimeError(str(what["payload"] if isinstance(what, dict) else what.payload))

        return listen

    client.message_listeners += [listener("message 1", fails=True), listener("message 2")]
    client.socket_mode_request_listeners += [listener("request 1", fails=True), listener("request 2")]
    message = json.loads(envelope(payload={"text": "hush"}))
    await client.run_message_listeners(message, json.dumps(message))
    assert seen == ["message 1", "message 2", "request 1", "request 2"]
    errors = [record.getMessage() for record in caplog.records if record.levelname == "ERROR"]
    assert len(errors) == 2
    assert all("RuntimeError" in error and "hush" not in error for error in errors)


@pytest.mark.parametrize("lacking", ["type", "envelope_id", "payload"])
async def test_only_whole_envelopes_are_requests(client: SocketModeClient, lacking: str) -> None:
    seen: list[str] = []

    async def on_message(*_: Any) -> None:
        seen.append("message")

    async def on_request(*_: Any) -> None:
        seen.append("request")

    client.message_listeners.append(on_message)
    client.socket_mode_request_listeners.append(on_request)
    message = json.loads(envelope())
    del message[lacking]
    await client.run_message_listeners(message, json.dumps(message))
    assert seen == ["message"]


async def test_message_listeners_hear_everything_also_those_appended_later(
    slack: LocalSlack, client: SocketModeClient, ready: Any, until: Any
) -> None:
    early: list[str] = []
    late: list[str] = []

    async def on_message(client: Any, message: dict[str, Any], raw: str | None) -> None:
        early.append(message["type"])

    async def on_request(client: Any, request: SocketModeRequest) -> None:
        late.append(request.type)
        await client.send_socket_mode_response({"envelope_id": request.envelope_id})

    client.message_listeners.append(on_message)
    await ready(client)
    await until(lambda: early == ["hello"])
    client.socket_mode_request_listeners.append(on_request)
    slack.send_command()
    await slack.settled()
    slack.refresh(0.0, linger=0.0)
    await until(lambda: early.count("hello") == 2)
    assert early[1] == "slash_commands"
    assert late == ["slash_commands"]


async def test_frame_listeners(slack: LocalSlack, make: Any, ready: Any, until: Any) -> None:
    seen: list[aiohttp.WSMessage] = []

    async def on_frame(message: aiohttp.WSMessage) -> None:
        seen.append(message)

    client = make(on_message_listeners=[on_frame], on_close_listeners=[on_frame], on_error_listeners=[on_frame])
    await ready(client)
    await until(lambda: [message.type for message in seen] == [aiohttp.WSMsgType.TEXT])
    assert json.loads(seen[0].data)["type"] == "hello"
    slack.drop("close")
    await until(lambda: any(message.type is aiohttp.WSMsgType.CLOSE for message in seen))
    assert [message.data for message in seen if message.type is aiohttp.WSMsgType.CLOSE] == [1001]
    await client.wait_until_ready(10)
    slack.newest.raw(b"\xf3\x00")
    await until(lambda: any(message.type is aiohttp.WSMsgType.ERROR for message in seen))


# Sending.


async def test_nothing_to_send_on(client: SocketModeClient) -> None:
    with pytest.raises(ConnectionError) as caught:
        await client.send_message("{}")
    assert isinstance(caught.value, NotConnectedError)
    with pytest.raises(NotConnectedError):
        await client.send_socket_mode_response({"envelope_id": "e1"})


async def test_a_message_waits_for_the_reconnect_that_is_under_way(
    slack: LocalSlack, client: SocketModeClient, ready: Any, until: Any
) -> None:
    await ready(client)
    await client.send_message("first")
    await slack.wait_for(lambda slack: slack.newest.counts["texts"] == 1)
    slack.drop()
    await until(lambda: client.current_session is None)
    await client.send_message("second")
    await slack.wait_for(lambda slack: slack.accepted == 2 and slack.newest.counts["texts"] == 1)


async def test_a_message_that_slack_would_close_for(slack: LocalSlack, client: SocketModeClient, ready: Any) -> None:
    await ready(client)
    with pytest.raises(MessageTooLargeError):
        await client.send_message("é" * 10_240)
    await client.send_message("é" * 10_239)
    await slack.wait_for(lambda slack: slack.newest.counts["texts"] == 1)


class Model:
    """Anything with `to_dict()`."""

    def __init__(self, envelope_id: str, payload: dict[str, Any]) -> None:
        self.content = {"envelope_id": envelope_id, "payload": payload}

    def to_dict(self) -> dict[str, Any]:
        return self.content


@pytest.mark.parametrize(
    "response",
    [
        SocketModeResponse,
        TheirResponse,
        Model,
        lambda envelope_id, payload: {"envelope_id": envelope_id, "payload": payload},
    ],
    ids=["ours", "slack_sdk's", "to_dict", "dict"],
)
async def test_every_kind_of_response_is_an_ack(
    slack: LocalSlack, client: SocketModeClient, ready: Any, response: Any
) -> None:
    async def on_request(client: Any, request: SocketModeRequest) -> None:
        await client.send_socket_mode_response(response(request.envelope_id, {"text": "ok"}))

    client.socket_mode_request_listeners.append(on_request)
    await ready(client)
    command = slack.send_command()
    await slack.settled()
    assert (command.state, command.answer) == (State.ACKED, {"text": "ok"})
    with pytest.raises(ValueError, match="envelope_id"):
        await client.send_socket_mode_response({"payload": {}})
