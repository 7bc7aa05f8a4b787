"""Facts in words: how many lines, how loud, and nothing secret in any of them."""

from __future__ import annotations

import logging
from typing import Any, get_args

import pytest

from tautwire import facts
from tautwire.errors import (
    BoltStatusError,
    DialError,
    InvalidTokenError,
    MessageTooLargeError,
    NotConnectedError,
    RateLimitedError,
    SocketModeDisabledError,
)
from tautwire.observe.log import LogObserver, where_it_happened
from tautwire.protocol.effects import Cause, Departure

SECRET = "the payload's own words"


class Log:
    """A log observer, and what it wrote."""

    def __init__(self, caplog: pytest.LogCaptureFixture, *, is_verbose: bool = False) -> None:
        caplog.set_level(logging.DEBUG, "test")
        self._caplog = caplog
        self.is_verbose = is_verbose
        self.logger = logging.getLogger("test")
        self._observe = LogObserver(lambda: self.logger, lambda: self.is_verbose)

    def tell(self, *told: facts.Fact) -> list[tuple[str, str]]:
        """The lines that this adds: level and text."""
        self._caplog.clear()
        for fact in told:
            self._observe(fact)
        return [(record.levelname, record.getMessage()) for record in self._caplog.records]

    def levels(self, *told: facts.Fact) -> list[str]:
        return [level for level, _ in self.tell(*told)]


@pytest.fixture
def log(caplog: pytest.LogCaptureFixture) -> Log:
    return Log(caplog)


def opened(link: int) -> facts.LinkOpened:
    return facts.LinkOpened(1.0, link, 0.25)


def ready(link: int, count: int | None = 1, own: int = 1) -> facts.LinkReady:
    return facts.LinkReady(1.0, link, 0.5, count, "A1", "applink-7", 18060.0, own)


def leaving(link: int) -> facts.LinkLeaving:
    return facts.LinkLeaving(1.0, link, Departure.WARNING)


def retired(link: int) -> facts.LinkRetired:
    return facts.LinkRetired(1.0, link, Departure.WARNING)


def closed(link: int) -> facts.LinkClosed:
    return facts.LinkClosed(1.0, link, Cause.RETIRED, 18000.0)


def lost(link: int) -> facts.LinkLost:
    return facts.LinkLost(1.0, link, Cause.SILENT, 61.0)


def failed(error: Exception | None = None) -> facts.DialFailed:
    return facts.DialFailed(1.0, 3, error or DialError("slack.com cannot be reached"))


# How much.


def loud(lines: list[tuple[str, str]]) -> list[tuple[str, str]]:
    return [line for line in lines if line[0] != "DEBUG"]


def test_a_routine_refresh_is_one_info_line(log: Log) -> None:
    log.tell(opened(1), ready(1))
    lines = log.tell(leaving(1), opened(2), ready(2, count=2, own=2), retired(1), closed(1))
    assert loud(lines) == [("INFO", "Connection 1 was replaced (warning)")]
    assert len(lines) == 5


def test_so_are_several_at_once_one_each(log: Log) -> None:
    lines = log.tell(
        leaving(1), leaving(2), opened(3), ready(3), retired(1), opened(4), ready(4), retired(2), closed(1), closed(2)
    )
    assert [level for level, _ in loud(lines)] == ["INFO", "INFO"]


@pytest.mark.parametrize("end", [retired, closed, lost], ids=lambda end: end.__name__)
def test_after_it_a_connection_is_news_again(log: Log, end: Any) -> None:
    log.tell(leaving(1), leaving(1), end(1))
    assert log.tell(ready(2)) == [("INFO", "Connection 2 is ready (host applink-7, app A1)")]


def test_the_first_connection_is_one_info_line(log: Log) -> None:
    assert log.tell(opened(1), ready(1)) == [
        ("DEBUG", "Connection 1 is open after 0.250 s; waiting for hello"),
        ("INFO", "Connection 1 is ready (host applink-7, app A1)"),
    ]


@pytest.mark.parametrize(("count", "own", "warned"), [(None, 1, 0), (1, 1, 0), (2, 2, 0), (2, 1, 1)])
def test_strangers_or_ghosts_among_the_connections_are_a_warning(log: Log, count: int, own: int, warned: int) -> None:
    assert log.levels(ready(1, count, own)) == ["INFO"] + ["WARNING"] * warned


