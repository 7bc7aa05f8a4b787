"""One app's Socket Mode: its connections, its envelopes, its cap of ten, and whether it is switched on at all."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tautwire.local.socket.broker import Broker
from tautwire.local.socket.connections import Connections
from tautwire.local.socket.phases import Admission, Phase
from tautwire.local.socket.standing import Standing

if TYPE_CHECKING:
    from collections.abc import Callable

    from tautwire.local.socket.exchange import Exchange
    from tautwire.local.socket.ledger import Delivery
    from tautwire.local.socket.registry import Endpoint
    from tautwire.local.socket.session import Session

__all__ = ["Line"]

Json = dict[str, Any]


class Line(Connections):
    """The line of the app `app_id`. Apps have one each and share nothing but the ledger and the rules.

    `rate_limited` words the payload of this app's `app_rate_limited` for a minute, in Unix seconds.
    """

    def __init__(self, app_id: str, exchange: Exchange, rate_limited: Callable[[int], Json]) -> None:
        self.app_id = app_id
        self.exchange = exchange
        self.broker = Broker(app_id, exchange, rate_limited)
        self.max_connections = exchange.max_connections
        self.is_socket_mode_on = True
        self._sessions: list[Session] = []

    def __repr__(self) -> str:
        return f"<line of {self.app_id}, {len(self.connections)} connection(s)>"

    @property
    def sessions(self) -> list[Session]:
        """See `Connections.sessions`; the list itself."""
        return self._sessions

    @property
    def registered(self) -> int:
        """Registrations as `num_connections` counts them: with ghosts."""
        return len(self.broker.registry)

    @property
    def open_error(self) -> str:
        """What `apps.connections.open` has to refuse this app with, or `""`."""
        is_refused = not self.is_socket_mode_on and self.exchange.switches.socket_mode_off == "open_fails"
        return "access_denied" if is_refused else ""

    def dispatch(
        self,
        delivery: Delivery,
        *,
        to: Endpoint | None = None,
        envelope_id: str | None = None,
        retry_attempt: int = 0,
        retry_reason: str | None = None,
    ) -> Delivery:
        """Send an envelope to one of the app's connections: to `to`, else at random. See `Broker.dispatch`."""
        return self.broker.dispatch(
            delivery, to=to, envelope_id=envelope_id, retry_attempt=retry_attempt, retry_reason=retry_reason
        )

    def disable_socket_mode(self) -> None:
        """Switch Socket Mode off: open connections hear `link_disabled`, later ones as the switch says."""
        self.is_socket_mode_on = False
        for session in self.connections:
            session.disconnect("link_disabled")

    def enable_socket_mode(self) -> None:
        """And on again."""
        self.is_socket_mode_on = True

    def enable_events(self) -> None:
        """Forgive the app all that it has let fail; see `Switches.failing_apps_lose_events`."""
        self.broker.standing = Standing()

    def admit(self) -> Admission:
        """How somebody who has just got through the handshake is received."""
        if not self.is_socket_mode_on:
            return Admission.LINK_DISABLED
        if self.registered < self.max_connections:
            return Admission.WELCOME
        match self.exchange.switches.over_limit:
            case "newcomer":
                return Admission.TURNED_AWAY
            case "newcomer_after_hello":
                return Admission.GREETED_AND_TURNED_AWAY
            case "oldest":
                self._retire_oldest()
        return Admission.WELCOME

    def _retire_oldest(self) -> None:
        registered = [each for each in self._sessions if each.phase not in (Phase.OPENING, Phase.CLOSING)]
        if registered:
            registered[0].disconnect("too_many_websockets")
