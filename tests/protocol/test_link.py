from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tautwire.protocol import link as link_module
from tautwire.protocol.effects import (
    Abort,
    Announce,
    Cause,
    Deliver,
    Departure,
    Disable,
    Effect,
    Effects,
    End,
    Leave,
    Note,
    Ping,
    SendClose,
)
from tautwire.protocol.link import (
    ACK_WAIT,
    CLOSE_WAIT,
    DRAIN_WAIT,
    HELLO_WAIT,
    AwaitingHello,
    Closing,
    Draining,
    Ended,
    Leaving,
    Lingering,
    Link,
    Ready,
    State,
)
from tautwire.protocol.messages import Disconnect, DisconnectReason, Envelope, Hello, Malformed, Message, Unknown

if TYPE_CHECKING:
    from collections.abc import Callable

HELLO = Hello(num_connections=1)
ENVELOPE = Envelope("events_api", "e-1", b"{}")
WARNING = Disconnect(DisconnectReason.WARNING)
REFRESH = Disconnect(DisconnectReason.REFRESH_REQUESTED)
TOO_MANY = Disconnect(DisconnectReason.TOO_MANY_WEBSOCKETS)
DISABLED = Disconnect(DisconnectReason.LINK_DISABLED)
OTHER = Disconnect(DisconnectReason.OTHER, "a_new_reason")


def awaiting() -> Link:
    return Link(5.0, 0.0)


def ready() -> Link:
    link = awaiting()
    assert link.on_message(HELLO, 0.0) == (Announce(HELLO),)
    return link


def leaving() -> Link:
    link = ready()
    link.leave(Departure.REQUESTED)
    return link


def draining() -> Link:
    link = ready()
    link.retire(0.0)
    return link


def closing() -> Link:
    link = ready()
    link.close(0.0)
    return link


def lingering() -> Link:
    link = ready()
    link.on_close(0.0)
    return link


def ended() -> Link:
    link = ready()
    link.lost(Cause.LOST, 0.0)
    return link


MAKERS = (awaiting, ready, leaving, draining, closing, lingering, ended)
OPEN = (awaiting, ready, leaving, draining)
ALL = pytest.mark.parametrize("make", MAKERS, ids=lambda make: make.__name__)


def watch(link: Link, since: float, until: float) -> list[tuple[float, Effect]]:
    """Tick as often as the link asks for, and nothing comes in."""
    found, now = [], since
    while now <= until and not isinstance(link.state, Ended):
        found += [(now, effect) for effect in link.tick(now)]
        now = max(link.next_check(now), now + 1e-6)
    return found


class TestStates:
    @pytest.mark.parametrize(
        ("make", "state", "is_open"),
        [
            (awaiting, AwaitingHello(HELLO_WAIT), True),
            (ready, Ready(0.0), True),
            (leaving, Leaving(Departure.REQUESTED, 0.0), True),
            (draining, Draining(DRAIN_WAIT), True),
            (closing, Closing(CLOSE_WAIT, Cause.RETIRED), False),
            (lingering, Lingering(CLOSE_WAIT), True),
            (ended, Ended(Cause.LOST), False),
        ],
    )
    def test_each_carries_its_data(self, make: Callable[[], Link], state: State, is_open: bool) -> None:
        link = make()
        assert link.state == state
        assert link.is_open is is_open
        assert repr(link) == f"Link({state!r})"


