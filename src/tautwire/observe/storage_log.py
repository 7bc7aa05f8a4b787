"""The facts of what is stored, in words; see `log`.

What a person has to look after is an ERROR: an envelope that was not stored, a dead letter, an inbox that fails.
"""

from __future__ import annotations

import logging
from functools import singledispatchmethod
from typing import TYPE_CHECKING, Any, Protocol

from tautwire.facts import storage as facts
from tautwire.observe.by_type import ByType
from tautwire.redaction import quotable_text

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["StorageLog", "is_worth_saying", "shown"]

_MOST_SHOWN = 80


class _Log(Protocol):
    def __call__(self, level: int, message: str, /, *values: Any) -> None: ...


class StorageLog:
    """Writes by `log`; `is_verbose()` adds DEBUG lines for what goes well."""

    def __init__(self, log: _Log, is_verbose: Callable[[], bool]) -> None:
        self._log = log
        self._is_verbose = is_verbose
        self._refusals = 0
        self._troubles = 0
        self._put_into_words = ByType(self, vars(StorageLog)["_say"])

    def __call__(self, fact: facts.StorageFact) -> None:
        """Put `fact` into words."""
        self._put_into_words(fact)

    @singledispatchmethod
    def _say(self, fact: Any) -> None:
        pass

    @_say.register
    def _(self, fact: facts.InboxOpened) -> None:
        self._log(
            logging.INFO,
            "The inbox is open: %d envelopes wait, %d of them left behind by a process that has died",
            fact.waiting,
            fact.freed,
        )
        if fact.buried:
            self._log(
                logging.WARNING,
                "%d envelopes of a process that has died are dead letters: they were not acked, or answer in their ack",
                fact.buried,
            )
        for notice in fact.notices:
            self._log(logging.WARNING, "The inbox: %s", notice)

    @_say.register
    def _(self, fact: facts.Recovering) -> None:
        self._log(logging.INFO, "Envelopes left of the %d that waited at the start: %d", fact.total, fact.left)

    @_say.register
    def _(self, fact: facts.EnvelopeStored) -> None:
        if self._is_verbose():
            self._log(
                logging.DEBUG, "Stored %s %s after %.3f s", shown(fact.type), shown(fact.envelope_id), fact.seconds
            )

    @_say.register
    def _(self, fact: facts.NotStored) -> None:
        self._refusals += 1
        if is_worth_saying(self._refusals):
            self._log(
                logging.ERROR,
                "%s %s is not stored: %s (%d times so far). What is not stored is not acked: Slack sends an event "
                "again, a command or a click fails before its person's eyes",
                shown(fact.type),
                shown(fact.envelope_id),
                fact.reason,
                self._refusals,
            )

    @_say.register
    def _(self, fact: facts.Handled) -> None:
        if self._is_verbose():
            self._log(
                logging.DEBUG,
                "Handled %s %s in %.3f s (attempt %d)",
                shown(fact.type),
                shown(fact.envelope_id),
                fact.seconds,
                fact.attempt,
            )

    @_say.register
    def _(self, fact: facts.RetryPlanned) -> None:
        self._log(
            logging.WARNING,
            "Attempt %d at %s %s failed; the next one is in %.0f s",
            fact.attempt,
            shown(fact.type),
            shown(fact.envelope_id),
            fact.delay,
        )

    @_say.register
    def _(self, fact: facts.Buried) -> None:
        self._log(
            logging.ERROR,
            "%s %s is a dead letter after %s: %s. The inbox keeps it until somebody looks",
            shown(fact.type),
            shown(fact.envelope_id),
            "1 attempt" if fact.attempt == 1 else f"{fact.attempt} attempts",
            fact.reason,
        )

    @_say.register
    def _(self, fact: facts.LeaseLost) -> None:
        self._log(
            logging.WARNING,
            "%s %s took longer than its lease (attempt %d), and is handled a second time elsewhere: was the event loop "
            "blocked, or the machine asleep?",
            shown(fact.type),
            shown(fact.envelope_id),
            fact.attempt,
        )

    @_say.register
    def _(self, fact: facts.AnswerLost) -> None:
        self._log(
            logging.WARNING,
            "A listener answered %s %s in its ack, which had gone when it was stored, and the answer could not be sent "
            'to a response_url: send it by the Web API, or give ack_when={"%s": "handled"}',
            shown(fact.type),
            shown(fact.envelope_id),
            shown(fact.type),
        )

    @_say.register
    def _(self, fact: facts.InboxTrouble) -> None:
        self._troubles += 1
        if is_worth_saying(self._troubles):
            self._log(
                logging.ERROR,
                "The inbox could not %s: %s: %s (%d times so far)",
                fact.doing,
                type(fact.error).__name__,
                quotable_text(fact.error),
                self._troubles,
            )


def shown(text: str | None) -> str | None:
    """`text` of the other side's choosing, as it may stand in a log line: printable, and of a bounded length."""
    if text is None or (len(text) <= _MOST_SHOWN and text.isprintable()):
        return text
    return "".join(character if character.isprintable() else "?" for character in text[:_MOST_SHOWN]) + "…"


def is_worth_saying(count: int) -> bool:
    """Whether the `count`-th time of what repeats is said: the 1st, 2nd, 4th, 8th …."""
    return count & (count - 1) == 0
