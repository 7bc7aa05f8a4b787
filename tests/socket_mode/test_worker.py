"""A worker on an inbox that somebody else fills: what its listeners get, what becomes of it, and its end."""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
import os
import signal
from typing import TYPE_CHECKING, Any

import pytest

from sharing import SharedInbox
from tautwire import InboxWorker, SocketModeResponse, facts
from tautwire.errors import ClientClosedError, ConfigurationError, InboxLockedError
from tautwire.inbox.api import Mode, Record, State
from tautwire.inbox.sqlite import SqliteInbox

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable
    from pathlib import Path

PATIENCE = 20.0


class Seen:
    """An observer that can be waited for."""

    def __init__(self) -> None:
        self.facts: list[Any] = []
        self._news = asyncio.Event()

    def __call__(self, fact: Any) -> None:
        self.facts.append(fact)
        self._news.set()

    def of(self, *kinds: type) -> list[Any]:
        return [fact for fact in self.facts if isinstance(fact, kinds)]

    async def until(self, *kinds: type, count: int = 1) -> list[Any]:
        async with asyncio.timeout(PATIENCE):
            while len(self.of(*kinds)) < count:
                self._news.clear()
                await self._news.wait()
        return self.of(*kinds)


@pytest.fixture
async def seen() -> Seen:
    return Seen()


@pytest.fixture
async def inbox() -> AsyncIterator[SharedInbox]:
    """Open all the time, as its gateway has it."""
    async with SharedInbox() as shared:
        yield shared


@pytest.fixture
async def worker(inbox: SharedInbox, seen: Seen) -> AsyncIterator[Callable[..., InboxWorker]]:
    made: list[InboxWorker] = []

    def make(**options: Any) -> InboxWorker:
        made.append(InboxWorker(options.pop("inbox", inbox), observers=[seen], **options))
        return made[-1]

    yield make
    for each in made:
        await each.close()


def record(number: int, kind: str = "events_api", **payload: Any) -> Record:
    content = {"event_id": f"Ev{number}", **payload}
    frame = {"type": kind, "envelope_id": f"e{number}", "payload": content, "retry_attempt": 1}
    return Record(
        key=f"k{number}",
        type=kind,
        envelope_id=f"e{number}",
        payload=json.dumps(frame).encode(),
        mode=Mode.AGAIN if kind == "events_api" else Mode.ONCE_ACKED,
    )


async def put(inbox: SharedInbox, *numbers: int) -> None:
    for number in numbers:
        await inbox.put(record(number))


class Listener:
    """Remembers what it was called with, and does what it is told first."""

    def __init__(self) -> None:
        self.calls: list[tuple[Any, Any]] = []
        self.trouble: list[BaseException] = []

    async def __call__(self, client: Any, request: Any, /) -> None:
        self.calls.append((client, request))
        if self.trouble:
            raise self.trouble.pop(0)
        await client.send_socket_mode_response(SocketModeResponse(request.envelope_id))

    @property
    def ids(self) -> list[str]:
        return [request.envelope_id for _, request in self.calls]


# Handling.


async def test_a_listener_gets_what_a_clients_would_get(worker: Any, inbox: SharedInbox, seen: Seen) -> None:
    it, listener, messages = worker(), Listener(), []

    async def message(client: Any, message: dict[str, Any], raw: str) -> None:
        messages.append((client, message["envelope_id"], json.loads(raw)["type"]))

    it.message_listeners.append(message)
    it.socket_mode_request_listeners.append(listener)
    await put(inbox, 1)
    async with it:
        await seen.until(facts.Handled)
        ((client, request),) = listener.calls
        assert client is it
        assert (request.type, request.payload, request.retry_attempt) == ("events_api", {"event_id": "Ev1"}, 1)
        assert messages == [(it, "e1", "events_api")]
        assert it.is_acked("e1")
        assert it.is_acked("whatever")
        picture = it.snapshot()
        assert (picture.is_open, picture.closed) == (True, False)
        assert picture.counts.handled == 1
    assert inbox.states() == ["done"]
    assert seen.of(facts.ListenerFailed) == []
    assert it.snapshot().closed


async def test_what_comes_later_is_handled_too_and_an_ack_is_a_quiet_nothing(
    worker: Any, inbox: SharedInbox, seen: Seen
) -> None:
    it, listener = worker(), Listener()
    it.socket_mode_request_listeners.append(listener)
    async with it:
        await put(inbox, 1, 2)
        await seen.until(facts.Handled, count=2)
        await it.send_socket_mode_response({"envelope_id": "e1"})
        await it.send_socket_mode_response({"envelope_id": "never heard of"})
    assert sorted(listener.ids) == ["e1", "e2"]


async def test_what_fails_is_tried_again_and_told(worker: Any, inbox: SharedInbox, seen: Seen) -> None:
    it, listener = worker(), Listener()
    listener.trouble = [ZeroDivisionError()]
    it.socket_mode_request_listeners.append(listener)
    await put(inbox, 1)
    async with it:
        await seen.until(facts.Handled)
    assert listener.ids == ["e1", "e1"]
    (failed,) = seen.of(facts.ListenerFailed)
    assert (failed.envelope_id, type(failed.error)) == ("e1", ZeroDivisionError)


