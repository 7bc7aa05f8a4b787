"""Links, plan and coverage together, through whole lives in virtual time: every race that is known by name."""

from __future__ import annotations

import math
import random
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import pytest

from tautwire.errors import FatalConnectionError, SocketModeDisabledError
from tautwire.protocol.coverage import Coverage, Uncovered
from tautwire.protocol.effects import Announce, Cause, Deliver, Departure, Disable, Effects, End, Leave, Ping, SendClose
from tautwire.protocol.link import CLOSE_WAIT, Link
from tautwire.protocol.liveness import silence_limit
from tautwire.protocol.messages import Disconnect, DisconnectReason, Envelope, Hello, Message
from tautwire.protocol.plan import Close, Dial, Plan, Retire, Stop, Wait

if TYPE_CHECKING:
    from collections.abc import Callable

WARNING = Disconnect(DisconnectReason.WARNING)
REFRESH = Disconnect(DisconnectReason.REFRESH_REQUESTED)
TOO_MANY = Disconnect(DisconnectReason.TOO_MANY_WEBSOCKETS)
DISABLED = Disconnect(DisconnectReason.LINK_DISABLED)
ENVELOPE = Envelope("events_api", "e-1", b"{}")
START = 1_000.0


@dataclass
class Line:
    """One connection: our link, and how the other side behaves."""

    link: Link
    is_silent: bool = False
    is_ready: bool = False
    delivered: int = 0
    pings: int = 0


@dataclass
class Fleet:
    """Owns the links and performs the plan. Time is a number; Slack answers pings and Close frames at once."""

    connections: int = 1
    seed: int = 0
    ping_interval: float = 5.0
    now: float = START
    lines: dict[int, Line] = field(default_factory=dict)
    #: Dials that nobody has answered, and when each dial began.
    waiting: list[int] = field(default_factory=list)
    dials: list[float] = field(default_factory=list)
    causes: dict[int, Cause] = field(default_factory=dict)
    ended_at: dict[int, float] = field(default_factory=dict)
    retired: dict[int, Departure] = field(default_factory=dict)
    closed: list[int] = field(default_factory=list)
    gaps: list[Uncovered] = field(default_factory=list)
    stopped: list[FatalConnectionError | None] = field(default_factory=list)
    most_open: int = 0
    wakes_at: float = math.inf
    plan: Plan = field(init=False)
    coverage: Coverage[int] = field(default_factory=Coverage)

    def __post_init__(self) -> None:
        self.plan = Plan(self.connections, random.Random(self.seed))
        self.plan.start()
        self.ask()

    @classmethod
    def up(
        cls, connections: int = 1, *, count: int | None = None, lifetime: float | None = None, seed: int = 0
    ) -> Fleet:
        """A fleet at its target."""
        fleet = cls(connections, seed)
        while fleet.waiting:
            fleet.answer(count=count, lifetime=lifetime)
        return fleet

    @property
    def ready(self) -> list[int]:
        return [number for number, line in self.lines.items() if line.is_ready and line.link.is_open]

    def ask(self) -> None:
        self.wakes_at = math.inf
        for decision in self.plan.decide(self.now):
            match decision:
                case Dial(link=number):
                    assert not self.waiting, "one dial at a time"
                    self.waiting.append(number)
                    self.dials.append(self.now)
                case Retire(link=number, within=within, departure=departure):
                    self.retired[number] = departure
                    self.perform(number, self.lines[number].link.retire(self.now, within))
                case Close(link=number):
                    self.closed.append(number)
                    self.perform(number, self.lines[number].link.close(self.now))
                    if number not in self.lines:
                        self.ask()
                        return
                case Wait(until=until):
                    self.wakes_at = until
                case Stop(error=error):
                    self.stopped.append(error)
        self.most_open = max(self.most_open, len(self.lines) + len(self.waiting))

    def perform(self, number: int, effects: Effects) -> None:
        line = self.lines[number]
        for effect in effects:
            match effect:
                case Announce(hello=hello):
                    line.is_ready = True
                    self.plan.ready(number, hello, self.now)
                    self.note(self.coverage.ready(number, self.now))
                case Deliver():
                    line.delivered += 1
                case Leave(departure=departure):
                    self.plan.leaving(number, departure)
                case Disable():
                    self.plan.disabled(SocketModeDisabledError())
                case Ping():
                    line.pings += 1
                    if not line.is_silent:
                        line.link.liveness.heard(self.now)
                case SendClose():
                    if not line.is_silent:
                        self.perform(number, line.link.lost(Cause.CLOSED, self.now))
                case End(cause=cause, last_good=last_good):
                    self.causes[number] = cause
                    self.ended_at[number] = self.now
                    self.lines.pop(number)
                    self.plan.ended(number, cause, self.now)
                    self.note(self.coverage.ended(number, last_good))

    def note(self, gap: Uncovered | None) -> None:
        self.gaps += [gap] if gap else []

    # What happens.

    def open(self) -> int:
        """The handshake of the dial under way succeeds; no hello yet."""
        number = self.waiting.pop()
        self.lines[number] = Line(Link(self.ping_interval, self.now))
        return number

    def answer(self, *, count: int | None = None, lifetime: float | None = None) -> int:
        """The dial under way succeeds, with hello."""
        number = self.open()
        self.says(number, Hello(count, approximate_connection_time=lifetime))
        return number

    def fails(self, *, retry_after: float | None = None, is_rate_limit: bool = False) -> None:
        self.plan.failed(self.waiting.pop(), self.now, retry_after=retry_after, is_rate_limit=is_rate_limit)
        self.ask()

    def says(self, number: int, message: Message) -> None:
        self.perform(number, self.lines[number].link.on_message(message, self.now))
        self.ask()

    def loses(self, *numbers: int, cause: Cause = Cause.LOST) -> None:
        for number in numbers:
            self.perform(number, self.lines[number].link.lost(cause, self.now))
            self.ask()

    def advance(self, seconds: float, *, until: Callable[[], bool] = lambda: False) -> None:
        end = self.now + seconds
        while self.now < end and not until():
            self.tick()
            checks = [line.link.next_check(self.now) for line in self.lines.values()]
            self.now = max(self.now, min([end, self.wakes_at, *checks]))
            self.tick()

    def tick(self) -> None:
        for number, line in list(self.lines.items()):
            self.perform(number, line.link.tick(self.now))
        self.ask()


