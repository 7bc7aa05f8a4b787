"""What the journal holds: one frozen entry for each thing that was said, done or decided."""

from __future__ import annotations

import json
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import msgspec

__all__ = ["Entry", "Kind", "Missed"]

Json = dict[str, Any]


class Kind(StrEnum):
    """What an entry is about. Each frame is entered once: as envelope or ack if it carries one, else as a frame."""

    #: A Web API call with its answer, also one to a `response_url`, a webhook or an upload URL.
    API_CALL = "api.call"
    SOCKET_OPENED = "socket.opened"
    #: A handshake that got no 101.
    SOCKET_REFUSED = "socket.refused"
    SOCKET_CLOSED = "socket.closed"
    #: From the client.
    FRAME_IN = "frame.in"
    #: To the client.
    FRAME_OUT = "frame.out"
    #: One attempt to deliver; without a connection when nobody was there.
    ENVELOPE = "envelope"
    ACK = "ack"
    #: What became of an envelope in the end.
    DELIVERY = "delivery"
    FAULT = "fault"
    #: What a person did.
    PERSON = "person"
    #: What has changed in the workspace.
    CHANGE = "change"
    #: An order to the local Slack itself.
    CONTROL = "control"


class Entry(msgspec.Struct, frozen=True, gc=False):
    """One line of the journal. Whatever a secret could be in has been masked before it was made.

    `number` counts from 1, without gaps as long as the journal lives; `at` is wall-clock seconds since the epoch.
    `subject` is the method, the type of the event, the command, the name of what was done. `raw` is JSON text, an
    object, compact and in UTF-8; `data` is that object. The relations are empty, or 0, where there is none:
    `envelope_id` and `connection` say which envelope and connection it is about, and entries with the same `chain`
    come from one and the same occasion (see `Journal.chain`).
    """

    number: int
    at: float
    kind: Kind
    app_id: str = ""
    subject: str = ""
    raw: bytes = b"{}"
    envelope_id: str = ""
    connection: str = ""
    chain: int = 0

    @property
    def data(self) -> Json:
        """The JSON object, a fresh one each time."""
        try:
            found = json.loads(self.raw)
        except (ValueError, RecursionError):
            found = None
        return found if isinstance(found, dict) else {"text": self.raw.decode("utf-8", "backslashreplace")}

    def __repr__(self) -> str:
        return f"<{self.number} {self.kind.value} {self.subject}>"


@dataclass(frozen=True, slots=True)
class Missed:
    """Instead of entries, to a follower that was too slow for a bounded journal: how many are gone before the next."""

    count: int
