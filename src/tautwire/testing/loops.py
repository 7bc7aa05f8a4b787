"""In whose event loop a test runs, and so which fixture has the local Slack for it."""

from __future__ import annotations

import inspect
from typing import Final

import pytest

__all__ = ["fixture_for", "is_async"]

_UNDER_ANYIO: Final = "_tautwire_slack_under_anyio"
_INSTEAD: Final = "or write the test without async and take tautwire_sync_slack"


def fixture_for(request: pytest.FixtureRequest) -> str:
    """The name of the fixture. Fails the test, in one sentence, when no plugin runs it or none could serve it."""
    has_plugin = request.config.pluginmanager.hasplugin
    if not is_async(request):
        words = "tautwire_slack is for async tests; this one takes tautwire_sync_slack"
    elif has_plugin("asyncio") and request.node.get_closest_marker("asyncio") is not None:
        return f"_tautwire_slack_in_{_loop_scope(request)}_loop"
    elif has_plugin("anyio") and "anyio_backend" in request.fixturenames:
        if request.getfixturevalue("anyio_backend_name") == "asyncio":
            return _UNDER_ANYIO
        words = f"tautwire_slack needs asyncio: have the fixture anyio_backend return 'asyncio', {_INSTEAD}"
    elif has_plugin("asyncio"):
        words = "pytest-asyncio runs this test once it is marked @pytest.mark.asyncio, or with asyncio_mode = auto"
    elif has_plugin("anyio"):
        words = "anyio's plugin runs this test once it is marked @pytest.mark.anyio"
    else:
        words = f"nothing here runs async tests: pip install pytest-asyncio (or anyio), {_INSTEAD}"
    pytest.fail(words, pytrace=False)


def is_async(request: pytest.FixtureRequest) -> bool:
    """Whether the test is a coroutine function, also when hypothesis has wrapped it."""
    function = getattr(request.node, "obj", None)
    inner = getattr(getattr(function, "hypothesis", None), "inner_test", function)
    return inspect.iscoroutinefunction(inner)


def _loop_scope(request: pytest.FixtureRequest) -> str:
    """How long pytest-asyncio keeps the test's loop."""
    from tautwire.testing.asyncio_fixtures import HAS_LOOP_SCOPES  # noqa: PLC0415 - not without pytest-asyncio

    mark = request.node.get_closest_marker("asyncio")
    scope = mark.kwargs.get("loop_scope") or mark.kwargs.get("scope") or _default_scope(request.config)
    if scope != "function" and not HAS_LOOP_SCOPES:
        words = f"a loop of scope {scope} can have a tautwire_slack from pytest-asyncio 0.24 on: pip install -U it"
        pytest.fail(words, pytrace=False)
    return str(scope)


def _default_scope(config: pytest.Config) -> str:
    try:
        return config.getini("asyncio_default_test_loop_scope") or "function"
    except (KeyError, ValueError):  # pytest-asyncio before 0.26
        return "function"