class TestRefresh:
    def test_two_disconnects_are_one_rotation(self) -> None:
        fleet = Fleet.up()
        fleet.advance(100.0)
        fleet.says(1, WARNING)
        fleet.says(1, REFRESH)
        assert fleet.waiting == [2]
        fleet.answer()
        assert fleet.retired == {1: Departure.WARNING}
        fleet.loses(1, cause=Cause.CLOSED)
        fleet.advance(600.0)
        assert len(fleet.dials) == 2
        assert fleet.gaps == []

    def test_a_disconnect_during_a_dial_is_one_rotation(self) -> None:
        fleet = Fleet.up()
        fleet.says(1, WARNING)
        fleet.open()
        fleet.says(1, REFRESH)
        fleet.says(2, Hello())
        fleet.advance(600.0)
        assert len(fleet.dials) == 2
        assert fleet.ready == [2]

    def test_the_old_one_refreshes_again_while_it_drains(self) -> None:
        fleet = Fleet.up()
        fleet.says(1, WARNING)
        fleet.answer()
        fleet.says(1, REFRESH)
        fleet.says(1, ENVELOPE)
        assert fleet.lines[1].delivered == 1
        assert fleet.waiting == []
        fleet.advance(600.0)
        assert fleet.causes == {1: Cause.RETIRED}
        assert fleet.ended_at == {1: START + 30.0}
        assert len(fleet.dials) == 2

    def test_the_old_one_closes_before_the_successor_is_ready(self) -> None:
        fleet = Fleet.up()
        fleet.says(1, REFRESH)
        fleet.advance(0.1)
        fleet.loses(1, cause=Cause.CLOSED)
        fleet.advance(0.3)
        fleet.answer()
        assert [gap.seconds for gap in fleet.gaps] == [pytest.approx(0.3)]
        assert len(fleet.dials) == 2

    def test_the_successor_is_told_to_go_before_its_hello(self) -> None:
        fleet = Fleet.up()
        fleet.says(1, WARNING)
        fleet.open()
        fleet.says(2, WARNING)
        assert fleet.causes == {2: Cause.NO_HELLO}
        fleet.advance(5.0, until=lambda: bool(fleet.waiting))
        fleet.answer()
        assert fleet.retired == {1: Departure.WARNING}
        assert fleet.gaps == []

    def test_ten_in_a_row_use_the_permits_and_no_more(self) -> None:
        fleet = Fleet.up()
        for number in range(1, 30):
            fleet.says(number, REFRESH)
            fleet.advance(100.0, until=lambda: bool(fleet.waiting))
            fleet.answer()
        assert fleet.gaps == [], "a leaving link serves until its successor is there"
        assert fleet.most_open == 2
        in_a_minute = [at for at in fleet.dials if at < START + 60.0]
        assert len(in_a_minute) <= 20

    @pytest.mark.parametrize("reason", [WARNING, REFRESH, Disconnect(DisconnectReason.OTHER, "solar_flare")])
    def test_any_reason_is_reason_enough(self, reason: Disconnect) -> None:
        fleet = Fleet.up()
        fleet.says(1, reason)
        fleet.answer()
        assert fleet.ready == [1, 2]
        assert list(fleet.retired) == [1]

    def test_all_of_several_at_once(self) -> None:
        fleet = Fleet.up(3)
        for number in (1, 2, 3):
            fleet.says(number, WARNING)
        while len(fleet.dials) < 6:
            fleet.advance(10.0, until=lambda: bool(fleet.waiting))
            fleet.answer()
        fleet.advance(60.0)
        assert fleet.ready == [4, 5, 6]
        assert fleet.gaps == []
        assert fleet.most_open == 4