class TestMessages:
    @ALL
    def test_envelopes_are_delivered_until_the_end(self, make: Callable[[], Link]) -> None:
        effects = make().on_message(ENVELOPE, 0.5)
        assert effects == (() if make is ended else (Deliver(ENVELOPE),))

    @pytest.mark.parametrize("message", [Unknown("pong"), Malformed("not JSON", 3)])
    @ALL
    def test_oddities_are_noted(self, make: Callable[[], Link], message: Unknown | Malformed) -> None:
        link = make()
        before = link.state
        assert link.on_message(message, 0.5) == (() if make is ended else (Note(message),))
        assert link.state == before

    @ALL
    def test_only_the_first_hello_counts(self, make: Callable[[], Link]) -> None:
        link = make()
        before = link.state
        assert link.on_message(HELLO, 0.5) == ((Announce(HELLO),) if make is awaiting else ())
        assert link.state == (Ready(0.5) if make is awaiting else before)

    @pytest.mark.parametrize(
        ("message", "departure"),
        [(WARNING, Departure.WARNING), (REFRESH, Departure.REFRESH_REQUESTED), (OTHER, Departure.OTHER)],
    )
    def test_a_ready_link_that_is_to_end_asks_for_a_successor(self, message: Message, departure: Departure) -> None:
        link = ready()
        assert link.on_message(message, 1.0) == (Leave(departure),)
        assert link.state == Leaving(departure, 0.0)

    @pytest.mark.parametrize("make", [leaving, draining, closing, lingering, ended])
    @pytest.mark.parametrize("message", [WARNING, REFRESH, OTHER])
    def test_only_the_first_reason_to_leave_counts(self, make: Callable[[], Link], message: Message) -> None:
        link = make()
        before = link.state
        assert link.on_message(message, 0.5) == ()
        assert link.state == before

    @pytest.mark.parametrize("message", [WARNING, REFRESH, OTHER])
    def test_before_hello_it_is_a_failed_dial(self, message: Message) -> None:
        link = awaiting()
        assert link.on_message(message, 2.0) == (SendClose(1001),)
        assert link.state == Closing(2.0 + CLOSE_WAIT, Cause.NO_HELLO)

    @pytest.mark.parametrize("make", OPEN)
    def test_too_many_closes_this_one(self, make: Callable[[], Link]) -> None:
        link = make()
        assert link.on_message(TOO_MANY, 2.0) == (SendClose(1001),)
        assert link.state == Closing(3.0, Cause.TOO_MANY_WEBSOCKETS)
        assert link.tick(3.0) == (Abort(), End(Cause.TOO_MANY_WEBSOCKETS, 2.0))

    @pytest.mark.parametrize("make", [ready, leaving, draining])
    def test_link_disabled_leaves_time_for_the_acks(self, make: Callable[[], Link]) -> None:
        link = make()
        assert link.on_message(DISABLED, 2.0) == (Disable(),)
        assert link.state == Draining(2.0 + ACK_WAIT)
        assert link.is_open

    def test_link_disabled_before_hello_has_no_acks_to_wait_for(self) -> None:
        link = awaiting()
        assert link.on_message(DISABLED, 2.0) == (Disable(), SendClose(1001))
        assert link.lost(Cause.CLOSED, 2.1) == (Abort(), End(Cause.LINK_DISABLED, 2.0))

    @pytest.mark.parametrize("message", [TOO_MANY, DISABLED])
    @pytest.mark.parametrize("make", [closing, ended])
    def test_a_disconnect_after_our_close_changes_nothing(self, make: Callable[[], Link], message: Message) -> None:
        link = make()
        before = link.state
        assert link.on_message(message, 0.5) == ()
        assert link.state == before


class TestCommands:
    @ALL
    def test_only_a_ready_link_can_be_asked_to_leave(self, make: Callable[[], Link]) -> None:
        link = make()
        assert link.leave(Departure.RENEWAL) == ((Leave(Departure.RENEWAL),) if make is ready else ())

    @pytest.mark.parametrize("make", [ready, leaving])
    def test_a_retired_link_reads_and_acks_on(self, make: Callable[[], Link]) -> None:
        link = make()
        assert link.retire(4.0) == ()
        assert link.state == Draining(4.0 + DRAIN_WAIT)
        assert link.is_open
        assert link.on_message(ENVELOPE, 5.0) == (Deliver(ENVELOPE),)

    def test_retiring_again_only_shortens(self) -> None:
        link = draining()
        link.retire(1.0, ACK_WAIT)
        assert link.state == Draining(4.0)
        link.retire(2.0, DRAIN_WAIT)
        assert link.state == Draining(4.0)

    @pytest.mark.parametrize("make", [awaiting, closing, ended])
    def test_what_was_never_ready_or_is_over_does_not_retire(self, make: Callable[[], Link]) -> None:
        link = make()
        before = link.state
        assert link.retire(0.5) == ()
        assert link.state == before

    @ALL
    def test_close_says_goodbye_once(self, make: Callable[[], Link]) -> None:
        link = make()
        assert link.close(0.5) == ((SendClose(1000),) if make in OPEN else ())
        assert link.close(0.6) == ()


