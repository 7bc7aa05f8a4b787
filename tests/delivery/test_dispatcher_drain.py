"""The end: nothing new, what runs may finish, what does not is ended, and what resists is reported."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from tautwire.errors import NotConnectedError
from tautwire.facts import AckFailed, EngineFault, EnvelopeRefused, ListenerFailed

Make = Any  # the fixture `bench` of conftest


async def never(_: object) -> None:
    await asyncio.Event().wait()


async def test_a_drain_refuses_what_is_new_and_leaves_it_to_slack(bench: Make) -> None:
    it = bench()
    await it.dispatcher.drain(0)
    await it.take("e1")
    await it.time.move(5)
    assert it.facts[:1] == [EnvelopeRefused(it.facts[0].at, "e1", "events_api", "the client is closing")]
    assert (it.handled, it.links[0].sent, len(it.facts), it.is_empty) == ([], [], 1, True)


async def test_refusing_needs_no_drain_and_ends_nothing(bench: Make) -> None:
    it = bench()
    it.listeners = [it.ack]
    it.dispatcher.refuse()
    await it.take("e1")
    it.dispatcher.resume()
    await it.take("e2")
    assert (it.handled, it.links[0].acked) == (["e2"], ["e2"])
    await it.dispatcher.drain(0)


async def test_what_runs_may_finish_and_ack(bench: Make) -> None:
    it = bench()

    async def listen(received: Any) -> None:
        await asyncio.sleep(8)
        await it.dispatcher.ack(received.receipt.envelope_id)

    it.listeners = [listen]
    await it.take("e1", kind="slash_commands")
    began = it.time.monotonic()
    await it.dispatcher.drain(9)
    assert (it.links[0].acked, round(it.time.monotonic() - began, 6)) == (["e1"], 8)
    assert it.dispatcher.running == 0


async def test_acks_that_fall_due_meanwhile_are_made(bench: Make) -> None:
    it = bench()
    it.listeners = [never]
    await it.take("e1")
    await it.dispatcher.drain(9)
    assert it.links[0].acked == ["e1"]


async def test_what_does_not_finish_is_cancelled_and_not_covered_up(bench: Make) -> None:
    it = bench(auto_ack="all")
    ended: list[str] = []

    async def slow_end(_: object) -> None:
        try:
            await never(None)
        finally:
            await asyncio.sleep(0.9)
            ended.append("clean")

    it.listeners = [slow_end]
    await it.take("e1")
    began = it.time.monotonic()
    await it.dispatcher.drain(2)
    assert (ended, it.links[0].sent, it.of(EngineFault), it.of(ListenerFailed)) == (["clean"], [], [], [])
    assert round(it.time.monotonic() - began, 6) == 2.9


async def test_what_resists_is_asked_twice_and_then_reported(bench: Make) -> None:
    it = bench()
    asked: list[float] = []
    over = asyncio.Event()

    async def resist(_: object) -> None:
        while not over.is_set():
            try:
                await over.wait()
            except asyncio.CancelledError:
                asked.append(it.time.monotonic())

    it.listeners = [resist]
    await it.take("e1")
    began = it.time.monotonic()
    await it.dispatcher.drain(9)
    assert [round(at - began, 6) for at in asked] == [9, 10]
    assert it.time.monotonic() - began < 12.1
    assert [(fact.where, str(fact.error)) for fact in it.of(EngineFault)] == [
        ("tautwire-listener", "a task does not end when it is cancelled")
    ]
    over.set()
    await it.time.turn()
    assert it.dispatcher.running == 0


async def test_an_ack_that_races_with_the_end_is_made_or_fails_never_hangs(bench: Make) -> None:
    it = bench()
    it.links[0].flows.clear()
    it.listeners = [it.ack]
    await it.take("e1")
    drain = asyncio.create_task(it.dispatcher.drain(1))
    await it.time.move(0.5)
    it.links[0].flows.set()
    await drain
    assert it.links[0].acked == ["e1"]
    it.cut()
    with pytest.raises(NotConnectedError):
        await it.dispatcher.ack("e9")


async def test_an_ack_that_is_still_made_by_itself_has_a_second(bench: Make) -> None:
    it = bench(ack_deadline=1.0)
    it.links[0].flows.clear()
    await it.take("e1")
    await it.time.move(1.5)
    began = it.time.monotonic()
    await it.dispatcher.drain(9)
    assert round(it.time.monotonic() - began, 6) == 1
    assert it.links[0].sent == []


async def test_without_anything_to_drain_it_takes_no_time_and_twice_is_fine(bench: Make) -> None:
    it = bench()
    await asyncio.gather(it.dispatcher.drain(9), it.dispatcher.drain(9))
    assert it.time.monotonic() == 1000.0


async def test_after_a_drain_and_a_resume_deadlines_are_watched_again(bench: Make) -> None:
    it = bench()
    it.listeners = [never]
    await it.take("e1")
    await it.dispatcher.drain(0)
    it.dispatcher.resume()
    it.listeners = []
    await it.take("e2", event_id="Ev2")
    await it.time.move(3)
    assert (it.links[0].acked, it.is_empty) == (["e2"], True)
    assert [fact.envelope_id for fact in it.of(AckFailed)] == ["e1"]


async def test_settling_waits_for_acks_not_for_ends(bench: Make) -> None:
    it = bench()

    async def listen(received: Any) -> None:
        await asyncio.sleep(1)
        await it.ack(received)
        await never(None)

    it.listeners = [listen]
    await it.take("e1")
    began = it.time.monotonic()
    await it.dispatcher.settle(3)
    assert (it.links[0].acked, it.time.monotonic() - began, it.dispatcher.running) == (["e1"], 1, 1)
    await it.take("e2", event_id="Ev2")
    assert [fact.envelope_id for fact in it.of(EnvelopeRefused)] == ["e2"]
    it.dispatcher.resume()
    await it.take("e3", event_id="Ev3")
    assert it.handled == ["e1", "e3"]
    await it.dispatcher.drain(0)


async def test_settling_waits_for_an_ack_that_is_on_its_way(bench: Make) -> None:
    it = bench()
    it.listeners = [it.ack]
    it.links[0].flows.clear()
    await it.take("e1")
    settling = asyncio.create_task(it.dispatcher.settle(3))
    await it.time.move(1)
    assert not settling.done()
    it.links[0].flows.set()
    await settling
    assert it.links[0].acked == ["e1"]
    await it.dispatcher.drain(0)


async def test_settling_gives_up_in_time_and_cancels_nobody(bench: Make) -> None:
    it = bench(auto_ack="never")
    it.listeners = [never]
    await it.take("e1")
    began = it.time.monotonic()
    await it.dispatcher.settle(3)
    assert (it.time.monotonic() - began, it.dispatcher.running) == (3, 1)
    await it.dispatcher.drain(0)


async def test_settling_does_not_wait_for_what_nobody_will_ack(bench: Make) -> None:
    it = bench(auto_ack="never")
    await it.take("e1")
    assert it.dispatcher.unsettled == 1
    await it.dispatcher.settle(3)
    assert it.time.monotonic() == 1000.0
    await it.dispatcher.drain(0)


async def test_what_nobody_acked_before_the_end_is_reported_once(bench: Make) -> None:
    it = bench()

    async def fail(received: Any) -> None:
        if received.receipt.envelope_id == "e2":
            raise RuntimeError

    it.listeners = [fail]
    await it.take("e1")
    await it.take("e2")
    await it.dispatcher.drain(9)
    it.dispatcher.give_up()
    it.dispatcher.give_up()
    await it.time.move(5)
    failed = [(fact.envelope_id, fact.reason) for fact in it.facts if isinstance(fact, AckFailed)]
    assert failed == [("e1", "the client was closed"), ("e2", "its listener failed")]
    assert it.is_empty
