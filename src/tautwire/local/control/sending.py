"""Sending what nobody has done: any event, any envelope, or something once more."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, Final

import msgspec
from msgspec import Meta

from tautwire.errors import ConfigurationError
from tautwire.local.control.operation import AppId, Body, Json, Room
from tautwire.local.control.telling import delivered
from tautwire.local.socket import payloads
from tautwire.local.socket.ledger import Delivery

if TYPE_CHECKING:
    from tautwire.local.app import LocalSlack
    from tautwire.local.socket.line import Line

__all__ = ["room"]

room: Final = Room(has_orders=True)

#: What `send_event` takes for itself, so that no event can have a field of that name.
_OWN: Final = frozenset({"to", "envelope_id", "event_id", "retry_attempt", "retry_reason"})


class Trigger(Body):
    """Any event (`type`, and the fields of `event`), or any envelope (`envelope` is its type, with its `payload`)."""

    type: str = ""
    event: dict[str, Any] = msgspec.field(default_factory=dict)
    envelope: str = ""
    payload: dict[str, Any] = msgspec.field(default_factory=dict)
    accepts_payload: bool = False
    app: AppId = ""
    retry_attempt: Annotated[int, Meta(ge=0, le=3)] = 0
    retry_reason: str = ""


class Resend(Body):
    """What was sent, by `envelope_id` or `event_id`; none: the latest. `same_id` keeps the envelope's id."""

    id: str = ""
    same_id: bool = False


@room.does("/trigger", Trigger)
async def trigger(slack: LocalSlack, body: Trigger) -> Json:
    """Send any event, or any envelope, without anybody having done anything.

    `app_mention` and `message` get an author, a channel, a text and a `ts` unless they have them. Answers as
    `deliveries` does, for this one; it does not wait for the ack.
    """
    if bool(body.type) == bool(body.envelope):
        raise ConfigurationError("give either the type of an event, or the type of an envelope with its payload")
    taken = sorted(_OWN & body.event.keys())
    if taken:
        raise ConfigurationError(f"no event of Slack's has a field called {taken[0]!r}")
    line = slack.line(body.app or None)
    event = body.event
    if body.type and line is slack.line():
        return delivered(
            slack.send_event(
                body.type, retry_attempt=body.retry_attempt, retry_reason=body.retry_reason or None, **event
            )
        )
    delivery = _event(slack, line, body) if body.type else _envelope(line, body)
    return delivered(line.dispatch(delivery, retry_attempt=body.retry_attempt, retry_reason=body.retry_reason or None))


def _event(slack: LocalSlack, line: Line, body: Trigger) -> Delivery:
    clock, ids = line.exchange.clock, slack.workspace.ids
    wall, event_id = clock.wall(), ids.of("Ev")
    event = {"type": body.type, "event_ts": body.event.get("ts") or ids.ts(wall)} | body.event
    identity = slack.workspace.apps[line.app_id].identity
    payload = payloads.event_callback(identity, event, event_id=event_id, event_time=int(wall))
    return Delivery("events_api", body.type, event_id, payload, False, clock.monotonic())


def _envelope(line: Line, body: Trigger) -> Delivery:
    subject = body.payload.get("command") or body.payload.get("type")
    return Delivery(
        body.envelope,
        subject if isinstance(subject, str) else body.envelope,
        "",
        body.payload,
        body.accepts_payload,
        line.exchange.clock.monotonic(),
    )


@room.does("/resend", Resend)
async def resend(slack: LocalSlack, body: Resend) -> Json:
    """Send something once more, as a new delivery.

    Answers as `trigger` does.
    """
    known = slack.deliveries()
    found = [each for each in known if body.id in ("", each.event_id, *(it.envelope_id for it in each.attempts))]
    if not found:
        raise ConfigurationError(f"nothing was sent under {body.id!r}" if body.id else "nothing was sent yet")
    return delivered(slack.resend(found[-1], same_id=body.same_id))