class TestTheEnd:
    @pytest.mark.parametrize("cause", [Cause.CLOSED, Cause.LOST])
    @pytest.mark.parametrize("make", OPEN)
    def test_a_lost_transport_ends_it_at_once(self, make: Callable[[], Link], cause: Cause) -> None:
        link = make()
        assert link.lost(cause, 2.0) == (Abort(), End(cause, 2.0))
        assert link.state == Ended(cause)

    def test_the_answer_to_our_close_is_our_end(self) -> None:
        assert closing().lost(Cause.CLOSED, 0.2) == (Abort(), End(Cause.RETIRED, 0.0))

    @ALL
    def test_it_ends_once(self, make: Callable[[], Link]) -> None:
        link = make()
        link.lost(Cause.LOST, 1.0)
        assert link.lost(Cause.CLOSED, 2.0) == ()
        assert link.tick(1_000.0) == ()
        assert link.close(1_000.0) == ()

    def test_without_an_answer_it_is_cut_after_a_second(self) -> None:
        link = closing()
        assert link.tick(CLOSE_WAIT - 0.01) == ()
        assert link.tick(CLOSE_WAIT) == (Abort(), End(Cause.RETIRED, 0.0))

    def test_without_hello_it_is_closed(self) -> None:
        link = awaiting()
        assert SendClose(1001) not in link.tick(HELLO_WAIT - 0.01)
        assert link.tick(HELLO_WAIT) == (SendClose(1001),)
        assert link.tick(HELLO_WAIT + CLOSE_WAIT) == (Abort(), End(Cause.NO_HELLO, HELLO_WAIT))

    def test_draining_has_its_limit(self) -> None:
        link = draining()
        for second in range(0, 30, 5):
            assert link.on_message(ENVELOPE, float(second)) == (Deliver(ENVELOPE),)
            link.next_check(float(second))
        assert link.tick(DRAIN_WAIT) == (SendClose(1000),)
        assert link.lost(Cause.CLOSED, 30.1) == (Abort(), End(Cause.RETIRED, 30.0))

    def test_silence_is_told_from_the_last_frame(self) -> None:
        found = watch(ready(), 0.0, 60.0)
        assert found[-2:] == [(20.0, Abort()), (20.0, End(Cause.SILENT, 0.0))]

    def test_a_reset_under_suspicion_is_told_from_the_last_frame_too(self) -> None:
        link = ready()
        watch(link, 0.0, 12.0)
        assert link.lost(Cause.LOST, 14.0) == (Abort(), End(Cause.LOST, 0.0))

    def test_a_reset_out_of_the_blue_was_good_to_the_end(self) -> None:
        link = ready()
        watch(link, 0.0, 5.0)
        assert link.lost(Cause.LOST, 6.0) == (Abort(), End(Cause.LOST, 6.0))

    def test_a_close_frame_of_ours_ends_what_it_was_good_for(self) -> None:
        link = ready()
        link.close(3.0)
        assert link.tick(4.0) == (Abort(), End(Cause.RETIRED, 3.0))


class TestTime:
    def test_pings_and_suspicion_and_death(self) -> None:
        found = watch(ready(), 0.0, 60.0)
        assert [at for at, effect in found if isinstance(effect, Ping)] == [0.0, 5.0, 10.0, 15.0]
        assert [(at, effect) for at, effect in found if isinstance(effect, Leave)] == [(10.0, Leave(Departure.SUSPECT))]
        assert found[-1] == (20.0, End(Cause.SILENT, 0.0))

    def test_a_suspect_that_recovers_serves_on_and_is_replaced_all_the_same(self) -> None:
        link = ready()
        watch(link, 0.0, 12.0)
        assert isinstance(link.state, Leaving)
        assert link.on_message(ENVELOPE, 12.5) == (Deliver(ENVELOPE),)
        link.next_check(12.5)
        assert End not in map(type, link.tick(15.0))
        assert link.state == Leaving(Departure.SUSPECT, 0.0)

    def test_a_late_tick_kills_nobody(self) -> None:
        link = ready()
        watch(link, 0.0, 4.0)
        assert link.tick(300.0) == (Ping(),)
        assert link.state == Ready(0.0)

    def test_a_reset_found_after_a_blockade_does_not_count_the_blockade(self) -> None:
        link = ready()
        watch(link, 0.0, 4.0)
        assert link.lost(Cause.LOST, 300.0) == (Abort(), End(Cause.LOST, 300.0))

    def test_no_ping_follows_our_close_frame(self) -> None:
        link = closing()
        assert [effect for _, effect in watch(link, 0.0, 5.0)] == [Abort(), End(Cause.RETIRED, 0.0)]

    @pytest.mark.parametrize(
        ("make", "due"), [(awaiting, 10.0), (ready, 20.0), (leaving, 20.0), (draining, 20.0), (closing, 1.0)]
    )
    def test_the_next_check_knows_the_deadline_of_the_state(self, make: Callable[[], Link], due: float) -> None:
        assert make().next_check(0.0) == due

    def test_after_the_end_there_is_no_hurry(self) -> None:
        assert ended().next_check(0.0) == 20.0


