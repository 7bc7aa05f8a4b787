"""What makes two envelopes the same event.

An Events API event keeps its `event_id` over redeliveries, while its `envelope_id` changes; the id is unique within
an app and a workspace (or an organisation). Everything else is identified by its envelope.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias
from urllib.parse import quote

import msgspec

if TYPE_CHECKING:
    from tautwire.protocol.messages import Envelope

__all__ = ["Key", "dedupe_key", "stored_key"]

Key: TypeAlias = tuple[str, ...]


class _Event(msgspec.Struct, gc=False):
    event_id: str = ""
    api_app_id: str | None = None
    team_id: str | None = None
    enterprise_id: str | None = None


_decode = msgspec.json.Decoder(_Event).decode


def dedupe_key(envelope: Envelope) -> Key:
    """The key of `envelope`; two with the same key are one event."""
    if envelope.type == "events_api":
        try:
            event = _decode(envelope.payload)
        except (msgspec.DecodeError, UnicodeError, RecursionError):
            event = _Event()
        if event.event_id:
            return ("event", event.api_app_id or "", event.team_id or event.enterprise_id or "", event.event_id)
    return (envelope.type, envelope.envelope_id)


def stored_key(key: Key) -> str:
    """`key` as one text, for a store: printable ASCII without spaces, and different for different keys."""
    # What needs no quoting, which is nearly everything, would come back the same, only ten times as slowly.
    return ":".join(part if part.isascii() and part.isalnum() else quote(part, safe="") for part in key)
