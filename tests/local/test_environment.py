"""What a program is told, and what it was told before and still has to know."""

from __future__ import annotations

import os
import urllib.request
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tautwire.local.environment import detours, program_environment, slack_variables
from tautwire.local.inject import FOLDER
from tautwire.proxy import bypasses_proxy

if TYPE_CHECKING:
    from tautwire.local import LocalSlack

pytestmark = pytest.mark.skipif(os.name == "nt", reason="one name of NO_PROXY less there")


async def test_it_is_told_where_slack_is_under_the_names_that_apps_read(slack: LocalSlack) -> None:
    assert slack_variables(slack) == {
        "SLACK_APP_TOKEN": slack.app_token,
        "SLACK_BOT_TOKEN": slack.bot_token,
        "SLACK_SIGNING_SECRET": "local-signing-secret",
        "SLACK_API_URL": f"http://127.0.0.1:{slack.port}/api/",
    }


async def test_a_real_token_is_out_of_its_sight_and_everything_else_is_not(slack: LocalSlack) -> None:
    before = {"SLACK_BOT_TOKEN": "xoxb-of-somebody", "SLACK_API_URL": "https://slack.com/api/", "HOME": "here"}
    after = program_environment(slack, before)
    assert (after["SLACK_BOT_TOKEN"], after["HOME"]) == (slack.bot_token, "here")
    assert after["SLACK_API_URL"] == slack.api_url
    assert before["SLACK_BOT_TOKEN"] == "xoxb-of-somebody"


@pytest.mark.parametrize(
    ("before", "upper", "lower"),
    [
        ({}, "127.0.0.1,localhost", "127.0.0.1,localhost"),
        ({"NO_PROXY": "corp.example"}, "corp.example,127.0.0.1,localhost", "corp.example,127.0.0.1,localhost"),
        ({"no_proxy": "corp.example"}, "corp.example,127.0.0.1,localhost", "corp.example,127.0.0.1,localhost"),
        ({"NO_PROXY": "a", "no_proxy": "b"}, "a,127.0.0.1,localhost", "b,127.0.0.1,localhost"),
        ({"NO_PROXY": " ", "no_proxy": "b,,localhost"}, "b,localhost,127.0.0.1", "b,localhost,127.0.0.1"),
        ({"NO_PROXY": "*"}, "*", "*"),
    ],
)
def test_this_machine_joins_what_goes_without_a_proxy(before: dict[str, str], upper: str, lower: str) -> None:
    after = detours(before)
    assert (after["NO_PROXY"], after["no_proxy"]) == (upper, lower)


@pytest.mark.parametrize("said", ["", "corp.example", "*"])
def test_those_who_read_it_understand_it(said: str, monkeypatch: pytest.MonkeyPatch) -> None:
    after = detours({"NO_PROXY": said})
    monkeypatch.setenv("no_proxy", after["no_proxy"])
    monkeypatch.setenv("NO_PROXY", after["NO_PROXY"])
    assert urllib.request.proxy_bypass_environment("127.0.0.1:4390")  # type: ignore[attr-defined]
    assert bypasses_proxy("127.0.0.1", 4390)
    assert bypasses_proxy("localhost")


def test_our_folder_comes_first_and_once() -> None:
    assert Path(FOLDER, "sitecustomize.py").is_file()
    assert detours({})["PYTHONPATH"] == FOLDER
    assert detours({"PYTHONPATH": ""})["PYTHONPATH"] == FOLDER
    others = os.pathsep.join(["one", FOLDER, "two"])
    assert detours({"PYTHONPATH": others})["PYTHONPATH"] == os.pathsep.join([FOLDER, "one", "two"])
