"""From what a test asks for to its local Slack."""

from __future__ import annotations

import inspect
import os
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tautwire.errors import ConfigurationError
from tautwire.local import LocalSlack
from tautwire.testing.watching import watch

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Mapping
    from typing import NoReturn

__all__ = ["build", "opened"]


@asynccontextmanager
async def opened(request: pytest.FixtureRequest, options: Mapping[str, Any]) -> AsyncIterator[LocalSlack]:
    """A local Slack that listens in the running loop, for the time of the block."""
    async with build(request, options) as slack:
        watch(request, slack)
        yield slack


def build(request: pytest.FixtureRequest, options: Mapping[str, Any]) -> LocalSlack:
    """The local Slack that the fixture's options and the test's markers describe; the closest marker counts most.

    Fails the test, in one sentence, when there is no such Slack.
    """
    given = {**options}
    for mark in reversed(list(request.node.iter_markers("tautwire_slack"))):
        if mark.args:
            _fail("the marker tautwire_slack takes arguments by name: @pytest.mark.tautwire_slack(time_scale=0.01)")
        given |= mark.kwargs
    known = inspect.signature(LocalSlack).parameters
    for name in given:
        if name not in known:
            _fail(f"LocalSlack has no argument {name!r}; it has {', '.join(known)}")
    if isinstance(given.get("manifests"), list | tuple):
        given["manifests"] = [_located(each, request) for each in given["manifests"]]
    try:
        return LocalSlack(**given)
    except ConfigurationError as error:
        _fail(f"{error}")


def _located(manifest: Any, request: pytest.FixtureRequest) -> Any:
    """A manifest's path, looked for beside the test and above it up to pytest's root; else as it is."""
    if not isinstance(manifest, str | os.PathLike) or Path(manifest).is_absolute():
        return manifest
    here = request.path.parent
    for folder in (here, *here.parents):
        if (folder / manifest).is_file():
            return folder / manifest
        if folder == request.config.rootpath:
            break
    return manifest


def _fail(words: str) -> NoReturn:
    # What it was raised for says the same, and pytest would show both.
    raise pytest.fail.Exception(words, pytrace=False) from None
