"""What a user sends, asks Slack for, and looks at: the parts of the client beside its listeners."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from tautwire.errors import RateLimitedError
from tautwire.protocol import codec
from tautwire.protocol.backoff import Uniform, rate_limit_delay
from tautwire.socket_mode.endpoints import EndpointSource, is_dialling, open_connection
from tautwire.socket_mode.snapshot import Snapshot, take_snapshot

if TYPE_CHECKING:
    from tautwire.clock import Clock
    from tautwire.delivery.api import Delivery
    from tautwire.engine.supervisor import Supervisor
    from tautwire.observe.counters import Counters

__all__ = ["Sending"]

#: Seconds for a connection to send on.
SEND_WAIT: Final = 10.0


class Sending:
    """Sends on the connections that there are, and shows them."""

    closed: bool
    web_client: Any
    _chance: Uniform
    _clock: Clock
    _counters: Counters
    _dispatcher: Delivery
    _endpoints: EndpointSource
    _supervisor: Supervisor

    async def send_message(self, message: str) -> None:
        """Send text on the current connection; with none open, wait ten seconds for the next one.

        Raises:
            MessageTooLargeError: 20,480 bytes or more; Slack would close the connection.
            NotConnectedError: none is open, and none is under way or came in time. Also a `ConnectionError`.
            ValueError: the text has a lone surrogate in it; nothing was sent.
        """
        codec.check_size(message)
        await self._supervisor.send(message, within=SEND_WAIT)

    async def issue_new_wss_url(self) -> str:
        """`apps.connections.open`. A rate limit is waited out (`Retry-After`, else 30 s).

        Raises:
            FatalConnectionError, DialError: every other failure.
        """
        while True:
            try:
                return await open_connection(self.web_client, self._endpoints.app_token)
            except RateLimitedError as error:
                if is_dialling():  # From an override, in the middle of a dial: waiting is the plan's.
                    raise
                delay = rate_limit_delay(error.retry_after, self._chance)
            await self._clock.sleep(delay)

    def snapshot(self) -> Snapshot:
        """A frozen picture: connections, counters, the last gap."""
        return take_snapshot(self._supervisor, self._dispatcher, self._counters, self._clock, closed=self.closed)
