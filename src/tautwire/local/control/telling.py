"""What there is just now, for whoever asks from outside."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Literal

from tautwire.local.control.finding import place
from tautwire.local.control.operation import Body, Count, Json, Nothing, Room, Where, Who, named
from tautwire.local.journal import Kind
from tautwire.local.workspace import shapes
from tautwire.version import __version__

if TYPE_CHECKING:
    from tautwire.local.app import LocalSlack
    from tautwire.local.socket.ledger import Delivery

__all__ = ["caused", "delivered", "room"]

room: Final = Room()


class Read(Body):
    """A channel, or the direct conversation of `user` with somebody."""

    channel: Where = "general"
    user: Who = "ann"
    limit: Count = 50


class Screen(Body):
    """Whose."""

    user: Who = "ann"


class Sent(Body):
    """Which ones: of an event type, command, interaction or envelope type; and how they ended."""

    subject: str = ""
    state: Literal["", "sent", "acked", "late", "lost"] = ""
    limit: Count = 50


@room.tells("/state", Nothing)
async def state(slack: LocalSlack, _body: Nothing) -> Json:
    """The workspace in short.

    Answers `{version, api_url, team, apps, users, channels, connections, deliveries, journal}`.
    """
    workspace = slack.workspace
    return {
        "version": __version__,
        "api_url": slack.api_url,
        "team": named(workspace.team),
        "apps": [_app(slack, app_id) for app_id in workspace.apps],
        "users": [{"id": each.id, "name": each.name, "is_bot": each.is_bot} for each in workspace.users.values()],
        "channels": [
            {
                "id": each.id,
                "name": each.name,
                "kind": each.kind,
                "members": len(each.members),
                "messages": len(each.messages),
            }
            for each in workspace.channels.values()
        ],
        "connections": [{"id": each.id, "phase": each.phase.value} for each in slack.connections],
        "deliveries": named(slack.ledger.summary()),
        "journal": {"first": slack.journal.first, "last": slack.journal.last},
    }


def _app(slack: LocalSlack, app_id: str) -> Json:
    me, line = slack.workspace.apps[app_id].identity, slack.line(app_id)
    return {
        "id": app_id,
        "name": me.app_name,
        "bot": me.bot_user_name,
        "bot_id": me.bot_user_id,
        "connections": len(line.connections),
        "socket_mode": line.is_socket_mode_on,
    }


@room.tells("/messages", Read)
async def messages(slack: LocalSlack, body: Read) -> Json:
    """What was said in a channel, oldest first, threads included.

    Answers `{channel, messages, names}`: messages as the Web API shows them, and with the `name` of their author;
    `names` is what people call the ids in them.
    """
    there = place(slack, slack.user(body.user), body.channel)
    told = [said.as_dict() | {"name": said.author.name} for said in there.messages[-body.limit :]]
    return {
        "channel": {"id": there.id, "name": there.name, "topic": there.topic},
        "messages": told,
        "names": slack.workspace.names,
    }


@room.tells("/screen", Screen)
async def screen(slack: LocalSlack, body: Screen) -> Json:
    """What somebody alone sees: open modals, apps' homes, ephemeral messages.

    Answers `{modals, homes, ephemerals, names}`: modals with the one on top last, with what is complained about in
    them (`errors`, `trouble`); ephemeral messages with their channel.
    """
    person = slack.user(body.user)
    core, screens = slack.workspace.core, slack.workspace.screens
    homes = [screens.home(person.record, app) for app in core.apps.values()]
    return {
        "modals": [
            shapes.view(core.apps[each.app_id].identity, each) | {"errors": each.errors, "trouble": each.trouble}
            for each in screens.stack(person.record)
        ],
        "homes": [shapes.view(core.apps[each.app_id].identity, each) for each in homes if each is not None],
        "ephemerals": [
            each.as_dict() | {"name": each.author.name, "channel": each.channel_id} for each in person.ephemerals
        ],
        "names": slack.workspace.names,
    }


@room.tells("/deliveries", Sent)
async def deliveries(slack: LocalSlack, body: Sent) -> Json:
    """What was sent to the apps, and what became of it, the latest last.

    Answers `{deliveries}`.
    """
    wanted = [each for each in slack.deliveries(body.subject) if body.state in ("", each.state.value)]
    return {"deliveries": [delivered(each) for each in wanted[-body.limit :]]}


def delivered(delivery: Delivery) -> Json:
    """A delivery, for an answer; latencies in seconds."""
    return {
        "app_id": delivery.app_id,
        "type": delivery.type,
        "subject": delivery.subject,
        "envelope_id": delivery.envelope_id,
        "event_id": delivery.event_id,
        "state": delivery.state.value,
        "user_error": delivery.user_error,
        "attempts": [
            {"connection": each.connection_id, "latency": each.latency, "in_time": each.is_in_time}
            for each in delivery.attempts
        ],
    }


def caused(slack: LocalSlack, chain: int) -> list[Json]:
    """What apps were told on one occasion; `chain` is its number in the journal."""
    entries = slack.journal.search(kind=Kind.ENVELOPE, chain=chain)
    known = dict.fromkeys(slack.ledger[each.envelope_id] for each in entries if each.envelope_id in slack.ledger)
    return [delivered(each) for each in known]
