"""The local Slack: Slack's side of the wire, on this machine."""

from tautwire.local.app import LocalSlack
from tautwire.local.faults import Fault, Faults
from tautwire.local.gate import Dial
from tautwire.local.ledger import AckOutcome, Attempt, Delivery, Ledger, State, Summary
from tautwire.local.malformed import FORMS, NUISANCES, VIOLATIONS
from tautwire.local.session import Phase, Session
from tautwire.local.switches import Switches
from tautwire.local.web_api import ApiCall

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
    "LocalSlack",
    "Phase",
    "Session",
    "State",
    "Summary",
    "Switches",
]
