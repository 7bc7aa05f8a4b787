"""The program around its commands: how it is started, interrupted, and kept from writing."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tautwire import __version__

SCRIPT = [str(Path(sys.executable).with_name("tautwire"))]
MODULE = [sys.executable, "-m", "tautwire"]

#: The program, with a Ctrl-C in the middle of an import; the module's name is its first argument.
INTERRUPTED = """
import os, signal, sys
from tautwire.cli import main

module = sys.argv.pop(1)

class Finder:
    def find_spec(self, name, path=None, target=None):
        if name == module:
            os.kill(os.getpid(), signal.SIGINT)

sys.meta_path.insert(0, Finder())
main()
"""

posix = pytest.mark.skipif(os.name == "nt", reason="a shell of another kind")


def run(args: list[str], redirection: str = "") -> subprocess.CompletedProcess[str]:
    command = ["sh", "-c", f'exec "$@" {redirection}', "sh", *args] if redirection else args
    return subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)


@pytest.mark.parametrize("program", [SCRIPT, MODULE])
def test_it_is_started_by_its_name_or_as_a_module(program: list[str]) -> None:
    done = run([*program, "--version"])
    assert (done.returncode, done.stdout, done.stderr) == (0, f"tautwire {__version__}\n", "")


@posix
@pytest.mark.parametrize("module", ["click", "tautwire.cli.scoreboard"])
def test_ctrl_c_during_an_import_ends_it_without_a_word(module: str) -> None:
    done = run([sys.executable, "-c", INTERRUPTED, module, "demo", "--help"])
    assert (done.returncode, done.stdout, done.stderr) == (-signal.SIGINT, "", "")


@posix
def test_a_ctrl_c_that_is_ignored_stays_ignored() -> None:
    done = run(["sh", "-c", 'trap "" INT; exec "$@"', "sh", sys.executable, "-c", INTERRUPTED, "click", "--version"])
    assert (done.returncode, done.stdout) == (0, f"tautwire {__version__}\n")


@posix
@pytest.mark.parametrize("command", [["demo"], ["--help"]])
def test_without_an_output_one_sentence_says_so(command: list[str]) -> None:
    done = run([*SCRIPT, *command], ">&-")
    assert (done.returncode, done.stderr) == (2, "Error: cannot write to standard output: it is closed\n")


@posix
def test_with_nowhere_to_say_so_the_exit_code_does() -> None:
    assert run([*SCRIPT, "--help"], ">&- 2>&-").returncode == 2


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no such device")
@pytest.mark.parametrize("command", [["--help"], ["demo", "--seconds", "5"]])
def test_a_full_disk_is_one_sentence(command: list[str]) -> None:
    done = run([*SCRIPT, *command], ">/dev/full")
    assert done.returncode == 2
    assert done.stderr.startswith("Error: ")
    assert done.stderr.endswith("No space left on device\n")
    assert done.stderr.count("\n") == 1


@posix
def test_a_reader_that_goes_away_is_nothing_to_speak_of() -> None:
    done = run([*SCRIPT, "--help"], "| true")
    assert (done.returncode, done.stderr) == (0, "")