class TestTheCap:
    def test_too_many_before_hello(self) -> None:
        fleet = Fleet.up(2)
        fleet.loses(2)
        fleet.open()
        fleet.says(3, TOO_MANY)
        assert fleet.causes[3] is Cause.TOO_MANY_WEBSOCKETS
        assert fleet.plan.target == 1
        fleet.advance(500.0)
        assert len(fleet.dials) == 3, "one is left, and one is the target now"
        fleet.advance(200.0)
        assert fleet.waiting == [4], "later it is tried again"

    def test_too_many_before_hello_with_nothing_else(self) -> None:
        fleet = Fleet()
        fleet.open()
        fleet.says(1, TOO_MANY)
        fleet.advance(29.9)
        assert fleet.waiting == []
        fleet.advance(30.2)
        assert fleet.waiting == [2]

    def test_too_many_after_hello(self) -> None:
        fleet = Fleet.up(2)
        fleet.says(1, TOO_MANY)
        assert fleet.plan.target == 1
        assert fleet.ready == [2]
        fleet.loses(2)
        fleet.advance(1.0, until=lambda: bool(fleet.waiting))
        fleet.answer()
        (gap,) = fleet.gaps
        assert gap.seconds <= 1.0, "a place of our own is free: the back-off is waited for, and no half minute"

    def test_a_refused_successor_costs_no_half_minute(self) -> None:
        fleet = Fleet.up()
        fleet.advance(100.0)
        fleet.says(1, WARNING)
        fleet.open()
        fleet.says(2, TOO_MANY)
        fleet.advance(10.0)
        fleet.loses(1, cause=Cause.CLOSED)
        fleet.advance(1.0, until=lambda: bool(fleet.waiting))
        fleet.answer()
        assert sum(gap.seconds for gap in fleet.gaps) <= 1.0

    def test_ghosts_at_the_limit_mean_close_first(self) -> None:
        fleet = Fleet.up(count=10)
        fleet.advance(100.0)
        fleet.says(1, WARNING)
        assert fleet.closed == [1]
        assert fleet.causes == {1: Cause.RETIRED}
        assert fleet.waiting == [2]
        fleet.advance(0.4)
        fleet.answer(count=10)
        assert [gap.seconds for gap in fleet.gaps] == [pytest.approx(0.4)]

    def test_a_ghostly_old_one_that_answers_no_close_frame(self) -> None:
        fleet = Fleet.up(count=10)
        fleet.lines[1].is_silent = True
        fleet.says(1, WARNING)
        fleet.ask()
        assert fleet.waiting == [], "it may still count"
        fleet.advance(1.0)
        assert fleet.waiting == [2]
        fleet.answer(count=10)
        assert [gap.seconds for gap in fleet.gaps] == [pytest.approx(1.0)], "from our Close frame on"

    def test_ten_rotate_within_ten(self) -> None:
        fleet = Fleet.up(10)
        fleet.advance(100.0)
        for number in range(1, 11):
            fleet.says(number, REFRESH)
            fleet.advance(20.0, until=lambda: bool(fleet.waiting))
            fleet.answer()
            assert len(fleet.ready) == 10
        assert fleet.most_open == 10
        assert fleet.gaps == []

    def test_a_renewed_count_below_ten_means_overlap_again(self) -> None:
        fleet = Fleet.up(count=10)
        fleet.says(1, WARNING)
        fleet.answer(count=2)
        fleet.says(2, WARNING)
        assert fleet.closed == [1]
        assert fleet.ready == [2]
        assert fleet.waiting == [3]


