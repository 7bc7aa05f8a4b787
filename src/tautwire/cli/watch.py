"""When was nobody connected? Seen from Slack's side, whatever the client believes."""

from __future__ import annotations

import enum
import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tautwire.clock import Clock
    from tautwire.local import LocalSlack, Session

__all__ = ["Blame", "Gap", "Watch"]


class Blame(enum.Enum):
    """What ended the last ready connection. `CLIENT`: the client left of its own accord, without being asked."""

    REFRESH = "refresh"
    DROP = "drop"
    HALF_OPEN = "half-open"
    CLIENT = "client"


@dataclass(frozen=True, slots=True)
class Gap:
    """Slack had no ready connection from `since` to `until` (monotonic seconds). A half-open one is not ready."""

    since: float
    until: float
    blame: Blame

    @property
    def seconds(self) -> float:
        """How long."""
        return self.until - self.since


class Watch:
    """Watches one local Slack from its first ready connection until it is cancelled."""

    def __init__(self, slack: LocalSlack, clock: Clock) -> None:
        self._slack, self._clock = slack, clock
        self._closed: list[Gap] = []
        self._since: float | None = None
        self._blame = Blame.CLIENT
        #: Connections that Slack has asked to be replaced: their end is planned, whoever brings it about.
        self.asked: set[str] = set()

    def gaps(self) -> list[Gap]:
        """All gaps so far, one that lasts included."""
        if self._since is None:
            return list(self._closed)
        return [*self._closed, Gap(self._since, self._clock.monotonic(), self._blame)]

    async def run(self) -> None:
        """Watch, for ever."""
        while True:
            last = await self._serving()
            self._since, self._blame = self._clock.monotonic(), self._find_blame(last)
            await self._slack.wait_for(lambda slack: slack.ready, timeout=math.inf)
            self._closed.append(Gap(self._since, self._clock.monotonic(), self._blame))
            self._since = None

    async def _serving(self) -> list[Session]:
        """The last ready connections, once they are no more."""
        last: list[Session] = []

        def has_ended(slack: LocalSlack) -> bool:
            nonlocal last
            last = slack.ready or last
            return not slack.ready

        await self._slack.wait_for(has_ended, timeout=math.inf)
        return last

    def _find_blame(self, sessions: list[Session]) -> Blame:
        causes = {session.cause for session in sessions}
        if "half_open" in causes:
            return Blame.HALF_OPEN
        if causes & {"close", "fin", "rst"}:
            return Blame.DROP
        return Blame.REFRESH if self.asked & {session.id for session in sessions} else Blame.CLIENT
