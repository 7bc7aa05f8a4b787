"""Delivery with an inbox: stored, acked, handled, in this order; and what answers inside its ack beside that."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import pytest

from processes import frame
from tautwire.delivery import durable
from tautwire.delivery.policy import StoragePolicy
from tautwire.engine.transport import Text
from tautwire.errors import InboxFullError, InboxUnavailableError, NotConnectedError
from tautwire.facts import (
    AckFailed,
    AckLate,
    AckSent,
    AnswerLost,
    BackPressure,
    Buried,
    Duplicate,
    EngineFault,
    EnvelopeRefused,
    EnvelopeStored,
    Handled,
    InboxOpened,
    InboxTrouble,
    ListenerFailed,
    NotStored,
)
from tautwire.protocol.messages import Unknown

Make = Any  # the fixture `process` of conftest

COMMAND: dict[str, Any] = {"kind": "slash_commands"}
SUBMISSION: dict[str, Any] = {"kind": "interactive", "type": "view_submission"}


async def opened(process: Make, **options: Any) -> Any:
    it = process(**options)
    await it.delivery.open()
    await it.clock.turn()
    return it


async def never(_: object) -> None:
    await asyncio.Event().wait()


def fail(received: object) -> None:
    raise ZeroDivisionError(f"what is in {received}")


# The order.


async def test_an_event_is_stored_then_acked_then_handled(process: Make) -> None:
    it = await opened(process)
    it.take(frame("e1"))
    await it.clock.turn()
    assert it.store.calls == ["open", "claim", "claim", "put", "done"], (
        "one commit before the ack, one after the handler"
    )
    assert it.log == ["ack e1", "listener e1"]
    assert it.states() == {"e1": "done"}
    wall = it.clock.wall()
    assert it.facts == [
        InboxOpened(wall, 0, 0, 0, ()),
        EnvelopeStored(wall, "e1", "events_api", 0.0),
        AckSent(wall, "e1", "events_api", 0.0, 1, False, False),
        Handled(wall, "e1", "events_api", 1, 0.0),
    ]


async def test_nothing_is_acked_before_it_is_committed(process: Make) -> None:
    it = await opened(process)
    committed = it.store.shut("after put")
    it.take(frame("e1"))
    await it.clock.move(1.9)
    assert (it.log, it.delivery.unsettled) == ([], 1)
    committed.set()
    await it.clock.turn()
    assert it.log == ["ack e1", "listener e1"]
    assert [round(fact.seconds, 3) for fact in it.of(EnvelopeStored, AckSent)] == [1.9, 1.9]


async def test_a_listener_gets_the_envelope_as_it_came(process: Make) -> None:
    it = await opened(process)
    text = frame("e1", retry=2, event={"text": "h\u00e9 \ud83d\ude00"})
    it.take(text)
    await it.clock.turn()
    (received,) = it.received
    assert (received.text, received.envelope.retry_attempt) == (text, 2)


async def test_it_goes_out_where_it_came_in(process: Make) -> None:
    it = await opened(process)
    second = it.wire()
    it.wire()
    it.take(frame("e1"), second)
    await it.clock.turn()
    assert [wire.acked for wire in it.wires] == [[], ["e1"], []]


async def test_or_elsewhere_when_that_is_gone(process: Make) -> None:
    it = await opened(process)
    committed = it.store.shut("after put")
    it.take(frame("e1"))
    await it.clock.move(0.5)
    it.cut()
    it.wire()
    committed.set()
    await it.clock.turn()
    assert (it.wires[1].acked, it.waits) == (["e1"], [2.5])
    assert [fact.is_elsewhere for fact in it.of(AckSent)] == [True]


async def test_an_ack_that_takes_its_time_is_late(process: Make) -> None:
    it = await opened(process)
    it.wires[0].flows.clear()
    it.take(frame("e1"))
    await it.clock.move(3.5)
    it.wires[0].flows.set()
    await it.clock.turn()
    assert [fact.seconds for fact in it.of(AckLate)] == [3.5]


async def test_an_event_whose_ack_cannot_go_is_handled_all_the_same(process: Make) -> None:
    it = await opened(process)
    it.cut()
    it.take(frame("e1"))
    await it.clock.move(3)
    assert (it.acked, it.handled, it.states()) == ([], ["e1"], {"e1": "done"})
    assert [fact.reason for fact in it.of(AckFailed)] == ["no connection is open"]
    it.wire()
    it.take(frame("e2", retry=1), it.wires[1])
    await it.clock.turn()
    assert (it.acked, it.handled) == (["e2"], ["e1"])


# Slack sends it again.


async def test_what_comes_again_is_acked_again_and_not_handled_again(process: Make) -> None:
    it = await opened(process)
    it.take(frame("e1"))
    await it.clock.move(368)
    it.take(frame("e2", retry=2))
    await it.clock.turn()
    assert (it.acked, it.handled) == (["e1", "e2"], ["e1"])
    assert [(fact.envelope_id, fact.retry_attempt) for fact in it.of(Duplicate)] == [("e2", 2)]
    assert len(it.of(AckSent)) == 1


async def test_also_while_the_first_is_handled_or_waits_for_its_commit(process: Make) -> None:
    it = await opened(process)
    it.listeners = [never]
    committed = it.store.shut("after put")
    it.take(frame("e1"))
    it.take(frame("e2", retry=1))
    await it.clock.turn()
    assert it.acked == []
    committed.set()
    await it.clock.turn()
    it.take(frame("e3", retry=2))
    await it.clock.turn()
    assert (it.acked, it.handled) == (["e1", "e2", "e3"], ["e1"])


async def test_a_duplicate_whose_connection_is_gone_is_left_to_the_next_try(process: Make) -> None:
    it = await opened(process)
    it.take(frame("e1"))
    await it.clock.turn()
    it.cut()
    it.wire()
    it.take(frame("e2", retry=1))
    await it.clock.turn()
    assert [wire.acked for wire in it.wires] == [["e1"], []]


# What cannot be stored.


@pytest.mark.parametrize("trouble", [InboxFullError("the inbox is full"), InboxUnavailableError("the disk is full")])
@pytest.mark.parametrize("kind", [{}, COMMAND])
async def test_what_cannot_be_stored_is_not_acked_and_not_handled(process: Make, trouble: Any, kind: Any) -> None:
    it = await opened(process)
    it.store.troubles["put"] = [trouble]
    it.take(frame("e1", **kind))
    await it.clock.move(10)
    assert it.log == []
    assert [(fact.envelope_id, fact.reason) for fact in it.of(NotStored)] == [("e1", str(trouble))]
    assert (it.delivery.unsettled, it.delivery.running) == (0, 0)


async def test_and_slacks_next_try_is_another_chance(process: Make) -> None:
    it = await opened(process)
    it.store.troubles["put"] = [InboxUnavailableError("the disk is full")]
    it.take(frame("e1"))
    await it.clock.turn()
    it.take(frame("e2", retry=1))
    await it.clock.turn()
    assert it.log == ["ack e2", "listener e2"]


async def test_a_commit_of_more_than_two_seconds_is_refused_and_its_record_runs_once(process: Make) -> None:
    it = await opened(process)
    committed = it.store.shut("after put")
    it.take(frame("e1"))
    await it.clock.move(1.999)
    assert it.of(NotStored) == []
    await it.clock.move(0.001)
    assert [fact.reason for fact in it.of(NotStored)] == ["the inbox took longer than 2 s"]
    assert it.delivery.unsettled == 0
    await it.clock.move(5)
    committed.set()
    await it.clock.turn()
    assert it.log == ["listener e1"], "stored after all, so it is handled; but Slack was told nothing"
    it.take(frame("e2", retry=1))
    await it.clock.turn()
    assert it.log == ["listener e1", "ack e2"]
    assert (it.states(), len(it.of(NotStored))) == ({"e1": "done"}, 1)


async def test_a_duplicate_that_takes_so_long_is_refused_as_well(process: Make) -> None:
    it = await opened(process)
    it.take(frame("e1"))
    await it.clock.turn()
    committed = it.store.shut("after put")
    it.take(frame("e2", retry=1))
    await it.clock.move(3)
    committed.set()
    await it.clock.turn()
    assert (it.acked, it.of(Duplicate)) == (["e1"], [])
    assert [fact.envelope_id for fact in it.of(NotStored)] == ["e2"]


async def test_what_fails_after_it_was_refused_is_told_once(process: Make) -> None:
    it = await opened(process)
    door = it.store.shut("before put")
    it.store.troubles["put"] = [InboxUnavailableError("the disk is full")]
    it.take(frame("e1"))
    await it.clock.move(3)
    door.set()
    await it.clock.turn()
    assert [fact.reason for fact in it.of(NotStored)] == ["the inbox took longer than 2 s"]


async def test_a_command_that_was_stored_too_late_to_be_acked_is_a_dead_letter(process: Make) -> None:
    it = await opened(process)
    committed = it.store.shut("after put")
    it.take(frame("e1", **COMMAND))
    await it.clock.move(3)
    committed.set()
    await it.clock.turn()
    assert (it.log, it.states()) == ([], {"e1": "dead"})
    assert [fact.reason for fact in it.of(Buried)] == ["it could not be acked, so its person has seen an error"]


async def test_a_store_that_breaks_is_a_fault_and_nothing_is_acked(process: Make) -> None:
    it = await opened(process)
    it.store.troubles["put"] = [RuntimeError("a defect")]
    it.take(frame("e1"))
    await it.clock.turn()
    assert (it.log, [fact.reason for fact in it.of(NotStored)]) == ([], ["the inbox is broken"])
    assert [type(fact.error) for fact in it.of(EngineFault)] == [RuntimeError]
    assert it.delivery.running == 0


async def test_before_it_is_open_nothing_is_acked(process: Make) -> None:
    it = process()
    for kind in ({}, COMMAND):
        it.take(frame("e1", **kind))
    await it.clock.turn()
    assert (it.log, [fact.reason for fact in it.of(NotStored)]) == ([], ["the inbox is not open"] * 2)
    it.take(frame("e2", **SUBMISSION))
    await it.clock.turn()
    assert it.handled == ["e2"], "what answers in its ack needs no inbox"
    await it.delivery.drain(0)


# Commands and clicks.


async def test_a_command_is_acked_and_that_is_noted_before_it_is_handled(process: Make) -> None:
    it = await opened(process)
    it.take(frame("e1", **COMMAND))
    await it.clock.turn()
    assert it.store.calls[-3:] == ["put", "acked", "done"]
    assert it.log == ["ack e1", "listener e1"]


async def test_one_whose_ack_cannot_go_is_a_dead_letter(process: Make) -> None:
    it = await opened(process)
    it.cut()
    it.take(frame("e1", **COMMAND))
    await it.clock.move(3)
    assert (it.handled, it.states()) == ([], {"e1": "dead"})
    assert [(fact.envelope_id, fact.type) for fact in it.of(Buried)] == [("e1", "slash_commands")]


async def test_unless_somebody_wants_it_handled(process: Make) -> None:
    it = await opened(process, storage=StoragePolicy.of(run_unacked=True))
    it.cut()
    it.take(frame("e1", **COMMAND))
    await it.clock.move(3)
    assert (it.handled, it.states()) == (["e1"], {"e1": "done"})


async def test_that_it_was_acked_may_fail_to_be_noted(process: Make) -> None:
    it = await opened(process)
    it.store.troubles["acked"] = [InboxUnavailableError("the disk is full")]
    it.listeners = [fail]
    it.take(frame("e1", **COMMAND))
    await it.clock.turn()
    assert it.log == ["ack e1", "listener e1"]
    assert [fact.doing for fact in it.of(InboxTrouble)] == ["note that an envelope was acked"]
    assert it.states() == {"e1": "stored"}, "told again with the retry, it waits for that"


async def test_the_same_command_again_is_acked_again(process: Make) -> None:
    it = await opened(process)
    it.take(frame("e1", **COMMAND))
    await it.clock.turn()
    it.take(frame("e1", **COMMAND), it.wire())
    await it.clock.turn()
    assert (it.acked, it.handled, it.store.calls[-1]) == (["e1", "e1"], ["e1"], "acked")


# A listener's ack of what is acked.


@pytest.mark.parametrize("kind", [{}, COMMAND])
async def test_a_listeners_ack_is_a_quiet_no_op(process: Make, kind: Any) -> None:
    it = await opened(process)
    it.listeners = [lambda received: it.delivery.ack("e1"), lambda received: it.delivery.ack("e1")]
    it.take(frame("e1", **kind))
    await it.clock.turn()
    await it.clock.move(60)
    await it.delivery.ack("e1")
    await it.delivery.ack("e1", {"text": "long after its end"})
    assert (it.acked, it.states(), it.of(AnswerLost, ListenerFailed)) == (["e1"], {"e1": "done"}, [])
    assert it.delivery.is_acked("e1")


async def test_a_commands_answer_goes_another_way(process: Make) -> None:
    it = await opened(process)
    answer = {"text": "hello"}
    it.listeners = [lambda _: it.delivery.ack("e1", answer), lambda _: it.delivery.ack("e1", {"text": "second"})]
    it.take(frame("e1", **COMMAND))
    await it.clock.turn()
    assert (it.late_answers, it.of(AnswerLost)) == ([("e1", answer)], [])


async def test_or_is_told_to_be_lost(process: Make) -> None:
    it = await opened(process)
    it.can_answer = False
    it.listeners = [lambda _: it.delivery.ack("e1", {"text": "hello"})]
    it.take(frame("e1", **COMMAND))
    await it.clock.turn()
    assert it.of(AnswerLost) == [AnswerLost(it.clock.wall(), "e1", "slash_commands")]
    assert it.states() == {"e1": "done"}


@pytest.mark.parametrize("kind", [{}, {"kind": "interactive", "type": "block_actions"}])
async def test_an_answer_that_slack_would_not_read_is_none(process: Make, kind: Any) -> None:
    it = await opened(process)
    it.can_answer = False
    it.listeners = [lambda _: it.delivery.ack("e1", {"text": "hello"})]
    it.take(frame("e1", **kind))
    await it.clock.turn()
    assert (it.late_answers, it.of(AnswerLost), it.states()) == ([], [], {"e1": "done"})


# What answers inside its ack.


async def test_a_submission_is_handled_first_and_its_answer_is_the_ack(process: Make) -> None:
    it = await opened(process)
    answer = {"response_action": "clear"}
    it.listeners = [lambda _: it.delivery.ack("e1", answer)]
    it.take(frame("e1", **SUBMISSION))
    assert not it.delivery.is_acked("e1")
    await it.clock.turn()
    assert it.log == ["listener e1", "ack e1"]
    assert it.wires[0].sent == [{"envelope_id": "e1", "payload": answer}]
    assert (it.states(), it.store.calls[-2:]) == ({"e1": "done"}, ["put", "done"])
    assert it.delivery.is_acked("e1")
    assert (it.delivery.received, it.delivery.unsettled) == (1, 0)


async def test_one_that_fails_is_recorded_and_neither_acked_nor_tried_again(process: Make) -> None:
    it = await opened(process)
    it.listeners = [fail]
    it.take(frame("e1", **SUBMISSION))
    await it.clock.move(3600)
    assert (it.log, it.states()) == (["listener e1"], {"e1": "dead"})
    (error,) = it.errors()
    assert "listener 0 raised ZeroDivisionError" in error
    assert "in fail" in error
    assert "what is in Received" not in error
    it.listeners = [lambda _: None]
    it.take(frame("e1", **SUBMISSION))
    await it.clock.move(60)
    assert it.handled == ["e1"], "never by itself, also when it comes again"
    assert [fact.envelope_id for fact in it.of(Duplicate)] == ["e1"]
    await it.delivery.drain(0)


async def test_a_store_that_is_slow_or_fails_does_not_hold_it_up(process: Make) -> None:
    it = await opened(process)
    it.listeners = [lambda received: it.delivery.ack(received.receipt.envelope_id)]
    it.store.troubles["put"] = [InboxUnavailableError("the disk is full"), RuntimeError("a defect")]
    it.take(frame("e1", **SUBMISSION))
    it.take(frame("e2", **SUBMISSION))
    await it.clock.turn()
    committed = it.store.shut("after put")
    it.take(frame("e3", **SUBMISSION))
    await it.clock.move(0.6)
    assert it.acked == ["e1", "e2", "e3"]
    assert [fact.reason for fact in it.of(NotStored)] == [
        "the disk is full",
        "the inbox is broken",
        "recording it took too long",
    ]
    committed.set()
    await it.clock.turn()
    assert it.states() == {"e3": "done"}, "it was handled; no dead letter comes of it"


async def test_a_record_that_fails_long_after_its_listener_began_is_told_once(process: Make) -> None:
    it = await opened(process)
    door = it.store.shut("before put")
    it.store.troubles["put"] = [InboxUnavailableError("the disk is full")]
    it.take(frame("e1", **SUBMISSION))
    await it.clock.move(1)
    door.set()
    await it.clock.turn()
    assert [fact.reason for fact in it.of(NotStored)] == ["recording it took too long"]
    await it.delivery.drain(0)


async def test_a_duplicate_record_that_comes_late_changes_nothing(process: Make) -> None:
    first = await opened(process)
    first.take(frame("e1", **SUBMISSION))
    await first.clock.turn()
    first.die()
    it = await opened(process, shelf=first.shelf, name="two")
    committed = it.store.shut("after put")
    it.take(frame("e1", **SUBMISSION))
    await it.clock.move(1)
    committed.set()
    await it.clock.turn()
    assert (it.handled, it.states()) == (["e1"], {"e1": "done"})
    await it.delivery.drain(0)


async def test_it_is_not_handled_again_here_also_when_it_could_not_be_recorded(process: Make) -> None:
    it = await opened(process)
    it.listeners = [fail]
    it.store.troubles["put"] = [InboxUnavailableError("the disk is full")]
    for _ in range(2):
        it.take(frame("e1", **SUBMISSION))
        await it.clock.move(4)
    assert (it.handled, it.states()) == (["e1"], {})
    assert [fact.envelope_id for fact in it.of(Duplicate)] == ["e1"]
    await it.delivery.drain(0)


async def test_what_an_earlier_process_handled_is_not_handled_again(process: Make) -> None:
    first = await opened(process)
    first.listeners = [lambda _: first.delivery.ack("e1")]
    first.take(frame("e1", **SUBMISSION))
    await first.clock.turn()
    first.die()
    second = await opened(process, shelf=first.shelf, name="two")
    second.take(frame("e1", **SUBMISSION))
    await second.clock.move(4)
    assert (second.handled, second.acked) == ([], [])
    assert [fact.envelope_id for fact in second.of(Duplicate)] == ["e1"]
    await second.delivery.drain(0)


async def test_without_a_listener_it_is_a_dead_letter(process: Make) -> None:
    it = await opened(process)
    it.listeners = []
    it.take(frame("e1", **SUBMISSION))
    await it.clock.turn()
    assert [fact.reason for fact in it.of(Buried)] == ["nobody listened"]
    await it.delivery.drain(0)


# What passes through.


async def test_messages_and_frames_reach_their_listeners(process: Make) -> None:
    it = await opened(process)
    it.delivery.show(1, Unknown("news"), "text")
    it.delivery.on_frame(1, Text("text"))
    it.delivery.waited(1, 2.0)
    await it.clock.turn()
    assert (it.messages, it.frames, it.of(BackPressure)[0].seconds) == (["text"], [Text("text")], 2.0)
    it.wants_messages = it.wants_frames = False
    it.delivery.show(1, Unknown("news"), "text")
    it.delivery.on_frame(1, Text("text"))
    await it.clock.turn()
    assert (it.messages, it.frames) == (["text"], [Text("text")])


async def test_an_ack_of_a_stranger_goes_out_on_the_newest(process: Make) -> None:
    it = await opened(process)
    it.wire()
    assert not it.delivery.is_acked("stranger")
    await it.delivery.ack("stranger")
    assert it.wires[1].acked == ["stranger"]
    it.cut()
    with pytest.raises(NotConnectedError):
        await it.delivery.ack("stranger")


async def test_a_listener_is_known_to_be_one(process: Make) -> None:
    it = await opened(process)
    within: list[bool] = []
    it.listeners = [lambda _: within.append(it.delivery.is_within_listener())]
    it.take(frame("e1"))
    it.take(frame("e2", **SUBMISSION))
    await it.clock.turn()
    assert (within, it.delivery.is_within_listener()) == ([True, True], False)
    await it.delivery.drain(0)


async def test_frame_listeners_have_no_record(process: Make) -> None:
    it = await opened(process)
    assert await it.delivery.guard(lambda: None, "fine", None) is True
    assert await it.delivery.guard(lambda: fail(None), "bad", None) is False
    assert await it.delivery.guard(lambda: fail(None), "bad", "nobody's") is False
    assert [(fact.listener, fact.envelope_id) for fact in it.of(ListenerFailed)] == [("bad", None), ("bad", "nobody's")]


# Room.


async def test_a_slow_store_stops_the_reading(process: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    assert durable._PUTS == 1000
    monkeypatch.setattr(durable, "_PUTS", 20)
    it = await opened(process)
    committed = it.store.shut("after put")
    for number in range(19):
        it.take(frame(f"e{number}", event_id=f"Ev{number}"))
    await it.clock.turn()
    assert it.delivery.has_room
    await it.delivery.room()
    it.take(frame("last", event_id="last"))
    await it.clock.turn()
    assert not it.delivery.has_room
    waiting = asyncio.create_task(it.delivery.room())
    await it.clock.move(60)
    assert not waiting.done(), "those that were refused still cost the store its time"
    committed.set()
    await waiting
    assert it.delivery.has_room


async def test_so_do_too_many_that_answer_inside_their_ack(process: Make) -> None:
    it = await opened(process, concurrency=1)
    it.listeners = [never]
    it.take(frame("e1", **SUBMISSION))
    await it.clock.turn()
    waiting = asyncio.create_task(it.delivery.room())
    await it.clock.turn()
    assert (it.delivery.has_room, waiting.done(), it.delivery.running) == (False, False, 1)
    await it.delivery.drain(0)
    await waiting


async def test_slow_listeners_do_not(process: Make) -> None:
    it = await opened(process, concurrency=1)
    it.listeners = [never]
    for number in range(50):
        it.take(frame(f"e{number}", event_id=f"Ev{number}"))
    await it.clock.turn()
    assert (it.delivery.has_room, len(it.acked), it.delivery.running) == (True, 50, 1)
    assert it.delivery.received == 50


# Groups.


async def test_what_belongs_together_is_handled_one_after_the_other(process: Make) -> None:
    def channel(envelope: Any) -> str:
        return str(json.loads(envelope.payload)["channel"])

    it = await opened(process, group_of=channel)
    gates = {name: asyncio.Event() for name in ("e1", "e2", "e3")}
    it.listeners = [lambda received: gates[received.receipt.envelope_id].wait()]
    it.take(frame("e1", event_id="Ev1", channel="C1"))
    it.take(frame("e2", event_id="Ev2", channel="C1"))
    it.take(frame("e3", event_id="Ev3", channel="C2"))
    await it.clock.turn()
    assert (it.acked, it.handled) == (["e1", "e2", "e3"], ["e1", "e3"])
    gates["e1"].set()
    await it.clock.turn()
    assert it.handled == ["e1", "e3", "e2"]


async def test_a_grouping_that_raises_costs_the_order_and_no_event(process: Make) -> None:
    it = await opened(process, group_of=fail)
    it.take(frame("e1"))
    await it.clock.turn()
    assert (it.acked, it.handled) == (["e1"], ["e1"])
    assert [(fact.listener, fact.envelope_id) for fact in it.of(ListenerFailed)] == [("serialize_by", "e1")]
    assert it.states() == {"e1": "done"}


# Its life.


async def test_it_is_opened_once_and_closed_for_good(process: Make) -> None:
    it = process()
    await asyncio.gather(it.delivery.open(), it.delivery.open())
    await it.delivery.open()
    assert it.store.calls.count("open") == 1
    await it.delivery.drain(0)
    await it.delivery.close()
    assert it.store.calls[-1] == "close"
    with pytest.raises(RuntimeError, match="closed for good"):
        await it.delivery.open()


async def test_what_keeps_it_from_opening_is_raised_and_may_be_gone_next_time(process: Make) -> None:
    it = process()
    it.store.troubles["open"] = [InboxUnavailableError("the disk is full")]
    with pytest.raises(InboxUnavailableError, match="the disk is full"):
        await it.delivery.open()
    await it.delivery.open()
    assert it.of(InboxOpened) != []


async def test_one_that_opens_after_the_end_is_closed_again(process: Make) -> None:
    it = process()
    door = it.store.shut("after open")
    opening = asyncio.create_task(it.delivery.open())
    await it.clock.turn()
    await it.delivery.drain(8)
    closing = asyncio.create_task(it.delivery.close())
    await it.clock.move(5)
    assert (closing.done(), [fact.doing for fact in it.of(InboxTrouble)]) == (True, ["close"]), (
        "it does not wait for ever"
    )
    door.set()
    with pytest.raises(RuntimeError, match="closed for good"):
        await opening
    assert (it.store.calls, it.of(InboxOpened)) == (["open", "close"], [])
    assert len(asyncio.all_tasks()) == 1


@pytest.mark.parametrize("trouble", [None, InboxUnavailableError("the disk is full")])
async def test_closing_takes_two_seconds_at_most_and_raises_nothing(process: Make, trouble: Any) -> None:
    it = await opened(process)
    await it.delivery.drain(0)
    if trouble is None:
        it.store.shut("before close")
    else:
        it.store.troubles["close"] = [trouble]
    began = it.clock.monotonic()
    await it.delivery.close()
    assert it.clock.monotonic() - began == (2 if trouble is None else 0)
    assert [fact.doing for fact in it.of(InboxTrouble)] == ["close"]


async def test_settling_waits_for_acks_not_for_ends(process: Make) -> None:
    it = await opened(process)
    it.listeners = [never]
    committed = it.store.shut("after put")
    it.take(frame("e1"))
    settling = asyncio.create_task(it.delivery.settle(3))
    await it.clock.move(1)
    assert not settling.done()
    committed.set()
    await settling
    assert (it.acked, it.delivery.running) == (["e1"], 1)
    it.take(frame("e2", event_id="Ev2"))
    await it.clock.turn()
    assert [fact.envelope_id for fact in it.of(EnvelopeRefused)] == ["e2"]
    it.delivery.resume()
    it.take(frame("e3", event_id="Ev3"))
    await it.clock.turn()
    assert it.acked == ["e1", "e3"]


async def test_settling_gives_up_in_time(process: Make) -> None:
    it = await opened(process)
    it.wires[0].flows.clear()
    it.take(frame("e1"))
    began = it.clock.monotonic()
    await it.delivery.settle(1.5)
    assert (it.clock.monotonic() - began, it.delivery.unsettled) == (1.5, 1)


async def test_what_nobody_acked_before_the_end_is_reported(process: Make) -> None:
    it = await opened(process)
    it.take(frame("e1", **SUBMISSION))
    await it.delivery.drain(9)
    it.delivery.give_up()
    assert [(fact.envelope_id, fact.reason) for fact in it.of(AckFailed)] == [("e1", "the client was closed")]
