"""Files: uploaded, shared, for everybody to see, gone.

`file_created` goes to the uploader alone, which an app is only for what its bot user has uploaded
(java-slack-sdk#658); of other people's files it hears by `file_shared`, where it is. A file that has come into a
public channel is public, and every app may know.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tautwire.local.events.event import Ear, Event
    from tautwire.local.workspace.changes import FileCreated, FileDeleted, FileShared
    from tautwire.local.workspace.model import File, Json, User

__all__ = ["created", "deleted", "shared"]


def created(change: FileCreated, ear: Ear) -> Iterator[Event]:
    """An upload of the app's own."""
    if change.user.id == ear.me:
        yield from ear.hear("file_created", _file(change.file, change.user))


def shared(change: FileShared, ear: Ear) -> Iterator[Event]:
    """A file in a channel, and whether that has made it public."""
    file, place = change.file, change.channel
    if ear.is_in(place):
        yield from ear.hear("file_shared", _file(file, change.user) | {"channel_id": place.id}, place)
    if place.kind == "channel" and change.message.ts == _first_public_share(file, ear):
        yield from ear.hear("file_public", _file(file, change.user), place)


def _first_public_share(file: File, ear: Ear) -> str:
    public = [
        ts
        for channel_id, stamps in file.shares.items()
        for ts in stamps
        if channel_id in ear.core.channels and ear.core.channels[channel_id].kind == "channel"
    ]
    return min(public, default="")


def deleted(change: FileDeleted, ear: Ear) -> Iterator[Event]:
    """A file that is gone; `channel_ids` are the places it was in, as far as the app knows of them."""
    places = (ear.core.channels.get(channel_id) for channel_id in change.file.shares)
    known = [place.id for place in places if place is not None and ear.sees(place)]
    yield from ear.hear("file_deleted", {"file_id": change.file.id, "channel_ids": known})


def _file(file: File, user: User) -> Json:
    return {"file_id": file.id, "user_id": user.id, "file": {"id": file.id}}
