"""A journal, messages as they go over the wire, and a clock that moves on when somebody sleeps."""

from __future__ import annotations

import asyncio
import json
from typing import TYPE_CHECKING, Any

import pytest

from tautwire.local.journal import Journal

if TYPE_CHECKING:
    from collections.abc import Callable


class Ticking:
    """Nobody waits: to sleep is to move on. `late` seconds are lost with each sleep, as on a busy machine."""

    def __init__(self) -> None:
        self.now, self.late = 100.0, 0.0
        self.slept: list[float] = []

    def monotonic(self) -> float:
        return self.now

    def wall(self) -> float:
        return 1_795_000_000.0 + self.now

    async def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.now += max(0.0, seconds) + self.late
        await asyncio.sleep(0)

    async def wait(self, event: asyncio.Event, seconds: float) -> bool:
        raise AssertionError("the journal waits for no deadline")


@pytest.fixture
def ticking() -> Ticking:
    return Ticking()


@pytest.fixture
def journal(ticking: Ticking) -> Journal:
    return Journal(clock=ticking)


@pytest.fixture
def event() -> Callable[..., bytes]:
    """The text frame of an event, as the broker sends it."""

    def make(number: int = 1, /, *, envelope_id: str = "", channel: str = "C0GENERAL", **inner: Any) -> bytes:
        said = {"type": "app_mention", "user": "U0ANN", "text": "hi", "ts": f"17950000{number:02d}.000100"}
        payload = {
            "token": "local-verification",
            "team_id": "T0LOCAL01",
            "api_app_id": "A0LOCAL01",
            "type": "event_callback",
            "event_id": f"Ev{number:011X}",
            "event_time": 1795000000,
            "event": said | {"channel": channel} | inner,
        }
        message = {
            "envelope_id": envelope_id or f"11111111-1111-4111-8111-{number:012x}",
            "type": "events_api",
            "accepts_response_payload": False,
            "retry_attempt": 0,
            "retry_reason": "",
            "payload": payload,
        }
        return json.dumps(message, separators=(",", ":"), ensure_ascii=False).encode()

    return make


@pytest.fixture
def command() -> Callable[..., bytes]:
    """The text frame of a slash command."""

    def make(number: int = 1, /, *, envelope_id: str = "", **more: Any) -> bytes:
        payload = {
            "token": "local-verification",
            "team_id": "T0LOCAL01",
            "channel_id": "C0GENERAL",
            "channel_name": "general",
            "user_id": "U0ANN",
            "command": "/deploy",
            "text": "api prod",
            "api_app_id": "A0LOCAL01",
            "response_url": f"http://127.0.0.1:8000/commands/T0LOCAL01/{8012345678900 + number}/s3cr3tpart{number}",
            "trigger_id": f"{8012345678900 + number}.4012345678.{number:032x}",
        }
        message = {
            "envelope_id": envelope_id or f"22222222-2222-4222-8222-{number:012x}",
            "type": "slash_commands",
            "accepts_response_payload": True,
            "payload": payload | more,
        }
        return json.dumps(message, separators=(",", ":"), ensure_ascii=False).encode()

    return make
