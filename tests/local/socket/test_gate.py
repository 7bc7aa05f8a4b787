"""Who is let in: late and missing hellos, the cap of ten, ghosts, Socket Mode switched off."""

from __future__ import annotations

import asyncio
from typing import Any

import aiohttp

from tautwire.local import Fault, LocalSlack, Switches

PING, PONG, TEXT = aiohttp.WSMsgType.PING, aiohttp.WSMsgType.PONG, aiohttp.WSMsgType.TEXT


async def test_no_hello(slack: LocalSlack, dial: Any) -> None:
    slack.faults.add(Fault(where="hello", kind="missing"))
    async with dial(slack, hello=False):
        await slack.wait_for(lambda slack: slack.registered == 1)
        assert (slack.ready, len(slack.connections)) == ([], 1)
        assert slack.send_command().user_error == "dispatch_failed"


async def test_a_late_hello(still: LocalSlack, clock: Any, dial: Any) -> None:
    still.faults.add(Fault(where="hello", kind="late", delay=20))
    async with dial(still, hello=False) as wire:
        await clock.advance(19)
        assert still.ready == []
        await clock.advance(1)
        assert (await wire.message())["type"] == "hello"
        still.newest.say_hello()
        still.newest.say('{"type":"next"}')
        assert (await wire.message())["type"] == "next"


async def test_something_else_than_hello(slack: LocalSlack, dial: Any) -> None:
    slack.faults.add(Fault(where="hello", kind="not_json"))
    async with dial(slack, hello=False) as wire:
        assert (await wire.frame()).data == "UNAUTHENTICATED: cache_error"


async def test_the_eleventh_is_turned_away(slack: LocalSlack, http: aiohttp.ClientSession, dial: Any) -> None:
    sockets = [await http.ws_connect(slack.websocket_url()) for _ in range(10)]
    await slack.wait_connections(10)
    async with dial(slack, hello=False) as wire:
        assert (await wire.message())["reason"] == "too_many_websockets"
        assert await wire.closed() == 1000
    assert slack.registered == 10
    await sockets[0].close()
    await slack.wait_connections(9)
    async with dial(slack):
        assert slack.registered == 10
    for ws in sockets:
        await ws.close()


async def test_two_who_knock_together_are_not_both_the_tenth(http: aiohttp.ClientSession) -> None:
    async with LocalSlack(max_connections=1) as slack:
        sockets = await asyncio.gather(*(http.ws_connect(slack.websocket_url()) for _ in range(5)))
        first = [(await ws.receive_json())["type"] for ws in sockets]
        assert sorted(first) == ["disconnect"] * 4 + ["hello"]
        for ws in sockets:
            await ws.close()


async def test_turned_away_after_hello_by_switch(dial: Any) -> None:
    switches = Switches(over_limit="newcomer_after_hello")
    async with LocalSlack(max_connections=1, switches=switches) as slack, dial(slack), dial(slack) as wire:
        assert (await wire.message())["reason"] == "too_many_websockets"
        assert len(slack.ready) == 1


async def test_the_oldest_goes_by_switch(dial: Any) -> None:
    switches = Switches(over_limit="oldest")
    async with LocalSlack(max_connections=1, switches=switches) as slack, dial(slack) as old, dial(slack):
        assert (await old.message())["reason"] == "too_many_websockets"
        assert [session.id for session in slack.ready] == ["c2"]


async def test_ghosts_count_until_they_are_gone(clock: Any, dial: Any) -> None:
    async with LocalSlack(clock=clock, ghost_seconds=30, max_connections=2) as slack:
        async with dial(slack):
            session = slack.newest
        await session.ended()
        assert (slack.connections, slack.registered) == ([], 1)
        async with dial(slack, hello=False) as wire:
            assert (await wire.message())["num_connections"] == 2
            async with dial(slack, hello=False) as third:
                assert (await third.message())["reason"] == "too_many_websockets"
            await clock.advance(30)
            assert slack.registered == 1
            async with dial(slack):
                assert len(slack.ready) == 2


async def test_ghosts_can_swallow_envelopes_by_switch(clock: Any, dial: Any) -> None:
    async with LocalSlack(clock=clock, ghost_seconds=1e6, switches=Switches(route_to_ghosts=True)) as slack:
        async with dial(slack):
            session = slack.newest
        await session.ended()
        slack.faults.add(Fault(where="frame", kind="malformed"), Fault(where="envelope", kind="drop", count=1))
        slack.faults.add(Fault(where="envelope", kind="half_open", count=1))
        for _ in range(3):
            assert slack.send_command().attempts[0].connection_id == "c1"
        await clock.advance(3)
        assert slack.ledger.summary().lost == 3


async def test_socket_mode_off(slack: LocalSlack, dial: Any, call: Any) -> None:
    async with dial(slack) as wire:
        slack.disable_socket_mode()
        assert (await wire.message())["reason"] == "link_disabled"
        assert await wire.closed() == 1000
    assert (await call(slack, "apps.connections.open", slack.app_token))[2]["ok"]
    async with dial(slack, hello=False) as wire:
        assert (await wire.message())["reason"] == "link_disabled"
    slack.enable_socket_mode()
    async with dial(slack):
        pass


async def test_socket_mode_off_shows_in_the_api_by_switch(call: Any) -> None:
    async with LocalSlack(switches=Switches(socket_mode_off="open_fails")) as slack:
        slack.disable_socket_mode()
        assert (await call(slack, "apps.connections.open", slack.app_token))[2] == {
            "ok": False,
            "error": "access_denied",
        }
        slack.enable_socket_mode()
        assert (await call(slack, "apps.connections.open", slack.app_token))[2]["ok"]
