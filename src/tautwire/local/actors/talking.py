"""What people say, change and take back, and where they come and go."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tautwire.local.actors.acting import Acting
from tautwire.local.actors.place import Place
from tautwire.local.actors.said import Said
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
        """A message, or a reply in a thread. `@name` of somebody known becomes a mention, as it does in a client."""
        place = self._place_of(thread) if isinstance(thread, Said) else self._where(channel)
        content = Content(
            text=self._with_mentions(text),
            blocks=blocks,
            thread_ts=thread.ts if isinstance(thread, Said) else thread or "",
            is_broadcast=also_to_channel,
        )
        self._stage.acted(self.name, "says", channel=place.name, text=content.text)
        talk, wall = self._stage.workspace.talk, self._stage.clock.wall()
        message = await self._do(
            f"say something in {place.name}", lambda: talk.post(place, content, by=self.record, wall=wall)
        )
        return Said(self._stage, message)

    def _with_mentions(self, text: str) -> str:
        users = self._stage.workspace.users.values()
        for user in sorted(users, key=lambda each: -len(each.name)):
            text = text.replace(f"@{user.name}", f"<@{user.id}>") if f"<@{user.id}>" not in text else text
        return text

    async def edits(self, message: Said, text: str) -> Said:
        """Other words for a message of one's own."""
        place, wall = self._place_of(message), self._stage.clock.wall()
        content = Content(text=self._with_mentions(text))
        self._stage.acted(self.name, "edits", channel=place.name, ts=message.ts, text=content.text)
        talk = self._stage.workspace.talk
        await self._do("edit that", lambda: talk.edit(place, message.ts, content, by=self.record, wall=wall))
        return message

    async def deletes(self, message: Said) -> None:
        """Take a message back."""
        place, wall = self._place_of(message), self._stage.clock.wall()
        self._stage.acted(self.name, "deletes", channel=place.name, ts=message.ts)
        talk = self._stage.workspace.talk
        await self._do("delete that", lambda: talk.delete(place, message.ts, by=self.record, wall=wall))

    async def reacts(self, message: Said, emoji: str) -> None:
        """Put an emoji under a message."""
        place = self._place_of(message)
        self._stage.acted(self.name, "reacts", channel=place.name, ts=message.ts, emoji=emoji)
        marks = self._stage.workspace.marks
        await self._do("react", lambda: marks.react(place, message.record, emoji, by=self.record))

    async def unreacts(self, message: Said, emoji: str) -> None:
        """And take it away."""
        place = self._place_of(message)
        self._stage.acted(self.name, "unreacts", channel=place.name, ts=message.ts, emoji=emoji)
        marks = self._stage.workspace.marks
        await self._do("take a reaction away", lambda: marks.unreact(place, message.record, emoji, by=self.record))

    async def pins(self, message: Said) -> None:
        """Pin a message to its channel."""
        place, wall = self._place_of(message), self._stage.clock.wall()
        self._stage.acted(self.name, "pins", channel=place.name, ts=message.ts)
        marks = self._stage.workspace.marks
        await self._do("pin that", lambda: marks.pin(place, message.record, by=self.record, wall=wall))

    async def unpins(self, message: Said) -> None:
        """Unpin it."""
        place = self._place_of(message)
        self._stage.acted(self.name, "unpins", channel=place.name, ts=message.ts)
        marks = self._stage.workspace.marks
        await self._do("unpin that", lambda: marks.unpin(place, message.record, by=self.record))

    async def uploads(
        self, name: str, content: bytes | str, *, channel: str | Channel | Place = "general", comment: str = ""
    ) -> Said:
        """A file in a channel; returns the message that it is in."""
        place, wall = self._where(channel), self._stage.clock.wall()
        data = content.encode() if isinstance(content, str) else content
        self._stage.acted(self.name, "uploads", channel=place.name, file=name, size=len(data))
        uploads = self._stage.workspace.uploads
        message = await self._do(
            "upload that", lambda: uploads.share(place, name, data, by=self.record, wall=wall, comment=comment)
        )
        return Said(self._stage, message)

    # Coming and going

    async def creates(self, name: str, *, is_private: bool = False) -> Place:
        """A new channel, with oneself in it."""
        places, wall = self._stage.workspace.places, self._stage.clock.wall()
        self._stage.acted(self.name, "creates", channel=name)
        channel = await self._do(
            f"create #{name}", lambda: places.create(name, by=self.record, wall=wall, is_private=is_private)
        )
        return Place(self._stage, channel)

    async def joins(self, channel: str | Channel | Place) -> None:
        """Come into a public channel."""
        places, wall, place = self._stage.workspace.places, self._stage.clock.wall(), self._where(channel)
        self._stage.acted(self.name, "joins", channel=place.name)
        await self._do(f"join #{place.name}", lambda: places.join(place, self.record, wall=wall))

    async def leaves(self, channel: str | Channel | Place) -> None:
        """Go."""
        places, wall, place = self._stage.workspace.places, self._stage.clock.wall(), self._where(channel)
        self._stage.acted(self.name, "leaves", channel=place.name)
        await self._do(f"leave #{place.name}", lambda: places.leave(place, self.record, wall=wall))

    async def invites(self, who: str, channel: str | Channel | Place) -> None:
        """Bring somebody, or an app's bot, into a channel."""
        places, wall, place = self._stage.workspace.places, self._stage.clock.wall(), self._where(channel)
        self._stage.acted(self.name, "invites", channel=place.name, what=who)
        workspace = self._stage.workspace
        await self._do(f"invite {who}", lambda: places.invite(place, workspace.user(who), by=self.record, wall=wall))

    async def kicks(self, who: str, channel: str | Channel | Place) -> None:
        """Make somebody go."""
        places, wall, place = self._stage.workspace.places, self._stage.clock.wall(), self._where(channel)
        self._stage.acted(self.name, "kicks", channel=place.name, what=who)
        workspace = self._stage.workspace
        await self._do(f"remove {who}", lambda: places.kick(place, workspace.user(who), by=self.record, wall=wall))

    async def renames(self, channel: str | Channel | Place, name: str) -> None:
        """Another name for a channel."""
        places, wall, place = self._stage.workspace.places, self._stage.clock.wall(), self._where(channel)
        self._stage.acted(self.name, "renames", channel=place.name, name=name)
        await self._do(f"rename #{place.name}", lambda: places.rename(place, name, by=self.record, wall=wall))

    async def archives(self, channel: str | Channel | Place) -> None:
        """Close a channel."""
        places, wall, place = self._stage.workspace.places, self._stage.clock.wall(), self._where(channel)
        self._stage.acted(self.name, "archives", channel=place.name)
        await self._do(f"archive #{place.name}", lambda: places.archive(place, by=self.record, wall=wall))

    async def changes(self, **profile: Any) -> None:
        """Parts of one's profile, status or account: `status_text=`, `real_name=`, `title=`, `presence=` …"""
        people, wall = self._stage.workspace.people, self._stage.clock.wall()
        self._stage.acted(self.name, "changes", **profile)
        await self._do("change that", lambda: people.change(self.record, wall=wall, **profile))

    def _place_of(self, message: Said) -> Channel:
        return self._stage.workspace.channels[message.channel_id]
