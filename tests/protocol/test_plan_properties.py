"""The plan in a world that does to it what Slack and the network do; every promise is checked at every decision.

For each promise there is a plan that breaks it, and the same machine must notice.
"""

from __future__ import annotations

import math
import random
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule, run_state_machine_as_test

from tautwire.errors import InvalidTokenError, SocketModeDisabledError
from tautwire.protocol.backoff import CAP, FLOOR
from tautwire.protocol.effects import Cause, Departure
from tautwire.protocol.messages import Hello
from tautwire.protocol.pace import OPEN_BURST, OPEN_REFILL, Pace
from tautwire.protocol.plan import MAX_CONNECTIONS, STABLE_AFTER, Close, Decision, Dial, Plan, Retire, Stop, Wait

if TYPE_CHECKING:
    from collections.abc import Callable

CLOSING_TAKES = 0.5
DIAL_TAKES = 0.5
EPSILON = 1e-6


class Chance:
    """A seeded source of chance that remembers the bounds of the back-off delays drawn from it."""

    def __init__(self, seed: int) -> None:
        self._random = random.Random(seed)
        self.bounds: list[float] = []
        self.last = 0.0
        self.is_back_off = True

    def uniform(self, a: float, b: float, /) -> float:
        self.last = self._random.uniform(a, b)
        if self.is_back_off and a == 0.0 and b >= 1.0:
            self.bounds.append(b)
        return self.last


@dataclass
class Peer:
    """A link as the world knows it."""

    ready_at: float | None = None
    renews_from: float = math.inf
    is_leaving: bool = False
    is_retired: bool = False
    ends_at: float = math.inf
    has_cleared: bool = False
    is_closing: bool = False

    @property
    def serves(self) -> bool:
        return self.ready_at is not None and not self.is_closing

    @property
    def is_ready(self) -> bool:
        return self.serves and not self.is_leaving and not self.is_retired


