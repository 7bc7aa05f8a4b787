"""`AsyncSocketModeHandler`: a Bolt app (`slack_bolt.app.async_app.AsyncApp`) on this library's client.

The names are those of `slack_bolt.adapter.socket_mode.aiohttp`, so moving to it is a change of imports. Needs the
extra `bolt`: `pip install "tautwire[bolt]"`.

What becomes of Bolt's answer (`docs/bolt.md` says why):

- 200: acked with the body: a JSON object as it is, other text as `{"text": …}`, no payload when it is empty.
- 404, which means that no listener wants it: an `events_api` request is acked plainly, because a retry would change
  nothing, and Slack switches off the subscriptions of an app that leaves events un-acked. Anything else is not acked,
  so that the person sees an error.
- Any other status: not acked. Slack sends an event again; a person sees an error.

With an inbox (`inbox=`) most requests are acked before Bolt sees them. Then a request is handled when its listeners and
lazy functions are done, however long they take, and tried again when one of them raises. With `handle_stored=False`
as well, the handler is a gateway: it stores and acks, and `AsyncInboxWorker` gives what is stored to an app elsewhere.
"""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any

from tautwire import facts
from tautwire.socket_mode.aiohttp import SocketModeClient

try:
    from slack_bolt.util.utils import get_boot_message
except ModuleNotFoundError as error:
    if not (error.name or "").startswith("slack_bolt"):
        raise
    raise ImportError('tautwire.bolt runs a slack_bolt app: pip install "tautwire[bolt]"') from None

from tautwire.bolt.listener import AppListener, let_listeners_finish
from tautwire.bolt.worker import AsyncInboxWorker

if TYPE_CHECKING:
    import asyncio
    from logging import Logger

    from slack_bolt.app.async_app import AsyncApp

    from tautwire.socket_mode.async_client import AsyncBaseSocketModeClient
    from tautwire.socket_mode.request import SocketModeRequest

__all__ = ["AsyncInboxWorker", "AsyncSocketModeHandler"]


class AsyncSocketModeHandler:
    """Runs `app` over Socket Mode.

    The constructor opens nothing, starts no task and needs no running loop.

    Args:
        app: the Bolt app; it is not changed.
        app_token: app-level token (`xapp-…`); else the variable `SLACK_APP_TOKEN`.
        logger: where the client logs; else the app's logger.
        web_client: what calls `apps.connections.open`; else the app's own client.
        proxy: as `SocketModeClient` takes it.
        ping_interval: seconds between two pings.
        loop: ignored; accepted so that old code runs.
        options: the client's other arguments, by keyword: `connections=2`, `concurrency=`, `ack_deadline=`, ….

    Raises:
        ConfigurationError: an argument cannot work; the text says what to give instead.
    """

    app: AsyncApp
    client: SocketModeClient

    def __init__(
        self,
        app: AsyncApp,
        app_token: str | None = None,
        logger: Logger | None = None,
        web_client: Any = None,
        proxy: str | None = None,
        ping_interval: float = 10,
        loop: asyncio.AbstractEventLoop | None = None,
        **options: Any,
    ) -> None:
        self._listener = AppListener(app, type(self).__name__)
        self.app = app
        self.client = SocketModeClient(
            app_token,
            logger=logger if logger is not None else app.logger,
            web_client=web_client if web_client is not None else app.client,
            proxy=proxy,
            ping_interval=ping_interval,
            loop=loop,
            **options,
        )
        self.client.socket_mode_request_listeners.append(self.handle)

    @property
    def app_token(self) -> str:
        """The app-level token."""
        return self.client.app_token

    async def handle(self, client: AsyncBaseSocketModeClient, req: SocketModeRequest) -> None:
        """Give one request to the app, and ack it by the rule at the top of this module.

        Raises:
            BoltStatusError: Bolt's answer is one that is not acked.
            MessageTooLargeError: the answer has 20,480 bytes or more; the request was acked without it.
            Exception: with an inbox, what a listener raised.
        """
        await self._listener(client, req)

    async def connect_async(self) -> None:
        """Connect; see `SocketModeClient.connect`."""
        await self.client.connect()

    async def disconnect_async(self) -> None:
        """Close the open connections and stay down; `connect_async` connects again."""
        await self.client.disconnect()

    async def close_async(self) -> None:
        """End for good, as `SocketModeClient.close`; then wait five seconds at most for listeners that still run."""
        await self.client.close()
        await let_listeners_finish(self.client.logger)

    async def start_async(self) -> None:
        """Connect, say so as Bolt does, and serve until closed. `SIGINT` and `SIGTERM` close, listeners finish.

        Raises:
            FatalConnectionError: Slack refuses for good, now or later.
        """
        if await self.client.is_connected():
            self._say_running()
        else:
            self.client.observers.append(self._say_running_once)
        try:
            await self.client.run()
        finally:
            await let_listeners_finish(self.client.logger)

    def _say_running_once(self, fact: facts.Fact) -> None:
        if isinstance(fact, facts.LinkReady):
            self.client.observers.remove(self._say_running_once)
            self._say_running()

    def _say_running(self) -> None:
        if self.app.logger.level > logging.INFO:
            print(get_boot_message())  # noqa: T201  Bolt's users look for this line
        else:
            self.app.logger.info(get_boot_message())
