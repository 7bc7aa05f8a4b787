"""A gateway stores and acks, and handles nothing but what answers inside its ack; a backlog needs nothing beside it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from processes import frame
from tautwire.facts import Duplicate, EnvelopeStored, Handled, InboxOpened, Recovering
from tautwire.inbox.api import Mode

if TYPE_CHECKING:
    from tautwire.delivery.backlog import Backlog

Make = Any  # the fixture `process` of conftest

COMMAND: dict[str, Any] = {"kind": "slash_commands"}
SUBMISSION: dict[str, Any] = {"kind": "interactive", "type": "view_submission"}


async def gateway(process: Make, **options: Any) -> Any:
    it = process(handle_stored=False, **options)
    await it.delivery.open()
    await it.clock.turn()
    return it


@pytest.mark.parametrize("more", [{}, COMMAND])
async def test_a_gateway_leaves_what_is_stored_to_others(process: Make, more: dict[str, Any]) -> None:
    it = await gateway(process)
    it.take(frame("e1", **more))
    await it.clock.turn()
    assert (it.acked, it.handled, it.states()) == (["e1"], [], {"e1": "stored"})
    assert it.delivery.is_acked("e1")
    await it.clock.sleep(400)
    assert (it.handled, it.states()) == ([], {"e1": "stored"})
    assert len(it.of(EnvelopeStored)) == 1
    assert "claim" not in it.store.calls


async def test_what_waited_before_it_is_counted_and_left_alone(process: Make) -> None:
    first = await gateway(process)
    first.take(frame("e1"))
    await first.clock.turn()
    first.die()
    second = await gateway(process, shelf=first.shelf, name="two")
    await second.clock.sleep(400)
    assert [fact.waiting for fact in second.of(InboxOpened)] == [1]
    assert (second.handled, second.of(Recovering), second.states()) == ([], [], {"e1": "stored"})


async def test_a_second_delivery_is_acked_and_stored_once(process: Make) -> None:
    it = await gateway(process)
    it.take(frame("e1"))
    await it.clock.turn()
    it.take(frame("e2", retry=1))
    await it.clock.turn()
    assert it.acked == ["e1", "e2"]
    assert len(it.of(Duplicate)) == 1
    assert it.states() == {"e1": "stored"}


async def test_what_answers_inside_its_ack_is_handled_by_the_gateway(process: Make) -> None:
    it = await gateway(process)

    async def answer(received: Any) -> None:
        await it.delivery.ack(received.receipt.envelope_id, {"response_action": "clear"})

    it.listeners = [answer]
    it.take(frame("e1", **SUBMISSION))
    await it.clock.turn()
    assert it.wires[0].sent == [{"envelope_id": "e1", "payload": {"response_action": "clear"}}]
    assert it.states() == {"e1": "done"}
    assert len(it.of(Handled)) == 1


async def test_a_gateway_that_ends_leaves_nothing_undone(process: Make) -> None:
    it = await gateway(process)
    for number in range(3):
        it.take(frame(f"e{number}", event_id=f"Ev{number}"))
    await it.delivery.drain(1.0)
    await it.delivery.close()
    assert set(it.states().values()) <= {"stored"}
    assert set(it.acked) <= set(it.states())


async def test_a_backlog_handles_what_a_gateway_has_stored(process: Make) -> None:
    before = await gateway(process)
    before.take(frame("e1", **COMMAND))
    await before.clock.turn()
    assert [entry.record.mode for entry in before.shelf.entries.values()] == [Mode.ONCE_ACKED]
    before.die()
    it = process(shelf=before.shelf, name="worker")
    backlog: Backlog = it.delivery._backlog

    async def answer(received: Any) -> None:
        for _ in range(2):
            await backlog.ack(received.receipt.envelope_id, {"text": "hi"})

    it.listeners = [answer]
    await backlog.open()
    await it.clock.turn()
    assert (it.handled, it.late_answers) == (["e1"], [("e1", {"text": "hi"})])
    assert it.states() == {"e1": "done"}
    await backlog.drain(1.0)
    await backlog.finish()
    await backlog.close()
