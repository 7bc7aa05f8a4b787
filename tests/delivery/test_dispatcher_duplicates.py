"""What comes again is acked again and not handled again, unless nobody has answered for it."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import pytest

from tautwire.facts import AckSent, Duplicate

Make = Any  # the fixture `bench` of conftest


def fail(_: object) -> None:
    raise ZeroDivisionError


async def never(_: object) -> None:
    await asyncio.Event().wait()


async def test_one_that_comes_while_the_first_runs_is_acked_with_it_each_by_its_own_id(bench: Make) -> None:
    it = bench(auto_ack="never")
    it.listeners = [never]
    it.link()
    await it.take("e1")
    await it.take("e2", retry=1, link=it.links[1])
    await it.take("e3", retry=2)
    assert (it.handled, it.links[0].sent, it.dispatcher.running) == (["e1"], [], 1)

    await it.dispatcher.ack("e1", {"text": "for the first"})
    await it.time.turn()

    assert [link.acked for link in it.links] == [["e1", "e3"], ["e2"]]
    assert ["payload" in json.loads(text) for text in it.links[0].sent] == [True, False]
    assert [(fact.envelope_id, fact.retry_attempt) for fact in it.of(Duplicate)] == [("e2", 1), ("e3", 2)]
    assert len(it.of(AckSent)) == 1
    await it.dispatcher.drain(0)


async def test_one_that_comes_after_the_ack_is_acked_at_once(bench: Make) -> None:
    it = bench()
    it.listeners = [it.ack]
    await it.take("e1")
    for number, seconds in ((2, 0), (3, 300), (4, 3000)):
        await it.time.move(seconds)
        await it.take(f"e{number}", retry=number - 1)
    assert (it.handled, it.links[0].acked) == (["e1"], ["e1", "e2", "e3", "e4"])


async def test_after_an_hour_it_is_new(bench: Make) -> None:
    it = bench()
    it.listeners = [it.ack]
    await it.take("e1")
    await it.time.move(3600)
    await it.take("e2", retry=1)
    assert it.handled == ["e1", "e2"]
    await it.time.move(3)


async def test_the_same_envelope_gets_the_same_answer(bench: Make) -> None:
    it = bench()

    async def listen(received: Any) -> None:
        await it.dispatcher.ack(received.receipt.envelope_id, {"text": "once"})
        await never(received)

    it.listeners = [listen]
    it.link()
    await it.take("e1", kind="slash_commands")
    await it.take("e1", kind="slash_commands", link=it.links[1])
    assert it.handled == ["e1"]
    assert it.links[0].sent == it.links[1].sent == ['{"envelope_id":"e1","payload":{"text":"once"}}']
    await it.dispatcher.drain(0)


async def test_one_that_comes_after_a_failure_is_handled(bench: Make) -> None:
    it = bench()
    it.listeners = [fail]
    await it.take("e1")
    it.listeners = [it.ack]
    await it.take("e2", retry=1)
    assert (it.handled, it.links[0].acked, it.of(Duplicate)) == (["e1", "e2"], ["e2"], [])
    await it.time.move(3)
    assert it.is_empty


async def test_one_that_came_while_the_first_was_on_its_way_to_fail_is_the_second_chance(bench: Make) -> None:
    it = bench(auto_ack="never")
    gate = asyncio.Event()

    async def stumble(_: object) -> None:
        await gate.wait()
        raise ZeroDivisionError

    it.listeners = [stumble]
    await it.take("e1")
    await it.take("e2", retry=1)
    await it.take("e3", retry=2)
    it.listeners = [it.ack]
    gate.set()
    await it.time.turn()
    assert it.handled == ["e1", "e3"]
    assert it.links[0].acked == ["e3"]
    assert it.dispatcher.received == 3
    await it.time.move(3)
    assert it.is_empty


async def test_under_the_old_id_as_well(bench: Make) -> None:
    it = bench()
    it.listeners = [fail]
    await it.take("e1")
    it.listeners = [it.ack]
    await it.take("e1")
    assert (it.handled, it.links[0].acked) == (["e1", "e1"], ["e1"])
    await it.time.move(3)
    assert it.is_empty


async def test_one_that_comes_after_the_ack_failed_is_handled(bench: Make) -> None:
    it = bench()
    it.listeners = [it.ack]
    it.links[0].trouble = RuntimeError("a defect")
    await it.take("e1")
    await it.take("e2", retry=1)
    assert (it.handled, it.links[0].acked) == (["e1", "e2"], ["e2"])
    await it.time.move(3)


async def test_a_listener_that_failed_after_its_ack_is_not_asked_again(bench: Make) -> None:
    it = bench()
    it.listeners = [it.ack, fail]
    await it.take("e1")
    await it.take("e2", retry=1)
    assert (it.handled, it.links[0].acked) == (["e1"], ["e1", "e2"])
    await it.time.move(3)


async def test_a_retry_of_something_never_seen_is_handled(bench: Make) -> None:
    it = bench()
    it.listeners = [it.ack]
    await it.take("e1", retry=3)
    assert (it.handled, it.links[0].acked) == (["e1"], ["e1"])
    await it.dispatcher.drain(0)


@pytest.mark.parametrize("other", [{"api_app_id": "A2"}, {"team_id": "T2"}, {"event_id": "Ev2"}], ids=str)
async def test_the_same_id_of_somebody_else_is_another_event(bench: Make, other: dict[str, str]) -> None:
    it = bench()
    it.listeners = [it.ack]
    await it.take("e1")
    await it.take("e2", **other)
    assert it.handled == ["e1", "e2"]
    await it.dispatcher.drain(0)


async def test_a_duplicate_whose_link_is_gone_is_nobodys_fault(bench: Make) -> None:
    it = bench()
    it.listeners = [it.ack]
    it.link()
    await it.take("e1")
    it.links[0].is_open = False
    await it.take("e2", retry=1)
    assert ([link.acked for link in it.links], [type(fact) for fact in it.facts]) == (
        [["e1"], []],
        [AckSent, Duplicate],
    )
    await it.dispatcher.drain(0)


async def test_what_is_cut_off_before_it_began_says_nothing(bench: Make) -> None:
    it = bench()
    it.listeners = [it.ack]
    await it.take("e1")
    it.dispatcher.take(it.received("e2", retry=1))
    for task in asyncio.all_tasks():
        if task.get_name() == "tautwire-ack-again":
            task.cancel()
    await it.time.turn()
    assert it.links[0].acked == ["e1"]
    await it.dispatcher.drain(0)


async def test_an_ack_that_fails_frees_no_key_that_another_delivery_has_earned(bench: Make) -> None:
    it = bench(auto_ack="never")
    it.links[0].flows.clear()
    it.link()
    await it.take("e1")
    it.listeners = [it.ack]
    await it.take("e2", retry=1, link=it.links[1])
    failing = asyncio.create_task(it.dispatcher.ack("e1"))
    await it.time.turn()
    failing.cancel()
    await it.time.turn()
    await it.take("e3", retry=2, link=it.links[1])
    assert (it.handled, it.links[1].acked) == (["e1", "e2"], ["e2", "e3"])
    await it.time.move(3)


async def test_one_that_comes_while_the_ack_is_on_its_way_is_not_acked_before_it(bench: Make) -> None:
    it = bench(auto_ack="never")
    it.listeners = [never]
    it.links[0].flows.clear()
    it.link()
    await it.take("e1")
    acking = asyncio.create_task(it.dispatcher.ack("e1"))
    await it.time.turn()
    await it.take("e2", retry=1, link=it.links[1])
    assert it.links[1].acked == []
    it.links[0].flows.set()
    await acking
    await it.time.turn()
    assert [link.acked for link in it.links] == [["e1"], ["e2"]]
    await it.dispatcher.drain(0)
