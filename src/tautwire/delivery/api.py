"""What the surface asks of a delivery: the one in memory, and the one with an inbox."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

from tautwire.engine.runner import Intake

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

__all__ = ["Delivery"]


class Delivery(Intake, Protocol):
    """From a received envelope to its listeners and its ack."""

    @property
    def received(self) -> int:
        """How many envelopes have come."""

    @property
    def running(self) -> int:
        """How many listeners run."""

    @property
    def unsettled(self) -> int:
        """How many envelopes wait for their listeners or their ack."""

    async def open(self) -> None:
        """Make ready; what cannot be is raised. Any number of times."""

    async def ack(self, envelope_id: str, payload: Mapping[str, Any] | None = None) -> None:
        """Ack an envelope. A second ack does nothing."""

    def is_acked(self, envelope_id: str) -> bool:
        """Whether an ack is no longer a listener's business: it is out, or on its way, or goes out when stored."""

    async def guard(
        self, call: Callable[[], Any], listener: str, envelope_id: str | None, *, is_timed: bool = True
    ) -> bool:
        """Call a listener; what it raises becomes a fact. Whether it came back without raising.

        With `is_timed` it has only so much time, if there is such a bound.
        """

    def is_within_listener(self) -> bool:
        """Whether the caller is a listener that still runs, or a task that one has started."""

    def refuse(self) -> None:
        """Take nothing new from now on."""

    def resume(self) -> None:
        """Take envelopes again."""

    async def settle(self, seconds: float) -> None:
        """Take nothing new, and wait for the acks of what runs, `seconds` at most; nothing is cancelled."""

    async def drain(self, seconds: float) -> None:
        """Take nothing new; let what runs finish within `seconds`, then cancel it."""

    def give_up(self) -> None:
        """Nothing can be sent any more: say so of each envelope that nobody has acked."""

    async def close(self) -> None:
        """Let go of everything. After `drain`."""
