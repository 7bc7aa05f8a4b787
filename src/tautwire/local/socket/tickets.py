"""The single-use tickets in the WebSocket URLs. Pure: the caller brings the time."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import Final

from tautwire.local.forgetting import forget

__all__ = ["Ticket", "TicketOffice", "Verdict"]

#: Tickets that are known.
MOST: Final = 10_000


class Verdict(Enum):
    """What a presented ticket is worth."""

    VALID = "valid"
    UNKNOWN = "unknown"
    BURNT = "burnt"
    EXPIRED = "expired"


@dataclass(slots=True, eq=False)
class Ticket:
    """One issued URL, for one app. `shown` counts the handshakes that presented it; `value` stays out of the repr."""

    number: int
    value: str
    issued_at: float
    app_id: str = ""
    shown: int = 0
    is_burnt: bool = False
    is_expired: bool = False

    def __repr__(self) -> str:
        return f"<ticket #{self.number}{' burnt' if self.is_burnt else ''}>"


class TicketOffice:
    """Issues tickets, looks at them, burns them. `lifetime` is in seconds; `None` means for ever.

    The latest ten thousand are known. Their number, and `len`, count all that were issued.
    """

    def __init__(self, lifetime: float | None = None) -> None:
        self._lifetime = lifetime
        self._tickets: dict[str, Ticket] = {}
        self._issued = 0

    def issue(self, value: str, now: float, app_id: str = "") -> Ticket:
        """A fresh ticket with the secret `value`, good for a connection of `app_id`."""
        self._issued += 1
        self._tickets[value] = ticket = Ticket(self._issued, value, now, app_id)
        forget(self._tickets, MOST)
        return ticket

    def look(self, value: str, now: float) -> tuple[Verdict, Ticket | None]:
        """What `value` is worth now. Counts the look, burns nothing."""
        ticket = self._tickets.get(value)
        if ticket is None:
            return Verdict.UNKNOWN, None
        ticket.shown += 1
        if ticket.is_burnt:
            return Verdict.BURNT, ticket
        if ticket.is_expired or (self._lifetime is not None and now - ticket.issued_at > self._lifetime):
            return Verdict.EXPIRED, ticket
        return Verdict.VALID, ticket

    def expire(self, value: str) -> None:
        """Have it expired before its time, for good; no matter when nobody knows it."""
        if value in self._tickets:
            self._tickets[value].is_expired = True

    def app_of(self, value: str) -> str:
        """Whose ticket it is; `""` when nobody knows it."""
        ticket = self._tickets.get(value)
        return ticket.app_id if ticket else ""

    def burn(self, ticket: Ticket) -> None:
        """Make `ticket` worthless; Slack does so when it answers 101."""
        ticket.is_burnt = True

    def __len__(self) -> int:
        return self._issued
