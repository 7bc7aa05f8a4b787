"""Faults that strike connections of themselves."""

from __future__ import annotations

from typing import Any

import pytest

from tautwire.errors import ConfigurationError
from tautwire.local import Fault, LocalSlack, Phase


def at_connection(kind: str, **more: Any) -> Fault:
    return Fault(where="connection", kind=kind, **{"count": 1, **more})


@pytest.mark.parametrize(("how", "code"), [("close", 1001), ("fin", None), ("rst", None)])
async def test_a_drop_with_and_without_a_close_frame(slack: LocalSlack, dial: Any, how: str, code: int | None) -> None:
    async with dial(slack) as wire:
        rule = slack.inject(at_connection("drop", how=how))
        assert await wire.closed() == code
        assert (rule.fired, rule.is_spent, slack.connections) == (1, True, [])


async def test_half_open(slack: LocalSlack, dial: Any) -> None:
    async with dial(slack):
        slack.inject(at_connection("half_open"))
        assert slack.newest.phase is Phase.HALF_OPEN


@pytest.mark.parametrize("reason", ["warning", "refresh_requested", "link_disabled", "too_many_websockets", "novelty"])
async def test_every_reason_with_a_close_behind_it_or_alone(slack: LocalSlack, dial: Any, reason: str) -> None:
    async with dial(slack) as wire:
        slack.inject(at_connection("notice", reason=reason))
        assert (await wire.message())["reason"] == reason
        assert slack.newest.is_ready
        slack.inject(at_connection("disconnect", reason=reason))
        assert (await wire.message())["reason"] == reason
        assert await wire.closed() == 1000


@pytest.mark.parametrize(("given", "grace"), [({}, 10.0), ({"delay": 2.0}, 2.0)])
async def test_a_refresh(still: LocalSlack, clock: Any, dial: Any, given: dict[str, float], grace: float) -> None:
    async with dial(still) as wire:
        still.inject(at_connection("refresh", **given))
        assert (await wire.message())["reason"] == "warning"
        await clock.advance(grace - 0.1)
        assert still.newest.phase is Phase.READY
        await clock.advance(0.1)
        assert (await wire.message())["reason"] == "refresh_requested"


async def test_a_ghost_stays_for_a_while(still: LocalSlack, clock: Any, dial: Any) -> None:
    async with dial(still) as wire:
        still.inject(at_connection("ghost", how="close", delay=30))
        assert await wire.closed() == 1001
        assert (still.connections, still.registered) == ([], 1)
        async with dial(still, hello=False) as other:
            assert (await other.message())["num_connections"] == 2
            await clock.advance(30)
            assert still.registered == 1


async def test_or_for_ever(still: LocalSlack, clock: Any, dial: Any) -> None:
    async with dial(still):
        still.inject(at_connection("ghost"))
        await clock.advance(1e6)
        assert still.registered == 1


async def test_a_registration_that_outlives_a_natural_end(still: LocalSlack, clock: Any, dial: Any) -> None:
    still.inject(Fault(where="end", kind="ghost", delay=5, count=1))
    async with dial(still):
        session = still.newest
    await session.ended()
    assert still.registered == 1
    await clock.advance(5)
    assert still.registered == 0
    async with dial(still):
        session = still.newest
    await session.ended()
    assert still.registered == 0


async def test_frames_from_the_catalogue_and_large_ones(slack: LocalSlack, dial: Any) -> None:
    async with dial(slack) as wire:
        slack.inject(at_connection("malformed", form="array"))
        assert (await wire.frame()).data == '[{"type":"hello"}]'
        slack.inject(at_connection("oversized", size=100_000))
        assert len((await wire.frame()).data) == 100_000


async def test_whoever_is_not_there_yet_is_struck_within_a_second(still: LocalSlack, clock: Any, dial: Any) -> None:
    rule = still.inject(at_connection("drop", count=2))
    async with dial(still):
        await clock.advance(1)
        assert (still.connections, rule.fired) == ([], 1)
    async with dial(still):
        await clock.advance(0.9)
        assert len(still.connections) == 1
        await clock.advance(0.1)
        assert (still.connections, rule.is_spent) == ([], True)
    async with dial(still):
        await clock.advance(60)
        assert len(still.connections) == 1


async def test_a_new_fault_strikes_at_once_while_another_ticks(still: LocalSlack, clock: Any, dial: Any) -> None:
    still.inject(at_connection("drop", probability=0.0))
    async with dial(still):
        slow = still.inject(at_connection("notice", count=None, reason="warning"))
        assert slow.fired == 1
        await clock.advance(3)
        assert slow.fired == 4
        slow.remove()
        await clock.advance(3)
        assert slow.fired == 4


