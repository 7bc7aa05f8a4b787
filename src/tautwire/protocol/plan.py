"""ALL connections of one client: how many, replace before retire, never a storm.

The plan is told what happened (`ready`, `leaving`, `ended`, `failed`, …) and asked what to do (`decide`). It answers
with `Dial | Retire | Close | Wait | Stop` and notes that as done; it never awaits, sleeps or reads a clock.

The rules, in order of rank:

1. After a fatal answer, or `stop()`, nothing is dialled.
2. One dial at a time, from the decision until its `hello` or its failure.
3. Nothing before a rate limit, or a back-off delay, is over; at most ten opens at once, then ten a minute.
4. Never more open connections than the target and one, never more than ten.
5. A link that leaves is retired only when its successor has said hello. Only where Slack's own count is at its limit
   is the old link closed first, because there a successor would be refused.
"""

from __future__ import annotations

import enum
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, TypeAlias

from tautwire.protocol.effects import Cause, Departure
from tautwire.protocol.link import ACK_WAIT, DRAIN_WAIT
from tautwire.protocol.pace import Pace

if TYPE_CHECKING:
    from tautwire.errors import FatalConnectionError
    from tautwire.protocol.backoff import Uniform
    from tautwire.protocol.messages import Hello

__all__ = ["MAX_CONNECTIONS", "STABLE_AFTER", "Close", "Decision", "Dial", "Plan", "Retire", "Stop", "Wait"]

#: Slack's limit of open connections for one app.
MAX_CONNECTIONS: Final = 10

#: Seconds alive after which a connection clears the back-off.
STABLE_AFTER: Final = 60.0

#: Seconds after `too_many_websockets` until the lowered target is raised by one again.
CROWDED_RELIEF: Final = 600.0

#: A link is renewed at this share of the lifetime that Slack announced, but never younger than ten seconds.
RENEWAL_SHARE: Final = (0.80, 0.95)
RENEWAL_FLOOR: Final = 10.0


@dataclass(frozen=True, slots=True)
class Dial:
    """Open a connection with a fresh URL; it goes by this number."""

    link: int


@dataclass(frozen=True, slots=True)
class Retire:
    """Its successor is ready: let it drain for at most `within` seconds."""

    link: int
    within: float = DRAIN_WAIT
    departure: Departure = Departure.OTHER


@dataclass(frozen=True, slots=True)
class Close:
    """Close it now."""

    link: int


@dataclass(frozen=True, slots=True)
class Wait:
    """Nothing to do before `until`, unless something happens."""

    until: float


@dataclass(frozen=True, slots=True)
class Stop:
    """It is over: `error` is why, `None` after `stop()`."""

    error: FatalConnectionError | None


Decision: TypeAlias = Dial | Retire | Close | Wait | Stop


class _Phase(enum.Enum):
    DIALING = enum.auto()
    READY = enum.auto()
    LEAVING = enum.auto()
    DRAINING = enum.auto()
    CLOSING = enum.auto()


@dataclass(slots=True)
class _View:
    """What the plan knows of one link."""

    phase: _Phase = _Phase.DIALING
    ready_at: float = 0.0
    renew_at: float | None = None
    drains_since: float = 0.0
    departure: Departure = Departure.OTHER
    is_credited: bool = False


