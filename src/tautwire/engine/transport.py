"""What the engine asks of a network: one way to dial, one open connection, six kinds of frame.

`dial` implements it over aiohttp, the simulation in virtual time. Nothing above this line knows a WebSocket library.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol, TypeAlias

if TYPE_CHECKING:
    from tautwire.secret import Secret

__all__ = ["CloseFrame", "Connection", "Dialer", "Endpoint", "Frame", "Gone", "Odd", "PingFrame", "PongFrame", "Text"]


@dataclass(frozen=True, slots=True)
class Text:
    """A text frame."""

    data: str


@dataclass(frozen=True, slots=True)
class PingFrame:
    """Their ping, to be answered with a pong of the same data."""

    data: bytes


@dataclass(frozen=True, slots=True)
class PongFrame:
    """The answer to our ping."""

    data: bytes


@dataclass(frozen=True, slots=True)
class CloseFrame:
    """Their Close frame."""

    code: int
    reason: str


@dataclass(frozen=True, slots=True)
class Odd:
    """A frame that Socket Mode has no use for; `kind` is its kind."""

    kind: str
    size: int


@dataclass(frozen=True, slots=True)
class Gone:
    """Nothing more will come: `error` is why, `None` when the TCP connection just ended."""

    error: BaseException | None = None


Frame: TypeAlias = Text | PingFrame | PongFrame | CloseFrame | Odd | Gone


class Connection(Protocol):
    """One open WebSocket, for one use."""

    #: What the WebSocket library calls this connection.
    native: Any

    async def receive(self) -> Frame:
        """The next frame. Raises nothing but `CancelledError`; after `Gone` it gives `Gone` again."""

    async def send_text(self, text: str) -> None:
        """One unfragmented text frame; waits while the transport's buffer is full.

        Raises:
            NotConnectedError: the connection is gone.
            ValueError: the text has a lone surrogate in it; nothing was sent.
        """

    async def send_ping(self, data: bytes) -> None:
        """A ping; raises as `send_text` does."""

    async def send_pong(self, data: bytes) -> None:
        """A pong; raises as `send_text` does."""

    async def send_close(self, code: int) -> None:
        """A Close frame. What still comes in is read on; nothing may be sent after it. Raises as `send_text` does."""

    def abort(self) -> None:
        """Cut the TCP connection now, whatever is in its buffers; a pending `receive` ends. Any number of times."""

    async def release(self) -> None:
        """Abort, and give back everything that belonged to the connection. Any number of times."""


@dataclass(frozen=True, slots=True)
class Endpoint:
    """Where to dial, once."""

    url: Secret
    #: HTTP proxy on the way, credentials included.
    proxy: Secret | None = None


class Dialer(Protocol):
    """Opens connections."""

    async def __call__(self, endpoint: Endpoint) -> Connection:
        """One handshake, nothing retried, no redirect followed, and no deadline: the caller cancels.

        Raises:
            DialError: it failed; the text carries no part of the URL but its host.
        """
