"""Test-suites of users, run by a pytest of their own."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable

#: Without plugins that are of no use there and take half a second to import.
_PLAIN: Final = ("-p", "no:cacheprovider", "-p", "no:hypothesispytest")


@pytest.fixture
def suite(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> Callable[..., pytest.RunResult]:
    """Run a test-suite with these files and arguments, in a process of its own; any warning is an error there."""
    # Its own coverage, if it is measured, comes from the environment that the tests are given.
    monkeypatch.delenv("PYTEST_ADDOPTS", raising=False)

    def do(*args: str, ini: str = "", **files: str) -> pytest.RunResult:
        if not ini and "no:asyncio" not in args:
            ini = "asyncio_default_fixture_loop_scope = function\n"
        warnings = "" if "filterwarnings" in ini else "filterwarnings = error\n"
        pytester.makefile(".ini", pytest=f"[pytest]\n{warnings}{ini}")
        if files:
            pytester.makepyfile(**files)
        return pytester.runpytest_subprocess(*_PLAIN, "--strict-markers", *args, timeout=60)

    return do
