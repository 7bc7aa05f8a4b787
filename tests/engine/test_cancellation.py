"""Cancelled at every step: connect, ack, disconnect, close. Nothing is left, and the client works on or ends.

A whole client against a local Slack, in virtual time: so the number of steps is the same each time, and each of them is
one at which a cancellation can come.
"""

from __future__ import annotations

import asyncio
import random
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

import pytest

from tautwire.clock import SYSTEM_CLOCK
from tautwire.errors import ClientClosedError, NotConnectedError
from tautwire.local.app import LocalSlack
from tautwire.local.switches import Switches
from tautwire.socket_mode.aiohttp import SocketModeClient
from tautwire.web.async_client import AsyncWebClient

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable

#: More turns of the loop than anything below takes.
MANY = 400


def client_of(slack: LocalSlack, clock: Any, seed: int, **options: Any) -> SocketModeClient:
    web = AsyncWebClient(slack.bot_token, slack.api_url, clock=clock)
    chance = random.Random(seed)
    return SocketModeClient(slack.app_token, web_client=web, clock=clock, chance=chance, **options)


@asynccontextmanager
async def a_client(slack: LocalSlack, clock: Any, seed: int, **options: Any) -> AsyncIterator[SocketModeClient]:
    """Closed at the end, and then nothing of it is left, here or at Slack's."""
    client = client_of(slack, clock, seed, **options)
    try:
        yield client
    finally:
        await client.close()
        assert [task for task in asyncio.all_tasks() if task.get_name().startswith("tautwire")] == []
        assert client._supervisor._tasks._running == set()
        await client.web_client.close()
        await slack.wait_for(lambda slack: not slack._gate.sessions)


async def turn(times: int) -> None:
    for _ in range(times):
        await asyncio.sleep(0)


async def cancel_after(turns: int, awaitable: Awaitable[Any]) -> asyncio.Task[Any]:
    """Start it, let the loop turn so many times, cancel, wait."""
    task = asyncio.ensure_future(awaitable)
    await turn(turns)
    task.cancel()
    await asyncio.wait({task})
    return task


def at_each_turn(virtually: Any, clock: Any, once: Callable[[LocalSlack, int], Awaitable[bool]], step: int = 1) -> None:
    """Call `once` with a later and later turn, until it says that there was nothing left to cancel."""

    async def whole() -> None:
        async with LocalSlack(clock=clock) as slack:
            for turns in range(0, MANY, step):
                if await once(slack, turns):
                    assert turns > step, "there was nothing to cancel"
                    return
        raise AssertionError("it never ended")

    virtually(whole())


def test_connect_then_close(virtually: Any, clock: Any, seed: int) -> None:
    async def once(slack: LocalSlack, turns: int) -> bool:
        async with a_client(slack, clock, seed) as client:
            task = await cancel_after(turns, client.connect())
        return not task.cancelled()

    at_each_turn(virtually, clock, once)


def test_connect_then_connect_again(virtually: Any, clock: Any, seed: int) -> None:
    async def once(slack: LocalSlack, turns: int) -> bool:
        async with a_client(slack, clock, seed) as client:
            task = await cancel_after(turns, client.connect())
            await client.connect()
            await client.wait_until_ready(30)
            assert len(slack.ready) == 1, "a cancelled caller does not make a second dial"
        return not task.cancelled()

    at_each_turn(virtually, clock, once)


def test_connect_while_another_caller_waits(virtually: Any, clock: Any, seed: int) -> None:
    async def once(slack: LocalSlack, turns: int) -> bool:
        async with a_client(slack, clock, seed) as client:
            other = asyncio.create_task(client.connect())
            opens = slack.opens
            task = await cancel_after(turns, client.connect())
            await other
            assert slack.opens - opens == 1, "they share one dial"
        return not task.cancelled()

    at_each_turn(virtually, clock, once)


@pytest.mark.parametrize("end", ["close", "disconnect"])
def test_ended_in_the_middle_of_connect(end: str, virtually: Any, clock: Any, seed: int) -> None:
    async def once(slack: LocalSlack, turns: int) -> bool:
        async with a_client(slack, clock, seed) as client:
            connecting = asyncio.create_task(client.connect())
            await turn(1 + turns)
            is_over = connecting.done()
            await getattr(client, end)()
            await asyncio.wait({connecting})
            assert connecting.exception() is None or isinstance(connecting.exception(), ClientClosedError)
            assert client._supervisor.runners == []
            if end == "disconnect":
                await client.connect()
        return is_over

    at_each_turn(virtually, clock, once)


