"""From a document to a workspace: channels, and what stands in them; views; what waits for its time."""

from __future__ import annotations

from dataclasses import fields
from typing import TYPE_CHECKING, Final, NamedTuple

import msgspec

from tautwire.local.workspace.content import Content
from tautwire.local.workspace.model import Channel, Message, Note, Pin, Scheduled, View
from tautwire.local.workspace.places import MAX_GROUP, check_name
from tautwire.local.workspace.refusal import Refusal
from tautwire.local.workspace.saved import SavedChannel, SavedNote
from tautwire.local.workspace.seed import plant_places

if TYPE_CHECKING:
    from tautwire.local.workspace.planting import Planting
    from tautwire.local.workspace.saved import SavedMessage, SavedWorkspace

__all__ = ["Row", "add_messages", "add_places", "add_scheduled", "add_views", "settle_places"]

#: The channels of a workspace with people of its own and none of these.
_USUAL: Final = ("general", "random")
_LETTERS: Final = {"channel": "C", "group": "C", "im": "D", "mpim": "G"}


class Row(NamedTuple):
    """A channel, what the document says of it, and where."""

    where: str
    given: SavedChannel
    place: Channel


def _given(document: SavedWorkspace) -> list[tuple[str, SavedChannel]]:
    listed = document.channels
    if listed is None:
        listed = [] if document.users is None else list(_USUAL)
    return [
        (f"channels[{number}]", SavedChannel(name=each) if isinstance(each, str) else each)
        for number, each in enumerate(listed)
    ]


def add_places(at: Planting, document: SavedWorkspace) -> list[Row]:
    """The channels, empty, so that apps can come in."""
    rows: list[Row] = []
    if document.channels is None and document.users is None:
        plant_places(at.workspace.core)
        for place in list(at.workspace.channels.values()):
            at.know_place("channels", place)
    for where, given in _given(document):
        place_id = at.claim(f"{where}.id", given.id, _LETTERS[given.kind], at.workspace.channels)
        is_general = given.kind == "channel" and given.name == "general"
        place = Channel(
            place_id,
            given.name,
            given.kind,
            created=given.created,
            previous_names=list(given.previous_names),
            is_archived=given.is_archived,
            is_general=is_general if given.is_general is None else given.is_general,
        )
        if not place.is_direct:
            try:
                check_name(given.name)
            except Refusal as refusal:
                at.wrong(f"{where}.name", f"Slack would say {refusal.error} to {given.name!r}")
        at.know_place(f"{where}.name", place)
        rows.append(Row(where, given, place))
    return rows


def settle_places(at: Planting, rows: list[Row]) -> None:
    """Who is in, and who has said what the channels are about."""
    for where, given, place in rows:
        place.members = _members(at, where, given, place)
        first = next(iter(place.members), "")
        place.creator = first if given.creator is None else _creator(at, where, given.creator)
        place.topic = _note(at, f"{where}.topic", given.topic, place)
        place.purpose = _note(at, f"{where}.purpose", given.purpose, place)
        place.closed_by = dict.fromkeys(at.who(f"{where}.closed_by", name).id for name in given.closed_by)
        place.last_read = {at.who(f"{where}.last_read", name).id: ts for name, ts in given.last_read.items()}
        if place.is_direct and not place.name:
            place.name = _direct_name(at, place)


def _members(at: Planting, where: str, given: SavedChannel, place: Channel) -> dict[str, None]:
    if given.members is not None:
        named = dict.fromkeys(at.who(f"{where}.members", name).id for name in given.members)
    elif place.kind == "channel":
        named = dict.fromkeys(each.id for each in at.workspace.users.values() if not each.is_deleted)
        named.pop("USLACKBOT", None)
    else:
        named = {} if given.creator is None else {at.who(f"{where}.creator", given.creator).id: None}
    least, most = {"im": (1, 2), "mpim": (3, MAX_GROUP + 1)}.get(place.kind, (0, len(at.workspace.users)))
    if not least <= len(named) <= most:
        at.wrong(f"{where}.members", f"there are {len(named)}, and an {place.kind} has {least} to {most}")
    return named | place.members


def _creator(at: Planting, where: str, name: str) -> str:
    return at.who(f"{where}.creator", name).id if name else ""


def _note(at: Planting, where: str, given: SavedNote | str, place: Channel) -> Note:
    if isinstance(given, SavedNote):
        return Note(given.value, at.who(f"{where}.creator", given.creator).id if given.creator else "", given.last_set)
    return Note(given, place.creator, place.created) if given else Note()


def _direct_name(at: Planting, place: Channel) -> str:
    if place.kind == "im":
        return "directmessage"
    return f"mpdm-{'--'.join(sorted(at.workspace.users[each].name for each in place.members))}-1"


