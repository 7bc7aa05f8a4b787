"""Envelopes and frames to the user's listeners, and acks back: the listening half of the client."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aiohttp import WSMessage, WSMsgType

from tautwire.engine.runner import Receipt, Received
from tautwire.engine.transport import CloseFrame, Gone, Text
from tautwire.protocol import codec
from tautwire.protocol.messages import Disconnect, Envelope
from tautwire.socket_mode.async_client import AsyncBaseSocketModeClient
from tautwire.socket_mode.requests import Requests

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from tautwire.delivery.api import Delivery
    from tautwire.engine.supervisor import Supervisor

    FrameListener = Callable[[WSMessage], Awaitable[None]]

__all__ = ["Listening"]


class Listening(Requests, AsyncBaseSocketModeClient):
    """What `SocketModeClient` does with messages. Implements the dispatcher's `Handler`."""

    on_message_listeners: list[FrameListener]
    on_error_listeners: list[FrameListener]
    on_close_listeners: list[FrameListener]
    _dispatcher: Delivery
    _supervisor: Supervisor

    # The dispatcher's handler.

    @property
    def wants_frames(self) -> bool:
        """See `Handler`."""
        return bool(self.on_message_listeners or self.on_error_listeners or self.on_close_listeners)

    async def on_message(self, text: str) -> None:
        """See `Handler`."""
        await self.run_message_listeners(codec.decode_object(text), text)

    async def on_frame(self, frame: Text | CloseFrame | Gone) -> None:
        """See `Handler`."""
        match frame:
            case Text(data=data):
                await self._run_frame_listeners(self.on_message_listeners, WSMessage(WSMsgType.TEXT, data, ""))
            case CloseFrame(code=code, reason=reason):
                await self._run_frame_listeners(self.on_close_listeners, WSMessage(WSMsgType.CLOSE, code, reason))
            case Gone(error=None):
                await self._run_frame_listeners(self.on_close_listeners, WSMessage(WSMsgType.CLOSED, None, None))
            case Gone(error=error):
                await self._run_frame_listeners(self.on_error_listeners, WSMessage(WSMsgType.ERROR, error, None))

    # The queue of raw text.

    async def process_message(self) -> None:
        """Take one text out of the queue and handle it as if it had been received; waits for one."""
        text = await self.message_queue.get()
        await self._dispatcher.room()
        message = codec.decode(text)
        match message:
            case Envelope(envelope_id=envelope_id):
                receipt = Receipt(envelope_id, 0, self._clock.monotonic())
                self._dispatcher.take(Received(message, text, receipt))
            case _:
                if isinstance(message, Disconnect):
                    self._supervisor.rotate()
                self._dispatcher.show(0, message, text)

    # Inside.

    def _nudge(self) -> None:
        self._supervisor.nudge()

    async def _until_over(self, is_so: Callable[[], bool]) -> None:
        await self._supervisor.until_over(is_so)

    async def _run_frame_listeners(self, listeners: list[FrameListener], message: WSMessage) -> None:
        for listener in tuple(listeners):
            await self._call(listener, None, message)
