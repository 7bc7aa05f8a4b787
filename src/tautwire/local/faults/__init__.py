"""What goes wrong on demand: single faults, and the malformed frames among them. Pure and seeded."""

from tautwire.local.faults.malformed import FORMS, NUISANCES, VIOLATIONS
from tautwire.local.faults.table import KINDS, Fault, Faults

__all__ = ["FORMS", "KINDS", "NUISANCES", "VIOLATIONS", "Fault", "Faults"]
