"""What people say, change and take back, and where they come and go."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tautwire.errors import ConfigurationError
from tautwire.local.actors.acting import Acting
from tautwire.local.actors.place import Place
from tautwire.local.actors.said import Said
from tautwire.local.actors.stage import check_profile, refused
from tautwire.local.actors.writing import as_message
from tautwire.local.workspace import Content

if TYPE_CHECKING:
    from tautwire.local.workspace import Channel
    from tautwire.local.workspace.model import Json

__all__ = ["Talking"]


class Talking(Acting):
    """Each method returns when every connected app has acked what it was told, or has run out of time to do so.

    `channel` is a name, an id, a `Place`, or a person's or bot's name for the direct conversation with them. What Slack
    would not allow raises `ActionRefusedError`, a name that nobody has `ConfigurationError`.
    """

    async def says(
        self,
        text: str,
        *,
        channel: str | Channel | Place = "general",
        thread: Said | str | None = None,
        blocks: list[Json] | None = None,
        also_to_channel: bool = False,
    ) -> Said:
        """A message, or a reply in a thread.

        As in a client, `@name` and `#channel` become links, if there are such, and so do `@here` and its like.
        """
        place = self._place_of(thread) if isinstance(thread, Said) else self._where(channel)
        self._must_be_heard(place)
        if isinstance(thread, str) and thread and thread not in {*place.messages, *place.threads}:
            # Slack lets an app do this; a person has nothing there to reply to.
            raise ConfigurationError(f"there is no message {thread!r} in {self._called(place)} to reply to")
        content = Content(
            text=as_message(text, self._stage.workspace.core),
            blocks=blocks,
            thread_ts=(thread.thread_ts or thread.ts) if isinstance(thread, Said) else thread or "",
            is_broadcast=also_to_channel,
        )
        talk, wall = self._stage.workspace.talk, self._stage.clock.wall()
        message = await self._do(
            "says",
            f"say something in {self._called(place)}",
            lambda: talk.post(place, content, by=self.record, wall=wall),
            place,
            text=content.text,
        )
        return Said(self._stage, message)

    def _must_be_heard(self, place: Channel) -> None:
        """An app may have closed its messages tab."""
        users = self._stage.workspace.users
        apps = [self._stage.workspace.core.app_of(users[each]) for each in place.members if each in users]
        if place.kind == "im" and any(app is not None and not app.permissions.takes_messages for app in apps):
            raise refused(self.record, "write to that app: its manifest has turned it off", "messages_tab_disabled")

    async def edits(self, message: Said, text: str) -> Said:
        """Other words for a message of one's own."""
        place, wall = self._place_of(message), self._stage.clock.wall()
        content, talk = Content(text=as_message(text, self._stage.workspace.core)), self._stage.workspace.talk
        await self._do(
            "edits",
            "edit that",
            lambda: talk.edit(place, message.ts, content, by=self.record, wall=wall),
            place,
            ts=message.ts,
            text=content.text,
        )
        return message

    async def deletes(self, message: Said) -> None:
        """Take a message back."""
        place, wall, talk = self._place_of(message), self._stage.clock.wall(), self._stage.workspace.talk
        await self._do(
            "deletes",
            "delete that",
            lambda: talk.delete(place, message.ts, by=self.record, wall=wall),
            place,
            ts=message.ts,
        )

    async def reacts(self, message: Said, emoji: str) -> None:
        """Put an emoji under a message."""
        place, name, marks = self._place_of(message), emoji.strip(":"), self._stage.workspace.marks
        await self._do(
            "reacts",
            "react",
            lambda: marks.react(place, message.record, name, by=self.record),
            place,
            what=f":{name}:",
            ts=message.ts,
        )

    async def unreacts(self, message: Said, emoji: str) -> None:
        """And take it away."""
        place, name, marks = self._place_of(message), emoji.strip(":"), self._stage.workspace.marks
        await self._do(
            "unreacts",
            "take a reaction away",
            lambda: marks.unreact(place, message.record, name, by=self.record),
            place,
            what=f":{name}:",
            ts=message.ts,
        )

    async def pins(self, message: Said) -> None:
        """Pin a message to its channel."""
        place, wall, marks = self._place_of(message), self._stage.clock.wall(), self._stage.workspace.marks
        await self._do(
            "pins",
            "pin that",
            lambda: marks.pin(place, message.record, by=self.record, wall=wall),
            place,
            ts=message.ts,
        )

    async def unpins(self, message: Said) -> None:
        """Unpin it."""
        place, marks = self._place_of(message), self._stage.workspace.marks
        await self._do(
            "unpins", "unpin that", lambda: marks.unpin(place, message.record, by=self.record), place, ts=message.ts
        )

    async def uploads(
        self, name: str, content: bytes | str, *, channel: str | Channel | Place = "general", comment: str = ""
    ) -> Said:
        """A file in a channel; returns the message that it is in."""
        place, wall, uploads = self._where(channel), self._stage.clock.wall(), self._stage.workspace.uploads
        data = content.encode() if isinstance(content, str) else content
        message = await self._do(
            "uploads",
            f"upload something to {self._called(place)}",
            lambda: uploads.share(place, name, data, by=self.record, wall=wall, comment=comment),
            place,
            what=name,
            text=comment,
            size=len(data),
        )
        return Said(self._stage, message)

    # Coming and going

    async def creates(self, name: str, *, is_private: bool = False) -> Place:
        """A new channel, with oneself in it."""
        places, wall = self._stage.workspace.places, self._stage.clock.wall()
        channel = await self._do(
            "creates",
            f"create #{name}",
            lambda: places.create(name, by=self.record, wall=wall, is_private=is_private),
            what=f"#{name}",
        )
        return Place(self._stage, channel)

    async def joins(self, channel: str | Channel | Place) -> None:
        """Come into a public channel."""
        place, wall, places = self._where(channel), self._stage.clock.wall(), self._stage.workspace.places
        await self._do("joins", f"join #{place.name}", lambda: places.join(place, self.record, wall=wall), place)

    async def leaves(self, channel: str | Channel | Place) -> None:
        """Go."""
        place, wall, places = self._where(channel), self._stage.clock.wall(), self._stage.workspace.places
        await self._do("leaves", f"leave #{place.name}", lambda: places.leave(place, self.record, wall=wall), place)

    async def invites(self, who: str, channel: str | Channel | Place) -> None:
        """Bring somebody, or an app's bot, into a channel."""
        place, wall, workspace = self._where(channel), self._stage.clock.wall(), self._stage.workspace
        await self._do(
            "invites",
            f"invite {who} to #{place.name}",
            lambda: workspace.places.invite(place, workspace.user(who), by=self.record, wall=wall),
            place,
            what=who,
        )

    async def kicks(self, who: str, channel: str | Channel | Place) -> None:
        """Make somebody go."""
        place, wall, workspace = self._where(channel), self._stage.clock.wall(), self._stage.workspace
        await self._do(
            "kicks",
            f"remove {who} from #{place.name}",
            lambda: workspace.places.kick(place, workspace.user(who), by=self.record, wall=wall),
            place,
            what=who,
        )

    async def renames(self, channel: str | Channel | Place, name: str) -> None:
        """Another name for a channel."""
        place, wall, places = self._where(channel), self._stage.clock.wall(), self._stage.workspace.places
        await self._do(
            "renames",
            f"rename #{place.name}",
            lambda: places.rename(place, name, by=self.record, wall=wall),
            place,
            text=name,
        )

    async def archives(self, channel: str | Channel | Place) -> None:
        """Close a channel."""
        place, wall, places = self._where(channel), self._stage.clock.wall(), self._stage.workspace.places
        await self._do(
            "archives", f"archive #{place.name}", lambda: places.archive(place, by=self.record, wall=wall), place
        )

    async def changes(self, **profile: Any) -> None:
        """Parts of one's profile, status or account: `status_text=`, `real_name=`, `title=`, `presence=` …"""
        check_profile(profile)
        people, wall = self._stage.workspace.people, self._stage.clock.wall()
        await self._do(
            "changes", "change that", lambda: people.change(self.record, wall=wall, **profile), profile=profile
        )

    def _place_of(self, message: Said) -> Channel:
        place = self._stage.workspace.channels.get(message.channel_id)
        if place is None:
            raise refused(self.record, "do anything about a message in a channel that was deleted", "channel_not_found")
        return place
