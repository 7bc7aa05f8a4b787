"""A channel or direct conversation as a test sees it: what was said, and what comes next."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tautwire.local.actors.said import Said
from tautwire.local.actors.stage import PATIENCE

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
        return [self._stage.workspace.users[each].name for each in self.record.members]

    @property
    def topic(self) -> str:
        """What it is about just now."""
        return self.record.topic.value

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

        wanted = f"a message in #{self.name}" + (f" from {from_}" if from_ else "")
        wanted += f" containing {containing!r}" if containing else ""
        await self._stage.until(holds, wanted, timeout)
        self._given.add(found[0].ts)
        return Said(self._stage, found[0])

    def _is_from(self, message: Message, name: str) -> bool:
        if not name:
            return True
        if name == "bot":
            return bool(message.bot_id)
        author = self._stage.workspace.users.get(message.user_id)
        return author is not None and name.removeprefix("@") in (author.name, author.id)


def _is_notice(message: Message) -> bool:
    return message.subtype.startswith(("channel_", "group_"))
