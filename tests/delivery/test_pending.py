"""The ledger: who is asked for an ack, until when, and that nothing stays for ever."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from tautwire.delivery.pending import GIVEN_UP_KEPT, Ledger, Pending
from tautwire.engine.runner import Receipt, Received
from tautwire.protocol.messages import Envelope


def received(envelope_id: str, now: float = 0.0, type_: str = "events_api") -> Received:
    return Received(Envelope(type_, envelope_id, b"{}"), "{}", Receipt(envelope_id, 1, now))


def acked(ledger: Ledger, pending: Pending) -> None:
    pending.reply, pending.is_acked = "sent", True
    ledger.settle(pending)


def handled(ledger: Ledger, pending: Pending) -> None:
    pending.is_running = False
    ledger.settle(pending)


def open_(ledger: Ledger, envelope_id: str, key: str = "k", now: float = 0.0) -> Pending:
    return ledger.open(received(envelope_id, now), (key,))


def test_what_is_opened_is_found_by_id_and_by_key() -> None:
    ledger = Ledger(2.5)
    pending = open_(ledger, "e1")
    assert (pending.type, pending.key, len(ledger)) == ("events_api", ("k",), 1)
    assert ledger.find("e1") is ledger.twin(("k",)) is pending
    assert ledger.find("e2") is None
    assert ledger.twin(("other",)) is None


def test_it_is_settled_by_ack_and_end_in_either_order() -> None:
    ledger = Ledger(2.5)
    first, second = open_(ledger, "e1", "a"), open_(ledger, "e2", "b")
    acked(ledger, first)
    handled(ledger, second)
    assert len(ledger) == 2
    handled(ledger, first)
    acked(ledger, second)
    assert (len(ledger), ledger.find("e1"), ledger.twin(("b",))) == (0, None, None)


def test_an_ack_on_its_way_is_no_ack_yet() -> None:
    ledger = Ledger(2.5)
    pending = open_(ledger, "e1")
    pending.reply = "on its way"
    handled(ledger, pending)
    assert ledger.overdue(3.0) == [pending]
    assert ledger.find("e1") is ledger.twin(("k",)) is pending
    assert ledger.has_unanswered

    pending.reply = None  # It came to nothing.
    ledger.settle(pending)
    assert (len(ledger), ledger.has_unanswered) == (0, False)


def test_only_what_may_still_be_acked_is_unanswered() -> None:
    ledger = Ledger(2.5)
    states = [ledger.has_unanswered]
    pending = open_(ledger, "e1")
    for pending.is_running in (True, False, True):
        states.append(ledger.has_unanswered)
    acked(ledger, pending)
    assert [*states, ledger.has_unanswered] == [False, True, False, True, False]


def test_a_twin_runs_or_is_acked() -> None:
    ledger = Ledger(2.5)
    pending = open_(ledger, "e1")
    pending.is_running = False
    assert ledger.twin(("k",)) is None
    pending.reply = "sent"
    assert ledger.twin(("k",)) is pending


def test_an_older_one_takes_nothing_from_a_newer_one() -> None:
    ledger = Ledger(2.5)
    older = open_(ledger, "e1")
    newer = open_(ledger, "e1")
    acked(ledger, older)
    handled(ledger, older)
    assert ledger.find("e1") is ledger.twin(("k",)) is newer


def test_deadlines_come_once_in_order_and_on_time() -> None:
    ledger = Ledger(2.5)
    assert ledger.next_moment() is None
    first, second = open_(ledger, "e1", "a", 10.0), open_(ledger, "e2", "b", 11.0)

    assert ledger.next_moment() == 12.5
    assert ledger.due(12.499) == []
    assert ledger.due(12.5) == [first]
    assert ledger.next_moment() == 13.0
    assert ledger.overdue(12.999) == []
    assert ledger.overdue(13.0) == [first]
    assert ledger.next_moment() == 13.5
    assert ledger.due(14.0) == ledger.overdue(14.0) == [second]
    assert ledger.next_moment() is None
    assert first.age(13.0) == 3.0


@given(st.floats(0, 1e6), st.floats(0.1, 3.0))
def test_whoever_waits_for_the_next_moment_finds_what_was_announced(now: float, deadline: float) -> None:
    ledger = Ledger(deadline)
    pending = open_(ledger, "e1", now=now)
    for late in (ledger.due, ledger.overdue):
        moment = ledger.next_moment()
        assert moment is not None
        assert late(moment) == [pending]


def test_what_is_acked_has_no_deadlines() -> None:
    ledger = Ledger(2.5)
    acked(ledger, open_(ledger, "e1"))
    assert ledger.due(3.0) == ledger.overdue(3.0) == []


def test_what_slack_has_given_up_on_settles_when_its_listeners_are_done() -> None:
    ledger = Ledger(2.5)
    running, done = open_(ledger, "e1", "a"), open_(ledger, "e2", "b")
    handled(ledger, done)
    assert ledger.overdue(3.0) == [running, done]
    assert (len(ledger), ledger.find("e1"), ledger.find("e2")) == (1, running, done)
    handled(ledger, running)
    assert len(ledger) == 0


@given(st.lists(st.tuples(st.sampled_from("oahsfd"), st.integers(0, 5), st.floats(0, 2)), max_size=60))
def test_after_three_seconds_and_the_end_of_its_listeners_nothing_is_left(steps: list[tuple[str, int, float]]) -> None:
    ledger, everything, now = Ledger(2.5), list[Pending](), 0.0
    for what, number, passed in steps:
        now += passed
        if what == "o" or not everything:
            everything.append(open_(ledger, f"e{number}", f"k{number % 3}", now))
            continue
        pending = everything[number % len(everything)]
        match what:
            case "a":
                acked(ledger, pending)
            case "h":
                handled(ledger, pending)
            case "s":
                pending.reply = pending.reply or "on its way"
            case "f" if not pending.is_acked:
                pending.reply = None
                ledger.settle(pending)
            case _:
                ledger.due(now)
                ledger.overdue(now)
    for pending in everything:
        if not pending.is_acked:
            pending.reply = None
        handled(ledger, pending)

    ledger.due(now + 3.0)
    ledger.overdue(now + 3.0)

    assert (len(ledger), ledger._by_key, ledger.next_moment()) == (0, {}, None)


def test_what_nobody_acked_is_kept_in_mind_within_bounds() -> None:
    ledger = Ledger(2.5)
    for number in range(GIVEN_UP_KEPT + 5):
        handled(ledger, open_(ledger, f"e{number}"))
    ledger.overdue(3.0)
    assert len(ledger) == 0
    assert ledger.find("e4") is None
    late = ledger.find("e5")
    assert late is not None
    late.reply, late.is_acked = "{}", True
    ledger.settle(late)
    assert ledger.find("e5") is None