class World:
    """Drives a plan as its owner does: asks after each event and at each moment it named, and does what it says."""

    def __init__(self, make: Callable[[int, Chance], Plan], connections: int, seed: int) -> None:
        self.chance = Chance(seed)
        self.plan = make(connections, self.chance)
        self.now = 1_000.0
        self.peers: dict[int, Peer] = {}
        self.is_stopped = False
        self.is_fatal = False
        self.is_disabled = False
        self.wakes_at = math.inf
        self.limited_until = -math.inf
        self.backed_off_until = -math.inf
        self.crowded_until = -math.inf
        self.counted = 0
        self.dials: list[float] = []
        self.clearances = 0
        self.bound: float | None = None
        #: Whether no promise has been broken so far; the first one is the one to tell.
        self.is_intact = True
        self.plan.start()
        self.ask()

    # What is asked.

    @property
    def dialing(self) -> int | None:
        return next((number for number, peer in self.peers.items() if peer.ready_at is None), None)

    def numbers(self, is_so: Callable[[Peer], bool]) -> list[int]:
        return [number for number, peer in self.peers.items() if is_so(peer)]

    def ask(self) -> None:
        self.is_intact = False
        self._clear_back_off()
        decisions = self.plan.decide(self.now)
        self.wakes_at = math.inf
        for decision in decisions:
            self._perform(decision)
        self._check_that_it_goes_on(decisions)
        again = [decision for decision in self.plan.decide(self.now) if not isinstance(decision, Wait | Stop)]
        for decision in again:
            self._perform(decision)
        assert again == [], "asked twice at once, the plan has nothing new to say"
        self.is_intact = True

    def _perform(self, decision: Decision) -> None:
        match decision:
            case Dial(link=number):
                self._check_dial(number)
            case Retire(link=number, within=within):
                others = self.numbers(lambda peer: peer.is_ready)
                assert self.is_disabled or any(other != number for other in others), "retired without a successor"
                peer = self.peers[number]
                peer.is_retired = True
                peer.ends_at = min(peer.ends_at, self.now + within)
            case Close(link=number):
                self._check_close(number)
                self.peers[number].is_closing = True
                self.peers[number].ends_at = self.now + CLOSING_TAKES
            case Wait(until=until):
                assert until > self.now, "a wait that is over would spin"
                self.wakes_at = until
            case Stop():
                assert not self.peers, "stopped with links open"

    def _check_dial(self, number: int) -> None:
        assert not self.is_stopped, "no dial after close"
        assert not self.is_fatal, "no dial after a fatal answer"
        assert self.dialing is None, "one dial at a time"
        assert number not in self.peers
        assert self.now >= self.limited_until - EPSILON, "no dial before a Retry-After is over"
        assert self.now >= self.backed_off_until - EPSILON, "no dial before the back-off is over"
        assert self.now >= self.crowded_until - EPSILON, "no dial while Slack has no room"
        self.peers[number] = Peer()
        assert len(self.peers) <= min(self.plan.target + 1, MAX_CONNECTIONS), "never more than the target and one"
        self.dials.append(self.now)
        for count, since in enumerate(reversed(self.dials), 1):
            burst = OPEN_BURST + self.plan.connections
            assert count <= burst + (self.now - since) / OPEN_REFILL + EPSILON, "never a storm"

    def _check_close(self, number: int) -> None:
        others = [other for other in self.numbers(lambda peer: peer.serves) if other != number]
        is_at_the_cap = self.counted >= MAX_CONNECTIONS
        assert others or is_at_the_cap, "closed the last link without a successor"
        peer = self.peers[number]
        assert peer.is_retired or is_at_the_cap or len(self.peers) >= MAX_CONNECTIONS, "closed before replaced"
        is_to_go = peer.is_leaving or peer.is_retired or self.now >= peer.renews_from
        assert is_to_go, "closed a link that nobody asked to go"

    def _check_that_it_goes_on(self, decisions: list[Decision]) -> None:
        if self.is_stopped or self.is_fatal:
            return
        assert not any(isinstance(decision, Stop) for decision in decisions), "stopped without reason"
        is_short = len(self.numbers(lambda peer: peer.is_ready)) < self.plan.target
        is_busy = any(peer.ready_at is None or peer.is_closing for peer in self.peers.values())
        assert not is_short or is_busy or self.wakes_at < math.inf, "a link is missing and nothing comes of it"

    # The back-off, followed from outside.

    def _clear_back_off(self) -> None:
        for peer in self.peers.values():
            self._clear_by(peer)

    def _clear_by(self, peer: Peer) -> None:
        is_old = peer.ready_at is not None and self.now - peer.ready_at >= STABLE_AFTER
        if is_old and not peer.has_cleared:
            peer.has_cleared = True
            self.clearances += 1

    def _follow_back_off(self, told: Callable[[], Any], *, must_wait: bool) -> None:
        self.is_intact = False
        before = len(self.chance.bounds)
        told()
        drawn = self.chance.bounds[before:]
        assert drawn or not must_wait, "a failure without a wait"
        for bound in drawn:
            following = 1.0 if self.bound is None else min(CAP, 2 * self.bound)
            if bound != following:
                assert bound == 1.0, "a delay out of its bounds"
                assert self.clearances, "the back-off was reset early"
                self.clearances = 0
            self.bound = bound
            self.backed_off_until = max(self.backed_off_until, self.now + FLOOR)

    # What happens.

    def advance(self, seconds: float) -> None:
        until = self.now + seconds
        while True:
            ends = min((peer.ends_at for peer in self.peers.values()), default=math.inf)
            moment = min(until, ends, self.wakes_at)
            self.now = max(self.now, moment)
            gone = self.numbers(lambda peer: peer.ends_at <= self.now)
            for number in gone:
                self.end(number, Cause.RETIRED)
            if not gone:
                if self.now >= until:
                    self.ask()
                    return
                self.ask()

    def hello(self, number: int, count: int | None, lifetime: float | None) -> None:
        self.peers[number].ready_at = self.now
        if lifetime is not None:
            self.peers[number].renews_from = self.now + max(10.0, 0.8 * lifetime)
        self.counted = count or len(self.numbers(lambda peer: peer.serves and not peer.is_retired))
        self.chance.is_back_off = False
        self.plan.ready(number, Hello(count, approximate_connection_time=lifetime), self.now)
        self.chance.is_back_off = True
        self.ask()

    def fail(self, *, retry_after: float | None = None, is_rate_limit: bool = False) -> None:
        number = self.dialing
        assert number is not None
        del self.peers[number]
        if is_rate_limit:
            self.limited_until = max(self.limited_until, self.now + (30.0 if retry_after is None else retry_after))
        self._follow_back_off(
            lambda: self.plan.failed(number, self.now, retry_after=retry_after, is_rate_limit=is_rate_limit),
            must_wait=not self.is_stopped,
        )
        self.ask()

    def refuse(self) -> None:
        number = self.dialing
        del self.peers[number]  # type: ignore[arg-type]  # the rule asks for one
        self.is_fatal = True
        self.plan.refused(InvalidTokenError("no", code="invalid_auth"), number)
        self.ask()

    def disable(self) -> None:
        self.is_fatal = self.is_disabled = True
        self.plan.disabled(SocketModeDisabledError())
        self.ask()

    def leave(self, number: int, departure: Departure) -> None:
        self.peers[number].is_leaving = True
        self.plan.leaving(number, departure)
        self.ask()

    def end(self, number: int, cause: Cause) -> None:
        peer = self.peers.pop(number)
        self._clear_by(peer)
        if cause is Cause.TOO_MANY_WEBSOCKETS:
            self.counted = MAX_CONNECTIONS
            if not peer.is_retired and not peer.is_closing:
                self.crowded_until = self.now + 30.0
        elif peer.ready_at is not None:
            self.counted = max(0, self.counted - 1)
            self.crowded_until = -math.inf
        self._follow_back_off(
            lambda: self.plan.ended(number, cause, self.now),
            must_wait=peer.ready_at is None,
        )
        self.ask()

    def stop(self) -> None:
        self.is_stopped = True
        self.plan.stop()
        self.ask()

    def start(self) -> None:
        self.is_stopped = self.is_fatal = self.is_disabled = False
        self.plan.start()
        self.ask()

    def heal(self) -> None:
        """From now on every dial succeeds, and nothing is lost."""
        patience = 120.0 + OPEN_REFILL * self.plan.connections
        # A tenth of a `Retry-After` comes on top of it, and these are at most 100 s.
        until = max(self.now, self.limited_until + 10.0, self.crowded_until + 30.0) + patience
        while self.now < until:
            self.advance(DIAL_TAKES)
            if (number := self.dialing) is not None:
                self.hello(number, None, None)


