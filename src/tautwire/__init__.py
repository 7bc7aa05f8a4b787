"""Slack Socket Mode for Python that drops nothing.

`SocketModeClient` receives what Slack sends and acks it; it has the names of `slack_sdk.socket_mode.aiohttp`, so moving
to it is a change of imports. `AsyncWebClient` calls the Web API. `tautwire.facts` says what can be observed,
`tautwire.errors` what can be raised, `tautwire.bolt` runs a Bolt app, `tautwire.local` is a Slack to develop against,
`tautwire.testing` has it as pytest's fixtures.

A name's module is imported when the name is first asked for: who only wants the local Slack does not wait for a client.
`JetStreamInbox` needs the extra `nats`, so `import *` leaves it out.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Final

from tautwire.version import __version__ as __version__

if TYPE_CHECKING:
    from tautwire.errors import (
        ClientClosedError,
        ConfigurationError,
        FatalConnectionError,
        InvalidTokenError,
        MessageTooLargeError,
        NotConnectedError,
        RateLimitedError,
        SlackApiError,
        SlackRequestError,
        SocketModeDisabledError,
        SocketModeError,
        TautwireError,
    )
    from tautwire.inbox.jetstream import JetStreamInbox as JetStreamInbox
    from tautwire.inbox.sqlite import SqliteInbox
    from tautwire.socket_mode.aiohttp import SocketModeClient
    from tautwire.socket_mode.async_client import AsyncBaseSocketModeClient
    from tautwire.socket_mode.async_listeners import AsyncSocketModeRequestListener, AsyncWebSocketMessageListener
    from tautwire.socket_mode.request import SocketModeRequest
    from tautwire.socket_mode.response import SocketModeResponse
    from tautwire.socket_mode.snapshot import ConnectionSnapshot, Snapshot
    from tautwire.socket_mode.worker import InboxWorker, WorkerSnapshot
    from tautwire.web.async_client import AsyncSlackResponse, AsyncWebClient

__all__ = [
    "AsyncBaseSocketModeClient",
    "AsyncSlackResponse",
    "AsyncSocketModeRequestListener",
    "AsyncWebClient",
    "AsyncWebSocketMessageListener",
    "ClientClosedError",
    "ConfigurationError",
    "ConnectionSnapshot",
    "FatalConnectionError",
    "InboxWorker",
    "InvalidTokenError",
    "MessageTooLargeError",
    "NotConnectedError",
    "RateLimitedError",
    "SlackApiError",
    "SlackRequestError",
    "Snapshot",
    "SocketModeClient",
    "SocketModeDisabledError",
    "SocketModeError",
    "SocketModeRequest",
    "SocketModeResponse",
    "SqliteInbox",
    "TautwireError",
    "WorkerSnapshot",
]

#: Where each name comes from; those of `errors` apart.
_HOMES: Final = {
    "JetStreamInbox": "tautwire.inbox.jetstream",
    "SqliteInbox": "tautwire.inbox.sqlite",
    "SocketModeClient": "tautwire.socket_mode.aiohttp",
    "AsyncBaseSocketModeClient": "tautwire.socket_mode.async_client",
    "AsyncSocketModeRequestListener": "tautwire.socket_mode.async_listeners",
    "AsyncWebSocketMessageListener": "tautwire.socket_mode.async_listeners",
    "SocketModeRequest": "tautwire.socket_mode.request",
    "SocketModeResponse": "tautwire.socket_mode.response",
    "ConnectionSnapshot": "tautwire.socket_mode.snapshot",
    "Snapshot": "tautwire.socket_mode.snapshot",
    "InboxWorker": "tautwire.socket_mode.worker",
    "WorkerSnapshot": "tautwire.socket_mode.worker",
    "AsyncSlackResponse": "tautwire.web.async_client",
    "AsyncWebClient": "tautwire.web.async_client",
}
_ROOMS: Final = frozenset({"errors", "facts", "local", "socket_mode", "web"})

if not TYPE_CHECKING:  # a type checker would take any name for an existing one

    def __getattr__(name: str) -> object:
        if name in _ROOMS:
            return import_module(f"tautwire.{name}")
        if name not in __all__ and name not in _HOMES:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}", name=name)
        found = globals()[name] = getattr(import_module(_HOMES.get(name, "tautwire.errors")), name)
        return found


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__, *_HOMES})
