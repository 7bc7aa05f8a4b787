"""What users' code, and a hostile other side, have been seen to do."""

from __future__ import annotations

import asyncio
import logging
import signal
import sys
import textwrap
from typing import Any

import pytest
from slack_sdk.web.async_client import AsyncWebClient as TheirWebClient

from tautwire import (
    AsyncWebClient,
    ConfigurationError,
    FatalConnectionError,
    InvalidTokenError,
    SocketModeClient,
    SocketModeResponse,
    facts,
)
from tautwire.local.faults import Fault


def ours() -> list[str]:
    return [task.get_name() for task in asyncio.all_tasks() if task.get_name().startswith("tautwire-")]


async def test_a_disconnect_that_is_cancelled_leaves_a_client_that_hears(rig: Any, slack: Any) -> None:
    client = rig.client(acks=False)
    busy, go_on = asyncio.Event(), asyncio.Event()

    async def listener(client: Any, request: Any, /) -> None:
        busy.set()
        await go_on.wait()
        await client.send_socket_mode_response(SocketModeResponse(request.envelope_id))

    client.socket_mode_request_listeners.append(listener)
    await client.connect()
    slack.send_command("/slow")
    await busy.wait()
    disconnecting = asyncio.create_task(client.disconnect())
    await asyncio.sleep(0)
    disconnecting.cancel()
    await asyncio.wait({disconnecting})
    go_on.set()
    await client.connect()
    await client.wait_until_ready(5)
    slack.send_command("/again", to=slack.newest)
    await slack.settled()
    assert slack.ledger.summary().acked_in_time == 2


async def test_async_with_that_fails_leaves_nothing(slack: Any) -> None:
    client = SocketModeClient("xapp-1-A0LOCAL-wrong", web_client=AsyncWebClient(base_url=slack.api_url))
    with pytest.raises(InvalidTokenError):
        async with client:
            pytest.fail("it connected")
    assert client.closed
    assert ours() == []
    await client.web_client.close()


async def test_async_with_that_is_given_up_leaves_nothing(rig: Any, slack: Any) -> None:
    slack.faults.add(Fault(where="api", kind="hang"))
    client = rig.client()
    entering = asyncio.create_task(client.__aenter__())
    await slack.wait_for(lambda s: s.api_calls or client.snapshot().dials)
    entering.cancel()
    await asyncio.wait({entering})
    assert client.closed
    assert ours() == []


async def test_close_leaves_no_frame_listener_behind(rig: Any, slack: Any) -> None:
    client = rig.client()
    started: list[Any] = []

    async def on_close(message: Any) -> None:
        started.append(message)
        await asyncio.Event().wait()

    client.on_close_listeners.append(on_close)
    await client.connect()
    await client.wait_until_ready(5)
    await client.close()
    assert started == []
    assert ours() == []
    assert rig.facts.of(facts.EngineFault) == []


class OwnSource(SocketModeClient):
    async def issue_new_wss_url(self) -> str:
        return await super().issue_new_wss_url()


class OwnCall(SocketModeClient):
    async def issue_new_wss_url(self) -> str:
        response = await self.web_client.apps_connections_open(app_token=self.app_token)
        url: str = response["url"]
        return url


async def test_a_rate_limit_holds_for_a_source_of_ones_own(slack: Any, fast_clock: Any, rig: Any) -> None:
    slack.faults.add(Fault(where="api", kind="ratelimited", count=1, retry_after=20))
    clock = fast_clock(20)
    async with AsyncWebClient(base_url=slack.api_url) as web_client:
        client = OwnSource(slack.app_token, web_client=web_client, clock=clock, observers=[rig.facts])
        await client.connect()
        await client.close()
    first, second = slack.api_calls
    assert (second.at - first.at) * 20 >= 20


@pytest.mark.parametrize("their_web_client", [AsyncWebClient, TheirWebClient])
async def test_a_bad_token_is_fatal_for_a_call_of_ones_own(slack: Any, their_web_client: Any) -> None:
    web_client = their_web_client(base_url=slack.api_url)
    client = OwnCall("xapp-1-A0LOCAL-wrong", web_client=web_client)
    with pytest.raises(InvalidTokenError):
        await client.connect()
    await client.close()
    if isinstance(web_client, AsyncWebClient):
        await web_client.close()
    assert slack.opens == 1


async def test_the_request_in_hand_is_acked_before_the_end(rig: Any, slack: Any) -> None:
    client = rig.client(acks=False)
    in_hand, go_on = asyncio.Event(), asyncio.Event()

    async def consume() -> None:
        async for request in client.requests():
            in_hand.set()
            await go_on.wait()
            await client.send_socket_mode_response(SocketModeResponse(request.envelope_id))

    consuming = asyncio.create_task(consume())  # before connect(), as `gather(consume(), client.run())` does
    await asyncio.sleep(0)
    await client.connect()
    await client.wait_until_ready(5)
    slack.send_command("/work")
    await in_hand.wait()
    closing = asyncio.create_task(client.close())
    await asyncio.sleep(0)
    go_on.set()
    await closing
    await consuming
    await slack.settled()
    assert slack.ledger.summary().acked_in_time == 1


async def test_a_second_connect_does_not_switch_reconnecting_on(rig: Any, slack: Any) -> None:
    client = rig.client(auto_reconnect_enabled=False)
    await client.connect()
    await client.wait_until_ready(5)
    await client.connect()
    slack.drop("rst")
    await rig.facts.until(lambda: rig.facts.of(facts.LinkLost))
    for _ in range(50):
        await asyncio.sleep(0)
    assert slack.opens == 1
    assert not await client.is_connected()
    await client.connect()
    assert slack.opens == 2


