from __future__ import annotations

import pytest

from tautwire.local.socket.ledger import AckOutcome, Attempt, Delivery, Ledger, State


def state(delivery: Delivery) -> State:
    """As it is now; an attribute would be taken for what it was a moment ago."""
    return delivery.state


def enter(ledger: Ledger, envelope_id: str = "e1", at: float = 0.0, on: str | None = "c1") -> Delivery:
    delivery = Delivery("events_api", "message", "Ev1", {}, False, at)
    ledger.open(delivery)
    ledger.attempt(delivery, Attempt(0, envelope_id, on, at, at + 3.0))
    return delivery


def test_an_ack_in_time() -> None:
    ledger = Ledger()
    delivery = enter(ledger)
    assert ledger.summary().open == 1
    assert ledger.ack("e1", "c1", {"text": "x"}, 2.0) is AckOutcome.IN_TIME
    assert ledger.is_settled
    assert state(delivery) is State.ACKED
    assert delivery.answer == {"text": "x"}
    assert delivery.attempts[0].latency == 2.0
    assert ledger["e1"] is delivery
    assert "e1" in ledger
    assert "e2" not in ledger


def test_the_deadline_itself_is_in_time() -> None:
    ledger = Ledger()
    enter(ledger)
    assert ledger.ack("e1", "c1", None, 3.0) is AckOutcome.IN_TIME


def test_a_late_ack_before_and_after_giving_up() -> None:
    ledger = Ledger()
    early, later = enter(ledger, "e1"), enter(ledger, "e2")
    assert ledger.ack("e1", "c1", None, 3.1) is AckOutcome.LATE
    assert state(early) is State.SENT
    ledger.fail(early)
    assert state(early) is State.LATE
    ledger.fail(later, "operation_timeout")
    assert (state(later), later.user_error) == (State.LOST, "operation_timeout")
    assert ledger.ack("e2", "c1", {"text": "x"}, 9.0) is AckOutcome.LATE
    assert state(later) is State.LATE
    assert later.answer is None
    summary = ledger.summary()
    assert (summary.late, summary.lost, summary.late_acks) == (2, 0, 2)


def test_giving_up_does_not_undo_an_ack() -> None:
    ledger = Ledger()
    delivery = enter(ledger)
    ledger.ack("e1", "c1", None, 1.0)
    ledger.fail(delivery, "operation_timeout")
    assert (state(delivery), delivery.user_error) == (State.ACKED, "")


def test_unknown_and_duplicate_acks_are_only_counted() -> None:
    ledger = Ledger()
    delivery = enter(ledger)
    assert ledger.ack("nobody", "c1", None, 1.0) is AckOutcome.UNKNOWN
    ledger.ack("e1", "c1", {"a": 1}, 1.0)
    assert ledger.ack("e1", "c1", {"a": 2}, 1.5) is AckOutcome.DUPLICATE
    assert (delivery.answer, delivery.duplicate_acks) == ({"a": 1}, 1)
    summary = ledger.summary()
    assert (summary.unknown_acks, summary.duplicate_acks, summary.acked_in_time) == (1, 1, 1)


def test_an_ack_on_another_connection_counts_and_is_marked() -> None:
    ledger = Ledger()
    delivery = enter(ledger)
    assert ledger.ack("e1", "c2", None, 1.0) is AckOutcome.IN_TIME
    assert (delivery.attempts[0].connection_id, delivery.attempts[0].acked_on) == ("c1", "c2")
    assert ledger.summary().crossed_acks == 1


def test_or_does_not_count_by_switch() -> None:
    ledger = Ledger(ack_on_any_connection=False)
    delivery = enter(ledger)
    assert ledger.ack("e1", "c2", None, 1.0) is AckOutcome.FOREIGN
    assert state(delivery) is State.SENT
    assert ledger.summary().foreign_acks == 1


def test_attempts_redeliveries_and_nobody() -> None:
    ledger = Ledger()
    delivery = enter(ledger, on=None)
    ledger.attempt(delivery, Attempt(1, "e2", "c1", 4.0, 7.0))
    assert delivery.envelope_id == "e2"
    assert delivery.attempts[0].latency is None
    assert ledger.type_of("e1") == ledger.type_of("e2") == "events_api"
    assert ledger.type_of("e3") == ""
    summary = ledger.summary()
    assert (summary.sent, summary.attempts, summary.redelivered, summary.undelivered_attempts) == (1, 2, 1, 1)


