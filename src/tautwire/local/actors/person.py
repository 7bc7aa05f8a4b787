"""A person in the workspace, as a test moves them: `ann = slack.user("ann"); await ann.says("hi")`."""

from __future__ import annotations

from tautwire.local.actors.clicking import Clicking
from tautwire.local.actors.stage import app_named
from tautwire.local.actors.talking import Talking
from tautwire.local.actors.viewing import Viewing

__all__ = ["Person"]


class Person(Talking, Clicking, Viewing):
    """Somebody who says, types, clicks and sees."""

    @property
    def mention(self) -> str:
        """How a message names them."""
        return f"<@{self.id}>"

    def token(self, app: str = "") -> str:
        """A user token (`xoxp-`) with which an app acts as this person: the app's name or id, the first one without."""
        return self._stage.workspace.user_token(app_named(self._stage, app), self.record)
