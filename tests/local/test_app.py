from __future__ import annotations

import asyncio
import socket
from typing import TYPE_CHECKING, Any

import pytest

from tautwire.errors import ConfigurationError
from tautwire.local import LocalSlack

if TYPE_CHECKING:
    import aiohttp

    from tautwire.local import Delivery


async def test_it_opens_on_a_free_port_and_closes_any_number_of_times() -> None:
    slack = LocalSlack()
    await slack.close()
    with pytest.raises(ConfigurationError):
        await slack.start()
    async with LocalSlack() as other:
        assert other.port > 0
        with pytest.raises(ConfigurationError):
            await other.start()
        await other.close()
        await other.close()


async def test_a_taken_port() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken, pytest.raises(OSError, match="address"):
        await LocalSlack(port=taken.getsockname()[1]).start()


async def test_closing_ends_every_connection_in_whatever_state(dial: Any, clock: Any) -> None:
    slack = LocalSlack(clock=clock)
    await slack.start()
    async with dial(slack), dial(slack), dial(slack), dial(slack):
        one, two, three, _ = slack.connections
        one.half_open()
        two.close()
        three.refresh()
        for _ in range(100):
            slack.send_event(text="x" * 10_000)
        await slack.close()
        assert slack.connections == []
        assert slack.registered == 0


async def test_waiting_for_what_does_not_come(slack: LocalSlack) -> None:
    with pytest.raises(TimeoutError, match=r"^0 connection\(s\) instead of 1 are ready after 0\.01 s; apps"):
        await slack.wait_connections(1, timeout=0.01)
    slack.send_event()
    with pytest.raises(TimeoutError, match="open=1"):
        await slack.settled(timeout=0)


async def test_nobody_to_talk_to(slack: LocalSlack) -> None:
    with pytest.raises(ConfigurationError):
        _ = slack.newest
    slack.drop()
    slack.refresh()
    slack.half_open()
    await slack.settled()


async def test_ten_thousand_at_once(seed: int, dial: Any) -> None:
    """A burst over four connections, every ack accounted for. The deadline is not the subject here."""
    async with LocalSlack(seed=seed, deadline=60) as slack:
        async with dial(slack) as a, dial(slack) as b, dial(slack) as c, dial(slack) as d:

            async def serve(wire: Any) -> None:
                while True:
                    await wire.ack(await wire.message())

            tasks = [asyncio.create_task(serve(wire)) for wire in (a, b, c, d)]
            deliveries: list[Delivery] = [slack.send_event(text=str(number)) for number in range(10_000)]
            await slack.settled(timeout=60)
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
        summary = slack.ledger.summary()
        assert (summary.sent, summary.acked_in_time, summary.attempts) == (10_000, 10_000, 10_000)
        assert (summary.late, summary.lost, summary.open, summary.unknown_acks) == (0, 0, 0, 0)
        assert len({delivery.envelope_id for delivery in deliveries}) == 10_000
        assert 0 < summary.latency_p50 <= summary.latency_p95 <= summary.latency_p99 <= summary.latency_max


async def test_other_doors_are_not_there(slack: LocalSlack, http: aiohttp.ClientSession) -> None:
    async with http.get(slack.base_url) as response:
        assert response.status == 404
