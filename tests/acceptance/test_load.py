"""Bursts, slow listeners, odd frames, large events."""

from __future__ import annotations

import asyncio
import logging
from typing import Any

import pytest

from tautwire import SocketModeResponse, facts
from tautwire.local.faults.malformed import NUISANCES, VIOLATIONS


async def test_a_burst_of_ten_thousand_is_acked_in_time(rig: Any, slack: Any) -> None:
    client = rig.client(concurrency=50)
    await client.connect()
    await client.wait_until_ready(5)
    most = 0

    async def watch(_: Any, __: Any, /) -> None:
        nonlocal most
        most = max(most, client.snapshot().running)

    client.socket_mode_request_listeners.append(watch)
    for number in range(10_000):
        slack.send_event("app_mention", text=str(number))
        if number % 100 == 0:
            await asyncio.sleep(0)  # Slack is another machine: it does not keep this one from reading what it sends.
    await slack.settled()
    summary = slack.ledger.summary()
    assert (summary.acked_in_time, summary.late, summary.lost) == (10_000, 0, 0)
    assert len(rig.handled) == len(set(rig.handled)) == 10_000
    assert 1 < most <= 50


async def test_listeners_that_wait_hold_up_nobody_else(rig: Any, slack: Any) -> None:
    client = rig.client(acks=False)
    release = asyncio.Event()

    async def listener(client: Any, request: Any, /) -> None:
        if request.type == "events_api":
            await release.wait()
        await client.send_socket_mode_response(SocketModeResponse(request.envelope_id))

    client.socket_mode_request_listeners.append(listener)
    await client.connect()
    await client.wait_until_ready(5)
    for number in range(200):
        slack.send_event("app_mention", text=str(number))
        slack.send_command("/quick", text=str(number))
    await slack.wait_for(lambda s: s.ledger.summary().acked_in_time == 200)
    assert client.snapshot().running == 200
    release.set()
    await slack.settled()
    assert slack.ledger.summary().acked_in_time == 400


async def test_full_concurrency_stops_the_reading_not_the_connection(rig: Any, slack: Any, fast_clock: Any) -> None:
    clock = fast_clock(20)
    client = rig.client(acks=False, concurrency=2, clock=clock, auto_ack="never")
    release = asyncio.Event()

    async def listener(client: Any, request: Any, /) -> None:
        await release.wait()
        await client.send_socket_mode_response(SocketModeResponse(request.envelope_id))

    client.socket_mode_request_listeners.append(listener)
    await client.connect()
    await client.wait_until_ready(5)
    for number in range(20):
        slack.send_event("app_mention", text=str(number))
    await slack.wait_for(lambda _: client.snapshot().running == 2)
    await clock.sleep(40)  # twice the silence that would end a connection
    assert client.snapshot().running == 2
    assert rig.facts.of(facts.LinkLost) == []
    release.set()
    await rig.facts.until(lambda: len(rig.facts.of(facts.AckSent)) == 20)
    assert rig.facts.of(facts.BackPressure)


@pytest.mark.parametrize("form", sorted(NUISANCES))
async def test_odd_input_costs_a_line_never_the_connection(
    rig: Any, slack: Any, form: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG, logger="tautwire")
    client = rig.client()
    await client.connect()
    await client.wait_until_ready(5)
    slack.newest.say_form(form)
    slack.send_event("app_mention", text="after")
    await slack.settled()
    assert slack.ledger.summary().acked_in_time == 1
    assert slack.opens == 1
    assert "Traceback" not in caplog.text
    assert not rig.facts.of(facts.EngineFault)
    assert not rig.facts.of(facts.ListenerFailed)


@pytest.mark.parametrize("form", ["not_json", "array", "null", "truncated_json", "binary", "null_envelope_id", "deep"])
async def test_malformed_frames_are_counted_and_logged_once(
    rig: Any, slack: Any, form: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.WARNING, logger="tautwire")
    client = rig.client()
    await client.connect()
    await client.wait_until_ready(5)
    for _ in range(3):
        slack.newest.say_form(form)
    await rig.facts.until(lambda: len(rig.facts.of(facts.MalformedFrame)) == 3)
    assert client.snapshot().counts.malformed == 3
    assert sum("ignored a frame" in record.message for record in caplog.records) == 3


# aiohttp reads a masked frame as if it were not; it costs nothing then.
@pytest.mark.parametrize("form", sorted(set(VIOLATIONS) - {"masked"}))
async def test_a_violation_of_the_websocket_protocol_costs_one_connection(rig: Any, slack: Any, form: str) -> None:
    client = rig.client()
    await client.connect()
    await client.wait_until_ready(5)
    slack.newest.say_form(form)
    await rig.facts.until(lambda: len(rig.facts.of(facts.LinkReady)) == 2)
    slack.send_event("app_mention", text="after")
    await slack.settled()
    assert slack.ledger.summary().acked_in_time == 1
    assert not rig.facts.of(facts.EngineFault)


async def test_an_event_of_five_megabytes(rig: Any, slack: Any) -> None:
    client = rig.client()
    await client.connect()
    await client.wait_until_ready(5)
    slack.send_event("app_mention", text="x" * 5_000_000)
    await slack.settled()
    assert slack.ledger.summary().acked_in_time == 1
    assert slack.opens == 1
