"""Routing and redelivery at Slack's own pace, with the clock in hand."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tautwire.local import Fault, LocalSlack, State, Switches

if TYPE_CHECKING:
    from collections.abc import Callable

    from tautwire.local import Delivery

Json = dict[str, Any]


def state(delivery: Delivery) -> State:
    """As it is now; an attribute would be taken for what it was a moment ago."""
    return delivery.state


async def test_an_event_comes_four_times_and_is_lost(still: LocalSlack, clock: Any, dial: Any) -> None:
    async with dial(still) as wire:
        delivery = still.send_event("message", text="x")
        seen: list[tuple[float, Json]] = []
        for wait in (3 + 1, 3 + 60, 3 + 300, 3):
            seen.append((clock.now, await wire.message()))
            await clock.advance(wait)
        assert state(delivery) is State.LOST
    assert [when - 1000 for when, _ in seen] == [0, 4, 67, 370]
    assert [(m["retry_attempt"], m["retry_reason"]) for _, m in seen] == [
        (0, ""),
        (1, "timeout"),
        (2, "timeout"),
        (3, "timeout"),
    ]
    assert len({m["envelope_id"] for _, m in seen}) == 4
    assert {m["payload"]["event_id"] for _, m in seen} == {delivery.event_id}
    assert still.ledger.summary().redelivered == 3


async def test_an_acked_event_does_not_come_again(still: LocalSlack, clock: Any, dial: Any) -> None:
    async with dial(still) as wire:
        delivery = still.send_event()
        await wire.ack(await wire.message())
        await still.settled()
        await clock.advance(1000)
        assert (state(delivery), len(delivery.attempts)) == (State.ACKED, 1)


async def test_a_retry_can_be_acked(still: LocalSlack, clock: Any, dial: Any) -> None:
    async with dial(still) as wire:
        delivery = still.send_event()
        await wire.message()
        await clock.advance(4)
        await wire.ack(await wire.message())
        await still.settled()
        assert (state(delivery), len(delivery.attempts)) == (State.ACKED, 2)
        assert delivery.attempts[1].number == 1


async def test_a_late_ack_does_not_stop_the_retry(still: LocalSlack, clock: Any, dial: Any) -> None:
    async with dial(still) as wire:
        delivery = still.send_event()
        first = await wire.message()
        await clock.advance(3.5)
        await wire.ack(first)
        await still.wait_for(lambda slack: slack.ledger.summary().late_acks == 1)
        assert state(delivery) is State.SENT
        await clock.advance(0.5)
        assert (await wire.message())["retry_attempt"] == 1
        await clock.advance(1000)
        assert state(delivery) is State.LATE


async def test_or_stops_it_by_switch(clock: Any, dial: Any) -> None:
    async with LocalSlack(clock=clock, switches=Switches(late_ack_stops_retries=True)) as slack, dial(slack) as wire:
        before, after = slack.send_event(), slack.send_event()
        early, later = await wire.message(), await wire.message()
        await clock.advance(3.5)
        await wire.ack(early)
        await slack.wait_for(lambda _: before.is_settled)
        assert state(before) is State.LATE
        await clock.advance(0.5)
        await wire.message()
        await wire.ack(later)
        await slack.wait_for(lambda slack: slack.ledger.summary().late_acks == 2)
        await clock.advance(3)
        assert (state(after), len(after.attempts)) == (State.LATE, 2)


@pytest.mark.parametrize(
    ("switch", "attempt", "is_same"),
    [
        ({"retry_new_envelope_id": False}, 1, True),
        ({"retry_is_marked": False}, 0, False),
    ],
)
async def test_how_a_retry_looks_by_switch(
    clock: Any, dial: Any, switch: dict[str, bool], attempt: int, is_same: bool
) -> None:
    async with LocalSlack(clock=clock, switches=Switches(**switch)) as slack, dial(slack) as wire:  # type: ignore[arg-type]
        delivery = slack.send_event()
        first = await wire.message()
        await clock.advance(4)
        second = await wire.message()
        assert second["retry_attempt"] == attempt
        assert (first["envelope_id"] == second["envelope_id"]) is is_same
        await wire.ack(second)
        await slack.settled()
        assert state(delivery) is State.ACKED


@pytest.mark.parametrize(
    "send",
    [
        LocalSlack.send_command,
        LocalSlack.send_action,
        LocalSlack.send_options,
        LocalSlack.send_view_submission,
        LocalSlack.send_view_closed,
        LocalSlack.send_shortcut,
        LocalSlack.send_message_action,
    ],
)
async def test_commands_and_interactions_come_once(
    still: LocalSlack, clock: Any, dial: Any, send: Callable[[LocalSlack], Any]
) -> None:
    async with dial(still) as wire:
        delivery = send(still)
        message = await wire.message()
        assert "retry_attempt" not in message
        await clock.advance(3)
        assert (state(delivery), delivery.user_error) == (State.LOST, "operation_timeout")
        await wire.ack(message)
        await still.wait_for(lambda _: state(delivery) is State.LATE)
        await clock.advance(1000)
        assert len(delivery.attempts) == 1


async def test_nobody_there_loses_commands_and_retries_events(still: LocalSlack, clock: Any, dial: Any) -> None:
    command, event = still.send_command(), still.send_event()
    assert (state(command), command.user_error) == (State.LOST, "dispatch_failed")
    assert state(event) is State.SENT
    assert event.attempts[0].connection_id is None
    async with dial(still) as wire:
        await clock.advance(1)
        message = await wire.message()
        assert (message["retry_attempt"], message["payload"]["event_id"]) == (1, event.event_id)
        await wire.ack(message)
        await still.settled()
    assert state(event) is State.ACKED


async def test_an_event_that_never_finds_anybody_is_lost(still: LocalSlack, clock: Any) -> None:
    event = still.send_event()
    await clock.advance(1 + 60 + 300)
    assert (state(event), len(event.attempts)) == (State.LOST, 4)
    assert still.ledger.summary().undelivered_attempts == 4


async def test_or_is_lost_at_once_by_argument(clock: Any) -> None:
    async with LocalSlack(clock=clock, lose_when_nobody=True) as slack:
        assert slack.send_event().state is State.LOST


async def test_time_scale_shortens_the_schedule_but_not_the_deadline(clock: Any, dial: Any) -> None:
    async with LocalSlack(clock=clock, time_scale=0.1) as slack, dial(slack) as wire:
        slack.send_event()
        await wire.message()
        await clock.advance(2.9)
        assert slack.ledger.entries[0].state is State.SENT
        assert len(slack.ledger.entries[0].attempts) == 1
        await clock.advance(0.2)
        assert (await wire.message())["retry_attempt"] == 1


async def test_each_goes_to_one_and_all_get_some(slack: LocalSlack, dial: Any) -> None:
    async with dial(slack) as one, dial(slack) as two, dial(slack) as three:
        for _ in range(90):
            slack.send_event()
        for delivery in slack.ledger.entries:
            assert len(delivery.attempts) == 1
        per = {s.id: sum(d.attempts[0].connection_id == s.id for d in slack.ledger.entries) for s in slack.connections}
        for wire, session in zip((one, two, three), slack.connections, strict=True):
            assert per[session.id] > 5
            for _ in range(per[session.id]):
                await wire.ack(await wire.message())
        await slack.settled()
        assert slack.ledger.summary().acked_in_time == 90
        assert sum(s.acks for s in slack.connections) == 90


async def test_the_seed_decides_who_gets_what(seed: int, dial: Any) -> None:
    async def run() -> list[tuple[str | None, str]]:
        async with LocalSlack(seed=seed) as slack, dial(slack), dial(slack):
            return [(d.attempts[0].connection_id, d.envelope_id) for d in (slack.send_event() for _ in range(20))]

    assert await run() == await run()


async def test_exact_control(slack: LocalSlack, dial: Any) -> None:
    async with dial(slack), dial(slack) as wire:
        delivery = slack.send_event(
            to=slack.newest, envelope_id="mine", event_id="Ev1", retry_attempt=2, retry_reason="because"
        )
        message = await wire.message()
        assert (message["envelope_id"], message["retry_attempt"], message["retry_reason"]) == ("mine", 2, "because")
        assert message["payload"]["event_id"] == "Ev1"
        assert delivery.attempts[0].connection_id == slack.newest.id


async def test_an_ack_on_another_connection(slack: LocalSlack, dial: Any) -> None:
    async with dial(slack) as one, dial(slack) as two:
        first, second = slack.connections
        delivery = slack.send_command(to=first)
        await two.ack(await one.message(), {"text": "x"})
        await slack.settled()
        assert (delivery.attempts[0].connection_id, delivery.attempts[0].acked_on) == (first.id, second.id)
        assert delivery.answer == {"text": "x"}


async def test_an_empty_ack_payload_is_none_at_all(slack: LocalSlack, dial: Any) -> None:
    async with dial(slack) as wire:
        delivery = slack.send_view_submission()
        await wire.ack(await wire.message(), {})
        await slack.settled()
        assert delivery.answer is None


async def test_whatever_is_no_ack_is_ignored(slack: LocalSlack, dial: Any) -> None:
    async with dial(slack) as wire:
        delivery = slack.send_event()
        message = await wire.message()
        for text in ("", "no json", "[]", "{}", '{"envelope_id":7}', '{"envelope_id":"stranger"}', "[" * 20_000):
            await wire.ws.send_str(text)
        await wire.ws.send_bytes(b"binary")
        await wire.ack(message)
        await wire.ack(message)
        await slack.wait_for(lambda slack: slack.ledger.summary().duplicate_acks == 1)
        summary = slack.ledger.summary()
        assert (state(delivery), summary.unknown_acks, summary.acked_in_time) == (State.ACKED, 1, 1)
        assert slack.newest.counts["binaries"] == 1


async def test_retries_can_go_out_when_somebody_connects(clock: Any, dial: Any) -> None:
    async with LocalSlack(clock=clock, switches=Switches(retry_on_connect=True)) as slack:
        event = slack.send_event()
        async with dial(slack) as wire:
            await wire.ack(await wire.message())
            await slack.settled()
        await clock.advance(1000)
        assert len(event.attempts) == 2


async def test_commands_can_come_again_when_somebody_connects(clock: Any, dial: Any) -> None:
    async with LocalSlack(clock=clock, switches=Switches(commands_again_on_connect=True)) as slack:
        command = slack.send_command()
        assert state(command) is State.LOST
        async with dial(slack) as wire:
            await wire.ack(await wire.message())
            await slack.settled()
        assert state(command) is State.ACKED


# Faults on the way


async def test_a_lost_envelope_is_entered_and_never_seen(still: LocalSlack, clock: Any, dial: Any) -> None:
    still.faults.add(Fault(where="envelope", kind="lost", match="events_api", count=1))
    async with dial(still) as wire:
        delivery = still.send_event()
        await clock.advance(4)
        message = await wire.message()
        assert message["retry_attempt"] == 1
        await wire.ack(message)
        await still.settled()
        assert state(delivery) is State.ACKED


async def test_a_duplicate_has_the_same_envelope_id(slack: LocalSlack, dial: Any) -> None:
    slack.faults.add(Fault(where="envelope", kind="duplicate", match="/deploy"))
    async with dial(slack) as wire:
        delivery = slack.send_command()
        one, two = await wire.message(), await wire.message()
        assert one == two
        await wire.ack(one)
        await wire.ack(two)
        await slack.wait_for(lambda _: delivery.duplicate_acks == 1)


async def test_a_late_envelope(still: LocalSlack, clock: Any, dial: Any) -> None:
    still.faults.add(Fault(where="envelope", kind="late", delay=5.0))
    async with dial(still) as wire:
        delivery = still.send_command()
        await clock.advance(3)
        assert state(delivery) is State.LOST
        await clock.advance(2)
        await wire.ack(await wire.message())
        await still.wait_for(lambda _: state(delivery) is State.LATE)


async def test_a_drop_instead_of_an_envelope(slack: LocalSlack, dial: Any) -> None:
    slack.faults.add(Fault(where="envelope", kind="drop", how="close", count=1))
    async with dial(slack) as wire:
        event = slack.send_event()
        assert await wire.closed() == 1001
    async with dial(slack) as wire:
        # The three seconds of the first attempt have to pass in earnest: nobody may shorten the deadline.
        slack.send_event(event_id="Ev2")
        assert (await wire.message())["payload"]["event_id"] == "Ev2"
        assert state(event) is State.SENT


async def test_half_open_instead_of_an_envelope(still: LocalSlack, clock: Any, dial: Any) -> None:
    still.faults.add(Fault(where="envelope", kind="half_open", count=1))
    async with dial(still) as wire:
        event = still.send_event()
        await wire.ws.ping(b"anybody?")
        await wire.ack("something")
        await still.wait_for(lambda slack: slack.newest.counts["swallowed"] == 2)
        assert still.ledger.summary().swallowed_acks == 1
        await clock.advance(1000)
        assert state(event) is State.LOST
        assert {attempt.connection_id for attempt in event.attempts} == {"c1"}


async def test_slack_can_lose_an_ack(still: LocalSlack, clock: Any, dial: Any) -> None:
    still.faults.add(Fault(where="ack", kind="ignored", match="events_api", count=1))
    async with dial(still) as wire:
        delivery = still.send_event()
        await wire.ack(await wire.message())
        await still.wait_for(lambda slack: slack.ledger.summary().ignored_acks == 1)
        await clock.advance(4)
        await wire.ack(await wire.message())
        await still.settled()
        assert state(delivery) is State.ACKED


async def test_a_malformed_companion(slack: LocalSlack, dial: Any) -> None:
    slack.faults.add(Fault(where="frame", kind="malformed", form="empty", count=1))
    async with dial(slack) as wire:
        delivery = slack.send_event()
        assert (await wire.frame()).data == ""
        assert (await wire.message())["envelope_id"] == delivery.envelope_id


async def test_a_retry_brought_forward_does_not_come_twice(clock: Any, dial: Any) -> None:
    async with LocalSlack(clock=clock, switches=Switches(retry_on_connect=True)) as slack:
        event = slack.send_event()
        await clock.advance(0.5)
        async with dial(slack) as wire:
            await wire.message()
            # Its place on the schedule was 0.5 s from now; the deadline is at 3 s, the next retry 60 s behind that.
            await clock.advance(62.9)
            assert len(event.attempts) == 2
            await clock.advance(0.2)
            assert len(event.attempts) == 3