def test_what_is_exported_is_there() -> None:
    assert all(hasattr(link_module, name) for name in link_module.__all__)


MESSAGES = st.sampled_from([HELLO, ENVELOPE, WARNING, REFRESH, TOO_MANY, DISABLED, OTHER, Unknown("x")])
STEPS = st.one_of(
    st.tuples(st.just("message"), MESSAGES),
    st.tuples(st.just("wait"), st.floats(0.0, 12.0)),
    st.tuples(st.sampled_from(["leave", "retire", "close", "lost"]), st.none()),
)


class Life:
    """One link, driven, with all it ever said."""

    def __init__(self) -> None:
        self.link = awaiting()
        self.now = 0.0
        self.effects: list[Effect] = []

    def add(self, more: Effects) -> None:
        if any(isinstance(effect, SendClose) for effect in self.effects):
            assert not any(isinstance(effect, Ping | SendClose) for effect in more), "nothing follows our Close frame"
        if any(isinstance(effect, End) for effect in self.effects):
            assert more == (), "nothing follows the end"
        self.effects.extend(more)

    def pass_time(self, seconds: float) -> None:
        until = self.now + seconds
        while self.now < until:
            self.now = min(until, max(self.now + 1e-3, self.link.next_check(self.now)))
            self.add(self.link.tick(self.now))

    def do(self, what: str, value: Message | float | None) -> None:
        match value:
            case float():
                self.pass_time(value)
            case None:
                commands: dict[str, Callable[[], Effects]] = {
                    "leave": lambda: self.link.leave(Departure.REQUESTED),
                    "retire": lambda: self.link.retire(self.now),
                    "close": lambda: self.link.close(self.now),
                    "lost": lambda: self.link.lost(Cause.LOST, self.now),
                }
                self.add(commands[what]())
            case _:
                self.add(self.link.on_message(value, self.now))


@given(st.lists(STEPS, max_size=30))
def test_whatever_happens_a_link_says_each_thing_once_and_ends(
    steps: list[tuple[str, Message | float | None]],
) -> None:
    life = Life()
    for what, value in steps:
        life.do(what, value)
    life.do("close", None)
    life.pass_time(3 * CLOSE_WAIT)

    kinds = [type(effect) for effect in life.effects]
    assert all(kinds.count(kind) <= 1 for kind in (Announce, Leave, SendClose, Abort, End))
    assert kinds[-2:] == [Abort, End], "a closed link ends, and cuts its transport before it says so"
    end = life.effects[-1]
    assert isinstance(end, End)
    assert 0.0 <= end.last_good <= life.now


class TestTheirClose:
    @pytest.mark.parametrize("make", OPEN)
    def test_it_ends_the_link_for_the_plan_and_not_yet_for_acks(self, make: Callable[[], Link]) -> None:
        link = make()
        assert link.on_close(2.0) == (End(Cause.CLOSED, 2.0),)
        assert link.state == Lingering(2.0 + CLOSE_WAIT)
        assert link.is_open

    def test_it_is_told_once(self) -> None:
        link = lingering()
        assert link.on_close(0.1) == ()
        assert link.lost(Cause.CLOSED, 0.2) == (Abort(),)
        assert link.state == Ended(Cause.CLOSED)
        assert link.on_close(0.3) == ()

    def test_after_a_second_the_transport_is_cut(self) -> None:
        link = lingering()
        assert link.next_check(0.0) <= CLOSE_WAIT
        assert link.tick(CLOSE_WAIT - 0.01) == ()
        assert link.tick(CLOSE_WAIT) == (Abort(),)
        assert link.state == Ended(Cause.CLOSED)

    def test_as_the_answer_to_ours_it_is_the_end(self) -> None:
        link = closing()
        assert link.on_close(0.5) == (Abort(), End(Cause.RETIRED, 0.0))
        assert link.state == Ended(Cause.RETIRED)

    @pytest.mark.parametrize("message", [TOO_MANY, DISABLED, WARNING])
    def test_what_was_said_before_it_changes_nothing_after_it(self, message: Message) -> None:
        link = lingering()
        assert link.on_message(message, 0.1) == ()
        assert link.close(0.1) == ()
        assert link.retire(0.1) == ()
        assert link.leave(Departure.REQUESTED) == ()
        assert link.state == Lingering(CLOSE_WAIT)
