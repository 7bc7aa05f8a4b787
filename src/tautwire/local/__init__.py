"""The local Slack: Slack's side of the wire, on this machine."""

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
