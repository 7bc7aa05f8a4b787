"""Every client that others have written has the whole conversation with the local Slack, unmodified."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from clients.conversation import converse, settle_in
from clients.program import GENERATIONS, Client, node, python, running

if TYPE_CHECKING:
    from pathlib import Path

    from tautwire.local import LocalSlack

CLIENTS = (
    *(python("bare_sync", name) for name in ("builtin", "websocket_client")),
    *(python("bare_async", name) for name in ("aiohttp", "websockets")),
    *(python("bolt_sync", name) for name in ("builtin", "websocket_client", "aiohttp", "websockets")),
    *(python("bolt_async", name) for name in ("aiohttp", "websockets")),
    *(node(script, generation) for script in ("socket_mode", "bolt") for generation in GENERATIONS),
)


@pytest.mark.parametrize("client", CLIENTS, ids=str)
async def test_the_whole_conversation(slack: LocalSlack, client: Client, log: Path) -> None:
    settle_in(slack)
    async with running(client, slack, log) as program:
        await program.during(converse(slack))
