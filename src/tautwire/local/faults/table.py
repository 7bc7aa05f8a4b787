"""Faults on demand: what goes wrong, where, how often. Pure and seeded.

The rooms of the local Slack ask `decide(where, …)` at the points named in `KINDS` and act on the answer; no room has a
flag of its own for trouble.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from random import Random
from typing import Final

from tautwire.errors import ConfigurationError
from tautwire.local.faults.malformed import FORMS

__all__ = ["KINDS", "Fault", "Faults"]

#: The points, and what can happen at each. Subjects, which `match` is tried against, are in brackets.
KINDS: Final[dict[str, frozenset[str]]] = {
    # A Web API call [the method's name].
    "api": frozenset({"ratelimited", "error", "status", "html", "not_json", "hang", "reset", "slow"}),
    # A WebSocket upgrade, ahead of any look at its ticket [].
    "handshake": frozenset({"status", "hang", "reset", "slow"}),
    # The first message of a connection [its id].
    "hello": frozenset({"missing", "late", "not_json"}),
    # An envelope on its way out [its type; its event, command or interaction type; its envelope_id].
    "envelope": frozenset({"lost", "duplicate", "late", "drop", "half_open"}),
    # A frame from the malformed catalogue, sent just ahead of an envelope [as above]; `form` names it.
    "frame": frozenset({"malformed"}),
    # An ack on its way in [the envelope's type].
    "ack": frozenset({"ignored"}),
    # The server's own ping; its pong to a client's ping; a disconnect message [its reason].
    "ping": frozenset({"missing"}),
    "pong": frozenset({"missing"}),
    "disconnect": frozenset({"missing"}),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """One rule.

    `where` and `kind` are names from `KINDS`; `match` is a shell pattern for the subject. Of the occasions that fit,
    the first `after` pass unharmed, then each is hit with `probability`, `count` times in all (`None`: for ever).
    `delay` is in seconds: how late a late thing is, how long a hang lasts (0: until the other side gives up).

    The rest are particulars: `status` of kind `status`, `error` of kind `error`, `retry_after` seconds of kind
    `ratelimited` (`None`: no such header), `how` of kind `drop`, `form` of kind `malformed`.
    """

    where: str
    kind: str
    match: str = "*"
    probability: float = 1.0
    count: int | None = None
    after: int = 0
    delay: float = 0.0
    status: int = 500
    error: str = "internal_error"
    retry_after: float | None = None
    how: str = "rst"
    form: str = "not_json"

    def __post_init__(self) -> None:
        kinds = KINDS.get(self.where)
        if kinds is None:
            raise ConfigurationError(f"no fault happens at {self.where!r}; choose from {', '.join(KINDS)}")
        if self.kind not in kinds:
            raise ConfigurationError(f"{self.where!r} knows no {self.kind!r}; choose from {', '.join(sorted(kinds))}")
        if not 0.0 <= self.probability <= 1.0:
            raise ConfigurationError("a probability is a number from 0 to 1")
        if self.form not in FORMS:
            raise ConfigurationError(f"no malformed frame is called {self.form!r}; choose from {', '.join(FORMS)}")


@dataclass(slots=True)
class _Rule:
    fault: Fault
    seen: int = 0
    fired: int = 0

    def fits(self, where: str, subjects: tuple[str, ...]) -> bool:
        fault = self.fault
        if fault.where != where or self.is_spent:
            return False
        return fault.match == "*" or any(fnmatchcase(subject, fault.match) for subject in subjects)

    @property
    def is_spent(self) -> bool:
        return self.fault.count is not None and self.fired >= self.fault.count


@dataclass(slots=True)
class Faults:
    """The rules in force, in the order in which they were added; the first that hits wins.

    The same seed and the same questions in the same order give the same answers.
    """

    seed: int = 0
    _rules: list[_Rule] = field(default_factory=list, init=False)
    _random: Random = field(init=False)

    def __post_init__(self) -> None:
        self._random = Random(self.seed)  # noqa: S311 - repeatable on purpose

    def add(self, *faults: Fault) -> None:
        """Put rules in force, behind those already there."""
        self._rules.extend(_Rule(fault) for fault in faults)

    def remove(self, fault: Fault) -> None:
        """Take one rule out; one that is not there is no error."""
        self._rules = [rule for rule in self._rules if rule.fault is not fault]

    def clear(self) -> None:
        """Peace."""
        self._rules.clear()

    def fired(self, fault: Fault) -> int:
        """How often this rule has hit."""
        return sum(rule.fired for rule in self._rules if rule.fault is fault)

    def decide(self, where: str, *subjects: str) -> Fault | None:
        """The fault that happens now at `where` to `subjects`, or `None`; an answer counts as a hit."""
        for rule in self._rules:
            if rule.fits(where, subjects) and self._hits(rule):
                rule.fired += 1
                return rule.fault
        return None

    def _hits(self, rule: _Rule) -> bool:
        rule.seen += 1
        if rule.seen <= rule.fault.after:
            return False
        return rule.fault.probability >= 1.0 or self._random.random() < rule.fault.probability
