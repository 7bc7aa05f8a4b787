"""Slack's planned replacement of a connection, as each Socket Mode client lives through it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from clients.program import GENERATIONS, Client, node, python, running
from tautwire.local import State

if TYPE_CHECKING:
    from pathlib import Path

    from tautwire.local import LocalSlack

CLIENTS = (
    python("bare_sync", "builtin"),
    python("bare_async", "aiohttp"),
    python("bare_async", "websockets"),
    *(node("socket_mode", generation, PING_TIMEOUT="400") for generation in GENERATIONS),
)


async def is_answered(slack: LocalSlack, text: str) -> None:
    mention = slack.send_event(text=f"{slack.bot.mention} {text}")
    ts = mention.payload["event"]["ts"]
    await slack.wait_for(
        lambda slack: any(
            call.method == "chat.postMessage" and call.outcome == "ok" and call.args.get("thread_ts") == ts
            for call in slack.api_calls
        )
    )
    await slack.settled()
    assert mention.state is State.ACKED


async def comes_back(slack: LocalSlack) -> None:
    await slack.wait_connections(1)
    await is_answered(slack, "before")
    before, opens = slack.accepted, slack.opens
    # Each disconnect message makes them dial; two at once make two connections, the first of which nobody reads.
    slack.refresh(0.0, warning=False)
    await slack.wait_for(lambda slack: slack.accepted > before and len(slack.ready) == 1)
    await is_answered(slack, "after")
    assert slack.opens > opens


@pytest.mark.parametrize("client", CLIENTS, ids=str)
async def test_a_refresh(slack: LocalSlack, client: Client, log: Path) -> None:
    async with running(client, slack, log) as program:
        await program.during(comes_back(slack))


@pytest.mark.long
async def test_a_refresh_that_takes_its_time(slack: LocalSlack, log: Path) -> None:
    """One thread of this client closes what another waits for; in one run of ten that takes ten seconds."""
    async with running(python("bare_sync", "websocket_client"), slack, log) as program:
        await program.during(comes_back(slack))
