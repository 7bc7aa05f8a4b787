"""The local Slack under pytest-asyncio: one fixture for each loop that a test may run in."""

from __future__ import annotations

import inspect
from typing import TYPE_CHECKING, Any, Final

import pytest_asyncio

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    import pytest

    from tautwire.local import LocalSlack

__all__ = [
    "HAS_LOOP_SCOPES",
    "in_class_loop",
    "in_function_loop",
    "in_module_loop",
    "in_package_loop",
    "in_session_loop",
]

#: Before 0.24 a fixture ran in the loop of its own scope.
HAS_LOOP_SCOPES: Final = "loop_scope" in inspect.signature(pytest_asyncio.fixture).parameters


def _fixture(scope: str) -> Any:
    async def tautwire_slack(
        request: pytest.FixtureRequest, tautwire_slack_options: dict[str, Any]
    ) -> AsyncIterator[LocalSlack]:
        from tautwire.testing.opening import opened  # noqa: PLC0415 - pytest imports this file at every start

        async with opened(request, tautwire_slack_options) as slack:
            yield slack

    more: dict[str, Any] = {"loop_scope": scope} if HAS_LOOP_SCOPES else {}
    return pytest_asyncio.fixture(tautwire_slack, name=f"_tautwire_slack_in_{scope}_loop", **more)


in_function_loop = _fixture("function")
in_class_loop = _fixture("class")
in_module_loop = _fixture("module")
in_package_loop = _fixture("package")
in_session_loop = _fixture("session")
