"""`tautwire inbox export`."""

from __future__ import annotations

import asyncio
import json
import os
import sys
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING

import click

from tautwire.cli.files import check_place, unwritable, write_new
from tautwire.cli.inbox.desk import Desk, now, operates
from tautwire.cli.inbox.looking import STATES
from tautwire.cli.inbox.progress import Progress
from tautwire.cli.inbox.shapes import stored_shape
from tautwire.cli.inbox.walking import Chosen, choices, pages
from tautwire.cli.inbox.words import count
from tautwire.cli.mistakes import MistakeError
from tautwire.inbox.api import State

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from typing import TextIO

    from tautwire.inbox.api import Inbox

__all__ = ["export"]


@click.command(short_help="Write records with their payloads to a file.")
@click.argument("state", type=click.Choice(STATES), default=State.DEAD.value)
@choices
@click.option("--output", metavar="FILE", help="Where to; - for standard output, and so without, but to no terminal.")
@click.option("--overwrite", is_flag=True, help="Take the place of a FILE that is there.")
@click.option("--after", default="", metavar="ID", help="Only those behind this one.")
@operates
def export(
    desk: Desk,
    state: str,
    types: Sequence[str],
    at_least: float,
    at_most: float,
    output: str | None,
    overwrite: bool,
    after: str,
) -> None:
    """Write records in STATE (dead without it) with their payloads, one line of JSON for each.

    The file is its owner's alone (mode 0600), for it has in it what people wrote. It is there whole, or not at all.
    """
    if output is None and sys.stdout.isatty():
        raise MistakeError("Payloads are what people wrote: name a file with --output, or give --output - to see them.")
    _check_apart(desk.inbox, output)
    chosen = Chosen(frozenset(types), at_least, at_most, now())

    async def write(inbox: Inbox) -> None:
        with _opened(output, overwrite=overwrite) as file, Progress("exported", await _size(inbox, state)) as progress:
            try:
                async for page in pages(inbox, State(state), after=after):
                    wanted = [stored for stored in page if chosen(stored)]
                    file.writelines(f"{json.dumps(stored_shape(stored, payload=True))}\n" for stored in wanted)
                    progress.add(len(wanted))
            except asyncio.CancelledError:
                desk.note("Stopped: the file is not there." if file is not sys.stdout else "Stopped.")
                raise
        if file is not sys.stdout:
            words = f"{count(progress.done, 'record', 'records')} in {output}"
            desk.show({"exported": progress.done, "file": output}, [words])

    desk.attend(write)


def _check_apart(inbox: Inbox, output: str | None) -> None:
    """Raise `MistakeError` for a place that is the inbox's own: it would be lost, with what is exported."""
    path = getattr(inbox, "path", None)
    if path is not None and output is not None:
        own = os.path.realpath(path)
        if os.path.realpath(output) in {own + end for end in ("", "-wal", "-shm", ".lock")}:
            raise MistakeError(f"{output} belongs to the inbox itself: name another file.")


async def _size(inbox: Inbox, state: str) -> int:
    stats = await inbox.stats()
    return {"stored": stats.waiting + stats.delayed, "leased": stats.leased, "done": stats.done, "dead": stats.dead}[
        state
    ]


@contextmanager
def _opened(output: str | None, *, overwrite: bool) -> Iterator[TextIO]:
    if output in {None, "-"}:
        yield sys.stdout
        return
    path = str(output)
    place = Path(os.path.realpath(path))
    check_place(path)
    if place.exists() and not place.is_file():
        with _said(path), write_new(str(place)) as file:
            yield file
        return
    if place.exists() and not overwrite:
        raise _taken(path)
    with _said(path), _beside(place) as beside:
        with write_new(str(beside), "x") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        _settle(beside, place, path, overwrite=overwrite)


@contextmanager
def _said(path: str) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise unwritable(path, error) from None


@contextmanager
def _beside(place: Path) -> Iterator[Path]:
    """A name for what becomes of `place`, with which nothing is left behind."""
    beside = place.with_name(f".{place.name}.{os.getpid()}")
    try:
        yield beside
    finally:
        with suppress(OSError):
            beside.unlink(missing_ok=True)


def _settle(beside: Path, place: Path, path: str, *, overwrite: bool) -> None:
    """Give it its name; without `overwrite` not one that has come to be there meanwhile."""
    try:
        if not overwrite:
            place.hardlink_to(beside)
            return
    except FileExistsError:
        raise _taken(path) from None
    except OSError:  # Not every disk has links.
        if place.exists():
            raise _taken(path) from None
    beside.replace(place)


def _taken(path: str) -> MistakeError:
    return MistakeError(f"{path} is there already: name another file, or give --overwrite.")
