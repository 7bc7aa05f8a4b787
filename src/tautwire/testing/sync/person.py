"""`actors.Person`, without `await`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

from tautwire.local.actors.stage import PATIENCE
from tautwire.testing.sync.place import SyncPlace
from tautwire.testing.sync.said import SyncSaid
from tautwire.testing.sync.shown import SyncShown

if TYPE_CHECKING:
    from collections.abc import Callable

    from tautwire.local.actors import Outcome, Person, Place, Said, Shown
    from tautwire.local.workspace import Channel, User
    from tautwire.local.workspace.model import Json
    from tautwire.testing.sync.portal import Portal

    Where = str | Channel | SyncPlace

__all__ = ["SyncPerson"]


class SyncPerson:
    """Somebody who says, types, clicks and sees. `person` is the thing itself."""

    def __init__(self, portal: Portal, person: Person) -> None:
        self._portal = portal
        self.person = person

    def __repr__(self) -> str:
        return repr(self.person)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, SyncPerson) and other.person is self.person

    def __hash__(self) -> int:
        return id(self.person)

    @property
    def record(self) -> User:
        """See `Person.record`."""
        return self.person.record

    @property
    def id(self) -> str:
        """See `Person.id`."""
        return self.person.id

    @property
    def name(self) -> str:
        """See `Person.name`."""
        return self.person.name

    @property
    def mention(self) -> str:
        """See `Person.mention`."""
        return self.person.mention

    def token(self, app: str = "") -> str:
        """See `Person.token`."""
        return self._portal.read(lambda: self.person.token(app))

    # Talking

    def says(
        self,
        text: str,
        *,
        channel: Where = "general",
        thread: SyncSaid | str | None = None,
        blocks: list[Json] | None = None,
        also_to_channel: bool = False,
    ) -> SyncSaid:
        """See `Person.says`."""
        said = self._portal.wait(
            lambda: self.person.says(
                text,
                channel=_place(channel),
                thread=thread.said if isinstance(thread, SyncSaid) else thread,
                blocks=blocks,
                also_to_channel=also_to_channel,
            )
        )
        return SyncSaid(self._portal, said)

    def edits(self, message: SyncSaid, text: str) -> SyncSaid:
        """See `Person.edits`."""
        self._portal.wait(lambda: self.person.edits(message.said, text))
        return message

    def deletes(self, message: SyncSaid) -> None:
        """See `Person.deletes`."""
        self._portal.wait(lambda: self.person.deletes(message.said))

    def reacts(self, message: SyncSaid, emoji: str) -> None:
        """See `Person.reacts`."""
        self._portal.wait(lambda: self.person.reacts(message.said, emoji))

    def unreacts(self, message: SyncSaid, emoji: str) -> None:
        """See `Person.unreacts`."""
        self._portal.wait(lambda: self.person.unreacts(message.said, emoji))

    def pins(self, message: SyncSaid) -> None:
        """See `Person.pins`."""
        self._portal.wait(lambda: self.person.pins(message.said))

    def unpins(self, message: SyncSaid) -> None:
        """See `Person.unpins`."""
        self._portal.wait(lambda: self.person.unpins(message.said))

    def uploads(self, name: str, content: bytes | str, *, channel: Where = "general", comment: str = "") -> SyncSaid:
        """See `Person.uploads`."""
        said = self._portal.wait(lambda: self.person.uploads(name, content, channel=_place(channel), comment=comment))
        return SyncSaid(self._portal, said)

    # Coming and going

    def creates(self, name: str, *, is_private: bool = False) -> SyncPlace:
        """See `Person.creates`."""
        return SyncPlace(self._portal, self._portal.wait(lambda: self.person.creates(name, is_private=is_private)))

    def joins(self, channel: Where) -> None:
        """See `Person.joins`."""
        self._portal.wait(lambda: self.person.joins(_place(channel)))

    def leaves(self, channel: Where) -> None:
        """See `Person.leaves`."""
        self._portal.wait(lambda: self.person.leaves(_place(channel)))

    def invites(self, who: str, channel: Where) -> None:
        """See `Person.invites`."""
        self._portal.wait(lambda: self.person.invites(who, _place(channel)))

    def kicks(self, who: str, channel: Where) -> None:
        """See `Person.kicks`."""
        self._portal.wait(lambda: self.person.kicks(who, _place(channel)))

    def renames(self, channel: Where, name: str) -> None:
        """See `Person.renames`."""
        self._portal.wait(lambda: self.person.renames(_place(channel), name))

    def archives(self, channel: Where) -> None:
        """See `Person.archives`."""
        self._portal.wait(lambda: self.person.archives(_place(channel)))

    def changes(self, **profile: Any) -> None:
        """See `Person.changes`."""
        self._portal.wait(lambda: self.person.changes(**profile))

    # Typing and clicking

    def command(self, line: str, *, channel: Where = "general") -> Outcome:
        """See `Person.command`."""
        return self._portal.wait(lambda: self.person.command(line, channel=_place(channel)))

    def shortcut(self, callback_id: str) -> Outcome:
        """See `Person.shortcut`."""
        return self._portal.wait(lambda: self.person.shortcut(callback_id))

    def message_shortcut(self, callback_id: str, message: SyncSaid) -> Outcome:
        """See `Person.message_shortcut`."""
        return self._portal.wait(lambda: self.person.message_shortcut(callback_id, message.said))

    def clicks(self, target: SyncSaid | SyncShown, wanted: str, value: Any = None) -> Outcome:
        """See `Person.clicks`."""
        return self._portal.wait(lambda: self.person.clicks(_target(target), wanted, value))

    def types(self, target: SyncSaid | SyncShown, wanted: str, words: str) -> list[Json]:
        """See `Person.types`."""
        return self._portal.wait(lambda: self.person.types(_target(target), wanted, words))

    # Seeing

    @property
    def screen(self) -> SyncShown | None:
        """See `Person.screen`."""
        return self._shown(lambda: self.person.screen)

    def modal(self, callback_id: str = "", *, timeout: float = PATIENCE) -> SyncShown:
        """See `Person.modal`."""
        return SyncShown(self._portal, self._portal.wait(lambda: self.person.modal(callback_id, timeout=timeout)))

    def submits(self, view: SyncShown, values: dict[str, Any] | None = None) -> Outcome:
        """See `Person.submits`."""
        return self._portal.wait(lambda: self.person.submits(view.shown, values))

    def closes(self, view: SyncShown, *, everything: bool = False) -> list[Outcome]:
        """See `Person.closes`."""
        return self._portal.wait(lambda: self.person.closes(view.shown, everything=everything))

    def opens_home(self, app: str = "", *, tab: Literal["home", "messages"] = "home") -> SyncShown | None:
        """See `Person.opens_home`."""
        shown = self._portal.wait(lambda: self.person.opens_home(app, tab=tab))
        return None if shown is None else SyncShown(self._portal, shown)

    def home(self, app: str = "") -> SyncShown | None:
        """See `Person.home`."""
        return self._shown(lambda: self.person.home(app))

    def sees_home(
        self, where: Callable[[SyncShown], object] | None = None, *, app: str = "", timeout: float = PATIENCE
    ) -> SyncShown:
        """See `Person.sees_home`."""
        asked = None if where is None else lambda shown: where(SyncShown(self._portal, shown))
        return SyncShown(
            self._portal, self._portal.wait(lambda: self.person.sees_home(asked, app=app, timeout=timeout))
        )

    @property
    def ephemerals(self) -> list[SyncSaid]:
        """See `Person.ephemerals`."""
        return [SyncSaid(self._portal, each) for each in self._portal.read(lambda: self.person.ephemerals)]

    def next_ephemeral(
        self, *, containing: str = "", where: Callable[[SyncSaid], object] | None = None, timeout: float = PATIENCE
    ) -> SyncSaid:
        """See `Person.next_ephemeral`."""
        asked = None if where is None else lambda said: where(SyncSaid(self._portal, said))
        said = self._portal.wait(
            lambda: self.person.next_ephemeral(containing=containing, where=asked, timeout=timeout)
        )
        return SyncSaid(self._portal, said)

    def _shown(self, look: Callable[[], Shown | None]) -> SyncShown | None:
        shown = self._portal.read(look)
        return None if shown is None else SyncShown(self._portal, shown)


def _place(channel: Where) -> str | Channel | Place:
    return channel.place if isinstance(channel, SyncPlace) else channel


def _target(target: SyncSaid | SyncShown) -> Said | Shown:
    return target.said if isinstance(target, SyncSaid) else target.shown
