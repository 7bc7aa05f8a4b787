"""What watches the programs has to notice when one of them misbehaves."""

from __future__ import annotations

import asyncio
import json
import os
import sys
from typing import TYPE_CHECKING

import pytest

from clients import program as programs
from clients.program import Client, Program, node, running

if TYPE_CHECKING:
    from pathlib import Path

    from tautwire.local import LocalSlack


def script(text: str) -> Client:
    return Client("script", (sys.executable, "-c", text))


FAILING = script("print('it rains'); raise SystemExit(3)")
WAITING = script("import time; print('it rains', flush=True); time.sleep(60)")
DEAF = script(
    "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('here', flush=True); time.sleep(60)"
)


async def has_spoken(program: Program) -> None:
    while not program.words:  # noqa: ASYNC110 - a file rings no bell
        await asyncio.sleep(0)


async def is_disappointed(slack: LocalSlack, program: Program) -> None:
    await has_spoken(program)
    await slack.wait_connections(1, timeout=0.01)


async def test_one_that_ends_early_is_noticed_at_once_and_quoted(slack: LocalSlack, log: Path) -> None:
    with pytest.raises(AssertionError, match="ended with 3") as caught:
        async with running(FAILING, slack, log) as program:
            await program.during(slack.wait_connections(1))
    assert "it rains" in caught.value.__notes__[0]


async def test_one_whose_visitor_is_disappointed_is_quoted(slack: LocalSlack, log: Path) -> None:
    with pytest.raises(TimeoutError) as caught:
        async with running(WAITING, slack, log) as program:
            await program.during(is_disappointed(slack, program))
    assert "it rains" in caught.value.__notes__[0]
    assert program.process.returncode is not None


async def test_one_that_fails_on_its_way_out(slack: LocalSlack, log: Path) -> None:
    with pytest.raises(AssertionError, match="it rains"):
        async with running(FAILING, slack, log) as program:
            await program.ended()


async def test_one_that_will_not_go(slack: LocalSlack, log: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(programs, "FAREWELL", 0.05)
    with pytest.raises(AssertionError, match="still there"):
        async with running(DEAF, slack, log) as program:
            await has_spoken(program)
    assert program.process.returncode is not None


async def test_they_learn_of_slack_by_their_environment_alone(
    slack: LocalSlack, log: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:1")
    async with running(script("import json, os; print(json.dumps(dict(os.environ)))"), slack, log) as program:
        await program.ended()
    environ = json.loads(program.words)
    assert environ["SLACK_API_URL"] == slack.api_url
    assert environ.keys() >= {"PATH", "SLACK_APP_TOKEN", "SLACK_BOT_TOKEN"}
    assert "HTTP_PROXY" in os.environ.keys() - environ.keys()


async def test_without_its_packages_it_is_skipped(
    slack: LocalSlack, log: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "node" / "current").mkdir(parents=True)
    (tmp_path / "node" / "current" / "package.json").write_text('{"engines": {"node": ">=20"}}')
    monkeypatch.setattr(programs, "HOME", tmp_path)
    with pytest.raises(pytest.skip.Exception, match="Node >=20"):
        async with running(node("bolt", "current"), slack, log):
            raise AssertionError("it ran")
