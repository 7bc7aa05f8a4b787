from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tautwire.web.retry import (
    MAX_RETRIES,
    Failure,
    FailureKind,
    History,
    Retry,
    decide,
    is_idempotent,
    parse_retry_after,
)

READ, WRITE, OPEN = "conversations.list", "chat.postMessage", "apps.connections.open"


def judge(kind: FailureKind, method: str, history: History | None = None, **more: float) -> Retry | None:
    failure = Failure(kind, more.get("retry_after"))
    number = more.get("random", 0.5)
    return decide(
        failure, method=method, history=history or History(), budget=more.get("budget", 60.0), random=lambda: number
    )


@pytest.mark.parametrize(
    ("kind", "method", "retried"),
    [
        (FailureKind.NOT_SENT, READ, True),
        (FailureKind.NOT_SENT, WRITE, True),
        (FailureKind.UNANSWERED, READ, True),
        (FailureKind.UNANSWERED, WRITE, False),
        (FailureKind.SERVER_ERROR, READ, True),
        (FailureKind.SERVER_ERROR, WRITE, False),
        (FailureKind.PERMANENT, READ, False),
        (FailureKind.PERMANENT, WRITE, False),
        (FailureKind.RATE_LIMITED, READ, True),
        (FailureKind.RATE_LIMITED, WRITE, True),
    ],
)
def test_only_what_cannot_happen_twice_is_tried_again(kind: FailureKind, method: str, retried: bool) -> None:
    assert (judge(kind, method, retry_after=1.0) is not None) is retried


@pytest.mark.parametrize("kind", list(FailureKind))
def test_opening_a_connection_is_its_callers_to_repeat(kind: FailureKind) -> None:
    assert judge(kind, OPEN, retry_after=0.0) is None


def test_two_retries_with_a_doubling_ceiling_then_no_more() -> None:
    first = judge(FailureKind.NOT_SENT, WRITE, random=1.0)
    assert first == Retry(0.5, History(retries=1))
    second = judge(FailureKind.NOT_SENT, WRITE, first.history, random=1.0)
    assert second == Retry(1.0, History(retries=2))
    assert second.history.retries == MAX_RETRIES
    assert judge(FailureKind.NOT_SENT, WRITE, second.history) is None


def test_full_jitter_starts_at_nothing() -> None:
    retry = judge(FailureKind.NOT_SENT, WRITE, random=0.0)
    assert retry is not None
    assert retry.delay == 0.0


def test_a_rate_limit_is_waited_out_with_up_to_a_tenth_more() -> None:
    assert judge(FailureKind.RATE_LIMITED, WRITE, retry_after=10.0, random=0.0) == Retry(10.0, History(waited=10.0))
    assert judge(FailureKind.RATE_LIMITED, WRITE, retry_after=10.0, random=1.0) == Retry(11.0, History(waited=11.0))


def test_waits_for_rate_limits_add_up_to_the_budget() -> None:
    assert judge(FailureKind.RATE_LIMITED, WRITE, History(waited=55), retry_after=5.0, random=0.0) is not None
    assert judge(FailureKind.RATE_LIMITED, WRITE, History(waited=55.1), retry_after=5.0, random=0.0) is None
    assert judge(FailureKind.RATE_LIMITED, WRITE, retry_after=0.0, budget=0.0) is None


def test_later_without_a_time_means_thirty_seconds_and_zero_means_one() -> None:
    unnamed = decide(Failure(FailureKind.RATE_LIMITED), method=WRITE, history=History(), budget=60, random=lambda: 0.0)
    assert unnamed is not None
    assert unnamed.delay == 30.0
    zero = judge(FailureKind.RATE_LIMITED, WRITE, retry_after=0.0, random=0.0)
    assert zero is not None
    assert zero.delay == 1.0


def test_rate_limits_do_not_use_up_the_retries() -> None:
    retry = judge(FailureKind.RATE_LIMITED, WRITE, History(retries=MAX_RETRIES), retry_after=1.0)
    assert retry is not None
    assert retry.history.retries == MAX_RETRIES


@given(st.lists(st.floats(0, 100), min_size=1, max_size=100), st.floats(0, 120), st.floats(0, 0.999))
def test_no_sequence_of_rate_limits_waits_longer_than_the_budget(
    asked: list[float], budget: float, number: float
) -> None:
    history = History()
    for seconds in asked:
        failure = Failure(FailureKind.RATE_LIMITED, seconds)
        retry = decide(failure, method=WRITE, history=history, budget=budget, random=lambda: number)
        if retry is None:
            break
        assert retry.delay >= seconds
        history = retry.history
    assert history.waited <= budget


@pytest.mark.parametrize(
    "method",
    """
    auth.test api.test conversations.list conversations.info conversations.history conversations.replies
    conversations.members users.list users.info users.lookupByEmail users.profile.get users.getPresence
    users.conversations chat.getPermalink chat.scheduledMessages.list reactions.get search.messages
    team.info team.accessLogs dnd.teamInfo files.getUploadURLExternal admin.conversations.getConversationPrefs
    openid.connect.userInfo apps.event.authorizations.list admin.analytics.getFile blocks.validate
    """.split(),  # noqa: SIM905  # a list would take a line for each
)
def test_methods_that_read(method: str) -> None:
    assert is_idempotent(method)


@pytest.mark.parametrize(
    "method",
    """
    chat.postMessage chat.update chat.delete conversations.open conversations.join conversations.create
    reactions.add reactions.remove views.open views.update files.completeUploadExternal files.upload
    users.setPresence users.profile.set oauth.v2.access auth.revoke admin.users.session.reset tooling.tokens.rotate
    admin.users.session.clearSettings targets.forget lists.rename apps.connections.open calls.add rtm.connect
    """.split(),  # noqa: SIM905  # a list would take a line for each
)
def test_methods_that_write_or_say_nothing(method: str) -> None:
    assert not is_idempotent(method)


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        ("30", 30.0),
        (" 2.5 ", 2.5),
        ("0", 0.0),
        (None, None),
        ("", None),
        ("-1", None),
        ("nan", None),
        ("inf", None),
        ("Wed, 21 Oct 2026 07:28:00 GMT", None),
    ],
)
def test_retry_after(value: str | None, seconds: float | None) -> None:
    assert parse_retry_after(value) == seconds
