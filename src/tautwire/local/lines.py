"""The Socket Mode lines of all apps: which there are, and what can be done to all of them together."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any

from tautwire.errors import ConfigurationError
from tautwire.local.socket import payloads
from tautwire.local.socket.line import Line
from tautwire.local.workspace.refusal import Refusal

if TYPE_CHECKING:
    from collections.abc import Callable

    from tautwire.local.socket.exchange import Exchange
    from tautwire.local.workspace import Workspace
    from tautwire.local.workspace.model import App

__all__ = ["Lines"]


class Lines:
    """Every app has a line of its own; the first app's is meant where no app is named."""

    workspace: Workspace
    _exchange: Exchange
    _lines: dict[str, Line]

    def add_line(self, app_id: str, rate_limited: Callable[[int], dict[str, Any]] | None = None) -> Line:
        """Give the app `app_id` a line; one that has one keeps it. `rate_limited`: see `Line`."""
        if app_id not in self._lines:
            app = self.workspace.apps.get(app_id)
            me = app.identity if app else replace(self.workspace.me, app_id=app_id)
            self._lines[app_id] = Line(app_id, self._exchange, rate_limited or partial(payloads.app_rate_limited, me))
        return self._lines[app_id]

    def line(self, app_id: str | None = None) -> Line:
        """The line of the app `app_id`, the first app's without an id. `ConfigurationError` for an unknown app."""
        known = next(iter(self._lines.values())) if app_id is None else self._lines.get(app_id)
        if known is None:
            raise ConfigurationError(f"no app {app_id!r} here; there are {', '.join(self._lines)}")
        return known

    def websocket_url(self, host: str | None = None, app_id: str | None = None) -> str:
        """A WebSocket URL with a fresh ticket, as `apps.connections.open` gives it."""
        raise NotImplementedError

    def _open_url(self, app: App, host: str | None) -> str:
        """What `apps.connections.open` answers; `Refusal` when Socket Mode is off and that is where it shows."""
        line = self.add_line(app.id)
        if line.open_error:
            raise Refusal(line.open_error)
        return self.websocket_url(host, line.app_id)

    def disable_socket_mode(self) -> None:
        """Switch Socket Mode off: open connections hear `link_disabled`, later ones as the switch says."""
        for line in self._lines.values():
            line.disable_socket_mode()

    def enable_socket_mode(self) -> None:
        """And on again."""
        for line in self._lines.values():
            line.enable_socket_mode()
