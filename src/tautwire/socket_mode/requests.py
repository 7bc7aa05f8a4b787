"""Envelopes to the user's listeners, and what they answer: what a client and a worker have in common."""

from __future__ import annotations

import abc
import asyncio
from collections import deque
from typing import TYPE_CHECKING, Any, Protocol

from tautwire.errors import ConfigurationError, RequestLeftError
from tautwire.facts import MalformedFrame
from tautwire.protocol import codec
from tautwire.socket_mode.request import SocketModeRequest, SupportsToDict

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Mapping

    from tautwire.clock import Clock
    from tautwire.engine.runner import Received
    from tautwire.inbox.api import Inbox
    from tautwire.observe.broadcast import Broadcast
    from tautwire.socket_mode.async_listeners import AsyncSocketModeRequestListener, AsyncWebSocketMessageListener
    from tautwire.socket_mode.response import SocketModeResponse

__all__ = ["Answers", "Requests"]


class Answers(Protocol):
    """What listeners need of the delivery that calls them; see `Delivery`."""

    async def ack(self, envelope_id: str, payload: Mapping[str, Any] | None = None) -> None:
        """Ack an envelope."""

    def is_acked(self, envelope_id: str) -> bool:
        """Whether an ack is no longer a listener's business."""

    async def guard(
        self, call: Callable[[], Any], listener: str, envelope_id: str | None, *, is_timed: bool = True
    ) -> bool:
        """Call a listener; whether it came back without raising."""


class Requests(abc.ABC):
    """Calls listeners with `self` as their client. Implements `EnvelopeHandler`."""

    message_listeners: list[AsyncWebSocketMessageListener]
    socket_mode_request_listeners: list[AsyncSocketModeRequestListener]
    closed: bool
    inbox: Inbox | None = None
    _clock: Clock
    _dispatcher: Answers
    _emit: Broadcast

    # The delivery's handler.

    @property
    def wants_messages(self) -> bool:
        """See `Handler`."""
        return bool(self.message_listeners) or self._is_overridden("run_message_listeners", Requests)

    @property
    def wants_envelopes(self) -> bool:
        """See `EnvelopeHandler`: with nobody listening, what is stored waits."""
        return bool(self.socket_mode_request_listeners) or self.wants_messages

    async def on_envelope(self, received: Received) -> None:
        """See `Handler`."""
        await self.run_message_listeners(codec.decode_object(received.text), received.text)

    # Listeners.

    async def run_message_listeners(self, message: dict[str, Any], raw_message: str) -> None:
        """Give one message to `message_listeners`, then, if it is a request, to `socket_mode_request_listeners`.

        A listener that raises is reported, and the next one still runs.
        """
        envelope_id = message.get("envelope_id")
        envelope_id = envelope_id if isinstance(envelope_id, str) else None
        for listener in tuple(self.message_listeners):
            await self._call(listener, envelope_id, self, message, raw_message)
        if self.socket_mode_request_listeners:
            request = self._request_in(message, raw_message)
            if request is not None:
                for request_listener in tuple(self.socket_mode_request_listeners):
                    await self._call(request_listener, envelope_id, self, request)

    async def requests(self) -> AsyncIterator[SocketModeRequest]:
        """Requests as they come, until the client is closed; acking them is the caller's.

        A request counts as a running listener until the next one is asked for, so `close()` waits for the one in hand,
        and an absent consumer stops the reading. What is left over when the iteration ends was not handled: the client
        does not ack it by itself; with an inbox it is given back, and costs no attempt. With an inbox the one in hand
        has failed, since nobody knows whether it was handled when its loop was left: it is handled again.
        """
        #: Each with whether it is handled, once that is known.
        waiting: deque[tuple[SocketModeRequest, asyncio.Future[bool]]] = deque()
        in_hand: asyncio.Future[bool] | None = None

        async def hand_over(_: Any, request: SocketModeRequest, /) -> None:
            handled: asyncio.Future[bool] = asyncio.get_running_loop().create_future()
            waiting.append((request, handled))
            self._nudge()
            if not await handled:
                raise RequestLeftError("the requests() loop was left before it took this one")

        hand_over.takes_its_time = True  # type: ignore[attr-defined]  # the loop's, not a listener's
        self.socket_mode_request_listeners.append(hand_over)
        try:
            while True:
                await self._until_over(lambda: self.closed or bool(waiting))
                if not waiting:
                    return
                request, handled = waiting.popleft()
                if not handled.done():  # Its listener may have been cancelled meanwhile.
                    in_hand = handled
                    yield request
                    _tell(in_hand, is_handled=True)
        finally:
            self.socket_mode_request_listeners.remove(hand_over)
            if in_hand is not None and self.inbox is not None:
                in_hand.cancel()
            _tell(in_hand, is_handled=True)
            for _, handled in waiting:
                _tell(handled, is_handled=False)

    # Acks.

    async def send_socket_mode_response(self, response: SocketModeResponse | SupportsToDict | dict[str, Any]) -> None:
        """Ack an envelope: on the connection that delivered it while that is open, else on the newest ready one.

        A second ack of the same envelope does nothing.

        Raises:
            MessageTooLargeError: 20,480 bytes or more; nothing was sent, so ack again without the payload.
            NotConnectedError: no connection was open, and none became so within Slack's three seconds.
            ConfigurationError: the response has no `envelope_id`, or holds what JSON cannot say. Also a `ValueError`.
        """
        content = response if isinstance(response, dict) else response.to_dict()
        envelope_id = content.get("envelope_id")
        if not isinstance(envelope_id, str):
            raise ConfigurationError("a response needs the envelope_id of the request that it answers")
        await self._dispatcher.ack(envelope_id, content.get("payload"))

    def is_acked(self, envelope_id: str) -> bool:
        """Whether this envelope was acked, or is about to be: with an inbox most are, before a listener sees them."""
        return self._dispatcher.is_acked(envelope_id)

    # Inside.

    @abc.abstractmethod
    def _nudge(self) -> None:
        """Something changed: whoever waits looks again."""

    @abc.abstractmethod
    async def _until_over(self, is_so: Callable[[], bool]) -> None:
        """Wait for `is_so()`, or raise what has ended everything."""

    def _request_in(self, message: dict[str, Any], raw_message: str) -> SocketModeRequest | None:
        try:
            return SocketModeRequest.from_dict(message)
        except ValueError:
            problem = "a payload that is neither an object nor a text"
            self._emit(MalformedFrame(self._clock.wall(), 0, problem, len(raw_message)))
            return None

    async def _call(self, listener: Callable[..., Any], envelope_id: str | None, *arguments: Any) -> None:
        name = getattr(listener, "__qualname__", type(listener).__qualname__)
        is_timed = not getattr(listener, "takes_its_time", False)
        await self._dispatcher.guard(lambda: listener(*arguments), name, envelope_id, is_timed=is_timed)

    def _is_overridden(self, name: str, home: type) -> bool:
        """Whether a user has put a method of their own in place of the one that `home` defines."""
        return name in vars(self) or getattr(type(self), name) is not getattr(home, name)


def _tell(handled: asyncio.Future[bool] | None, *, is_handled: bool) -> None:
    if handled is not None and not handled.done():
        handled.set_result(is_handled)
