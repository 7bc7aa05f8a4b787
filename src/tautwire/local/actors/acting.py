"""What all actions of a person have in common: Slack's refusals in words, and waiting until the apps know."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

from tautwire.local.actors.place import Place
from tautwire.local.actors.stage import PATIENCE, known_channel, refused
from tautwire.local.workspace import Refusal

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from tautwire.local.actors.stage import Stage
    from tautwire.local.socket.ledger import Delivery
    from tautwire.local.workspace import Channel, User

__all__ = ["Acting"]

T = TypeVar("T")


class Acting:
    """Somebody who does something on a stage."""

    def __init__(self, stage: Stage, user: User) -> None:
        self._stage = stage
        self.record = user

    def __repr__(self) -> str:
        return f"<{self.record.name}>"

    @property
    def id(self) -> str:
        """`U…`."""
        return self.record.id

    @property
    def name(self) -> str:
        """The short name."""
        return self.record.name

    def _where(self, channel: str | Channel | Place) -> Channel:
        if isinstance(channel, str):
            return known_channel(self._stage, channel, self.record)
        return channel.record if isinstance(channel, Place) else channel

    async def _do(self, what: str, act: Callable[[], T]) -> T:
        """Do it, tell the apps, and wait until each that is connected has acked or run out of time."""
        try:
            result = act()
        except Refusal as refusal:
            raise refused(self.record, what, refusal.error) from None
        finally:
            sent = self._stage.settle()
        await self._told(sent, what)
        return result

    async def _told(self, sent: Iterable[Delivery], what: str) -> None:
        waiting = list(sent)
        await self._stage.until(
            lambda: not any(_is_in_flight(each) for each in waiting), f"acks after: {what}", PATIENCE
        )


def _is_in_flight(delivery: Delivery) -> bool:
    if delivery.is_settled or not delivery.attempts:
        return False
    last = delivery.attempts[-1]
    return last.connection_id is not None and last.acked_at is None and not last.is_expired
