"""The command as people run it: its words, its exit codes, its JSON, its end by Ctrl-C."""

from __future__ import annotations

import json
import os
import select
import signal
import subprocess
import sys
from contextlib import suppress
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from click.testing import CliRunner

from tautwire import __version__
from tautwire.cli import course as course_module
from tautwire.cli.course import Course, DemoError
from tautwire.cli.program import program
from tautwire.cli.rival import Child, Settings

if TYPE_CHECKING:
    import asyncio
    from collections.abc import Callable

    from tautwire.cli.contestants import Contestant
    from tautwire.cli.timetable import Timetable
    from tautwire.clock import Clock

#: The module; its package shows the command under the same name.
demo_module = import_module("tautwire.cli.demo")

PROGRAM = [str(Path(sys.executable).with_name("tautwire")), "demo"]


def run(*args: str) -> Any:
    return CliRunner().invoke(program, ["demo", *args])


@pytest.fixture
def short(
    monkeypatch: pytest.MonkeyPatch, even_table: Callable[..., Timetable], fast_clock: Clock
) -> Callable[[Contestant], None]:
    """Every run is two seconds of this client, in fast time."""

    def use(client: Contestant) -> None:
        def course(settings: Settings, _: Contestant, stop: asyncio.Event) -> Course:
            return Course(client, even_table(2), seed=settings.seed, stop=stop, clock=fast_clock)

        monkeypatch.setattr(Settings, "course", course)
        monkeypatch.setattr(course_module, "TAIL", 0.6)

    return use


@pytest.mark.skipif(os.name == "nt", reason="Ctrl-C is another thing there")
def test_ctrl_c_ends_it_cleanly() -> None:
    # A group of its own, as in a terminal: the signal reaches the child, too.
    with subprocess.Popen(
        [*PROGRAM, "--seconds", "300"],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True,
        env=os.environ | {"PYTHONUNBUFFERED": "1"},
    ) as process:  # fmt: skip
        assert process.stdout is not None
        shown = ""
        while "acked" not in shown:
            shown += process.stdout.readline()
        os.killpg(process.pid, signal.SIGINT)
        out, err = process.communicate(timeout=30)

    assert process.returncode == 130, (out, err)
    assert err == ""
    assert "Traceback" not in out
    assert "sent " in out
    assert "slack_sdk 3." in out
    assert "until it was stopped" in out
    with pytest.raises(ProcessLookupError):
        os.killpg(process.pid, 0)


@pytest.mark.skipif(not Path("/proc/self/task").exists(), reason="nobody says there who whose child is")
def test_ctrl_c_again_and_again_ends_it_at_once_and_its_child_too() -> None:
    with subprocess.Popen(
        [*PROGRAM, "--seconds", "300"],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True,
        env=os.environ | {"PYTHONUNBUFFERED": "1"},
    ) as process:  # fmt: skip
        assert process.stdout is not None
        shown = ""
        while "acked" not in shown:
            shown += process.stdout.readline()
        (child,) = Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split()
        descriptor = os.pidfd_open(int(child))
        while process.poll() is None:
            os.killpg(process.pid, signal.SIGINT)
            with suppress(subprocess.TimeoutExpired):
                process.wait(0.02)
        out, err = process.communicate(timeout=30)
    # A descriptor of a process can be read once that has ended.
    ended, _, _ = select.select([descriptor], [], [], 5)
    os.close(descriptor)

    assert process.returncode == 130
    assert err == ""
    assert "Traceback" not in out
    assert ended == [descriptor]


def test_a_loss_is_exit_code_one(contestant: Any, short: Any) -> None:
    short(contestant("mute"))
    result = run("--alone")
    assert result.exit_code == 1, result.output
    assert "tautwire" not in result.output.splitlines()[-1]
    assert "mute lost 19 of 19 that it could have kept." in result.output


def test_no_loss_is_exit_code_zero(contestant: Any, short: Any) -> None:
    short(contestant("app"))
    result = run("--alone", "--seed", "7")
    assert result.exit_code == 0, result.output
    assert "app lost nothing that it could have kept." in result.output
    assert "--seed 7" in result.output
    assert "\x1b" not in result.output


def test_without_slack_sdk_one_sentence_says_how_to_get_it(
    contestant: Any, short: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    short(contestant("app"))
    monkeypatch.setattr(demo_module, "is_slack_sdk_installed", lambda: False)
    assert 'pip install "tautwire[demo]"' in run().output
    found = json.loads(run("--json").stdout)
    assert len(found["clients"]) == 1
    assert "tautwire[demo]" in found["note"]


def test_the_comparison_may_fail_alone(contestant: Any, short: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    async def fail(settings: Settings, stop: asyncio.Event, child: Child) -> None:
        raise DemoError("the other one stumbled")

    short(contestant("app"))
    monkeypatch.setattr(demo_module, "run_rival", fail)
    result = run()
    assert result.exit_code == 0
    assert "the other one stumbled" in result.output


def test_what_cannot_run_says_why_in_one_sentence(contestant: Any, short: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    async def fail(course: Course) -> None:
        raise DemoError("no room")

    short(contestant("app"))
    monkeypatch.setattr(Course, "run", fail)
    result = run("--alone")
    assert result.exit_code == 2
    assert result.stderr == "Error: the demo could not run: no room\n"


def test_proxies_are_left_out_of_it_and_put_back(contestant: Any, short: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    short(contestant("app"))
    assert run("--alone").exit_code == 0
    assert os.environ["HTTP_PROXY"] == "http://127.0.0.1:9"


@pytest.mark.parametrize(
    "args",
    [
        ("--seconds", "4"),
        ("--seconds", "nan"),
        ("--seconds", "soon"),
        ("--rate", "0"),
        ("--rate", "inf"),
        ("--rate", "-1"),
        ("--faults", "rain"),
        ("--connections", "11"),
        ("--seed", "-1"),
        ("--seed", "x"),
        ("--what",),
        ("argument",),
    ],
)
def test_bad_input_is_exit_code_two_and_one_sentence(args: tuple[str, ...]) -> None:
    result = run(*args)
    assert result.exit_code == 2
    errors = [line for line in result.stderr.splitlines() if line.startswith("Error: ")]
    assert len(errors) == 1
    assert "Traceback" not in result.output


def test_help_and_version() -> None:
    assert CliRunner().invoke(program, ["--version"]).output == f"tautwire {__version__}\n"
    shown = run("--help")
    assert shown.exit_code == 0
    for word in ("--seconds", "--rate", "--faults", "--json", "storm", "Exit code"):
        assert word in shown.output
