"""How an envelope gets onto the wire, or does not, as the faults have it."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from tautwire.local.faults.malformed import FORMS

if TYPE_CHECKING:
    from tautwire.local.faults import Fault
    from tautwire.local.socket.exchange import Exchange
    from tautwire.local.socket.ledger import Delivery
    from tautwire.local.socket.registry import Endpoint

__all__ = ["Courier"]


class Courier:
    """Carries what the ledger already knows of. Nothing here ever waits."""

    def __init__(self, exchange: Exchange) -> None:
        self._exchange = exchange

    def carry(self, delivery: Delivery, target: Endpoint, text: bytes) -> None:
        """Bring one envelope, `text`, to `target`."""
        subjects = (delivery.type, delivery.subject, delivery.envelope_id)
        companion = self._exchange.faults.decide("frame", *subjects)
        if companion is not None:
            target.raw(FORMS[companion.form])
        fault = self._exchange.faults.decide("envelope", *subjects)
        if fault is None:
            target.post(text)
        else:
            self._fail(target, text, fault)

    def _fail(self, target: Endpoint, text: bytes, fault: Fault) -> None:
        match fault.kind:
            case "duplicate":
                target.post(text)
                target.post(text)
            case "late":
                self._exchange.timers.after(fault.delay, partial(_post, target, text))
            case "drop":
                target.drop(fault.how)
            case "half_open":
                target.half_open()
            case _:  # lost between Slack's rooms: entered as sent, never on the wire
                pass


def _post(target: Endpoint, text: bytes) -> None:
    target.post(text)
