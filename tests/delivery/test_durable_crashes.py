"""`kill -9` at each point of an envelope's life, and cancellation at each await: nothing that was acked is lost."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from processes import Process, frame
from tautwire.delivery.policy import StoragePolicy
from tautwire.facts import EngineFault
from tautwire.inbox.api import Mode, State

Make = Any  # the fixture `process` of conftest

EVENT: dict[str, Any] = {}
COMMAND: dict[str, Any] = {"kind": "slash_commands"}
SUBMISSION: dict[str, Any] = {"kind": "interactive", "type": "view_submission"}


async def never(_: object) -> None:
    await asyncio.Event().wait()


def fail(_: object) -> None:
    raise ZeroDivisionError


async def opened(process: Make, listener: Any = None, **options: Any) -> Any:
    it = process(**options)
    if listener is not None:
        it.listeners = [listener]
    await it.delivery.open()
    await it.clock.turn()
    return it


# A crash. Each row: the door at which the process dies, what its listener does, and what is seen by then.

POINTS: dict[str, tuple[str, Any, list[str]]] = {
    "received": ("before put", None, []),
    "stored": ("after put", None, []),
    "ack on its way": ("ack", None, []),
    "acked": ("listener", never, ["ack e1", "listener e1"]),
    "handled": ("before done", None, ["ack e1", "listener e1"]),
    "done": ("after done", None, ["ack e1", "listener e1"]),
    "failed": ("before retry", fail, ["ack e1", "listener e1"]),
    "waiting for retry": ("after retry", fail, ["ack e1", "listener e1"]),
    "failed for good": ("before bury", fail, ["ack e1", "listener e1"]),
    "dead": ("after bury", fail, ["ack e1", "listener e1"]),
}


async def dying(process: Make, point: str, kind: dict[str, Any]) -> Any:
    """A process that an envelope came to, and that died at `point` of its life."""
    door, listener, seen = POINTS[point]
    attempts = 1 if door.endswith("bury") else 5
    it = await opened(process, listener, storage=StoragePolicy.of(attempts=attempts))
    if door == "ack":
        it.wires[0].flows.clear()
    else:
        it.store.shut(door)
    it.take(frame("e1", **kind))
    await it.clock.turn()
    it.die()
    await it.clock.move(1)
    assert it.log == seen
    return it


@pytest.mark.parametrize("point", POINTS)
async def test_an_event_is_handled_wherever_its_process_dies(process: Make, point: str) -> None:
    first = await dying(process, point, EVENT)
    second = await opened(process, shelf=first.shelf, name="two")
    await second.clock.move(10)
    if "e1" not in first.acked:
        second.take(frame("e2", retry=1))  # Slack sends again what nobody acked.
        await second.clock.turn()
        assert second.acked == ["e2"]
    handled = len(first.handled) + len(second.handled)
    ended = "dead" if point == "dead" else "done"
    assert list(second.states().values()) == [ended]
    assert handled == {"received": 1, "stored": 1, "ack on its way": 1, "done": 1, "dead": 1}.get(point, 2)


@pytest.mark.parametrize("point", POINTS)
async def test_a_command_is_handled_once_it_was_acked_and_else_is_a_dead_letter(process: Make, point: str) -> None:
    first = await dying(process, point, COMMAND)
    second = await opened(process, shelf=first.shelf, name="two")
    await second.clock.move(120)
    if point == "received":
        assert second.states() == {}, "neither acked nor stored: its person has seen an error"
    elif point in {"stored", "ack on its way", "dead"}:
        assert (second.handled, second.states()) == ([], {"e1": "dead"})
    else:
        assert (second.handled, second.states()) == ([] if point == "done" else ["e1"], {"e1": "done"})


@pytest.mark.parametrize("door", ["before acked", "after acked"])
async def test_between_its_ack_and_the_note_of_it_a_person_has_to_look(process: Make, door: str) -> None:
    first = await opened(process)
    first.store.shut(door)
    first.take(frame("e1", **COMMAND))
    await first.clock.turn()
    assert first.log == ["ack e1"]
    first.die()
    second = await opened(process, shelf=first.shelf, name="two")
    assert second.states() == {"e1": "dead" if door == "before acked" else "done"}, "in either case it is not lost"


@pytest.mark.parametrize("point", ["before put", "after put", "listener", "ack", "before done", "after done"])
async def test_what_answers_in_its_ack_is_handled_once_at_the_most(process: Make, point: str) -> None:
    first = await opened(process, never if point == "listener" else None)
    first.listeners.append(lambda _: first.delivery.ack("e1"))
    first.wires[0].flows.clear() if point == "ack" else first.store.shut(point)
    first.take(frame("e1", **SUBMISSION))
    await first.clock.turn()
    first.die()
    second = await opened(process, shelf=first.shelf, name="two")
    await second.clock.move(120)
    assert (second.handled, second.acked) == ([], [])
    expected = {"before put": {}, "after done": {"e1": "done"}}.get(point, {"e1": "dead"})
    assert second.states() == expected


@pytest.mark.parametrize("door", ["before claim", "after claim", "before extend", "after extend", "after acked"])
async def test_a_dead_worker_holds_nothing_for_ever(process: Make, door: str) -> None:
    first = await opened(process, lambda _: asyncio.sleep(50), concurrency=1)
    for number in range(3):
        first.take(frame(f"e{number}", event_id=f"Ev{number}"))
    await first.clock.turn()
    first.store.shut(door)
    await first.clock.move(70)
    first.die()
    second = await opened(process, shelf=first.shelf, name="two")
    assert (set(second.states().values()), sorted(second.states())) == ({"done"}, ["e0", "e1", "e2"])


async def test_the_process_that_is_gone_is_not_asked_twice(process: Make) -> None:
    """Two at once, as when the first is only thought to be dead: what it does late is refused."""
    first = await opened(process, lambda _: asyncio.sleep(100))
    first.take(frame("e1"))
    await first.clock.turn()
    first.delivery._worker.holds.stop()  # It hangs, and extends nothing.
    second = await opened(process, shelf=first.shelf, name="two")
    assert second.handled == ["e1"]
    await first.clock.move(200)
    assert (first.handled, second.states()) == (["e1"], {"e1": "done"})
    assert [type(fact).__name__ for fact in first.facts[-1:]] == ["LeaseLost"]


# Cancellation, at every await. A turn of the loop is the smallest step there is.

TURNS = range(14)


async def _receive(it: Process) -> None:
    it.take(frame("e1"))


async def _command(it: Process) -> None:
    it.take(frame("e1", **COMMAND))


async def _submission(it: Process) -> None:
    it.listeners = [lambda _: it.delivery.ack("e1")]
    it.take(frame("e1", **SUBMISSION))


async def _failing(it: Process) -> None:
    it.listeners = [fail]
    it.take(frame("e1"))


async def _claimed(it: Process) -> None:
    it.delivery._worker.slots.is_behind = True  # As with records that wait: through the store.
    it.take(frame("e1"))


@pytest.mark.parametrize("name", ["tautwire-listener", "tautwire-claim", "tautwire-note", "tautwire-leases"])
@pytest.mark.parametrize("act", [_receive, _command, _submission, _failing, _claimed])
@pytest.mark.parametrize("turns", TURNS)
@pytest.mark.parametrize("is_slow", [False, True])
async def test_a_task_that_is_cancelled_anywhere_loses_nothing(
    process: Make, act: Any, name: str, turns: int, is_slow: bool
) -> None:
    it = await opened(process)
    it.store.is_slow = is_slow
    await act(it)
    await it.clock.turn(turns)
    for task in asyncio.all_tasks():
        if task.get_name() == name:
            task.cancel()
    await it.clock.move(5)
    _check(it)
    it.listeners = [lambda _: None]
    await it.delivery.drain(1)
    _check_end(it, await _next(process, it))


@pytest.mark.parametrize("act", [_receive, _command, _submission, _failing, _claimed])
@pytest.mark.parametrize("turns", TURNS)
@pytest.mark.parametrize("is_slow", [False, True])
async def test_a_close_at_any_moment_loses_nothing_and_leaves_nothing(
    process: Make, act: Any, turns: int, is_slow: bool
) -> None:
    it = await opened(process)
    it.store.is_slow = is_slow
    await act(it)
    await it.clock.turn(turns)
    await it.delivery.drain(0)
    it.delivery.give_up()
    await it.delivery.close()
    _check(it)
    assert len(asyncio.all_tasks()) == 1
    assert it.of(EngineFault) == []
    _check_end(it, await _next(process, it))


@pytest.mark.parametrize("turns", range(6))
async def test_an_opening_that_is_cancelled_can_be_repeated(process: Make, turns: int) -> None:
    it = process()
    it.store.shut("after open")
    opening = asyncio.create_task(it.delivery.open())
    await it.clock.turn(turns)
    opening.cancel()
    await asyncio.wait({opening})
    it.store.doors.clear()
    await it.delivery.open()
    it.take(frame("e1"))
    await it.clock.turn()
    assert it.log == ["ack e1", "listener e1"]


def _check(it: Process) -> None:
    """Whatever was acked was stored, but for what answers in its ack."""
    stored = it.states()
    for envelope_id in it.acked:
        assert envelope_id in stored or it.received[0].envelope.type == "interactive"


async def _next(process: Make, it: Process) -> Process:
    it.die()
    following: Process = await opened(process, shelf=it.shelf, name="next")
    await it.delivery._backlog._clock.sleep(400)
    return following


def _check_end(before: Process, after: Process) -> None:
    """Everything has ended, and all that was acked has been handled to its end or is there to be looked at."""
    handled = [*before.handled, *after.handled]
    for entry in after.shelf.entries.values():
        state, envelope_id = entry.state, entry.record.envelope_id
        assert state is State.DONE or (state is State.DEAD and entry.record.mode is not Mode.AGAIN)
        assert state is State.DEAD or envelope_id in handled
    assert set(before.acked) <= after.states().keys() | (set(handled) if "interactive" in _types(before) else set())


def _types(it: Process) -> set[str]:
    return {received.envelope.type for received in it.received}
