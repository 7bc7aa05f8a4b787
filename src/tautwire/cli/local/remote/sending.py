"""`tautwire local trigger` and `resend`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from tautwire.cli.local.remote.speaking import parsed, speaks, values
from tautwire.cli.local.remote.telling import delivery_row

if TYPE_CHECKING:
    from tautwire.cli.local.remote.speaking import Desk

__all__ = ["resend", "trigger"]


@click.command()
@click.argument("event")
@click.argument("fields", nargs=-1, metavar="[JSON|KEY=VALUE]...")
@click.option("--envelope", is_flag=True, help="EVENT is an envelope's type, and the rest its payload.")
@click.option("--app", metavar="ID", help="Whom it is sent to; else the first app.")
@speaks
def trigger(desk: Desk, event: str, fields: tuple[str, ...], envelope: bool, app: str | None) -> None:
    """Send EVENT to an app, without anybody having done anything: its type, then its fields.

    The fields are one JSON object, or KEY=TEXT and KEY:=JSON.
    """
    given = _fields(fields)
    body: dict[str, Any] = {"envelope": event, "payload": given} if envelope else {"type": event, "event": given}
    answer = desk.slack.post("/trigger", app=app, **body)
    desk.show(answer, ["  ".join(cell for cell in delivery_row(answer) if cell)])


def _fields(fields: tuple[str, ...]) -> dict[str, Any]:
    if len(fields) != 1 or not fields[0].lstrip().startswith("{"):
        return values(fields)
    found: dict[str, Any] = parsed(fields[0], "what is given")
    return found


@click.command()
@click.argument("id", default="")
@click.option("--same-id", is_flag=True, help="Under the envelope_id that it had.")
@speaks
def resend(desk: Desk, id: str, same_id: bool) -> None:  # noqa: A002 - the argument's name on the screen
    """Send something once more: by its envelope_id or event_id ID; without one, the latest."""
    answer = desk.slack.post("/resend", id=id, same_id=same_id)
    desk.show(answer, ["  ".join(cell for cell in delivery_row(answer) if cell)])
