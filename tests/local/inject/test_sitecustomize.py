"""The file that every Python program runs: quick, quiet, and for any Python."""

from __future__ import annotations

import ast
import shutil
import subprocess
import sys
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING

import pytest

from tautwire.local.inject import FOLDER, sitecustomize
from tautwire.local.inject.redirection import Finder
from tautwire.local.inject.sitecustomize import Doorman

if TYPE_CHECKING:
    from collections.abc import Iterator

PYTHONS = [f"python3.{minor}" for minor in range(7, 15)]

#: A Web client in miniature, for Pythons that have none.
SDK = {
    "slack_sdk/__init__.py": "",
    "slack_sdk/web/__init__.py": "",
    "slack_sdk/web/base_client.py": """
class BaseClient:
    def __init__(self, base_url="https://slack.com/api/"):
        self.base_url, self.proxy = base_url, "http://proxy.example:3128"
""",
}

USE = "from slack_sdk.web.base_client import BaseClient as C; print(C().base_url, C().proxy)"


def run(
    python: str, program: str, path: str = "", url: str = "http://127.0.0.1:4390/api/"
) -> subprocess.CompletedProcess[str]:
    environ = {"SLACK_API_URL": url, "PYTHONPATH": f"{FOLDER}:{path}" if path else FOLDER}
    return subprocess.run([python, "-c", program], env=environ, capture_output=True, text=True, timeout=60, check=False)


def can_start(python: str) -> bool:
    """Some version managers put names into the path that lead nowhere."""
    return subprocess.run([python, "-V"], capture_output=True, timeout=60, check=False).returncode == 0


@pytest.fixture
def sdk(tmp_path: Path) -> str:
    for name, text in SDK.items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")
    return str(tmp_path)


@pytest.fixture
def _meta_path() -> Iterator[None]:
    """`sys.meta_path` and `sys.path` as they were, afterwards."""
    before = sys.meta_path[:], sys.path[:]
    yield
    sys.meta_path[:], sys.path[:] = before


@pytest.mark.parametrize("name", ["sitecustomize.py", "redirection.py"])
def test_it_is_written_for_every_python(name: str) -> None:
    ast.parse(Path(FOLDER, name).read_text("utf-8"), feature_version=(3, 7))


def test_it_works_in_every_python_that_is_here(sdk: str) -> None:
    found = [python for name in PYTHONS if (python := shutil.which(name)) and can_start(python)]
    for python in [sys.executable, *found]:
        done = run(python, USE, sdk)
        assert (done.stdout, done.stderr) == ("http://127.0.0.1:4390/api/ None\n", ""), python


def test_it_imports_nothing_that_was_not_there() -> None:
    show = "import sys; print(*sorted(sys.modules))"
    plain = subprocess.run([sys.executable, "-c", show], capture_output=True, text=True, timeout=60, check=True, env={})
    done = run(sys.executable, show)
    assert set(done.stdout.split()) - set(plain.stdout.split()) == {"sitecustomize"}


def test_it_leaves_no_folder_where_imports_are_looked_for() -> None:
    done = run(sys.executable, f"import sys, sitecustomize; print({FOLDER!r} in sys.path, sitecustomize.__file__)")
    assert done.stdout == f"False {FOLDER}/sitecustomize.py\n"


def test_without_an_address_it_does_nothing(sdk: str) -> None:
    assert run(sys.executable, USE, sdk, url=" ").stdout == "https://slack.com/api/ http://proxy.example:3128\n"


@pytest.mark.parametrize(
    ("hidden", "says"),
    [
        ("raise ValueError('mine')", "ValueError: mine"),
        ("import no_such_module", "No module named 'no_such_module'"),
    ],
)
def test_what_is_hidden_may_fail_as_if_it_were_not(hidden: str, says: str, sdk: str) -> None:
    Path(sdk, "sitecustomize.py").write_text(hidden, "utf-8")
    alone = {"PYTHONPATH": sdk}
    plain = subprocess.run(
        [sys.executable, "-c", USE], env=alone, capture_output=True, text=True, timeout=60, check=False
    )
    done = run(sys.executable, USE, sdk)
    assert says in plain.stderr
    assert says in done.stderr
    assert done.returncode == plain.returncode


def test_without_its_other_half_it_says_so_in_a_line(sdk: str, tmp_path: Path) -> None:
    alone = tmp_path / "alone"
    alone.mkdir()
    shutil.copy(Path(FOLDER, "sitecustomize.py"), alone)
    done = subprocess.run(
        [sys.executable, "-c", USE],
        env={"SLACK_API_URL": "http://127.0.0.1:4390/api/", "PYTHONPATH": f"{alone}:{sdk}"},
        capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    assert done.stdout == "https://slack.com/api/ http://proxy.example:3128\n"
    assert done.stderr == "tautwire: slack_sdk does not use SLACK_API_URL (FileNotFoundError)\n"


# The same, looked at from inside


@pytest.mark.usefixtures("_meta_path")
def test_a_start_puts_it_first_and_puts_nothing_in_the_way(monkeypatch: pytest.MonkeyPatch) -> None:
    ours = ModuleType("sitecustomize")
    monkeypatch.setitem(sys.modules, "sitecustomize", ours)
    monkeypatch.setenv("SLACK_API_URL", "http://127.0.0.1:4390/api/")
    sys.path.insert(0, FOLDER)
    sitecustomize.start()
    doorman: object = sys.meta_path[0]
    assert isinstance(doorman, Doorman)
    assert FOLDER not in sys.path
    assert sys.modules["sitecustomize"] is ours
    assert doorman.find_spec("json") is None
    assert doorman._finder is None
    assert doorman.find_spec("slack_sdk.no_such") is None
    assert type(doorman._finder).__name__ == Finder.__name__


@pytest.mark.usefixtures("_meta_path")
def test_what_is_hidden_takes_its_place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "sitecustomize.py").write_text("mark = 1", "utf-8")
    monkeypatch.setitem(sys.modules, "sitecustomize", ModuleType("sitecustomize"))
    monkeypatch.delenv("SLACK_API_URL", raising=False)
    monkeypatch.syspath_prepend(str(tmp_path))
    before = len(sys.meta_path)
    sitecustomize.start()
    assert sys.modules["sitecustomize"].mark == 1
    assert len(sys.meta_path) == before
    monkeypatch.delitem(sys.modules, "sitecustomize")
    (tmp_path / "sitecustomize.py").write_text("import no_such_module", "utf-8")
    with pytest.raises(ModuleNotFoundError, match="no_such_module"):
        sitecustomize.start()


@pytest.mark.usefixtures("_meta_path")
def test_a_failure_is_said_once_and_never_raised(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    monkeypatch.setattr(sitecustomize, "_HERE", str(tmp_path))
    doorman = Doorman("http://127.0.0.1:4390/api/")
    sys.meta_path.insert(0, doorman)
    assert doorman.find_spec("slack_sdk.web") is None
    assert doorman not in sys.meta_path
    assert capsys.readouterr().err == "tautwire: slack_sdk does not use SLACK_API_URL (FileNotFoundError)\n"
    monkeypatch.setattr(sys, "stderr", None)
    assert doorman.find_spec("slack_sdk.web") is None
