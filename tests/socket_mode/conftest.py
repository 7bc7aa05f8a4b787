"""The listening half of a client, without any network: a real dispatcher, and a supervisor that is only asked."""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING, Any, cast

import pytest

from tautwire.clock import SYSTEM_CLOCK
from tautwire.delivery.dispatcher import Dispatcher
from tautwire.delivery.policy import AckPolicy
from tautwire.engine.runner import Receipt, Received
from tautwire.engine.tasks import Pulse
from tautwire.protocol import codec
from tautwire.protocol.messages import Envelope
from tautwire.socket_mode.listening import Listening

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

    from tautwire.errors import FatalConnectionError


class FakeSupervisor:
    """What the listening half asks of a supervisor."""

    def __init__(self) -> None:
        self.outcome: FatalConnectionError | None = None
        self.rotations = 0
        self.sent: list[str] = []
        self._changed = Pulse()

    def nudge(self) -> None:
        self._changed.beat()

    def rotate(self) -> None:
        self.rotations += 1

    async def until_over(self, is_so: Callable[[], bool]) -> None:
        while not is_so():
            if self.outcome is not None:
                raise self.outcome
            await self._changed.wait()

    async def send(self, text: str, *, within: float) -> int:
        self.sent.append(text)
        return 1


class Client(Listening):
    """Listens; what connects is left out."""

    def __init__(self) -> None:
        self.logger = logging.getLogger("test")
        self.closed = False
        self.message_queue = asyncio.Queue()
        self.message_listeners = []
        self.socket_mode_request_listeners = []
        self.on_message_listeners = []
        self.on_error_listeners = []
        self.on_close_listeners = []
        self.facts: list[Any] = []
        self.supervisor = FakeSupervisor()
        self._clock = SYSTEM_CLOCK
        self._supervisor = cast("Any", self.supervisor)
        self._emit = cast("Any", self.facts.append)
        self._dispatcher = self.dispatcher = Dispatcher(
            self,
            elsewhere=self.supervisor.send,
            clock=SYSTEM_CLOCK,
            emit=self.facts.append,
            policy=AckPolicy.of("never", 2.5),
        )

    async def issue_new_wss_url(self) -> str:
        raise NotImplementedError

    async def is_connected(self) -> bool:
        raise NotImplementedError

    async def session_id(self) -> str:
        raise NotImplementedError

    async def connect(self) -> None:
        raise NotImplementedError

    async def disconnect(self) -> None:
        raise NotImplementedError

    async def connect_to_new_endpoint(self, force: bool = False) -> None:
        raise NotImplementedError

    async def close(self) -> None:
        self.closed = True
        self.supervisor.nudge()

    async def send_message(self, message: str) -> None:
        raise NotImplementedError

    def receive(self, text: str) -> None:
        """As if a connection had brought it."""
        envelope = codec.decode(text)
        assert isinstance(envelope, Envelope)
        receipt = Receipt(envelope.envelope_id, 0, SYSTEM_CLOCK.monotonic())
        self.dispatcher.take(Received(envelope, text, receipt))

    def of(self, kind: type) -> list[Any]:
        return [fact for fact in self.facts if isinstance(fact, kind)]


@pytest.fixture
async def client() -> AsyncIterator[Client]:
    client = Client()
    yield client
    await client.dispatcher.drain(0)


@pytest.fixture
def kind() -> type[Client]:
    return Client
