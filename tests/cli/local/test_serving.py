"""`tautwire local` as people run it: up at once, side by side, down without a word; and every mistake one sentence."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

import pytest
from click.testing import CliRunner

from tautwire import AsyncWebClient
from tautwire.cli.program import program
from tautwire.local import LocalSlack

if TYPE_CHECKING:
    from collections.abc import Callable

    Start = Callable[..., subprocess.Popen[str]]
    Read = Callable[[IO[str] | None, str], str]

REAL = "xoxb-" + "123456789012-1234567890123-" + "abcdefghijklmnopqrstuvwx"

posix = pytest.mark.skipif(os.name == "nt", reason="Ctrl-C is another thing there")


def invoke(*args: str) -> Any:
    return CliRunner().invoke(program, ["local", *args])


def up(process: subprocess.Popen[str]) -> dict[str, Any]:
    """Wait for the line that `--json` gives."""
    assert process.stdout is not None
    line = process.stdout.readline()
    assert line, process.communicate()
    return dict(json.loads(line))


@posix
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_it_serves_until_it_is_asked_to_end(started: Start, read_until: Read, number: int) -> None:
    process = started("local", "--port", "0")
    shown = read_until(process.stdout, "tautwire local exec")
    assert "export SLACK_API_URL=http://127.0.0.1:" in shown
    process.send_signal(number)
    assert (*process.communicate(timeout=30), process.returncode) == ("", "", 0)


async def test_two_run_side_by_side_and_each_answers_to_its_own_token(started: Start) -> None:
    one = up(started("local", "--port", "0", "--json"))
    other = up(started("local", "--port", "0", "--json", "--bot-token", "xoxb-other", "--app-token", "xapp-other"))
    assert one["port"] != other["port"]
    for each in (one, other):
        async with AsyncWebClient(each["bot_token"], base_url=each["api_url"]) as client:
            assert (await client.auth_test())["ok"]
            assert (await client.apps_connections_open(app_token=each["app_token"]))["url"].startswith(
                "ws://127.0.0.1:"
            )
    assert (other["bot_token"], other["app_token"]) == ("xoxb-other", "xapp-other")


@posix
def test_it_is_up_in_under_a_second(started: Start, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of its own time: what else the machine has to do meanwhile is not its doing. It waits for nothing."""
    for name in [name for name in os.environ if name.startswith("COVERAGE_")]:
        monkeypatch.delenv(name)
    process = started("local", "--port", "0", "--json")
    up(process)
    process.kill()
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    assert 0.0 < usage.ru_utime + usage.ru_stime < 1.0, usage


def test_the_port_that_is_meant_when_none_is_given() -> None:
    # However wide the terminal is.
    assert "[default: 4390;" in " ".join(invoke("--help").output.split())
    assert "[default: 0;" in " ".join(invoke("exec", "--help").output.split())


@pytest.mark.parametrize("command", [["local"], ["local", "exec"]])
async def test_a_port_that_is_taken(command: list[str], tautwire: Callable[..., Any], slack: LocalSlack) -> None:
    done = tautwire(*command, "--port", str(slack.port), *(["true"] if "exec" in command else []))
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == (
        f"Error: port {slack.port} is taken, perhaps by another local Slack; --port 0 takes any free one.\n"
    )


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (["--bot-token", REAL], "--bot-token has the shape of a real Slack token; a local Slack takes made-up ones."),
        (["--app-token", REAL], "--app-token has the shape of a real Slack token; a local Slack takes made-up ones."),
        (["--app-token", "xoxb-x"], "--app-token does not begin with xapp-, as the tokens of its kind do."),
        (["--bot-token", ""], "--bot-token does not begin with xoxb-, as the tokens of its kind do."),
        (
            ["--bot-token", "xoxb-\xe9"],
            "--bot-token holds what no HTTP header can carry; letters, digits and dashes are safe.",
        ),
        (
            ["--bot-token", "xoxb-a b"],
            "--bot-token holds what no HTTP header can carry; letters, digits and dashes are safe.",
        ),
        (["--time-scale", "nan"], "--time-scale 'nan' is not a number above 0 and up to 1000."),
        (["--time-scale", "0"], "--time-scale '0' is not a number above 0 and up to 1000."),
        (["--time-scale", "soon"], "--time-scale 'soon' is not a number above 0 and up to 1000."),
        (["--port", "4391", "exec", "true"], "--port belongs behind exec, which has options of its own."),
    ],
)
def test_a_mistake_is_one_sentence(given: list[str], said: str) -> None:
    done = invoke(*given)
    assert (done.exit_code, done.stdout, done.stderr) == (2, "", f"Error: {said}\n")


def test_a_real_token_is_not_shown_again(tautwire: Callable[..., Any]) -> None:
    done = tautwire("local", "exec", "--bot-token", REAL, "true")
    assert done.returncode == 2
    assert REAL not in done.stdout + done.stderr
    assert "Traceback" not in done.stderr


def test_what_the_slack_itself_refuses_is_a_sentence_as_well(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tautwire.cli.local.options.is_real", lambda _: False)
    done = invoke("--port", "0", "--bot-token", REAL)
    assert (done.exit_code, done.stderr.count("\n")) == (2, 1)
    assert done.stderr.startswith("Error: that has the shape of a real Slack token")


def test_any_other_reason_not_to_listen_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    async def start(_: LocalSlack) -> None:
        raise PermissionError(13, "error while attempting to bind on address ('127.0.0.1', 80): permission denied")

    monkeypatch.setattr(LocalSlack, "start", start)
    done = invoke("--port", "80")
    assert (done.exit_code, done.stderr) == (2, "Error: cannot listen on port 80: permission denied.\n")


def test_the_options_arrive(monkeypatch: pytest.MonkeyPatch) -> None:
    given: dict[str, Any] = {}

    class Enough(Exception):  # noqa: N818 - no error
        pass

    def note(**arguments: Any) -> LocalSlack:
        given.update(arguments)
        raise Enough

    monkeypatch.setattr("tautwire.cli.local.building.LocalSlack", note)
    tokens = ["--app-token", "xapp-a", "--bot-token", "xoxb-b"]
    others = ["--port", "1", "--time-scale", "0.5", "--lose-when-nobody", "--random-seed", "7"]
    strict = ["--strict-scopes", "--strict-limits", "--host", "::1", "--token", "0123456789abcdef"]
    assert isinstance(invoke(*tokens, *others, *strict).exception, Enough)
    assert given == {
        "port": 1,
        "host": "::1",
        "control_token": "0123456789abcdef",
        "manifests": [],
        "workspace": None,
        "strict_scopes": True,
        "strict_limits": True,
        "app_token": "xapp-a",
        "bot_token": "xoxb-b",
        "time_scale": 0.5,
        "lose_when_nobody": True,
        "seed": 7,
    }


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no such device")
def test_a_full_disk_ends_it_with_a_sentence() -> None:
    script = [sys.executable, "-m", "tautwire", "local", "--port", "0"]
    with Path("/dev/full").open("w") as full:
        done = subprocess.run(script, stdout=full, stderr=subprocess.PIPE, text=True, timeout=60, check=False)
    assert done.returncode == 2
    assert done.stderr == "Error: cannot write to standard output: No space left on device\n"
