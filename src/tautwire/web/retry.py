"""Whether a failed call is made again, and after how long. Pure: no clock, no socket, no randomness of its own.

Two limits stand apart. *Rate limits* are waited out until their waits add up to the caller's budget; Slack refused
the call unprocessed, so any method may be sent again. Everything else gets at most `MAX_RETRIES` further attempts,
and only where a second attempt cannot do the work twice: the request never left this machine, or the method reads.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass, replace
from enum import Enum, auto
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = [
    "DEFAULT_RATE_LIMIT_BUDGET",
    "MAX_RETRIES",
    "Failure",
    "FailureKind",
    "History",
    "Retry",
    "decide",
    "is_idempotent",
    "parse_retry_after",
]

#: Seconds that one call may spend waiting for rate limits, all its waits together.
DEFAULT_RATE_LIMIT_BUDGET: Final = 60.0

#: Further attempts after a failure other than a rate limit.
MAX_RETRIES: Final = 2

#: What is waited when Slack says "later" without saying when; python-slack-sdk's Socket Mode waits as long.
_DEFAULT_RETRY_AFTER: Final = 30.0

#: A `Retry-After` of zero would turn a rate limit into a tight loop.
_SHORTEST_RATE_LIMIT_WAIT: Final = 1.0

_FIRST_CEILING: Final = 0.5

#: The connection engine makes this call under a back-off of its own; waiting here too would multiply the two.
_RETRIED_BY_THE_CALLER: Final = frozenset({"apps.connections.open"})

_READING: Final = re.compile(
    r"""(?:^|\.)(?:
        (?:get|list|lookup|search)(?:[A-Z]\w*)?
      | info | teamInfo | userInfo | billableInfo | history | replies | members | identity
      | accessLogs | integrationLogs | test | validate
    )$
    | ^search\. | ^assistant\.search\. | ^users\.conversations$""",
    re.VERBOSE,
)


class FailureKind(Enum):
    """How far the request got."""

    RATE_LIMITED = auto()
    """Slack refused it unprocessed and asks to come back later."""
    NOT_SENT = auto()
    """No connection came about, so nobody can have processed it."""
    UNANSWERED = auto()
    """It may have been sent; whether it was processed is unknown."""
    SERVER_ERROR = auto()
    """The server, or a proxy before it, failed with a 5xx."""
    PERMANENT = auto()
    """The same call would fail the same way."""


@dataclass(frozen=True, slots=True)
class Failure:
    """One failed attempt. `retry_after` is Slack's own word in seconds, for rate limits only."""

    kind: FailureKind
    retry_after: float | None = None


@dataclass(frozen=True, slots=True)
class History:
    """What a call has used up so far: retries, and seconds waited for rate limits."""

    retries: int = 0
    waited: float = 0.0


@dataclass(frozen=True, slots=True)
class Retry:
    """Wait `delay` seconds, then make the call again with `history`."""

    delay: float
    history: History


def decide(
    failure: Failure, *, method: str, history: History, budget: float, random: Callable[[], float]
) -> Retry | None:
    """The next attempt, or `None` when the failure goes to the caller.

    `budget` is in seconds, for rate limits alone; `random` gives a number from 0 up to 1.
    """
    if method in _RETRIED_BY_THE_CALLER:
        return None
    if failure.kind is FailureKind.RATE_LIMITED:
        return _after_rate_limit(failure, history, budget, random)
    if history.retries >= MAX_RETRIES or not _is_safe(failure.kind, method):
        return None
    delay = random() * _FIRST_CEILING * 2**history.retries
    return Retry(delay, replace(history, retries=history.retries + 1))


def is_idempotent(method: str) -> bool:
    """Whether `method` only reads, by its name: `conversations.list` does, `chat.postMessage` does not.

    A name that says nothing counts as writing.
    """
    return _READING.search(method) is not None


def parse_retry_after(value: str | None) -> float | None:
    """The seconds in a `Retry-After` header; `None` for anything but a plain number of zero or more."""
    try:
        seconds = float(value) if value is not None else math.nan
    except ValueError:
        return None
    return seconds if math.isfinite(seconds) and seconds >= 0 else None


def _after_rate_limit(failure: Failure, history: History, budget: float, random: Callable[[], float]) -> Retry | None:
    asked = _DEFAULT_RETRY_AFTER if failure.retry_after is None else failure.retry_after
    # Up to a tenth on top, so that many callers do not come back in the same instant.
    delay = max(asked, _SHORTEST_RATE_LIMIT_WAIT) * (1 + 0.1 * random())
    if history.waited + delay > budget:
        return None
    return Retry(delay, replace(history, waited=history.waited + delay))


def _is_safe(kind: FailureKind, method: str) -> bool:
    if kind is FailureKind.NOT_SENT:
        return True
    return kind in (FailureKind.UNANSWERED, FailureKind.SERVER_ERROR) and is_idempotent(method)
