"""A Bolt app as a listener: one request to the app, and Bolt's answer as its ack. The rule is in `tautwire.bolt`."""

from __future__ import annotations

import asyncio
import json
from typing import TYPE_CHECKING, Any, Final, cast

from slack_bolt.request.async_request import AsyncBoltRequest

from tautwire.bolt.watch import Watch
from tautwire.errors import BoltStatusError, ConfigurationError, MessageTooLargeError
from tautwire.socket_mode.response import SocketModeResponse

if TYPE_CHECKING:
    from logging import Logger

    from slack_bolt.app.async_app import AsyncApp
    from slack_bolt.response import BoltResponse

    from tautwire.socket_mode.async_client import AsyncBaseSocketModeClient
    from tautwire.socket_mode.request import SocketModeRequest
    from tautwire.socket_mode.requests import Requests

__all__ = ["AppListener", "let_listeners_finish"]

#: Seconds, after the client has closed, for listeners that Bolt has acked already and still runs.
LISTENER_WAIT: Final = 5.0

_OK: Final = 200
_NOT_FOUND: Final = 404


class AppListener:
    """Gives requests to `app`. `runner` is what somebody wanted to run it with, for the sentence if it cannot."""

    def __init__(self, app: AsyncApp, runner: str) -> None:
        _check(app, runner)
        self.app = app

    async def __call__(self, client: AsyncBaseSocketModeClient, req: SocketModeRequest) -> None:
        """See `AsyncSocketModeHandler.handle`."""
        if getattr(client, "inbox", None) is not None:
            await self._handle_stored(client, req)
        else:
            await self._answer(client, req, await self.app.async_dispatch(_bolt_request(req)))

    async def _handle_stored(self, client: AsyncBaseSocketModeClient, req: SocketModeRequest) -> None:
        watch, is_acked = Watch(), cast("Requests", client).is_acked(req.envelope_id)

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


async def let_listeners_finish(logger: Logger) -> None:
    """Bolt acks events before their listeners are done, and keeps no list of what it has started."""
    running = {task for task in asyncio.all_tasks() if _is_bolts(task)} - {asyncio.current_task()}
    if running:
        _, left = await asyncio.wait(running, timeout=LISTENER_WAIT)
        if left:
            logger.warning("%d Bolt listeners still run after %.0f s", len(left), LISTENER_WAIT)


def _check(app: object, runner: str) -> None:
    if not hasattr(app, "async_dispatch"):
        raise ConfigurationError(
            f"app is a {type(app).__module__}.{type(app).__qualname__}; "
            f"{runner} runs a slack_bolt.app.async_app.AsyncApp, whose listeners are async functions"
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
