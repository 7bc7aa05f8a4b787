"""Unplanned losses: back at once, then with growing pauses, and never a storm."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from tautwire import AsyncWebClient, SocketModeClient, facts
from tautwire.errors import InvalidTokenError, SocketModeDisabledError
from tautwire.local.faults import Fault


@pytest.mark.parametrize("how", ["rst", "fin", "close"])
async def test_after_a_plain_loss_the_first_redial_does_not_wait(rig: Any, slack: Any, how: str) -> None:
    client = rig.client()
    await client.connect()
    await client.wait_until_ready(5)
    slack.drop(how)
    await rig.facts.until(lambda: len(rig.facts.of(facts.LinkReady)) == 2)
    [gap] = rig.facts.of(facts.Gap)
    assert gap.seconds < 0.2
    slack.send_event("app_mention", text="again")
    await slack.settled()
    assert slack.ledger.summary().acked_in_time == 1


async def test_half_open_is_noticed_and_the_second_connection_carries_on(rig: Any, slack: Any, fast_clock: Any) -> None:
    client = rig.client(connections=2, clock=(clock := fast_clock(20)))
    await client.connect()
    await rig.facts.until(lambda: len(rig.facts.of(facts.LinkReady)) == 2)
    dead, alive = slack.ready
    slack.send_event("app_mention", text="both were good until here", to=dead)
    await slack.settled()
    since = clock.monotonic()
    dead.half_open()
    for number in range(5):
        slack.send_command("/still", text=str(number), to=alive)
    await slack.wait_for(lambda s: s.ledger.summary().acked_in_time == 6)
    assert await client.is_connected()
    await rig.facts.until(lambda: len(rig.facts.of(facts.LinkReady)) == 3)
    # Four ping_intervals are 20 s; the spare second is the fast clock's rounding.
    assert clock.monotonic() - since <= 21
    await rig.facts.until(lambda: len(client.snapshot().connections) == 2)
    assert rig.facts.of(facts.Gap) == []


async def test_half_open_alone_is_a_gap_as_long_as_nobody_listened(rig: Any, slack: Any, fast_clock: Any) -> None:
    client = rig.client(clock=(clock := fast_clock(20)))
    await client.connect()
    await client.wait_until_ready(5)
    since = clock.monotonic()
    slack.half_open()
    await rig.facts.until(lambda: rig.facts.of(facts.Gap))
    ready_after = clock.monotonic() - since
    [gap] = rig.facts.of(facts.Gap)
    assert 4 < gap.seconds <= ready_after + 1


async def test_an_outage_of_thirty_seconds(rig: Any, slack: Any, fast_clock: Any) -> None:
    client = rig.client(clock=(clock := fast_clock(30)))
    await client.connect()
    await client.wait_until_ready(5)
    outage = Fault(where="handshake", kind="status", status=503)
    slack.faults.add(outage)
    opens, began = slack.opens, clock.monotonic()
    slack.drop("rst")
    await clock.sleep(30)
    slack.faults.remove(outage)
    failed = len(rig.facts.of(facts.DialFailed))
    await rig.facts.until(lambda: len(rig.facts.of(facts.LinkReady)) == 2)
    assert 3 <= failed < 12
    # A pause that began in the outage may last its minute, and a rounding more.
    assert clock.monotonic() - began < 30 + 61 + 5
    tickets = [dial.ticket for dial in slack.dials]
    assert len(set(tickets)) == len(tickets) == slack.opens
    assert slack.opens - opens == len(rig.facts.of(facts.DialFailed)) + 1


async def test_a_bad_token_ends_connect_after_one_call(slack: Any) -> None:
    async with AsyncWebClient(base_url=slack.api_url) as web:
        client = SocketModeClient("xapp-1-A0LOCAL-wrong", web_client=web)
        with pytest.raises(InvalidTokenError) as caught:
            await client.connect()
        await client.close()
    assert caught.value.code == "invalid_auth"
    assert "xapp-1-A0LOCAL-wrong" not in str(caught.value)
    assert slack.opens == 1


async def test_too_many_websockets_makes_no_storm(rig: Any, slack: Any, fast_clock: Any) -> None:
    clock = fast_clock(20)
    client = rig.client(clock=clock)
    await client.connect()
    await client.wait_until_ready(5)
    slack.newest.disconnect("too_many_websockets")
    await clock.sleep(20)
    assert slack.opens <= 3
    await rig.facts.until(lambda: len(rig.facts.of(facts.LinkReady)) == 2)


async def test_link_disabled_is_fatal_and_makes_no_storm(rig: Any, slack: Any, fast_clock: Any) -> None:
    clock = fast_clock(20)
    client = rig.client(clock=clock)
    running = asyncio.create_task(client.run())
    await rig.facts.until(lambda: rig.facts.of(facts.LinkReady))
    slack.disable_socket_mode()
    with pytest.raises(SocketModeDisabledError, match="Socket Mode is off"):
        await running
    assert slack.opens == 1
    assert client.closed
    [stopped] = rig.facts.of(facts.Stopped)
    assert isinstance(stopped.error, SocketModeDisabledError)


@pytest.mark.parametrize("step", [3600.0, -3600.0])
async def test_a_step_of_the_wall_clock_changes_nothing(rig: Any, slack: Any, fast_clock: Any, step: float) -> None:
    clock = fast_clock(10)
    client = rig.client(clock=clock)
    await client.connect()
    await client.wait_until_ready(5)
    clock.wall_step = step
    await clock.sleep(12)
    assert await client.is_connected()
    assert not await client.is_ping_pong_failing()
    assert not client.stale
    assert slack.opens == 1
    assert rig.facts.of(facts.LinkLost) == []
