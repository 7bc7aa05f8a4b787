"""What may befall an envelope on its way, and the ack that answers it."""

from __future__ import annotations

from typing import Any

import pytest

from tautwire.local import Fault, LocalSlack, Phase, State


def envelope(kind: str, **more: Any) -> Fault:
    return Fault(where="envelope", kind=kind, **{"count": 1, **more})


async def test_a_copy_under_an_id_of_its_own(slack: LocalSlack, dial: Any) -> None:
    slack.inject(envelope("duplicate_new_id"))
    async with dial(slack) as wire:
        delivery = slack.send_event()
        one, two = await wire.message(), await wire.message()
        assert one["envelope_id"] != two["envelope_id"]
        assert one | {"envelope_id": ""} == two | {"envelope_id": ""}
        assert [attempt.is_copy for attempt in delivery.attempts] == [False, True]
        await wire.ack(two)
        await slack.settled()
        assert delivery.state is State.ACKED
        summary = slack.ledger.summary()
        assert (summary.attempts, summary.redelivered, delivery.tries) == (2, 0, 1)


async def test_a_copy_brings_no_retry_of_its_own(still: LocalSlack, clock: Any, dial: Any) -> None:
    still.inject(envelope("duplicate_new_id"))
    async with dial(still) as wire:
        delivery = still.send_event()
        seen = [await wire.message() for _ in range(2)]
        await clock.advance(1000)
        seen += [await wire.message() for _ in range(3)]
        assert [message["retry_attempt"] for message in seen] == [0, 0, 1, 2, 3]
        assert (delivery.tries, len(delivery.attempts), delivery.state) == (4, 5, State.LOST)
        assert still.ledger.in_flight == 0


async def test_one_thing_told_as_two_events(slack: LocalSlack, dial: Any) -> None:
    slack.inject(envelope("duplicate_new_event", count=None))
    async with dial(slack) as wire:
        delivery = slack.send_event()
        one, two = await wire.message(), await wire.message()
        assert one["payload"]["event"] == two["payload"]["event"]
        assert one["payload"]["event_id"] != two["payload"]["event_id"]
        assert len(slack.ledger) == 2
        twin = slack.ledger.entries[1]
        assert twin.event_id == two["payload"]["event_id"]
        assert twin.event_id.startswith("Ev")
        assert (twin.app_id, twin.envelope_id) == (delivery.app_id, two["envelope_id"])
        await wire.ack(one)
        await wire.ack(two)
        await slack.settled()
        # What is no event has nothing to be told twice.
        slack.send_command()
        await wire.ack(await wire.message())
        await slack.settled()
        assert len(slack.ledger) == 3


async def test_once_more_on_another_connection(slack: LocalSlack, dial: Any) -> None:
    slack.inject(envelope("elsewhere"))
    async with dial(slack) as one, dial(slack) as two:
        delivery = slack.send_event(to=slack.connections[0])
        first, second = await one.message(), await two.message()
        assert first == second
        assert len(delivery.attempts) == 1
        await two.ack(second)
        await slack.settled()
        assert delivery.attempts[0].acked_on == "c2"


async def test_nowhere_else_to_go(still: LocalSlack, clock: Any, dial: Any) -> None:
    still.inject(envelope("elsewhere", delay=2))
    async with dial(still) as wire:
        still.send_event(text="one")
        await wire.ack(await wire.message())
        await clock.advance(2)
        still.send_event(text="two")
        assert (await wire.message())["payload"]["event"]["text"] == "two"


async def test_overtaken_by_the_next(slack: LocalSlack, dial: Any) -> None:
    slack.inject(envelope("reorder", match="app_mention"))
    async with dial(slack) as wire:
        slack.send_event(text="first")
        slack.send_event(text="second")
        slack.send_event(text="third")
        texts = [(await wire.message())["payload"]["event"]["text"] for _ in range(3)]
        assert texts == ["second", "first", "third"]


