"""The banner is to be copied, so a shell reads it here."""

from __future__ import annotations

import json
import os
import re
import subprocess
from typing import TYPE_CHECKING

import pytest

from tautwire.cli.local.banner import as_json, as_text, speaking_variables
from tautwire.local import LocalSlack
from tautwire.local.environment import detours, program_environment, slack_variables
from tautwire.local.inject import FOLDER

if TYPE_CHECKING:
    from collections.abc import Mapping

posix = pytest.mark.skipif(os.name == "nt", reason="a shell of another kind")


@pytest.fixture
def odd() -> LocalSlack:
    """Tokens that a shell would fall over."""
    return LocalSlack(app_token="xapp-it's", bot_token="xoxb-$HOME;`id`")


def pasted(text: str, environ: Mapping[str, str]) -> dict[str, str]:
    """What a program sees after the lines to copy were."""
    lines = re.findall(r"^  (export .+)$", text, re.MULTILINE)
    script = "\n".join([*lines, "env -0"])
    shown = subprocess.run(["sh", "-c", script], env=dict(environ), capture_output=True, text=True, check=True).stdout
    return dict(each.split("=", 1) for each in shown.split("\0") if each)


@posix
def test_what_is_copied_is_what_exec_would_do(odd: LocalSlack) -> None:
    environ = {"PATH": os.environ["PATH"], "PYTHONPATH": "a folder:another"}
    seen = pasted(as_text(odd, environ, shell="posix"), environ)
    expected = program_environment(odd, environ)
    del expected["NO_PROXY"], expected["no_proxy"]
    assert {name: seen[name] for name in expected} == expected


@posix
def test_without_a_python_path_there_is_no_empty_entry(odd: LocalSlack) -> None:
    environ = {"PATH": os.environ["PATH"]}
    assert pasted(as_text(odd, environ, shell="posix"), environ)["PYTHONPATH"] == FOLDER


@posix
def test_a_proxy_is_warned_off_where_there_is_one(odd: LocalSlack) -> None:
    environ = {"PATH": os.environ["PATH"], "NO_PROXY": "corp.example"}
    assert "NO_PROXY" not in as_text(odd, environ, shell="posix")
    environ["https_proxy"] = "http://proxy.example:3128"
    text = as_text(odd, environ, shell="posix")
    assert pasted(text, environ)["NO_PROXY"] == "corp.example,127.0.0.1,localhost"
    assert "proxy.example" not in text


def test_powershell_has_its_own_words(odd: LocalSlack) -> None:
    text = as_text(odd, {}, shell="nt")
    assert "  $env:SLACK_APP_TOKEN = 'xapp-it''s'\n" in text
    assert f"  $env:PYTHONPATH = '{FOLDER}' + \";$env:PYTHONPATH\"\n" in text
    assert "export" not in text


def test_it_says_where_it_is_and_what_else_there_is(odd: LocalSlack) -> None:
    text = as_text(odd, {})
    assert text.startswith(f"The local Slack is up on {odd.base_url} (Ctrl-C ends it).\n")
    assert "  tautwire local exec -- python app.py" in text


def test_it_says_how_to_be_somebody_there(odd: LocalSlack) -> None:
    lines = as_text(odd, {}, shell="posix").splitlines()
    assert lines[-3:] == [
        f"  export TAUTWIRE_LOCAL_URL={odd.base_url}",
        "  tautwire local say 'hello @localbot'",
        "  tautwire local journal --follow",
    ]
    usual = as_text(LocalSlack(port=4390), {})
    assert "TAUTWIRE_LOCAL_URL" not in usual
    assert "TOKEN" not in usual.partition("Be somebody")[2]


def test_a_token_is_spoken_of_and_not_told() -> None:
    locked = LocalSlack(port=4390, control_token="a-token-that-is-long-enough")
    for text in (as_text(locked, {}, has_token=True), as_json(locked, {})):
        assert "long-enough" not in text
    assert "(with --token-file FILE, or TAUTWIRE_CONTROL_TOKEN set)" in as_text(locked, {}, has_token=True)
    given = speaking_variables(locked, "a-token-that-is-long-enough")
    assert given == {
        "TAUTWIRE_LOCAL_URL": "http://127.0.0.1:4390",
        "TAUTWIRE_CONTROL_TOKEN": "a-token-that-is-long-enough",
    }


def test_programs_get_one_line(odd: LocalSlack) -> None:
    line = as_json(odd, {"NO_PROXY": "corp.example"})
    assert "\n" not in line
    assert json.loads(line) == {
        "url": odd.base_url,
        "api_url": odd.api_url,
        "port": odd.port,
        "pid": os.getpid(),
        "app_token": "xapp-it's",
        "bot_token": "xoxb-$HOME;`id`",
        "environment": slack_variables(odd) | detours({"NO_PROXY": "corp.example"}) | speaking_variables(odd),
    }