def test_percentiles() -> None:
    ledger = Ledger()
    for number in range(100):
        enter(ledger, f"e{number}")
        ledger.ack(f"e{number}", "c1", None, number / 100)
    summary = ledger.summary()
    assert summary.latency_p50 == pytest.approx(0.5)
    assert summary.latency_p99 == summary.latency_max == pytest.approx(0.99)


def test_an_empty_ledger_is_settled() -> None:
    ledger = Ledger()
    assert ledger.is_settled
    assert len(ledger) == 0
    assert ledger.summary().latency_p95 == 0.0


def test_the_sum_adds_up() -> None:
    ledger = Ledger()
    fates = [enter(ledger, f"e{number}") for number in range(4)]
    ledger.ack("e0", "c1", None, 1.0)
    ledger.fail(fates[1])
    ledger.ack("e2", "c1", None, 5.0)
    ledger.fail(fates[2])
    ledger.swallow()
    ledger.ignore()
    s = ledger.summary()
    assert (s.sent, s.acked_in_time, s.late, s.lost, s.open) == (4, 1, 1, 1, 1)
    assert (s.swallowed_acks, s.ignored_acks) == (1, 1)
    assert repr(fates[1]) == "<events_api message lost, 1 attempt(s)>"


def test_an_ack_for_another_apps_envelope_is_one_for_nothing() -> None:
    ledger = Ledger()
    delivery = enter(ledger)
    delivery.app_id = "A1"
    assert ledger.ack("e1", "c1", None, 1.0, app_id="A2") is AckOutcome.UNKNOWN
    assert state(delivery) is State.SENT
    assert ledger.ack("e1", "c1", None, 1.0, app_id="A1") is AckOutcome.IN_TIME


def test_what_is_in_flight_lands_once() -> None:
    ledger = Ledger()
    for number in range(4):
        enter(ledger, f"e{number}")
    enter(ledger, "nobody", on=None)
    assert ledger.in_flight == 4
    ledger.ack("e0", "c1", None, 1.0)
    ledger.ack("e0", "c1", None, 1.0)
    assert not ledger.expire(ledger.find("e0")[1])
    assert ledger.in_flight == 3
    assert ledger.expire(ledger.find("e1")[1])
    assert not ledger.expire(ledger.find("e1")[1])
    ledger.ack("e1", "c1", None, 9.0)
    assert ledger.in_flight == 2
    ledger.ack("e2", "c1", None, 3.5)
    assert ledger.expire(ledger.find("e2")[1])
    assert ledger.in_flight == 1
    assert ledger.expire(ledger.find("nobody")[1])
    assert ledger.in_flight == 1


def test_a_ledger_remembers_the_latest_and_whatever_is_open() -> None:
    ledger = Ledger(limit=80)
    waiting = enter(ledger, "waiting")
    for number in range(1000):
        enter(ledger, f"e{number}")
        assert ledger.ack(f"e{number}", "c1", None, 1.0) is AckOutcome.IN_TIME
        assert len(ledger) <= 92
    assert ledger.entries[0] is waiting
    assert [each.envelope_id for each in ledger.entries[-80:]] == [f"e{number}" for number in range(920, 1000)]
    assert ledger.ack("e0", "c1", None, 1.0) is AckOutcome.UNKNOWN
    assert ledger.ack("waiting", "c1", None, 1.0) is AckOutcome.IN_TIME
    summary = ledger.summary()
    assert (summary.sent, summary.acked_in_time, summary.open) == (1001, 1001, 0)


def test_a_ledger_without_a_limit_remembers_everything() -> None:
    ledger = Ledger(limit=None)
    for number in range(200):
        enter(ledger, f"e{number}")
        ledger.ack(f"e{number}", "c1", None, 1.0)
    assert len(ledger) == 200


def test_what_went_out_again_under_an_id_outlives_what_had_it_first() -> None:
    ledger = Ledger(limit=8)
    enter(ledger, "same")
    ledger.ack("same", "c1", None, 1.0)
    for number in range(7):
        enter(ledger, f"e{number}")
        ledger.ack(f"e{number}", "c1", None, 1.0)
    again = enter(ledger, "same")
    enter(ledger, "last")
    assert len(ledger) == 8
    assert ledger["same"] is again
