"""The clients, and a local Slack for each of them to talk to."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final

import pytest

from tautwire.local import LocalSlack, Switches

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

#: What the programs are: their commands and shortcuts, the events that they hear, the scopes that they have.
MANIFEST: Final = Path(__file__).with_name("manifest.json")


@pytest.fixture
async def slack(seed: int) -> AsyncIterator[LocalSlack]:
    """Retries a thousand times as fast. TCP ends with the close handshake, or soon without one.

    Where it stays open, Node's and slack_sdk's websocket clients wait for its end, ten seconds and longer.
    """
    switches = Switches(leave_tcp_open=False, close_patience=0.5)
    async with LocalSlack(
        seed=seed, time_scale=0.001, switches=switches, manifests=[MANIFEST], strict_scopes=True
    ) as local:
        yield local


@pytest.fixture
def log(tmp_path: Path) -> Path:
    """Where a program's words go."""
    return tmp_path / "program.log"
