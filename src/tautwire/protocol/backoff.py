"""How long to wait before the next attempt, as a stream of delays.

Full jitter: the n-th delay is uniform between nothing and a bound that doubles, so that many clients that lost the
same server do not come back together. The floor keeps a lucky draw from becoming a storm.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final, Protocol

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["CAP", "FLOOR", "RATE_LIMIT_DEFAULT", "Uniform", "delays", "rate_limit_delay"]

#: Seconds: shortest and longest wait between two attempts.
FLOOR: Final = 0.2
CAP: Final = 60.0

#: Seconds to wait when a rate limit comes without a usable `Retry-After`.
RATE_LIMIT_DEFAULT: Final = 30.0

_SPREAD: Final = 0.10


class Uniform(Protocol):
    """The source of chance, `random.Random` for one."""

    def uniform(self, a: float, b: float, /) -> float:
        """A number between `a` and `b`."""


def delays(chance: Uniform) -> Iterator[float]:
    """Seconds before the next attempt, and the next, for ever: `U(0, min(60, 2ⁿ))`, at least 0.2."""
    bound = 1.0
    while True:
        yield max(FLOOR, chance.uniform(0.0, bound))
        bound = min(CAP, bound * 2)


def rate_limit_delay(retry_after: float | None, chance: Uniform) -> float:
    """Seconds to wait after a rate limit: what Slack said and up to a tenth more, 30 s when it said nothing."""
    if retry_after is None or not math.isfinite(retry_after):
        retry_after = RATE_LIMIT_DEFAULT
    return max(0.0, retry_after) * (1 + chance.uniform(0.0, _SPREAD))
