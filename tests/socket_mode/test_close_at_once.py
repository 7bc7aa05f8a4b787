"""`close()` holds from the call on, and not from when its task first runs."""

from __future__ import annotations

import asyncio
from typing import Any

from tautwire.facts import DialFailed, Fact
from tautwire.socket_mode.aiohttp import SocketModeClient


class WebClient:
    """Fails, and counts."""

    def __init__(self) -> None:
        self.calls = 0

    async def apps_connections_open(self, *, app_token: str) -> dict[str, Any]:
        self.calls += 1
        raise OSError


async def test_nothing_is_dialled_in_the_turn_of_the_loop_in_which_close_was_called() -> None:
    web_client = WebClient()
    closing: list[asyncio.Task[None]] = []

    def close(fact: Fact) -> None:
        # The supervisor has just been woken, and decides in this very turn.
        if isinstance(fact, DialFailed) and not closing:
            client._begin_close()
            closing.append(asyncio.create_task(client.close()))

    client = SocketModeClient("xapp-1-A-1-x", web_client=web_client, observers=[close], clock=Hasty())
    connecting = asyncio.create_task(client.connect())
    await asyncio.wait({connecting})
    await asyncio.gather(*closing)
    assert connecting.exception() is not None
    assert web_client.calls == 1


class Hasty:
    """A clock by which every wait is over at once, so that no back-off stands between a failure and a dial."""

    def __init__(self) -> None:
        self._now = 0.0

    def monotonic(self) -> float:
        self._now += 100.0
        return self._now

    def wall(self) -> float:
        return self._now

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(0)

    async def wait(self, event: asyncio.Event, seconds: float) -> bool:
        await asyncio.sleep(0)
        return event.is_set()
