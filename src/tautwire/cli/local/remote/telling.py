"""`tautwire local state`, `messages`, `screen` and `deliveries`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from tautwire.cli.local.remote.speaking import acts_as, speaks
from tautwire.cli.local.remote.words import message_lines, screen_lines, table

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tautwire.cli.local.remote.speaking import Desk

__all__ = ["deliveries", "delivery_row", "messages", "screen", "state"]

Json = dict[str, Any]


@click.command()
@speaks
def state(desk: Desk) -> None:
    """The workspace in short: apps, people, channels, connections, deliveries."""
    answer = desk.slack.get("/state")
    desk.show(answer, _state(answer))


def _state(answer: Json) -> Iterator[str]:
    yield f"{answer['team']['name']} at {answer['api_url']} (tautwire {answer['version']})"
    for app in answer["apps"]:
        off = "" if app["socket_mode"] else ", Socket Mode is off"
        yield f"app {app['name']} ({app['id']}), @{app['bot']}: {app['connections']} connection(s){off}"
    yield f"people: {', '.join(each['name'] for each in answer['users'] if not each['is_bot'])}"
    places = [each for each in answer["channels"] if each["kind"] in ("channel", "group")]
    yield from table(
        (f"#{each['name']}", "private" if each["kind"] == "group" else "public", f"{each['members']} members",
         f"{each['messages']} messages")
        for each in places
    )  # fmt: skip
    sent = answer["deliveries"]
    yield (
        f"sent to apps: {sent['sent']}, of which {sent['acked_in_time']} acked in time, {sent['late']} late, "
        f"{sent['lost']} lost, {sent['open']} open"
    )


@click.command()
@click.argument("channel", default="general")
@acts_as(channel=False)
@click.option("--limit", type=click.IntRange(1, 10_000), default=50, show_default=True, help="The latest so many.")
@speaks
def messages(desk: Desk, channel: str, user: str, limit: int) -> None:
    """What was said in CHANNEL, or with somebody; in general without."""
    answer = desk.slack.get("/messages", channel=channel.removeprefix("#"), user=user, limit=limit)
    lines = list(message_lines(answer["messages"], answer["names"]))
    desk.show(answer, lines or ["Nothing was said there yet."])


@click.command()
@acts_as(channel=False)
@speaks
def screen(desk: Desk, user: str) -> None:
    """What somebody alone sees: modals, apps' homes, ephemeral messages."""
    answer = desk.slack.get("/screen", user=user)
    desk.show(answer, list(screen_lines(answer)) or [f"{user} sees what everybody sees."])


@click.command()
@click.argument("subject", default="")
@click.option("--state", type=click.Choice(["sent", "acked", "late", "lost"]), help="How they ended.")
@click.option("--limit", type=click.IntRange(1, 10_000), default=50, show_default=True, help="The latest so many.")
@speaks
def deliveries(desk: Desk, subject: str, state: str | None, limit: int) -> None:
    """What was sent to apps, and what became of it; of one event type, command or interaction: SUBJECT."""
    answer = desk.slack.get("/deliveries", subject=subject, state=state, limit=limit)
    rows = [delivery_row(each) for each in answer["deliveries"]]
    desk.show(answer, table(rows) or ["Nothing was sent yet."])


def delivery_row(delivery: Json) -> tuple[str, ...]:
    """One delivery as cells of a table."""
    attempts = delivery["attempts"]
    latency = next((each["latency"] for each in attempts if each["latency"] is not None), None)
    where = next((each["connection"] for each in reversed(attempts) if each["connection"]), "nobody")
    return (
        delivery["subject"] or delivery["type"],
        delivery["state"],
        "" if latency is None else f"{latency * 1000:.0f} ms",
        where,
        f"{len(attempts)} attempt(s)",
        delivery["event_id"] or delivery["envelope_id"],
    )
