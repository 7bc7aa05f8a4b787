"""What the README shows is run as it stands there."""

from __future__ import annotations

import asyncio
import os
import re
import signal
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tautwire.local import LocalSlack

if TYPE_CHECKING:
    from collections.abc import Mapping

ROOT = Path(__file__).parents[1]
BLOCKS: list[str] = re.findall(r"^```python\n(.*?)^```", (ROOT / "README.md").read_text(), re.MULTILINE | re.DOTALL)


async def start(code: str, environment: Mapping[str, str]) -> asyncio.subprocess.Process:
    return await asyncio.create_subprocess_exec(
        sys.executable,
        "-W",
        "error",
        "-c",
        code,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        env={**os.environ, **environment},
    )


def block_with(text: str) -> str:
    [block] = [block for block in BLOCKS if text in block]
    return block


async def test_the_app_greets_and_ends_by_a_signal() -> None:
    async with LocalSlack() as slack:
        app = await start(
            block_with("async def greet"),
            {"SLACK_APP_TOKEN": slack.app_token, "SLACK_BOT_TOKEN": slack.bot_token, "SLACK_API_URL": slack.api_url},
        )
        await slack.wait_connections(1)
        slack.send_event("app_mention", text="hi")
        await slack.wait_for(lambda s: s.messages)
        await slack.settled()
        app.send_signal(signal.SIGTERM)
        _, err = await app.communicate()
        assert (app.returncode, err) == (0, b"")
        assert "Hello <@" in slack.messages[-1]["text"]
        assert [each.subject for each in slack.ledger.entries] == ["app_mention", "message"]  # an app hears itself, too
        assert slack.ledger.summary().acked_in_time == 2


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("def alarm", "Counts(opened=0"),
        ("LocalSlack()", "hello yourself\nhello yourself\n"),
        ("SqliteInbox", ""),
    ],
)
async def test_the_other_programs_run(text: str, said: str) -> None:
    program = await start(block_with(text), {})
    out, err = await program.communicate()
    assert (program.returncode, err) == (0, b"")
    assert said in out.decode()


def test_every_link_of_the_documents_leads_somewhere() -> None:
    for document in [*ROOT.glob("*.md"), *ROOT.glob("docs/*.md")]:
        for target in re.findall(r"\]\((?!http)([^)#]+)\)", document.read_text()):
            assert (document.parent / target).exists(), f"{document.name} links to {target}"
