"""`AsyncInboxWorker`: a Bolt app that handles what gateways have stored."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tautwire.bolt.listener import AppListener, let_listeners_finish
from tautwire.socket_mode.worker import InboxWorker

if TYPE_CHECKING:
    from logging import Logger

    from slack_bolt.app.async_app import AsyncApp

    from tautwire.inbox.api import Inbox
    from tautwire.socket_mode.async_client import AsyncBaseSocketModeClient
    from tautwire.socket_mode.request import SocketModeRequest

__all__ = ["AsyncInboxWorker"]


class AsyncInboxWorker:
    """Runs `app` on what is stored in `inbox`. It needs no app-level token, and connects to nothing.

    Args:
        app: the Bolt app; it is not changed.
        inbox: where gateways (`AsyncSocketModeHandler(app, inbox=…, handle_stored=False)`) store.
        logger: where the worker logs; else the app's logger.
        web_client: whose settings serve answers to a `response_url`; else the app's own client.
        options: the other arguments of `InboxWorker`, by keyword: `concurrency=`, `attempts=`, ….

    Raises:
        ConfigurationError: an argument cannot work; the text says what to give instead.
    """

    app: AsyncApp
    worker: InboxWorker

    def __init__(
        self, app: AsyncApp, inbox: Inbox, logger: Logger | None = None, web_client: Any = None, **options: Any
    ) -> None:
        self._listener = AppListener(app, type(self).__name__)
        self.app = app
        self.worker = InboxWorker(
            inbox,
            logger if logger is not None else app.logger,
            web_client if web_client is not None else app.client,
            **options,
        )
        self.worker.socket_mode_request_listeners.append(self.handle)

    async def handle(self, client: AsyncBaseSocketModeClient, req: SocketModeRequest) -> None:
        """Give one request to the app; see `AsyncSocketModeHandler.handle`."""
        await self._listener(client, req)

    async def start_async(self) -> None:
        """Work until closed. `SIGINT` and `SIGTERM` close, listeners finish. Raises as `InboxWorker.run`."""
        try:
            await self.worker.run()
        finally:
            await let_listeners_finish(self.worker.logger)

    async def close_async(self) -> None:
        """End for good, as `InboxWorker.close`; then wait five seconds at most for listeners that still run."""
        await self.worker.close()
        await let_listeners_finish(self.worker.logger)
