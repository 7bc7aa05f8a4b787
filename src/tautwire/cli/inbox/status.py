"""`tautwire inbox status`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from tautwire.cli.inbox.desk import Desk, now, operates
from tautwire.cli.inbox.shapes import stats_shape
from tautwire.cli.inbox.walking import length_option
from tautwire.cli.inbox.words import age, bytes_, table
from tautwire.cli.mistakes import FailedError, MistakeError
from tautwire.clock import SYSTEM_CLOCK

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tautwire.inbox.api import Inbox, Stats

__all__ = ["problems_of", "status"]


@click.command(short_help="How many records wait, are handled, done and dead.")
@click.option("--max-dead", type=click.IntRange(min=0), metavar="NUMBER", help="Fail when more are dead.")
@click.option("--max-waiting", type=click.IntRange(min=0), metavar="NUMBER", help="Fail when more are waiting.")
@length_option("--max-oldest", "max_oldest", default=None, help="Fail when the oldest that has not ended is older.")
@length_option(
    "--watch", "watch", default=None, help="Show it again and again with so much time between, until Ctrl-C."
)
@operates
def status(desk: Desk, watch: float | None, **limits: Any) -> None:
    """How many records wait, are handled, done and dead; how old the oldest is that has not ended.

    With limits it is a health check: the exit code is 1 when one of them is exceeded, and one sentence says which.
    """
    if watch is not None and any(limit is not None for limit in limits.values()):
        raise MistakeError("--watch goes on for ever, so it fails nothing: leave out either it or the limits.")

    if watch == 0:
        raise MistakeError("--watch without a pause would only keep the inbox busy: give it 2s, say.")

    async def look(inbox: Inbox) -> None:
        stats = await inbox.stats()
        problems = problems_of(stats, **limits)
        desk.show(stats_shape(stats, address=desk.address, at=now(), problems=problems), _lines(desk, stats))
        if problems:
            raise FailedError(f"The inbox is not well: {'; '.join(problems)}.")

    async def look_on(inbox: Inbox) -> None:
        while True:
            if not desk.as_json:
                click.clear()  # Where there is no terminal, it does nothing.
            await look(inbox)
            await SYSTEM_CLOCK.sleep(watch or 0.0)

    desk.attend(look if watch is None else look_on)


def problems_of(
    stats: Stats, *, max_dead: int | None = None, max_waiting: int | None = None, max_oldest: float | None = None
) -> list[str]:
    """What exceeds a limit, in words."""
    problems = []
    if max_dead is not None and stats.dead > max_dead:
        problems.append(f"{stats.dead:,} dead, where {max_dead:,} may be")
    if max_waiting is not None and stats.waiting > max_waiting:
        problems.append(f"{stats.waiting:,} waiting, where {max_waiting:,} may be")
    if max_oldest is not None and stats.oldest > max_oldest:
        problems.append(f"the oldest was stored {age(stats.oldest)} ago, where {age(max_oldest)} may be")
    return problems


def _lines(desk: Desk, stats: Stats) -> list[str]:
    return table(("inbox", desk.address), _rows(stats))


def _rows(stats: Stats) -> Iterator[tuple[str, str]]:
    oldest = f", the oldest stored {age(stats.oldest)} ago" if stats.oldest else ""
    alive = stats.waiting + stats.delayed + stats.leased
    yield "waiting", f"{stats.waiting:,}"
    yield "delayed", f"{stats.delayed:,}"
    yield "leased", f"{stats.leased:,}"
    yield "in all", f"{alive:,}{f' of {stats.bound:,}' if stats.bound else ''}{oldest}"
    yield "done", f"{stats.done:,}"
    yield "dead", f"{stats.dead:,}"
    yield "so far", f"{stats.stored:,} stored, {stats.duplicates:,} duplicates, {stats.retried:,} retries"
    if stats.size:
        yield "size", bytes_(stats.size)
    if stats.commit_seconds:
        yield "commits", f"{stats.commit_seconds * 1000:.1f} ms for the slowest of the last 1,000"
