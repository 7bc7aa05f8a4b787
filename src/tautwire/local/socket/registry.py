"""The registrations of one app: its connections as Slack counts them, and the ghosts among them."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from tautwire.local.socket.exchange import Exchange

__all__ = ["Endpoint", "Registry"]


class Endpoint(Protocol):
    """What has to be known of a connection to deliver to it. Nothing here ever waits."""

    @property
    def id(self) -> str:
        """Its name in the ledger."""

    @property
    def app_id(self) -> str:
        """Whose it is."""

    @property
    def takes_envelopes(self) -> bool:
        """Whether Slack believes that it can deliver here; a half-open connection still takes them."""

    def post(self, text: bytes) -> bool:
        """Queue one text frame; `False` when the queue is full or the connection gone."""

    def raw(self, data: bytes) -> None:
        """Queue raw bytes."""

    def drop(self, how: str) -> None:
        """Lose the connection."""

    def half_open(self) -> None:
        """Fall silent for ever."""

    def stall(self, seconds: float) -> None:
        """Stand still for so long; 0: for ever."""


@dataclass(frozen=True, slots=True)
class _Ghost:
    """A registration that has outlived its socket. What is sent to it is gone."""

    id: str
    app_id: str
    takes_envelopes: bool

    def post(self, text: bytes) -> bool:
        """Into the void."""
        return bool(text)

    def raw(self, data: bytes) -> None:
        """Into the void."""

    def drop(self, how: str) -> None:
        """There is nothing left to lose."""

    def half_open(self) -> None:
        """It is silent already."""

    def stall(self, seconds: float) -> None:
        """It has never moved."""


class Registry:
    """Who is registered, in the order of coming. `len()` is Slack's `num_connections`."""

    def __init__(self, app_id: str, exchange: Exchange) -> None:
        self.app_id = app_id
        self._exchange = exchange
        self._endpoints: dict[str, Endpoint] = {}

    def __len__(self) -> int:
        return len(self._endpoints)

    def register(self, endpoint: Endpoint) -> None:
        """A connection has come."""
        self._endpoints[endpoint.id] = endpoint
        self._exchange.bell.ring()

    def unregister(self, endpoint: Endpoint) -> None:
        """A connection has gone; its registration may outlive it, by the exchange's `ghost_seconds` or by a fault."""
        if self._endpoints.get(endpoint.id) is not endpoint:
            return
        del self._endpoints[endpoint.id]
        fault = self._exchange.faults.decide("end", endpoint.id, self.app_id)
        if fault is not None:
            self.haunt(endpoint.id, fault.delay)
        elif self._exchange.ghost_seconds > 0:
            self.haunt(endpoint.id, self._exchange.ghost_seconds)
        self._exchange.bell.ring()

    def haunt(self, name: str, seconds: float) -> None:
        """Keep the registration `name` for so long without anybody behind it; 0: for ever."""
        ghost = _Ghost(name, self.app_id, self._exchange.switches.route_to_ghosts)
        self._endpoints[name] = ghost
        if seconds > 0:
            self._exchange.timers.after(seconds, partial(self._forget, ghost))
        self._exchange.bell.ring()

    def choose(self, *, besides: str = "") -> Endpoint | None:
        """One of those that take envelopes, `besides` aside, at random: no pattern, as Slack promises none."""
        candidates = [each for each in self._endpoints.values() if each.takes_envelopes and each.id != besides]
        if len(candidates) < 2:
            return candidates[0] if candidates else None
        return self._exchange.random.choice(candidates)

    def _forget(self, ghost: _Ghost) -> None:
        if self._endpoints.get(ghost.id) is ghost:
            del self._endpoints[ghost.id]
            self._exchange.bell.ring()
