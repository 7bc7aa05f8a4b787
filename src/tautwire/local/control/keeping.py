"""The workspace as a document, for whoever wants to begin with it another time."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from tautwire.local.control.operation import Json, Nothing, Room
from tautwire.local.workspace.saving import save

if TYPE_CHECKING:
    from tautwire.local.app import LocalSlack

__all__ = ["room"]

room: Final = Room()


@room.tells("/workspace", Nothing)
async def export_workspace(slack: LocalSlack, _body: Nothing) -> Json:
    """The workspace as it is now.

    Answers with the document that `tautwire local --seed` takes. The apps' local tokens are in it.
    """
    return save(slack.workspace)