async def test_after_its_attempts_it_is_a_dead_letter(worker: Any, inbox: SharedInbox, seen: Seen) -> None:
    it, listener = worker(attempts=1), Listener()
    listener.trouble = [ZeroDivisionError()]
    it.socket_mode_request_listeners.append(listener)
    await put(inbox, 1)
    async with it:
        await seen.until(facts.Buried)
        assert inbox.count(State.DEAD) == 1


async def test_a_listener_has_its_time(worker: Any, inbox: SharedInbox, seen: Seen) -> None:
    it = worker(attempts=1, listener_timeout=0.01)

    async def hang(*_: Any) -> None:
        await asyncio.Event().wait()

    it.socket_mode_request_listeners.append(hang)
    await put(inbox, 1)
    async with it:
        await seen.until(facts.Buried)


async def test_no_more_than_its_concurrency_is_taken_from_the_others(
    worker: Any, inbox: SharedInbox, seen: Seen
) -> None:
    it, go_on, begun = worker(concurrency=2), asyncio.Event(), asyncio.Semaphore(0)

    async def slow(*_: Any) -> None:
        begun.release()
        await go_on.wait()

    it.socket_mode_request_listeners.append(slow)
    await put(inbox, *range(5))
    async with it:
        for _ in range(2):
            await begun.acquire()
        assert (inbox.count(State.LEASED), inbox.count(State.STORED)) == (2, 3)
        assert it.snapshot().running == 2
        go_on.set()
        await seen.until(facts.Handled, count=5)


async def test_two_workers_share_the_work_and_do_nothing_twice(worker: Any, inbox: SharedInbox, seen: Seen) -> None:
    workers, listener = [worker(concurrency=3), worker(concurrency=3)], Listener()
    for each in workers:
        each.socket_mode_request_listeners.append(listener)
    await put(inbox, *range(40))
    async with workers[0], workers[1]:
        await seen.until(facts.Handled, count=40)
    assert sorted(listener.ids) == sorted(f"e{number}" for number in range(40))
    assert {client for client, _ in listener.calls} == set(workers)


async def test_it_works_on_a_file_that_a_gateway_has_left(tmp_path: Path, worker: Any, seen: Seen) -> None:
    path, listener = tmp_path / "events.db", Listener()
    async with SqliteInbox(path) as gateway:
        for number in range(3):
            await gateway.put(record(number))
    it = worker(inbox=SqliteInbox(path))
    it.socket_mode_request_listeners.append(listener)
    async with it:
        await seen.until(facts.Handled, count=3)
    assert sorted(listener.ids) == ["e0", "e1", "e2"]
    assert [(fact.total, fact.left) for fact in seen.of(facts.Recovering)] == [(3, 3), (3, 2), (3, 1), (3, 0)]


# A loop instead of listeners.


async def settled(is_so: Callable[[], bool]) -> None:
    """Let the loop turn until it is."""
    while not is_so():  # noqa: ASYNC110  # a snapshot tells nobody when it changes
        await asyncio.sleep(0)


async def test_requests_come_in_a_loop(worker: Any, inbox: SharedInbox, seen: Seen) -> None:
    it, ids = worker(), []
    await put(inbox, 1, 2, 3)
    async with it, contextlib.aclosing(it.requests()) as requests:
        async for request in requests:
            ids.append(request.envelope_id)
            if len(ids) == 3:
                await seen.until(facts.Handled, count=2)
                break
    assert sorted(ids) == ["e1", "e2", "e3"]
    assert sorted(inbox.states()) == ["done", "done", "stored"], "the last was left in hand"


async def test_what_waits_in_a_loop_that_is_left_costs_no_attempt(
    worker: Any, inbox: SharedInbox, seen: Seen, caplog: pytest.LogCaptureFixture
) -> None:
    it, ids = worker(attempts=1), []
    await put(inbox, 1, 2, 3, 4, 5)
    async with it:
        async with contextlib.aclosing(it.requests()) as requests:
            async for request in requests:
                ids.append(request.envelope_id)
                await settled(lambda: it.snapshot().running == 5)
                break
        await seen.until(facts.Buried)
        await settled(lambda: not it.snapshot().running)
        assert sorted(inbox.states()) == ["dead", *["stored"] * 4], "only what was in hand has failed"
        async with contextlib.aclosing(it.requests()) as requests:
            async for request in requests:
                ids.append(request.envelope_id)
                if len(ids) == 5:
                    await seen.until(facts.Handled, count=3)
                    break
    assert sorted(ids) == ["e1", "e2", "e3", "e4", "e5"]
    assert len(seen.of(facts.ListenerFailed)) == 2


async def test_a_loop_ends_with_its_worker(worker: Any, inbox: SharedInbox) -> None:
    it, begun = worker(), asyncio.Event()

    async def consume() -> list[str]:
        ids = []
        async for request in it.requests():
            ids.append(request.envelope_id)
            begun.set()
        return ids

    async with it:
        consuming = asyncio.create_task(consume())
        await put(inbox, 1)
        await begun.wait()
    assert await consuming == ["e1"]
    assert inbox.states() == ["done"]


