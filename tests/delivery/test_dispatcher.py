"""The dispatcher: listeners side by side, bounded, and each for itself."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from tautwire.engine.transport import Text
from tautwire.facts import (
    AckFailed,
    BackPressure,
    EngineFault,
    ListenerFailed,
    MalformedFrame,
    UnknownMessage,
)
from tautwire.protocol.messages import Hello, Malformed, Unknown

Make = Any  # the fixture `bench` of conftest


async def never(_: object) -> None:
    await asyncio.Event().wait()


async def nothing(_: object) -> None:
    pass


def fail(_: object) -> None:
    raise ZeroDivisionError("payload")


class Gate:
    """A listener that waits until it is told to go on, and then acks."""

    def __init__(self, bench: Any) -> None:
        self.bench, self.opened = bench, asyncio.Event()

    async def __call__(self, received: Any) -> None:
        await self.opened.wait()
        await self.bench.ack(received)


# Side by side.


async def test_a_slow_listener_holds_up_nobody(bench: Make) -> None:
    it = bench()
    slow = asyncio.Event()

    async def listen(received: Any) -> None:
        if received.receipt.envelope_id == "slow":
            await slow.wait()
        await it.ack(received)

    it.listeners = [listen]
    await it.take("slow", event_id="Ev0")
    await it.take("fast")
    assert (it.links[0].acked, it.dispatcher.running, it.dispatcher.unsettled) == (["fast"], 1, 1)

    slow.set()
    await it.time.turn()
    assert (it.links[0].acked, it.dispatcher.running, it.dispatcher.unsettled) == (["fast", "slow"], 0, 0)
    assert it.dispatcher.received == 2
    await it.dispatcher.drain(0)


async def test_there_is_room_up_to_the_limit_and_whoever_waits_hears_of_more(bench: Make) -> None:
    it = bench(concurrency=2, auto_ack="never")
    gate = Gate(it)
    it.listeners = [gate]
    await it.take("e1", event_id="Ev1")
    assert it.dispatcher.has_room
    await it.dispatcher.room()
    await it.take("e2", event_id="Ev2")
    assert not it.dispatcher.has_room

    waiting = [asyncio.create_task(it.dispatcher.room()) for _ in range(3)]
    await it.time.move(60)
    assert not any(task.done() for task in waiting)
    gate.opened.set()
    await it.time.turn()
    assert all(task.done() for task in waiting)
    await it.dispatcher.drain(0)


async def test_whoever_waits_looks_again_before_going_on(bench: Make) -> None:
    it = bench(concurrency=1)
    first, second = Gate(it), Gate(it)
    it.listeners = [first]
    await it.take("e1", event_id="Ev1")
    it.listeners = [second]
    await it.take("e2", event_id="Ev2")  # Two links may each bring one more than there is room for.
    waiting = asyncio.create_task(it.dispatcher.room())
    await it.time.turn()
    first.opened.set()
    await it.time.turn()
    assert not waiting.done()
    second.opened.set()
    await waiting
    await it.dispatcher.drain(0)


async def test_listeners_of_messages_and_frames_count_as_well(bench: Make) -> None:
    it = bench(concurrency=2)
    it.dispatcher.show(1, Unknown("news"), "text")
    it.dispatcher.on_frame(1, Text("text"))
    assert (it.dispatcher.running, it.dispatcher.has_room) == (2, False)
    await it.time.turn()
    assert (it.messages, it.frames, it.dispatcher.has_room) == (["text"], [Text("text")], True)


async def test_nobody_is_bothered_who_does_not_want_to_be(bench: Make) -> None:
    it = bench()
    it.wants_messages = it.wants_frames = False
    it.dispatcher.show(1, Hello(), "text")
    it.dispatcher.on_frame(1, Text("text"))
    assert (it.dispatcher.running, it.facts) == (0, [])


async def test_what_is_no_envelope_is_told(bench: Make) -> None:
    it = bench()
    it.dispatcher.show(7, Malformed("not JSON", 3), "{{{")
    it.dispatcher.show(7, Unknown("news"), "text")
    it.dispatcher.show(7, Hello(), "hello")
    it.dispatcher.waited(7, 1.5)
    await it.time.turn()
    wall = it.time.wall()
    assert it.facts == [
        MalformedFrame(wall, 7, "not JSON", 3),
        UnknownMessage(wall, 7, "news"),
        BackPressure(wall, 7, 1.5),
    ]
    assert it.messages == ["text", "hello"]


async def test_a_burst_is_taken_without_handling_any(bench: Make) -> None:
    it = bench(concurrency=100)
    it.listeners = [it.ack]
    ids = [f"e{number}" for number in range(10_000)]
    for envelope_id in ids:
        it.dispatcher.take(it.received(envelope_id, event_id=envelope_id))
    assert (it.handled, it.dispatcher.running, it.dispatcher.has_room) == ([], 10_000, False)

    await it.dispatcher.room()
    await it.time.turn()
    assert it.handled == it.links[0].acked == ids
    await it.time.move(3)
    assert it.is_empty
    assert len(asyncio.all_tasks()) == 1, "one sweeper serves them all, and it has ended"


# Listeners that fail.


class OddError(BaseException):
    pass


async def _raise(error: BaseException) -> None:
    raise error


@pytest.mark.parametrize("error", [ValueError("no"), asyncio.CancelledError(), OddError(), TimeoutError()], ids=repr)
async def test_a_listener_that_raises_costs_only_itself(bench: Make, error: BaseException) -> None:
    it = bench()
    ran: list[str] = []
    it.listeners = [lambda _: _raise(error), lambda received: ran.append(received.receipt.envelope_id)]
    await it.take("e1")
    assert ran == ["e1"]
    assert [(fact.listener, fact.envelope_id) for fact in it.of(ListenerFailed)] == [("listener 0", "e1")]
    await it.time.move(3)
    assert it.links[0].sent == [], "not covered up"
    assert [fact.reason for fact in it.of(AckFailed)] == ["its listener failed"]
    assert it.of(EngineFault) == []


async def test_whether_a_listener_came_back_is_told(bench: Make) -> None:
    it = bench()
    assert await it.dispatcher.guard(lambda: nothing(None), "fine", None) is True
    assert await it.dispatcher.guard(lambda: fail(None), "bad", None) is False
    assert await it.dispatcher.guard(lambda: fail(None), "bad", "nobody's") is False
    assert [(fact.listener, fact.envelope_id) for fact in it.of(ListenerFailed)] == [("bad", None), ("bad", "nobody's")]


async def test_a_handler_that_breaks_is_a_fault_and_not_covered_up_either(bench: Make) -> None:
    it = bench(auto_ack="all")
    it.unguarded = fail
    await it.take("e1")
    await it.time.move(5)
    assert [(fact.where, type(fact.error)) for fact in it.of(EngineFault)] == [("tautwire-listener", ZeroDivisionError)]
    assert it.links[0].sent == []
    assert it.is_empty


@pytest.mark.parametrize("turns", [0, 1, 5])
async def test_a_listeners_task_that_somebody_cancels_leaves_nothing_behind(bench: Make, turns: int) -> None:
    it = bench(auto_ack="all")
    it.listeners = [never]
    it.dispatcher.take(it.received("e1"))
    await it.time.turn(turns)
    for task in asyncio.all_tasks():
        if task.get_name() == "tautwire-listener":
            task.cancel()
    await it.time.move(3)
    assert (it.links[0].sent, it.is_empty, it.dispatcher.running) == ([], True, 0)


async def test_a_send_that_breaks_is_the_listeners_failure(bench: Make) -> None:
    it = bench()
    it.links[0].trouble = RuntimeError("a defect")
    it.listeners = [it.ack]
    await it.take("e1")
    assert [type(fact.error) for fact in it.of(ListenerFailed)] == [RuntimeError]
    await it.dispatcher.ack("e1")
    assert it.links[0].acked == ["e1"]
    await it.dispatcher.drain(0)


async def test_the_listeners_tasks_are_known(bench: Make) -> None:
    it = bench()
    within: list[bool] = []

    async def look() -> None:
        within.append(it.dispatcher.is_within_listener())

    async def listen(_: object) -> None:
        await look()
        await asyncio.create_task(look())

    it.listeners = [listen]
    await it.take("e1")
    await it.time.turn()
    assert (within, it.dispatcher.is_within_listener()) == ([True, True], False)
    await it.dispatcher.drain(0)
