"""The end: nothing new, what runs may finish, and what has not ended stays stored."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from processes import frame
from tautwire.errors import InboxUnavailableError
from tautwire.facts import Buried, EngineFault, EnvelopeRefused, Handled, InboxTrouble, LeaseLost, NotStored

Make = Any  # the fixture `process` of conftest

COMMAND: dict[str, Any] = {"kind": "slash_commands"}
SUBMISSION: dict[str, Any] = {"kind": "interactive", "type": "view_submission"}


async def opened(process: Make, listener: Any = None, **options: Any) -> Any:
    it = process(**options)
    if listener is not None:
        it.listeners = [listener]
    await it.delivery.open()
    await it.clock.turn()
    return it


async def never(_: object) -> None:
    await asyncio.Event().wait()


async def next_life(process: Make, it: Any) -> Any:
    it.die()
    return await opened(process, shelf=it.shelf, name="next")


async def test_what_runs_may_finish_and_that_is_stored(process: Make) -> None:
    it = await opened(process, lambda _: asyncio.sleep(5))
    it.take(frame("e1"))
    await it.clock.turn()
    began = it.clock.monotonic()
    await it.delivery.drain(8)
    assert (it.states(), it.clock.monotonic() - began) == ({"e1": "done"}, 5)
    assert it.store.calls[-1] == "done"


async def test_what_is_new_is_refused_and_left_to_slack(process: Make) -> None:
    it = await opened(process)
    await it.delivery.drain(8)
    it.take(frame("e1"))
    await it.clock.move(5)
    assert (it.log, it.states()) == ([], {})
    assert [fact.reason for fact in it.of(EnvelopeRefused)] == ["the client is closing"]


async def test_what_was_acked_is_handled_by_the_next_although_that_could_not_be_noted(process: Make) -> None:
    it = await opened(process, never)
    it.store.troubles["acked"] = [InboxUnavailableError("the disk is full")]
    it.take(frame("e1", **COMMAND))
    await it.clock.turn()
    await it.delivery.drain(1)
    assert it.log == ["ack e1", "listener e1"]
    assert (await next_life(process, it)).handled == ["e1"]


async def test_what_was_acked_is_handled_by_the_next_although_the_end_came_before_the_note(process: Make) -> None:
    it = await opened(process)
    noting = it.store.shut("before acked")
    it.take(frame("e1", **COMMAND))
    await it.clock.turn()
    draining = asyncio.create_task(it.delivery.drain(1))
    await it.clock.move(1.5)
    noting.set()
    await it.clock.move(2)
    await draining
    assert it.log == ["ack e1"]
    assert (await next_life(process, it)).handled == ["e1"]


@pytest.mark.parametrize("kind", [{}, COMMAND])
async def test_what_does_not_finish_is_given_back_and_handled_by_the_next(process: Make, kind: Any) -> None:
    it = await opened(process, never)
    it.take(frame("e1", **kind))
    await it.clock.turn()
    began = it.clock.monotonic()
    await it.delivery.drain(8)
    assert (it.states(), it.clock.monotonic() - began) == ({"e1": "stored"}, 8)
    it = await next_life(process, it)
    assert (it.handled, [fact.attempt for fact in it.of(Handled)]) == (["e1"], [1]), "it cost no attempt"


async def test_what_waits_stays_stored(process: Make) -> None:
    it = await opened(process, lambda _: asyncio.sleep(5), concurrency=1)
    for number in range(5):
        it.take(frame(f"e{number}", event_id=f"Ev{number}"))
    await it.clock.move(1)
    await it.delivery.drain(8)
    assert it.handled == ["e0"]
    assert it.states() == {"e0": "done", "e1": "stored", "e2": "stored", "e3": "stored", "e4": "stored"}
    it = await next_life(process, it)
    assert sorted(it.handled) == ["e1", "e2", "e3", "e4"]
    assert {fact.attempt for fact in it.of(Handled)} == {1}


async def test_what_is_being_stored_is_acked_but_not_begun(process: Make) -> None:
    it = await opened(process)
    committed = it.store.shut("after put")
    it.take(frame("e1"))
    await it.clock.turn()
    draining = asyncio.create_task(it.delivery.drain(8))
    await it.clock.turn()
    committed.set()
    await draining
    assert (it.log, it.states()) == (["ack e1"], {"e1": "stored"})


async def test_what_is_never_stored_is_not_acked(process: Make) -> None:
    it = await opened(process)
    it.store.shut("before put")
    it.take(frame("e1"))
    await it.clock.turn()
    await it.delivery.drain(1)
    assert (it.log, it.states()) == ([], {})
    assert [fact.reason for fact in it.of(NotStored)] == ["the client is closing"]


async def test_what_answers_in_its_ack_and_is_cut_off_is_a_dead_letter(process: Make) -> None:
    it = await opened(process, never)
    it.take(frame("e1", **SUBMISSION))
    await it.clock.turn()
    await it.delivery.drain(8)
    assert it.states() == {"e1": "dead"}
    assert [fact.reason for fact in it.of(Buried)] == ["the client was closed before it was handled"]


async def test_so_is_a_command_whose_ack_had_not_gone(process: Make) -> None:
    it = await opened(process)
    it.wires[0].flows.clear()
    it.take(frame("e1", **COMMAND))
    await it.clock.turn()
    await it.delivery.drain(1)
    assert (it.log, it.states()) == ([], {"e1": "dead"})


async def test_an_event_whose_ack_had_not_gone_stays_stored(process: Make) -> None:
    it = await opened(process)
    it.wires[0].flows.clear()
    it.take(frame("e1"))
    await it.clock.turn()
    await it.delivery.drain(1)
    assert (it.log, it.states()) == ([], {"e1": "stored"})


async def test_an_outcome_that_is_on_its_way_is_waited_for(process: Make) -> None:
    it = await opened(process)
    told = it.store.shut("before done")
    it.take(frame("e1"))
    await it.clock.turn()
    draining = asyncio.create_task(it.delivery.drain(8))
    await it.clock.move(4)
    assert not draining.done()
    told.set()
    await draining
    assert it.states() == {"e1": "done"}


@pytest.mark.parametrize("door", ["before done", "after done"])
async def test_one_that_does_not_arrive_in_time_may_have_arrived(process: Make, door: str) -> None:
    it = await opened(process)
    it.store.shut(door)
    it.take(frame("e1"))
    await it.clock.turn()
    await it.delivery.drain(1)
    assert it.states() == {"e1": "stored" if door == "before done" else "done"}
    assert it.of(LeaseLost, EngineFault) == []


async def test_a_store_that_cannot_take_anything_back_is_not_waited_for_long(process: Make) -> None:
    it = await opened(process, never)
    it.store.troubles["release"] = [InboxUnavailableError("the disk is full")] * 9
    it.take(frame("e1"))
    await it.clock.turn()
    began = it.clock.monotonic()
    await it.delivery.drain(1)
    assert it.clock.monotonic() - began <= 3
    assert len(it.of(InboxTrouble)) >= 1
    it = await next_life(process, it)
    assert it.handled == ["e1"]


async def test_what_resists_is_reported_and_its_record_given_back(process: Make) -> None:
    over = asyncio.Event()

    async def resist(_: object) -> None:
        while not over.is_set():
            try:
                await over.wait()
            except asyncio.CancelledError:
                continue

    it = await opened(process, resist)
    it.take(frame("e1"))
    await it.clock.turn()
    await it.delivery.drain(1)
    assert [str(fact.error) for fact in it.of(EngineFault)] == ["a task does not end when it is cancelled"]
    over.set()
    await it.clock.turn()
    assert it.states()["e1"] in {"done", "stored"}


async def test_with_nothing_to_do_it_takes_no_time_and_twice_is_fine(process: Make) -> None:
    it = await opened(process)
    await asyncio.gather(it.delivery.drain(8), it.delivery.drain(8))
    await process().delivery.drain(8)
    assert it.clock.monotonic() == 1000.0
    assert len(asyncio.all_tasks()) == 1


async def test_after_the_end_nothing_is_left(process: Make) -> None:
    it = await opened(process, never, concurrency=3)
    for number in range(9):
        it.take(frame(f"e{number}", event_id=f"Ev{number}"))
    it.take(frame("s", **SUBMISSION))
    await it.clock.move(1)
    await it.delivery.drain(2)
    it.delivery.give_up()
    await it.delivery.close()
    assert len(asyncio.all_tasks()) == 1
    assert (it.delivery.running, it.delivery.unsettled, len(it.delivery._worker.holds)) == (0, 0, 0)
    assert sorted(it.states().values()) == ["dead"] + ["stored"] * 9
