"""What all actions of a person have in common: Slack's refusals in words, and waiting until the apps know."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

from tautwire.local.actors.memory import Memory
from tautwire.local.actors.place import Place
from tautwire.local.actors.stage import PATIENCE, known_channel, name_of, refused
from tautwire.local.workspace import Refusal

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from contextlib import AbstractContextManager

    from tautwire.local.actors.stage import Stage
    from tautwire.local.socket.ledger import Delivery
    from tautwire.local.workspace import Channel, User

__all__ = ["Acting"]

T = TypeVar("T")


class Acting:
    """Somebody who does something on a stage."""

    def __init__(self, stage: Stage, user: User) -> None:
        self._stage = stage
        self._memory = Memory()
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

    def _called(self, place: Channel) -> str:
        """What to call a place in the journal."""
        others = ", ".join(name_of(self._stage, each) for each in place.members if each != self.id)
        return f"a direct conversation with {others}" if place.is_direct else f"#{place.name}"

    def _must_see(self, place: Channel, what: str) -> None:
        if place.is_private and self.id not in place.members:
            raise refused(self.record, what, "channel_not_found")

    def _acts(self, deed: str, place: Channel | None = None, /, **details: object) -> AbstractContextManager[object]:
        where = {"where": self._called(place)} if place else {}
        return self._stage.acted(self.name, deed, **where, **details)

    async def _do(
        self, deed: str, what: str, act: Callable[[], T], place: Channel | None = None, /, **details: object
    ) -> T:
        """Do it, tell the apps, and wait until each that is connected has acked or run out of time.

        `deed` and its `details` are for the journal, `what` for the sentence if it is refused or takes too long.
        """
        with self._acts(deed, place, **details):
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
