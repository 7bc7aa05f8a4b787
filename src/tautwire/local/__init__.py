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
    from tautwire.local.faults import FORMS, KINDS, NUISANCES, VIOLATIONS, Fault, Faults, Gust, Rule, Storm
    from tautwire.local.socket.gate import Dial
    from tautwire.local.socket.ledger import AckOutcome, Attempt, Delivery, Ledger, State, Summary
    from tautwire.local.socket.line import Line
    from tautwire.local.socket.phases import Phase
    from tautwire.local.socket.session import Session
    from tautwire.local.socket.weather import Performed, Weather
    from tautwire.local.switches import Switches

__all__ = [
    "FORMS",
    "KINDS",
    "NUISANCES",
    "VIOLATIONS",
    "AckOutcome",
    "ApiCall",
    "Attempt",
    "Delivery",
    "Dial",
    "Fault",
    "Faults",
    "Gust",
    "Ledger",
    "Line",
    "LocalSlack",
    "Performed",
    "Phase",
    "Rule",
    "Session",
    "State",
    "Storm",
    "Summary",
    "Switches",
    "Weather",
]

#: Where each name comes from; those of `socket.ledger` apart.
_HOMES: Final = {
    "FORMS": "tautwire.local.faults",
    "KINDS": "tautwire.local.faults",
    "NUISANCES": "tautwire.local.faults",
    "VIOLATIONS": "tautwire.local.faults",
    "ApiCall": "tautwire.local.api.http",
    "Dial": "tautwire.local.socket.gate",
    "Fault": "tautwire.local.faults",
    "Faults": "tautwire.local.faults",
    "Gust": "tautwire.local.faults",
    "Line": "tautwire.local.socket.line",
    "LocalSlack": "tautwire.local.app",
    "Performed": "tautwire.local.socket.weather",
    "Phase": "tautwire.local.socket.phases",
    "Rule": "tautwire.local.faults",
    "Session": "tautwire.local.socket.session",
    "Storm": "tautwire.local.faults",
    "Switches": "tautwire.local.switches",
    "Weather": "tautwire.local.socket.weather",
}

if not TYPE_CHECKING:  # a type checker would take any name for an existing one

    def __getattr__(name: str) -> object:
        if name not in __all__:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}", name=name)
        found = globals()[name] = getattr(import_module(_HOMES.get(name, "tautwire.local.socket.ledger")), name)
        return found


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
