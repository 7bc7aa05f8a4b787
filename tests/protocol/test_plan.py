from __future__ import annotations

import random

import pytest

from tautwire.errors import InvalidTokenError, SocketModeDisabledError
from tautwire.protocol.effects import Cause, Departure
from tautwire.protocol.link import ACK_WAIT, DRAIN_WAIT
from tautwire.protocol.messages import Hello
from tautwire.protocol.plan import (
    CROWDED_RELIEF,
    MAX_CONNECTIONS,
    RENEWAL_FLOOR,
    RENEWAL_SHARE,
    Close,
    Dial,
    Plan,
    Retire,
    Stop,
    Wait,
)

REFUSED = InvalidTokenError("refused", code="invalid_auth")


class Always:
    """Chance that always falls on one end."""

    def __init__(self, share: float = 1.0) -> None:
        self.share = share

    def uniform(self, a: float, b: float, /) -> float:
        return a + (b - a) * self.share


def begun(connections: int = 1, *, auto_reconnect: bool = True, share: float = 1.0) -> Plan:
    plan = Plan(connections, Always(share), auto_reconnect)
    plan.start()
    return plan


def running(connections: int = 1, *, count: int | None = None, auto_reconnect: bool = True) -> Plan:
    """A plan whose links 1 … `connections` are ready since 0, by Slack's last count `count`."""
    plan = begun(connections, auto_reconnect=auto_reconnect)
    for link in range(1, connections + 1):
        assert plan.decide(0.0) == [Dial(link)]
        plan.ready(link, Hello(count), 0.0)
    assert plan.decide(0.0) == []
    return plan


@pytest.mark.parametrize("connections", [0, -1, 11])
def test_one_to_ten_connections(connections: int) -> None:
    with pytest.raises(ValueError, match=f"between 1 and {MAX_CONNECTIONS}, not {connections}"):
        Plan(connections, random.Random(0))


class TestDialling:
    def test_one_at_a_time_until_the_target(self) -> None:
        plan = begun(3)
        for link in (1, 2, 3):
            assert plan.decide(0.0) == [Dial(link)]
            assert plan.decide(5.0) == []
            assert plan.is_recovering
            plan.ready(link, Hello(), 5.0)
        assert plan.decide(5.0) == []
        assert not plan.is_recovering

    def test_a_failure_is_tried_again_after_its_wait(self) -> None:
        plan = begun()
        plan.decide(0.0)
        plan.failed(1, 2.0)
        assert plan.decide(2.0) == [Wait(3.0)]
        assert plan.is_recovering
        assert plan.decide(3.0) == [Dial(2)]

    def test_a_rate_limit_is_waited_out_and_counts_as_a_failure(self) -> None:
        plan = begun()
        plan.decide(0.0)
        plan.failed(1, 0.0, retry_after=20.0, is_rate_limit=True)
        assert plan.decide(0.0) == [Wait(22.0)]
        plan.decide(22.0)
        plan.failed(2, 22.0)
        assert plan.decide(22.0) == [Wait(24.0)]

    def test_a_rate_limit_of_zero_seconds_is_no_tight_loop(self) -> None:
        plan = begun()
        plan.decide(0.0)
        plan.failed(1, 0.0, retry_after=0.0, is_rate_limit=True)
        assert plan.decide(0.0) == [Wait(1.0)]

    @pytest.mark.parametrize("cause", [Cause.NO_HELLO, Cause.CLOSED, Cause.LOST])
    def test_an_end_before_hello_is_a_failure(self, cause: Cause) -> None:
        plan = begun()
        plan.decide(0.0)
        plan.ended(1, cause, 10.0)
        assert plan.decide(10.0) == [Wait(11.0)]


