"""Virtual time, a made-up network, and a cancellation at any await one likes."""

from __future__ import annotations

import asyncio
import gc
import random
import selectors
import ssl
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import pytest
import trustme

from tautwire.engine.supervisor import Supervisor
from tautwire.engine.transport import Endpoint, Frame, Gone, Text
from tautwire.errors import NotConnectedError
from tautwire.protocol.plan import Plan
from tautwire.secret import Secret

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Coroutine, Generator

#: Real seconds: for a packet on loopback to arrive, and until a loop that waits for nothing counts as stuck.
_GRACE = 0.002
_STUCK = 10.0


class _Selector(selectors.DefaultSelector):
    """Waits for sockets for a moment, for timers not at all."""

    loop: VirtualLoop

    def select(self, timeout: float | None = None) -> list[Any]:
        if timeout is None:
            events = super().select(_STUCK)
            assert events, "the loop waits for something that will never come"
            return events
        if timeout <= 0:
            return super().select(0)
        events = super().select(_GRACE if len(self.get_map()) > 1 else 0)
        if not events:
            self.loop.now += timeout
        return events


class VirtualLoop(asyncio.SelectorEventLoop):
    """Time moves only when nothing else does; then it jumps to the next timer. Sockets of this process work."""

    def __init__(self) -> None:
        selector = _Selector()
        selector.loop = self
        self.now = 1000.0
        self.complaints: list[dict[str, Any]] = []
        super().__init__(selector)
        self.set_exception_handler(lambda _, context: self.complaints.append(context))

    def time(self) -> float:
        return self.now


class LoopClock:
    """The running loop's time."""

    def monotonic(self) -> float:
        return asyncio.get_running_loop().time()

    def wall(self) -> float:
        return 1_795_000_000.0 + self.monotonic()

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(max(0.0, seconds))

    async def wait(self, event: asyncio.Event, seconds: float) -> bool:
        try:
            async with asyncio.timeout(max(0.0, seconds)):
                await event.wait()
        except TimeoutError:
            return event.is_set()
        return True


def run_virtually(scenario: Coroutine[Any, Any, Any]) -> Any:
    """Run it to its end in virtual time; it must leave no task, and nothing may have gone unheard."""
    loop = VirtualLoop()
    try:
        result = loop.run_until_complete(scenario)
        left: set[asyncio.Task[Any]] = set()
        for _ in range(50):
            loop.run_until_complete(asyncio.sleep(0))
            left = asyncio.all_tasks(loop)
        assert not left, left
    finally:
        for task in asyncio.all_tasks(loop):
            task.cancel()
        loop.run_until_complete(asyncio.sleep(0))
        loop.close()
    gc.collect()
    assert not loop.complaints, loop.complaints
    return result


@pytest.fixture
def virtually() -> Callable[[Coroutine[Any, Any, Any]], Any]:
    return run_virtually


@pytest.fixture
def clock() -> LoopClock:
    return LoopClock()


class CancelledAt:
    """Awaits `coroutine`, and has the task cancelled at its n-th suspension.

    `is_late`: not while it waits, but in the very turn in which what it waits for comes true.
    """

    def __init__(self, coroutine: Coroutine[Any, Any, Any], at: int, *, is_late: bool = False) -> None:
        self.coroutine, self.at, self.is_late = coroutine, at, is_late
        self.suspensions = 0

    def __await__(self) -> Generator[Any, None, Any]:
        task = asyncio.current_task()
        assert task is not None
        waited: Any = None
        failure: BaseException | None = None
        while True:
            try:
                waited = self.coroutine.send(None) if failure is None else self.coroutine.throw(failure)
            except StopIteration as stop:
                return stop.value
            self.suspensions += 1
            if self.suspensions == self.at:
                if self.is_late and waited is not None:
                    waited.add_done_callback(lambda _: task.cancel())
                else:
                    task.cancel()
            failure = None
            try:
                yield waited
            except BaseException as error:  # noqa: BLE001  it is thrown on
                failure = error

    async def run(self) -> Any:
        return await self


@pytest.fixture
def cancelled_at() -> type[CancelledAt]:
    return CancelledAt


@dataclass(eq=False)
class FakeConnection:
    """The network's end of it: `say` what the server says, read `sent`."""

    native: Any = None
    sent: list[tuple[str, Any]] = field(default_factory=list)
    is_aborted: bool = False
    releases: int = 0
    released: asyncio.Event = field(default_factory=asyncio.Event)
    #: Cleared, the buffers are full: nothing more gets out.
    flows: asyncio.Event = field(default_factory=asyncio.Event)
    frames: asyncio.Queue[Frame] = field(default_factory=asyncio.Queue)
    is_gone: bool = False

    def __post_init__(self) -> None:
        self.flows.set()

    def say(self, *frames: Frame | str) -> None:
        for frame in frames:
            self.frames.put_nowait(Text(frame) if isinstance(frame, str) else frame)

    def of_kind(self, kind: str) -> list[Any]:
        return [data for sent, data in self.sent if sent == kind]

    async def receive(self) -> Frame:
        if self.is_gone:
            return Gone()
        frame = await self.frames.get()
        self.is_gone = isinstance(frame, Gone)
        return frame

    async def send_text(self, text: str) -> None:
        await self._send("text", text)

    async def send_ping(self, data: bytes) -> None:
        await self._send("ping", data)

    async def send_pong(self, data: bytes) -> None:
        await self._send("pong", data)

    async def send_close(self, code: int) -> None:
        await self._send("close", code)

    async def _send(self, kind: str, data: Any) -> None:
        await self.flows.wait()
        if self.is_aborted:
            raise NotConnectedError("the connection is gone")
        self.sent.append((kind, data))

    def abort(self) -> None:
        if not self.is_aborted:
            self.is_aborted = True
            self.flows.set()
            self.say(Gone())

    async def release(self) -> None:
        self.abort()
        self.releases += 1
        self.released.set()


