"""What an attempt came to, told to the store, and then to everybody."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from tautwire import facts
from tautwire.delivery.holds import Phase
from tautwire.delivery.verdict import Bury, Done, Retry
from tautwire.errors import InboxError, LeaseLostError
from tautwire.inbox.api import Mode

if TYPE_CHECKING:
    from collections.abc import Callable

    from tautwire.clock import Clock
    from tautwire.delivery.holds import Held, Holds
    from tautwire.delivery.verdict import Verdict
    from tautwire.inbox.api import Inbox, Lease

__all__ = ["Settling"]

#: Seconds after which an outcome is told again to a store that could not take it. Then the lease ends by itself.
_AGAIN: Final = (0.5, 2.0, 8.0, 0.0)


class Settling:
    """Ends leases."""

    def __init__(self, inbox: Inbox, holds: Holds, clock: Clock, emit: Callable[[facts.Fact], None]) -> None:
        self._inbox = inbox
        self._holds = holds
        self._clock = clock
        self._emit = emit
        self._progress = _Progress(0, 0.0)

    def begin(self, waiting: int) -> None:
        """Follow the progress with the `waiting` records that are there already."""
        self._progress = _Progress(waiting, self._clock.wall())
        if waiting:
            self._say_progress()

    async def settle(self, held: Held, verdict: Verdict, began: float) -> None:
        """Tell the store, more than once if need be."""
        if held.phase is Phase.LOST:
            self._holds.drop(held)
            return
        is_given_up = held.phase is Phase.ENDED
        held.phase = Phase.SETTLING
        for again in _AGAIN:
            lease = held.lease
            try:
                await self._tell(held, verdict)
            except LeaseLostError:
                if held.lease.fence != lease.fence:
                    continue
                if not is_given_up:
                    self._holds.say_lost(held)
                break
            except InboxError as error:
                self._emit(facts.InboxTrouble(self._clock.wall(), "store what became of a record", error))
                await self._clock.sleep(again)
            else:
                self._say(held, verdict, began)
                break
        self._holds.drop(held)

    async def _tell(self, held: Held, verdict: Verdict) -> None:
        lease = held.lease
        match verdict:
            case Done():
                await self._inbox.done(lease)
            case Retry(delay=delay, error=error):
                await self._tell_acked(lease)
                await self._inbox.retry(lease, delay=delay, error=error)
            case Bury(error=error):
                await self._inbox.bury(lease, error=error)
            case _:
                await self._tell_acked(lease)
                await self._inbox.release(lease)

    async def _tell_acked(self, lease: Lease) -> None:
        """What is to be handled again was acked; in case that this could not be told before."""
        if lease.record.mode is Mode.ONCE_ACKED:
            await self._inbox.acked(lease.id)

    def _say(self, held: Held, verdict: Verdict, began: float) -> None:
        lease, wall = held.lease, self._clock.wall()
        envelope_id, kind, attempt = lease.record.envelope_id, lease.record.type, lease.attempt
        match verdict:
            case Done():
                self._emit(facts.Handled(wall, envelope_id, kind, attempt, self._clock.monotonic() - began))
            case Retry(delay=delay):
                self._emit(facts.RetryPlanned(wall, envelope_id, kind, attempt, delay))
            case Bury(reason=reason):
                self._emit(facts.Buried(wall, envelope_id, kind, attempt, reason))
        if isinstance(verdict, Done | Bury) and self._progress.has_ended(lease):
            self._say_progress()

    def _say_progress(self) -> None:
        self._emit(facts.Recovering(self._clock.wall(), self._progress.total, self._progress.left))


@dataclass(slots=True)
class _Progress:
    """Of the `total` records that were there when the inbox was opened."""

    total: int
    opened_at: float
    left: int = 0

    def __post_init__(self) -> None:
        self.left = self.total

    def has_ended(self, lease: Lease) -> bool:
        """One has; whether that is worth to be told."""
        if not self.left or lease.stored_at > self.opened_at:
            return False
        self.left -= 1
        return self.left % max(1, self.total // 10) == 0
