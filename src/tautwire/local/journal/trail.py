"""What belongs together: a person's action, the envelopes that it made, their acks, and what the app called then. Pure.

Some of it is known, some is inferred. Known: entries of one chain, entries about one envelope, envelopes of one event.
Inferred, for Slack has no word for it either: a Web API call belongs to the latest envelope of its app that has the
same `trigger_id`, `response_url`, view or message in it; failing that, to the latest one from the same channel.
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any, Final

from tautwire.local.journal.entry import Kind

if TYPE_CHECKING:
    from collections.abc import Iterable

    from tautwire.local.journal.entry import Entry

__all__ = ["trail"]

Json = dict[str, Any]
_Node = tuple[str, str]

#: What an envelope hands to the app and the app hands back: the `ts` of a message, a trigger, a view, a response_url.
#: Each begins with something rare; Slack's JSON is full of digits.
_HANDLE: Final = re.compile(
    rb'"(?:\d+\.(?:\d{6}|\d+\.[0-9a-f]{32})|V[0-9A-Z]{6,})"|/(?:commands|actions|app|app-actions)/[TE]\w+/\w+/'
)


def trail(entries: Iterable[Entry], number: int) -> list[Entry]:
    """Everything that belongs to the entry of that number, in order; nothing when there is no such entry."""
    known = list(entries)
    groups = _Groups()
    owners = _Owners()
    for entry in known:
        node = _node(entry)
        if entry.chain:
            groups.join(node, ("chain", str(entry.chain)))
        if entry.envelope_id:
            groups.join(node, ("envelope", entry.envelope_id))
        if entry.kind is Kind.ENVELOPE:
            groups.join(node, owners.of_envelope(entry, node))
        elif entry.kind is Kind.API_CALL:
            groups.join(node, owners.of_call(entry, node))
    wanted = groups.find(("number", str(number)))
    return [entry for entry in known if groups.find(_node(entry)) == wanted]


def _node(entry: Entry) -> _Node:
    return "number", str(entry.number)


class _Groups:
    """Sets that grow together: each node points to one nearer its set's root."""

    def __init__(self) -> None:
        self._towards: dict[_Node, _Node] = {}

    def find(self, node: _Node) -> _Node:
        """The root of its set."""
        path: list[_Node] = []
        while (nearer := self._towards.get(node, node)) != node:
            path.append(node)
            node = nearer
        for passed in path:
            self._towards[passed] = node
        return node

    def join(self, one: _Node, other: _Node) -> None:
        """Make their sets one."""
        self._towards[self.find(one)] = self.find(other)


class _Owners:
    """Which envelope, or which call, has last brought up a handle."""

    def __init__(self) -> None:
        self._latest: dict[tuple[str, bytes], tuple[int, _Node]] = {}

    def of_envelope(self, entry: Entry, node: _Node) -> _Node:
        """Its event: a retry may have another envelope_id, and is the same event to the same app."""
        payload = entry.data.get("payload")
        payload = payload if isinstance(payload, dict) else {}
        for handle in {*_HANDLE.findall(entry.raw), *_places(payload)}:
            self._latest[entry.app_id, handle] = entry.number, node
        event_id = payload.get("event_id")
        return ("event", f"{entry.app_id} {event_id}") if isinstance(event_id, str) else node

    def of_call(self, entry: Entry, node: _Node) -> _Node:
        """Whom a call belongs to: itself, if nobody is found. What its answer brings up is then its owner's, too."""
        data = entry.data
        args = data.get("args")
        args = args if isinstance(args, dict) else {}
        owner = self._find(entry.app_id, _handles(args)) or self._find(entry.app_id, _places(args)) or node
        for handle in _handles(data.get("answer")):
            self._latest.setdefault((entry.app_id, handle), (entry.number, owner))
        return owner

    def _find(self, app_id: str, handles: Iterable[bytes]) -> _Node | None:
        found = [self._latest[app_id, handle] for handle in handles if (app_id, handle) in self._latest]
        return max(found)[1] if found else None


def _handles(data: object) -> list[bytes]:
    return _HANDLE.findall(json.dumps(data).encode())


def _places(thing: Json) -> list[bytes]:
    """The channels that a payload or the arguments of a call speak of."""
    event = thing.get("event")
    holders = (thing, event if isinstance(event, dict) else {})
    found = [holder.get(name) for holder in holders for name in ("channel", "channel_id")]
    named = [channel.get("id") if isinstance(channel, dict) else channel for channel in found]
    return [channel.encode("utf-8", "replace") for channel in named if isinstance(channel, str)]
