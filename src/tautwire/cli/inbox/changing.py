"""`tautwire inbox replay` and `bury`."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import click

from tautwire.cli.inbox.desk import Desk, now, operates
from tautwire.cli.inbox.progress import Progress
from tautwire.cli.inbox.walking import Chosen, choices, pages
from tautwire.cli.inbox.words import count, printable
from tautwire.cli.mistakes import FailedError, MistakeError
from tautwire.inbox.api import State

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tautwire.inbox.api import Inbox

__all__ = ["bury", "replay"]


@click.command(short_help="Let dead records be handled again.")
@click.argument("ids", nargs=-1, metavar="[ID]...")
@click.option("--all", "is_all", is_flag=True, help="All that are dead now, or those that the next options choose.")
@choices
@operates
def replay(desk: Desk, ids: Sequence[str], is_all: bool, types: Sequence[str], at_least: float, at_most: float) -> None:
    """Let dead records be handled again, with all their attempts before them: those with the IDs, or --all.

    A client that runs takes them up within a second, and one that does not, when it starts. With --all it can be
    stopped at any time: what was replayed by then is, and the rest is dead as before.
    """
    chosen = Chosen(frozenset(types), at_least, at_most, now())
    if bool(ids) == is_all:
        raise MistakeError("Give the ids of dead records, or --all.")
    if ids and not chosen.is_any:
        raise MistakeError("--type, --older-than and --newer-than choose among all, so they need --all.")

    async def some(inbox: Inbox) -> None:
        missing = await _not_in(inbox, ids, State.DEAD)
        _told(desk, "replayed", await inbox.replay(ids), missing, "dead")

    async def all_(inbox: Inbox) -> None:
        total = (await inbox.stats()).dead
        # One that is dead again meanwhile may have a new id: it is not replayed for ever.
        seen: set[str] = set()
        with Progress("replayed", total) as progress:
            try:
                async for page in pages(inbox, State.DEAD):
                    wanted = [stored for stored in page if chosen(stored) and stored.record.key not in seen]
                    seen.update(stored.record.key for stored in wanted)
                    progress.add(await inbox.replay([stored.id for stored in wanted]))
            except asyncio.CancelledError:
                desk.note(f"Stopped: {count(progress.done, 'record', 'records')} replayed, the others are dead.")
                raise
        _told(desk, "replayed", progress.done, (), "dead")

    desk.attend(some if ids else all_)


@click.command(short_help="Give up records that wait.")
@click.argument("ids", nargs=-1, required=True, metavar="ID...")
@click.option("--reason", default="given up by a person", show_default=True, help="What is written down as its error.")
@operates
def bury(desk: Desk, ids: Sequence[str], reason: str) -> None:
    """Give up records that wait: they are dead, and can still be replayed. What is being handled is left alone."""

    async def give_up(inbox: Inbox) -> None:
        missing = await _not_in(inbox, ids, State.STORED)
        _told(desk, "buried", await inbox.give_up(ids, error=reason), missing, "waiting")

    desk.attend(give_up)


async def _not_in(inbox: Inbox, ids: Sequence[str], state: State) -> Sequence[str]:
    """Those that name no record in this state."""
    found = [(which, await inbox.show(which)) for which in ids]
    return [which for which, stored in found if stored is None or stored.state is not state]


def _told(desk: Desk, verb: str, number: int, missing: Sequence[str], state: str) -> None:
    desk.show({verb: number, "not_found": list(missing)}, [f"{count(number, 'record', 'records')} {verb}."])
    if missing:
        are = "is" if len(missing) == 1 else "are"
        raise FailedError(f"{printable(', '.join(missing))} {are} not {state} in this inbox.")
