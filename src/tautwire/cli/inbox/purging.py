"""`tautwire inbox purge`."""

from __future__ import annotations

import asyncio
import sys
from typing import TYPE_CHECKING, Final

import click

from tautwire.cli.inbox.desk import Desk, operates
from tautwire.cli.inbox.progress import Progress
from tautwire.cli.inbox.walking import length_option
from tautwire.cli.inbox.words import age, count
from tautwire.cli.mistakes import MistakeError
from tautwire.clock import SYSTEM_CLOCK
from tautwire.inbox.api import State

if TYPE_CHECKING:
    from tautwire.inbox.api import Inbox

__all__ = ["purge"]

#: Seconds between looks at how far it is.
_PAUSE: Final = 0.3


@click.command(short_help="Erase what is dead, or payloads of what is done.")
@click.argument("state", type=click.Choice([State.DONE.value, State.DEAD.value]))
@length_option("--older-than", "older_than", default=0.0, help="Only what ended so long ago: 30m, 12h, 7d.")
@click.option("--yes", is_flag=True, help="Without asking.")
@operates
def purge(desk: Desk, state: str, older_than: float, yes: bool) -> None:
    """Erase the payloads of records that are dead, or done (where the inbox keeps those). It cannot be undone.

    What was dead is done from then on. The keys stay for their day, so that a second delivery is still recognised. It
    can be stopped at any time.
    """
    if not yes:
        _ask(State(state), older_than)

    async def erase(inbox: Inbox) -> None:
        with Progress("purged", 0) as progress:
            try:
                purged = await _followed(inbox, State(state), older_than, progress)
            except asyncio.CancelledError:
                desk.note("Stopped: some records may have been purged, the others are as before.")
                raise
        desk.show({"purged": purged}, [f"{count(purged, 'record', 'records')} purged."])

    desk.attend(erase)


def _ask(state: State, older_than: float) -> None:
    if sys.stdin is None or not sys.stdin.isatty():
        raise MistakeError("Purging cannot be undone, and there is nobody to ask: give --yes.")
    which = f" and ended more than {age(older_than)} ago" if older_than else ""
    click.confirm(f"Erase the payloads of all that is {state.value}{which}, for good?", abort=True, err=True)


async def _followed(inbox: Inbox, state: State, older_than: float, progress: Progress) -> int:
    """Purge, and look from time to time how many are left."""
    before = progress.total = (await inbox.stats()).dead
    began = SYSTEM_CLOCK.monotonic()
    task = asyncio.ensure_future(inbox.purge(state, older_than=older_than))
    try:
        while not task.done():
            await asyncio.wait({task}, timeout=_PAUSE)
            if state is State.DEAD:
                progress.reach(before - (await inbox.stats()).dead)
            else:  # How many of them have a payload is not among the counts.
                progress.say(f"purging for {age(SYSTEM_CLOCK.monotonic() - began)}")
        return await task
    finally:
        task.cancel()
