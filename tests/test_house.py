"""The rules of the house that a machine can hold, and for each of them a broken house that it has to notice."""

from __future__ import annotations

import ast
import importlib
import os
import re
import shutil
import subprocess
import sys
from fnmatch import fnmatch
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
SOURCE = ROOT / "src" / "tautwire"
MOST_LINES = 350

#: The rooms that may hold a logger. `observe` writes the client's log lines, the others pass one on or are programs.
LOGGING_ROOMS = frozenset({"bolt", "cli", "local", "observe", "socket_mode", "testing", "web"})

#: Put together here, so that this file is not what it finds.
FOREIGN = re.compile(
    "|".join(
        (
            re.escape("pypi" + ".org"),
            re.escape("python" + "hosted.org"),
            re.escape("registry.npm" + "js.org"),
            re.escape("/opt/" + "pypi"),
            *(
                rf"(?<![\w.~}}-])/{root}/[\w.-]"
                for root in ("ro" + "ot", "ho" + "me", "Us" + "ers", "wo" + "rk", "t" + "mp")
            ),
        )
    )
)


def modules(root: Path = SOURCE) -> list[Path]:
    return sorted(root.rglob("*.py"))


def name_of(path: Path, root: Path = SOURCE) -> str:
    parts = path.relative_to(root.parent).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def lint_imports(root: Path) -> subprocess.CompletedProcess[str]:
    tool = Path(sys.executable).with_name("lint-imports")
    environ = os.environ | {"PYTHONPATH": str(root / "src"), "COLUMNS": "200"}
    return subprocess.run(
        [tool, "--no-cache"], cwd=root, env=environ, capture_output=True, text=True, timeout=120, check=False
    )


def without_docstring(paths: list[Path]) -> list[str]:
    return [path.name for path in paths if not ast.get_docstring(ast.parse(path.read_text("utf-8")))]


def too_long(paths: list[Path]) -> dict[str, int]:
    lengths = {str(path): len(path.read_text("utf-8").splitlines()) for path in paths}
    return {path: length for path, length in lengths.items() if length > MOST_LINES}


def imported(path: Path) -> set[str]:
    """The first parts of what a module imports when it runs; what only a type checker sees does not count."""
    found: set[str] = set()
    todo: list[ast.AST] = [ast.parse(path.read_text("utf-8"))]
    while todo:
        node = todo.pop()
        if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING":
            todo.extend(node.orelse)
            continue
        if isinstance(node, ast.Import):
            found |= {alias.name.partition(".")[0] for alias in node.names}
        if isinstance(node, ast.ImportFrom) and node.module:
            found.add(node.module.partition(".")[0])
        todo.extend(ast.iter_child_nodes(node))
    return found


def strangers(module: str, root: Path = SOURCE) -> list[str]:
    """Modules that import `module` outside the rooms that own it."""
    rooms = {"logging": LOGGING_ROOMS, "time": frozenset({"clock"})}[module]
    owners = {f"{root.name}.{room}" for room in rooms}
    return [
        name
        for path in modules(root)
        if module in imported(path)
        and not any((name := name_of(path, root)) == owner or name.startswith(f"{owner}.") for owner in owners)
    ]


def missing_names(module: object) -> list[str]:
    return [name for name in getattr(module, "__all__", ()) if not hasattr(module, name)]


def tracked(root: Path = ROOT) -> list[Path]:
    """What git keeps; outside a checkout, what a checkout would hold."""
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=root, capture_output=True, text=True, check=False)
    if listed.returncode == 0 and listed.stdout:
        return [path for name in listed.stdout.split("\0") if name and (path := root / name).is_file()]
    patterns = [".git", *(line.strip("/") for line in (root / ".gitignore").read_text("utf-8").splitlines())]
    return [
        path
        for path in root.rglob("*")
        if path.is_file()
        and not any(fnmatch(part, pattern) for part in path.relative_to(root).parts for pattern in patterns)
    ]


def foreign_words(text: str) -> list[str]:
    return [found.group() for found in FOREIGN.finditer(text)]


def test_the_contracts_are_kept() -> None:
    result = lint_imports(ROOT)
    assert result.returncode == 0, result.stdout + result.stderr


