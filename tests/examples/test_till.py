"""The till is killed where it hurts: an order is booked, its number is on its way to Slack."""

from __future__ import annotations

import asyncio
import os
import signal
import sqlite3
import sys
from contextlib import asynccontextmanager, closing
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tautwire.local import Fault, LocalSlack

if TYPE_CHECKING:
    from asyncio.subprocess import Process
    from collections.abc import AsyncIterator

EXAMPLE = Path(__file__).parents[2] / "examples" / "till.py"

pytestmark = pytest.mark.skipif(os.name == "nt", reason="signals are another thing there")


@asynccontextmanager
async def till(slack: LocalSlack, folder: Path) -> AsyncIterator[Process]:
    tokens = {"SLACK_APP_TOKEN": slack.app_token, "SLACK_BOT_TOKEN": slack.bot_token, "SLACK_API_URL": slack.api_url}
    process = await asyncio.create_subprocess_exec(
        sys.executable, str(EXAMPLE), str(folder), env=os.environ | tokens, stderr=asyncio.subprocess.PIPE
    )
    try:
        await slack.wait_connections()
        yield process
    finally:
        if process.returncode is None:
            process.terminate()
        _, errors = await process.communicate()
    assert process.returncode == -signal.SIGKILL or (process.returncode, errors) == (0, b"")


def orders(folder: Path) -> list[tuple[int, str, bool]]:
    with closing(sqlite3.connect(folder / "orders.db")) as db:
        return db.execute("SELECT number, item, told IS NOT NULL FROM orders ORDER BY number").fetchall()


async def test_an_order_survives_the_process_that_has_begun_with_it(seed: int, tmp_path: Path) -> None:
    async with LocalSlack(seed=seed) as slack:
        ann, general = slack.user("ann"), slack.channel("general")
        async with till(slack, tmp_path) as process:
            await ann.says("order two teas", channel="general")
            await general.next_message(from_="bot", containing="Order 1: two teas")
            silence = slack.inject(Fault(where="api", kind="hang", match="chat.postMessage", count=1))
            await ann.says("order a coffee", channel="general")
            await slack.wait_for(lambda slack: silence.is_spent and slack.ledger.is_settled)
            process.kill()
            await process.wait()
        assert orders(tmp_path) == [(1, "two teas", True), (2, "a coffee", False)]

        async with till(slack, tmp_path):
            await general.next_message(from_="bot", containing="Order 2: a coffee")
            await ann.says("order nothing", channel="general")
            await general.next_message(from_="bot", containing="Order 3: nothing")
        assert orders(tmp_path) == [(1, "two teas", True), (2, "a coffee", True), (3, "nothing", True)]
        said = [message["text"] for message in slack.messages if message["text"].startswith("Order")]
        assert said == ["Order 1: two teas", "Order 2: a coffee", "Order 3: nothing"]
