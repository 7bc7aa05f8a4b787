"""From a recorded journal to the list of deliveries to repeat. Pure."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final

from tautwire.local.journal.entry import Kind
from tautwire.local.journal.masking import MASK
from tautwire.local.journal.packing import is_cut
from tautwire.local.journal.replay.ids import Ids

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from tautwire.local.journal.entry import Entry
    from tautwire.local.journal.replay.ids import Fresh

__all__ = ["Plan", "Repeat", "Skipped", "plan"]

Json = dict[str, Any]

#: Slack's own payloads are some twenty levels deep.
_DEEPEST: Final = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Repeat:
    """One delivery to make. `offset` is seconds after the first one, `number` that of the entry it was made from."""

    number: int
    offset: float
    app_id: str
    type: str
    subject: str
    payload: Json
    accepts: bool
    envelope_id: str
    event_id: str


@dataclass(frozen=True, slots=True)
class Skipped:
    """An envelope that is not repeated: the number of its entry, and why."""

    number: int
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What to do, in order. `ids` maps the old ids to the new ones; it is empty when they stay as they are."""

    repeats: tuple[Repeat, ...]
    skipped: tuple[Skipped, ...]
    ids: Mapping[str, str]

    @property
    def seconds(self) -> float:
        """How long it takes at its own pace."""
        return self.repeats[-1].offset if self.repeats else 0.0


def plan(entries: Iterable[Entry], fresh: Fresh, *, same_ids: bool = False, app_id: str = "") -> Plan:
    """Each delivery of the journal once, as it first went out; of `app_id` only, if that is given.

    With `same_ids` an app that has seen them takes them for duplicates, which may be the point, and `response_url`s
    are as they are in the file: without their secrets, so that nothing answers there. Otherwise `envelope_id`,
    `event_id`, `trigger_id` and `response_url` are new, each old one the same new one everywhere. The verification
    token, which no journal holds, is always put back.
    """
    repeats: list[Repeat] = []
    skipped: list[Skipped] = []
    seen: dict[tuple[str, str], int] = {}
    for entry in entries:
        if entry.kind is Kind.ENVELOPE and app_id in ("", entry.app_id):
            try:
                repeats.append(_repeat(entry, seen))
            except _Unfit as unfit:
                skipped.append(Skipped(entry.number, str(unfit)))
    ids = Ids(fresh)
    if not same_ids:
        repeats = _renewed(repeats, ids)
    return Plan(repeats=tuple(_finished(repeats, fresh)), skipped=tuple(skipped), ids=ids.new)


class _Unfit(Exception):  # noqa: N818 - why an envelope is left out, not a failure
    pass


def _repeat(entry: Entry, seen: dict[tuple[str, str], int]) -> Repeat:
    """The delivery that `entry` began; its offset is still the wall clock's time."""
    if is_cut(entry.raw):
        raise _Unfit("it was too long for the journal to keep")
    message = entry.data
    payload, kind, envelope_id = message.get("payload"), message.get("type"), message.get("envelope_id")
    if not isinstance(payload, dict) or not isinstance(kind, str) or not isinstance(envelope_id, str):
        raise _Unfit("it is no envelope of Slack's")
    if _is_too_deep(payload):
        raise _Unfit(f"its payload is nested more than {_DEEPEST} deep")
    event_id = payload.get("event_id")
    event_id = event_id if isinstance(event_id, str) else ""
    names = [(entry.app_id, name) for name in (envelope_id, event_id) if name]
    first = next((seen[name] for name in names if name in seen), None)
    if first is not None:
        raise _Unfit(f"it is entry {first} again")
    seen.update(dict.fromkeys(names, entry.number))
    return Repeat(
        number=entry.number,
        offset=entry.at,
        app_id=entry.app_id,
        type=kind,
        subject=entry.subject,
        payload=payload,
        accepts=message.get("accepts_response_payload") is True,
        envelope_id=envelope_id,
        event_id=event_id,
    )


def _is_too_deep(payload: Json) -> bool:
    level: list[Any] = [payload]
    for _ in range(_DEEPEST):
        level = [
            inner
            for thing in level
            for inner in (thing.values() if isinstance(thing, dict) else thing)
            if isinstance(inner, (dict, list))
        ]
        if not level:
            return False
    return True


def _renewed(repeats: list[Repeat], ids: Ids) -> list[Repeat]:
    # All are learnt first: an id may occur ahead of the delivery that hands it out.
    for each in repeats:
        ids.learn(each.envelope_id, each.payload, each.app_id)
    return [
        replace(
            each,
            payload=ids.renewed(each.payload),
            envelope_id=ids.new[each.envelope_id],
            event_id=ids.new.get(each.event_id, ""),
        )
        for each in repeats
    ]


def _finished(repeats: list[Repeat], fresh: Fresh) -> Iterator[Repeat]:
    """With offsets that never go back, whatever the wall clock did, and with the verification token."""
    offset, before = 0.0, repeats[0].offset if repeats else 0.0
    for each in repeats:
        offset, before = offset + max(0.0, each.offset - before), each.offset
        token = {"token": fresh.verification(each.app_id)} if each.payload.get("token") == MASK else {}
        yield replace(each, offset=offset, payload=each.payload | token)