class Machine(RuleBasedStateMachine):
    """Everything that can happen, in any order."""

    make: Callable[[int, Chance], Plan] = staticmethod(Plan)

    @initialize(connections=st.sampled_from([1, 1, 2, 3, 10]), seed=st.integers(0, 2**32))
    def begin(self, connections: int, seed: int) -> None:
        self.world = World(self.make, connections, seed)

    def _has_dial(self) -> bool:
        return self.world.dialing is not None

    def _has_open(self) -> bool:
        return bool(self.world.numbers(lambda peer: peer.serves))

    def _has_ready(self) -> bool:
        return bool(self.world.numbers(lambda peer: peer.is_ready))

    def _is_late(self) -> bool:
        return len(self.world.dials) > 3

    @rule(seconds=st.sampled_from([0.0, 0.1, 1.0, 5.0, 20.0, 61.0, 700.0]))
    def time_passes(self, seconds: float) -> None:
        self.world.advance(seconds)

    @precondition(_has_dial)
    @rule(
        after=st.sampled_from([0.0, 0.4, 9.0]),
        count=st.sampled_from([None, 0, 1, 1, 2, 9, 10, 12]),
        lifetime=st.sampled_from([None, 18_060.0, 360.0, 30.0, 1.0]),
    )
    def dial_succeeds(self, after: float, count: int | None, lifetime: float | None) -> None:
        self.world.advance(after)
        self.world.hello(self.world.dialing or 0, count, lifetime)

    @precondition(_has_dial)
    @rule(after=st.sampled_from([0.0, 0.1, 10.0]))
    def dial_fails(self, after: float) -> None:
        self.world.advance(after)
        self.world.fail()

    @precondition(_has_dial)
    @rule(retry_after=st.sampled_from([None, 0.0, 3.0, 100.0]))
    def dial_is_rate_limited(self, retry_after: float | None) -> None:
        self.world.fail(retry_after=retry_after, is_rate_limit=True)

    @precondition(_has_dial)
    @rule(cause=st.sampled_from([Cause.NO_HELLO, Cause.LOST, Cause.TOO_MANY_WEBSOCKETS]))
    def dial_ends_before_hello(self, cause: Cause) -> None:
        self.world.end(self.world.dialing or 0, cause)

    @precondition(_has_ready)
    @rule(pick=st.integers(0, 9), departure=st.sampled_from(Departure))
    def link_leaves(self, pick: int, departure: Departure) -> None:
        ready = self.world.numbers(lambda peer: peer.is_ready)
        self.world.leave(ready[pick % len(ready)], departure)

    @precondition(_has_open)
    @rule(pick=st.integers(0, 9), cause=st.sampled_from([Cause.LOST, Cause.CLOSED, Cause.SILENT]))
    def link_is_lost(self, pick: int, cause: Cause) -> None:
        serving = self.world.numbers(lambda peer: peer.serves)
        self.world.end(serving[pick % len(serving)], cause)

    @precondition(_has_open)
    @rule(pick=st.integers(0, 9))
    def link_is_thrown_out(self, pick: int) -> None:
        serving = self.world.numbers(lambda peer: peer.serves)
        self.world.end(serving[pick % len(serving)], Cause.TOO_MANY_WEBSOCKETS)

    @precondition(_has_open)
    @rule(departure=st.sampled_from([Departure.WARNING, Departure.REFRESH_REQUESTED]))
    def all_leave(self, departure: Departure) -> None:
        for number in self.world.numbers(lambda peer: peer.is_ready):
            if self.world.peers[number].is_ready:
                self.world.leave(number, departure)

    @precondition(_has_open)
    @rule()
    def all_are_lost(self) -> None:
        for number in list(self.world.peers):
            if number in self.world.peers and self.world.peers[number].serves:
                self.world.end(number, Cause.LOST)

    @precondition(lambda self: self._is_late() and self._has_dial())
    @rule()
    def dial_is_refused_for_good(self) -> None:
        self.world.refuse()

    @precondition(lambda self: self._is_late() and self._has_open())
    @rule()
    def socket_mode_is_switched_off(self) -> None:
        self.world.disable()

    @precondition(_is_late)
    @rule()
    def stop(self) -> None:
        self.world.stop()

    @rule()
    def start(self) -> None:
        self.world.start()

    def teardown(self) -> None:
        if not hasattr(self, "world") or not self.world.is_intact:
            return
        world = self.world
        if world.is_stopped or world.is_fatal:
            dials = len(world.dials)
            world.advance(600.0)
            assert len(world.dials) == dials
            return
        world.heal()
        serving = world.numbers(lambda peer: peer.serves and not peer.is_retired)
        assert len(serving) >= world.plan.target, "the faults are over and links are missing"


