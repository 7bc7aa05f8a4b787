"""`tautwire inbox list` and `show`."""

from __future__ import annotations

import json
import shutil
import sys
from typing import TYPE_CHECKING, Any, Final

import click

from tautwire.cli.inbox.desk import Desk, now, operates
from tautwire.cli.inbox.shapes import decoded, stored_shape
from tautwire.cli.inbox.walking import Chosen, choices, pages
from tautwire.cli.inbox.words import age, bytes_, moment, printable, table
from tautwire.cli.mistakes import FailedError
from tautwire.inbox.api import State

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from tautwire.inbox.api import Inbox, Stored

__all__ = ["STATES", "list_", "show"]

STATES: Final = tuple(state.value for state in State)

#: What `at` is called in each state.
_AT: Final = {State.STORED: "DUE", State.LEASED: "LEASE ENDS", State.DONE: "DONE", State.DEAD: "DEAD"}


@click.command("list", short_help="Records that are dead, or in another state.")
@click.argument("state", type=click.Choice(STATES), default=State.DEAD.value)
@choices
@click.option("--limit", type=click.IntRange(min=1), default=50, show_default=True, help="So many at most.")
@click.option("--after", default="", metavar="ID", help="Only those behind this one: the last of the page before.")
@operates
def list_(
    desk: Desk, state: str, types: Sequence[str], at_least: float, at_most: float, limit: int, after: str
) -> None:
    """Records in STATE (stored, leased, done or dead; dead without it) in the order in which they came.

    With --json one line for each. Payloads are not among it: show --payload and export have them.
    """
    chosen = Chosen(frozenset(types), at_least, at_most, now())

    async def look(inbox: Inbox) -> None:
        found: list[Stored] = []
        async for page in pages(inbox, State(state), after=after):
            found += [stored for stored in page if chosen(stored)]
            if len(found) > limit:
                break
        _tell(desk, State(state), found[:limit], has_more=len(found) > limit)

    desk.attend(look)


def _tell(desk: Desk, state: State, found: Sequence[Stored], *, has_more: bool) -> None:
    if desk.as_json:
        for stored in found:
            click.echo(json.dumps(stored_shape(stored)))
        return
    if not found:
        click.echo(f"Nothing is {state.value}.")
        return
    width = shutil.get_terminal_size().columns if sys.stdout.isatty() else None
    for line in table(("ID", "TYPE", "STORED", _AT[state], "TRIES", _about(state)), map(_row, found), width):
        click.echo(line)
    if has_more:
        desk.note(f"There are more: --after {found[-1].id}")


def _about(state: State) -> str:
    return {State.LEASED: "OWNER", State.DEAD: "ERROR", State.STORED: "LAST ERROR", State.DONE: "ENVELOPE"}[state]


def _row(stored: Stored) -> tuple[str, ...]:
    about = {State.LEASED: stored.owner, State.DONE: stored.record.envelope_id}.get(stored.state, stored.error)
    first = about.strip().partition("\n")[0]
    return (stored.id, stored.record.type, _ago(stored.stored_at), _ago(stored.at), str(stored.attempt), first)


def _ago(at: float) -> str:
    distance = at - now()
    return f"in {age(distance)}" if distance >= 1 else f"{age(-distance)} ago"


@click.command(short_help="One record, and why it failed.")
@click.argument("which", metavar="ID")
@click.option("--payload", is_flag=True, help="And its payload, which is what somebody wrote or clicked.")
@operates
def show(desk: Desk, which: str, payload: bool) -> None:
    """One record: what it is, when it was stored, how often it was tried, and why it failed."""

    async def look(inbox: Inbox) -> None:
        stored = await inbox.show(which)
        if stored is None:
            raise FailedError(f"There is no record {printable(which)} in this inbox.")
        desk.show(stored_shape(stored, payload=payload), _lines(stored, payload=payload))

    desk.attend(look)


def _lines(stored: Stored, *, payload: bool) -> Iterator[str]:
    yield from table(("record", stored.id), _facts(stored, payload=payload))
    if stored.error:
        yield "error"
        yield from (f"    {line}" for line in stored.error.splitlines())
    if payload and stored.record.payload:
        yield "payload"
        yield from (f"    {line}" for line in _pretty(stored.record.payload))


def _facts(stored: Stored, *, payload: bool) -> Iterator[tuple[str, str]]:
    record = stored.record
    yield "state", stored.state.value
    yield "type", record.type
    yield "envelope", record.envelope_id
    yield "key", record.key
    if record.group:
        yield "group", record.group
    yield "stored", _when(stored.stored_at)
    yield _AT[stored.state].lower(), _when(stored.at)
    yield "attempts", str(stored.attempt)
    if stored.owner:
        yield "owner", stored.owner
    hint = "" if payload else "; --payload shows it"
    yield "payload", f"{bytes_(len(record.payload))}{hint}" if record.payload else "erased"


def _when(at: float) -> str:
    return f"{moment(at)} ({_ago(at)})"


def _pretty(payload: bytes) -> Sequence[str]:
    is_json, found = decoded(payload)
    if is_json:
        return _dumped(found).split("\n")
    return payload.decode("utf-8", "backslashreplace").splitlines()


def _dumped(found: Any) -> str:
    return json.dumps(found, indent=2, ensure_ascii=False)
