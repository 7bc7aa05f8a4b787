"""What can be made to go wrong in the local Slack while it runs: single faults, and storms of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tautwire.local.faults import Storm
from tautwire.local.socket.weather import Weather

if TYPE_CHECKING:
    from collections.abc import Iterable

    from tautwire.local.bell import Bell
    from tautwire.local.faults import Fault, Faults, Rule
    from tautwire.local.journal import Journal
    from tautwire.local.socket.exchange import Exchange
    from tautwire.local.socket.session import Session
    from tautwire.local.socket.trouble import Trouble

__all__ = ["Mischief"]


class Mischief:
    """Faults at run time. `faults` holds the rules in force."""

    faults: Faults
    journal: Journal
    _bell: Bell
    _exchange: Exchange
    _trouble: Trouble

    def inject(self, fault: Fault) -> Rule:
        """Put a fault in force, until it is spent or the rule that this returns is told to `remove()` itself.

        One at `connection` is tried on every living connection at once, and then every second; with `count=1` it
        happens once, now, or when somebody is there for it to happen to.
        """
        (rule,) = self.faults.add(fault)
        return rule

    def perform(self, fault: Fault) -> list[Session]:
        """Have a fault at `connection` happen once, now, to whoever it fits; those struck, maybe nobody.

        Raises:
            ConfigurationError: it is a fault of another place.
        """
        return self._trouble.perform(fault)

    def storm(
        self, *, seed: int = 0, seconds: float = 60.0, intensity: float = 1.0, without: Iterable[str] = ()
    ) -> Weather:
        """Let a storm break loose; see `Storm`. It ends by itself, and what it did can be read from what this returns.

        `seconds` are the local Slack's own. Whom a fault strikes depends on who is there; what comes when does not.
        """
        plan = Storm(seed=seed, seconds=seconds, intensity=intensity, without=tuple(without))
        return Weather(plan, self._exchange, self._trouble)

    def _struck(self, fault: Fault, where: str, subjects: tuple[str, ...]) -> None:
        """A fault has hit."""
        self.journal.fault(fault.to_dict(), where=where, subject=subjects[0] if subjects else "")
        self._bell.ring()