# Messages


def add_messages(at: Planting, rows: list[Row]) -> None:
    """What was said, in the order of time."""
    for where, given, _ in rows:
        _see(at, f"{where}.messages", given.messages)
    for where, given, place in rows:
        for number, each in enumerate(given.messages):
            _add(at, f"{where}.messages[{number}]", place, each, "")
        place.messages = dict(sorted(place.messages.items(), key=lambda each: _order(each[0])))
        for message in place.messages.values():
            if message.is_reply:
                place.threads.setdefault(message.thread_ts, []).append(message.ts)
        for number, pin in enumerate(given.pins):
            if pin.ts not in place.messages:
                at.wrong(f"{where}.pins[{number}].ts", f"there is no message {pin.ts!r} in this channel")
            place.pins[pin.ts] = Pin(at.who(f"{where}.pins[{number}].user", pin.user).id, pin.created)


def _order(ts: str) -> tuple[int, str]:
    seconds, _, digits = ts.partition(".")
    return int(seconds), digits


def _see(at: Planting, where: str, messages: list[SavedMessage]) -> None:
    """Look at the times that are given, so that those that are made are later."""
    for number, each in enumerate(messages):
        for name, ts in (("ts", each.ts), ("edited_ts", each.edited_ts)):
            if ts:
                at.saw(f"{where}[{number}].{name}", ts)
        _see(at, f"{where}[{number}].replies", each.replies)


def _add(at: Planting, where: str, place: Channel, given: SavedMessage, thread_ts: str) -> None:
    ts = given.ts or at.next_ts()
    if ts in place.messages:
        at.wrong(f"{where}.ts", f"{ts!r} comes twice in this channel")
    author = at.who(f"{where}.user", given.user)
    plain = {name: value for name, value in msgspec.structs.asdict(given).items() if name in _FIELDS}
    message = Message(
        **plain
        | {
            "ts": ts,
            "channel_id": place.id,
            "user_id": author.id,
            "app_id": author.app_id if given.app_id is None else given.app_id,
            "bot_id": author.bot_id if given.bot_id is None else given.bot_id,
            "file_ids": [at.file(f"{where}.files", name).id for name in given.files],
            "thread_ts": thread_ts or given.thread_ts or (ts if given.replies else ""),
            "reactions": _reactions(at, where, given),
        }
    )
    place.messages[ts] = message
    for file_id in message.file_ids:
        at.workspace.core.files[file_id].shares.setdefault(place.id, []).append(ts)
    if given.is_pinned:
        place.pins[ts] = Pin(author.id, _order(ts)[0])
    for number, reply in enumerate(given.replies):
        _add(at, f"{where}.replies[{number}]", place, reply, message.thread_ts)


_FIELDS: Final = {each.name for each in fields(Message)}


def _reactions(at: Planting, where: str, given: SavedMessage) -> dict[str, list[str]]:
    people = {name: [at.who(f"{where}.reactions", each).id for each in who] for name, who in given.reactions.items()}
    return {name.strip(":"): list(dict.fromkeys(who)) for name, who in people.items() if who}


# Views, and what waits


def add_views(at: Planting, document: SavedWorkspace) -> None:
    """Open modals, in their stacks, and App Homes."""
    screens = at.workspace.screens
    for number, given in enumerate(document.views):
        where = f"views[{number}]"
        at.claim(f"{where}.id", given.id, "V", at.workspace.core.views)
        app, user = at.app(f"{where}.app", given.app), at.who(f"{where}.user", given.user)
        plain = {name: value for name, value in msgspec.structs.asdict(given).items() if name not in ("app", "user")}
        view = View(**plain, app_id=app.id, user_id=user.id)
        at.workspace.core.views[view.id] = view
        if view.kind == "home":
            screens.homes[user.id, app.id] = view
        else:
            screens.stacks.setdefault(user.id, []).append(view)


def add_scheduled(at: Planting, document: SavedWorkspace) -> None:
    """Messages that wait for their time."""
    known = {each.name for each in fields(Content)}
    for number, given in enumerate(document.scheduled):
        where = f"scheduled[{number}]"
        unknown = given.content.keys() - known
        if unknown:
            at.wrong(f"{where}.content", f"a message has no {min(unknown)!r}")
        scheduled = Scheduled(
            id=at.claim(f"{where}.id", given.id, "Q", at.workspace.core.scheduled),
            channel_id=at.place(f"{where}.channel", given.channel).id,
            user_id=at.who(f"{where}.user", given.user).id,
            app_id=given.app_id,
            post_at=given.post_at,
            created=given.created,
            content=dict(given.content),
        )
        at.workspace.core.scheduled[scheduled.id] = scheduled
