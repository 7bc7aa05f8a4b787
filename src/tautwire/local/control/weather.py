"""Trouble and time, from outside: faults, storms, refreshes, lost connections, hours that pass."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, Final, Literal

import msgspec
from msgspec import Meta

from tautwire.errors import ConfigurationError
from tautwire.local.control.operation import AppId, Body, Json, Nothing, Room
from tautwire.local.faults import Fault

if TYPE_CHECKING:
    from tautwire.local.app import LocalSlack
    from tautwire.local.faults import Rule
    from tautwire.local.socket.connections import Connections

__all__ = ["room"]

room: Final = Room(has_orders=True)


class AddFault(Body):
    """A rule: `where` and `kind`, and what else a fault has: what it matches, how likely it is, how often it comes."""

    fault: dict[str, Any]


class RemoveFault(Body):
    """A fault by the number that it has in the list; none: all of them."""

    number: int | None = None


class Storm(Body):
    """A seeded mix of faults for `seconds`: one every two seconds at intensity 1, `without` some of them."""

    seed: Annotated[int, Meta(ge=0)] = 0
    seconds: float = 60.0
    intensity: float = 1.0
    without: list[str] = msgspec.field(default_factory=list)


class Advance(Body):
    """Slack's own time, moved forward by the sum of these."""

    seconds: Annotated[float, Meta(ge=0)] = 0.0
    minutes: Annotated[float, Meta(ge=0)] = 0.0
    hours: Annotated[float, Meta(ge=0)] = 0.0
    days: Annotated[float, Meta(ge=0)] = 0.0


class Everybody(Body):
    """Every connection, or those of one app."""

    app: AppId = ""


class Drop(Body):
    """How every connection is lost, or those of one app: with a close frame, with a bare FIN, with a reset."""

    how: Literal["close", "fin", "rst"] = "rst"
    app: AppId = ""


class SocketMode(Body):
    """Socket Mode in the settings of one app, or of all of them."""

    on: bool
    app: AppId = ""


@room.tells("/faults", Nothing)
async def list_faults(slack: LocalSlack, _body: Nothing) -> Json:
    """The faults in force, those included that have hit as often as they may.

    Answers `{faults}`: each with its `number`, how often it has `fired`, and whether it `is_spent`.
    """
    return {"faults": [_rule(each) for each in slack.faults.rules]}


@room.does("/faults", AddFault)
async def add_fault(slack: LocalSlack, body: AddFault) -> Json:
    """Put a fault in force.

    Answers as one of `list_faults`.
    """
    return _rule(slack.inject(Fault.from_dict(body.fault)))


@room.does("/faults/remove", RemoveFault)
async def remove_fault(slack: LocalSlack, body: RemoveFault) -> Json:
    """Take a fault away, or all of them.

    Answers `{removed}`: how many.
    """
    rules = [each for each in slack.faults.rules if body.number in (None, each.number)]
    if body.number is not None and not rules:
        there = ", ".join(str(each.number) for each in slack.faults.rules) or "none at all"
        raise ConfigurationError(f"there is no fault {body.number}, but {there}")
    for rule in rules:
        rule.remove()
    return {"removed": len(rules)}


@room.does("/storm", Storm)
async def storm(slack: LocalSlack, body: Storm) -> Json:
    """Begin a storm; the same numbers bring the same one.

    Answers `{seed, seconds, faults}`: how many faults it will bring, if there is anybody to be struck.
    """
    begun = slack.storm(seed=body.seed, seconds=body.seconds, intensity=body.intensity, without=body.without)
    return {"seed": body.seed, "seconds": body.seconds, "faults": len(begun.storm.plan())}


@room.does("/advance", Advance)
async def advance(slack: LocalSlack, body: Advance) -> Json:
    """Let time pass for Slack, with all that falls due meanwhile.

    Answers `{seconds}`.
    """
    await slack.advance(seconds=body.seconds, minutes=body.minutes, hours=body.hours, days=body.days)
    return {"seconds": body.seconds + 60 * body.minutes + 3600 * body.hours + 86_400 * body.days}


@room.does("/refresh", Everybody)
async def refresh(slack: LocalSlack, body: Everybody) -> Json:
    """Begin to replace every connection, as Slack does every few hours.

    Answers `{connections}`: how many.
    """
    target = _target(slack, body.app)
    count = len(target.ready)
    target.refresh()
    return {"connections": count}


@room.does("/drop", Drop)
async def drop(slack: LocalSlack, body: Drop) -> Json:
    """Lose every connection.

    Answers `{connections}`: how many.
    """
    target = _target(slack, body.app)
    count = len(target.connections)
    target.drop(body.how)
    return {"connections": count}


@room.does("/half-open", Everybody)
async def half_open(slack: LocalSlack, body: Everybody) -> Json:
    """Let every connection go dead without a sign.

    Answers `{connections}`: how many.
    """
    target = _target(slack, body.app)
    count = len(target.connections)
    target.half_open()
    return {"connections": count}


@room.does("/socket-mode", SocketMode)
async def socket_mode(slack: LocalSlack, body: SocketMode) -> Json:
    """Switch Socket Mode on or off.

    Answers `{on}`.
    """
    target = slack.line(body.app) if body.app else slack
    (target.enable_socket_mode if body.on else target.disable_socket_mode)()
    return {"on": body.on}


def _target(slack: LocalSlack, app_id: str) -> Connections:
    return slack.line(app_id) if app_id else slack


def _rule(rule: Rule) -> Json:
    return {"number": rule.number, "fault": rule.fault.to_dict(), "fired": rule.fired, "is_spent": rule.is_spent}
