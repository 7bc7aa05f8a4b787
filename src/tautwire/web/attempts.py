"""One call, attempted as often as `retry.decide` allows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

from tautwire.web.retry import Failure, FailureKind, History, decide

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from logging import Logger

    from tautwire.clock import Clock
    from tautwire.errors import SlackClientError

__all__ = ["Failed", "persist"]

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Failed:
    """An attempt without success: what `retry` judges, and what the caller gets if it was the last one."""

    failure: Failure
    error: SlackClientError


async def persist(
    method: str,
    attempt: Callable[[], Awaitable[T | Failed]],
    *,
    budget: float,
    clock: Clock,
    random: Callable[[], float],
    logger: Logger,
) -> T:
    """The first success of `attempt`; raises the last failure's error.

    `budget` is in seconds and bounds the waits for rate limits, all together.
    """
    history = History()
    while True:
        outcome = await attempt()
        if not isinstance(outcome, Failed):
            return outcome
        retry = decide(outcome.failure, method=method, history=history, budget=budget, random=random)
        if retry is None:
            # Raised here and not where it was caught: no foreign exception hangs on it as its context.
            raise outcome.error
        if outcome.failure.kind is FailureKind.RATE_LIMITED:
            logger.info("%s: rate limited by Slack, waiting %.1f s", method, retry.delay)
        else:
            logger.info("%s: failed (%s), trying again in %.1f s", method, outcome.failure.kind.name, retry.delay)
        history = retry.history
        await clock.sleep(retry.delay)
