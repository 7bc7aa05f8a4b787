"""One method for each thing that a room of the local Slack has to tell the journal."""

from __future__ import annotations

import json
from dataclasses import fields, is_dataclass
from typing import TYPE_CHECKING, Any, Final

from tautwire.local.journal.entry import Kind
from tautwire.local.journal.masking import MASK, mask_text

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["Notes"]

Json = dict[str, Any]

#: Characters shown of a frame that is not a JSON object.
_SHOWN: Final = 2_000
#: What says which record of the workspace is meant. A channel has its whole history in it, a file its content.
_MARKS: Final = ("id", "name", "kind", "callback_id", "ts", "thread_ts", "channel_id", "user_id", "subtype", "text")


class Notes:
    """The methods by which rooms tell. Each takes microseconds, raises nothing, and returns the number of its entry.

    `app_id` is the app concerned, `connection` the id of a connection (`c1`); both may be left out. Seconds are
    lengths on the monotonic clock.
    """

    #: Whether pings and pongs are entered; where they are not, their number is 0.
    heartbeats: bool

    def note(
        self,
        kind: Kind,
        data: object = b"{}",
        *,
        app_id: str = "",
        subject: str = "",
        envelope_id: str = "",
        connection: str = "",
    ) -> int:
        """An entry of any kind, with any JSON object as `data`, or with the bytes of one."""
        raise NotImplementedError

    # The Web API

    def api_call(
        self,
        method: str,
        args: Mapping[str, Any],
        answer: object = None,
        *,
        outcome: str = "ok",
        status: int = 200,
        seconds: float = 0.0,
        by: str = "bot",
        app_id: str = "",
    ) -> int:
        """One call, once it is answered.

        `method` is the method's name, or `response_url`, `webhook`, `upload`, whose URL is then among `args`. `answer`
        is the body: JSON, or a text that is none. `outcome` is `ok`, Slack's error code or the kind of the fault that
        answered instead; `by` the kind of the token (`bot`, `user`, `app`), or `nobody`.
        """
        if method.startswith("oauth.") and "code" in args:
            args = {**args, "code": MASK}
        data: Json = {"by": by, "outcome": outcome, "status": status, "seconds": round(seconds, 6), "args": args}
        if answer is not None:
            data["answer"] = answer
        return self.note(Kind.API_CALL, data, app_id=app_id, subject=method)

    # Socket Mode

    def socket_opened(self, connection: str, *, app_id: str = "", **more: Any) -> int:
        """A handshake was answered with 101; `more` is what else is worth knowing, such as the ticket's number."""
        return self.note(Kind.SOCKET_OPENED, more, app_id=app_id, connection=connection)

    def socket_refused(self, status: int, *, reason: str = "", app_id: str = "", **more: Any) -> int:
        """A handshake was answered with `status`; 0 when it was left hanging or cut."""
        return self.note(Kind.SOCKET_REFUSED, {"status": status, "reason": reason, **more}, app_id=app_id)

    def socket_closed(
        self, connection: str, *, cause: str, code: int | None = None, seconds: float = 0.0, app_id: str = ""
    ) -> int:
        """A connection is over: by whose doing, the code of the client's close frame, how long it lived."""
        data = {"cause": cause, "code": code, "seconds": round(seconds, 3)}
        return self.note(Kind.SOCKET_CLOSED, data, app_id=app_id, connection=connection)

    def frame_in(self, connection: str, content: str | bytes, form: str = "text", *, app_id: str = "") -> int:
        """A frame from the client that is no ack; `form` is `text`, `binary`, `ping`, `pong` or `close`."""
        return self._frame(Kind.FRAME_IN, connection, content, form, app_id)

    def frame_out(self, connection: str, content: str | bytes, form: str = "text", *, app_id: str = "") -> int:
        """A frame to the client that is no envelope; `form` as above, or `raw` for bytes of whatever kind."""
        return self._frame(Kind.FRAME_OUT, connection, content, form, app_id)

    def _frame(self, kind: Kind, connection: str, content: str | bytes, form: str, app_id: str) -> int:
        if form in ("ping", "pong") and not self.heartbeats:
            return 0
        text = content if isinstance(content, str) else content.decode("utf-8", "backslashreplace")
        message = _object(text) if form == "text" else None
        data: Json = {"frame": form}
        if message is not None:
            data["message"] = message
        elif text:
            data |= {"length": len(content), "text": mask_text(text)[:_SHOWN]}
        subject = (message or {}).get("type")
        return self.note(
            kind, data, app_id=app_id, subject=subject if isinstance(subject, str) else form, connection=connection
        )

    def envelope(
        self, message: bytes, *, envelope_id: str, subject: str = "", connection: str | None = None, app_id: str = ""
    ) -> int:
        """One attempt to deliver: `message` is the text frame as it is sent, or would be if anybody were there.

        `subject` is the type of the event, the command, the type of the interaction.
        """
        return self.note(
            Kind.ENVELOPE,
            message,
            app_id=app_id,
            subject=subject,
            envelope_id=envelope_id,
            connection=connection or "",
        )

    def ack(
        self,
        envelope_id: str,
        *,
        connection: str,
        outcome: str,
        seconds: float | None = None,
        payload: Mapping[str, Any] | None = None,
        subject: str = "",
        app_id: str = "",
    ) -> int:
        """An ack came in: what it was worth (`in time`, `late` …), how long after the envelope, what it carried."""
        data: Json = {"outcome": outcome}
        if seconds is not None:
            data["seconds"] = round(seconds, 6)
        if payload is not None:
            data["payload"] = payload
        return self.note(Kind.ACK, data, app_id=app_id, subject=subject, envelope_id=envelope_id, connection=connection)

    def delivery(
        self,
        envelope_id: str,
        *,
        state: str,
        attempts: int,
        user_error: str = "",
        subject: str = "",
        app_id: str = "",
    ) -> int:
        """What became of an envelope, once that is settled: `acked`, `late`, `lost`; and what its person was told."""
        data: Json = {"state": state, "attempts": attempts}
        if user_error:
            data["user_error"] = user_error
        return self.note(Kind.DELIVERY, data, app_id=app_id, subject=subject, envelope_id=envelope_id)

    # The rest

    def fault(
        self,
        fault: object,
        *,
        where: str,
        subject: str = "",
        connection: str = "",
        envelope_id: str = "",
        app_id: str = "",
    ) -> int:
        """A fault has struck; `fault` is the rule, `where` its point, `subject` what it struck."""
        return self.note(
            Kind.FAULT,
            {"where": where, "rule": fault},
            app_id=app_id,
            subject=subject or where,
            envelope_id=envelope_id,
            connection=connection,
        )

    def person(
        self, who: str, action: str, what: str = "", *, where: str = "", text: str = "", app_id: str = "", **more: Any
    ) -> int:
        """Somebody did something: `person("ann", "clicks", "approve", where="#general")`.

        `action` is a verb, as in `ann says …`; `what` is the thing it was done to or with, `text` what was written.
        All of it as people would read it, names rather than ids.
        """
        data = {"who": who, "what": what, "where": where, "text": text}
        return self.note(
            Kind.PERSON, {name: value for name, value in data.items() if value} | more, app_id=app_id, subject=action
        )

    def change(self, change: object, *, app_id: str = "") -> int:
        """Something changed in the workspace: a dataclass; of the records in it, only what names them is kept."""
        return self.note(Kind.CHANGE, _outline(change), app_id=app_id, subject=type(change).__name__)

    def control(self, order: str, data: Mapping[str, Any] | None = None, *, app_id: str = "") -> int:
        """Somebody told the local Slack to do something: drop connections, put a fault in force, advance the clock."""
        return self.note(Kind.CONTROL, data or b"{}", app_id=app_id, subject=order)


def _object(text: str) -> Json | None:
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        return None
    return found if isinstance(found, dict) else None


def _outline(change: object) -> Json:
    if not is_dataclass(change):
        return {}
    given = {each.name: getattr(change, each.name) for each in fields(change)}
    return {name: _mark(value) for name, value in given.items() if value is not None}


def _mark(value: object) -> object:
    if isinstance(value, (str, int, float)):
        return value
    found = {name: getattr(value, name, None) for name in _MARKS}
    return {name: mark for name, mark in found.items() if isinstance(mark, str) and mark}
