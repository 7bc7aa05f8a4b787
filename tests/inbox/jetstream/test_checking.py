"""Settings that cannot keep the promise, one by one."""

from __future__ import annotations

from typing import Any

import pytest

from tautwire.inbox.jetstream.checking import Finding, about_consumer, about_stream
from tautwire.inbox.jetstream.names import Names
from tautwire.inbox.jetstream.settings import Settings

SETTINGS = Settings(names=Names("t"), replicas=3, max_waiting=5000, max_bytes=1 << 20, lease_seconds=60)
WORK, STATE, DEAD = SETTINGS.streams()
WORKERS, HELD = SETTINGS.consumers()


def of_stream(wanted: dict[str, Any], **changed: Any) -> list[Finding]:
    return list(about_stream({"config": {**wanted, **changed}, "cluster": {"name": "C"}}, wanted))


def of_consumer(changed: dict[str, Any], **info: Any) -> list[Finding]:
    return list(about_consumer({"stream_name": "t-work", "config": {**WORKERS, **changed}, **info}, WORKERS))


@pytest.mark.parametrize("wanted", [WORK, STATE, DEAD])
def test_what_we_make_is_right(wanted: dict[str, Any]) -> None:
    assert of_stream(wanted) == []
    assert (
        of_stream(
            wanted, num_replicas=5, persist_mode="default", max_msgs_per_subject=wanted.get("max_msgs_per_subject", -1)
        )
        == []
    )


@pytest.mark.parametrize(
    ("wanted", "changed", "said"),
    [
        (WORK, {"storage": "memory"}, "keeps its messages in memory, which cannot be changed"),
        (STATE, {"storage": "memory"}, "in memory"),
        (DEAD, {"storage": "memory"}, "in memory"),
        (WORK, {"retention": "limits"}, "has another retention"),
        (WORK, {"subjects": ["other.>"]}, "it lacks the subjects t.work.*.*, t.held.*"),
        (WORK, {"subjects": None}, "it lacks the subjects"),
        (WORK, {"discard": "old"}, "nats stream edit t-work --discard new"),
        (DEAD, {"discard": "old"}, "--discard new"),
        (WORK, {"max_age": 10**9}, "nats stream edit t-work --max-age 0"),
        (STATE, {"max_age": 10**9}, "--max-age 0"),
        (WORK, {"max_msgs_per_subject": 1}, "max-msgs-per-subject"),
        (STATE, {"max_msgs_per_subject": 2}, "max-msgs-per-subject"),
        (STATE, {"allow_msg_ttl": False}, "allow-msg-ttl"),
        (WORK, {"allow_direct": False}, "allow-direct"),
        (WORK, {"no_ack": True}, "does not confirm"),
        (WORK, {"sealed": True}, "sealed"),
        (DEAD, {"deny_delete": True}, "deleted"),
        (WORK, {"persist_mode": "async"}, "confirms what it has not written"),
        (WORK, {"duplicate_window": 120 * 10**9}, "the keys of 120s only: nats stream edit t-work --dupe-window 3600s"),
        (WORK, {"num_replicas": 1}, "has one copy, and replicas=3 is asked for: nats stream edit t-work --replicas 3"),
        (WORK, {"num_replicas": 2}, "has 2 copies"),
    ],
)
def test_what_breaks_the_promise_is_refused(wanted: dict[str, Any], changed: dict[str, Any], said: str) -> None:
    (finding,) = of_stream(wanted, **changed)
    assert finding.is_fatal
    assert said in finding.text
    assert wanted["name"] in finding.text


def test_another_bound_is_told() -> None:
    for bound, said in ((10, "made for 10 records"), (-1, "made for no number of records")):
        (finding,) = of_stream(WORK, max_msgs=bound)
        assert not finding.is_fatal
        assert said in finding.text


def test_one_copy_that_was_asked_for_is_told_where_there_could_be_more() -> None:
    one = {**WORK, "num_replicas": 1}
    (finding,) = about_stream({"config": one, "cluster": {"name": "C"}}, one)
    assert not finding.is_fatal
    assert "has one copy: nothing can be stored while" in finding.text
    assert list(about_stream({"config": one, "cluster": {"leader": "N1"}}, one)) == []
    assert list(about_stream({"config": one}, one)) == []


def test_a_consumer_as_we_make_it_is_right() -> None:
    assert of_consumer({}) == []
    assert of_consumer({"max_ack_pending": -1, "backoff": None, "headers_only": None}) == []
    assert list(about_consumer({"stream_name": "t-work", "config": HELD}, HELD)) == []


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"filter_subject": "t.held.*"}, "is for other records"),
        ({"deliver_policy": "new"}, "passes over records"),
        ({"ack_policy": "all"}, "takes records for handled that are not"),
        ({"max_deliver": 5}, "gives up on records"),
        ({"deliver_subject": "x"}, "pushes records"),
        ({"backoff": [10**9]}, "its own times"),
        ({"headers_only": True}, "leaves the payloads out"),
        ({"inactive_threshold": 10**9}, "goes away"),
        ({"ack_wait": 30 * 10**9}, "this inbox was made with lease_seconds=30: give it to everybody"),
    ],
)
def test_a_consumer_that_breaks_the_promise_is_refused(changed: dict[str, Any], said: str) -> None:
    (finding,) = of_consumer(changed)
    assert finding.is_fatal
    assert said in finding.text


def test_a_consumer_that_is_too_narrow_or_paused_is_told() -> None:
    (narrow,) = of_consumer({"max_ack_pending": 20})
    (paused,) = of_consumer({}, paused=True)
    assert not narrow.is_fatal
    assert "raise its max_ack_pending to 5000" in narrow.text
    assert not paused.is_fatal
    assert "is paused" in paused.text