# Its beginning and its end.


async def test_it_says_what_waits(
    worker: Any, inbox: SharedInbox, seen: Seen, caplog: pytest.LogCaptureFixture
) -> None:
    await put(inbox, 1, 2)
    with caplog.at_level(logging.INFO):
        async with worker():
            pass
    (opened,) = seen.of(facts.InboxOpened)
    assert opened.waiting == 2
    assert "The inbox is open: 2 envelopes wait" in caplog.text


async def test_an_inbox_that_cannot_be_opened_is_said_at_once(worker: Any, tmp_path: Path) -> None:
    path = tmp_path / "events.db"
    async with SqliteInbox(path):
        for begin in ("start", "run", "__aenter__"):
            it = worker(inbox=SqliteInbox(path))
            with pytest.raises(InboxLockedError):
                await getattr(it, begin)()
            assert it.closed is (begin != "start")


async def test_what_runs_at_the_end_finishes(worker: Any, inbox: SharedInbox) -> None:
    it, begun, go_on, ended = worker(), asyncio.Event(), asyncio.Event(), []

    async def slow(*_: Any) -> None:
        begun.set()
        await go_on.wait()
        ended.append(True)

    it.socket_mode_request_listeners.append(slow)
    await put(inbox, 1)
    async with it:
        await begun.wait()
        asyncio.get_running_loop().call_soon(go_on.set)
    assert ended == [True]
    assert inbox.states() == ["done"]


async def test_what_does_not_finish_is_given_back_and_costs_no_attempt(worker: Any, inbox: SharedInbox) -> None:
    it, begun = worker(drain_timeout=0), asyncio.Event()

    async def hang(*_: Any) -> None:
        begun.set()
        await asyncio.Event().wait()

    it.socket_mode_request_listeners.append(hang)
    await put(inbox, 1)
    async with it:
        await begun.wait()
    (entry,) = inbox.shelf.entries.values()
    assert (entry.state, entry.attempt) == (State.STORED, 0)


async def test_a_listener_may_close_it(worker: Any, inbox: SharedInbox) -> None:
    it = worker()

    async def stop(client: Any, _: Any) -> None:
        await client.close()

    it.socket_mode_request_listeners.append(stop)
    await put(inbox, 1)
    await it.run()
    assert inbox.states() == ["done"]


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
async def test_a_signal_ends_it_in_good_order(worker: Any, inbox: SharedInbox, number: int) -> None:
    it, begun, go_on = worker(), asyncio.Event(), asyncio.Event()

    async def slow(*_: Any) -> None:
        begun.set()
        await go_on.wait()

    it.socket_mode_request_listeners.append(slow)
    await put(inbox, 1)
    running = asyncio.create_task(it.run())
    await begun.wait()
    os.kill(os.getpid(), number)
    async with asyncio.timeout(PATIENCE):
        await it._until_over(lambda: it.closed)
        await put(inbox, 2)
        go_on.set()
        await running
    assert inbox.states() == ["done", "stored"]


async def test_a_close_while_it_opens_ends_both(worker: Any) -> None:
    opening, go_on = asyncio.Event(), asyncio.Event()

    class Slow(SharedInbox):
        async def open(self) -> Any:
            opening.set()
            await go_on.wait()
            return await super().open()

    it = worker(inbox=Slow())
    running = asyncio.create_task(it.run())
    await opening.wait()
    closing = asyncio.create_task(it.close())
    await asyncio.sleep(0)
    go_on.set()
    await closing
    await running
    with pytest.raises(ClientClosedError, match="this worker is closed for good"):
        await it.start()


async def test_its_repr_says_how_it_is(worker: Any) -> None:
    it = worker()
    assert repr(it) == "<InboxWorker not started>"
    async with it:
        assert repr(it) == "<InboxWorker open>"
        await it.start()
    assert repr(it) == "<InboxWorker closed>"


# Its arguments.


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"inbox": "events.db"}, "SqliteInbox"),
        ({"concurrency": 0}, "concurrency is 0"),
        ({"concurrency": "1"}, "concurrency is a number, not str"),
        ({"attempts": 0}, "attempts is 0"),
        ({"listener_timeout": 0}, "listener_timeout is 0"),
        ({"drain_timeout": -1}, "drain_timeout is -1"),
        ({"drain_timeout": float("nan")}, "drain_timeout is nan"),
        ({"web_client": "xoxb-1"}, "web_client is an AsyncWebClient"),
        ({"logger": 7}, "logger is a logging.Logger"),
    ],
)
async def test_what_cannot_work_is_said_at_once(worker: Any, options: dict[str, Any], said: str) -> None:
    with pytest.raises(ConfigurationError, match=said):
        worker(**options)


async def test_a_web_client_of_its_users_is_its_users(worker: Any) -> None:
    class Web:
        closed = False

        async def close(self) -> None:
            self.closed = True

    web, other = Web(), Web()
    it = worker(web_client=web)
    assert it.web_client is web
    it.web_client = other
    async with it:
        assert it.web_client is other
    assert (web.closed, other.closed) == (False, False)
