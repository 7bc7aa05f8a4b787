"""A person in the workspace, as a test moves them: `ann = slack.user("ann"); await ann.says("hi")`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tautwire.local.actors.clicking import Clicking
from tautwire.local.actors.talking import Talking
from tautwire.local.actors.viewing import Viewing

if TYPE_CHECKING:
    from tautwire.local.actors.stage import Stage
    from tautwire.local.workspace import User

__all__ = ["Person"]


class Person(Talking, Clicking, Viewing):
    """Somebody who says, types, clicks and sees."""

    def __init__(self, stage: Stage, user: User) -> None:
        super().__init__(stage, user)
        self._seen: set[str] = set()

    @property
    def mention(self) -> str:
        """How a message names them."""
        return f"<@{self.id}>"

    def token(self, app: str = "") -> str:
        """A user token (`xoxp-`) with which an app acts as this person; the first app unless its id is given."""
        workspace = self._stage.workspace
        return workspace.user_token(workspace.apps[app] if app else workspace.app, self.record)
