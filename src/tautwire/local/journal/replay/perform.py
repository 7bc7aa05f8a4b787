"""Making the deliveries of a plan, one after the other, at a pace."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from tautwire.clock import SYSTEM_CLOCK
from tautwire.errors import ConfigurationError

if TYPE_CHECKING:
    from tautwire.clock import Clock
    from tautwire.local.journal.replay.plan import Plan, Repeat

__all__ = ["Stage", "perform"]


class Stage(Protocol):
    """Where a replay takes place: a local Slack."""

    def send(self, repeat: Repeat) -> object:
        """Send this envelope on its way, and return at once."""


async def perform(plan: Plan, stage: Stage, *, clock: Clock = SYSTEM_CLOCK, pace: float = 1.0) -> int:
    """Make the deliveries; how many. `pace` 2 is twice as fast as it was, 0 makes no pauses.

    Each is due at its own time after the start, so a late one does not delay the next. What `send` raises goes
    through, and ends it. `ConfigurationError` for a pace below 0, or that is no number.
    """
    if not pace >= 0.0:
        raise ConfigurationError("a pace is 0 for no pauses, 1 for the original's, 2 for twice as fast")
    started = clock.monotonic()
    for repeat in plan.repeats:
        due = started + repeat.offset / pace if pace else started
        await clock.sleep(due - clock.monotonic())
        stage.send(repeat)
    return len(plan.repeats)