def test_failures_that_repeat_are_said_ever_more_rarely(log: Log) -> None:
    lines = log.tell(*[failed()] * 20)
    assert lines == [
        ("WARNING", f"Attempt {count} to connect failed: slack.com cannot be reached") for count in (1, 2, 4, 8, 16)
    ]
    assert log.tell(ready(1)) == [
        ("INFO", "Connection 1 is ready (host applink-7, app A1) after 20 failed attempts"),
    ]
    assert log.levels(failed()) == ["WARNING"], "and counted anew"


def test_one_attempt_is_one_attempt(log: Log) -> None:
    log.tell(failed())
    assert log.tell(ready(1))[0][1].endswith(" after 1 failed attempt")


def test_pauses_that_repeat_as_well(log: Log) -> None:
    lines = log.tell(*[facts.BackPressure(1.0, 1, 0.5)] * 9)
    assert [line.split("(")[1].split(")")[0] for _, line in lines] == [f"{n} times so far" for n in (1, 2, 4, 8)]


def test_what_is_final_is_said_whenever_it_comes(log: Log) -> None:
    error = InvalidTokenError("Slack refuses the app-level token (invalid_auth)", code="invalid_auth")
    assert log.tell(*[failed(error)] * 3) == [("ERROR", f"Connecting is given up: {error}")] * 3


@pytest.mark.parametrize(("after", "words"), [(7.4, "7 s"), (None, "30 s")])
def test_a_rate_limit_says_how_long(log: Log, after: float | None, words: str) -> None:
    error = RateLimitedError("apps.connections.open", {"error": "ratelimited"}, retry_after=after)
    assert log.tell(failed(error))[0][1].endswith(f"rate limited; Slack asks to wait {words}")


@pytest.mark.parametrize("is_verbose", [False, True])
def test_acks_are_for_those_who_ask(caplog: pytest.LogCaptureFixture, is_verbose: bool) -> None:
    log = Log(caplog, is_verbose=is_verbose)
    plain = facts.AckSent(1.0, "e1", "events_api", 0.1, 1, is_elsewhere=False, is_automatic=False)
    assert log.levels(plain) == ["DEBUG"] * is_verbose
    automatic = facts.AckSent(1.0, "e1", "events_api", 2.5, 1, is_elsewhere=False, is_automatic=True)
    assert log.tell(automatic) == [("DEBUG", "Acked events_api e1 by itself: no listener had")]


def test_another_logger_serves_from_the_next_line_on(log: Log) -> None:
    log.tell(opened(1))
    log.logger = logging.getLogger("test.silent")
    log.logger.disabled = True
    assert log.tell(opened(2)) == []
    log.logger.disabled = False


# How loud, and in which words.


def error_with_a_place(kind: type[Exception] = ValueError) -> Exception:
    try:
        raise kind(SECRET)
    except kind as error:
        return error


WORDED: list[tuple[facts.Fact, str, str]] = [
    (leaving(1), "DEBUG", "Connection 1 wants a successor (warning)"),
    (retired(1), "INFO", "Connection 1 was replaced (warning)"),
    (closed(1), "DEBUG", "Connection 1 is closed (retired) after 18000 s"),
    (lost(1), "WARNING", "Connection 1 was lost (silent) after 61 s"),
    (
        facts.Gap(1.0, 0.0, 1.5, 1.5),
        "WARNING",
        "Nobody listened for 1.500 s: events of that time come only if Slack sends them again",
    ),
    (
        facts.AckLate(1.0, "e1", "events_api", 3.14),
        "WARNING",
        "The ack of events_api e1 came after 3.1 s; Slack waits 3",
    ),
    (facts.AckFailed(1.0, "e1", "events_api", "why"), "WARNING", "No ack for events_api e1: why"),
    (facts.EnvelopeRefused(1.0, "e1", "events_api", "why"), "INFO", "Left events_api e1 to Slack's retry: why"),
    (
        facts.Duplicate(1.0, "e1", "events_api", 2),
        "DEBUG",
        "events_api e1 came again (attempt 2); acked, not handled again",
    ),
    (facts.MalformedFrame(1.0, 1, "not JSON", 9), "WARNING", "Connection 1: ignored a frame of 9 bytes: not JSON"),
    (
        facts.UnknownMessage(1.0, 1, SECRET),
        "INFO",
        "Connection 1: a message of an unknown type came without an envelope",
    ),
    (facts.Stopped(1.0, None), "INFO", "Disconnected"),
    (
        facts.Stopped(1.0, SocketModeDisabledError()),
        "ERROR",
        f"Stopped for good: {SocketModeDisabledError()}",
    ),
    (
        facts.ListenerFailed(1.0, "listen", "e1", BoltStatusError(500)),
        "INFO",
        "Bolt answered with status 500, so envelope e1 is not acked",
    ),
]


