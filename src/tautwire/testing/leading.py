"""Leading an app in this process to the local Slack of its test."""

from __future__ import annotations

import os
import sys
from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING

import pytest

from tautwire.local.environment import past_proxies, slack_variables
from tautwire.local.redirect import looking_through, redirected, towards
from tautwire.testing.loops import is_async

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tautwire.testing.watching import Watched

__all__ = ["environment", "redirection", "slack_of"]


def slack_of(request: pytest.FixtureRequest) -> Watched:
    """The Slack that the test talks to: the one that it asks for, else the one that suits it."""
    asked = [name for name in ("tautwire_slack", "tautwire_sync_slack") if name in request.fixturenames]
    suited = "tautwire_slack" if is_async(request) else "tautwire_sync_slack"
    slack: Watched = request.getfixturevalue(suited if suited in asked or not asked else asked[0])
    return slack


@contextmanager
def environment(slack: Watched) -> Iterator[dict[str, str]]:
    """For the time of the block, `os.environ` leads to `slack`."""
    variables = {**slack_variables(slack), **past_proxies(os.environ)}
    # Not the test's own MonkeyPatch, which it may undo at any time.
    with pytest.MonkeyPatch.context() as patch:
        for name, value in variables.items():
            patch.setenv(name, value)
        yield variables


@contextmanager
def redirection(api_url: str) -> Iterator[None]:
    """For the time of the block, slack_sdk's clients call `api_url`, and so do tautwire's own that were there before.

    Those that are made later read the address from the environment.
    """
    module = sys.modules.get("tautwire.web.async_client")
    with ExitStack() as stack:
        stack.enter_context(redirected(api_url))
        if module is not None:
            stack.enter_context(looking_through(module.AsyncWebClient, "_base_url", towards(api_url)))
        yield
