"""A channel or direct conversation as a test sees it: what was said, and what comes next."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tautwire.local.actors.said import Said
from tautwire.local.actors.stage import PATIENCE, name_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from tautwire.local.actors.stage import Stage
    from tautwire.local.workspace import Channel, Message

__all__ = ["Place"]


class Place:
    """One channel. `next_message` gives each message once, in order, waiting for it when needed."""

    def __init__(self, stage: Stage, channel: Channel) -> None:
        self._stage = stage
        self.record = channel
        self._given: set[str] = set()

    def __repr__(self) -> str:
        return f"<#{self.name}, {len(self.messages)} message(s)>"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Place) and other.record is self.record

    def __hash__(self) -> int:
        return id(self.record)

    @property
    def id(self) -> str:
        """`C…`, `D…` or `G…`."""
        return self.record.id

    @property
    def name(self) -> str:
        """Without the `#`."""
        return self.record.name

    @property
    def members(self) -> list[str]:
        """The names of who is in it."""
        return [name_of(self._stage, each) for each in self.record.members]

    @property
    def topic(self) -> str:
        """What it is about just now."""
        return self.record.topic.value

    @property
    def purpose(self) -> str:
        """What it is for."""
        return self.record.purpose.value

    @property
    def mention(self) -> str:
        """How a message links to it."""
        return f"<#{self.id}|{self.name}>"

    @property
    def is_archived(self) -> bool:
        """Whether it is closed for good, or until somebody opens it again."""
        return self.record.is_archived

    @property
    def messages(self) -> list[Said]:
        """Everything said here, threads included, oldest first; not what only one person sees."""
        return [Said(self._stage, each) for each in self.record.messages.values()]

    @property
    def last(self) -> Said | None:
        """The latest message."""
        return self.messages[-1] if self.record.messages else None

    async def next_message(
        self,
        *,
        from_: str = "",
        containing: str = "",
        where: Callable[[Said], object] | None = None,
        timeout: float = PATIENCE,
    ) -> Said:
        """The oldest message that matches and was not given before, waiting for it when needed.

        `from_` is a name or id, or `bot` for any app; Slack's own lines (`channel_join`) count only if `where` asks for
        them. `TimeoutError` after `timeout` real seconds says what was said instead.
        """

        def matches(message: Message) -> bool:
            said = Said(self._stage, message)
            if message.ts in self._given or not self._is_from(message, from_) or containing not in message.text:
                return False
            return bool(where(said)) if where else not _is_notice(message)

        found: list[Message] = []

        def holds() -> bool:
            found[:] = [each for each in self.record.messages.values() if matches(each)][:1]
            return bool(found)

        wanted = f"message in #{self.name}" + (f" from {from_}" if from_ else "")
        wanted += f" containing {containing!r}" if containing else ""
        await self._stage.until(holds, wanted, timeout, instead=self._last_words)
        self._given.add(found[0].ts)
        return Said(self._stage, found[0])

    def _last_words(self) -> str:
        told = "; ".join(
            f"{each!r}{' (given before)' if each.ts in self._given else ''}" for each in self.messages[-5:]
        )
        return f"the last there: {told}" if told else "nothing was said there"

    def _is_from(self, message: Message, name: str) -> bool:
        if not name:
            return True
        if name == "bot":
            return bool(message.bot_id)
        return name.removeprefix("@") in (name_of(self._stage, message.user_id), message.user_id)


def _is_notice(message: Message) -> bool:
    return message.subtype.startswith(("channel_", "group_"))
