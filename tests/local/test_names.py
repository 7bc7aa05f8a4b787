"""The names of the room itself: all there, from where a type checker takes them, and not before asked for."""

from __future__ import annotations

import ast
import subprocess
import sys
from importlib import import_module
from pathlib import Path

import pytest

import tautwire.local


def believed() -> dict[str, str]:
    """Each name with its module, as the imports for type checkers have it."""
    tree = ast.parse(Path(tautwire.local.__file__).read_text("utf-8"))
    imports = [node for each in tree.body if isinstance(each, ast.If) for node in each.body]
    return {
        alias.name: str(node.module) for node in imports if isinstance(node, ast.ImportFrom) for alias in node.names
    }


def test_every_name_is_there_and_is_what_a_type_checker_believes() -> None:
    assert sorted(believed()) == sorted(tautwire.local.__all__)
    for name, module in believed().items():
        assert getattr(tautwire.local, name) is getattr(import_module(module), name), name


def test_they_are_listed_and_others_are_not_found() -> None:
    assert set(tautwire.local.__all__) <= set(dir(tautwire.local))
    with pytest.raises(AttributeError, match=r"module 'tautwire\.local' has no attribute 'LocalSlick'"):
        tautwire.local.LocalSlick  # type: ignore[attr-defined]  # noqa: B018 - misspelt on purpose


def test_nothing_is_imported_before_it_is_asked_for() -> None:
    found = "sorted(name for name in sys.modules if name[:8] in ('tautwire', 'aiohttp'))"
    show = f"import sys, tautwire.local; print(*{found})"
    done = subprocess.run([sys.executable, "-c", show], capture_output=True, text=True, timeout=60, check=True)
    assert done.stdout == "tautwire tautwire.local tautwire.version\n"
