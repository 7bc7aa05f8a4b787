"""Saying it again: the deliveries of a recorded journal, with their ids or with new ones, at their pace or another."""

from tautwire.local.journal.replay.ids import Fresh
from tautwire.local.journal.replay.perform import Stage, perform
from tautwire.local.journal.replay.plan import Plan, Repeat, Skipped, plan

__all__ = ["Fresh", "Plan", "Repeat", "Skipped", "Stage", "perform", "plan"]
