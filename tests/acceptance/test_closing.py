"""The end: everything that runs finishes, nothing is left."""

from __future__ import annotations

import asyncio
import signal
import sys
import textwrap
from typing import Any

import pytest

from tautwire import ClientClosedError, SocketModeClient, SocketModeResponse, facts


async def test_close_lets_ten_running_listeners_finish_and_ack(rig: Any, slack: Any) -> None:
    client = rig.client(acks=False)
    everybody_runs, go_on = asyncio.Event(), asyncio.Event()
    running = finished = 0

    async def listener(client: Any, request: Any, /) -> None:
        nonlocal running, finished
        running += 1
        if running == 10:
            everybody_runs.set()
        await go_on.wait()
        await client.send_socket_mode_response(SocketModeResponse(request.envelope_id))
        finished += 1

    client.socket_mode_request_listeners.append(listener)
    await client.connect()
    await client.wait_until_ready(5)
    for number in range(10):
        slack.send_command("/work", text=str(number))
    await everybody_runs.wait()
    closing = asyncio.create_task(client.close())
    again = asyncio.create_task(client.close())
    late = slack.send_event("app_mention", text="too late")
    await rig.facts.until(lambda: rig.facts.of(facts.EnvelopeRefused))
    go_on.set()
    await asyncio.gather(closing, again)
    assert finished == 10
    await slack.wait_for(lambda s: s.ledger.summary().acked_in_time == 10)
    assert late.attempts[0].acked_at is None
    assert asyncio.all_tasks() <= {asyncio.current_task(), *(task for task in asyncio.all_tasks() if not _ours(task))}
    with pytest.raises(ClientClosedError):
        await client.connect()


def _ours(task: asyncio.Task[Any]) -> bool:
    return task.get_name().startswith("tautwire-")


async def test_close_from_within_a_listener(rig: Any, slack: Any) -> None:
    client = rig.client(acks=False)
    done = asyncio.Event()

    async def listener(client: Any, request: Any, /) -> None:
        await client.close()
        await client.send_socket_mode_response(SocketModeResponse(request.envelope_id))
        done.set()

    client.socket_mode_request_listeners.append(listener)
    await client.connect()
    await client.wait_until_ready(5)
    slack.send_command("/quit")
    await done.wait()
    await client.close()
    await slack.wait_for(lambda s: s.ledger.summary().acked_in_time == 1)


async def test_close_during_connect(rig: Any, slack: Any) -> None:
    client = rig.client()
    connecting = asyncio.create_task(client.connect())
    await slack.wait_for(lambda s: s.opens == 1)
    await client.close()
    with pytest.raises(ClientClosedError):
        await connecting


def test_a_constructor_outside_a_running_loop() -> None:
    client = SocketModeClient("xapp-1-A0LOCAL-1")
    assert client.current_session is None
    assert client.message_processor is None
    assert asyncio.run(client.is_connected()) is False
    asyncio.run(client.close())


PROGRAM = """
    import asyncio, sys
    from tautwire import AsyncWebClient, SocketModeClient, SocketModeResponse
    from tautwire.local.app import LocalSlack

    async def main():
        async with LocalSlack() as slack, AsyncWebClient(base_url=slack.api_url) as web:
            client = SocketModeClient(slack.app_token, web_client=web)
            signalled, started = asyncio.Event(), 0
            stopping = client._supervisor.stop

            def stop():
                signalled.set()
                stopping()

            client._supervisor.stop = stop

            async def listener(client, request):
                nonlocal started
                started += 1
                if started == 10:
                    print("running", flush=True)
                await signalled.wait()
                await client.send_socket_mode_response(SocketModeResponse(request.envelope_id))

            client.socket_mode_request_listeners.append(listener)
            serving = asyncio.create_task(client.run())
            await slack.wait_connections(1)
            for number in range(10):
                slack.send_command("/work", text=str(number))
            await serving
            await slack.settled()
            summary = slack.ledger.summary()
            left = [t for t in asyncio.all_tasks() if t.get_name().startswith("tautwire-")]
            print(summary.acked_in_time, summary.lost, len(left), flush=True)

    asyncio.run(main())
"""


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
async def test_a_signal_under_run_drains_and_ends(number: signal.Signals) -> None:
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-X",
        "dev",
        "-W",
        "error",
        "-c",
        textwrap.dedent(PROGRAM),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    assert process.stdout is not None
    assert (await process.stdout.readline()).strip() == b"running"
    process.send_signal(number)
    async with asyncio.timeout(30):
        out, err = await process.communicate()
    assert out.split() == [b"10", b"0", b"0"], err.decode()
    assert process.returncode == 0
    assert b"Warning" not in err
    assert b"Traceback" not in err
