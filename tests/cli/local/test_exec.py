"""`tautwire local exec -- CMD…` as people run it."""

from __future__ import annotations

import json
import os
import re
import signal
import socket
import subprocess
import sys
from pathlib import Path
from typing import IO, TYPE_CHECKING

import pytest

from tautwire.local.inject import FOLDER

if TYPE_CHECKING:
    from collections.abc import Callable

    Start = Callable[..., subprocess.Popen[str]]
    Run = Callable[..., subprocess.CompletedProcess[str]]
    Read = Callable[[IO[str] | None, str], str]
    Write = Callable[..., str]

pytestmark = pytest.mark.skipif(os.name == "nt", reason="a shell of another kind")

SHOW = 'import json, os; print(json.dumps({k: v for k, v in os.environ.items() if "SLACK" in k or "P" in k}))'

#: Calls Slack with what the environment says, and shows who answered.
CALL = """
import os
from slack_sdk import WebClient
client = WebClient(token=os.environ["SLACK_BOT_TOKEN"])
print(client.base_url, client.proxy, client.auth_test()["user_id"])
"""

ANSWER = re.compile(r"http://127\.0\.0\.1:\d+/api/ None U0LOCALBOT\n")

#: Takes a Ctrl-C for what it is.
PATIENT = """
import signal, sys
try:
    print("ready", flush=True)
    signal.pause()
except KeyboardInterrupt:
    sys.exit(7)
"""

#: Runs a command in a group of its own, as a shell's `&` does.
BACKGROUND = "import subprocess, sys; sys.exit(subprocess.call(sys.argv[1:], process_group=0))"

#: Runs a command in a terminal of its own, whose keys are this program's standard input.
TERMINAL = "import pty, sys, os; sys.exit(os.waitstatus_to_exitcode(pty.spawn(sys.argv[1:])))"


def test_the_command_has_a_slack_while_it_runs(tautwire: Run) -> None:
    done = tautwire("local", "exec", "--bot-token", "xoxb-mine", "--", sys.executable, "-c", SHOW)
    assert (done.returncode, done.stderr) == (0, "")
    seen = json.loads(done.stdout)
    assert seen["SLACK_BOT_TOKEN"] == "xoxb-mine"
    assert seen["SLACK_APP_TOKEN"].startswith("xapp-")
    assert seen["PYTHONPATH"].split(os.pathsep)[0] == FOLDER
    assert "127.0.0.1" in seen["NO_PROXY"].split(",")
    found = re.fullmatch(r"http://127\.0\.0\.1:(\d+)/api/", seen["SLACK_API_URL"])
    assert found
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", int(found[1])))


@pytest.mark.parametrize("dashes", [["--"], []])
def test_the_commands_options_are_its_own(dashes: list[str], tautwire: Run) -> None:
    done = tautwire("local", "exec", *dashes, "sh", "-c", 'echo "$@"', "sh", "--port", "x", "--help", "--")
    assert (done.returncode, done.stdout) == (0, "--port x --help --\n")


def test_its_input_and_its_output_are_nobody_elses(tautwire: Run) -> None:
    done = tautwire("local", "exec", "--", "sh", "-c", "cat; echo oops >&2", input="words\n")
    assert (done.stdout, done.stderr) == ("words\n", "oops\n")


@pytest.mark.parametrize(("script", "code"), [("exit 0", 0), ("exit 3", 3), ("kill -KILL $$", 137), ("kill $$", 143)])
def test_its_end_is_the_commands_end(script: str, code: int, tautwire: Run) -> None:
    done = tautwire("local", "exec", "--", "sh", "-c", script)
    assert (done.returncode, done.stdout, done.stderr) == (code, "", "")


def test_a_command_that_does_not_exist(tautwire: Run) -> None:
    done = tautwire("local", "exec", "--", "no-such-command")
    assert (done.returncode, done.stdout) == (127, "")
    assert done.stderr == "Error: cannot run 'no-such-command': No such file or directory.\n"


def test_a_command_that_is_no_program(tautwire: Run, tmp_path: Path) -> None:
    done = tautwire("local", "exec", "--", str(tmp_path))
    assert (done.returncode, done.stderr) == (126, f"Error: cannot run '{tmp_path}': Permission denied.\n")


def test_without_a_command_it_says_what_is_missing(tautwire: Run) -> None:
    done = tautwire("local", "exec")
    assert done.returncode == 2
    assert done.stderr.endswith("Error: Missing argument 'CMD...'.\n")


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
def test_whoever_ends_it_ends_the_command(number: int, started: Start, read_until: Read, write: Write) -> None:
    program = write("import os, signal; print('ready', os.getpid(), flush=True); signal.pause()")
    process = started("local", "exec", "--", sys.executable, program)
    child = int(read_until(process.stdout, "ready").split()[1])
    process.send_signal(number)
    out, err = process.communicate(timeout=30)
    # Python's own Ctrl-C has a traceback, and ends the program by the signal all the same.
    assert (process.returncode, out) == (128 + number, "")
    assert ("KeyboardInterrupt" in err) == (number is signal.SIGINT)
    assert "tautwire" not in err
    with pytest.raises(ProcessLookupError):
        os.kill(child, 0)


