"""`tautwire inbox`, and where its commands are."""

from __future__ import annotations

from typing import Final

import click

from tautwire.cli.lazily import Lazily

__all__ = ["inbox"]

_ROOM: Final = "tautwire.cli.inbox"

_PLACES: Final = {
    "status": f"{_ROOM}.status:status",
    "list": f"{_ROOM}.looking:list_",
    "show": f"{_ROOM}.looking:show",
    "replay": f"{_ROOM}.changing:replay",
    "bury": f"{_ROOM}.changing:bury",
    "purge": f"{_ROOM}.purging:purge",
    "export": f"{_ROOM}.exporting:export",
}


@click.group(cls=Lazily, places=_PLACES, short_help="Look into an inbox, and after its dead letters.")
def inbox() -> None:
    """Look into an inbox, and after its dead letters, while its clients run or not.

    Which inbox, --inbox says, or the variable TAUTWIRE_INBOX: a file, or nats://host:4222.

    A record is stored (it waits), leased (it is being handled), done, or dead: what has failed for good is kept until
    somebody replays or purges it. Its payload is what people wrote, and is shown only where that is asked for.

    Exit code: 0 when it was done; 1 when it came to nothing, when something asked for is not there, or when a check
    of status failed; 2 when it cannot be done like this; 130 after Ctrl-C.
    """
