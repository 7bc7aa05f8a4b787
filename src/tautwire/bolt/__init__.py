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
lazy functions are done, however long they take, and tried again when one of them raises.
"""

from __future__ import annotations

import asyncio
import json
import logging
from typing import TYPE_CHECKING, Any, Final, cast

from tautwire import facts
from tautwire.errors import BoltStatusError, ConfigurationError, MessageTooLargeError
from tautwire.socket_mode.aiohttp import SocketModeClient
from tautwire.socket_mode.response import SocketModeResponse

try:
    from slack_bolt.request.async_request import AsyncBoltRequest
    from slack_bolt.util.utils import get_boot_message
except ModuleNotFoundError as error:
    if not (error.name or "").startswith("slack_bolt"):
        raise
    raise ImportError('tautwire.bolt runs a slack_bolt app: pip install "tautwire[bolt]"') from None

from tautwire.bolt.watch import Watch

if TYPE_CHECKING:
    from logging import Logger

    from slack_bolt.app.async_app import AsyncApp
    from slack_bolt.response import BoltResponse

    from tautwire.socket_mode.async_client import AsyncBaseSocketModeClient
    from tautwire.socket_mode.request import SocketModeRequest

__all__ = ["AsyncSocketModeHandler"]

#: Seconds, after the client has closed, for listeners that Bolt has acked already and still runs.
LISTENER_WAIT: Final = 5.0

_OK: Final = 200
_NOT_FOUND: Final = 404


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
        _check(app)
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
        if getattr(client, "inbox", None) is not None:
            await self._handle_stored(cast("SocketModeClient", client), req)
        else:
            await self._answer(client, req, await self.app.async_dispatch(_bolt_request(req)))

    async def _handle_stored(self, client: SocketModeClient, req: SocketModeRequest) -> None:
        watch, is_acked = Watch(), client.is_acked(req.envelope_id)

        async def answer(response: BoltResponse) -> None:
            await _ack(client, req, _payload(response))

        response = await watch.dispatch(self.app, _bolt_request(req), answer, is_acked=is_acked)
        if response.status == _OK or not watch.has_begun:
            await self._answer(client, req, response)
        elif not is_acked and watch.error is None:
            raise BoltStatusError(response.status)
        # Else a listener raised, or it did not ack what is acked, and has done all it should; to Bolt that is a 404.
        await watch.finished()

    async def _answer(self, client: AsyncBaseSocketModeClient, req: SocketModeRequest, response: BoltResponse) -> None:
        if response.status == _OK:
            await _ack(client, req, _payload(response))
        elif response.status == _NOT_FOUND and req.type == "events_api":
            await _ack(client, req, None)
        else:
            raise BoltStatusError(response.status)

    async def connect_async(self) -> None:
        """Connect; see `SocketModeClient.connect`."""
        await self.client.connect()

    async def disconnect_async(self) -> None:
        """Close the open connections and stay down; `connect_async` connects again."""
        await self.client.disconnect()

    async def close_async(self) -> None:
        """End for good, as `SocketModeClient.close`; then wait five seconds at most for listeners that still run."""
        await self.client.close()
        await self._let_listeners_finish()

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
            await self._let_listeners_finish()

    def _say_running_once(self, fact: facts.Fact) -> None:
        if isinstance(fact, facts.LinkReady):
            self.client.observers.remove(self._say_running_once)
            self._say_running()

    def _say_running(self) -> None:
        if self.app.logger.level > logging.INFO:
            print(get_boot_message())  # noqa: T201  Bolt's users look for this line
        else:
            self.app.logger.info(get_boot_message())

    async def _let_listeners_finish(self) -> None:
        """Bolt acks events before their listeners are done, and keeps no list of what it has started."""
        running = {task for task in asyncio.all_tasks() if _is_bolts(task)} - {asyncio.current_task()}
        if running:
            _, left = await asyncio.wait(running, timeout=LISTENER_WAIT)
            if left:
                self.client.logger.warning("%d Bolt listeners still run after %.0f s", len(left), LISTENER_WAIT)


def _check(app: object) -> None:
    if not hasattr(app, "async_dispatch"):
        raise ConfigurationError(
            f"app is a {type(app).__module__}.{type(app).__qualname__}; "
            "AsyncSocketModeHandler runs a slack_bolt.app.async_app.AsyncApp, whose listeners are async functions"
        )


def _is_bolts(task: asyncio.Task[Any]) -> bool:
    frame = getattr(task.get_coro(), "cr_frame", None)
    return frame is not None and str(frame.f_globals.get("__name__")).startswith("slack_bolt.")


def _bolt_request(req: SocketModeRequest) -> AsyncBoltRequest:
    retry = {"x-slack-retry-num": req.retry_attempt, "x-slack-retry-reason": req.retry_reason}
    headers = {name: str(value) for name, value in retry.items() if value is not None}
    return AsyncBoltRequest(mode="socket_mode", body=req.payload, headers=headers or None)  # type: ignore[arg-type]


def _payload(response: BoltResponse) -> dict[str, Any] | None:
    if not response.body:
        return None
    content_type = next(iter(response.headers.get("content-type", ())), "")
    if content_type.startswith("application/json"):
        try:
            payload = json.loads(response.body)
        except ValueError:
            payload = None
        if isinstance(payload, dict):
            return payload
    return {"text": response.body}


async def _ack(client: AsyncBaseSocketModeClient, req: SocketModeRequest, payload: dict[str, Any] | None) -> None:
    try:
        await client.send_socket_mode_response(SocketModeResponse(req.envelope_id, payload))
    except MessageTooLargeError:
        await client.send_socket_mode_response(SocketModeResponse(req.envelope_id))
        raise
