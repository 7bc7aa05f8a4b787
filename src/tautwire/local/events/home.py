"""`app_home_opened`, which only the app hears whose home it is."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tautwire.local.workspace import shapes

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tautwire.local.events.event import Ear, Event
    from tautwire.local.workspace.changes import AppHomeOpened

__all__ = ["opened"]


def opened(change: AppHomeOpened, ear: Ear) -> Iterator[Event]:
    """A person in one of its tabs; with the `view` if that is the home tab and something was published there before."""
    if change.app.id != ear.app.id:
        return
    is_shown = change.tab == "home" and change.view is not None
    view = {"view": shapes.view(ear.app.identity, change.view)} if is_shown and change.view is not None else {}
    inner = {"user": change.user.id, "channel": change.channel.id, "tab": change.tab}
    yield from ear.hear("app_home_opened", inner | view)
