"""What has happened in a local Slack so far, over all apps, and waiting for what comes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, Self

from tautwire.local.socket.connections import Connections
from tautwire.local.workspace import shapes

if TYPE_CHECKING:
    from collections.abc import Callable

    from tautwire.local.api.http import ApiCall, WebApi
    from tautwire.local.bell import Bell
    from tautwire.local.socket.gate import Dial, Gate
    from tautwire.local.socket.ledger import Ledger
    from tautwire.local.socket.line import Line
    from tautwire.local.socket.session import Session
    from tautwire.local.workspace import Workspace

__all__ = ["Overview"]

#: Seconds a waiting test is given before it is told that nothing will come.
PATIENCE: Final = 30.0


class Overview(Connections):
    """What can be asked of a local Slack as a whole."""

    workspace: Workspace
    ledger: Ledger
    _bell: Bell
    _gate: Gate
    _api: WebApi
    _lines: dict[str, Line]

    @property
    def sessions(self) -> list[Session]:
        """See `Connections.sessions`; over all apps."""
        return self._gate.sessions

    @property
    def registered(self) -> int:
        """Registrations as `num_connections` counts them: with ghosts."""
        return sum(line.registered for line in self._lines.values())

    @property
    def accepted(self) -> int:
        """How many handshakes have been answered with 101."""
        return self._gate.accepted

    @property
    def dials(self) -> list[Dial]:
        """The WebSocket handshakes so far, refused ones included; of many the latest ten thousand."""
        return self._gate.dials

    @property
    def api_calls(self) -> list[ApiCall]:
        """The Web API calls so far; of many the latest ten thousand."""
        return self._api.calls

    @property
    def opens(self) -> int:
        """How many times `apps.connections.open` was called, whatever came of it."""
        return self._api.opens

    @property
    def messages(self) -> list[dict[str, Any]]:
        """What the bots have posted, over all channels, in order of `ts`."""
        core = self.workspace.core
        said = [each for channel in core.channels.values() for each in channel.messages.values() if each.bot_id]
        return [shapes.message(core, each) for each in sorted(said, key=lambda each: each.ts)]

    async def wait_for(self, holds: Callable[[Self], object], *, timeout: float = PATIENCE) -> None:
        """Return once `holds(self)`, which is asked after every change here.

        `TimeoutError`, with the state of things, after `timeout` real seconds.
        """
        await self._bell.within(
            timeout,
            lambda: bool(holds(self)),
            lambda: f"still waiting after {timeout:g} s: {self!r}, {self.ledger.summary()}",
        )

    async def wait_connections(self, count: int = 1, *, timeout: float = PATIENCE) -> list[Session]:
        """Return the ready connections once there are exactly `count`."""
        await self._bell.within(
            timeout,
            lambda: len(self.ready) == count,
            lambda: (
                f"{len(self.ready)} connection(s) instead of {count} are ready after {timeout:g} s; "
                f"apps have called {len(self.api_calls)} method(s), apps.connections.open {self.opens} time(s), "
                f"and dialled {len(self.dials)} time(s)"
            ),
        )
        return self.ready

    async def settled(self, *, timeout: float = PATIENCE) -> None:
        """Return once every envelope is acked, late or lost."""
        await self.wait_for(lambda slack: slack.ledger.is_settled, timeout=timeout)
