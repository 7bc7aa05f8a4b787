"""`tautwire local say` and its like."""

from __future__ import annotations

import base64
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click

from tautwire.cli.files import read_bytes
from tautwire.cli.local.remote.speaking import acts_as, speaks

if TYPE_CHECKING:
    from tautwire.cli.local.remote.speaking import Desk

__all__ = ["react", "say", "upload"]

#: Of a file, in bytes: in base64 and with all the rest it is below the 8 MiB that the control API takes.
_LARGEST: Final = 5 * 2**20
_TS = "A message, by its ts; else the latest one."


@click.command()
@click.argument("text")
@acts_as()
@click.option("--thread", metavar="TS", help="The message whose thread it belongs in.")
@speaks
def say(desk: Desk, text: str, user: str, channel: str, thread: str | None) -> None:
    """Say TEXT in a channel, to somebody, or in a thread.

    It returns once every app that is connected has acked what it was told of it. @NAME of somebody mentions them.
    """
    answer = desk.slack.post("/say", text=text, user=user, channel=channel, thread=thread)
    where = "" if answer["channel"]["id"].startswith("D") else f" in #{answer['channel']['name']}"
    desk.show(answer, [f"{user}{where}: {text}  [{answer['message']['ts']}]"])
    desk.note(_heard(answer["deliveries"]))


def _heard(deliveries: list[dict[str, Any]]) -> str:
    """What people should know who wonder why nothing happens; `""` when all is well."""
    if not deliveries:
        return "No app is told of that: none is in that place and subscribed to it."
    if all(each["attempts"] and each["attempts"][-1]["connection"] is None for each in deliveries):
        return "No app is connected, so none has heard it yet."
    silent = dict.fromkeys(each["subject"] for each in deliveries if each["state"] != "acked")
    return f"Not acked: {', '.join(silent)}." if silent else ""


@click.command()
@click.argument("emoji")
@acts_as()
@click.option("--ts", metavar="TS", help=_TS)
@click.option("--remove", is_flag=True, help="Take it away.")
@speaks
def react(desk: Desk, emoji: str, user: str, channel: str, ts: str | None, remove: bool) -> None:
    """Put EMOJI under a message, or take it away."""
    name = emoji.strip(":")
    answer = desk.slack.post("/react", emoji=name, user=user, channel=channel, ts=ts, remove=remove)
    marks = [f":{each['name']}: {each['count']}" for each in answer["message"].get("reactions", ())]
    desk.show(answer, [f"{answer['message'].get('text', '')}  {'  '.join(marks) or 'no reactions'}"])


@click.command()
@click.argument("file", type=click.Path(dir_okay=False))
@acts_as()
@click.option("--comment", default="", metavar="TEXT", help="What is said with it.")
@speaks
def upload(desk: Desk, file: str, user: str, channel: str, comment: str) -> None:
    """Put FILE into a channel."""
    name, content = Path(file).name, base64.b64encode(read_bytes(file, _LARGEST)).decode()
    answer = desk.slack.post("/upload", name=name, base64=content, user=user, channel=channel, comment=comment)
    desk.show(answer, [f"{user} uploads {name}  [{answer['message']['ts']}]"])