async def test_only_those_that_match(slack: LocalSlack, dial: Any) -> None:
    slack.add_line("A0OTHER01")
    async with dial(slack), dial(slack, slack.websocket_url(app_id="A0OTHER01")), dial(slack):
        slack.inject(at_connection("drop", match="c3"))
        slack.inject(at_connection("half_open", match="A0OTHER01", count=None))
        assert [(each.id, each.phase) for each in slack.connections] == [
            ("c1", Phase.READY),
            ("c2", Phase.HALF_OPEN),
        ]


async def test_once_and_now(slack: LocalSlack, dial: Any) -> None:
    assert slack.perform(at_connection("drop")) == []
    async with dial(slack), dial(slack), dial(slack):
        fault = at_connection("half_open", count=2)
        struck = slack.perform(fault)
        assert len(struck) == 2
        assert {each.phase for each in struck} == {Phase.HALF_OPEN}
        assert slack.faults.rules == ()
        assert len(slack.ready) == 1
        assert slack.perform(at_connection("drop", probability=0.0)) == []


async def test_anybody_may_be_the_one(seed: int, dial: Any) -> None:
    async with LocalSlack(seed=seed) as slack, dial(slack), dial(slack), dial(slack):
        hit = {slack.perform(at_connection("notice"))[0].id for _ in range(60)}
        assert hit == {"c1", "c2", "c3"}


async def test_only_a_connection_can_be_struck_now(slack: LocalSlack) -> None:
    with pytest.raises(ConfigurationError, match="'ack' waits for an occasion"):
        slack.perform(Fault(where="ack", kind="ignored"))


# At the door


async def test_an_expired_ticket_stays_expired(slack: LocalSlack, dial: Any) -> None:
    rule = slack.inject(Fault(where="ticket", kind="expired", count=1))
    url = slack.websocket_url()
    for _ in range(2):
        with pytest.raises(Exception, match="403"):
            async with dial(slack, url):
                pass
    assert rule.is_spent
    async with dial(slack):
        pass
    with pytest.raises(Exception, match="403"):
        async with dial(slack, slack.websocket_url().replace("ticket=", "ticket=x")):
            pass
    slack.inject(Fault(where="ticket", kind="expired"))
    with pytest.raises(Exception, match="403"):
        async with dial(slack, slack.websocket_url().replace("ticket=", "ticket=x")):
            pass


async def test_a_handshake_refused_late_and_for_one_app(slack: LocalSlack, dial: Any) -> None:
    slack.add_line("A0OTHER01")
    slack.inject(Fault(where="handshake", kind="status", status=409, delay=0.01, match="A0OTHER01"))
    with pytest.raises(Exception, match="409"):
        async with dial(slack, slack.websocket_url(app_id="A0OTHER01")):
            pass
    async with dial(slack):
        pass


# Stalls


async def test_a_stall_holds_everything_and_loses_nothing(still: LocalSlack, clock: Any, dial: Any) -> None:
    async with dial(still) as wire:
        session = still.newest
        still.inject(at_connection("stall", delay=4))
        session.stall()
        commands = [still.send_command() for _ in range(3)]
        await wire.ws.send_str("one")
        await wire.ws.send_str("two")
        await clock.advance(3.9)
        assert session.counts["texts"] == 0
        await clock.advance(0.1)
        await still.wait_for(lambda _: session.counts["texts"] == 2)
        for command in commands:
            assert (await wire.message())["envelope_id"] == command.envelope_id
        session.go_on()


async def test_a_stall_without_end_ends_by_hand(slack: LocalSlack, dial: Any) -> None:
    async with dial(slack) as wire:
        session = slack.newest
        session.stall()
        slack.send_event()
        await wire.ws.ping(b"?")
        session.go_on()
        assert (await wire.message())["type"] == "events_api"


@pytest.mark.parametrize("how", ["close", "fin", "rst"])
async def test_an_end_goes_before_a_stall(slack: LocalSlack, raw: Any, how: str) -> None:
    session = slack.newest
    session.stall()
    raw[1].write(b"\x89\x80\0\0\0\0")
    session.drop(how)
    assert not session.is_stalled
    raw[1].close()
    await session.ended()
    session.stall()
    assert not session.is_stalled


async def test_closing_does_not_wait_for_a_stall(dial: Any) -> None:
    async with LocalSlack() as slack, dial(slack) as wire:
        slack.newest.stall()
        slack.send_event()
        await wire.ws.ping(b"?")
        await slack.close()
