"""What goes wrong on demand: single faults, malformed frames, and storms of both. Pure and seeded."""

from tautwire.local.faults.fault import Fault
from tautwire.local.faults.kinds import ENDINGS, KINDS
from tautwire.local.faults.malformed import FORMS, NUISANCES, VIOLATIONS
from tautwire.local.faults.storm import Gust, Storm
from tautwire.local.faults.table import Faults, Rule

__all__ = ["ENDINGS", "FORMS", "KINDS", "NUISANCES", "VIOLATIONS", "Fault", "Faults", "Gust", "Rule", "Storm"]