@dataclass(slots=True)
class Plan:
    """The plan for `connections` connections. `now` is always monotonic seconds, given by the caller."""

    connections: int
    chance: Uniform
    #: Whether a lost or leaving connection is replaced without anybody asking.
    auto_reconnect: bool = True
    #: What to aim at: `connections`, less what Slack has refused as too many.
    target: int = field(init=False)
    fatal: FatalConnectionError | None = field(init=False, default=None)
    _views: dict[int, _View] = field(init=False, default_factory=dict)
    _last_link: int = field(init=False, default=0)
    _is_wanted: bool = field(init=False, default=False)
    _is_stopped: bool = field(init=False, default=False)
    _is_disabled: bool = field(init=False, default=False)
    _pace: Pace = field(init=False)
    _relief_at: float | None = field(init=False, default=None)
    #: How many connections Slack counts, by its last `hello` and our own ends since.
    _counted_by_slack: int = field(init=False, default=0)

    def __post_init__(self) -> None:
        if not 1 <= self.connections <= MAX_CONNECTIONS:
            raise ValueError(f"connections must be between 1 and {MAX_CONNECTIONS}, not {self.connections}")
        self.target = self.connections
        self._pace = Pace(self.chance, self.connections)

    # What happened.

    def start(self) -> None:
        """Connections are wanted, until `stop()`; without `auto_reconnect`, until the target is reached once."""
        self._is_wanted = self._count(_Phase.READY) < self.target
        self._is_stopped = False
        self._is_disabled = False
        self.fatal = None

    def stop(self) -> None:
        """No more dials, whatever comes."""
        self._is_wanted = False
        self._is_stopped = True

    def ready(self, link: int, hello: Hello, now: float) -> None:
        """`link` has had its hello."""
        view = self._views.get(link)
        if view is None:
            return
        view.phase, view.ready_at = _Phase.READY, now
        if hello.approximate_connection_time is not None:
            view.renew_at = now + self._renewal_age(hello.approximate_connection_time)
        self._counted_by_slack = hello.num_connections or self._count(_Phase.READY, _Phase.LEAVING)
        if self._count(_Phase.READY) >= self.target:
            self._is_wanted = False

    def leaving(self, link: int, departure: Departure) -> None:
        """`link` works and wants a successor."""
        view = self._views.get(link)
        if view is not None and view.phase is _Phase.READY:
            view.phase, view.departure = _Phase.LEAVING, departure

    def ended(self, link: int, cause: Cause, now: float) -> None:
        """`link`, once open, is gone."""
        view = self._views.pop(link, None)
        if view is None:
            return
        self._credit_stability(view, now)
        if cause is Cause.TOO_MANY_WEBSOCKETS:
            self._on_crowded(view, now)
        elif view.phase is _Phase.DIALING:
            self._pace.failed(now)
        else:
            self._counted_by_slack = max(0, self._counted_by_slack - 1)
            self._pace.made_room()
            if view.phase is _Phase.READY and cause is not Cause.RETIRED:
                self._pace.lost(now, view.ready_at)

    def failed(self, link: int, now: float, *, retry_after: float | None = None, is_rate_limit: bool = False) -> None:
        """The dial of `link` came to nothing, and may be tried again."""
        if self._views.pop(link, None) is None:
            return
        if is_rate_limit:
            self._pace.rate_limited(now, retry_after)
        if not self._is_stopped:
            self._pace.failed(now)

    def refused(self, error: FatalConnectionError, link: int | None = None) -> None:
        """Slack's answer makes every further dial pointless. What is still open serves on until it ends."""
        self.fatal = self.fatal or error
        if link is not None:
            self._views.pop(link, None)

    def disabled(self, error: FatalConnectionError) -> None:
        """Socket Mode is off: pointless as well, and what is open has only its last acks to send."""
        self.refused(error)
        self._is_disabled = True

    # What to do.

    def decide(self, now: float) -> list[Decision]:
        """What to do now; everything but `Wait` counts as done."""
        if self._is_stopped or self.fatal is not None:
            return self._wind_down(now)
        self._credit_all(now)
        self._renew(now)
        decisions = self._retire_surplus(now)
        if self._misses_a_link():
            decisions += self._dial(now)
        if not any(isinstance(decision, Dial) for decision in decisions):
            decisions += self._next_wait(now)
        return decisions

    @property
    def is_recovering(self) -> bool:
        """Whether a connection is on its way, or will be tried without anybody asking."""
        return self._misses_a_link() or self._count(_Phase.DIALING) > 0

    def _wind_down(self, now: float) -> list[Decision]:
        """What is open serves on until somebody closes it; only after `disabled` it is shown the door."""
        if not self._views:
            return [Stop(self.fatal)]
        links = self._in(_Phase.READY, _Phase.LEAVING) if self._is_disabled else []
        return [self._retire(link, ACK_WAIT, now) for link in links]

    def _misses_a_link(self) -> bool:
        if self._is_stopped or self.fatal is not None or not (self.auto_reconnect or self._is_wanted):
            return False
        return self._count(_Phase.READY, _Phase.DIALING) < self.target

    def _dial(self, now: float) -> list[Decision]:
        if self._count(_Phase.DIALING) or self._pace.earliest(now) > now:
            return []
        if self._is_full():
            return self._make_room(now)
        self._pace.dialled(now)
        self._last_link += 1
        self._views[self._last_link] = _View()
        return [Dial(self._last_link)]

    def _is_full(self) -> bool:
        is_crowded = self._counted_by_slack >= MAX_CONNECTIONS and self._count(_Phase.LEAVING, _Phase.CLOSING) > 0
        return is_crowded or len(self._views) >= min(self.target + 1, MAX_CONNECTIONS)

    def _make_room(self, now: float) -> list[Decision]:
        """One link less: one that is replaced already, else one that leaves; nothing while one is closing.

        Asked only when the dial could follow at once: a link is not given up for a successor that has to wait.
        """
        candidates = [*self._in(_Phase.DRAINING), *self._in(_Phase.LEAVING)]
        if self._in(_Phase.CLOSING) or not candidates or self._room_at() > now:
            return []
        self._views[candidates[0]].phase = _Phase.CLOSING
        return [Close(candidates[0])]

    def _room_at(self) -> float:
        """Links that leave together are not each closed in the breath that retired them, with their acks under way:
        while a ready one serves, what drains has at least the time of an ack.
        """
        draining = self._in(_Phase.DRAINING) if self._is_full() and self._count(_Phase.READY) else []
        return self._views[draining[0]].drains_since + ACK_WAIT if draining else float("-inf")

    def _retire_surplus(self, now: float) -> list[Decision]:
        ready, leaving = self._count(_Phase.READY), self._in(_Phase.LEAVING)
        # A target that was lowered makes a surplus too, and no link that leaves is the successor of another.
        surplus = ready + len(leaving) - self.target if ready else 0
        leaving.sort(key=self._is_suspect, reverse=True)
        # Slack goes on routing to a connection that is dead and does not know it: that one gets no time to drain.
        return [
            self._retire(link, 0.0 if self._is_suspect(link) else DRAIN_WAIT, now)
            for link in leaving[: max(0, surplus)]
        ]

    def _retire(self, link: int, within: float, now: float) -> Retire:
        view = self._views[link]
        view.phase, view.drains_since = _Phase.DRAINING, now
        return Retire(link, within, view.departure)

    def _is_suspect(self, link: int) -> bool:
        return self._views[link].departure is Departure.SUSPECT

    def _renew(self, now: float) -> None:
        for view in self._views.values():
            if view.phase is _Phase.READY and view.renew_at is not None and now >= view.renew_at:
                view.phase, view.departure = _Phase.LEAVING, Departure.RENEWAL

    def _next_wait(self, now: float) -> list[Decision]:
        moments = [view.renew_at for view in self._views.values() if view.phase is _Phase.READY and view.renew_at]
        if self._misses_a_link() and not self._count(_Phase.DIALING, _Phase.CLOSING):
            moments.append(max(self._pace.earliest(now), self._room_at()))
        if self._relief_at is not None:
            moments.append(self._relief_at)
        return [Wait(min(moments))] if moments else []

    def _on_crowded(self, view: _View, now: float) -> None:
        self._counted_by_slack = MAX_CONNECTIONS
        if view.phase in (_Phase.DRAINING, _Phase.CLOSING):
            return  # Slack threw out the very link that was to go: nobody misses it.
        self.target = max(1, self.target - 1)
        self._relief_at = now + CROWDED_RELIEF
        self._pace.failed(now)
        self._pace.crowded(now)

    def _credit_stability(self, view: _View, now: float) -> None:
        is_old = view.phase is not _Phase.DIALING and now - view.ready_at >= STABLE_AFTER
        if is_old and not view.is_credited:
            view.is_credited = True
            self._pace.stable()

    def _credit_all(self, now: float) -> None:
        for view in self._views.values():
            self._credit_stability(view, now)
        if self._relief_at is not None and now >= self._relief_at:
            self.target = min(self.connections, self.target + 1)
            self._counted_by_slack = self._count(_Phase.READY, _Phase.LEAVING)
            self._relief_at = now + CROWDED_RELIEF if self.target < self.connections else None

    def _renewal_age(self, lifetime: float) -> float:
        """Spread over the span by the link's place among the others, so that several never expire together."""
        least, most = RENEWAL_SHARE
        place = (self._last_link % self.target + self.chance.uniform(0.0, 1.0)) / self.target
        return max(RENEWAL_FLOOR, lifetime * (least + (most - least) * place))

    def _in(self, *phases: _Phase) -> list[int]:
        return [link for link, view in self._views.items() if view.phase in phases]

    def _count(self, *phases: _Phase) -> int:
        return len(self._in(*phases))
