"""The example runs as it stands, against the local Slack."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from pathlib import Path

import pytest

from tautwire.local import LocalSlack, State

EXAMPLE = Path(__file__).parents[2] / "examples" / "greeter.py"


@pytest.mark.skipif(os.name == "nt", reason="signals are another thing there")
async def test_the_greeter_answers_and_ends(seed: int) -> None:
    async with LocalSlack(seed=seed) as slack:
        tokens = {
            "SLACK_APP_TOKEN": slack.app_token,
            "SLACK_BOT_TOKEN": slack.bot_token,
            "SLACK_API_URL": slack.api_url,
        }
        process = await asyncio.create_subprocess_exec(
            sys.executable, str(EXAMPLE), env=os.environ | tokens, stderr=asyncio.subprocess.PIPE
        )
        try:
            await slack.wait_connections()
            mention = slack.send_event("app_mention")
            command = slack.send_command("/deploy", text="api")
            click = slack.send_action("approve")
            await slack.wait_for(lambda slack: len(slack.messages) == 2 and slack.ledger.is_settled)

            assert [each.state for each in (mention, command, click)] == [State.ACKED] * 3
            assert command.answer == {"text": "Deploying api …", "response_type": "in_channel"}
            assert {message["text"] for message in slack.messages} == {
                "Hello <@U0ANN>!",
                "Somebody pressed approve.",
            }
        finally:
            process.send_signal(signal.SIGTERM)
            _, errors = await process.communicate()
        assert (process.returncode, errors) == (0, b"")