class TestLinkDisabled:
    @pytest.mark.parametrize("connections", [1, 3])
    def test_drains_and_stops(self, connections: int) -> None:
        fleet = Fleet.up(connections)
        fleet.says(1, DISABLED)
        fleet.says(1, ENVELOPE)
        assert fleet.lines[1].delivered == 1
        assert fleet.lines[1].link.is_open
        fleet.advance(600.0)
        assert fleet.lines == {}
        assert max(fleet.ended_at.values()) == START + 3.0
        assert isinstance(fleet.stopped[0], SocketModeDisabledError)
        assert len(fleet.dials) == connections

    def test_before_hello(self) -> None:
        fleet = Fleet()
        fleet.open()
        fleet.says(1, DISABLED)
        assert fleet.causes == {1: Cause.LINK_DISABLED}
        assert isinstance(fleet.stopped[0], SocketModeDisabledError)

    def test_during_a_rotation(self) -> None:
        fleet = Fleet.up()
        fleet.says(1, WARNING)
        fleet.says(1, DISABLED)
        fleet.answer()
        fleet.advance(10.0)
        assert fleet.lines == {}
        assert len(fleet.dials) == 2


class TestLoss:
    @pytest.mark.parametrize("connections", [1, 2, 5, 10])
    def test_all_in_one_blow_come_back_without_delay(self, connections: int) -> None:
        fleet = Fleet.up(connections)
        fleet.advance(200.0)
        fleet.loses(*fleet.ready)
        for _ in range(connections):
            fleet.advance(0.3)
            fleet.answer()
        assert len(fleet.ready) == connections
        assert [gap.seconds for gap in fleet.gaps] == [pytest.approx(0.3)]

    def test_all_one_after_the_other_while_the_dial_is_under_way(self) -> None:
        fleet = Fleet.up(10)
        fleet.advance(200.0)
        for number in list(fleet.ready):
            fleet.loses(number)
            fleet.advance(0.05)
        fleet.answer()
        fleet.advance(0.01)
        assert fleet.waiting == [12]

    def test_of_the_old_one_during_a_rotation(self) -> None:
        fleet = Fleet.up()
        fleet.says(1, WARNING)
        fleet.loses(1)
        fleet.advance(0.2)
        fleet.answer()
        fleet.advance(300.0)
        assert len(fleet.dials) == 2
        assert len(fleet.gaps) == 1

    def test_of_the_new_one_during_a_rotation(self) -> None:
        fleet = Fleet.up()
        fleet.advance(100.0)
        fleet.says(1, WARNING)
        fleet.answer()
        fleet.loses(2)
        assert fleet.waiting == [3], "the first loss is redialled at once"
        fleet.advance(0.5)
        fleet.answer()
        assert fleet.gaps == [], "the old one was still draining"

    def test_of_the_new_one_before_its_hello(self) -> None:
        fleet = Fleet.up()
        fleet.says(1, WARNING)
        fleet.open()
        fleet.loses(2)
        assert fleet.retired == {}
        fleet.advance(2.0, until=lambda: bool(fleet.waiting))
        fleet.answer()
        assert fleet.gaps == []
        assert fleet.retired == {1: Departure.WARNING}

    def test_a_flapping_server_meets_growing_waits(self) -> None:
        fleet = Fleet(seed=3)
        for _ in range(40):
            fleet.advance(100.0, until=lambda: bool(fleet.waiting))
            fleet.answer()
            fleet.loses(*fleet.ready)
        took = fleet.dials[-1] - fleet.dials[0]
        assert took > 300.0, "hello alone does not reset the back-off"
        assert max(later - sooner for sooner, later in zip(fleet.dials, fleet.dials[1:], strict=False)) <= 61.0


