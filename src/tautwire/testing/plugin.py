"""The pytest plugin: a local Slack for each test that asks for one.

- `tautwire_slack`: a `LocalSlack` that listens, for async tests.
- `tautwire_sync_slack`: a `SyncSlack`, for the others.
- `tautwire_slack_options`: override it to give the constructor's arguments; a test's own marker
  `@pytest.mark.tautwire_slack(time_scale=0.01)` comes on top of that.
- `tautwire_env`: the environment leads an app to that Slack.
- `tautwire_redirect`: it does, and slack_sdk's clients in this process call it, without any change to the app.

A test that fails shows what was said. pytest imports this file at every start, so whatever takes time, such as the
local Slack itself, is imported when a fixture is used.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tautwire.testing.watching import forget, watch, watched

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Generator, Iterator

    from tautwire.local import LocalSlack
    from tautwire.testing.sync import SyncSlack

__all__ = [
    "tautwire_env",
    "tautwire_redirect",
    "tautwire_slack",
    "tautwire_slack_options",
    "tautwire_sync_slack",
]


def pytest_configure(config: pytest.Config) -> None:
    """Make the marker known and, if pytest-asyncio is there, the fixtures that it runs."""
    config.addinivalue_line(
        "markers", "tautwire_slack(**options): arguments of LocalSlack, for the fixture tautwire_slack and its kin"
    )
    if config.pluginmanager.hasplugin("asyncio"):
        from tautwire.testing import asyncio_fixtures  # noqa: PLC0415 - needs pytest-asyncio

        config.pluginmanager.register(asyncio_fixtures, "tautwire-asyncio")


# What a failed test shows


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> None:
    """A test that is run again begins anew."""
    forget(item)


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[None]) -> Generator[None, Any, None]:
    """Add what was said to the report of a failure."""
    outcome = yield
    slacks = watched(item)
    if slacks:
        from tautwire.testing.report import tell  # noqa: PLC0415 - the module's docstring says why

        tell(outcome.get_result(), slacks)
    if call.when == "teardown":
        forget(item)


# The fixtures


@pytest.fixture
def tautwire_slack_options() -> dict[str, Any]:
    """Arguments of `LocalSlack`: none, until somebody overrides this."""
    return {}


@pytest.fixture
def tautwire_slack(
    request: pytest.FixtureRequest,
    tautwire_slack_options: dict[str, Any],  # noqa: ARG001 - whatever it needs is set up before, and ends after
) -> LocalSlack:
    """A local Slack that listens, in the test's own event loop; closed at the end of the test.

    Under pytest-asyncio, in either of its modes, and under anyio's plugin.
    """
    from tautwire.testing.loops import fixture_for  # noqa: PLC0415 - the module's docstring says why

    slack: LocalSlack = request.getfixturevalue(fixture_for(request))
    return slack


@pytest.fixture
async def _tautwire_slack_under_anyio(
    request: pytest.FixtureRequest, tautwire_slack_options: dict[str, Any]
) -> AsyncIterator[LocalSlack]:
    from tautwire.testing.opening import opened  # noqa: PLC0415 - the module's docstring says why

    async with opened(request, tautwire_slack_options) as slack:
        yield slack


@pytest.fixture
def tautwire_sync_slack(request: pytest.FixtureRequest, tautwire_slack_options: dict[str, Any]) -> Iterator[SyncSlack]:
    """A local Slack that listens, in a thread of its own, and is spoken to without `await`; closed at the end."""
    from tautwire.testing.opening import build  # noqa: PLC0415 - the module's docstring says why
    from tautwire.testing.sync import SyncSlack  # noqa: PLC0415 - the same

    with SyncSlack(build(request, tautwire_slack_options)) as slack:
        watch(request, slack)
        yield slack


@pytest.fixture
def tautwire_env(request: pytest.FixtureRequest) -> Iterator[dict[str, str]]:
    """For the time of the test, the environment leads to its local Slack: tokens, address, no proxy on the way.

    Gives what was set: `SLACK_APP_TOKEN`, `SLACK_BOT_TOKEN`, `SLACK_SIGNING_SECRET`, `SLACK_API_URL`, `NO_PROXY`.
    """
    from tautwire.testing.leading import environment, slack_of  # noqa: PLC0415 - the module's docstring says why

    with environment(slack_of(request)) as variables:
        yield variables


@pytest.fixture
def tautwire_redirect(tautwire_env: dict[str, str]) -> Iterator[None]:
    """`tautwire_env`, and for the time of the test, clients that would call Slack call the local one.

    That goes for the clients of slack_sdk, and so of Bolt, in this process, whenever they were made.
    """
    from tautwire.testing.leading import redirection  # noqa: PLC0415 - the module's docstring says why

    with redirection(tautwire_env["SLACK_API_URL"]):
        yield
