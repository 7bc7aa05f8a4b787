"""What can be asked of a crowd of connections, and done to it: one app's, or everybody's."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tautwire.errors import ConfigurationError
from tautwire.local.socket.phases import Phase

if TYPE_CHECKING:
    from tautwire.local.socket.session import Session

__all__ = ["Connections"]


class Connections:
    """Questions and deeds over `sessions`, all of which return at once."""

    @property
    def sessions(self) -> list[Session]:
        """Everybody whose TCP connection still stands, in the order of coming."""
        raise NotImplementedError

    @property
    def connections(self) -> list[Session]:
        """Live connections, oldest first: open or half-open, not those on their way to the end."""
        return [each for each in self.sessions if each.phase not in (Phase.CLOSING, Phase.ENDED)]

    @property
    def ready(self) -> list[Session]:
        """Those that have said hello and live."""
        return [each for each in self.sessions if each.is_ready]

    @property
    def newest(self) -> Session:
        """The youngest live connection. `ConfigurationError` when there is none."""
        live = self.connections
        if not live:
            raise ConfigurationError("nobody is connected")
        return live[-1]

    def refresh(self, grace: float | None = None, *, warning: bool = True, linger: float | None = None) -> None:
        """Begin Slack's planned replacement of every ready connection; see `Session.refresh`."""
        for session in self.ready:
            session.refresh(grace, warning=warning, linger=linger)

    def drop(self, how: str = "rst") -> None:
        """Lose every live connection: `close`, `fin` or `rst`; see `Session.drop`."""
        for session in self.connections:
            session.drop(how)

    def half_open(self) -> None:
        """Let every live connection go dead without a sign."""
        for session in self.connections:
            session.half_open()
