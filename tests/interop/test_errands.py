"""The Web API clients alone: one long errand each, whose results they print."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from clients.conversation import settle_in
from clients.program import GENERATIONS, Client, node, python, running

if TYPE_CHECKING:
    from pathlib import Path

    from tautwire.local import LocalSlack

CLIENTS = (
    python("web_client"),
    python("async_web_client"),
    *(node("web_api", generation) for generation in GENERATIONS),
)


def expected(slack: LocalSlack, ts: str) -> dict[str, Any]:
    people = len(slack.workspace.users)
    return {
        "user": slack.bot.id,
        "people": people,
        "pages": -(-people // 100),
        "channel": "C0GENERAL",
        "ts": ts,
        "permalink": f"https://acme.slack.com/archives/C0GENERAL/p{ts.replace('.', '')}",
        "text": "Second draft",
        "replies": ["Another"],
        "latest": ts,
        "reactions": ["eyes"],
        "pins": [ts],
        "name": "general",
        "found": "ann",
        "direct": "D0ANN",
        "home": "home",
        "file": ["run.log", "The log", 13],
        "unknown_channel": "channel_not_found",
        "no_text": "no_text",
        "bad_trigger": "invalid_trigger_id",
    }


def look_around(slack: LocalSlack, ts: str) -> None:
    """What the errand has left in the workspace."""
    draft, upload = slack.channel("general").messages[0], slack.channel("general").messages[-1]
    assert (draft.ts, draft.text, draft.is_edited) == (ts, "Second draft", True)
    assert draft.reactions == {"eyes": [slack.bot.name]}
    assert [reply.text for reply in draft.replies] == ["Another"]
    assert (upload.text, upload.files) == ("Here it is", ["run.log"])
    ann = slack.user("ann")
    assert [message.text for message in ann.ephemerals] == ["Only you"]
    home = ann.home()
    assert home is not None
    assert home.text == "All quiet"
    assert [message.text for message in slack.channel("D0ANN").messages] == ["Between us"]


@pytest.mark.parametrize("client", CLIENTS, ids=str)
async def test_an_errand(slack: LocalSlack, client: Client, log: Path) -> None:
    settle_in(slack)
    async with running(client, slack, log) as program:
        assert await program.ended() == 0, program.words
    result = json.loads(program.words.splitlines()[-1])
    assert result == expected(slack, result["ts"])
    look_around(slack, result["ts"])
