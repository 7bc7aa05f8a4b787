"""The faults in force. Pure and seeded.

The rooms of the local Slack ask `decide(where, …)` at the points named in `KINDS` and act on the answer; no room has a
flag of its own for trouble.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from random import Random
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from tautwire.local.faults.fault import Fault

__all__ = ["Faults", "Rule"]


@dataclass(slots=True, eq=False)
class Rule:
    """A fault in force, or once in force: `number` tells it from every other, `fired` is how often it has hit."""

    fault: Fault
    number: int
    _table: Faults = field(repr=False)
    seen: int = 0
    fired: int = 0

    @property
    def is_spent(self) -> bool:
        """Whether it has hit as often as it may."""
        return self.fault.count is not None and self.fired >= self.fault.count

    def remove(self) -> None:
        """Take it out of force, any number of times."""
        self._table.withdraw(self)

    def fits(self, where: str, subjects: tuple[str, ...]) -> bool:
        """Whether this is an occasion for it."""
        fault = self.fault
        if fault.where != where or self.is_spent:
            return False
        return fault.match == "*" or any(fnmatchcase(subject, fault.match) for subject in subjects)


def _nobody(*_: object) -> None:
    """Nobody wants to know."""


class Faults:
    """The rules in force, in the order in which they were added; the first that hits wins.

    The same seed and the same questions in the same order give the same answers. `told` is called with every rule that
    comes into force, `struck` with every fault that hits, where, and what.
    """

    def __init__(self, seed: int = 0) -> None:
        self.seed = seed
        self.told: Callable[[Rule], None] = _nobody
        self.struck: Callable[[Fault, str, tuple[str, ...]], None] = _nobody
        self._rules: list[Rule] = []
        self._count = 0
        self._random = Random(seed)  # noqa: S311 - repeatable on purpose

    @property
    def rules(self) -> tuple[Rule, ...]:
        """All of them, the spent ones included."""
        return tuple(self._rules)

    def add(self, *faults: Fault) -> tuple[Rule, ...]:
        """Put rules in force, behind those already there."""
        first = self._count + 1
        self._count += len(faults)
        rules = tuple(Rule(fault, number, self) for number, fault in enumerate(faults, first))
        self._rules.extend(rules)
        for rule in rules:
            self.told(rule)
        return rules

    def remove(self, fault: Fault) -> None:
        """Take out every rule made of this very fault; one that is not there is no error."""
        self._rules = [rule for rule in self._rules if rule.fault is not fault]

    def withdraw(self, rule: Rule) -> None:
        """Take one rule out; one that is not there is no error."""
        self._rules = [each for each in self._rules if each is not rule]

    def clear(self) -> None:
        """Peace."""
        self._rules.clear()

    def fired(self, fault: Fault) -> int:
        """How often this very fault has hit, over the rules in force."""
        return sum(rule.fired for rule in self._rules if rule.fault is fault)

    def awaits(self, where: str) -> bool:
        """Whether anything can still happen at `where`."""
        return any(rule.fault.where == where and not rule.is_spent for rule in self._rules)

    def decide(self, where: str, *subjects: str) -> Fault | None:
        """The fault that happens now at `where` to `subjects`, or `None`; an answer counts as a hit."""
        for rule in self._rules:
            if self.strikes(rule, where, *subjects):
                return rule.fault
        return None

    def strikes(self, rule: Rule, where: str, *subjects: str) -> bool:
        """Whether this one rule hits now; if so, it counts as a hit."""
        if not rule.fits(where, subjects):
            return False
        rule.seen += 1
        if rule.seen <= rule.fault.after:
            return False
        is_hit = rule.fault.probability >= 1.0 or self._random.random() < rule.fault.probability
        rule.fired += is_hit
        if is_hit:
            self.struck(rule.fault, where, subjects)
        return is_hit