@pytest.mark.parametrize(("given", "seconds"), [({}, 1.0), ({"delay": 0.25}, 0.25)])
async def test_whoever_is_not_overtaken_goes_in_the_end(
    still: LocalSlack, clock: Any, dial: Any, given: dict[str, float], seconds: float
) -> None:
    still.inject(envelope("reorder", count=3, **given))
    async with dial(still) as wire:
        for text in ("a", "b", "c"):
            still.send_event(text=text)
        await clock.advance(seconds - 0.01)
        still.newest.say('{"type":"not yet"}')
        assert (await wire.message())["type"] == "not yet"
        await clock.advance(0.01)
        texts = [(await wire.message())["payload"]["event"]["text"] for _ in range(3)]
        assert texts == ["c", "b", "a"]


@pytest.mark.parametrize("kind", ["drop", "half_open"])
async def test_delivered_and_then_lost(still: LocalSlack, clock: Any, dial: Any, kind: str) -> None:
    still.inject(envelope(kind, delay=1))
    async with dial(still) as wire:
        session = still.newest
        delivery = still.send_event()
        message = await wire.message()
        assert [session.phase] == [Phase.READY]
        await clock.advance(1)
        assert session.phase is not Phase.READY
        if kind == "half_open":
            await wire.ack(message)
            await still.wait_for(lambda slack: slack.ledger.summary().swallowed_acks == 1)
        await clock.advance(2)
        assert (delivery.state, delivery.attempts[0].is_expired) == (State.SENT, True)


async def test_stuck_in_a_stall(still: LocalSlack, clock: Any, dial: Any) -> None:
    still.inject(envelope("stall", delay=2))
    async with dial(still) as wire:
        delivery = still.send_event()
        session = still.newest
        assert [session.is_stalled] == [True]
        await wire.ws.ping(b"?")
        await clock.advance(1.9)
        assert session.counts["pings"] == 0
        await clock.advance(0.1)
        assert [session.is_stalled] == [False]
        assert (await wire.message())["envelope_id"] == delivery.envelope_id
        await still.wait_for(lambda _: session.counts["pings"] == 1)


@pytest.mark.parametrize("size", [100, 20 * 1024 * 1024])
async def test_a_large_companion(slack: LocalSlack, dial: Any, size: int) -> None:
    slack.inject(Fault(where="frame", kind="oversized", size=size, count=1))
    async with dial(slack) as wire:
        delivery = slack.send_event()
        assert len((await wire.frame()).data) == size
        assert (await wire.message())["envelope_id"] == delivery.envelope_id


async def test_a_late_ack_is_late_at_slacks(still: LocalSlack, clock: Any, dial: Any) -> None:
    still.inject(Fault(where="ack", kind="late", delay=2, count=1))
    still.inject(Fault(where="ack", kind="late", delay=4, count=1))
    async with dial(still) as wire:
        one, two = still.send_command(), still.send_command()
        for _ in range(2):
            await wire.ack(await wire.message())
        await still.wait_for(lambda slack: slack.newest.counts["texts"] == 2)
        assert still.ledger.in_flight == 2
        await clock.advance(2)
        assert (one.state, two.state) == (State.ACKED, State.SENT)
        await clock.advance(2)
        assert (two.state, two.user_error) == (State.LATE, "operation_timeout")


async def test_a_fault_may_be_for_one_app_alone(slack: LocalSlack, dial: Any) -> None:
    other = slack.add_line("A0OTHER01")
    slack.inject(Fault(where="ack", kind="ignored", match="A0OTHER01"))
    async with dial(slack) as mine, dial(slack, slack.websocket_url(app_id="A0OTHER01")) as theirs:
        delivery, ignored = slack.send_event(to=slack.line().newest), slack.send_event(to=other.newest)
        await theirs.ack(await theirs.message())
        await mine.ack(await mine.message())
        await slack.wait_for(lambda slack: delivery.is_settled and slack.ledger.summary().ignored_acks == 1)
        assert ignored.state is State.SENT
