"""`client.snapshot()`: a frozen picture, for health pages and tests."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from tautwire.protocol.link import AwaitingHello, Closing, Draining, Ended, Leaving, Lingering, Ready

if TYPE_CHECKING:
    from tautwire.clock import Clock
    from tautwire.delivery.api import Delivery
    from tautwire.engine.supervisor import Supervisor
    from tautwire.facts import Gap
    from tautwire.observe.counters import Counters, Counts

__all__ = ["ConnectionSnapshot", "Snapshot", "take_snapshot"]

_STATES = {
    AwaitingHello: "awaiting_hello",
    Ready: "ready",
    Leaving: "leaving",
    Draining: "draining",
    Closing: "closing",
    Lingering: "closing",
    Ended: "ended",
}


@dataclass(frozen=True, slots=True)
class ConnectionSnapshot:
    """One open connection."""

    link: int
    #: `awaiting_hello`, `ready`, `leaving`, `draining` or `closing`.
    state: str
    #: Seconds since it was opened, and since the last frame came in.
    age: float
    silent_for: float


@dataclass(frozen=True, slots=True)
class Snapshot:
    """The client at one moment."""

    #: Whether at least one connection is ready and not suspect; what `is_connected()` says.
    is_connected: bool
    is_recovering: bool
    closed: bool
    connections: tuple[ConnectionSnapshot, ...]
    #: Dials begun, envelopes received, listeners running now, envelopes that wait for listeners or ack now.
    dials: int
    received: int
    running: int
    unsettled: int
    counts: Counts
    last_gap: Gap | None
    #: With an inbox: seconds from the arrival of an envelope to its commit, the slowest of the last 1,000.
    slowest_put: float = 0.0


def take_snapshot(
    supervisor: Supervisor, dispatcher: Delivery, counters: Counters, clock: Clock, *, closed: bool
) -> Snapshot:
    """The picture now."""
    now = clock.monotonic()
    return Snapshot(
        is_connected=supervisor.is_connected,
        is_recovering=supervisor.is_recovering,
        closed=closed,
        connections=tuple(
            ConnectionSnapshot(
                runner.number, _STATES[type(runner.state)], now - runner.opened_at, now - runner.last_heard
            )
            for runner in supervisor.runners
        ),
        dials=supervisor.dials,
        received=dispatcher.received,
        running=dispatcher.running,
        unsettled=dispatcher.unsettled,
        counts=counters.counts(),
        last_gap=counters.last_gap,
        slowest_put=counters.slowest_put,
    )