TestThePlan = Machine.TestCase
TestThePlan.settings = settings(stateful_step_count=40)


# The promises can be broken, and the machine notices.


class ClosesBeforeDialling(Plan):
    def _is_full(self) -> bool:
        return bool(self._in_leaving()) or super()._is_full()

    def _in_leaving(self) -> list[int]:
        return [number for number, view in self._views.items() if view.phase.name == "LEAVING"]


class DialsTwiceAtOnce(Plan):
    def _count(self, *phases: Any) -> int:
        return 0 if [phase.name for phase in phases] == ["DIALING"] else super()._count(*phases)


class NeverFull(Plan):
    def _is_full(self) -> bool:
        return False


class RetiresOnDial(Plan):
    def _retire_surplus(self, now: float) -> list[Decision]:
        leaving = [number for number, view in self._views.items() if view.phase.name == "LEAVING"]
        return [self._retire(link, 30.0, now) for link in leaving] if self._count(*self._dialing_phase()) else []

    def _dialing_phase(self) -> list[Any]:
        return [view.phase for view in self._views.values() if view.phase.name == "DIALING"]


class DialsAfterRefusal(Plan):
    def refused(self, error: Any, link: int | None = None) -> None:
        super().refused(error, link)
        self.fatal = None


class DialsAfterStop(Plan):
    def stop(self) -> None:
        pass


