"""Slack Socket Mode for Python that drops nothing.

`SocketModeClient` receives what Slack sends and acks it; it has the names of `slack_sdk.socket_mode.aiohttp`, so moving
to it is a change of imports. `AsyncWebClient` calls the Web API. `tautwire.facts` says what can be observed,
`tautwire.errors` what can be raised, `tautwire.bolt` runs a Bolt app, `tautwire.local` is a Slack to develop against.
"""

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
from tautwire.socket_mode.aiohttp import SocketModeClient
from tautwire.socket_mode.async_client import AsyncBaseSocketModeClient
from tautwire.socket_mode.async_listeners import AsyncSocketModeRequestListener, AsyncWebSocketMessageListener
from tautwire.socket_mode.request import SocketModeRequest
from tautwire.socket_mode.response import SocketModeResponse
from tautwire.socket_mode.snapshot import ConnectionSnapshot, Snapshot
from tautwire.version import __version__ as __version__
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
    "TautwireError",
]
