"""docs/inbox-operating.md: its lines run, in their order, on an inbox; its shapes and commands are the real ones."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from tautwire.cli.inbox.commands import _PLACES

GUIDE = (Path(__file__).parents[3] / "docs" / "inbox-operating.md").read_text("utf-8")
BLOCKS = re.findall(r"^```sh\n(.*?)^```", GUIDE, re.MULTILINE | re.DOTALL)


def names(head: str) -> set[str]:
    """What the first column of a table has in backticks."""
    (rows,) = re.findall(rf"^\| {head} \| \|\n\|[-|]+\|\n(.*?)\n\n", GUIDE, re.MULTILINE | re.DOTALL)
    found = {name for row in rows.splitlines() for name in re.findall(r"`(\w+)`", row.split("|")[1])}
    return found | {"payload_base64"} if "payload" in found else found


@pytest.mark.skipif(os.name != "posix", reason="a shell of another kind")
def test_its_lines_run(fill: Any, path: Path, tmp_path: Path) -> None:
    if shutil.which("jq") is None:
        pytest.skip("needs jq")
    fill(8, 12, payload=b'{"event": {"type": "app_mention"}}')
    assert path == tmp_path / "events.db"
    script = "set -e\n" + "".join(BLOCKS).replace("status --watch 2s", "status")
    environ = {name: value for name, value in os.environ.items() if not name.startswith("TAUTWIRE")}
    environ["PATH"] = f"{Path(sys.executable).parent}{os.pathsep}{environ['PATH']}"
    run = partial(subprocess.run, cwd=tmp_path, env=environ, stdin=subprocess.DEVNULL)
    done = run(["sh", "-c", script], capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stderr == "Error: The inbox is not well: 1 dead, where 0 may be.\n"
    assert "the inbox needs somebody\n" in done.stdout
    for said in (
        "2 records replayed.",
        "1 record buried.",
        "1 record in dead.jsonl",
        "0 records purged.",
        "app_mention",
    ):
        assert said in done.stdout, said
    metrics = dict(line.split() for line in (tmp_path / "tautwire.prom").read_text().splitlines())
    assert metrics["tautwire_inbox_dead"] == "1"
    assert all(re.fullmatch(r"[-+.\deE]+", value) for value in metrics.values())


def test_every_command_is_in_it() -> None:
    for name in _PLACES:
        assert f"tautwire inbox {name}" in GUIDE, name


def test_its_shapes_are_the_real_ones(fill: Any, told: Any, done: Any) -> None:
    fill(2)
    (shape, _) = (json.loads(line) for line in done("export").splitlines())
    assert names("of a record") == {*shape, "payload_base64"}
    assert names("of `status`") == set(told("status")[0])
    for args, answer in (
        (("replay", 1, 2), "replayed"),
        (("bury", 1, 2), "buried"),
        (("purge", "dead", "--yes"), "purged"),
    ):
        assert told(*args)[0][answer] == 2
        assert f'"{answer}": 2' in GUIDE or f"`{answer}`" in GUIDE


def test_its_links_lead_somewhere() -> None:
    for name in re.findall(r"\]\(([\w-]+\.\w+)\)", GUIDE):
        assert (Path(__file__).parents[3] / "docs" / name).is_file(), name
