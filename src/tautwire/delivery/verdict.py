"""What becomes of a record after an attempt at it: done, again later, or a dead letter. Pure.

The pauses have full jitter between a second and a bound that grows fourfold, up to five minutes: a failing database is
not run over by what waits for it, and five attempts reach over some minutes of its absence.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, TypeAlias

from tautwire.inbox.api import Mode

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tautwire.inbox.api import Lease
    from tautwire.protocol.backoff import Uniform

__all__ = [
    "LONGEST_PAUSE",
    "SHORTEST_PAUSE",
    "Bury",
    "Done",
    "Failure",
    "Release",
    "Retry",
    "Verdict",
    "judge",
    "pause",
]

#: Seconds before the next attempt, at the least and at the most.
SHORTEST_PAUSE: Final = 1.0
LONGEST_PAUSE: Final = 300.0

_FIRST_BOUND: Final = 5.0
_GROWTH: Final = 4.0


@dataclass(frozen=True, slots=True)
class Failure:
    """Why an attempt failed, in words that may be kept. `is_final` when another one cannot end differently."""

    text: str
    is_final: bool = False


@dataclass(frozen=True, slots=True)
class Done:
    """It was handled."""


@dataclass(frozen=True, slots=True)
class Retry:
    """It is to be handled again in `delay` seconds."""

    delay: float
    error: str


@dataclass(frozen=True, slots=True)
class Bury:
    """It is a dead letter: `reason` in a few words, `error` with the traceback."""

    reason: str
    error: str


@dataclass(frozen=True, slots=True)
class Release:
    """It was not handled to its end, by no fault of its own."""


Verdict: TypeAlias = Done | Retry | Bury | Release


def pause(attempt: int, chance: Uniform) -> float:
    """Seconds after the failure of `attempt`, which counts from one."""
    bound = _FIRST_BOUND
    for _ in range(attempt - 1):
        bound = min(LONGEST_PAUSE, bound * _GROWTH)
    return chance.uniform(SHORTEST_PAUSE, bound)


def judge(failures: Sequence[Failure], lease: Lease, *, is_acked: bool, attempts: int, chance: Uniform) -> Verdict:
    """After the listeners: `failures` of any of them, out of `attempts` that a record has."""
    if not failures:
        return Done()
    error = "\n\n".join(failure.text for failure in failures)
    mode = lease.record.mode
    if mode is Mode.NEVER:
        return Bury("it failed, and what answers in its ack is handled once", error)
    if mode is Mode.ONCE_ACKED and not is_acked:
        return Bury("it was not acked, so its person has seen an error", error)
    if any(failure.is_final for failure in failures):
        return Bury("it failed in a way that another attempt would not change", error)
    if lease.attempt >= attempts:
        return Bury("it failed in its last attempt", error)
    return Retry(pause(lease.attempt, chance), error)
