"""What compares Slack's view, the listeners' journal and the inbox sees what is wrong, and nothing else."""

from __future__ import annotations

from typing import Any

import pytest

from mortal import ANSWER
from mortal.oracle import Row, Story, judge
from tautwire.local import Attempt, Delivery, State

EVENT, COMMAND, SUBMISSION = "app_mention", "/deploy", "view_submission"
TYPES = {EVENT: "events_api", COMMAND: "slash_commands", SUBMISSION: "interactive"}


def delivery(subject: str, state: State = State.ACKED, *, tries: int = 1, **how: Any) -> Delivery:
    made = Delivery(TYPES[subject], subject, "", {}, False, 0.0, state=state, **how)
    is_acked = state is not State.LOST
    for number in range(tries):
        attempt = Attempt(number, f"e{number}", "c1", 0.0, 3.0, is_in_time=is_acked, payload=ANSWER)
        attempt.acked_at = 1.0 if is_acked else None
        made.attempts.append(attempt)
    return made


def found(sent: Delivery, journal: str, *rows: Row) -> list[str]:
    """The complaints about one envelope; `.` in the journal is the end of a life."""
    story = Story()
    for what in journal.split():
        story.gone() if what == "." else story.hear(what)
    return judge([sent], {0: story}, [(0, row) for row in rows]).complaints


def row(state: str = "done", mode: str = "again", attempt: int = 1) -> Row:
    return Row("e0", state, mode, attempt)


@pytest.mark.parametrize(
    ("sent", "journal", "rows"),
    [
        (delivery(EVENT), "AckSent begun returned Handled", [row()]),
        (delivery(EVENT), "AckSent begun . begun raised RetryPlanned begun returned Handled .", [row(attempt=3)]),
        (delivery(EVENT), "begun raised . " * 5, [row("dead", attempt=5)]),
        (delivery(EVENT, State.LOST, tries=4), "", []),
        (delivery(COMMAND), "AckSent . begun returned Handled", [row(mode="once acked")]),
        (delivery(COMMAND, State.LOST, user_error="operation_timeout"), ".", [row("dead", "once acked")]),
        (delivery(SUBMISSION), "begun AckSent .", [row("dead", "never")]),
        (delivery(SUBMISSION), "NotStored begun AckSent returned", []),
        (delivery(SUBMISSION), "NotStored begun AckSent raised", [row(mode="never")]),
    ],
)
def test_what_is_right_is_not_complained_of(sent: Delivery, journal: str, rows: list[Row]) -> None:
    assert found(sent, journal, *rows) == []


@pytest.mark.parametrize(
    ("sent", "journal", "rows", "complaint"),
    [
        (delivery(EVENT), "AckSent", [], "was acked and is lost"),
        (delivery(EVENT), "AckSent begun .", [row("stored")], "is stored in the end"),
        (delivery(EVENT), "AckSent begun .", [row("dead")], "is dead after 1 attempts"),
        (delivery(EVENT), "AckSent", [row()], "is done, and no listener came back"),
        (delivery(EVENT), "begun returned Handled", [row(), row()], "is there more than once"),
        (delivery(EVENT), "begun returned Handled", [row("dead", attempt=5)], "was Handled and is dead"),
        (delivery(EVENT), "begun Handled begun", [row()], "had ended, and was begun again: Handled"),
        (delivery(EVENT), "begun begun", [row()], "was begun while it was at work"),
        (delivery(EVENT), "begun begun returned", [row()], "was begun 2 times, where 1 can be"),
        (delivery(EVENT, State.SENT), "", [], "is still open"),
        (delivery(EVENT, State.LOST, tries=3), "", [], "was given up after 3 tries"),
        (delivery(COMMAND, State.LOST), "", [], "was lost and nobody told"),
        (delivery(COMMAND), "begun returned Handled", [row()], "was begun and had not been acked"),
        (
            delivery(SUBMISSION),
            "begun . begun",
            [row("dead", "never")],
            "answers inside its ack, and was begun 2 times",
        ),
    ],
)
def test_what_is_wrong_is_seen(sent: Delivery, journal: str, rows: list[Row], complaint: str) -> None:
    assert f"0 ({sent.subject}) {complaint}" in found(sent, journal, *rows)


def test_an_ack_without_its_answer_is_seen() -> None:
    sent = delivery(SUBMISSION)
    sent.attempts[0].payload = None
    assert found(sent, "begun AckSent returned Handled", row(mode="never")) == [
        "0 (view_submission) was acked without its answer"
    ]


def test_what_always_raises_cannot_be_done() -> None:
    sent = [delivery(EVENT) for _ in range(8)]
    told = Story(begun=1, has_returned=True)
    assert (
        judge(sent, {7: told}, [(7, row())]).complaints[-1] == "7 (app_mention) is done, and its listener always raises"
    )
