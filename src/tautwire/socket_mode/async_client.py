"""The part of the surface that is about messages and listeners, whatever carries them."""

from __future__ import annotations

import abc
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import asyncio
    from logging import Logger

    from tautwire.socket_mode.async_listeners import AsyncSocketModeRequestListener, AsyncWebSocketMessageListener
    from tautwire.socket_mode.response import SocketModeResponse

__all__ = ["AsyncBaseSocketModeClient"]


class AsyncBaseSocketModeClient(abc.ABC):
    """What a listener may rely on of the client that it is given."""

    logger: Logger
    web_client: Any
    app_token: str
    wss_uri: str | None
    auto_reconnect_enabled: bool
    trace_enabled: bool
    closed: bool
    connect_operation_lock: asyncio.Lock
    message_queue: asyncio.Queue[str]
    message_listeners: list[AsyncWebSocketMessageListener]
    socket_mode_request_listeners: list[AsyncSocketModeRequestListener]

    @abc.abstractmethod
    async def issue_new_wss_url(self) -> str:
        """A fresh WebSocket URL, for one use."""

    @abc.abstractmethod
    async def is_connected(self) -> bool:
        """Whether events arrive."""

    @abc.abstractmethod
    async def session_id(self) -> str:
        """The id of the current connection, `""` when there is none."""

    @abc.abstractmethod
    async def connect(self) -> None:
        """Connect, and come back once a WebSocket is open."""

    @abc.abstractmethod
    async def disconnect(self) -> None:
        """Disconnect, and stay down."""

    @abc.abstractmethod
    async def connect_to_new_endpoint(self, force: bool = False) -> None:
        """Connect anew if `force`, or if not connected."""

    @abc.abstractmethod
    async def close(self) -> None:
        """Disconnect for good."""

    @abc.abstractmethod
    async def send_message(self, message: str) -> None:
        """Send text on the current connection."""

    @abc.abstractmethod
    async def send_socket_mode_response(self, response: dict[str, Any] | SocketModeResponse) -> None:
        """Ack an envelope."""

    async def enqueue_message(self, message: str) -> None:
        """Put raw text in as if it had been received; `process_messages` takes it out."""
        await self.message_queue.put(message)

    @abc.abstractmethod
    async def process_message(self) -> None:
        """Take one text out of the queue and give it to the listeners; waits for one."""

    async def process_messages(self) -> None:
        """`process_message` until the client is closed."""
        while not self.closed:
            await self.process_message()

    @abc.abstractmethod
    async def run_message_listeners(self, message: dict[str, Any], raw_message: str) -> None:
        """Give one message to `message_listeners`, then to `socket_mode_request_listeners`."""
