"""The guide speaks of all that there is."""

from __future__ import annotations

import re
from pathlib import Path

import click
import pytest

from tautwire.cli.local.commands import local
from tautwire.local.control.api import OPERATIONS
from tautwire.local.control.streaming import STREAMS

GUIDE = (Path(__file__).parents[3] / "docs" / "local-control.md").read_text("utf-8")
PATHS = sorted({each.path for each in OPERATIONS} | {each.path for each in STREAMS})


@pytest.mark.parametrize("path", PATHS)
def test_every_path_is_in_it(path: str) -> None:
    assert re.search(rf"[` ]{re.escape(path)}`", GUIDE)


def test_and_no_other() -> None:
    table = GUIDE.partition("| path | does |")[2].partition("\n\n")[0]
    assert sorted(set(re.findall(r"[` ](/[\w/-]+)`", table))) == PATHS


def test_every_command_is_in_it() -> None:
    table = GUIDE.partition("| command | does |")[2].partition("\n\n")[0]
    names = set(local.list_commands(click.Context(local))) - {"exec"}
    assert {name for name in names if not re.search(rf"`{name}[` ]", table)} == set()
    assert set(re.findall(r"`tautwire local (\w[\w-]*)", GUIDE)) <= names | {"exec"}
    assert set(re.findall(r"^tautwire local (\w[\w-]*)", GUIDE, re.MULTILINE)) <= names | {"exec"}
