"""The example and its test-suite, as somebody finds them who has copied the folder."""

from __future__ import annotations

import asyncio
import os
import re
import shutil
import signal
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tautwire.local import LocalSlack

if TYPE_CHECKING:
    from collections.abc import Callable

EXAMPLE = Path(__file__).parents[2] / "examples" / "ticket_desk"


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    ignored = shutil.ignore_patterns("__pycache__", ".pytest_cache")
    return Path(shutil.copytree(EXAMPLE, tmp_path / "mine", ignore=ignored))


@pytest.fixture
def run(copy: Path) -> Callable[..., subprocess.CompletedProcess[str]]:
    """pytest in the copy. Warnings are errors, as they are here."""

    def do(*args: str) -> subprocess.CompletedProcess[str]:
        # Without coverage, which would be measured along with it.
        hidden = ("PYTEST_", "COVERAGE_")
        environ = {name: value for name, value in os.environ.items() if not name.startswith(hidden)}
        command = [sys.executable, "-m", "pytest", "-W", "error", "--color=no", *args]
        return subprocess.run(command, cwd=copy, env=environ, capture_output=True, text=True, timeout=120, check=False)

    return do


def test_it_passes_and_takes_less_than_five_seconds(run: Callable[..., subprocess.CompletedProcess[str]]) -> None:
    # The processor's time: how long it takes on the clock depends on what else is done here at once.
    resource = pytest.importorskip("resource")
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    done = run()
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    assert done.returncode == 0, done.stdout + done.stderr
    found = re.search(r"(\d+) passed in", done.stdout)
    assert found, done.stdout
    assert int(found[1]) >= 8
    assert after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime < 5


def test_it_runs_in_parallel(run: Callable[..., subprocess.CompletedProcess[str]]) -> None:
    done = run("-n", "2")
    assert done.returncode == 0, done.stdout + done.stderr


def test_it_can_fail_and_says_what_was_said(run: Callable[..., subprocess.CompletedProcess[str]], copy: Path) -> None:
    app = copy / "app.py"
    broken = app.read_text("utf-8").replace('"A few more words, please."', '"No."')
    assert broken != app.read_text("utf-8")
    app.write_text(broken, "utf-8")
    done = run("-k", "a_ticket_is_filed")
    assert done.returncode == 1, done.stdout
    section = done.stdout.partition("-- local Slack --")[2]
    for words in ("ann in #general: /ticket", "ann submits New ticket", "with errors title=No."):
        assert words in section


@pytest.mark.skipif(os.name == "nt", reason="signals are another thing there")
async def test_the_app_runs_as_it_stands_and_ends(copy: Path, seed: int) -> None:
    async with LocalSlack(seed=seed, manifests=[copy / "manifest.yaml"], strict_scopes=True) as slack:
        process = await asyncio.create_subprocess_exec(
            sys.executable, "app.py", cwd=copy, env=slack.environment(), stderr=asyncio.subprocess.PIPE
        )
        try:
            await slack.wait_connections()
            ann = slack.user("ann")
            assert await ann.command("/ticket")
            assert await ann.submits(await ann.modal(), {"title": "Out of coffee", "priority": "low"})
            message = await slack.channel("general").next_message(from_="bot")
            await message.until(lambda it: it.text == "#1 Out of coffee (Low)")
        finally:
            process.send_signal(signal.SIGTERM)
            _, errors = await process.communicate()
        assert (process.returncode, errors) == (0, b"")


def test_the_readme_names_what_is_there() -> None:
    text = (EXAMPLE / "README.md").read_text("utf-8")
    named = re.findall(r"`([\w./]+\.(?:py|yaml|ini))`", text)
    assert named
    assert [name for name in named if not (EXAMPLE / name).is_file()] == []