class TestHalfOpen:
    @pytest.mark.parametrize("ping_interval", [1.0, 5.0, 10.0])
    def test_suspect_successor_dead(self, ping_interval: float) -> None:
        fleet = Fleet(ping_interval=ping_interval)
        fleet.answer()
        fleet.advance(100.0)
        fleet.lines[1].is_silent = True
        silent_since = fleet.lines[1].link.liveness.last_heard
        fleet.advance(60.0, until=lambda: bool(fleet.waiting))
        assert fleet.now - silent_since <= 10.0 + ping_interval
        fleet.advance(0.5)
        fleet.answer()
        fleet.advance(60.0)
        assert fleet.causes[1] is Cause.RETIRED
        assert fleet.ended_at[1] <= fleet.dials[1] + 0.5 + CLOSE_WAIT, "Slack would go on routing to it"
        assert len(fleet.dials) == 2
        (gap,) = fleet.gaps
        assert gap.since == silent_since, "events were missed from the last frame on, whenever it was noticed"
        assert gap.until == fleet.dials[1] + 0.5

    def test_without_a_successor_the_silent_one_is_dead_at_its_limit(self) -> None:
        fleet = Fleet.up()
        fleet.advance(100.0)
        fleet.lines[1].is_silent = True
        silent_since = fleet.lines[1].link.liveness.last_heard
        while 1 not in fleet.ended_at:
            fleet.advance(60.0, until=lambda: bool(fleet.waiting) or 1 in fleet.ended_at)
            if fleet.waiting:
                fleet.fails()
        assert fleet.causes[1] is Cause.SILENT
        assert fleet.ended_at[1] - silent_since == pytest.approx(silence_limit(5.0))

    def test_of_two_that_leave_the_silent_one_goes_first(self) -> None:
        fleet = Fleet.up(2)
        fleet.lines[2].is_silent = True
        fleet.advance(15.0, until=lambda: bool(fleet.waiting))
        fleet.says(1, Disconnect(DisconnectReason.WARNING))
        fleet.answer()
        assert fleet.retired == {2: Departure.SUSPECT}
        fleet.advance(2.0, until=lambda: bool(fleet.waiting))
        fleet.answer()
        assert fleet.retired == {2: Departure.SUSPECT, 1: Departure.WARNING}

    def test_by_default_a_successor_is_dialled_within_fifteen_seconds(self) -> None:
        fleet = Fleet.up()
        fleet.lines[1].is_silent = True
        fleet.advance(15.0, until=lambda: bool(fleet.waiting))
        assert fleet.waiting == [2]

    def test_a_suspect_that_recovers(self) -> None:
        fleet = Fleet.up()
        fleet.lines[1].is_silent = True
        fleet.advance(15.0, until=lambda: bool(fleet.waiting))
        fleet.lines[1].is_silent = False
        fleet.says(1, ENVELOPE)
        fleet.answer()
        fleet.advance(600.0)
        assert fleet.gaps == []
        assert fleet.ready == [2]
        assert len(fleet.dials) == 2

    def test_a_suspect_serves_while_no_successor_can_be_had(self) -> None:
        fleet = Fleet.up()
        fleet.lines[1].is_silent = True
        fleet.advance(15.0, until=lambda: bool(fleet.waiting))
        fleet.lines[1].is_silent = False
        fleet.says(1, ENVELOPE)
        for _ in range(20):
            fleet.fails()
            fleet.advance(100.0, until=lambda: bool(fleet.waiting))
        assert fleet.ready == [1]
        fleet.answer()
        assert fleet.gaps == []

    def test_the_successor_goes_before_the_silent_one_is_noticed(self) -> None:
        fleet = Fleet.up()
        fleet.lines[1].is_silent = True
        fleet.advance(15.0, until=lambda: bool(fleet.waiting))
        fleet.answer()
        fleet.advance(0.5)
        fleet.loses(2, 1)
        fleet.advance(1.0, until=lambda: bool(fleet.waiting))
        fleet.advance(0.5)
        fleet.answer()
        assert [(gap.since, gap.until) for gap in fleet.gaps] == [
            (START, fleet.dials[1]),
            (fleet.dials[1] + 0.5, fleet.now),
        ]