def test_ctrl_c_in_a_terminal_ends_the_command(write: Write, read_until: Read) -> None:
    tautwire = str(Path(sys.executable).with_name("tautwire"))
    with subprocess.Popen(
        [sys.executable, "-c", TERMINAL, tautwire, "local", "exec", "--", sys.executable, write(PATIENT)],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True,
    ) as process:  # fmt: skip
        assert process.stdin is not None
        try:
            read_until(process.stdout, "ready")
            process.stdin.write("\x03")
            process.stdin.flush()
            assert process.wait(30) == 7
        finally:
            process.kill()


@pytest.mark.parametrize(
    ("commands", "expected"),
    [
        # What the keys send reaches whoever is in the foreground, and so the command, too.
        ([TERMINAL], "True"),
        ([TERMINAL, BACKGROUND], "False"),
        ([BACKGROUND], "False"),
    ],
    ids=["foreground", "background", "no terminal"],
)
def test_it_knows_whether_the_command_hears_the_keys(commands: list[str], expected: str) -> None:
    words = [word for command in commands for word in (sys.executable, "-c", command)]
    done = subprocess.run(
        [*words, sys.executable, "-c", "from tautwire.cli.local.child import _is_at_the_keys as i; print(i())"],
        stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=60, check=True, start_new_session=True,
    )  # fmt: skip
    assert done.stdout.split() == [expected]


# Programs that know nothing of all this


def test_slack_sdk_calls_it_behind_a_proxy_that_is_not_there(
    tautwire: Run, dead_proxy: dict[str, str], write: Write
) -> None:
    done = tautwire("local", "exec", "--", sys.executable, write(CALL), env=dead_proxy)
    assert (done.returncode, done.stderr) == (0, "")
    assert ANSWER.fullmatch(done.stdout)


def test_without_our_folder_it_would_not(tautwire: Run, dead_proxy: dict[str, str], write: Write) -> None:
    done = tautwire("local", "exec", "--", sys.executable, "-E", write(CALL), env=dead_proxy)
    assert done.returncode == 1
    assert "Connection refused" in done.stderr


def test_the_programs_that_a_program_starts_call_it_too(
    tautwire: Run, dead_proxy: dict[str, str], write: Write
) -> None:
    call = write(CALL, "call.py")
    parent = write(f"import subprocess, sys; sys.exit(subprocess.call([sys.executable, {call!r}]))")
    done = tautwire("local", "exec", "--", "sh", "-c", '"$@"', "sh", sys.executable, parent, env=dead_proxy)
    assert (done.returncode, done.stderr) == (0, "")
    assert ANSWER.fullmatch(done.stdout)


def test_processes_of_multiprocessing_call_it_too(tautwire: Run, dead_proxy: dict[str, str], write: Write) -> None:
    program = write(
        """
import multiprocessing, runpy, sys

if __name__ == "__main__":
    process = multiprocessing.get_context("spawn").Process(target=runpy.run_path, args=(sys.argv[1],))
    process.start()
    process.join()
    sys.exit(process.exitcode)
"""
    )
    done = tautwire("local", "exec", "--", sys.executable, program, write(CALL, "call.py"), env=dead_proxy)
    assert (done.returncode, done.stderr) == (0, "")
    assert ANSWER.fullmatch(done.stdout)


def test_a_sitecustomize_that_is_hidden_runs(
    tautwire: Run, dead_proxy: dict[str, str], write: Write, tmp_path: Path
) -> None:
    (tmp_path / "hidden").mkdir()
    write("import sys; sys.path.append('added'); print('hidden runs as', __name__)", "hidden/sitecustomize.py")
    program = write(CALL + "import sys, sitecustomize; print(sitecustomize.__file__, sys.path[-1])")
    path = os.pathsep.join([str(tmp_path / "hidden"), os.environ.get("PYTHONPATH", "")])
    done = tautwire("local", "exec", "--", sys.executable, program, env=dead_proxy | {"PYTHONPATH": path})
    assert (done.returncode, done.stderr) == (0, "")
    # The first is tautwire itself, in which nothing is hidden.
    first, second, call, own = done.stdout.splitlines(keepends=True)
    assert first == second == "hidden runs as sitecustomize\n"
    assert ANSWER.fullmatch(call)
    assert own == f"{tmp_path}/hidden/sitecustomize.py added\n"


def test_another_virtual_environment(tautwire: Run, dead_proxy: dict[str, str], write: Write, tmp_path: Path) -> None:
    """One that has slack_sdk, and neither tautwire nor anything else."""
    import slack_sdk

    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(tmp_path / "venv")], check=True, timeout=60)
    (packages,) = (tmp_path / "venv").glob("lib/python*/site-packages")
    (packages / "slack_sdk").symlink_to(Path(slack_sdk.__file__).parent)
    python = str(tmp_path / "venv" / "bin" / "python")
    alone = "import importlib.util as u; assert not u.find_spec('tautwire') and not u.find_spec('aiohttp')\n"
    done = tautwire("local", "exec", "--", python, write(alone + CALL), env=dead_proxy)
    assert (done.returncode, done.stderr) == (0, "")
    assert ANSWER.fullmatch(done.stdout)
