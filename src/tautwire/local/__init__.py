"""The local Slack: Slack's side of the wire, on this machine.

A name's module is imported when the name is first asked for: whoever only speaks to a local Slack that runs elsewhere
does not wait for a server.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from tautwire.local.api.http import ApiCall
    from tautwire.local.app import LocalSlack
    from tautwire.local.faults import Fault, Faults
    from tautwire.local.faults.malformed import FORMS, NUISANCES, VIOLATIONS
    from tautwire.local.socket.gate import Dial
    from tautwire.local.socket.ledger import AckOutcome, Attempt, Delivery, Ledger, State, Summary
    from tautwire.local.socket.line import Line
    from tautwire.local.socket.phases import Phase
    from tautwire.local.socket.session import Session
    from tautwire.local.switches import Switches

__all__ = [
    "FORMS",
    "NUISANCES",
    "VIOLATIONS",
    "AckOutcome",
    "ApiCall",
    "Attempt",
    "Delivery",
    "Dial",
    "Fault",
    "Faults",
    "Ledger",
    "Line",
    "LocalSlack",
    "Phase",
    "Session",
    "State",
    "Summary",
    "Switches",
]

#: Where each name comes from; those of `socket.ledger` apart.
_HOMES: Final = {
    "FORMS": "tautwire.local.faults.malformed",
    "NUISANCES": "tautwire.local.faults.malformed",
    "VIOLATIONS": "tautwire.local.faults.malformed",
    "ApiCall": "tautwire.local.api.http",
    "Dial": "tautwire.local.socket.gate",
    "Fault": "tautwire.local.faults",
    "Faults": "tautwire.local.faults",
    "Line": "tautwire.local.socket.line",
    "LocalSlack": "tautwire.local.app",
    "Phase": "tautwire.local.socket.phases",
    "Session": "tautwire.local.socket.session",
    "Switches": "tautwire.local.switches",
}

if not TYPE_CHECKING:  # a type checker would take any name for an existing one

    def __getattr__(name: str) -> object:
        if name not in __all__:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}", name=name)
        found = globals()[name] = getattr(import_module(_HOMES.get(name, "tautwire.local.socket.ledger")), name)
        return found


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