def test_connect_in_the_middle_of_disconnect(virtually: Any, clock: Any, seed: int) -> None:
    """One of them wins; nobody waits for ever, and neither leaves a state that cannot connect."""

    async def once(slack: LocalSlack, turns: int) -> bool:
        async with a_client(slack, clock, seed) as client:
            await client.connect()
            await client.wait_until_ready(30)
            ending = asyncio.create_task(client.disconnect())
            await turn(turns)
            is_over = ending.done()
            async with asyncio.timeout(30):
                try:
                    await client.connect()
                    await client.wait_until_ready()
                except ClientClosedError:
                    assert not is_over
                await ending
                await client.connect()
                await client.wait_until_ready()
        return is_over

    at_each_turn(virtually, clock, once)


def test_the_surface_of_a_connected_client(virtually: Any, clock: Any, seed: int) -> None:
    """Whatever is cancelled, the connection serves on."""
    calls: list[Callable[[SocketModeClient], Awaitable[Any]]] = [
        lambda client: client.connect_to_new_endpoint(force=True),
        lambda client: client.wait_until_ready(5),
        lambda client: client.send_message("{}"),
        lambda client: client.issue_new_wss_url(),
    ]
    for call in calls:

        async def once(slack: LocalSlack, turns: int, call: Any = call) -> bool:
            async with a_client(slack, clock, seed) as client:
                await client.connect()
                await client.wait_until_ready(30)
                task = await cancel_after(turns, call(client))
                assert not client.connect_operation_lock.locked()
                await client.wait_until_ready(30)
                assert await client.is_connected()
            return not task.cancelled() and turns > 5

        at_each_turn(virtually, clock, once, step=5)


def test_run(virtually: Any, clock: Any, seed: int) -> None:
    async def scenario() -> None:
        async with LocalSlack(clock=clock) as slack:
            for turns in range(0, 120, 3):
                async with a_client(slack, clock, seed) as client:
                    task = await cancel_after(turns, client.run())
                    assert task.cancelled()
                    assert client.closed or turns == 0

    virtually(scenario())


def test_disconnect(virtually: Any, clock: Any, seed: int) -> None:
    async def once(slack: LocalSlack, turns: int) -> bool:
        async with a_client(slack, clock, seed) as client:
            await client.connect()
            await client.wait_until_ready(30)
            task = await cancel_after(turns, client.disconnect())
            await client.disconnect()
            assert not await client.is_connected()
            await client.connect()
            await client.wait_until_ready(30)
        return not task.cancelled()

    at_each_turn(virtually, clock, once)


@pytest.mark.parametrize("with_listener", [False, True])
def test_close_goes_on_without_its_caller(with_listener: bool, virtually: Any, clock: Any, seed: int) -> None:
    async def once(slack: LocalSlack, turns: int) -> bool:
        acked: list[str] = []
        async with a_client(slack, clock, seed) as client:
            started = asyncio.Event()

            async def listen(client: Any, request: Any) -> None:
                started.set()
                await clock.sleep(1)
                await client.send_socket_mode_response({"envelope_id": request.envelope_id})
                acked.append(request.envelope_id)

            client.socket_mode_request_listeners.append(listen)
            await client.connect()
            await client.wait_until_ready(30)
            if with_listener:
                slack.send_command("/deploy", text="now")
                await started.wait()
            task = await cancel_after(turns, client.close())
            assert client.closed or turns == 0
            is_over = not task.cancelled()
            if turns:
                # Nobody waits for it, and yet it comes to its end.
                closing = client._closing
                assert closing is not None
                await asyncio.wait({closing})
                assert not closing.cancelled()
                assert closing.exception() is None
            await client.close()
            assert client._supervisor.runners == []
            assert len(acked) == int(with_listener)
        return is_over or turns > 60

    at_each_turn(virtually, clock, once)


def test_a_second_close_waits_for_the_first(virtually: Any, clock: Any, seed: int) -> None:
    async def scenario() -> None:
        async with LocalSlack(clock=clock) as slack, a_client(slack, clock, seed) as client:
            await client.connect()
            await client.wait_until_ready(30)
            slack.half_open()
            began = clock.monotonic()
            first = await cancel_after(3, client.close())
            assert first.cancelled()
            assert client._supervisor.runners != []
            await asyncio.gather(client.close(), client.close())
            assert client._supervisor.runners == []
            assert 0.9 <= clock.monotonic() - began <= 3, "a dead connection is given a second"

    virtually(scenario())


