"""`disconnect()` stays down, whatever was waiting for its turn when it was called."""

from __future__ import annotations

import asyncio
from typing import Any

from tautwire.errors import ClientClosedError
from tautwire.socket_mode.aiohttp import SocketModeClient


class Hanging:
    """A Web client whose answer never comes."""

    def __init__(self) -> None:
        self.calls = 0
        self.called = asyncio.Event()

    async def apps_connections_open(self, *, app_token: str) -> dict[str, Any]:
        self.calls += 1
        self.called.set()
        await asyncio.Event().wait()
        raise AssertionError


async def test_a_call_that_waited_for_another_dials_nothing_after_disconnect() -> None:
    web_client = Hanging()
    client = SocketModeClient("xapp-1-A-1-x", web_client=web_client)
    callers = [asyncio.create_task(client.connect_to_new_endpoint(force=True)) for _ in range(3)]
    await web_client.called.wait()
    await client.disconnect()
    outcomes = await asyncio.gather(*callers, return_exceptions=True)
    assert [type(outcome) for outcome in outcomes] == [ClientClosedError] * 3
    assert web_client.calls == 1
    await client.close()
