"""One line for each entry, in the words of the people who build apps. Pure."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

from tautwire.local.journal.entry import Kind

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from tautwire.local.journal.entry import Entry

__all__ = ["Words"]

Json = dict[str, Any]

#: Characters looked at of one text; the line is cut to its width later.
_LONGEST: Final = 300

_MENTION: Final = re.compile(r"<([@#])([A-Z0-9]+)(?:\|[^>]*)?>")
#: What a call is about, by the names of its arguments; the first that is there is told.
_PLACES: Final = ("channel", "channel_id", "channels", "user", "users", "user_id")
_TEXTS: Final = ("text", "markdown_text", "name", "topic", "purpose", "filename", "query", "url")
_QUIET: Final = frozenset({Kind.CHANGE, Kind.FRAME_IN, Kind.FRAME_OUT})
#: Of a delivery; the ack has been told by then.
_GOOD_END: Final = b'"state":"acked"'


class Words:
    """The lines of one reading, in order. `names` are people's words for ids, `with_app` tells the apps apart."""

    def __init__(self, names: Mapping[str, str], *, details: bool = False, with_app: bool = False) -> None:
        self._names, self._details, self._with_app = names, details, with_app
        self._latest = ""
        self._by_kind: dict[Kind, Callable[[Entry, Json], str]] = {
            Kind.API_CALL: self._call,
            Kind.SOCKET_OPENED: self._opened,
            Kind.SOCKET_REFUSED: self._refused,
            Kind.SOCKET_CLOSED: self._closed,
            Kind.FRAME_IN: self._frame,
            Kind.FRAME_OUT: self._frame,
            Kind.ENVELOPE: self._envelope,
            Kind.ACK: self._ack,
            Kind.DELIVERY: self._delivery,
            Kind.FAULT: self._fault,
            Kind.PERSON: self._person,
            Kind.CHANGE: self._change,
            Kind.CONTROL: self._control,
        }

    def has_one_for(self, entry: Entry) -> bool:
        """Whether there is anything to say about it that the other lines don't."""
        if self._details:
            return True
        return entry.kind not in _QUIET and not (entry.kind is Kind.DELIVERY and _GOOD_END in entry.raw)

    def line(self, entry: Entry) -> str:
        """The line."""
        return self._by_kind[entry.kind](entry, entry.data)

    # People and the app

    def _person(self, entry: Entry, data: Json) -> str:
        who, where, what, text = (_text(data.get(name)) for name in ("who", "where", "what", "text"))
        place = f" in {self._named(where)}" if where else ""
        if entry.subject in ("says", "command"):
            return f"{self._named(who)}{place}: {self._named(' '.join(filter(None, (what, text))))}"
        said = f": {self._named(text)}" if text else ""
        return f"{self._named(who)} {entry.subject}{' ' + self._named(what) if what else ''}{place}{said}"

    def _call(self, entry: Entry, data: Json) -> str:
        args = data.get("args")
        args = args if isinstance(args, dict) else {}
        place, text = _first(args, _PLACES), _first(args, _TEXTS)
        parts = [f"{self._who(entry, data)}: {entry.subject}"]
        if place:
            parts.append(self._named(place))
        if text:
            parts.append(f'"{self._named(text)}"')
        outcome, status = _text(data.get("outcome")) or "ok", data.get("status", 200)
        if outcome != "ok":
            parts.append(f"→ {outcome}" + ("" if status == 200 else f" ({status})"))
        return " ".join(parts)

    def _who(self, entry: Entry, data: Json) -> str:
        by = _text(data.get("by")) or "bot"
        return f"{by} of {self._named(entry.app_id)}" if self._with_app else by

    # The wire

    def _envelope(self, entry: Entry, data: Json) -> str:
        self._latest = entry.envelope_id
        retry = data.get("retry_attempt")
        attempt = f", retry {retry}" if isinstance(retry, int) and retry > 0 else ""
        where = f"{entry.connection}{attempt}" if entry.connection else f"nobody connected{attempt}"
        return f"→ {_text(data.get('type')) or 'envelope'} {entry.subject} ({self._app(entry)}{where})"

    def _ack(self, entry: Entry, data: Json) -> str:
        outcome = _text(data.get("outcome"))
        parts = ["← ack", *([] if outcome in ("in time", "") else [outcome]), _length(data.get("seconds"))]
        payload = data.get("payload")
        if isinstance(payload, dict) and payload:
            parts.append(f"with {self._named(_answer(payload))}")
        if entry.envelope_id != self._latest:
            parts.append(f"for {entry.subject or 'an earlier envelope'}")
        return " ".join(filter(None, parts))

    def _delivery(self, entry: Entry, data: Json) -> str:
        state, attempts = _text(data.get("state")), data.get("attempts")
        told = f", its person sees {data['user_error']}" if data.get("user_error") else ""
        sign = "✓" if state == "acked" else "✗"
        return (
            f"{sign} {self._app(entry)}{entry.subject or entry.envelope_id} {state} after {attempts} attempt(s){told}"
        )

    def _opened(self, entry: Entry, _data: Json) -> str:
        return f"+ {self._app(entry)}{entry.connection} opened"

    def _refused(self, entry: Entry, data: Json) -> str:
        status, reason = data.get("status"), _text(data.get("reason"))
        answer = f"{status}" if status else "no answer"
        return f"✗ {self._app(entry)}handshake refused: {answer}{', ' + reason if reason else ''}"

    def _closed(self, entry: Entry, data: Json) -> str:
        code = data.get("code")
        return f"- {self._app(entry)}{entry.connection} closed: {_text(data.get('cause'))}{f' {code}' if code else ''}"

    def _frame(self, entry: Entry, data: Json) -> str:
        arrow = "←" if entry.kind is Kind.FRAME_IN else "→"
        message = data.get("message")
        reason = _text(message.get("reason")) if isinstance(message, dict) else _text(data.get("text"))
        return f"{arrow} {entry.subject}{' ' + reason if reason else ''} ({self._app(entry)}{entry.connection})"

    # The rest

    def _fault(self, entry: Entry, data: Json) -> str:
        rule = data.get("rule")
        kind = _text(rule.get("kind")) if isinstance(rule, dict) else _text(rule)
        return f"! fault at {_text(data.get('where'))}: {kind} {entry.subject}".rstrip()

    def _change(self, entry: Entry, data: Json) -> str:
        return f"* {entry.subject} {self._named(_pairs(data))}".rstrip()

    def _control(self, entry: Entry, data: Json) -> str:
        return f"# {entry.subject} {_pairs(data)}".rstrip()

    def _app(self, entry: Entry) -> str:
        return f"{self._named(entry.app_id)} " if self._with_app and entry.app_id else ""

    def _named(self, text: str) -> str:
        """`text`, or what people call it; with the mentions in it as people see them."""
        known = self._names.get(text)
        return known if known is not None else _MENTION.sub(self._mention, text)

    def _mention(self, found: re.Match[str]) -> str:
        sign, known = found[1], self._names.get(found[2])
        return found[0] if known is None else sign + known.removeprefix(sign)


def _text(value: object) -> str:
    return value[:_LONGEST] if isinstance(value, str) else ""


def _first(args: Json, names: tuple[str, ...]) -> str:
    return next((text for name in names if (text := _text(args.get(name)))), "")


def _length(seconds: object) -> str:
    if not isinstance(seconds, (int, float)):
        return ""
    return f"{seconds * 1000:.0f} ms" if seconds < 10 else f"{seconds:.1f} s"


def _answer(payload: Json) -> str:
    """What an ack's payload does."""
    action, text = _text(payload.get("response_action")), _text(payload.get("text"))
    if action:
        return f"{action} {_pairs(payload['errors'])}" if isinstance(payload.get("errors"), dict) else action
    return f'"{text}"' if text else ", ".join(payload)


def _pairs(data: Json) -> str:
    return " ".join(f"{name}={_short(value)}" for name, value in data.items())


def _short(value: object) -> str:
    if isinstance(value, dict):
        return _short(next((value[name] for name in ("name", "ts", "id") if name in value), "{…}"))
    if isinstance(value, list):
        return f"[{len(value)}]"
    return str(value)[:_LONGEST]
