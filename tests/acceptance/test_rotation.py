"""Planned refreshes: no gap, no loss, no second rotation."""

from __future__ import annotations

import asyncio
from typing import Any, Self

import pytest

from tautwire import facts
from tautwire.local.faults import Fault


class Stream:
    """Events, one after the other, for as long as the block lasts."""

    def __init__(self, slack: Any) -> None:
        self._slack = slack
        self._task: asyncio.Task[None] | None = None
        self.sent = 0

    async def _flow(self) -> None:
        while True:
            self._slack.send_event("app_mention", text=str(self.sent))
            self.sent += 1
            await asyncio.sleep(0.002)

    async def __aenter__(self) -> Self:
        self._task = asyncio.create_task(self._flow())
        return self

    async def __aexit__(self, *_: object) -> None:
        assert self._task is not None
        self._task.cancel()
        await asyncio.wait({self._task})


@pytest.fixture
async def stream(slack: Any) -> Stream:
    return Stream(slack)


async def test_ten_refreshes_in_a_row_lose_nothing(rig: Any, slack: Any, stream: Stream) -> None:
    client = rig.client()
    await client.connect()
    await client.wait_until_ready(5)
    async with stream:
        for refresh in range(1, 11):
            # The eleventh open in a minute has to wait for its permit: the old connection must last that long.
            slack.refresh(grace=0.05 if refresh < 10 else 8.0)
            await rig.facts.until(lambda number=refresh: len(rig.facts.of(facts.LinkRetired)) == number)
            await slack.wait_for(lambda s: len(s.connections) == 1)
    await slack.settled()
    summary = slack.ledger.summary()
    assert stream.sent > 100
    assert (summary.acked_in_time, summary.late, summary.lost) == (stream.sent, 0, 0)
    assert summary.crossed_acks == 0, "an ack went out on another connection than its envelope came on"
    assert len(rig.handled) == len(set(rig.handled)) == stream.sent
    assert rig.facts.of(facts.Gap) == []
    assert slack.opens == 11
    assert len({dial.ticket for dial in slack.dials}) == 11


@pytest.mark.parametrize("reasons", [("warning", "refresh_requested"), ("warning", "warning"), ("novelty", "warning")])
async def test_two_disconnect_messages_are_one_rotation(rig: Any, slack: Any, reasons: tuple[str, str]) -> None:
    client = rig.client()
    await client.connect()
    await client.wait_until_ready(5)
    old = slack.newest
    for reason in reasons:
        old.notify(reason)
    await rig.facts.until(lambda: rig.facts.of(facts.LinkRetired))
    old.notify("refresh_requested")
    slack.send_event("app_mention", text="after")
    await slack.settled()
    assert slack.opens == 2
    assert len(slack.ready) == 2  # the old one drains


async def test_a_disconnect_during_the_dial_makes_no_second_dial(rig: Any, slack: Any) -> None:
    client = rig.client()
    await client.connect()
    await client.wait_until_ready(5)
    slack.faults.add(Fault(where="hello", kind="late", delay=0.2, count=1))
    old = slack.newest
    old.notify("warning")
    await rig.facts.until(lambda: len(rig.facts.of(facts.LinkOpened)) == 2)
    old.notify("refresh_requested")
    await rig.facts.until(lambda: rig.facts.of(facts.LinkRetired))
    assert slack.opens == 2


async def test_forced_reconnects_share_one_dial(rig: Any, slack: Any) -> None:
    client = rig.client()
    await client.connect()
    await client.wait_until_ready(5)
    await asyncio.gather(*(client.connect_to_new_endpoint(force=True) for _ in range(5)))
    assert slack.opens == 2
    await client.connect_to_new_endpoint()
    assert slack.opens == 2


async def test_a_rate_limited_successor_keeps_the_old_connection(rig: Any, slack: Any, stream: Stream) -> None:
    slack.faults.add(
        Fault(where="api", kind="ratelimited", match="apps.connections.open", after=1, count=1, retry_after=1)
    )
    client = rig.client()
    await client.connect()
    await client.wait_until_ready(5)
    async with stream:
        slack.refresh(grace=3)
        await rig.facts.until(lambda: rig.facts.of(facts.LinkRetired))
    await slack.settled()
    assert slack.ledger.summary().acked_in_time == stream.sent
    assert rig.facts.of(facts.Gap) == []
    assert slack.opens == 3


async def test_several_connections_are_renewed_one_after_the_other(rig: Any, slack: Any, fast_clock: Any) -> None:
    client = rig.client(connections=3, clock=fast_clock(10))
    await client.connect()
    await rig.facts.until(lambda: len(rig.facts.of(facts.LinkReady)) == 3)
    for session in tuple(slack.ready):
        session.refresh(grace=1.5)
    await rig.facts.until(lambda: len(rig.facts.of(facts.LinkRetired)) == 3)
    assert rig.facts.of(facts.Gap) == []
    assert slack.opens == 6


@pytest.mark.parametrize("slack", [{"connection_time": 60}], indirect=True)
async def test_before_it_expires_a_connection_is_renewed(rig: Any, slack: Any, fast_clock: Any) -> None:
    client = rig.client(clock=fast_clock(50))
    await client.connect()
    await rig.facts.until(lambda: rig.facts.of(facts.LinkRetired))
    [retired, *_] = rig.facts.of(facts.LinkRetired)
    assert retired.departure.value == "renewal"
    assert rig.facts.of(facts.Gap) == []


async def test_connect_does_not_wait_for_a_hello_that_does_not_come(rig: Any, slack: Any, fast_clock: Any) -> None:
    slack.faults.add(Fault(where="hello", kind="missing", count=1))
    client = rig.client(clock=fast_clock(5))
    await client.connect()
    assert not await client.is_connected()
    assert await client.session_id() == ""
    await client.wait_until_ready(30)
    assert len(rig.facts.of(facts.LinkReady)) == 1
    assert slack.opens == 2
    assert rig.facts.of(facts.Gap) == []
