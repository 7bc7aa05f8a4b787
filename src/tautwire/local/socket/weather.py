"""A storm under way: its timetable performed by timers, and a record of what came of it."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tautwire.local.faults import Gust, Rule, Storm
    from tautwire.local.socket.exchange import Exchange
    from tautwire.local.socket.trouble import Trouble

__all__ = ["Performed", "Weather"]


@dataclass(slots=True, eq=False)
class Performed:
    """One gust as it was: `struck` are the connections that it hit at that moment, `rule` what it put in force."""

    gust: Gust
    struck: tuple[str, ...] = ()
    rule: Rule | None = None

    @property
    def hits(self) -> int:
        """How often it has hit so far."""
        return len(self.struck) if self.rule is None else self.rule.fired

    def to_dict(self) -> dict[str, Any]:
        """What JSON can hold."""
        return {**self.gust.to_dict(), "struck": list(self.struck), "hits": self.hits}


class Weather:
    """One storm, from now on. It ends by itself and takes all its rules with it; `stop()` ends it sooner."""

    def __init__(self, storm: Storm, exchange: Exchange, trouble: Trouble) -> None:
        self.storm = storm
        self.performed: list[Performed] = []
        self.is_over = False
        self._exchange, self._trouble = exchange, trouble
        after = exchange.timers.after
        self._timers = [after(gust.at, partial(self._begin, gust)) for gust in storm.plan()]
        self._timers.append(after(storm.seconds, self.stop))

    def __repr__(self) -> str:
        state = "over" if self.is_over else f"{self.storm.seconds:g} s"
        return f"<storm of seed {self.storm.seed}, {state}, {len(self.performed)} fault(s) so far>"

    def _begin(self, gust: Gust) -> None:
        done = Performed(gust)
        self.performed.append(done)
        if gust.fault.where == "connection":
            done.struck = tuple(session.id for session in self._trouble.perform(gust.fault))
        else:
            (done.rule,) = self._exchange.faults.add(gust.fault)
            self._timers.append(self._exchange.timers.after(gust.lasts, done.rule.remove))
        self._exchange.bell.ring()

    def stop(self) -> None:
        """Calm, now; any number of times."""
        for timer in self._timers:
            timer.cancel()
        for done in self.performed:
            if done.rule is not None:
                done.rule.remove()
        self.is_over = True
        self._exchange.bell.ring()

    async def over(self) -> None:
        """Return once the storm is over."""
        await self._exchange.bell.until(lambda: self.is_over)
