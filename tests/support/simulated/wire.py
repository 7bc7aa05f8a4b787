"""The network: one simulated WebSocket with two ends, and everything that can happen to it on the way."""

from __future__ import annotations

import asyncio
from collections import deque
from typing import TYPE_CHECKING, Any, Protocol

from tautwire.engine.transport import CloseFrame, Connection, Frame, Gone, PingFrame, PongFrame, Text
from tautwire.errors import NotConnectedError

if TYPE_CHECKING:
    from simulated.oracle import Oracle
    from simulated.world import World

__all__ = ["Far", "Wire"]


class Far(Protocol):
    """Slack's end of a wire."""

    def on_frame(self, wire: Wire, kind: str, data: Any) -> None:
        """A frame came in."""

    def on_cut(self, wire: Wire) -> None:
        """The TCP connection is gone."""


class Wire(Connection):
    """The client's end of a connection, and the way to Slack's."""

    def __init__(self, number: int, world: World, far: Far, oracle: Oracle, latency: float) -> None:
        self.native = self
        self.number = number
        self.latency = latency
        #: Whether what one side sends never reaches the other; nobody is told.
        self.is_mute = False
        self.is_deaf = False
        #: Whether the client has cut it; whether the network has, and the client can know.
        self.is_aborted = False
        self.is_broken = False
        self._world = world
        self._far = far
        self._oracle = oracle
        self._inbox: deque[tuple[Frame, object]] = deque()
        self._outbox: deque[tuple[str, Any]] | None = None
        self._reading: asyncio.Future[None] | None = None
        self._drained: list[asyncio.Future[None]] = []
        self._last_arrival = 0.0

    def __repr__(self) -> str:
        return f"wire {self.number}"

    @property
    def has_unread(self) -> bool:
        """Whether something has arrived that the client has not read."""
        return bool(self._inbox)

    # Slack's end, and the network's whims.

    def to_client(self, frame: Frame, meaning: object = None) -> None:
        """Put a frame on its way to the client."""
        self._last_arrival = max(self._last_arrival, self._world.now + self.latency)
        self._world.at(self._last_arrival, self._arrive, frame, meaning)

    def stall(self) -> None:
        """The client's send buffer is full from here on."""
        if self._outbox is None and not self.is_aborted:
            self._outbox = deque()

    def flow(self) -> None:
        """The buffer drains."""
        held, self._outbox = self._outbox or deque(), None
        for kind, data in held:
            self._carry(kind, data)
        for waiter in self._drained:
            if not waiter.done():
                waiter.set_result(None)
        self._drained.clear()

    def _arrive(self, frame: Frame, meaning: object) -> None:
        if self.is_deaf or self.is_aborted:
            return
        if isinstance(frame, Gone) and frame.error is not None:
            self._break()
        self._inbox.append((frame, meaning))
        self._wake()

    def _break(self) -> None:
        self.is_broken = True
        for waiter in self._drained:
            if not waiter.done():
                waiter.set_exception(NotConnectedError("the simulated connection broke"))
        self._drained.clear()

    def _wake(self) -> None:
        if self._reading is not None and not self._reading.done():
            self._reading.set_result(None)

    # The client's end.

    async def receive(self) -> Frame:
        while not self._inbox:
            if self.is_aborted:
                return Gone()
            self._reading = asyncio.get_running_loop().create_future()
            await self._reading
        frame, meaning = self._inbox.popleft()
        if isinstance(frame, Gone):
            self._inbox.appendleft((frame, meaning))
        self._oracle.on_read(self, frame, meaning)
        return frame

    async def send_text(self, text: str) -> None:
        await self._send("text", text)

    async def send_ping(self, data: bytes) -> None:
        await self._send("ping", data)

    async def send_pong(self, data: bytes) -> None:
        await self._send("pong", data)

    async def send_close(self, code: int) -> None:
        await self._send("close", code)

    def abort(self) -> None:
        if self.is_aborted:
            return
        self._oracle.on_abort(self)
        self.is_aborted = True
        self._inbox.clear()
        self._break()
        self._wake()
        if not self.is_mute:
            self._world.after(self.latency, self._far.on_cut, self)

    async def release(self) -> None:
        self.abort()
        self._oracle.on_release(self)

    async def _send(self, kind: str, data: Any) -> None:
        if self.is_broken:
            self._oracle.on_send_failed(self)
            raise NotConnectedError("the simulated connection is gone")
        self._oracle.on_send(self, kind, data)
        if self._outbox is None:
            self._carry(kind, data)
        else:
            self._outbox.append((kind, data))
            await self._drain()
        self._oracle.on_sent(self, kind, data)

    async def _drain(self) -> None:
        waiter = asyncio.get_running_loop().create_future()
        self._drained.append(waiter)
        try:
            await waiter
        except NotConnectedError:
            self._oracle.on_send_failed(self)
            raise

    def _carry(self, kind: str, data: Any) -> None:
        if not self.is_mute:
            self._world.after(self.latency, self._land, kind, data)

    def _land(self, kind: str, data: Any) -> None:
        if not self.is_mute:
            self._far.on_frame(self, kind, data)


def text(data: str) -> Text:
    return Text(data)


def words(frame: Frame) -> str:
    """A frame in a few words, for the trace."""
    match frame:
        case Text(data=data):
            return data[:90]
        case PingFrame() | PongFrame():
            return type(frame).__name__
        case CloseFrame(code=code):
            return f"close {code}"
        case Gone(error=error):
            return f"gone {type(error).__name__ if error else ''}"
    return repr(frame)