class TestRotation:
    def test_the_successor_first_then_the_old_one(self) -> None:
        plan = running()
        plan.leaving(1, Departure.WARNING)
        assert plan.decide(100.0) == [Dial(2)]
        assert plan.decide(100.5) == []
        plan.ready(2, Hello(2), 101.0)
        assert plan.decide(101.0) == [Retire(1, DRAIN_WAIT, Departure.WARNING)]
        plan.ended(1, Cause.CLOSED, 111.0)
        assert plan.decide(111.0) == []

    def test_the_first_departure_counts(self) -> None:
        plan = running()
        plan.leaving(1, Departure.WARNING)
        plan.decide(100.0)
        plan.leaving(1, Departure.REFRESH_REQUESTED)
        assert plan.decide(100.0) == []
        plan.ready(2, Hello(2), 101.0)
        assert plan.decide(101.0) == [Retire(1, DRAIN_WAIT, Departure.WARNING)]

    def test_a_departure_needs_no_wait_when_the_old_one_goes_early(self) -> None:
        plan = running()
        plan.leaving(1, Departure.REFRESH_REQUESTED)
        plan.ended(1, Cause.CLOSED, 100.0)
        assert plan.decide(100.0) == [Dial(2)]

    def test_links_that_leave_together_go_one_by_one_with_time_to_ack(self) -> None:
        plan = running(2)
        plan.leaving(1, Departure.WARNING)
        plan.leaving(2, Departure.WARNING)
        assert plan.decide(100.0) == [Dial(3)]
        plan.ready(3, Hello(3), 101.0)
        assert plan.decide(101.0) == [Retire(1, DRAIN_WAIT, Departure.WARNING), Wait(101.0 + ACK_WAIT)]
        assert plan.decide(101.0 + ACK_WAIT) == [Close(1)]
        assert plan.decide(104.5) == [], "the dial waits for the place"
        plan.ended(1, Cause.RETIRED, 104.6)
        assert plan.decide(104.6) == [Dial(4)]
        plan.ready(4, Hello(3), 105.0)
        assert plan.decide(105.0) == [Retire(2, DRAIN_WAIT, Departure.WARNING)]

    def test_what_still_drains_makes_room_at_once_when_nothing_else_serves(self) -> None:
        plan = running()
        plan.leaving(1, Departure.WARNING)
        plan.decide(100.0)
        plan.ready(2, Hello(2), 101.0)
        plan.decide(101.0)
        plan.leaving(2, Departure.WARNING)
        assert plan.decide(102.0) == [Close(1)]
        plan.ended(1, Cause.RETIRED, 102.1)
        assert plan.decide(102.1) == [Dial(3)]

    def test_a_link_is_not_given_up_for_a_successor_that_has_to_wait(self) -> None:
        plan = running(count=10)
        plan.leaving(1, Departure.SUSPECT)
        assert plan.decide(100.0) == [Close(1)]
        plan = running()
        plan.leaving(1, Departure.SUSPECT)
        plan.decide(100.0)
        plan.ended(2, Cause.TOO_MANY_WEBSOCKETS, 100.0)
        assert plan.decide(100.0)[0] == Wait(160.0)
        assert plan.decide(160.0)[0] == Close(1)


class TestLoss:
    def test_a_lost_link_is_redialled_at_once(self) -> None:
        plan = running()
        plan.ended(1, Cause.LOST, 30.0)
        assert plan.decide(30.0) == [Dial(2)]

    def test_several_in_one_blow_are_one_loss(self) -> None:
        plan = running(10)
        now = 120.0
        plan.ended(1, Cause.LOST, now)
        assert plan.decide(now) == [Dial(11)]
        for link in range(2, 11):
            plan.ended(link, Cause.LOST, now + link / 10)
            assert plan.decide(now + link / 10) == []
        plan.ready(11, Hello(1), now + 2.0)
        assert plan.decide(now + 2.0) == [Dial(12)]

    def test_our_own_closing_is_no_loss(self) -> None:
        plan = running(2)
        plan.stop()
        plan.ended(1, Cause.RETIRED, 10.0)
        plan.ended(2, Cause.RETIRED, 10.0)
        assert plan.decide(10.0) == [Stop(None)]
        plan.start()
        assert plan.decide(10.0) == [Dial(3)]
        plan.ready(3, Hello(), 11.0)
        plan.ended(3, Cause.LOST, 12.0)
        assert plan.decide(12.0) == [Dial(4)], "the redial that is free is still there"

    def test_a_dial_that_we_cut_off_is_no_failure(self) -> None:
        plan = begun()
        plan.decide(0.0)
        plan.stop()
        plan.failed(1, 1.0)
        plan.start()
        assert plan.decide(1.0) == [Dial(2)]

    def test_a_minute_alive_clears_the_back_off(self) -> None:
        plan = begun()
        for attempt in range(6):
            plan.decide(100.0 * attempt)
            plan.failed(attempt + 1, 100.0 * attempt)
        plan.decide(600.0)
        plan.ready(7, Hello(), 600.0)
        plan.ended(7, Cause.LOST, 660.0)
        assert plan.decide(660.0) == [Dial(8)]
        plan.failed(8, 660.0)
        assert plan.decide(660.0) == [Wait(661.0)]

    def test_less_than_a_minute_does_not(self) -> None:
        plan = begun()
        for attempt in range(3):
            plan.decide(100.0 * attempt)
            plan.failed(attempt + 1, 100.0 * attempt)
        plan.decide(300.0)
        plan.ready(4, Hello(), 300.0)
        plan.ended(4, Cause.LOST, 359.9)
        assert plan.decide(359.9) == [Wait(367.9)]

    def test_one_long_life_clears_it_once(self) -> None:
        plan = running(2)
        plan.decide(60.0)
        for attempt, bound in enumerate([1.0, 2.0, 4.0]):
            now = 1_000.0 * (attempt + 1)
            if attempt == 0:
                plan.ended(2, Cause.LOST, now)
            plan.decide(now)
            plan.failed(3 + attempt, now)
            assert plan.decide(now) == [Wait(now + bound)]


