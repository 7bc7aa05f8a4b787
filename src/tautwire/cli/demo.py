"""`tautwire demo`: the client in a storm, against a Slack on this machine."""

from __future__ import annotations

import asyncio
import os
import secrets
import sys
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import click
import msgspec

from tautwire.cli.contestants import TAUTWIRE, is_slack_sdk_installed
from tautwire.cli.course import DemoError
from tautwire.cli.interrupts import Interrupts
from tautwire.cli.numbers import number
from tautwire.cli.rival import Child, Settings, run_rival
from tautwire.cli.scoreboard import Score, score
from tautwire.cli.screen import FOOTNOTE, Screen, table, verdict
from tautwire.cli.timetable import parse_faults
from tautwire.errors import ConfigurationError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tautwire.cli.contestants import Contestant

__all__ = ["demo"]

_INTERRUPTED: Final = 130
_CANNOT: Final = 2
_INSTALL: Final = 'slack_sdk is not installed, so there is nothing to compare with: pip install "tautwire[demo]"'


@dataclass(frozen=True, slots=True)
class _Outcome:
    settings: Settings
    ours: Score
    theirs: Score | None
    note: str
    was_stopped: bool

    @property
    def exit_code(self) -> int:
        if self.was_stopped:
            return _INTERRUPTED
        return 0 if self.ours.is_clean else 1


def _read_faults(ctx: click.Context, param: click.Parameter, value: str) -> tuple[str, ...]:
    try:
        return tuple(sorted(trouble.value for trouble in parse_faults(value)))
    except ConfigurationError as error:
        raise click.BadParameter(f"{error}.", ctx, param) from None


@click.command(short_help="Run the client through a storm, against a Slack on this machine.")
@click.option(
    "--seconds",
    callback=number(5, 3600),
    metavar="NUMBER",
    default="30",
    show_default=True,
    help="How long envelopes are sent.",
)
@click.option(
    "--rate",
    callback=number(1, 500),
    metavar="NUMBER",
    default="40",
    show_default=True,
    help="Envelopes a second, on average.",
)
@click.option(
    "--faults",
    callback=_read_faults,
    metavar="NAMES",
    default="storm",
    show_default=True,
    help="What goes wrong: none; mild (refreshes and drops); storm (everything); or a list with commas of refresh, "
    "rate-limit (a refresh during which the API answers 429), drop, half-open.",
)
@click.option(
    "--connections", type=click.IntRange(1, 10), default=1, show_default=True, help="How many tautwire holds."
)
@click.option("--seed", type=click.IntRange(min=0), help="Repeats a run's traffic; drawn anew without it.")
@click.option("--alone", is_flag=True, help="Leave slack_sdk's client out.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object on standard output, and nothing else there.")
def demo(
    seconds: float, rate: float, faults: tuple[str, ...], connections: int, seed: int | None, alone: bool, as_json: bool
) -> None:
    """Run an example app through a storm, against a Slack on this machine. No account, no network.

    Events, slash commands and clicks are sent while connections are refreshed, dropped and left half-open, and the
    API limits its rate. At the end there is a table, beside the figures of slack_sdk's client in the same storm.

    Exit code: 0 when tautwire lost nothing that it could have kept, 1 when it did, 2 when the demo could not run,
    130 after Ctrl-C.
    """
    drawn = secrets.randbelow(1_000_000) if seed is None else seed
    settings = Settings(seconds=seconds, rate=rate, faults=faults, seed=drawn, connections=connections)
    screen = None if as_json else Screen(sys.stdout)
    try:
        with _no_proxy():
            outcome = asyncio.run(_perform(settings, screen, is_alone=alone))
    except (DemoError, OSError) as error:
        click.echo(f"Error: the demo could not run: {error}", err=True)
        sys.exit(_CANNOT)
    if screen is None:
        click.echo(_json(outcome))
    else:
        _report(outcome, screen)
    sys.exit(outcome.exit_code)


async def _perform(
    settings: Settings, screen: Screen | None, *, is_alone: bool, contestant: Contestant = TAUTWIRE
) -> _Outcome:
    stop, child = asyncio.Event(), Child()
    is_compared = not is_alone and is_slack_sdk_installed()
    note = "" if is_alone or is_compared else _INSTALL
    if screen is not None:
        _introduce(settings, screen, is_compared=is_compared)
    with Interrupts(stop.set, child.kill):
        other = asyncio.create_task(run_rival(settings, stop, child)) if is_compared else None
        try:
            course = settings.course(contestant, stop)
            if screen is not None:
                course.on_pulse = screen.show
            record = await course.run()
            if other is not None and screen is not None:
                screen.wait("waiting for slack_sdk's client")
            theirs, problem = await _result(other)
        finally:
            if other is not None:
                other.cancel()
                await asyncio.gather(other, return_exceptions=True)
    return _Outcome(settings, score(record), theirs, note or problem, stop.is_set())


async def _result(other: asyncio.Task[Score] | None) -> tuple[Score | None, str]:
    try:
        return (None if other is None else await other), ""
    except (DemoError, OSError) as error:
        return None, str(error)


@contextmanager
def _no_proxy() -> Iterator[None]:
    """Nothing here leaves the machine, so nobody's proxy is asked; the child inherits that."""
    hidden = {name: os.environ.pop(name) for name in list(os.environ) if name.lower().endswith("_proxy")}
    try:
        yield
    finally:
        os.environ.update(hidden)


def _introduce(settings: Settings, screen: Screen, *, is_compared: bool) -> None:
    traffic = f"{settings.rate:g} envelopes a second for {settings.seconds:g} s"
    screen.say(f"A local Slack sends {traffic} to an app on tautwire's client" + ("," if is_compared else "."))
    if is_compared:
        screen.say("another one the same to the same app on slack_sdk's client.")
    screen.say(f"Faults: {', '.join(settings.faults) or 'none'}. The same traffic again: --seed {settings.seed}")
    screen.say()


def _report(outcome: _Outcome, screen: Screen) -> None:
    scores = [outcome.ours, *([outcome.theirs] if outcome.theirs else [])]
    for line in table(scores):
        screen.say(line)
    screen.say()
    screen.say(FOOTNOTE)
    screen.say()
    if outcome.note:
        screen.say(outcome.note)
    screen.say(verdict(outcome.ours, was_stopped=outcome.was_stopped), is_good=outcome.ours.is_clean)


def _json(outcome: _Outcome) -> str:
    document = {
        "settings": outcome.settings,
        "was_stopped": outcome.was_stopped,
        "lost_nothing_it_could_have_kept": outcome.ours.is_clean,
        "clients": [outcome.ours, *([outcome.theirs] if outcome.theirs else [])],
        "note": outcome.note,
    }
    return msgspec.json.format(msgspec.json.encode(document)).decode()