@dataclass(eq=False)
class FakeNetwork:
    """A dialer. An exception in `troubles` is what the next dial comes to; each dial waits for `is_up`."""

    dialled: list[Endpoint] = field(default_factory=list)
    connections: list[FakeConnection] = field(default_factory=list)
    troubles: list[BaseException] = field(default_factory=list)
    is_up: asyncio.Event = field(default_factory=asyncio.Event)

    def __post_init__(self) -> None:
        self.is_up.set()

    async def __call__(self, endpoint: Endpoint) -> FakeConnection:
        self.dialled.append(endpoint)
        await self.is_up.wait()
        if self.troubles:
            raise self.troubles.pop(0)
        self.connections.append(FakeConnection())
        return self.connections[-1]


@dataclass(eq=False)
class Recorder:
    """An intake that keeps what it is given. Cleared, `space` says there is no room."""

    taken: list[Any] = field(default_factory=list)
    shown: list[Any] = field(default_factory=list)
    frames: list[Any] = field(default_factory=list)
    waits: list[float] = field(default_factory=list)
    space: asyncio.Event = field(default_factory=asyncio.Event)
    on_take: Callable[[Any], None] = field(default=lambda received: None)

    def __post_init__(self) -> None:
        self.space.set()

    @property
    def has_room(self) -> bool:
        return self.space.is_set()

    async def room(self) -> None:
        await self.space.wait()

    def take(self, received: Any) -> None:
        self.taken.append(received)
        self.on_take(received)

    def show(self, link: int, message: Any, text: str) -> None:
        self.shown.append((link, message, text))

    def waited(self, link: int, seconds: float) -> None:
        self.waits.append(seconds)

    def on_frame(self, link: int, frame: Any) -> None:
        self.frames.append(frame)


class World:
    """A supervisor, what it stands on, and what it says."""

    def __init__(self, seed: int = 0, connections: int = 1, *, auto_reconnect: bool = True, dialer: Any = None) -> None:
        self.clock = LoopClock()
        self.network = FakeNetwork()
        self.intake = Recorder()
        self.facts: list[Any] = []
        self.asked = 0
        #: What the next requests for an endpoint come to; an awaitable is awaited first.
        self.answers: list[BaseException | Awaitable[Any]] = []
        self.ping_interval = 5.0
        self.plan = Plan(connections, random.Random(seed), auto_reconnect)
        self.supervisor = Supervisor(
            self.plan,
            endpoints=self.endpoint,
            dialer=dialer or self.network,
            clock=self.clock,
            intake=self.intake,
            emit=self.facts.append,
            ping_interval=lambda: self.ping_interval,
        )

    async def endpoint(self) -> Endpoint:
        self.asked += 1
        if self.answers:
            answer = self.answers.pop(0)
            if isinstance(answer, BaseException):
                raise answer
            await answer
        return Endpoint(Secret(f"wss://slack.invalid/link/?ticket=t{self.asked}"))

    def of(self, kind: type) -> list[Any]:
        return [fact for fact in self.facts if isinstance(fact, kind)]

    @property
    def newest(self) -> FakeConnection:
        return self.network.connections[-1]

    async def turn(self, times: int = 20) -> None:
        """Let everybody who can do something do it."""
        for _ in range(times):
            await asyncio.sleep(0)

    async def up(self, hello: str = '{"type":"hello","num_connections":1}') -> FakeConnection:
        """Start, and say hello on the connection that is dialled."""
        self.supervisor.start()
        await self.turn()
        self.newest.say(hello)
        await self.turn()
        return self.newest


@pytest.fixture
def world(seed: int) -> Callable[..., World]:
    """To be called within a running loop."""

    def make(connections: int = 1, **options: Any) -> World:
        return World(seed, connections, **options)

    return make


@pytest.fixture
def recorder() -> type[Recorder]:
    return Recorder


@pytest.fixture
def fake_connection() -> type[FakeConnection]:
    return FakeConnection


@pytest.fixture(scope="session")
def authority() -> trustme.CA:
    return trustme.CA()


@pytest.fixture(scope="session")
def server_tls(authority: trustme.CA) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("127.0.0.1").configure_cert(context)
    return context


@pytest.fixture(scope="session")
def trusting(authority: trustme.CA) -> ssl.SSLContext:
    context = ssl.create_default_context()
    authority.configure_trust(context)
    return context
