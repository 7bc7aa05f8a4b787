"""What a person can be told to do with an app from outside: commands, shortcuts, clicks, choices, forms."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, Literal

import msgspec

from tautwire.local.control.finding import message, modal, target
from tautwire.local.control.operation import AppId, Body, Json, Room, Ts, Where, Who

if TYPE_CHECKING:
    from tautwire.local.actors import Outcome
    from tautwire.local.app import LocalSlack

__all__ = ["room"]

room: Final = Room()


class Command(Body):
    """A slash command with its text, as typed."""

    line: str
    user: Who = "ann"
    channel: Where = "general"


class Click(Body):
    """Something to press, or to choose `value` in; `target` is its `action_id`, its label or its `block_id`.

    It is looked for in the message `ts`, in the modal on top or the app's home (`view`); where nothing of that is said,
    in the modal on top, and then in the latest message of the channel that has it.
    """

    target: str
    value: Any = None
    user: Who = "ann"
    channel: Where = "general"
    ts: Ts = ""
    view: Literal["", "modal", "home"] = ""
    app: AppId = ""


class Suggest(Body):
    """Words typed into an external select, which is looked for as `click` does."""

    target: str
    text: str = ""
    user: Who = "ann"
    channel: Where = "general"
    ts: Ts = ""
    view: Literal["", "modal", "home"] = ""
    app: AppId = ""


class Submit(Body):
    """The modal on top, filled in: `{action_id, label or block_id: what}`."""

    values: dict[str, Any] = msgspec.field(default_factory=dict)
    user: Who = "ann"


class Close(Body):
    """The modal on top cancelled, or (`everything`) the whole stack."""

    everything: bool = False
    user: Who = "ann"


class Shortcut(Body):
    """A global shortcut, or with `ts` one in a message's menu."""

    callback_id: str
    user: Who = "ann"
    channel: Where = "general"
    ts: str = ""


class Home(Body):
    """An app's home, or its messages."""

    user: Who = "ann"
    app: AppId = ""
    tab: Literal["home", "messages"] = "home"


@room.does("/command", Command)
async def command(slack: LocalSlack, body: Command) -> Json:
    """Type a slash command.

    Answers `{ok, error, answer, envelope_id, state}` once the app has acked, or has had its time: `error` is what the
    person sees, such as `operation_timeout`, `answer` the payload of the ack.
    """
    return _outcome(await slack.user(body.user).command(body.line, channel=body.channel))


@room.does("/click", Click)
async def click(slack: LocalSlack, body: Click) -> Json:
    """Press a button or choose something, in a message, a modal or a home.

    Answers as `command` does; without `envelope_id` for a choice that the app learns of with the submission.
    """
    person = slack.user(body.user)
    where = target(slack, person, body.target, channel=body.channel, ts=body.ts, view=body.view, app=body.app)
    return _outcome(await person.clicks(where, body.target, body.value))


@room.does("/suggest", Suggest)
async def suggest(slack: LocalSlack, body: Suggest) -> Json:
    """Look for options in an external select.

    Answers `{options}`; 409, with the reason as the `code`, when the app did not answer in time or with no options.
    """
    person = slack.user(body.user)
    where = target(slack, person, body.target, channel=body.channel, ts=body.ts, view=body.view, app=body.app)
    return {"options": await person.types(where, body.target, body.text)}


@room.does("/submit", Submit)
async def submit(slack: LocalSlack, body: Submit) -> Json:
    """Submit the modal on top.

    Answers as `command` does, with `errors` by block, whether the modal `is_open` still, and Slack's own words of
    `trouble` in it.
    """
    person = slack.user(body.user)
    view = modal(person)
    outcome = await person.submits(view, body.values)
    return _outcome(outcome) | {"errors": view.errors, "is_open": view.is_open, "trouble": view.trouble}


@room.does("/close", Close)
async def close(slack: LocalSlack, body: Close) -> Json:
    """Cancel the modal on top.

    Answers `{told}`: as `command` does, for each modal whose app wanted to know.
    """
    person = slack.user(body.user)
    outcomes = await person.closes(modal(person), everything=body.everything)
    return {"told": [_outcome(each) for each in outcomes]}


@room.does("/shortcut", Shortcut)
async def shortcut(slack: LocalSlack, body: Shortcut) -> Json:
    """Use a shortcut, global or on a message.

    Answers as `command` does.
    """
    person = slack.user(body.user)
    if not body.ts:
        return _outcome(await person.shortcut(body.callback_id))
    said = message(slack, person, body.channel, body.ts)
    return _outcome(await person.message_shortcut(body.callback_id, said))


@room.does("/home", Home)
async def home(slack: LocalSlack, body: Home) -> Json:
    """Open an app's home.

    Answers `{view}`: what it shows just then, null for nothing yet.
    """
    view = await slack.user(body.user).opens_home(body.app, tab=body.tab)
    return {"view": view.as_dict() if view else None}


def _outcome(outcome: Outcome) -> Json:
    told: Json = {"ok": outcome.is_ok, "error": outcome.error, "answer": outcome.answer}
    if outcome.delivery is not None:
        told |= {"envelope_id": outcome.delivery.envelope_id, "state": outcome.delivery.state.value}
    return told
