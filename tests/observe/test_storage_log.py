"""The facts of what is stored, in words."""

from __future__ import annotations

import logging
from typing import Any, get_args

import pytest

from tautwire.errors import InboxUnavailableError
from tautwire.facts import storage as facts
from tautwire.observe.log import LogObserver
from tautwire.observe.storage_log import StorageLog

SECRET = "the payload's own words"
TROUBLE = facts.InboxTrouble(1.0, "extend a lease", InboxUnavailableError("the disk is full"))


class Log:
    """A log observer, and what it wrote."""

    def __init__(self, caplog: pytest.LogCaptureFixture) -> None:
        caplog.set_level(logging.DEBUG, "test")
        self._caplog = caplog
        self.is_verbose = False
        self._observe = LogObserver(lambda: logging.getLogger("test"), lambda: self.is_verbose)

    def tell(self, *told: Any) -> list[tuple[str, str]]:
        self._caplog.clear()
        for fact in told:
            self._observe(fact)
        return [(record.levelname, record.getMessage()) for record in self._caplog.records]


@pytest.fixture
def log(caplog: pytest.LogCaptureFixture) -> Log:
    return Log(caplog)


WORDED: list[tuple[facts.StorageFact, list[tuple[str, str]]]] = [
    (
        facts.InboxOpened(1.0, 3, 1, 0, ()),
        [("INFO", "The inbox is open: 3 envelopes wait, 1 of them left behind by a process that has died")],
    ),
    (
        facts.InboxOpened(1.0, 0, 0, 2, ("the old file is kept beside it",)),
        [
            ("INFO", "The inbox is open: 0 envelopes wait, 0 of them left behind by a process that has died"),
            (
                "WARNING",
                "2 envelopes of a process that has died are dead letters: they were not acked, or answer in their ack",
            ),
            ("WARNING", "The inbox: the old file is kept beside it"),
        ],
    ),
    (facts.Recovering(1.0, 50, 45), [("INFO", "Envelopes left of the 50 that waited at the start: 45")]),
    (
        facts.NotStored(1.0, "e1", "events_api", "the inbox is full"),
        [
            (
                "ERROR",
                (
                    "events_api e1 is not stored: the inbox is full (1 times so far). What is not stored is not acked: "
                    "Slack sends an event again, a command or a click fails before its person's eyes"
                ),
            )
        ],
    ),
    (
        facts.RetryPlanned(1.0, "e1", "events_api", 2, 12.4),
        [("WARNING", "Attempt 2 at events_api e1 failed; the next one is in 12 s")],
    ),
    (
        facts.Buried(1.0, "e1", "events_api", 5, "it failed in its last attempt"),
        [
            (
                "ERROR",
                (
                    "events_api e1 is a dead letter after 5 attempts: it failed in its last attempt. "
                    "The inbox keeps it until somebody looks"
                ),
            )
        ],
    ),
    (
        facts.Buried(1.0, "e1", "shortcut", 1, "not acked"),
        [
            (
                "ERROR",
                "shortcut e1 is a dead letter after 1 attempt: not acked. The inbox keeps it until somebody looks",
            )
        ],
    ),
    (
        facts.LeaseLost(1.0, "e1", "events_api", 1),
        [
            (
                "WARNING",
                (
                    "events_api e1 took longer than its lease (attempt 1), and is handled a second time elsewhere: "
                    "was the event loop blocked, or the machine asleep?"
                ),
            )
        ],
    ),
    (
        facts.AnswerLost(1.0, "e1", "slash_commands"),
        [
            (
                "WARNING",
                (
                    "A listener answered slash_commands e1 in its ack, which had gone when it was stored, and the "
                    "answer could not be sent to a response_url: send it by the Web API, or give "
                    'ack_when={"slash_commands": "handled"}'
                ),
            )
        ],
    ),
    (
        TROUBLE,
        [
            (
                "ERROR",
                "The inbox could not extend a lease: InboxUnavailableError: the disk is full (1 times so far)",
            )
        ],
    ),
]


@pytest.mark.parametrize(("fact", "said"), WORDED, ids=lambda value: type(value).__name__)
def test_the_words(log: Log, fact: Any, said: list[tuple[str, str]]) -> None:
    assert log.tell(fact) == said


@pytest.mark.parametrize(
    ("fact", "words"),
    [
        (facts.EnvelopeStored(1.0, "e1", "events_api", 0.0123), "Stored events_api e1 after 0.012 s"),
        (facts.Handled(1.0, "e1", "events_api", 2, 0.5), "Handled events_api e1 in 0.500 s (attempt 2)"),
    ],
    ids=lambda value: type(value).__name__,
)
def test_what_goes_well_is_told_on_request(log: Log, fact: Any, words: str) -> None:
    assert log.tell(fact) == []
    log.is_verbose = True
    assert log.tell(fact) == [("DEBUG", words)]


def test_every_fact_has_words_of_its_own() -> None:
    say = vars(StorageLog)["_say"].dispatcher
    kinds = get_args(facts.StorageFact)
    assert len(kinds) == 10
    assert [kind.__name__ for kind in kinds if say.dispatch(kind) is say.dispatch(object)] == []
    assert StorageLog(lambda *_: pytest.fail("nothing to say"), lambda: True)._say(object()) is None


@pytest.mark.parametrize("fact", [facts.NotStored(1.0, "e1", "events_api", "full"), TROUBLE])
def test_what_repeats_is_said_ever_more_rarely_with_its_count(log: Log, fact: Any) -> None:
    counts = [text.partition("(")[2].partition(" times")[0] for _, text in log.tell(*[fact] * 20)]
    assert counts == ["1", "2", "4", "8", "16"]


def test_what_an_inbox_of_somebody_elses_says_is_left_out(log: Log) -> None:
    said = log.tell(facts.InboxTrouble(1.0, "claim", ValueError(SECRET)))
    assert SECRET not in str(said)
    assert "ValueError" in str(said)


def test_ids_of_the_other_sides_choosing_break_no_line(log: Log) -> None:
    ((_, said),) = log.tell(facts.Buried(1.0, "e\n1", "t\nype", 1, "why"))
    assert "\n" not in said
