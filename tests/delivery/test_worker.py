"""What happens to a record once it is stored: attempts, leases, places, recovery."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from processes import Process, frame
from tautwire.delivery.policy import StoragePolicy
from tautwire.errors import BoltStatusError, InboxUnavailableError, LeaseLostError, ListenerTimeoutError
from tautwire.facts import (
    Buried,
    EngineFault,
    Handled,
    InboxOpened,
    InboxTrouble,
    LeaseLost,
    ListenerFailed,
    Recovering,
    RetryPlanned,
)
from tautwire.inbox.api import Mode, Record

Make = Any  # the fixture `process` of conftest

COMMAND: dict[str, Any] = {"kind": "slash_commands"}


async def opened(process: Make, listener: Any = None, **options: Any) -> Any:
    it = process(**options)
    if listener is not None:
        it.listeners = [listener]
    await it.delivery.open()
    await it.clock.turn()
    return it


async def never(_: object) -> None:
    await asyncio.Event().wait()


def fail(_: object) -> None:
    raise ZeroDivisionError


class Gates:
    """Listeners that wait until they are told to go on, each by its envelope."""

    def __init__(self) -> None:
        self._gates: dict[str, asyncio.Event] = {}

    def __getitem__(self, envelope_id: str) -> asyncio.Event:
        return self._gates.setdefault(envelope_id, asyncio.Event())

    async def __call__(self, received: Any) -> None:
        await self[received.receipt.envelope_id].wait()


def take(it: Any, *numbers: int) -> None:
    for number in numbers:
        it.take(frame(f"e{number}", event_id=f"Ev{number}"))


async def stored(it: Process, *numbers: int, mode: Mode = Mode.AGAIN, payload: bytes | None = None) -> None:
    """Records that another process has stored, and nobody has handled."""
    for number in numbers:
        text = frame(f"e{number}", event_id=f"Ev{number}").encode() if payload is None else payload
        record = Record(key=f"k{number}", type="events_api", envelope_id=f"e{number}", payload=text, mode=mode)
        await it.store.put(record)


# Attempts.


async def test_what_fails_is_tried_again_until_it_is_done(process: Make) -> None:
    it = await opened(process)
    it.listeners = [lambda received: fail(received) if len(it.handled) < 3 else None]
    take(it, 1)
    await it.clock.move(60)
    assert (it.log, it.states()) == (["ack e1", *["listener e1"] * 3], {"e1": "done"})
    assert [(fact.attempt, 1 <= fact.delay <= 20) for fact in it.of(RetryPlanned)] == [(1, True), (2, True)]
    assert [fact.attempt for fact in it.of(Handled)] == [3]
    first, second = it.received[0], it.received[1]
    assert (first.text, first.envelope) == (second.text, second.envelope)


async def test_what_always_fails_is_a_dead_letter_after_five_attempts(process: Make) -> None:
    it = await opened(process)
    it.listeners = [fail]
    take(it, 1)
    await it.clock.move(900)
    assert (len(it.handled), it.states()) == (5, {"e1": "dead"})
    assert [fact.attempt for fact in it.of(RetryPlanned)] == [1, 2, 3, 4]
    assert [(fact.attempt, fact.reason) for fact in it.of(Buried)] == [(5, "it failed in its last attempt")]
    assert "listener 0 raised ZeroDivisionError" in next(iter(it.errors()))


async def test_replayed_it_has_all_its_attempts_before_it(process: Make) -> None:
    it = await opened(process, storage=StoragePolicy.of(attempts=1))
    it.listeners = [fail]
    take(it, 1)
    await it.clock.turn()
    assert it.states() == {"e1": "dead"}
    it.listeners = [lambda _: None]
    assert await it.store.replay() == 1
    await it.clock.turn()
    assert (it.handled, it.states()) == (["e1", "e1"], {"e1": "done"})


async def test_every_listener_runs_and_each_failure_is_kept(process: Make) -> None:
    it = await opened(process)
    ran: list[str] = []
    it.listeners = [fail, lambda _: ran.append("second"), fail]
    take(it, 1)
    await it.clock.turn()
    assert ran == ["second"]
    (error,) = it.errors()
    assert ("listener 0 raised" in error, "listener 2 raised" in error) == (True, True)
    assert len(it.of(ListenerFailed)) == 2


async def test_a_handler_that_breaks_is_a_fault_and_a_failure(process: Make) -> None:
    it = await opened(process)
    it.unguarded = fail
    take(it, 1)
    await it.clock.turn()
    assert [(fact.where, type(fact.error)) for fact in it.of(EngineFault)] == [("tautwire-listener", ZeroDivisionError)]
    assert it.states() == {"e1": "stored"}


async def test_a_listener_that_hangs_is_cancelled_and_tried_again(process: Make) -> None:
    it = await opened(process, storage=StoragePolicy.of(listener_timeout=10, attempts=2))
    it.listeners = [never]
    take(it, 1)
    await it.clock.move(60)
    assert [type(fact.error) for fact in it.of(ListenerFailed)] == [ListenerTimeoutError] * 2
    assert it.states() == {"e1": "dead"}


async def test_what_bolt_has_no_listener_for_is_not_tried_again(process: Make) -> None:
    it = await opened(process)

    def refuse(received: Any) -> None:
        raise BoltStatusError(404 if received.receipt.envelope_id == "e1" else 500)

    it.listeners = [refuse]
    take(it, 1, 2)
    await it.clock.turn()
    assert it.states() == {"e1": "dead", "e2": "stored"}


async def test_somebody_who_cancels_the_listeners_task_costs_an_attempt_and_no_event(process: Make) -> None:
    it = await opened(process)
    it.listeners = [never]
    take(it, 1)
    await it.clock.turn()
    for task in asyncio.all_tasks():
        if task.get_name() == "tautwire-listener":
            task.cancel()
    await it.clock.turn()
    assert (it.states(), it.delivery.running) == ({"e1": "leased"}, 0)
    it.listeners = [lambda _: None]
    await it.clock.move(61)
    assert (it.handled, it.states()) == (["e1", "e1"], {"e1": "done"})
    assert [fact.attempt for fact in it.of(Handled)] == [2]


@pytest.mark.parametrize("is_claimed", [False, True])
async def test_also_before_it_has_begun(process: Make, is_claimed: bool) -> None:
    it = await opened(process)
    if is_claimed:
        await stored(it, 1)
    else:
        take(it, 1)
    for _ in range(12):
        for task in asyncio.all_tasks():
            if task.get_name() == "tautwire-listener":
                task.cancel()
        await asyncio.sleep(0)
    assert (it.handled, it.delivery.running) == ([], 0)
    await it.clock.move(61)
    assert it.handled == ["e1"] * is_claimed, "what was not stored is left to Slack"


# Leases.


async def test_a_long_handling_keeps_its_lease(process: Make) -> None:
    it = await opened(process)
    gates = it.listeners = [Gates()]
    take(it, 1)
    await it.clock.move(1800)
    gates[0]["e1"].set()
    await it.clock.turn()
    assert (it.handled, it.states(), it.of(LeaseLost)) == (["e1"], {"e1": "done"}, [])
    assert it.store.calls.count("extend") == 90, "every twenty seconds, a third of a minute"


async def test_what_was_settled_is_extended_no_more(process: Make) -> None:
    it = await opened(process)
    take(it, 1)
    await it.clock.move(300)
    assert "extend" not in it.store.calls
    assert not [task for task in asyncio.all_tasks() if task.get_name() == "tautwire-leases"]


async def test_a_store_that_cannot_extend_is_asked_again(process: Make) -> None:
    it = await opened(process)
    gates = it.listeners = [Gates()]
    it.store.troubles["extend"] = [InboxUnavailableError("the disk is full")]
    take(it, 1)
    await it.clock.move(300)
    gates[0]["e1"].set()
    await it.clock.turn()
    assert (it.states(), [fact.doing for fact in it.of(InboxTrouble)]) == ({"e1": "done"}, ["extend a lease"])


async def test_a_lease_that_went_to_somebody_else_is_told_once_and_what_was_done_counts_for_nothing(
    process: Make,
) -> None:
    it = await opened(process)
    gates = it.listeners = [Gates()]
    it.store.troubles["extend"] = [LeaseLostError("gone")]
    take(it, 1)
    await it.clock.move(50)
    assert [(fact.envelope_id, fact.attempt) for fact in it.of(LeaseLost)] == [("e1", 1)]
    gates[0]["e1"].set()
    await it.clock.turn()
    assert (len(it.of(LeaseLost)), it.of(Handled, EngineFault), it.store.calls.count("done")) == (1, [], 0)
    assert len(it.delivery._worker.holds) == 0


async def test_a_late_outcome_is_refused_which_is_no_failure(process: Make) -> None:
    it = await opened(process)
    gates = it.listeners = [Gates()]
    it.store.troubles["done"] = [LeaseLostError("gone")]
    take(it, 1)
    await it.clock.turn()
    gates[0]["e1"].set()
    await it.clock.turn()
    assert (len(it.of(LeaseLost)), it.of(Handled, EngineFault)) == (1, [])
    assert it.delivery.running == 0


async def test_one_that_ended_while_the_loop_was_blocked_comes_back_to_the_handling_that_runs(process: Make) -> None:
    it = await opened(process)
    gates = it.listeners = [Gates()]
    take(it, 1)
    await it.clock.turn()
    it.clock._now += 120  # Nobody could do anything for two minutes.
    await it.clock.move(1)
    gates[0]["e1"].set()
    await it.clock.move(30)
    assert (it.handled, it.states(), it.of(LeaseLost)) == (["e1"], {"e1": "done"}, [])
    assert [fact.attempt for fact in it.of(Handled)] == [2]


@pytest.mark.parametrize("when", ["lost", "settling", "extending", "extended"])
async def test_whenever_it_comes_back_nothing_runs_twice(process: Make, when: str) -> None:
    it = await opened(process)
    gates = it.listeners = [Gates()]
    take(it, 1)
    await it.clock.turn()
    holds = it.delivery._worker.holds
    held = holds.find("e1")
    if when == "lost":
        it.store.troubles["extend"] = [LeaseLostError("gone")]
        await it.clock.move(30)
        assert len(it.of(LeaseLost)) == 1
    doors = {"settling": "before done", "extending": "before extend", "extended": "after extend"}
    name = doors.get(when, "nowhere")
    door = it.store.shut(name)
    if when == "settling":
        gates[0]["e1"].set()
    if when.startswith("exten"):
        await it.clock.move(25)
    await it.clock.turn()
    it.clock._now += 120
    (again,) = await super(type(it.store), it.store).claim("one")
    assert holds.adopt(again)
    door.set()
    del it.store.doors[name]
    await it.clock.move(1)
    gates[0]["e1"].set()
    await it.clock.turn()
    assert (it.handled, it.states(), held.lease.fence) == (["e1"], {"e1": "done"}, 2)
    assert len(it.of(Handled)) == 1


@pytest.mark.parametrize("is_lost", [False, True])
async def test_who_was_stopped_since_its_claim_does_not_begin_with_what_others_have_ended(
    process: Make, is_lost: bool
) -> None:
    it = await opened(process)
    door = it.store.shut("after claim")
    await stored(it, 1)
    await it.clock.turn()
    assert it.states() == {"e1": "leased"}
    it.clock._now += 120
    if is_lost:
        store: Any = super(type(it.store), it.store)
        (theirs,) = await store.claim("somebody else")
        await store.done(theirs)
    door.set()
    del it.store.doors["after claim"]
    await it.clock.move(1)
    assert it.handled == ([] if is_lost else ["e1"])
    assert (it.states(), len(it.of(LeaseLost)), it.delivery.running) == ({"e1": "done"}, is_lost, 0)


async def test_a_store_that_cannot_take_an_outcome_is_told_again(process: Make) -> None:
    it = await opened(process)
    it.store.troubles["done"] = [InboxUnavailableError("the disk is full")] * 3
    take(it, 1)
    await it.clock.move(11)
    assert (it.handled, it.states()) == (["e1"], {"e1": "done"})
    assert [fact.doing for fact in it.of(InboxTrouble)] == ["store what became of a record"] * 3


async def test_but_not_for_ever(process: Make) -> None:
    it = await opened(process)
    it.store.troubles["done"] = [InboxUnavailableError("the disk is full")] * 4
    take(it, 1)
    await it.clock.move(11)
    assert (it.states(), it.delivery.running) == ({"e1": "leased"}, 0)
    await it.clock.move(120)
    assert (it.handled, it.states()) == (["e1", "e1"], {"e1": "done"}), "the lease ended; it was handled again"


async def test_an_outcome_that_breaks_the_store_leaves_the_record_to_its_lease(process: Make) -> None:
    it = await opened(process)
    it.store.troubles["done"] = [RuntimeError("a defect")]
    take(it, 1)
    await it.clock.move(61)
    assert (it.handled, it.states()) == (["e1", "e1"], {"e1": "done"})
    assert [type(fact.error) for fact in it.of(EngineFault)] == [RuntimeError]


# Places.


async def test_as_many_run_as_may_and_the_others_wait_in_the_store(process: Make) -> None:
    it = await opened(process, concurrency=2)
    gates = it.listeners = [Gates()]
    take(it, *range(6))
    await it.clock.turn()
    assert (len(it.acked), it.handled, it.delivery.running) == (6, ["e0", "e1"], 2)
    assert sorted(it.states().values()) == ["leased"] * 3 + ["stored"] * 3, "one of them is the next"
    for number in range(6):
        gates[0][f"e{number}"].set()
        await it.clock.turn()
    assert (it.handled, set(it.states().values())) == ([f"e{number}" for number in range(6)], {"done"})
    take(it, 7)
    gates[0]["e7"].set()
    await it.clock.turn()
    assert it.store.calls[-2:] == ["put", "done"], "nothing waits any more, so it is handled at once"


async def test_what_waits_in_the_store_goes_before_what_comes_in(process: Make) -> None:
    it = await opened(process, concurrency=1)
    gates = it.listeners = [Gates()]
    take(it, 1, 2)
    await it.clock.turn()
    gates[0]["e1"].set()
    take(it, 3)
    await it.clock.turn()
    assert it.handled == ["e1", "e2"]
    gates[0]["e2"].set()
    await it.clock.turn()
    assert it.handled == ["e1", "e2", "e3"]


async def test_a_record_that_was_claimed_waits_for_its_place_and_keeps_its_lease(process: Make) -> None:
    it = await opened(process, concurrency=1)
    gates = it.listeners = [Gates()]
    take(it, 1)
    await stored(it, 2)  # The claim that waits for one gets it, though there is no place by now.
    await it.clock.move(300)
    assert (it.handled, it.states()) == (["e1"], {"e1": "leased", "e2": "leased"})
    gates[0]["e1"].set()
    await it.clock.turn()
    gates[0]["e2"].set()
    await it.clock.turn()
    assert (it.handled, it.states()) == (["e1", "e2"], {"e1": "done", "e2": "done"})
    assert [fact.attempt for fact in it.of(Handled)] == [1, 1]


async def test_without_listeners_everything_waits(process: Make) -> None:
    it = process()
    it.listeners = []
    await it.delivery.open()
    take(it, 1, 2)
    await it.clock.move(60)
    assert (it.acked, it.handled, it.states()) == (["e1", "e2"], [], {"e1": "stored", "e2": "stored"})
    it.listeners = [lambda _: None]
    await it.clock.move(0.1)
    assert (it.handled, set(it.states().values())) == (["e1", "e2"], {"done"})


async def test_also_when_the_last_one_leaves(process: Make) -> None:
    it = await opened(process)
    committed = it.store.shut("after put")
    take(it, 1)
    await it.clock.turn()
    it.listeners = []
    committed.set()
    await it.clock.turn()
    await stored(it, 2)
    await it.clock.move(5)
    assert (it.handled, it.states()) == ([], {"e1": "stored", "e2": "stored"})
    it.listeners = [lambda _: None]
    await it.clock.move(0.1)
    assert it.handled == ["e1", "e2"]
    assert [fact.attempt for fact in it.of(Handled)] == [1, 1], "what was given back cost no attempt"


# Claims that fail.


@pytest.mark.parametrize("error", [InboxUnavailableError("the disk is full"), RuntimeError("a defect")])
async def test_a_claim_that_fails_is_made_again_after_a_pause(process: Make, error: Exception) -> None:
    it = process()
    it.store.troubles["claim"] = [error] * 3
    await it.delivery.open()
    await it.clock.turn()
    await stored(it, 1)
    assert it.handled == []
    await it.clock.move(20)
    assert it.handled == ["e1"]
    told = it.of(InboxTrouble, EngineFault)
    assert [type(fact) for fact in told] == [InboxTrouble if "disk" in str(error) else EngineFault] * 3


# Recovery.


async def test_what_a_dead_process_left_is_handled_by_the_next(process: Make) -> None:
    first = await opened(process)
    first.listeners = [never]
    take(first, 1, 2)
    await first.clock.turn()
    first.die()
    second = await opened(process, shelf=first.shelf, name="two")
    assert (second.handled, set(second.states().values())) == (["e1", "e2"], {"done"})
    wall = second.clock.wall()
    assert second.of(InboxOpened) == [InboxOpened(wall, 2, 2, 0, ())]
    assert second.of(Recovering) == [Recovering(wall, 2, 2), Recovering(wall, 2, 1), Recovering(wall, 2, 0)]
    assert [fact.attempt for fact in second.of(Handled)] == [2, 2]
    await second.delivery.ack("e1", {"text": "long after"})
    assert second.acked == [], "it was acked by the first one"


async def test_its_progress_is_told_for_each_tenth_and_only_for_what_was_there(process: Make) -> None:
    first = process()
    await first.store.open()
    await stored(first, *range(95))
    first.die()
    second = process(shelf=first.shelf, name="two")
    second.listeners = []
    await second.delivery.open()
    await second.clock.move(1)
    take(second, *range(200, 300))
    second.listeners = [lambda _: None]
    await second.clock.move(1)
    assert len(second.handled) == 195
    assert [fact.left for fact in second.of(Recovering)] == [95, *range(90, -1, -9)]


async def test_what_ends_the_process_each_time_is_a_dead_letter_in_the_end(process: Make) -> None:
    it = await opened(process, never)
    take(it, 1)
    for life in range(6):
        await it.clock.turn()
        it.die()
        it = await opened(process, never, shelf=it.shelf, name=f"life {life}")
    assert it.states() == {"e1": "dead"}
    assert list(it.errors()) == ["its handling was begun 5 times and never ended"]


@pytest.mark.parametrize("payload", [b"", b"null", b"{}", b"\xff", b'{"type":"hello"}'])
async def test_what_is_no_envelope_is_a_dead_letter_and_holds_up_nobody(process: Make, payload: bytes) -> None:
    it = await opened(process)
    await stored(it, 1, payload=payload)
    await stored(it, 2)
    await it.clock.turn()
    assert it.states() == {"e1": "dead", "e2": "done"}
    assert [fact.reason for fact in it.of(Buried)] == ["what is stored is no envelope"]


async def test_half_a_surrogate_pair_survives_the_store(process: Make) -> None:
    it = await opened(process, concurrency=1)
    gates = it.listeners = [Gates()]
    take(it, 1)
    text = frame("e2", event_id="Ev2").replace("A1", "half \ud83d")
    it.take(text)
    await it.clock.turn()
    gates[0]["e1"].set()
    await it.clock.turn()
    assert it.received[1].text == text


async def test_an_acked_command_is_handled_by_the_next_process(process: Make) -> None:
    first = await opened(process)
    first.listeners = [never]
    first.take(frame("e1", **COMMAND))
    await first.clock.turn()
    first.die()
    second = await opened(process, shelf=first.shelf, name="two")
    assert (second.handled, second.states()) == (["e1"], {"e1": "done"})
