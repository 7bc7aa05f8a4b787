"""What docs/testing.md shows is a test-suite, and passes."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

from tautwire.local import LocalSlack
from tautwire.local.actors import Outcome, Person, Place, Said, Shown
from tautwire.testing import plugin

if TYPE_CHECKING:
    from collections.abc import Callable

    import pytest

GUIDE = (Path(__file__).parents[2] / "docs" / "testing.md").read_text("utf-8")


def test_its_files_are_a_test_suite(suite: Callable[..., pytest.RunResult], pytester: pytest.Pytester) -> None:
    blocks = re.findall(r"^```python\n(.*?)^```", GUIDE, re.MULTILINE | re.DOTALL)
    files = {block.partition("\n")[0].removeprefix("# "): block for block in blocks}
    assert len(files) == len(blocks)
    for name, block in files.items():
        assert name.endswith(".py"), block
        pytester.path.joinpath(name).write_text(block, "utf-8")
    # The suite's own settings, and no others: a reader has only what is shown.
    (ini,) = re.findall(r"^```ini\n# pytest.ini\n\[pytest\]\n(.*?)^```", GUIDE, re.MULTILINE | re.DOTALL)
    # Bolt's threads leave a socket to the garbage collector.
    result = suite(ini=f"filterwarnings =\n    error\n    ignore::pytest.PytestUnraisableExceptionWarning\n{ini}")
    result.assert_outcomes(passed=6)


def test_it_names_every_fixture() -> None:
    for name in plugin.__all__:
        assert f"| `{name}` |" in GUIDE, name


def test_it_names_everything_that_people_do() -> None:
    deeds = [name for name in vars(Person) if not name.startswith("_")]
    for cls in Person.__mro__[1:-1]:
        deeds += [name for name in vars(cls) if not name.startswith("_")]
    told = set(re.findall(r"`(?:ann\.)?(\w+)[(`]", GUIDE)) | {"record", "id", "name", "mention", "token"}
    assert set(deeds) - told - {"screen"} == set()
    assert "ann.screen" in GUIDE


def test_it_names_nothing_that_is_not_there() -> None:
    rooms = {"slack": LocalSlack, "ann": Person, "message": Said, "modal": Shown}
    for thing, name in re.findall(r"`(slack|ann|message|modal)\.(\w+)", GUIDE):
        assert hasattr(rooms[thing], name) or name in ("journal", "ask", "run"), f"{thing}.{name}"
    assert all(hasattr(Place, name) for name in ("messages", "last", "members", "topic"))
    assert all(name in Outcome.__dict__ or name in Outcome.__slots__ for name in ("error", "answer"))
