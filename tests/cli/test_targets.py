"""What a user's MODULE:NAME leads to."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import pytest

from tautwire.cli.mistakes import MistakeError
from tautwire.cli.targets import load

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The current directory, which nothing of is left among the modules."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", list(sys.path))
    before = set(sys.modules)
    yield tmp_path
    for name in set(sys.modules) - before:
        if name.startswith("desk"):
            del sys.modules[name]


def test_it_is_looked_for_in_the_current_directory(here: Path) -> None:
    (here / "desk").mkdir()
    (here / "desk" / "app.py").write_text("class Shop:\n    bell = 7\n")
    assert load("desk.app:Shop.bell") == 7
    assert load("desk.app:Shop").bell == 7
    assert sys.path.count(str(here)) == 1


@pytest.mark.parametrize("place", ["desk", "desk:", ":app", "", "desk:a b", "desk..app:x", "desk:1"])
def test_what_is_no_place_is_said(place: str) -> None:
    with pytest.raises(MistakeError, match=r"is no MODULE:NAME, such as app:app\.$"):
        load(place)


@pytest.mark.parametrize("place", ["desk.py:app", "desk.py", "shop/desk:app"])
def test_a_file_is_no_module(place: str) -> None:
    with pytest.raises(MistakeError, match=r"is a file; name its module, and what to run in it: app:app\.$"):
        load(place)


@pytest.mark.parametrize("place", ["desk_of_nobody:app", "desk_of_nobody.app:app"])
def test_a_module_that_is_not_there(here: Path, place: str) -> None:
    with pytest.raises(MistakeError) as caught:
        load(place)
    assert caught.value.message == f"There is no module 'desk_of_nobody', neither in {here} nor among those installed."


def test_a_name_that_is_not_there(here: Path) -> None:
    (here / "desk_a.py").write_text("")
    with pytest.raises(MistakeError, match=r"^desk_a has no 'app'\.$"):
        load("desk_a:app")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("import desk_lib", "ModuleNotFoundError: No module named 'desk_lib' (desk_b.py, line 1)"),
        ("\n{}['token']", "KeyError: 'token' (desk_b.py, line 2)"),
        ("def f():\n    raise ValueError('one.\\ntwo')\nf()", "ValueError: one (desk_b.py, line 2)"),
        ("def (", "SyntaxError: invalid syntax (desk_b.py, line 1)"),
        ("import sys\nsys.exit(3)", "it ends the program"),
        ("import json\njson.loads('{')", "line 2)"),
    ],
)
def test_a_module_that_does_not_come_up_says_where(here: Path, text: str, said: str) -> None:
    (here / "desk_b.py").write_text(text)
    with pytest.raises(MistakeError) as caught:
        load("desk_b:app")
    assert caught.value.message.startswith("desk_b cannot be imported: ")
    assert caught.value.message.endswith(f"{said}.")


def test_one_that_is_installed_says_where_as_well(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (here / "elsewhere").mkdir()
    (here / "elsewhere" / "desk_c.py").write_text("1 / 0")
    (here / "shop").mkdir()
    monkeypatch.syspath_prepend(here / "elsewhere")
    monkeypatch.chdir(here / "shop")
    with pytest.raises(MistakeError) as caught:
        load("desk_c:app")
    place = here / "elsewhere" / "desk_c.py"
    assert caught.value.message == f"desk_c cannot be imported: ZeroDivisionError: division by zero ({place}, line 1)."