class ForgetsToWait(Plan):
    def _next_wait(self, now: float) -> list[Decision]:
        return []


class SpinsInsteadOfWaiting(Plan):
    def _next_wait(self, now: float) -> list[Decision]:
        return [Wait(now)] if super()._next_wait(now) else []


class ResetsOnHello(Plan):
    def ready(self, link: int, hello: Hello, now: float) -> None:
        super().ready(link, hello, now)
        self._pace.stable()


class Paced(Plan):
    pace: type[Pace]

    def __post_init__(self) -> None:
        super().__post_init__()
        self._pace = self.pace(self.chance)


class _NoBackOff(Pace):
    def failed(self, now: float) -> None:
        pass


class _NoRateLimit(Pace):
    def rate_limited(self, now: float, retry_after: float | None) -> None:
        pass


class _NoCrowd(Pace):
    def crowded(self, now: float) -> None:
        pass


class _Impatient(Pace):
    def _wait(self, until: float) -> None:
        pass


class _EndlessPermits(Pace):
    def dialled(self, now: float) -> None:
        super().dialled(now)
        self._permits = 100.0


class NoBackOff(Paced):
    pace = _NoBackOff


class NoRateLimit(Paced):
    pace = _NoRateLimit


class NoCrowd(Paced):
    pace = _NoCrowd


class Impatient(Paced):
    pace = _Impatient


class EndlessPermits(Paced):
    pace = _EndlessPermits


@pytest.mark.parametrize(
    ("broken", "promise"),
    [
        (ClosesBeforeDialling, "without a successor|before replaced"),
        (DialsTwiceAtOnce, "one dial at a time"),
        (NeverFull, "never more than the target and one"),
        (RetiresOnDial, "retired without a successor"),
        (DialsAfterRefusal, "no dial after a fatal answer"),
        (DialsAfterStop, "no dial after close"),
        (ForgetsToWait, "nothing comes of it"),
        (SpinsInsteadOfWaiting, "would spin"),
        (ResetsOnHello, "the back-off was reset early"),
        (NoBackOff, "a failure without a wait"),
        (Impatient, "before a Retry-After is over|before the back-off is over"),
        (NoRateLimit, "before a Retry-After is over"),
        (NoCrowd, "while Slack has no room"),
    ],
    ids=lambda value: getattr(value, "__name__", None),
)
def test_a_broken_plan_is_caught(broken: type[Plan], promise: str) -> None:
    class Broken(Machine):
        make: Callable[[int, Chance], Plan] = broken

    with pytest.raises(AssertionError, match=promise):
        run_state_machine_as_test(
            Broken,
            settings=settings(
                max_examples=1_000,
                stateful_step_count=40,
                derandomize=True,
                database=None,
                print_blob=False,
                phases=[Phase.generate],
                report_multiple_bugs=False,
                suppress_health_check=list(HealthCheck),
                deadline=None,
            ),
        )


def refresh_at_each_hello(make: Callable[[int, Chance], Plan]) -> World:
    """Slack says hello and, in the same breath, that the connection is to be replaced: for five minutes."""
    world = World(make, 1, 0)
    while world.now < world.dials[0] + 300:
        if (number := world.dialing) is not None:
            world.hello(number, 1, None)
            world.leave(number, Departure.REFRESH_REQUESTED)
        world.advance(0.5)
    return world


def test_refreshes_without_end_make_no_storm() -> None:
    world = refresh_at_each_hello(Plan)
    assert 1 < len(world.dials) <= OPEN_BURST + 1 + (world.now - world.dials[0]) / OPEN_REFILL


def test_a_plan_with_endless_permits_is_caught() -> None:
    with pytest.raises(AssertionError, match="never a storm"):
        refresh_at_each_hello(EndlessPermits)