class TestTooMany:
    def test_the_target_is_lowered_and_raised_again_later(self) -> None:
        plan = running(2)
        plan.ended(2, Cause.TOO_MANY_WEBSOCKETS, 100.0)
        assert plan.target == 1
        assert plan.decide(100.0) == [Wait(100.0 + CROWDED_RELIEF)]
        assert plan.decide(100.0 + CROWDED_RELIEF) == [Dial(3)]
        assert plan.target == 2

    def test_step_by_step(self) -> None:
        plan = running(3)
        plan.ended(2, Cause.TOO_MANY_WEBSOCKETS, 100.0)
        plan.ended(3, Cause.TOO_MANY_WEBSOCKETS, 100.0)
        assert plan.target == 1
        assert plan.decide(700.0) == [Dial(4)]
        plan.ready(4, Hello(2), 700.0)
        assert plan.decide(700.0) == [Wait(1_300.0)]
        assert plan.decide(1_300.0) == [Dial(5)]

    def test_there_is_always_one_to_aim_at(self) -> None:
        plan = begun()
        plan.decide(0.0)
        plan.ended(1, Cause.TOO_MANY_WEBSOCKETS, 0.0)
        assert plan.target == 1
        assert plan.decide(0.0) == [Wait(60.0)]
        assert plan.decide(60.0)[0] == Dial(2)

    def test_a_refused_successor_makes_the_next_try_close_first(self) -> None:
        plan = running()
        plan.leaving(1, Departure.RENEWAL)
        plan.decide(100.0)
        plan.ended(2, Cause.TOO_MANY_WEBSOCKETS, 100.0)
        plan.decide(100.0)
        assert plan.decide(160.0)[0] == Close(1)
        assert not any(isinstance(decision, Dial) for decision in plan.decide(160.1)), "its place is not free yet"
        plan.ended(1, Cause.RETIRED, 160.5)
        assert plan.decide(160.5)[0] == Dial(3)

    def test_a_place_of_our_own_that_gets_free_ends_the_wait(self) -> None:
        plan = running()
        plan.leaving(1, Departure.WARNING)
        plan.decide(100.0)
        plan.ended(2, Cause.TOO_MANY_WEBSOCKETS, 100.0)
        plan.ended(1, Cause.CLOSED, 110.0)
        assert plan.decide(110.0)[0] == Dial(3)

    def test_a_link_thrown_out_while_it_drained_is_missed_by_nobody(self) -> None:
        plan = running(2)
        plan.leaving(1, Departure.WARNING)
        plan.decide(100.0)
        plan.ready(3, Hello(11), 100.0)
        assert plan.decide(100.0) == [Retire(1, DRAIN_WAIT, Departure.WARNING)]
        plan.ended(1, Cause.TOO_MANY_WEBSOCKETS, 101.0)
        assert plan.target == 2
        assert plan.decide(101.0) == []

    def test_no_link_that_leaves_is_the_successor_of_another(self) -> None:
        plan = running(2)
        plan.leaving(1, Departure.WARNING)
        plan.leaving(2, Departure.WARNING)
        plan.decide(100.0)
        plan.ended(3, Cause.TOO_MANY_WEBSOCKETS, 100.0)
        assert plan.target == 1
        assert plan.decide(100.0) == [Wait(160.0)]