@pytest.mark.parametrize(("fact", "level", "words"), WORDED, ids=lambda value: type(value).__name__)
def test_the_words(log: Log, fact: facts.Fact, level: str, words: str) -> None:
    assert log.tell(fact) == [(level, words)]


def test_every_fact_has_words_of_its_own() -> None:
    say = vars(LogObserver)["_say"].dispatcher
    assert [kind.__name__ for kind in get_args(facts.Fact) if say.dispatch(kind) is say.dispatch(object)] == []


def test_a_fact_from_tomorrow_is_named_at_least(log: Log) -> None:
    class Tomorrow:
        at = 1.0

    assert log.tell(Tomorrow()) == [("DEBUG", "Tomorrow")]  # type: ignore[arg-type]  # that is the point


# What is never said.


def test_a_listeners_failure_is_told_by_its_place_never_by_its_text(log: Log) -> None:
    ((level, text),) = log.tell(facts.ListenerFailed(1.0, "App.listen", "e1", error_with_a_place()))
    assert level == "ERROR"
    assert text.startswith("Listener App.listen raised ValueError on envelope e1")
    assert "in error_with_a_place" in text
    assert SECRET not in text


@pytest.mark.parametrize("error", [NotConnectedError("no connection is open"), MessageTooLargeError("20,481 bytes")])
def test_errors_of_our_own_quote_nothing_and_are_quoted(log: Log, error: Exception) -> None:
    ((_, text),) = log.tell(facts.ListenerFailed(1.0, "listen", "e1", error))
    assert str(error) in text


def test_a_chain_of_failures_keeps_its_texts_to_itself_too(log: Log) -> None:
    try:
        try:
            raise KeyError(SECRET)
        except KeyError as first:
            raise ExceptionGroup(SECRET, [ValueError(SECRET)]) from first
    except ExceptionGroup as error:
        failure = error
    failure.add_note(SECRET)
    for fact in (facts.ListenerFailed(1.0, "listen", "e1", failure), facts.EngineFault(1.0, "a task", failure)):
        assert SECRET not in "".join(text for _, text in log.tell(fact))


def test_a_defect_is_an_error_with_its_place(log: Log) -> None:
    ((level, text),) = log.tell(facts.EngineFault(1.0, "tautwire-read-1", error_with_a_place()))
    assert level == "ERROR"
    assert text.startswith("A defect in tautwire-read-1: ValueError\n")
    assert "in error_with_a_place" in text
    assert SECRET not in text


def test_no_record_carries_an_exception_that_a_handler_would_print(log: Log, caplog: pytest.LogCaptureFixture) -> None:
    log.tell(
        facts.EngineFault(1.0, "x", error_with_a_place()), facts.ListenerFailed(1.0, "x", "e", error_with_a_place())
    )
    assert [(record.exc_info, record.exc_text) for record in caplog.records] == [(None, None)] * 2
    assert not any(SECRET in repr(record.args) for record in caplog.records)


def test_where_it_happened_is_empty_for_what_was_never_raised() -> None:
    assert where_it_happened(ValueError("no")) == ""


def test_where_it_happened_stays_short_in_a_deep_recursion() -> None:
    def dig() -> None:
        dig()

    with pytest.raises(RecursionError) as caught:
        dig()
    assert len(where_it_happened(caught.value)) < 5_000
