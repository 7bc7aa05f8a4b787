"""Several apps side by side: each has a line of its own, and none hears of the others."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tautwire.errors import ConfigurationError
from tautwire.local import Fault, LocalSlack, State, Switches
from tautwire.local.socket.allowance import EVENTS_PER_HOUR
from tautwire.local.socket.ledger import Delivery

if TYPE_CHECKING:
    from tautwire.local import Attempt, Line

OTHER = "A0OTHER01"


@pytest.fixture
def other(slack: LocalSlack) -> Line:
    return slack.add_line(OTHER)


def event(text: str = "x") -> Delivery:
    return Delivery("events_api", "message", f"Ev{text}", {"event": {"type": "message", "text": text}}, False, 0.0)


async def test_an_app_has_one_line(slack: LocalSlack, other: Line) -> None:
    assert slack.add_line(OTHER) is other
    assert slack.line(OTHER) is other
    assert slack.line() is slack.line("A0LOCAL01")
    assert repr(other) == "<line of A0OTHER01, 0 connection(s)>"
    with pytest.raises(ConfigurationError, match="no app 'A0NOBODY' here; there are A0LOCAL01, A0OTHER01"):
        slack.line("A0NOBODY")


async def test_a_ticket_is_one_apps(slack: LocalSlack, other: Line, dial: Any) -> None:
    async with dial(slack) as mine, dial(slack, slack.websocket_url(app_id=OTHER), hello=False) as theirs:
        hello = await theirs.message()
        assert (hello["connection_info"], hello["num_connections"]) == ({"app_id": OTHER}, 1)
        assert [session.app_id for session in slack.connections] == ["A0LOCAL01", OTHER]
        assert [session.id for session in other.ready] == ["c2"]
        assert (slack.registered, other.registered, slack.line().registered) == (2, 1, 1)
        assert [dial.app_id for dial in slack.dials] == ["A0LOCAL01", OTHER]
        other.drop("close")
        assert await theirs.closed() == 1001
        await mine.ws.ping(b"still here")
        assert (await mine.frame()).data == b"still here"


async def test_an_envelope_goes_to_its_app_only(slack: LocalSlack, other: Line, dial: Any) -> None:
    async with dial(slack) as mine, dial(slack, slack.websocket_url(app_id=OTHER)) as theirs:
        for number in range(10):
            other.dispatch(event(str(number)))
        for number in range(10):
            message = await theirs.message()
            assert message["payload"]["event"]["text"] == str(number)
            await theirs.ack(message)
        await slack.settled()
        assert {delivery.app_id for delivery in slack.ledger.entries} == {OTHER}
        delivery = slack.send_event(to=slack.line().newest)
        assert (await mine.message())["envelope_id"] == delivery.envelope_id
        assert delivery.app_id == "A0LOCAL01"
        assert slack.send_event(to=other.newest).app_id == OTHER


async def test_an_ack_from_another_app_is_one_for_nothing(slack: LocalSlack, other: Line, dial: Any) -> None:
    slack.faults.add(Fault(where="ack", kind="ignored", match="slash_commands"))
    async with dial(slack) as mine, dial(slack, slack.websocket_url(app_id=OTHER)) as theirs:
        delivery = slack.send_event()
        message = await mine.message()
        await theirs.ack(message)
        await slack.wait_for(lambda slack: slack.ledger.summary().unknown_acks == 1)
        assert delivery.state is State.SENT
        await mine.ack(message)
        await slack.wait_for(lambda _: delivery.is_settled)
        assert slack.ledger.summary().acked_in_time == 1


async def test_nobody_of_an_app_is_nobody(slack: LocalSlack, other: Line, dial: Any) -> None:
    async with dial(slack):
        command = Delivery("slash_commands", "/x", "", {}, True, 0.0)
        assert other.dispatch(command).user_error == "dispatch_failed"


async def test_each_app_has_a_cap_of_its_own(dial: Any) -> None:
    async with LocalSlack(max_connections=1) as slack:
        slack.add_line(OTHER)
        async with dial(slack), dial(slack, slack.websocket_url(app_id=OTHER)):
            async with dial(slack, slack.websocket_url(app_id=OTHER), hello=False) as third:
                assert (await third.message())["reason"] == "too_many_websockets"
            assert len(slack.ready) == 2


async def test_socket_mode_is_one_apps_own_affair(slack: LocalSlack, other: Line, dial: Any) -> None:
    async with dial(slack), dial(slack, slack.websocket_url(app_id=OTHER)) as theirs:
        other.disable_socket_mode()
        assert (await theirs.message())["reason"] == "link_disabled"
        assert [session.app_id for session in slack.ready] == ["A0LOCAL01"]
        assert (other.open_error, other.is_socket_mode_on) == ("", False)
        other.enable_socket_mode()
        async with dial(slack, slack.websocket_url(app_id=OTHER)):
            assert len(other.ready) == 1


async def test_what_opening_says_of_an_app_that_is_off(call: Any) -> None:
    async with LocalSlack(switches=Switches(socket_mode_off="open_fails")) as slack:
        other = slack.workspace.install()
        line = slack.add_line(other.id)
        line.disable_socket_mode()
        assert (line.open_error, slack.line().open_error) == ("access_denied", "")
        answers = [
            (await call(slack, "apps.connections.open", token))[2] for token in (other.app_token, slack.app_token)
        ]
        assert (answers[0].get("error"), answers[1]["ok"]) == ("access_denied", True)


class Told(LocalSlack):
    """Remembers what the broker tells it, and what the ledger knew at that moment."""

    def __init__(self, **options: Any) -> None:
        self.answers: list[tuple[object, Any, State]] = []
        self.failures: list[tuple[object, str, State]] = []
        super().__init__(**options)

    def _answered(self, delivery: Delivery, attempt: Attempt) -> None:
        self.answers.append((delivery.context, attempt.payload, delivery.state))

    def _failed(self, delivery: Delivery) -> None:
        self.failures.append((delivery.context, delivery.user_error, delivery.state))


async def test_an_answer_in_time_is_told(clock: Any, dial: Any) -> None:
    async with Told(clock=clock) as slack, dial(slack) as wire:
        place = object()
        slack.line().dispatch(Delivery("slash_commands", "/x", "", {}, True, 0.0, context=place))
        message = await wire.message()
        await wire.ack(message, {"text": "done"})
        await wire.ack(message, {"text": "again"})
        await slack.wait_for(lambda slack: slack.ledger.summary().duplicate_acks)
        assert slack.answers == [(place, {"text": "done"}, State.ACKED)]
        await clock.advance(10)
        assert slack.failures == []


async def test_a_failure_is_told_and_a_late_answer_is_not(clock: Any, dial: Any) -> None:
    async with Told(clock=clock) as slack, dial(slack) as wire:
        slack.line().dispatch(Delivery("slash_commands", "/x", "", {}, True, 0.0, context="late"))
        message = await wire.message()
        await clock.advance(3)
        await wire.ack(message, {"text": "late"})
        await slack.wait_for(lambda slack: slack.ledger.summary().late_acks)
    async with Told(clock=clock) as slack:
        slack.line().dispatch(Delivery("interactive", "shortcut", "", {}, False, 0.0, context="nobody"))
        slack.line().dispatch(event())
        await clock.advance(1000)
        assert slack.answers == []
        assert slack.failures == [("nobody", "dispatch_failed", State.LOST)]


async def test_a_timeout_is_told(clock: Any, dial: Any) -> None:
    async with Told(clock=clock) as slack, dial(slack) as wire:
        slack.send_command()
        await wire.message()
        await clock.advance(3)
        assert slack.failures == [(None, "operation_timeout", State.LOST)]


# While nobody is connected


async def test_replay_keeps_events_for_whoever_comes(clock: Any, dial: Any) -> None:
    async with LocalSlack(clock=clock, while_away="replay") as slack:
        events = [slack.send_event("message", text=str(number)) for number in range(5)]
        command = slack.send_command()
        assert (command.user_error, command.is_settled) == ("dispatch_failed", True)
        await clock.advance(24 * 3600)
        assert [(each.state, each.attempts) for each in events] == [(State.SENT, [])] * 5
        async with dial(slack) as wire:
            for number in range(5):
                message = await wire.message()
                assert (message["payload"]["event"]["text"], message["retry_attempt"]) == (str(number), 0)
                await wire.ack(message)
            await slack.settled()
        assert slack.ledger.summary().acked_in_time == 5


async def test_replay_keeps_a_retry_too(clock: Any, dial: Any) -> None:
    async with LocalSlack(clock=clock, while_away="replay") as slack:
        async with dial(slack) as wire:
            delivery = slack.send_event()
            await wire.message()
            slack.drop()
        await clock.advance(3600)
        assert (delivery.state, len(delivery.attempts)) == (State.SENT, 1)
        async with dial(slack) as wire:
            assert (await wire.message())["retry_attempt"] == 1


async def test_replay_is_for_the_app_that_was_away(clock: Any, dial: Any) -> None:
    async with LocalSlack(clock=clock, while_away="replay") as slack:
        other = slack.add_line(OTHER)
        delivery = other.dispatch(event())
        async with dial(slack):
            assert delivery.attempts == []


async def test_lose_in_the_new_words(clock: Any) -> None:
    async with LocalSlack(clock=clock, while_away="lose") as slack:
        assert slack.send_event().state is State.LOST


@pytest.mark.parametrize(
    "options", [{"while_away": "hope"}, {"while_away": "replay", "lose_when_nobody": True}], ids=str
)
def test_one_cannot_have_everything(options: dict[str, Any]) -> None:
    with pytest.raises(ConfigurationError):
        LocalSlack(**options)


# Too many events


async def test_above_the_limit_events_are_dropped_and_the_app_is_told_once_a_minute(clock: Any, dial: Any) -> None:
    async with LocalSlack(clock=clock, switches=Switches(events_per_hour=2)) as slack, dial(slack) as wire:
        sent = [slack.send_event() for _ in range(4)]
        slack.send_command()
        assert [each.is_rate_limited for each in sent] == [False, False, True, True]
        messages = [await wire.message() for _ in range(4)]
        assert [m["payload"].get("type") for m in messages] == [
            "event_callback",
            "event_callback",
            "app_rate_limited",
            None,
        ]
        notice = messages[2]["payload"]
        minute = int(clock.wall()) // 60 * 60
        assert (notice["minute_rate_limited"], notice["api_app_id"]) == (minute, "A0LOCAL01")
        for message in messages:
            await wire.ack(message)
        await slack.settled()
        summary = slack.ledger.summary()
        assert (summary.lost, summary.rate_limited, summary.acked_in_time) == (2, 2, 4)
        await clock.advance(60)
        slack.send_event()
        assert (await wire.message())["payload"]["minute_rate_limited"] == minute + 60


async def test_the_limit_is_each_apps_own_and_an_hour_later_forgotten(clock: Any, dial: Any) -> None:
    async with LocalSlack(clock=clock, switches=Switches(events_per_hour=1)) as slack:
        other = slack.add_line(OTHER)
        assert [slack.send_event().is_rate_limited for _ in range(2)] == [False, True]
        assert [other.dispatch(event()).is_rate_limited for _ in range(2)] == [False, True]
        assert [each.payload["api_app_id"] for each in slack.ledger.entries if each.subject == "app_rate_limited"] == [
            "A0LOCAL01",
            OTHER,
        ]
        await clock.advance(3600)
        assert not slack.send_event().is_rate_limited


# The other switches of a line


async def test_delayed_events_come_every_hour_for_a_day(clock: Any) -> None:
    async with LocalSlack(clock=clock, switches=Switches(delayed_events=True)) as slack:
        delivery = slack.send_event()
        await clock.advance(1 + 60 + 300)
        assert (delivery.state, len(delivery.attempts)) == (State.SENT, 4)
        await clock.advance(24 * 3600)
        assert (delivery.state, len(delivery.attempts)) == (State.LOST, 28)


async def test_a_frame_too_large_may_meet_silence_by_switch(dial: Any) -> None:
    async with LocalSlack(switches=Switches(big_client_frame="ignore")) as slack, dial(slack) as wire:
        delivery = slack.send_command()
        await wire.message()
        await wire.ws.send_json({"envelope_id": delivery.envelope_id, "payload": {"text": "x" * 20_480}})
        await wire.ack(delivery)
        await slack.settled()
        assert delivery.answer is None


async def test_an_app_that_lets_everything_fail_is_sent_nothing_more_by_switch(clock: Any) -> None:
    async with LocalSlack(clock=clock, switches=Switches(failing_apps_lose_events=True)) as slack:
        for _ in range(1000):
            slack.send_event()
        dropped = slack.send_event()
        assert (dropped.state, dropped.attempts) == (State.LOST, [])
        assert slack.send_command().attempts
        slack.line().enable_events()
        assert slack.send_event().attempts


async def test_or_goes_on_without_it(clock: Any, dial: Any) -> None:
    async with LocalSlack(clock=clock, while_away="lose") as slack:
        for _ in range(1001):
            slack.send_event()
        assert slack.line().broker.standing.is_hopeless
        assert slack.send_event().attempts


async def test_acks_and_missed_deadlines_count_for_an_apps_standing(still: LocalSlack, clock: Any, dial: Any) -> None:
    async with dial(still) as wire:
        noted: list[bool] = []
        standing = still.line().broker.standing
        standing.note = lambda now, *, has_failed: noted.append(has_failed)  # type: ignore[method-assign]
        still.send_event()
        await wire.ack(await wire.message())
        still.send_command()
        await wire.message()
        await still.wait_for(lambda _: noted)
        assert noted == [False]
        still.send_event()
        await clock.advance(3)
        assert noted == [False, True]


async def test_strict_limits_count_events_too() -> None:
    assert LocalSlack(strict_limits=True).switches.events_per_hour == EVENTS_PER_HOUR
    assert LocalSlack(strict_limits=True, switches=Switches(events_per_hour=7)).switches.events_per_hour == 7
    assert LocalSlack().switches.events_per_hour is None


@pytest.mark.parametrize(("how", "code"), [("close", 1000), ("fin", None), ("rst", None)])
async def test_how_a_replaced_connection_ends_by_switch(dial: Any, how: Any, code: int | None) -> None:
    async with LocalSlack(time_scale=0.001, switches=Switches(refresh_end=how)) as slack, dial(slack) as wire:
        slack.refresh(warning=False)
        assert (await wire.message())["reason"] == "refresh_requested"
        assert await wire.closed() == code
