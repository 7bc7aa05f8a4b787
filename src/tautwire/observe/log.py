"""Facts in words: the only place of the client that writes log lines.

A routine refresh is one INFO line. A failure is one WARNING, and what repeats is said at the 1st, 2nd, 4th, 8th …
time, with its count. What a listener raised is shown by where it happened, and not by its text, which may quote a
payload, unless it is an error of this library; observers get the exception itself.
"""

from __future__ import annotations

import logging
from functools import singledispatchmethod
from typing import TYPE_CHECKING, Any

from tautwire import facts
from tautwire.errors import BoltStatusError, FatalConnectionError, RateLimitedError
from tautwire.facts.storage import StorageFact
from tautwire.observe.by_type import ByType
from tautwire.observe.storage_log import StorageLog, is_worth_saying, shown
from tautwire.protocol.backoff import RATE_LIMIT_DEFAULT
from tautwire.protocol.effects import Cause
from tautwire.redaction import quotable_text, where_it_happened

if TYPE_CHECKING:
    from collections.abc import Callable
    from logging import Logger

    from tautwire.facts import Fact

__all__ = ["LogObserver", "shown", "where_it_happened"]


class LogObserver:
    """Writes facts to the logger that `logger()` gives; `is_verbose()` adds a DEBUG line for each ack."""

    def __init__(self, logger: Callable[[], Logger], is_verbose: Callable[[], bool]) -> None:
        self._logger = logger
        self._is_verbose = is_verbose
        #: Those that wait for a successor; while there are any, a new connection is nothing to tell.
        self._leaving: set[int] = set()
        self._failures = 0
        self._pauses = 0
        self._given_up_for: Exception | None = None
        self._storage = StorageLog(self._log, is_verbose)
        self._put_into_words = ByType(self, vars(LogObserver)["_say"])

    def __call__(self, fact: Fact) -> None:
        """Put `fact` into words."""
        self._put_into_words(fact)

    def _log(self, level: int, message: str, *values: Any) -> None:
        self._logger().log(level, message, *values)

    @singledispatchmethod
    def _say(self, fact: Any) -> None:
        self._log(logging.DEBUG, "%s", type(fact).__name__)

    @_say.register
    def _(self, fact: StorageFact) -> None:
        self._storage(fact)

    @_say.register
    def _(self, fact: facts.LinkOpened) -> None:
        self._log(logging.DEBUG, "Connection %d is open after %.3f s; waiting for hello", fact.link, fact.seconds)

    @_say.register
    def _(self, fact: facts.LinkReady) -> None:
        level = logging.DEBUG if self._leaving else logging.INFO
        plural = "" if self._failures == 1 else "s"
        tries = f" after {self._failures} failed attempt{plural}" if self._failures else ""
        self._failures = 0
        self._log(
            level, "Connection %d is ready (host %s, app %s)%s", fact.link, shown(fact.host), shown(fact.app_id), tries
        )
        if fact.num_connections is not None and fact.num_connections > fact.own:
            self._log(
                logging.DEBUG if self._leaving else logging.WARNING,
                "Slack counts %d connections for this app, %d of them are this client's: another process is connected, "
                "or some are dead and not yet noticed; either gets a share of the events",
                fact.num_connections,
                fact.own,
            )

    @_say.register
    def _(self, fact: facts.LinkLeaving) -> None:
        self._leaving.add(fact.link)
        self._log(logging.DEBUG, "Connection %d wants a successor (%s)", fact.link, fact.departure.value)

    @_say.register
    def _(self, fact: facts.LinkRetired) -> None:
        self._leaving.discard(fact.link)
        self._log(logging.INFO, "Connection %d was replaced (%s)", fact.link, fact.departure.value)

    @_say.register
    def _(self, fact: facts.LinkClosed) -> None:
        self._leaving.discard(fact.link)
        self._log(logging.DEBUG, "Connection %d is closed (%s) after %.0f s", fact.link, fact.cause.value, fact.age)

    @_say.register
    def _(self, fact: facts.LinkLost) -> None:
        self._leaving.discard(fact.link)
        how = "no word" if fact.cause is Cause.LOST else fact.cause.value
        self._log(logging.WARNING, "Connection %d was lost (%s) after %.0f s", fact.link, how, fact.age)

    @_say.register
    def _(self, fact: facts.DialFailed) -> None:
        self._failures += 1
        if isinstance(fact.error, FatalConnectionError):
            self._given_up_for = fact.error
            self._log(logging.ERROR, "Connecting is given up: %s", fact.error)
        elif is_worth_saying(self._failures):
            self._log(logging.WARNING, "Attempt %d to connect failed: %s", self._failures, _words(fact.error))

    @_say.register
    def _(self, fact: facts.Gap) -> None:
        self._log(
            logging.WARNING,
            "Nobody listened for %.3f s: events of that time come only if Slack sends them again",
            fact.seconds,
        )

    @_say.register
    def _(self, fact: facts.AckSent) -> None:
        if fact.is_automatic:
            self._log(
                logging.DEBUG, "Acked %s %s by itself: no listener had", shown(fact.type), shown(fact.envelope_id)
            )
        elif self._is_verbose():
            self._log(
                logging.DEBUG, "Acked %s %s after %.3f s", shown(fact.type), shown(fact.envelope_id), fact.seconds
            )

    @_say.register
    def _(self, fact: facts.AckLate) -> None:
        self._log(
            logging.WARNING,
            "The ack of %s %s came after %.1f s; Slack waits 3",
            shown(fact.type),
            shown(fact.envelope_id),
            fact.seconds,
        )

    @_say.register
    def _(self, fact: facts.AckFailed) -> None:
        self._log(logging.WARNING, "No ack for %s %s: %s", shown(fact.type), shown(fact.envelope_id), fact.reason)

    @_say.register
    def _(self, fact: facts.EnvelopeRefused) -> None:
        self._log(
            logging.INFO, "Left %s %s to Slack's retry: %s", shown(fact.type), shown(fact.envelope_id), fact.reason
        )

    @_say.register
    def _(self, fact: facts.Duplicate) -> None:
        self._log(
            logging.DEBUG,
            "%s %s came again (attempt %s); acked, not handled again",
            shown(fact.type),
            shown(fact.envelope_id),
            fact.retry_attempt,
        )

    @_say.register
    def _(self, fact: facts.ListenerFailed) -> None:
        if isinstance(fact.error, BoltStatusError):  # Bolt has told what was wrong, and where.
            self._log(logging.INFO, "%s, so envelope %s is not acked", fact.error, shown(fact.envelope_id))
            return
        self._log(
            logging.ERROR,
            "Listener %s raised %s on envelope %s: %s\n%s",
            fact.listener,
            type(fact.error).__name__,
            shown(fact.envelope_id),
            # Of our own errors it is known that they quote nothing.
            quotable_text(fact.error),
            where_it_happened(fact.error),
        )

    @_say.register
    def _(self, fact: facts.MalformedFrame) -> None:
        self._log(logging.WARNING, "Connection %d: ignored a frame of %d bytes: %s", fact.link, fact.size, fact.problem)

    @_say.register
    def _(self, fact: facts.UnknownMessage) -> None:
        self._log(logging.INFO, "Connection %d: a message of an unknown type came without an envelope", fact.link)

    @_say.register
    def _(self, fact: facts.BackPressure) -> None:
        self._pauses += 1
        if is_worth_saying(self._pauses):
            self._log(
                logging.WARNING,
                "Connection %d was not read for %.3f s because all listeners were busy (%d times so far): "
                "raise concurrency= or make them faster",
                fact.link,
                fact.seconds,
                self._pauses,
            )

    @_say.register
    def _(self, fact: facts.EngineFault) -> None:
        self._log(
            logging.ERROR,
            "A defect in %s: %s\n%s",
            fact.where,
            type(fact.error).__name__,
            where_it_happened(fact.error),
        )

    @_say.register
    def _(self, fact: facts.Stopped) -> None:
        if fact.error is None:
            self._log(logging.INFO, "Disconnected")
        else:
            # After a dial that said so already, it is no news.
            level = logging.INFO if fact.error is self._given_up_for else logging.ERROR
            self._log(level, "Stopped for good: %s", fact.error)


def _words(error: Exception) -> str:
    if isinstance(error, RateLimitedError):
        seconds = RATE_LIMIT_DEFAULT if error.retry_after is None else error.retry_after
        return f"rate limited; Slack asks to wait {seconds:.0f} s"
    return str(error)
