"""docs/local.md: its program runs, its commands exist, and its table of faults is the code's."""

from __future__ import annotations

import asyncio
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from tautwire.local.faults.kinds import KINDS

DOCS = Path(__file__).parents[2] / "docs"
GUIDE = (DOCS / "local.md").read_text("utf-8")
COMMANDS = re.findall(r"^tautwire local .*?(?= +#|$)", GUIDE, re.MULTILINE)


def blocks(kind: str) -> list[str]:
    return re.findall(rf"^```{kind}\n(.*?)^```", GUIDE, re.MULTILINE | re.DOTALL)


async def test_its_program_runs() -> None:
    (program,) = blocks("python")
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-W", "error", "-c", program, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE
    )
    out, err = await process.communicate()
    said = out.decode()
    assert (process.returncode, err) == (0, b"")
    assert said.count("<localbot in general: 'Yes?'>") == 2
    assert "app_mention acked, 2 attempt(s)" in said
    assert "ann in #general: @localbot still there?" in said


@pytest.mark.parametrize("command", COMMANDS)
def test_its_commands_exist(command: str) -> None:
    """With the options that are given to them; what they do is tested where they are."""
    words = shlex.split(command)[1:]
    names = [word for word in words if re.fullmatch(r"[a-z]+", word)]
    path = names[:3] if names[1:2] == ["fault"] else names[:2] if len(names) > 1 else names
    if words[1].startswith("--"):
        path = names[:1]
    help_ = subprocess.run(
        [Path(sys.executable).with_name("tautwire"), *path, "--help"],
        capture_output=True, text=True, timeout=60, check=True,
    ).stdout  # fmt: skip
    for option in (word for word in words if word.startswith("--") and word != "--"):
        assert option in help_, option


def test_there_are_commands_to_look_at() -> None:
    assert len(COMMANDS) > 12


def test_its_table_of_faults_is_complete() -> None:
    # What stands in brackets or behind a colon is explanation.
    told = {
        (where, kind)
        for places, kinds in re.findall(r"^\| (`[a-z`, ]+`) \| (.+) \|$", GUIDE, re.MULTILINE)
        for where in re.findall(r"`(\w+)`", places)
        for kind in re.findall(r"`(\w+)`", kinds.partition(":")[0])
        if where in KINDS
    }
    assert told == {(where, kind) for where, kinds in KINDS.items() for kind in kinds}


def test_its_links_lead_somewhere() -> None:
    for name in re.findall(r"\]\(([\w-]+\.\w+)\)", GUIDE):
        assert (DOCS / name).is_file(), name


def test_every_shell_takes_its_lines_as_they_are() -> None:
    """zsh ends a command with "no matches found" for a `*` or `?` that is not in quotes."""
    for guide in DOCS.glob("*.md"):
        for block in re.findall(r"^```sh\n(.*?)^```", guide.read_text("utf-8"), re.MULTILINE | re.DOTALL):
            for line in block.splitlines():
                bare = re.sub(r"'[^']*'|\"[^\"]*\"", "", line.partition(" #")[0])
                assert not re.search(r"[*?]", bare), f"{guide.name}: {line}"
