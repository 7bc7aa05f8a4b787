"""The clients that can run the demo: tautwire's, and slack_sdk's where it is installed."""

from __future__ import annotations

import logging
from contextlib import asynccontextmanager
from dataclasses import dataclass
from importlib import metadata
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any, Protocol

from tautwire import AsyncWebClient, SocketModeClient, SocketModeResponse, __version__
from tautwire.cli.app import App

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from contextlib import AbstractAsyncContextManager

    from tautwire.local import LocalSlack

__all__ = ["SLACK_SDK", "TAUTWIRE", "Contestant", "is_slack_sdk_installed", "slack_sdk_version"]


class Serve(Protocol):
    """Connects an app to `slack` for the time of an `async with`, and gives the app."""

    def __call__(self, slack: LocalSlack, connections: int) -> AbstractAsyncContextManager[App]:
        """The context; on leaving it the client is closed."""


@dataclass(frozen=True, slots=True)
class Contestant:
    """A client with an app on it."""

    name: str
    serve: Serve


@asynccontextmanager
async def _tautwire(slack: LocalSlack, connections: int) -> AsyncIterator[App]:
    web_client = AsyncWebClient(token=slack.bot_token, base_url=slack.api_url)
    client = SocketModeClient(
        app_token=slack.app_token, web_client=web_client, connections=connections, logger=_silent("tautwire.demo")
    )
    app = App(SocketModeResponse)
    client.socket_mode_request_listeners.append(app)
    try:
        await client.connect()
        yield app
    finally:
        await client.close()
        await web_client.close()


@asynccontextmanager
async def _slack_sdk(slack: LocalSlack, connections: int) -> AsyncIterator[App]:
    """Its defaults, and the app as its documentation writes one. It knows no `connections`; it holds one."""
    from slack_sdk.socket_mode.aiohttp import SocketModeClient as OtherClient  # noqa: PLC0415 - only where it is installed
    from slack_sdk.socket_mode.response import SocketModeResponse as OtherResponse  # noqa: PLC0415 - only where it is installed
    from slack_sdk.web.async_client import AsyncWebClient as OtherWebClient  # noqa: PLC0415 - only where it is installed

    del connections
    logger = _silent("tautwire.demo.other")
    web_client = OtherWebClient(token=slack.bot_token, base_url=slack.api_url, logger=logger)
    client: Any = OtherClient(app_token=slack.app_token, web_client=web_client, logger=logger)
    app = App(OtherResponse)
    client.socket_mode_request_listeners.append(app)
    try:
        await client.connect()
        yield app
    finally:
        await client.close()


def _silent(name: str) -> logging.Logger:
    """Reconnections are what the demo is about; a line in the log for each would only hide its own lines."""
    logger = logging.getLogger(name)
    logger.propagate = False
    logger.setLevel(logging.CRITICAL + 1)
    return logger


def is_slack_sdk_installed() -> bool:
    """Whether there is a client to compare with."""
    return find_spec("slack_sdk") is not None


def slack_sdk_version() -> str:
    """Its version; only where it is installed."""
    return metadata.version("slack_sdk")


TAUTWIRE = Contestant(f"tautwire {__version__}", _tautwire)
SLACK_SDK = Contestant("slack_sdk", _slack_sdk)
