"""What Slack says on one connection: envelopes, pings, notices, and whatever else a test puts into its mouth."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from aiohttp import WSMsgType

from tautwire.local.faults import FORMS
from tautwire.local.faults.malformed import raw_frame
from tautwire.local.socket import frames
from tautwire.local.socket.link import Link
from tautwire.local.socket.phases import Phase

if TYPE_CHECKING:
    from tautwire.local.socket.exchange import Exchange

__all__ = ["Voice"]


class Voice:
    """One connection's way out. Everything returns at once; what may still be said depends on its `phase`."""

    def __init__(self, number: int, app_id: str, exchange: Exchange) -> None:
        self.id, self.app_id = f"c{number}", app_id
        self.host = f"applink-{number}"
        self.phase = Phase.OPENING
        self.counts: Counter[str] = Counter()
        self._exchange = exchange
        self._link = Link()

    @property
    def _has_said_goodbye(self) -> bool:
        """Nothing of Slack's own follows a close frame."""
        return self.phase in (Phase.CLOSING, Phase.ENDED)

    def post(self, text: bytes) -> bool:
        """Queue one text frame; a half-open connection takes it, and nobody ever sees it."""
        if self.phase is Phase.HALF_OPEN:
            return True
        return not self._has_said_goodbye and self._link.send(WSMsgType.TEXT, text)

    def tell(self, text: bytes) -> None:
        """The same for what is no envelope; it goes into the journal."""
        if self.post(text):
            self._exchange.journal.frame_out(self.id, text, app_id=self.app_id)

    def raw(self, data: bytes) -> None:
        """Queue bytes as they are, framed or not."""
        if self.phase is not Phase.HALF_OPEN:
            self._link.send_raw(data)

    def say(self, text: str | bytes) -> None:
        """A text frame with anything in it, valid UTF-8 or not."""
        self.raw(raw_frame(0x1, text.encode() if isinstance(text, str) else text))

    def say_form(self, form: str) -> None:
        """A frame from the catalogue in `malformed.FORMS`, by its name."""
        self.raw(FORMS[form])

    def ping(self) -> None:
        """A server ping, now."""
        if self.phase is not Phase.HALF_OPEN and not self._has_said_goodbye:
            self._link.send(WSMsgType.PING, frames.ping(self.host))
            self.counts["pings_sent"] += 1

    def notify(self, reason: str) -> None:
        """A disconnect message with any reason, and nothing else."""
        if self._exchange.faults.decide("disconnect", reason, self.id, self.app_id) is None:
            self.tell(frames.dumps(frames.disconnect(reason, self.host)))