def test_close_on_another_loop_than_the_one_it_ran_on(clock: Any, seed: int) -> None:
    """As after two calls of `asyncio.run`, the first of which took the client's own task with it."""

    async def first() -> SocketModeClient:
        async with LocalSlack() as slack:
            client = client_of(slack, SYSTEM_CLOCK, seed)
            await client.connect()
            await client.disconnect()
            await client.web_client.close()
            return client

    client = asyncio.run(first())
    asyncio.run(client.close())
    assert client.closed


@pytest.mark.parametrize("leave_tcp_open", [False, True])
def test_a_close_handshake(leave_tcp_open: bool, virtually: Any, clock: Any, seed: int) -> None:
    """A server that answers our Close, with TCP left open or not, costs no second."""

    async def scenario() -> None:
        slack = LocalSlack(clock=clock, switches=Switches(leave_tcp_open=leave_tcp_open))
        async with slack, a_client(slack, clock, seed) as client:
            await client.connect()
            await client.wait_until_ready(30)
            began = clock.monotonic()
            session = slack.ready[0]
            await client.close()
            assert clock.monotonic() - began < 0.5
            await session.ended()
            assert session.client_close_code == 1000

    virtually(scenario())


# Acks.


@pytest.mark.parametrize("is_late", [False, True])
def test_an_ack_on_full_buffers(is_late: bool, virtually: Any, clock: Any, cancelled_at: Any, world: Any) -> None:
    """Cancelled while it cannot get out, it is no ack; the next one is."""
    hello = '{"type":"hello","num_connections":1}'
    event = '{"type":"slash_commands","envelope_id":"e1","payload":{}}'

    class Source:
        async def apps_connections_open(self, **_: Any) -> Any:
            return {"ok": True, "url": "wss://wss.slack.com/?ticket=t"}

    async def scenario() -> None:
        for step in range(1, 20):
            network = world().network
            client = SocketModeClient("xapp-x", web_client=Source(), clock=clock, dialer=network)
            waiting = asyncio.Event()

            async def listen(client: Any, request: Any, waiting: asyncio.Event = waiting) -> None:
                await waiting.wait()

            client.socket_mode_request_listeners.append(listen)
            await client.connect()
            connection = network.connections[0]
            connection.say(hello, event)
            await turn(10)
            connection.flows.clear()
            driven = cancelled_at(client.send_socket_mode_response({"envelope_id": "e1"}), step, is_late=is_late)
            task = asyncio.create_task(driven.run())
            await turn(10)
            connection.flows.set()
            await asyncio.wait({task})
            await client.send_socket_mode_response({"envelope_id": "e1"})
            acks = connection.of_kind("text")
            assert acks
            assert set(acks) == {'{"envelope_id":"e1"}'}
            assert len(acks) <= 1 + task.cancelled()
            waiting.set()
            await client.close()
            if driven.suspensions < step:
                assert step > 1
                return

    virtually(scenario())


def test_an_ack_that_waits_for_a_connection(virtually: Any, clock: Any, seed: int) -> None:
    async def once(slack: LocalSlack, turns: int) -> bool:
        async with a_client(slack, clock, seed) as client:
            given: asyncio.Queue[str] = asyncio.Queue()
            done = asyncio.Event()

            async def listen(client: Any, request: Any) -> None:
                given.put_nowait(request.envelope_id)
                await done.wait()

            client.socket_mode_request_listeners.append(listen)
            await client.connect()
            await client.wait_until_ready(30)
            delivery = slack.send_command("/deploy", text="now")
            envelope_id = await given.get()
            slack.drop("rst")
            await turn(10)
            task = await cancel_after(turns, client.send_socket_mode_response({"envelope_id": envelope_id}))
            try:
                await client.send_socket_mode_response({"envelope_id": envelope_id})
                await slack.wait_for(lambda _: delivery.attempts[0].acked_at is not None)
            except NotConnectedError:
                raise AssertionError("a cancelled ack must not cost the next one its connection") from None
            finally:
                done.set()
        return not task.cancelled()

    at_each_turn(virtually, clock, once)
