"""`tautwire local command`, `click`, `submit` and what else people do with an app."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click as click_library

from tautwire.cli.local.remote.blocks import block_lines
from tautwire.cli.local.remote.speaking import acts_as, speaks, values
from tautwire.cli.local.remote.words import answered
from tautwire.cli.mistakes import FailedError

if TYPE_CHECKING:
    from tautwire.cli.local.remote.speaking import Desk

__all__ = ["click", "close", "command", "home", "shortcut", "submit"]

_TS = "A message, by its ts; else the latest one."


@click_library.command()
@click_library.argument("line")
@acts_as()
@speaks
def command(desk: Desk, line: str, user: str, channel: str) -> None:
    """Type a slash command: LINE is the command with its text, such as "/deploy api"."""
    answer = desk.slack.post("/command", line=line, user=user, channel=channel)
    desk.outcome(answer, line, [f"{user}: {line} (acked)", *answered(answer.get("answer"))])


@click_library.command()
@click_library.argument("target")
@click_library.option(
    "--value", multiple=True, metavar="WHAT", help="What is chosen, by value or by text; again for several."
)
@acts_as()
@click_library.option("--ts", metavar="TS", help="The message that it is in.")
@click_library.option("--in", "view", type=click_library.Choice(["modal", "home"]), help="The view that it is in.")
@click_library.option("--app", metavar="ID", help="Whose home, if there are several apps.")
@speaks
def click(
    desk: Desk,
    target: str,
    value: tuple[str, ...],
    user: str,
    channel: str,
    ts: str | None,
    view: str | None,
    app: str | None,
) -> None:
    """Press or choose TARGET: its action_id, what is written on it, or its block_id.

    It is looked for in the modal on top, then in the latest message that has it.
    """
    chosen = None if not value else value[0] if len(value) == 1 else list(value)
    answer = desk.slack.post(
        "/click", target=target, value=chosen, user=user, channel=channel, ts=ts, view=view, app=app
    )
    known = "acked" if "envelope_id" in answer else "remembered until the form is submitted"
    desk.outcome(answer, f"the click on {target}", [f"{user} clicks {target} ({known})"])


@click_library.command()
@click_library.argument("pairs", nargs=-1, metavar="[KEY=VALUE]...")
@acts_as(channel=False)
@speaks
def submit(desk: Desk, pairs: tuple[str, ...], user: str) -> None:
    """Fill in the modal on top, and submit it. KEY is an action_id, a label or a block_id.

    A VALUE that is an option is named by its value or its text; a KEY that comes again has several. KEY:=JSON gives
    anything else.
    """
    answer = desk.slack.post("/submit", values=values(pairs), user=user)
    complaints = [f"{block}: {words}" for block, words in answer["errors"].items()]
    state = "it stays open" if answer["is_open"] else "it is closed"
    told = [] if complaints else [f"{user} submits the modal ({state})"]
    desk.outcome(answer, "the submission", told)
    if complaints:
        raise FailedError(f"the app does not take it: {'; '.join(complaints)}.")


@click_library.command()
@acts_as(channel=False)
@click_library.option("--all", "everything", is_flag=True, help="The whole stack, by its cross.")
@speaks
def close(desk: Desk, user: str, everything: bool) -> None:
    """Cancel the modal on top."""
    answer = desk.slack.post("/close", user=user, everything=everything)
    failed = [each for each in answer["told"] if not each["ok"]]
    desk.show(answer, [f"{user} closes the modal"])
    if failed:
        raise FailedError(f"the app was told of it in vain: {failed[0]['error']}.")


@click_library.command()
@click_library.argument("callback_id")
@acts_as()
@click_library.option("--ts", metavar="TS", help="The message in whose menu it is; else it is a global one.")
@speaks
def shortcut(desk: Desk, callback_id: str, user: str, channel: str, ts: str | None) -> None:
    """Use the shortcut CALLBACK_ID, global or of a message."""
    answer = desk.slack.post("/shortcut", callback_id=callback_id, user=user, channel=channel, ts=ts)
    desk.outcome(answer, f"the shortcut {callback_id}", [f"{user} uses {callback_id} (acked)"])


@click_library.command()
@acts_as(channel=False)
@click_library.option("--app", metavar="ID", help="Whose, if there are several apps.")
@click_library.option("--messages", is_flag=True, help="Its messages instead of its home.")
@speaks
def home(desk: Desk, user: str, app: str | None, messages: bool) -> None:
    """Open an app's home, and see what it shows."""
    answer = desk.slack.post("/home", user=user, app=app, tab="messages" if messages else "home")
    view = answer["view"]
    desk.show(
        answer, block_lines(view["blocks"]) if view else ["It shows nothing yet; tautwire local screen shows it later."]
    )
