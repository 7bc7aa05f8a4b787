"""Faults that strike connections of themselves: at once, by the second, or in a storm."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from tautwire.errors import ConfigurationError
from tautwire.local.faults import Fault, Faults, Rule
from tautwire.local.faults.malformed import oversized

if TYPE_CHECKING:
    from collections.abc import Callable

    from tautwire.local.socket.exchange import Exchange
    from tautwire.local.socket.line import Line
    from tautwire.local.socket.session import Session

__all__ = ["Trouble"]

#: Seconds between two occasions for a fault at `connection`.
TICK: Final = 1.0


class Trouble:
    """Asks every living connection's fate while there is a fault at `connection` that may yet strike."""

    def __init__(self, exchange: Exchange, live: Callable[[], list[Session]], line: Callable[[str], Line]) -> None:
        self._exchange, self._live, self._line = exchange, live, line
        self._is_ticking = False
        exchange.faults.told = self._noticed

    def _noticed(self, rule: Rule) -> None:
        if rule.fault.where != "connection":
            return
        for session in self._live():
            if self._exchange.faults.strikes(rule, "connection", session.id, session.app_id):
                self._strike(session, rule.fault)
        if not self._is_ticking:
            self._tick_on()

    def _tick_on(self) -> None:
        self._is_ticking = self._exchange.faults.awaits("connection")
        if self._is_ticking:
            self._exchange.timers.after(TICK, self._tick)

    def _tick(self) -> None:
        for session in self._live():
            fault = self._exchange.faults.decide("connection", session.id, session.app_id)
            if fault is not None:
                self._strike(session, fault)
        self._tick_on()

    def perform(self, fault: Fault) -> list[Session]:
        """Strike once, now, every living connection that fits; those struck. The fault is not put in force.

        Raises:
            ConfigurationError: it is not one that happens at `connection`.
        """
        if fault.where != "connection":
            raise ConfigurationError(f"{fault.where!r} waits for an occasion: only a fault at 'connection' can be now")
        once = Faults(self._exchange.random.getrandbits(32))
        once.struck = self._exchange.faults.struck
        once.add(fault)
        # In no order, so that a fault that strikes one of them may strike any.
        live = self._live()
        anybody = self._exchange.random.sample(live, len(live))
        struck = [each for each in anybody if once.decide("connection", each.id, each.app_id) is not None]
        for session in struck:
            self._strike(session, fault)
        return struck

    def _strike(self, session: Session, fault: Fault) -> None:
        match fault.kind:
            case "drop":
                session.drop(fault.how)
            case "half_open":
                session.half_open()
            case "stall":
                session.stall(fault.delay)
            case "disconnect":
                session.disconnect(fault.reason)
            case "notice":
                session.notify(fault.reason)
            case "refresh":
                session.refresh(fault.delay or None)
            case "ghost":
                session.drop(fault.how)
                self._line(session.app_id).broker.registry.haunt(session.id, fault.delay)
            case "malformed":
                session.say_form(fault.form)
            case _:
                session.raw(oversized(fault.size))