async def test_an_observer_that_raises_anything_costs_nobody_else(rig: Any, slack: Any) -> None:
    def broken(_: object) -> None:
        raise asyncio.CancelledError

    client = rig.client()
    client.observers.insert(0, broken)
    await client.connect()
    await client.wait_until_ready(5)
    slack.send_event("app_mention", text="hi")
    await slack.settled()
    assert slack.ledger.summary().acked_in_time == 1
    assert slack.opens == 1


async def test_an_id_that_could_not_be_acked_costs_no_connection(rig: Any, slack: Any) -> None:
    client = rig.client()
    await client.connect()
    await client.wait_until_ready(5)
    for _ in range(3):
        slack.newest.say(f'{{"type":"events_api","envelope_id":"{"x" * 25_000}","payload":{{}}}}')
    await rig.facts.until(lambda: len(rig.facts.of(facts.MalformedFrame)) == 3)
    slack.send_event("app_mention", text="after")
    await slack.settled()
    assert slack.opens == 1


async def test_numbers_beyond_a_double_reach_the_listener(rig: Any, slack: Any) -> None:
    client = rig.client()
    await client.connect()
    await client.wait_until_ready(5)
    slack.newest.say('{"type":"slash_commands","envelope_id":"e-1","payload":{"command":"/a","number":1e999}}')
    await rig.facts.until(lambda: rig.facts.of(facts.AckSent))
    assert rig.handled == ["e-1"]


async def test_close_with_a_time_limit_from_within_a_listener(rig: Any, slack: Any) -> None:
    client = rig.client(acks=False)

    async def listener(client: Any, request: Any, /) -> None:
        await asyncio.wait_for(client.close(), 1)
        await client.send_socket_mode_response(SocketModeResponse(request.envelope_id))

    client.socket_mode_request_listeners.append(listener)
    await client.connect()
    await client.wait_until_ready(5)
    slack.send_command("/quit")
    await rig.facts.until(lambda: rig.facts.of(facts.AckSent))
    await client.close()


async def test_no_ticket_goes_into_slack_sdks_log(slack: Any, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    client = SocketModeClient(slack.app_token, web_client=TheirWebClient(base_url=slack.api_url))
    async with client:
        await client.wait_until_ready(5)
    assert caplog.records
    assert "ticket=" not in caplog.text
    assert slack.app_token not in caplog.text


async def test_what_the_other_side_chooses_forges_no_log_line(
    rig: Any, slack: Any, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG, logger="tautwire")
    slack.faults.add(
        Fault(where="api", kind="error", error=f"x\nERROR root: forged {slack.app_token}", count=1),
        Fault(where="hello", kind="missing", count=1),
    )
    client = rig.client(trace_enabled=True)
    await client.connect()
    slack.newest.say('{"type":"hello","debug_info":{"host":"a\\nERROR forged \\u001b[31m"}}')
    await client.wait_until_ready(5)
    slack.newest.say('{"type":"slash_commands\\nERROR forged","envelope_id":"e\\nERROR forged","payload":{}}')
    await rig.facts.until(lambda: rig.facts.of(facts.AckSent))
    assert all("\n" not in record.getMessage() for record in caplog.records)
    assert slack.app_token not in caplog.text
    assert "\x1b" not in caplog.text


@pytest.mark.parametrize(
    "arguments",
    [
        {"app_token": "xapp-1\n-2"},
        {"app_token": "xapp-ü"},
        {"app_token": "xoxb-1"},
        {"web_client": "xoxb-1"},
        {"web_client": AsyncWebClient},
        {"proxy": "socks5://127.0.0.1:1080"},
        {"logger": "xoxb-1"},
        {"connections": 1.5},
        {"connections": True},
        {"connections": 11},
        {"connections": "2"},
        {"concurrency": 0},
        {"ping_interval": None},
        {"auto_ack": "sometimes"},
        {"ack_deadline": 4},
    ],
)
def test_what_cannot_work_is_said_by_the_constructor(arguments: dict[str, Any]) -> None:
    with pytest.raises(ConfigurationError) as caught:
        SocketModeClient(**{"app_token": "xapp-1", **arguments})
    assert "xoxb-1" not in str(caught.value)
    assert "\n" not in str(caught.value)


async def test_a_web_client_that_cannot_connect_is_fatal() -> None:
    client = SocketModeClient("xapp-1", web_client=object())
    with pytest.raises(FatalConnectionError, match="neither apps_connections_open"):
        await client.connect()
    await client.close()


PROGRAM = """
    import asyncio
    from tautwire import AsyncWebClient, SocketModeClient
    from tautwire.local.app import LocalSlack

    async def main():
        async with LocalSlack() as slack, AsyncWebClient(base_url=slack.api_url) as web_client:
            clients = [SocketModeClient(slack.app_token, web_client=web_client) for _ in range(2)]
            serving = asyncio.gather(*(client.run() for client in clients))
            await slack.wait_connections(2)
            print("running", flush=True)
            await serving
            print(*(client.closed for client in clients), flush=True)

    asyncio.run(main())
"""


async def test_a_signal_ends_all_clients_of_a_process() -> None:
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-X", "dev", "-W", "error", "-c", textwrap.dedent(PROGRAM), stdout=asyncio.subprocess.PIPE
    )
    assert process.stdout is not None
    assert (await process.stdout.readline()).strip() == b"running"
    process.send_signal(signal.SIGTERM)
    async with asyncio.timeout(30):
        out, _ = await process.communicate()
    assert out.split() == [b"True", b"True"]
    assert process.returncode == 0
