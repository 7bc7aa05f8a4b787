"""Which local Slacks a test has used, from its first fixture to its last report."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import pytest

if TYPE_CHECKING:
    from tautwire.local import LocalSlack
    from tautwire.testing.sync import SyncSlack

    Watched = LocalSlack | SyncSlack

__all__ = ["forget", "watch", "watched"]

_KEY: Final = pytest.StashKey["list[Watched]"]()


def watch(request: pytest.FixtureRequest, slack: Watched) -> None:
    """Enter a Slack of the requesting test."""
    item: pytest.Item = request.node
    item.stash.setdefault(_KEY, []).append(slack)


def watched(item: pytest.Item) -> list[Watched]:
    """The Slacks of a test so far."""
    return item.stash.get(_KEY, [])


def forget(item: pytest.Item) -> None:
    """Let go of them: pytest keeps its items to the end, and a journal may be large."""
    if _KEY in item.stash:
        del item.stash[_KEY]
