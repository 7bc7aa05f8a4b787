"""The names of the package itself: all there, from where a type checker takes them, and not before asked for."""

from __future__ import annotations

import ast
import subprocess
import sys
from importlib import import_module
from pathlib import Path

import pytest

import tautwire


def believed() -> dict[str, str]:
    """Each name with its module, as the imports for type checkers have it."""
    tree = ast.parse(Path(tautwire.__file__).read_text("utf-8"))
    imports = [node for each in tree.body if isinstance(each, ast.If) for node in each.body]
    return {
        alias.name: str(node.module) for node in imports if isinstance(node, ast.ImportFrom) for alias in node.names
    }


def test_every_name_is_there_and_is_what_a_type_checker_believes() -> None:
    assert sorted(believed()) == sorted([*tautwire.__all__, "JetStreamInbox"])
    for name, module in believed().items():
        assert getattr(tautwire, name) is getattr(import_module(module), name), name


def test_rooms_that_were_there_without_an_import_of_their_own_still_are() -> None:
    show = "import tautwire; print(tautwire.errors.SlackApiError.__name__, tautwire.facts.__name__)"
    done = subprocess.run([sys.executable, "-c", show], capture_output=True, text=True, timeout=60, check=True)
    assert done.stdout == "SlackApiError tautwire.facts\n"


def test_they_are_listed_and_others_are_not_found() -> None:
    assert set(believed()) <= set(dir(tautwire))
    with pytest.raises(AttributeError, match="module 'tautwire' has no attribute 'SocketModeClent'"):
        tautwire.SocketModeClent  # type: ignore[attr-defined]  # noqa: B018 - misspelt on purpose
    with pytest.raises(ImportError, match="cannot import name 'SocketModeClent'"):
        exec("from tautwire import SocketModeClent")


def test_nothing_is_imported_before_it_is_asked_for() -> None:
    show = "import sys, tautwire; print(*sorted(name for name in sys.modules if name[:8] in ('tautwire', 'aiohttp')))"
    done = subprocess.run([sys.executable, "-c", show], capture_output=True, text=True, timeout=60, check=True)
    assert done.stdout == "tautwire tautwire.version\n"


def test_all_of_them_can_be_had_at_once_without_an_extra() -> None:
    show = "import sys; sys.modules['nats'] = None; from tautwire import *; print(SqliteInbox.__name__)"
    done = subprocess.run([sys.executable, "-c", show], capture_output=True, text=True, timeout=60, check=False)
    assert (done.stdout, done.stderr) == ("SqliteInbox\n", "")
