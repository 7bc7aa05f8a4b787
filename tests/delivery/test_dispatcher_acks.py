"""Acks: on the right link, once, in time or reported. All in virtual time."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import pytest

from tautwire.errors import MessageTooLargeError, NotConnectedError
from tautwire.facts import AckFailed, AckLate, AckSent, EngineFault, ListenerFailed

Make = Any  # the fixture `bench` of conftest


async def never(_: object) -> None:
    await asyncio.Event().wait()


# Acks.


async def test_an_ack_goes_out_on_the_link_that_delivered(bench: Make) -> None:
    it = bench()
    it.link()
    it.listeners = [it.ack]
    await it.take("e1")
    assert [link.acked for link in it.links] == [["e1"], []]
    wall = it.time.wall()
    assert it.facts == [AckSent(wall, "e1", "events_api", 0.0, 1, False, False)]
    await it.dispatcher.drain(0)


async def test_a_payload_goes_with_the_ack(bench: Make) -> None:
    it = bench()
    it.listeners = [lambda received: it.dispatcher.ack("e1", {"text": "hi"})]
    await it.take("e1", kind="slash_commands")
    assert json.loads(it.links[0].sent[0]) == {"envelope_id": "e1", "payload": {"text": "hi"}}
    await it.dispatcher.drain(0)


@pytest.mark.parametrize("moment", ["before", "meanwhile"])
async def test_where_that_link_is_gone_the_newest_carries_it(bench: Make, moment: str) -> None:
    it = bench()
    if moment == "before":
        it.links[0].is_open = False
    else:
        it.links[0].trouble = NotConnectedError("it went")
    it.link()
    it.link()
    it.listeners = [it.ack]
    await it.take("e1")
    assert [link.acked for link in it.links] == [[], [], ["e1"]]
    assert [fact.is_elsewhere for fact in it.of(AckSent)] == [True]
    await it.dispatcher.drain(0)


async def test_with_no_link_at_all_an_ack_waits_as_long_as_slack_does(bench: Make) -> None:
    it = bench(auto_ack="never")
    it.listeners = [it.ack]
    received = it.received("e1")
    await it.time.move(1)
    it.cut()
    it.dispatcher.take(received)
    await it.time.move(1.9)
    assert it.waits == [2.0]
    it.link()
    await it.time.turn()
    assert it.links[-1].acked == ["e1"]
    assert [round(fact.seconds, 3) for fact in it.of(AckSent)] == [2.9]
    assert it.of(AckFailed) == []
    await it.dispatcher.drain(0)


async def test_none_in_time_is_an_error_and_a_fact_and_a_later_ack_may_still_go_out(bench: Make) -> None:
    it = bench()
    outcomes: list[object] = []

    async def stubborn(received: Any) -> None:
        try:
            await it.ack(received)
        except NotConnectedError as error:
            outcomes.append(error)
        await asyncio.sleep(5)
        await it.ack(received)

    it.listeners = [stubborn]
    it.cut()
    await it.take("e1")
    await it.time.move(3)
    assert [str(error) for error in outcomes] == ["no connection is open"]
    assert "no connection is open" in [fact.reason for fact in it.of(AckFailed)]
    it.link()
    await it.time.move(5)
    assert it.links[-1].acked == ["e1"]
    assert [fact.seconds for fact in it.of(AckLate)] == [8.0]
    assert it.waits[-1] == 0.0, "Slack has given up; nobody waits for a link any more"
    assert it.is_empty


async def test_a_second_ack_does_nothing_however_late(bench: Make) -> None:
    it = bench()
    it.listeners = [it.ack, it.ack]
    await it.take("e1")
    assert it.dispatcher.unsettled == 0
    it.cut()
    await it.dispatcher.ack("e1")
    await it.time.move(600)
    await it.dispatcher.ack("e1", {"text": "more"})
    assert (it.links[0].acked, it.waits, len(it.of(AckSent))) == (["e1"], [], 1)


async def test_two_acks_at_once_are_one(bench: Make) -> None:
    it = bench()
    it.listeners = [never]
    it.links[0].flows.clear()
    await it.take("e1")
    acks = [asyncio.create_task(it.dispatcher.ack("e1")) for _ in range(2)]
    await it.time.turn()
    assert [task.done() for task in acks] == [False, True]
    it.links[0].flows.set()
    await asyncio.gather(*acks)
    assert it.links[0].acked == ["e1"]
    await it.dispatcher.drain(0)


async def test_an_unknown_id_goes_to_the_newest_link(bench: Make) -> None:
    it = bench()
    it.link()
    await it.dispatcher.ack("stranger")
    assert ([link.acked for link in it.links], it.waits, it.facts) == ([[], ["stranger"]], [3.0], [])
    it.cut()
    with pytest.raises(NotConnectedError):
        await it.dispatcher.ack("stranger")


@pytest.mark.parametrize(
    ("payload", "error"), [({"text": "x" * 20_480}, MessageTooLargeError), ({"text": object()}, ValueError)]
)
async def test_what_cannot_be_sent_leaves_the_envelope_to_a_plain_ack(
    bench: Make, payload: dict[str, Any], error: type[Exception]
) -> None:
    it = bench()

    async def listen(received: Any) -> None:
        with pytest.raises(error):
            await it.dispatcher.ack("e1", payload)
        await it.ack(received)

    it.listeners = [listen]
    await it.take("e1")
    assert (it.links[0].acked, it.of(ListenerFailed)) == (["e1"], [])
    await it.dispatcher.drain(0)


async def test_an_ack_that_is_cancelled_on_its_way_can_be_made_again(bench: Make) -> None:
    it = bench()
    it.listeners = [never]
    it.links[0].flows.clear()
    await it.take("e1")
    acking = asyncio.create_task(it.dispatcher.ack("e1"))
    await it.time.turn()
    acking.cancel()
    await it.time.turn()
    assert acking.cancelled()
    assert it.facts == []
    it.links[0].flows.set()
    await it.dispatcher.ack("e1")
    assert it.links[0].acked == ["e1"]
    await it.dispatcher.drain(0)


async def test_one_that_is_stuck_at_the_deadline_is_reported_then(bench: Make) -> None:
    it = bench()
    it.links[0].flows.clear()
    await it.take("e1")
    acking = asyncio.create_task(it.dispatcher.ack("e1"))
    await it.time.move(3.5)
    assert [fact.reason for fact in it.of(AckFailed)] == ["it could not be sent in time"]
    assert it.dispatcher.unsettled == 1
    acking.cancel()
    await it.time.turn()
    assert len(it.of(AckFailed)) == 1
    assert it.is_empty


async def test_an_ack_on_its_way_outlives_its_listener_and_belongs_to_its_link_still(bench: Make) -> None:
    it = bench()
    it.links[0].flows.clear()
    await it.take("e1")
    acking = asyncio.create_task(it.dispatcher.ack("e1"))
    await it.time.turn()
    assert (it.dispatcher.running, it.dispatcher.unsettled) == (0, 1)
    await it.take("e2", retry=1)
    assert it.handled == ["e1"]
    it.links[0].flows.set()
    await acking
    await it.time.turn()
    assert (it.links[0].acked, it.dispatcher.unsettled) == (["e1", "e2"], 0)
    await it.dispatcher.drain(0)


# Deadlines.


@pytest.mark.parametrize("kind", ["events_api", "slash_commands"])
@pytest.mark.parametrize("word", ["never", "events", "all"])
async def test_what_nobody_acks_is_acked_or_left_by_the_policy(bench: Make, word: str, kind: str) -> None:
    it = bench(auto_ack=word)
    it.listeners = [never]
    await it.take("e1", kind=kind)
    await it.time.move(2.499)
    assert it.links[0].sent == []
    await it.time.move(0.001)
    is_acked = word == "all" or (word, kind) == ("events", "events_api")
    assert it.links[0].acked == ["e1"] * is_acked
    assert [(fact.is_automatic, fact.seconds) for fact in it.of(AckSent)] == [(True, 2.5)] * is_acked
    await it.time.move(0.5)
    assert [fact.reason for fact in it.of(AckFailed)] == ["nobody acked it in time"] * (not is_acked)
    await it.dispatcher.drain(0)


async def test_a_listeners_ack_at_the_last_moment_is_not_doubled(bench: Make) -> None:
    it = bench()
    it.links[0].flows.clear()

    async def listen(received: Any) -> None:
        await asyncio.sleep(2.5)
        await it.ack(received)

    it.listeners = [listen]
    await it.take("e1")
    await it.time.move(2.6)
    it.links[0].flows.set()
    await it.time.turn()
    assert (it.links[0].acked, len(it.of(AckSent))) == (["e1"], 1)
    await it.dispatcher.drain(0)


async def test_an_ack_of_its_own_gives_way_to_one_that_came_in_the_same_moment(bench: Make) -> None:
    it = bench()
    await it.take("e1")
    sweeping = it.time.move(2.5)
    acking = asyncio.create_task(_after(2.5, it.dispatcher.ack("e1")))
    await sweeping
    await acking
    assert (it.links[0].acked, len(it.of(AckSent))) == (["e1"], 1)
    await it.time.move(1)


async def _after(seconds: float, then: Any) -> None:
    await asyncio.sleep(seconds)
    await then


async def test_an_automatic_ack_without_a_link_is_reported_and_no_defect(bench: Make) -> None:
    it = bench()
    await it.take("e1")
    it.cut()
    await it.time.move(3.5)
    assert [fact.reason for fact in it.of(AckFailed)] == ["it could not be sent in time"]
    assert it.of(EngineFault) == []
    assert it.is_empty


@pytest.mark.parametrize("seconds", [2.999, 3.0, 3.5])
async def test_late_is_late_from_three_seconds_on(bench: Make, seconds: float) -> None:
    it = bench(auto_ack="never")
    received = it.received("e1")
    it.listeners = [never]
    it.dispatcher.take(received)
    await it.time.move(seconds)
    await it.dispatcher.ack("e1")
    assert [bool(it.of(kind)) for kind in (AckSent, AckLate, AckFailed)] == [True, seconds >= 3, seconds >= 3]
    await it.dispatcher.drain(0)


async def test_the_sweeper_begins_again_whenever_there_is_something_to_sweep(bench: Make) -> None:
    it = bench()
    for number in range(3):
        await it.take(f"e{number}", event_id=f"Ev{number}")
        await it.time.move(10)
        assert it.is_empty
    assert it.links[0].acked == ["e0", "e1", "e2"]


async def test_one_that_comes_after_slack_has_given_up_goes_out_where_it_belongs(bench: Make) -> None:
    it = bench(auto_ack="never")
    it.listeners = [lambda _: None]
    newest = it.link()
    await it.take("e1")
    await it.time.move(10)
    assert it.dispatcher.unsettled == 0
    await it.dispatcher.ack("e1")
    assert (it.links[0].acked, newest.acked) == (["e1"], [])
    assert [fact.seconds for fact in it.of(AckLate)] == [10]
    await it.dispatcher.ack("e1")
    assert (it.links[0].acked, newest.acked) == (["e1"], [])
