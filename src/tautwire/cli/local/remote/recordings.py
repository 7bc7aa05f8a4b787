"""`tautwire local journal`, `replay` and `export`."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final

import click

from tautwire.cli.files import read_bytes, write_whole
from tautwire.cli.local.remote.speaking import speaks
from tautwire.cli.local.remote.words import clock, printable
from tautwire.cli.numbers import number

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tautwire.cli.local.remote.speaking import Desk

__all__ = ["export", "journal", "replay"]

Json = dict[str, Any]

#: Of a journal, in bytes; the local Slack takes no larger one.
_LARGEST: Final = 128 * 2**20


@click.command()
@click.option("--follow", is_flag=True, help="And then what is said from now on, as it is said.")
@click.option("--kind", default="", metavar="KINDS", help='Kinds of entries, with commas; patterns, too: "frame.*".')
@click.option("--text", default="", metavar="TEXT", help="What occurs in them.")
@click.option("--subject", default="", metavar="PATTERN", help="A method, event type, command; a pattern, too.")
@click.option("--app", default="", metavar="ID", help="One app's.")
@click.option("--trail", type=click.IntRange(min=1), metavar="NUMBER", help="What belongs to the entry of that number.")
@click.option("--limit", type=click.IntRange(1, 10_000), default=50, show_default=True, help="The latest so many.")
@click.option("--details", is_flag=True, help="Every frame and every change, too.")
@speaks
def journal(
    desk: Desk,
    follow: bool,
    kind: str,
    text: str,
    subject: str,
    app: str,
    trail: int | None,
    limit: int,
    details: bool,
) -> None:
    """What was said both ways, as people read it; with --json one entry a line."""
    words = {"words": not desk.as_json, "details": details}
    if trail is not None:
        _show(desk, desk.slack.get("/journal/trail", number=trail, **words)["entries"])
        return
    wanted = {"kind": kind, "text": text, "subject": subject, "app": app, **words}
    answer = desk.slack.get("/journal", limit=limit, **wanted)
    _show(desk, answer["entries"])
    if follow:
        for line in desk.slack.lines("/journal/follow", since=str(answer["last"]), **wanted):
            _show(desk, _entries(line))


def _entries(line: str) -> Iterator[Json]:
    """The entry in a line of a journal, if it is one."""
    try:
        found = json.loads(line)
    except ValueError:
        return
    if isinstance(found, dict) and ("number" in found or "missed" in found):
        yield found


def _show(desk: Desk, entries: Any) -> None:
    for entry in entries:
        if desk.as_json:
            click.echo(json.dumps(entry, ensure_ascii=False))
        elif "missed" in entry:
            click.echo(f"… {entry['missed']} entries came too fast to be shown")
        elif entry.get("words"):
            click.echo(f"{clock(entry['at'], thousandths=True)} {printable(entry['words'])}")


@click.command()
@click.argument("file", type=click.Path(dir_okay=False))
@click.option(
    "--same-ids", is_flag=True, help="With the ids that were recorded: to an app that has seen them, duplicates."
)
@click.option(
    "--pace",
    callback=number(0),
    default="1",
    show_default=True,
    metavar="NUMBER",
    help="How many times as fast as it was; 0 for no pauses.",
)
@click.option("--app", default="", metavar="ID", help="What was sent to one app only.")
@speaks
def replay(desk: Desk, file: str, same_ids: bool, pace: float, app: str) -> None:
    """Deliver once more what the journal FILE holds. Ctrl-C ends it."""
    recorded = read_bytes(file, _LARGEST)
    for line in desk.slack.post_lines("/replay", recorded, same_ids=same_ids, pace=f"{pace:g}", app=app):
        news = json.loads(line)
        desk.show(news, _replayed(news))


def _replayed(news: Json) -> Iterator[str]:
    if "planned" in news:
        yield f"{news['planned']} deliveries, {news['seconds']:.1f} s at their own pace"
        if news["notice"]:
            yield news["notice"]
        for each in news["skipped"]:
            yield f"entry {each['number']} is left out: {each['reason']}"
    elif "sent" in news:
        yield f"{news['sent']} sent"
    else:
        yield f"→ {news['subject'] or news['type']}  {news['event_id'] or news['envelope_id']}"


@click.command()
@click.argument("file", type=click.Path(dir_okay=False))
@click.option("--journal", is_flag=True, help="The journal instead of the workspace, as JSON lines.")
@speaks
def export(desk: Desk, file: str, journal: bool) -> None:
    """Write the workspace as it is now to FILE, which --seed takes; or the journal, which replay takes."""
    if journal:
        lines = list(desk.slack.lines("/journal/export"))
        write_whole(file, "".join(lines))
        desk.show({"file": file, "entries": len(lines) - 1}, [f"{len(lines) - 1} entries in {file}"])
        return
    write_whole(file, json.dumps(desk.slack.get("/workspace"), ensure_ascii=False, indent=1) + "\n")
    desk.show({"file": file}, [f"the workspace is in {file}"])