class TestTheCapOfTen:
    def test_at_slacks_limit_the_old_one_goes_first(self) -> None:
        plan = running(count=10)
        plan.leaving(1, Departure.WARNING)
        assert plan.decide(100.0) == [Close(1)]
        assert plan.decide(100.1) == [], "the dial waits for the place"
        plan.ended(1, Cause.RETIRED, 100.5)
        assert plan.decide(100.5) == [Dial(2)]

    @pytest.mark.parametrize("count", [None, 0, 1, 9])
    def test_below_it_the_new_one_comes_first(self, count: int | None) -> None:
        plan = running(count=count)
        plan.leaving(1, Departure.WARNING)
        assert plan.decide(100.0) == [Dial(2)]

    @pytest.mark.parametrize("count", [None, 1])
    def test_ten_of_our_own_are_never_eleven_whatever_slack_counts(self, count: int | None) -> None:
        plan = running(10, count=count)
        plan.leaving(4, Departure.RENEWAL)
        assert plan.decide(100.0) == [Close(4)]
        plan.ended(4, Cause.RETIRED, 100.5)
        assert plan.decide(100.5) == [Dial(11)]

    def test_a_failed_dial_lowers_no_count(self) -> None:
        plan = begun(2)
        plan.decide(0.0)
        plan.ready(1, Hello(10), 0.0)
        plan.decide(0.0)
        plan.ended(2, Cause.NO_HELLO, 10.0)
        plan.leaving(1, Departure.WARNING)
        assert plan.decide(20.0) == [Close(1)]

    def test_the_count_of_a_crowd_is_forgotten_with_it(self) -> None:
        plan = running(2, count=10)
        plan.ended(2, Cause.TOO_MANY_WEBSOCKETS, 0.0)
        plan.decide(CROWDED_RELIEF)
        plan.ended(3, Cause.NO_HELLO, CROWDED_RELIEF)
        plan.leaving(1, Departure.WARNING)
        assert plan.decide(CROWDED_RELIEF + 60.0) == [Dial(4)]


class TestRenewal:
    @pytest.mark.parametrize(("share", "age"), [(0.0, 0.80), (0.5, 0.875), (1.0, 0.95)])
    def test_comes_before_the_announced_end(self, share: float, age: float) -> None:
        plan = begun(share=share)
        plan.decide(0.0)
        plan.ready(1, Hello(1, approximate_connection_time=18_060.0), 100.0)
        (wait,) = plan.decide(100.0)
        assert isinstance(wait, Wait)
        assert wait.until == pytest.approx(100.0 + 18_060.0 * age)
        assert plan.decide(wait.until) == [Dial(2)]
        plan.ready(2, Hello(2), wait.until)
        assert plan.decide(wait.until) == [Retire(1, DRAIN_WAIT, Departure.RENEWAL)]

    def test_never_within_the_first_seconds(self) -> None:
        plan = begun()
        plan.decide(0.0)
        plan.ready(1, Hello(1, approximate_connection_time=1.0), 0.0)
        assert plan.decide(0.0) == [Wait(RENEWAL_FLOOR)]

    @pytest.mark.parametrize("connections", [2, 3, 10])
    @pytest.mark.parametrize("draw", range(5))
    def test_several_never_expire_together(self, connections: int, draw: int, seed: int) -> None:
        plan = Plan(connections, random.Random(f"{seed} {draw}"))
        plan.start()
        for link in range(1, connections + 1):
            plan.decide(0.0)
            plan.ready(link, Hello(link, approximate_connection_time=18_060.0), 0.0)
        moments = sorted(view.renew_at or 0.0 for view in plan._views.values())
        least, most = RENEWAL_SHARE
        width = 18_060.0 * (most - least) / connections
        places = [int((moment - 18_060.0 * least) / width) for moment in moments]
        assert places == list(range(connections)), "each has a stretch of its own"

    def test_without_an_announced_end_there_is_none(self) -> None:
        assert running().decide(1e9) == []