class TestRateLimit:
    def test_the_leaving_link_stays_until_it_is_over(self) -> None:
        fleet = Fleet.up()
        fleet.says(1, Disconnect(DisconnectReason.OTHER))
        fleet.fails(retry_after=40.0, is_rate_limit=True)
        fleet.advance(39.9)
        assert fleet.waiting == []
        assert fleet.ready == [1]
        fleet.advance(4.2)
        fleet.answer()
        assert fleet.gaps == []

    def test_at_slacks_limit_too(self) -> None:
        fleet = Fleet.up(2, count=10)
        fleet.loses(2)
        fleet.fails(retry_after=40.0, is_rate_limit=True)
        fleet.says(1, WARNING)
        assert fleet.closed == [], "no successor could be dialled yet"
        fleet.advance(44.1, until=lambda: bool(fleet.waiting))
        assert fleet.now >= START + 40.0


class TestRenewal:
    @pytest.mark.parametrize("connections", [1, 2, 5])
    def test_is_spread_and_leaves_no_gap(self, connections: int) -> None:
        fleet = Fleet.up(connections, lifetime=18_060.0)
        while len(fleet.dials) < 2 * connections:
            fleet.advance(18_060.0, until=lambda: bool(fleet.waiting))
            fleet.advance(0.5)
            fleet.answer(lifetime=18_060.0)
        renewals = [at - START for at in fleet.dials[connections:]]
        assert all(0.80 * 18_060.0 <= at <= 0.95 * 18_060.0 for at in renewals)
        assert set(fleet.retired.values()) == {Departure.RENEWAL}
        assert fleet.gaps == []
        assert fleet.most_open == connections + 1

    def test_a_warning_during_a_renewal_is_no_second_rotation(self) -> None:
        fleet = Fleet.up(lifetime=360.0)
        fleet.advance(360.0, until=lambda: bool(fleet.waiting))
        fleet.says(1, WARNING)
        fleet.answer()
        fleet.advance(100.0)
        assert len(fleet.dials) == 2

    def test_a_short_life_is_no_storm(self) -> None:
        fleet = Fleet.up(lifetime=1.0)
        while fleet.now < START + 600.0:
            fleet.advance(600.0, until=lambda: bool(fleet.waiting))
            fleet.answer(lifetime=1.0)
        assert len(fleet.dials) <= 62
        assert fleet.gaps == []


class TestOurOwnDelays:
    def test_a_blocked_loop_kills_nobody(self) -> None:
        fleet = Fleet.up(2)
        fleet.advance(50.0)
        fleet.now += 300.0
        fleet.advance(60.0)
        assert fleet.causes == {}
        assert len(fleet.dials) == 2

    def test_back_pressure_kills_nobody(self) -> None:
        fleet = Fleet.up()
        fleet.advance(50.0)
        line = fleet.lines[1]
        line.link.liveness.pause()
        line.is_silent = True
        fleet.advance(300.0)
        line.link.liveness.resume(fleet.now)
        line.is_silent = False
        fleet.advance(300.0)
        assert fleet.causes == {}
        assert len(fleet.dials) == 1
        assert line.pings > 100, "it pings on, so that the other side hears of us"

    def test_a_long_idle_night(self) -> None:
        fleet = Fleet.up()
        fleet.advance(12 * 3600.0)
        assert fleet.causes == {}
        assert len(fleet.dials) == 1


class TestOutage:
    def test_of_half_a_minute_takes_fewer_than_a_dozen_attempts(self, seed: int) -> None:
        attempts = []
        for n in range(300):
            fleet = Fleet.up(seed=seed + n)
            fleet.advance(100.0)
            fleet.loses(1)
            back_at = fleet.now + 30.0
            before = len(fleet.dials) - 1
            while fleet.now < back_at:
                fleet.advance(0.05)
                if fleet.waiting:
                    fleet.fails()
                fleet.advance(100.0, until=lambda fleet=fleet: bool(fleet.waiting))  # type: ignore[misc]
            attempts.append(len(fleet.dials) - before)
        assert max(attempts) <= 15
        assert sum(count < 12 for count in attempts) >= 0.99 * len(attempts)

    def test_of_an_hour_ends_with_a_connection(self) -> None:
        fleet = Fleet.up(seed=5)
        fleet.loses(1)
        while fleet.now < START + 3600.0:
            fleet.fails()
            fleet.advance(61.0, until=lambda: bool(fleet.waiting))
            assert fleet.waiting, "never longer than a minute between two attempts"
        fleet.answer()
        assert len(fleet.gaps) == 1
        assert fleet.gaps[0].seconds == pytest.approx(fleet.now - START)
