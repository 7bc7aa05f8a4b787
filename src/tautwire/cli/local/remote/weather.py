"""`tautwire local fault`, `storm`, `advance` and what else goes wrong or passes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from tautwire.cli.local.remote.speaking import speaks, values
from tautwire.cli.local.remote.words import table
from tautwire.cli.numbers import length

if TYPE_CHECKING:
    from collections.abc import Iterable

    from tautwire.cli.local.remote.speaking import Desk

__all__ = ["advance", "drop", "fault", "half_open", "refresh", "socket_mode", "storm"]

Json = dict[str, Any]

_APP = click.option("--app", metavar="ID", help="Those of one app only.")


@click.group()
def fault() -> None:
    """Things that go wrong: put them in force, list them, take them away."""


@fault.command()
@click.argument("where")
@click.argument("kind")
@click.argument("particulars", nargs=-1, metavar="[NAME=VALUE]...")
@speaks
def add(desk: Desk, where: str, kind: str, particulars: tuple[str, ...]) -> None:
    """Put a fault in force: KIND is what happens at WHERE, such as "api ratelimited" or "envelope late delay=4".

    NAME is match (a pattern for what it strikes), probability, count, after (how many pass unharmed first), or what the
    kind takes: delay, status, error, retry_after, how, form, reason, size. A name that does not fit is answered with
    those that do.
    """
    given = {name: _number(value) for name, value in values(particulars).items()}
    answer = desk.slack.post("/faults", fault={"where": where, "kind": kind, **given})
    desk.show(answer, _faults([answer]))


def _number(value: Any) -> Any:
    """Faults have numbers in them, and no text that looks like one."""
    if not isinstance(value, str):
        return value
    for kind in (int, float):
        try:
            return kind(value)
        except ValueError:
            continue
    return value


@fault.command(name="list")
@speaks
def list_(desk: Desk) -> None:
    """The faults that are in force."""
    answer = desk.slack.get("/faults")
    desk.show(answer, _faults(answer["faults"]) or ["No fault is in force."])


@fault.command()
@click.argument("number", type=click.IntRange(min=1), required=False)
@speaks
def remove(desk: Desk, number: int | None) -> None:
    """Take fault NUMBER of the list away; without a number, all of them."""
    answer = desk.slack.post("/faults/remove", number=number)
    desk.show(answer, [f"{answer['removed']} fault(s) removed"])


def _faults(faults: Iterable[Json]) -> list[str]:
    return table(
        (
            str(each["number"]),
            f"{each['fault']['where']}/{each['fault']['kind']}",
            " ".join(f"{name}={value}" for name, value in each["fault"].items() if name not in ("where", "kind")),
            f"{each['fired']} hit(s){', spent' if each['is_spent'] else ''}",
        )
        for each in faults
    )


@click.command()
@click.option("--seed", type=click.IntRange(min=0), default=0, show_default=True, help="The same brings the same.")
@click.option("--for", "span", default="60", show_default=True, metavar="TIME", help="How long: 90, 5m, 1h.")
@click.option(
    "--intensity", type=float, default=1.0, show_default=True, metavar="NUMBER", help="Twice is twice as many."
)
@click.option(
    "--without", multiple=True, metavar="NAME", help="What it spares: a place, or place/kind; again for more."
)
@speaks
def storm(desk: Desk, seed: int, span: str, intensity: float, without: tuple[str, ...]) -> None:
    """Let faults of every kind strike for a while."""
    answer = desk.slack.post("/storm", seed=seed, seconds=length(span), intensity=intensity, without=list(without))
    desk.show(answer, [f"a storm of {answer['faults']} fault(s) in {answer['seconds']:g} s (seed {answer['seed']})"])


@click.command()
@click.argument("time")
@speaks
def advance(desk: Desk, time: str) -> None:
    """Let TIME pass for Slack at once, with all that falls due meanwhile: 90, 5m, 1h30m."""
    answer = desk.slack.post("/advance", seconds=length(time))
    desk.show(answer, [f"{answer['seconds']:g} s have passed"])


@click.command()
@_APP
@speaks
def refresh(desk: Desk, app: str | None) -> None:
    """Replace every connection, as Slack does every few hours."""
    answer = desk.slack.post("/refresh", app=app)
    desk.show(answer, [f"{answer['connections']} connection(s) are being replaced"])


@click.command()
@click.option(
    "--how", type=click.Choice(["close", "fin", "rst"]), default="rst", show_default=True, help="How TCP ends."
)
@_APP
@speaks
def drop(desk: Desk, how: str, app: str | None) -> None:
    """Lose every connection."""
    answer = desk.slack.post("/drop", how=how, app=app)
    desk.show(answer, [f"{answer['connections']} connection(s) lost"])


@click.command(name="half-open")
@_APP
@speaks
def half_open(desk: Desk, app: str | None) -> None:
    """Let every connection go dead without a sign."""
    answer = desk.slack.post("/half-open", app=app)
    desk.show(answer, [f"{answer['connections']} connection(s) are dead, and do not know"])


@click.command(name="socket-mode")
@click.argument("switch", type=click.Choice(["on", "off"]))
@_APP
@speaks
def socket_mode(desk: Desk, switch: str, app: str | None) -> None:
    """Switch Socket Mode on or off, as in an app's settings."""
    answer = desk.slack.post("/socket-mode", on=switch == "on", app=app)
    desk.show(answer, [f"Socket Mode is {'on' if answer['on'] else 'off'}"])