class TestTheEnd:
    def test_after_stop_nothing_is_dialled(self) -> None:
        plan = running()
        plan.stop()
        assert plan.decide(1.0) == []
        assert not plan.is_recovering
        plan.ended(1, Cause.LOST, 2.0)
        assert plan.decide(2.0) == [Stop(None)]
        assert plan.decide(1e6) == [Stop(None)]

    def test_a_refused_dial_is_the_end(self) -> None:
        plan = begun()
        plan.decide(0.0)
        plan.refused(REFUSED, 1)
        assert plan.decide(0.0) == [Stop(REFUSED)]
        assert plan.fatal is REFUSED

    def test_what_is_open_serves_on_until_it_ends(self) -> None:
        plan = running(2)
        plan.ended(2, Cause.LOST, 5.0)
        plan.decide(5.0)
        plan.refused(REFUSED, 3)
        assert plan.decide(6.0) == []
        plan.leaving(1, Departure.WARNING)
        assert plan.decide(7.0) == []
        plan.ended(1, Cause.CLOSED, 8.0)
        assert plan.decide(8.0) == [Stop(REFUSED)]

    def test_the_first_fatal_answer_is_the_one_to_tell(self) -> None:
        plan = running()
        plan.refused(REFUSED)
        plan.disabled(SocketModeDisabledError())
        assert plan.fatal is REFUSED

    def test_socket_mode_off_leaves_time_for_the_last_acks(self) -> None:
        plan, off = running(2), SocketModeDisabledError()
        plan.leaving(2, Departure.WARNING)
        plan.decide(5.0)
        plan.disabled(off)
        assert plan.decide(5.0) == [Retire(1, ACK_WAIT), Retire(2, ACK_WAIT, Departure.WARNING)]
        assert plan.decide(6.0) == []
        plan.ready(3, Hello(), 6.0)
        assert plan.decide(6.0) == [Retire(3, ACK_WAIT)], "a dial that was under way, too"
        for link in (1, 2, 3):
            plan.ended(link, Cause.RETIRED, 8.0)
        assert plan.decide(8.0) == [Stop(off)]

    def test_a_new_start_begins_anew(self) -> None:
        plan = begun()
        plan.decide(0.0)
        plan.refused(REFUSED, 1)
        plan.start()
        assert plan.fatal is None
        assert plan.decide(1.0) == [Dial(2)]


class TestWithoutAutoReconnect:
    def test_the_target_is_reached_once(self) -> None:
        plan = begun(2, auto_reconnect=False)
        plan.decide(0.0)
        plan.failed(1, 0.0)
        assert plan.decide(1.0) == [Dial(2)]
        plan.ready(2, Hello(), 1.0)
        assert plan.decide(1.0) == [Dial(3)]
        plan.ready(3, Hello(), 1.0)
        plan.ended(2, Cause.LOST, 2.0)
        assert plan.decide(2.0) == []
        assert not plan.is_recovering

    def test_what_leaves_is_replaced_when_somebody_asks(self) -> None:
        plan = running(auto_reconnect=False)
        plan.leaving(1, Departure.REQUESTED)
        assert plan.decide(5.0) == []
        plan.start()
        assert plan.decide(5.0) == [Dial(2)]
        plan.ready(2, Hello(), 6.0)
        assert plan.decide(6.0) == [Retire(1, DRAIN_WAIT, Departure.REQUESTED)]

    def test_the_flag_may_be_changed_at_any_time(self) -> None:
        plan = running(auto_reconnect=False)
        plan.ended(1, Cause.LOST, 5.0)
        plan.auto_reconnect = True
        assert plan.decide(5.0) == [Dial(2)]


def test_news_of_unknown_links_change_nothing() -> None:
    plan = running()
    before = repr(plan)
    plan.ready(7, Hello(10), 5.0)
    plan.leaving(7, Departure.WARNING)
    plan.ended(7, Cause.TOO_MANY_WEBSOCKETS, 5.0)
    plan.failed(7, 5.0, retry_after=100.0, is_rate_limit=True)
    assert repr(plan) == before


def test_only_a_ready_link_can_leave() -> None:
    plan = begun()
    plan.decide(0.0)
    plan.leaving(1, Departure.WARNING)
    plan.ready(1, Hello(), 1.0)
    assert plan.decide(1.0) == []