def test_each_contract_can_be_broken(tmp_path: Path) -> None:
    shutil.copytree(SOURCE, tmp_path / "src" / "tautwire", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    for room, line in (
        ("protocol", "import asyncio, tautwire.web"),
        ("local", "import tautwire.protocol"),
        ("web", "import time"),
        ("delivery", "import aiohttp, logging, nats, sqlite3"),
    ):
        with (tmp_path / "src" / "tautwire" / room / "__init__.py").open("a", encoding="utf-8") as module:
            module.write(f"\n{line}\n")

    result = lint_imports(tmp_path)

    assert result.returncode == 1, result.stdout + result.stderr
    broken = set(re.findall(r"^(.+?) BROKEN\b", result.stdout, re.MULTILINE))
    assert broken == set(re.findall(r'^name = "(.+)"$', (ROOT / "pyproject.toml").read_text("utf-8"), re.MULTILINE)[1:])


def test_every_module_says_what_it_is() -> None:
    assert without_docstring(modules()) == []


def test_no_module_is_too_long() -> None:
    assert too_long(modules()) == {}


@pytest.mark.parametrize("module", ["time", "logging"])
def test_one_owner_each(module: str) -> None:
    assert strangers(module) == []


@pytest.mark.parametrize("path", modules(), ids=name_of)
def test_public_names_exist(path: Path) -> None:
    if path.stem == "__main__":
        pytest.skip("importing it runs it")
    assert missing_names(importlib.import_module(name_of(path))) == []


def test_no_tracked_file_knows_this_machine_or_a_registry() -> None:
    found: dict[str, list[str]] = {}
    for path in tracked():
        words = foreign_words(path.read_bytes().decode("utf-8", "replace"))
        if words:
            found[str(path.relative_to(ROOT))] = words
    assert found == {}


def test_outside_a_checkout_the_same_files_are_read(tmp_path: Path) -> None:
    kept = {".gitignore", "src/kept.py", ".ci/run"}
    for name in (
        *kept,
        ".coverage.host.1",
        ".venv/bin/python",
        "src/__pycache__/kept.pyc",
        "inbox.db",
        "a/inbox.db-wal",
    ):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
    shutil.copy(ROOT / ".gitignore", tmp_path)

    assert {path.relative_to(tmp_path).as_posix() for path in tracked(tmp_path)} == kept


def test_the_constraints_are_names_and_versions_and_hold_what_is_declared() -> None:
    lines = [line for line in (ROOT / "constraints.txt").read_text("utf-8").splitlines() if not line.startswith("#")]
    assert [line for line in lines if not re.fullmatch(r"[a-z0-9][a-z0-9.-]*==[0-9][0-9a-z.]*", line)] == []
    names = [line.partition("==")[0] for line in lines]
    assert names == sorted(set(names))
    pinned = {name.replace(".", "-") for name in names}
    declared = re.findall(r'^ +"([\w.-]+)(?:\[[\w,]+\])?>=', (ROOT / "pyproject.toml").read_text("utf-8"), re.MULTILINE)
    assert {re.sub(r"[-_.]", "-", name) for name in declared} <= pinned


def test_a_broken_house_is_noticed(tmp_path: Path) -> None:
    house = tmp_path / "house"
    house.mkdir()
    (house / "silent.py").write_text("x = 1\n")
    (house / "long.py").write_text('"""Long."""\n' + "x = 1\n" * MOST_LINES)
    (house / "late.py").write_text('"""Late."""\ndef now() -> float:\n    from time import time\n    return time()\n')
    (house / "loud.py").write_text('"""Loud."""\nimport logging.handlers\n')
    (house / "typed.py").write_text('"""Typed."""\nif TYPE_CHECKING:\n    from logging import Logger\n')
    (house / "web.py").write_text('"""An owner."""\nimport logging\n')

    assert without_docstring(modules(house)) == ["silent.py"]
    assert too_long(modules(house)) == {str(house / "long.py"): MOST_LINES + 1}
    assert strangers("time", house) == ["house.late"]
    assert strangers("logging", house) == ["house.loud"]

    hollow = type(sys)("hollow")
    vars(hollow).update(__all__=["here", "gone"], here=1)
    assert missing_names(hollow) == ["gone"]


@pytest.mark.parametrize(
    "text",
    [
        "see /ro" + "ot/.cache",
        "cd '/wo" + "rk/main'",
        "https://pypi" + ".org/simple",
        "(/t" + "mp/x)",
        "=/ho" + "me/me/x",
    ],
)
def test_foreign_words_are_noticed(text: str) -> None:
    assert foreign_words(text)


@pytest.mark.parametrize(
    "text",
    [
        "https://docs.slack.dev/wo" + "rk/flows",
        "tests/t" + "mp/x",
        "a/ho" + "me/b",
        "/var/lib/tautwire/inbox.db",
        "~/t" + "mp/x",
    ],
)
def test_innocent_words_are_not(text: str) -> None:
    assert foreign_words(text) == []
