"""The links' life in facts. Also the only place that knows when nobody listened."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tautwire import facts
from tautwire.protocol.coverage import Coverage, Uncovered
from tautwire.protocol.effects import Cause

if TYPE_CHECKING:
    from collections.abc import Callable

    from tautwire.clock import Clock
    from tautwire.errors import FatalConnectionError
    from tautwire.protocol.effects import Departure
    from tautwire.protocol.messages import Hello

__all__ = ["Report"]


class Report:
    """Says what happens to the links of one client, and each gap once. `since` is monotonic seconds."""

    def __init__(self, emit: Callable[[facts.Fact], None], clock: Clock) -> None:
        self._emit = emit
        self._clock = clock
        self._coverage: Coverage[int] = Coverage()

    def opened(self, link: int, since: float) -> None:
        """The WebSocket is open; its dial began at `since`."""
        self._emit(facts.LinkOpened(self._clock.wall(), link, self._clock.monotonic() - since))

    def ready(self, link: int, hello: Hello, since: float, own: int) -> None:
        """Slack said hello; `own` connections of ours are open."""
        now = self._clock.monotonic()
        self._gap(self._coverage.ready(link, now))
        self._emit(
            facts.LinkReady(
                self._clock.wall(),
                link,
                now - since,
                hello.num_connections,
                hello.app_id,
                hello.host,
                hello.approximate_connection_time,
                own,
            )
        )

    def leaving(self, link: int, departure: Departure) -> None:
        """A successor is wanted."""
        self._emit(facts.LinkLeaving(self._clock.wall(), link, departure))

    def retired(self, link: int, departure: Departure) -> None:
        """The successor is there."""
        self._emit(facts.LinkRetired(self._clock.wall(), link, departure))

    def ended(self, link: int, cause: Cause, since: float, last_good: float, *, is_replaced: bool) -> None:
        """The link, open from `since`, is gone, and was good until `last_good`."""
        fact = facts.LinkClosed if is_replaced or cause is Cause.RETIRED else facts.LinkLost
        self._emit(fact(self._clock.wall(), link, cause, self._clock.monotonic() - since))
        self._gap(self._coverage.ended(link, last_good))

    def failed(self, link: int, error: Exception) -> None:
        """The dial came to nothing."""
        self._emit(facts.DialFailed(self._clock.wall(), link, error))

    def ending(self) -> None:
        """Nobody is to listen from now on: a gap that is open is over, and no new one begins."""
        for gap in self._coverage.stopped(self._clock.monotonic()):
            self._gap(gap)

    def stopped(self, error: FatalConnectionError | None) -> None:
        """Nothing is connected any more, and nothing will be."""
        self.ending()
        self._emit(facts.Stopped(self._clock.wall(), error))

    def fault(self, where: str, error: BaseException) -> None:
        """A task broke."""
        self._emit(facts.EngineFault(self._clock.wall(), where, error))

    def _gap(self, gap: Uncovered | None) -> None:
        if gap is not None:
            wall = self._clock.wall()
            until = wall - (self._clock.monotonic() - gap.until)
            self._emit(facts.Gap(wall, until - gap.seconds, until, gap.seconds))
