"""The broker is away, and comes back: nothing is acked meanwhile, nothing is lost, and nobody has to do anything."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import pytest

from natsservers import Cluster, Server
from storing import record
from tautwire.clock import SYSTEM_CLOCK
from tautwire.errors import InboxError, InboxUnavailableError
from tautwire.inbox.api import State

if TYPE_CHECKING:
    from collections.abc import Callable

    from tautwire.inbox.jetstream import JetStreamInbox

    Make = Callable[..., JetStreamInbox]


async def until_it_works(call: Callable[[], Any], seconds: float = 30.0) -> Any:
    async with asyncio.timeout(seconds):
        while True:
            try:
                return await call()
            except InboxUnavailableError:
                await asyncio.sleep(0.05)


async def until_it_fails(inbox: JetStreamInbox) -> None:
    """A process that is told to stop may still answer something."""
    for number in range(100, 130):
        await inbox.put(record(number))


async def test_what_was_stored_outlives_the_server(inbox_on: Make) -> None:
    async with Server(sync_interval="always") as server, inbox_on(server, lease_seconds=30) as inbox:
        await inbox.put(record(1))
        (lease,) = await inbox.claim("ann")
        await inbox.done(lease)
        await inbox.put(record(2))
        (lease,) = await inbox.claim("ann")
        await inbox.put(record(3))
        server.kill()
        calls = (inbox.put(record(4)), inbox.claim("ann"), inbox.done(lease), inbox.stats())
        said = await asyncio.gather(*calls, return_exceptions=True)
        assert [type(each) for each in said] == [InboxUnavailableError] * 4
        await server.restart()
        # The server has forgotten which keys it had; what is done is known all the same.
        assert (await until_it_works(lambda: inbox.put(record(1)))).is_duplicate
        assert (await inbox.put(record(2))).is_duplicate
        await inbox.done(lease)
        assert [each.record.key for each in await inbox.claim("ann", limit=5, wait=5.0)] == ["k3"]


async def test_who_waits_is_told_and_asks_again(inbox_on: Make) -> None:
    async with Server() as server, inbox_on(server, monitor=()) as inbox:
        waiting = asyncio.ensure_future(inbox.claim("ann", wait=60.0))
        await inbox.stats()
        server.kill()
        with pytest.raises(InboxUnavailableError):
            await waiting
        await server.restart()
        waiting = asyncio.ensure_future(until_it_works(lambda: inbox.claim("ann", wait=60.0)))
        await until_it_works(lambda: inbox.put(record(1)))
        assert len(await waiting) == 1


async def test_one_that_answers_nobody_holds_up_nobody(inbox_on: Make) -> None:
    """SIGSTOP: the connection stays, and nothing comes. Slack waits for three seconds in all."""
    async with Server() as server, inbox_on(server, monitor=()) as inbox:
        await inbox.put(record(1))
        server.stop()
        try:
            began = SYSTEM_CLOCK.monotonic()
            with pytest.raises(InboxUnavailableError, match="within 2 s"):
                await until_it_fails(inbox)
            assert SYSTEM_CLOCK.monotonic() - began < 3
        finally:
            server.resume()
        await until_it_works(lambda: inbox.put(record(2)))
        assert {"k1", "k2"} <= {each.record.key for each in await inbox.claim("ann", limit=50, wait=5.0)}


async def test_closing_without_a_broker_is_quick(inbox_on: Make) -> None:
    async with Server() as server:
        inbox = inbox_on(server, monitor=())
        await inbox.open()
        waiting = asyncio.ensure_future(inbox.claim("ann", wait=60.0))
        await inbox.put(record(1))
        server.kill()
        async with asyncio.timeout(6):
            await inbox.close()
        with pytest.raises(InboxError):
            await waiting
        with pytest.raises(InboxError, match="not open"):
            await inbox.claim("ann")


async def test_who_waits_while_it_is_closed_is_told(inbox_on: Make, server: Server) -> None:
    inbox = inbox_on(server)
    await inbox.open()
    waiting = asyncio.ensure_future(inbox.claim("ann", wait=60.0))
    await inbox.stats()
    await inbox.close()
    with pytest.raises(InboxError, match="not open"):
        await waiting


async def test_three_servers_lose_one(inbox_on: Make) -> None:
    """The one that leads the stream, and the one that we are connected to, under a stream of puts."""
    async with Cluster(sync_interval="always") as cluster:
        inbox = inbox_on(cluster, replicas=3, lease_seconds=5.0)
        found = await inbox.open()
        assert found.notices == ()
        try:
            stored: list[str] = []
            stop, more = asyncio.Event(), asyncio.Event()

            async def until_stored(number: int) -> None:
                async with asyncio.timeout(30):
                    while len(stored) < number:
                        more.clear()
                        await more.wait()

            async def puts() -> None:
                number = 0
                while not stop.is_set():
                    number += 1
                    try:
                        await inbox.put(record(number))
                    except InboxUnavailableError:
                        continue
                    stored.append(f"k{number}")
                    more.set()

            putting = asyncio.ensure_future(puts())
            for _ in range(2):
                leader = await cluster.stream_leader(f"{inbox.name}-work")
                before = len(stored)
                leader.kill()
                await until_stored(before + 20)
                await leader.restart()
                await cluster.ready()
            stop.set()
            await putting
            handled: set[str] = set()
            async with asyncio.timeout(30):
                while not set(stored) <= handled:
                    for lease in await until_it_works(lambda: inbox.claim("ann", limit=100, wait=1.0)):
                        handled.add(lease.record.key)
                        await inbox.done(lease)
            assert await inbox.list(State.DEAD) == []
        finally:
            await inbox.close()
