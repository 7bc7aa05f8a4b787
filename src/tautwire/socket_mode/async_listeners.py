"""The shapes of listeners. Any coroutine function with these parameters is one.

`client` is `Any`, so that a listener may name the class that it works with: `SocketModeClient`, or its base.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from tautwire.socket_mode.request import SocketModeRequest

__all__ = ["AsyncSocketModeRequestListener", "AsyncWebSocketMessageListener"]


class AsyncWebSocketMessageListener(Protocol):
    """Gets every message: `hello`, `disconnect` and envelopes alike."""

    async def __call__(self, client: Any, message: dict[str, Any], raw_message: str | None, /) -> None:
        """Handle `message`; `raw_message` is the text it came in."""


class AsyncSocketModeRequestListener(Protocol):
    """Gets every envelope."""

    async def __call__(self, client: Any, request: SocketModeRequest, /) -> None:
        """Handle `request`, and ack it by `client.send_socket_mode_response`."""
