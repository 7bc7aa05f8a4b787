"""The server's end of one WebSocket, below Slack's own words: queue, writer, raw bytes, the ways to end.

Frames leave through a bounded queue and one writer task, so a client that does not read stops nobody but itself.
"""

from __future__ import annotations

import asyncio
import socket
import struct
from collections import deque
from typing import TYPE_CHECKING, Final, NamedTuple, cast

from aiohttp import WSMessage, WSMsgType, web

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

__all__ = ["Link"]

#: Frames and bytes that may wait for one client. Slack's own limits are unknown; these keep a stalled client bounded.
QUEUE_FRAMES: Final = 65_536
QUEUE_BYTES: Final = 256 * 1024 * 1024
#: Frames written in a row before everybody else on the loop has a turn.
_TURN: Final = 32
#: Larger than any frame that a test sends on purpose; Slack's limit of 20,480 is the session's business.
_MAX_INCOMING: Final = 4 * 1024 * 1024


class _Socket(web.WebSocketResponse):
    """aiohttp's server socket, with the end of TCP visible after a close frame, and no close of its own accord."""

    async def read(self) -> WSMessage | None:
        """The next message, close frames included; `None` once TCP is at its end or the client broke the protocol."""
        if self._reader is None:
            return None
        try:
            message = await self._reader.read()
        except asyncio.CancelledError:
            raise
        except Exception:  # noqa: BLE001 - EofStream, a WebSocketError, a lost connection: all mean the end here
            return None
        return cast(WSMessage, message)

    async def write_eof(self, data: bytes = b"") -> None:
        """Nothing: how this socket ends is the session's decision, and it has been made by now."""
        del data
        self._eof_sent = True


class _Frame(NamedTuple):
    kind: WSMsgType | None  # None: raw bytes
    data: bytes


#: Behind this one, the writer closes TCP.
_LAST: Final = _Frame(None, b"")


class Link:
    """One accepted WebSocket. Everything but `accept`, `incoming` and `finish` returns at once."""

    def __init__(self) -> None:
        self._ws = _Socket(autoping=False, autoclose=False, compress=False, max_msg_size=_MAX_INCOMING)
        self._transport: asyncio.Transport | None = None
        self._queue: deque[_Frame] = deque()
        self._queued_bytes = 0
        self._more = asyncio.Event()
        self._writer: asyncio.Task[None] | None = None
        self._is_ended = False
        #: Set when a stall is over; `None` without one, for an idle connection should cost little.
        self._end_of_stall: asyncio.Event | None = None

    async def accept(self, request: web.Request) -> web.WebSocketResponse:
        """Answer 101 and start the writer. Raises `web.HTTPBadRequest` for what is no WebSocket handshake."""
        await self._ws.prepare(request)
        self._transport = request.transport
        self._writer = asyncio.create_task(self._write(), name="local-slack-writer")
        return self._ws

    async def incoming(self) -> AsyncIterator[WSMessage]:
        """Messages until TCP ends, by whoever's doing."""
        while (message := await self._ws.read()) is not None:
            await self._while_stalled()
            yield message

    @property
    def is_up(self) -> bool:
        """Whether TCP still stands, as far as this side knows."""
        return self._transport is not None and not self._is_ended and not self._transport.is_closing()

    def send(self, kind: WSMsgType, data: bytes) -> bool:
        """Queue one frame; `False` when the link is down or its queue is full."""
        return self._put(_Frame(kind, data))

    def send_raw(self, data: bytes) -> bool:
        """Queue bytes that need not be a frame at all."""
        return self._put(_Frame(None, data))

    def _put(self, frame: _Frame) -> bool:
        full = len(self._queue) >= QUEUE_FRAMES or self._queued_bytes + len(frame.data) > QUEUE_BYTES
        if full or not self.is_up:
            return False
        self._queue.append(frame)
        self._queued_bytes += len(frame.data)
        self._more.set()
        return True

    @property
    def is_stalled(self) -> bool:
        """Whether it stands still."""
        return self._end_of_stall is not None

    def stall(self) -> None:
        """Read and write nothing more until `go_on`; whatever comes or is queued waits. An end goes before."""
        if self._end_of_stall is None and self.is_up:
            self._end_of_stall = asyncio.Event()

    def go_on(self) -> None:
        """End a stall; without one, nothing."""
        stalled, self._end_of_stall = self._end_of_stall, None
        if stalled is not None:
            stalled.set()

    async def _while_stalled(self) -> None:
        while self._end_of_stall is not None:
            await self._end_of_stall.wait()

    def discard(self) -> None:
        """Forget what has not been written yet."""
        self._queue.clear()
        self._queued_bytes = 0

    def end(self, how: str, last_words: bytes = b"") -> None:
        """End TCP: `close` in order, after `last_words`; `fin` half of it and without a word; `rst` hard.

        What is still in the queue is never sent. TLS has no half-close; there `fin` closes in order at the TLS layer,
        still without a close frame.
        """
        if self._transport is None or (self._is_ended and how != "rst"):
            return
        self._is_ended = True
        self.discard()
        self.go_on()
        if how == "rst":
            self._reset(self._transport)
        elif how == "fin" and self._transport.can_write_eof():
            self._transport.write_eof()
        else:
            self._transport.write(last_words)
            self._transport.close()

    def _reset(self, transport: asyncio.Transport) -> None:
        raw = transport.get_extra_info("socket")
        if raw is not None and not transport.is_closing():
            # Linger for zero seconds: the kernel answers with RST instead of FIN.
            raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        transport.abort()

    def end_in_order(self) -> None:
        """Close TCP once everything queued so far is written."""
        self._put(_LAST)
        self._is_ended = True

    async def finish(self) -> None:
        """End whatever is still there, and the writer."""
        if self._transport is not None:
            self._transport.abort()
        if self._writer is not None:
            self._writer.cancel()
            await asyncio.gather(self._writer, return_exceptions=True)

    async def _write(self) -> None:
        while True:
            await self._more.wait()
            self._more.clear()
            for turn in range(len(self._queue)):
                await self._while_stalled()
                if not self._queue:
                    break
                frame = self._queue.popleft()
                self._queued_bytes -= len(frame.data)
                if not await self._write_one(frame):
                    return
                if turn % _TURN == _TURN - 1:
                    await asyncio.sleep(0)

    async def _write_one(self, frame: _Frame) -> bool:
        transport = self._transport
        try:
            if frame.kind is not None:
                await self._ws.send_frame(frame.data, frame.kind)
            elif transport is not None and frame is _LAST:
                transport.close()
            elif transport is not None:
                transport.write(frame.data)
        except (ConnectionError, RuntimeError):
            return False
        return True
