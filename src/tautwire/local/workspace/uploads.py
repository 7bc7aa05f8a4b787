"""Files: asking for an upload, sending the bytes, completing it, sharing and deleting."""

from __future__ import annotations

import mimetypes
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Final

from tautwire.local.workspace.changes import FileCreated, FileDeleted
from tautwire.local.workspace.content import Content, check
from tautwire.local.workspace.model import File
from tautwire.local.workspace.refusal import Refusal

if TYPE_CHECKING:
    from tautwire.local.workspace.core import Core
    from tautwire.local.workspace.model import Channel, Json, Message, User
    from tautwire.local.workspace.talk import Talk

__all__ = ["Uploads"]

#: Bytes of one file. Slack takes 1 GB; here it all lies in memory. Of a snippet, as files.getUploadURLExternal says.
MAX_BYTES: Final = 64 * 1024 * 1024
MAX_SNIPPET: Final = 1024 * 1024
MAX_ALT_TEXT: Final = 1000
MAX_CHANNELS: Final = 100
#: Uploads that may wait to be completed; the oldest are given up then, as Slack gives up those that never are.
MAX_WAITING: Final = 1000
#: Python's own table: what a machine has added to it would be another on every other machine.
_TYPES: Final = mimetypes.MimeTypes()


class Uploads:
    """The files of a workspace. `wall` is epoch seconds."""

    def __init__(self, core: Core, talk: Talk) -> None:
        self._core, self._talk = core, talk
        self._by_key: dict[str, File] = {}
        self._deleted: set[str] = set()

    def ask(self, name: str, size: int, *, by: User, wall: float, alt_text: str = "", snippet_type: str = "") -> File:
        """A place for an upload of `size` bytes; its `upload_key` is the secret part of the URL."""
        if size <= 0:
            raise Refusal("missing_argument")
        if snippet_type and size > MAX_SNIPPET:
            raise Refusal("snippet_too_large")
        if size > MAX_BYTES:
            raise Refusal("file_upload_size_restricted")
        if len(alt_text) > MAX_ALT_TEXT:
            raise Refusal("alt_txt_too_large")
        suffix = PurePosixPath(name).suffix.removeprefix(".").lower()
        file = File(
            self._core.ids.of("F"),
            name,
            by.id,
            int(wall),
            size,
            title=name,
            mimetype=_TYPES.guess_type(f"file.{suffix}")[0] or "application/octet-stream",
            filetype=snippet_type or suffix or "binary",
            alt_text=alt_text,
            snippet_type=snippet_type,
            upload_key=self._core.ids.secret(),
        )
        self._core.files[file.id] = file
        self._by_key[file.upload_key] = file
        while len(self._by_key) > MAX_WAITING:
            given_up = self._by_key.pop(next(iter(self._by_key)))
            del self._core.files[given_up.id]
        return file

    def expected(self, key: str) -> File:
        """The file that an upload's URL is for. Raises `Refusal("not_found")`."""
        file = self._by_key.get(key)
        if file is None:
            raise Refusal("not_found")
        return file

    def receive(self, key: str, content: bytes) -> File:
        """The bytes. Refuses an unknown key (`not_found`), and not as many as were announced (`length_mismatch`)."""
        file = self.expected(key)
        if len(content) != file.size:
            raise Refusal("length_mismatch")
        file.content, file.is_uploaded = content, True
        return file

    def complete(
        self,
        wanted: list[tuple[str, str]],
        *,
        by: User,
        wall: float,
        channels: list[Channel],
        thread_ts: str = "",
        comment: str = "",
        blocks: list[Json] | None = None,
    ) -> list[File]:
        """Make uploads (`[(id, title), …]`) files, and share them where asked; without a channel they stay private.

        `blocks` are overlooked when there is a `comment`, as docs.slack.dev says.
        """
        wanted = list(dict(wanted).items())
        files = [self._uploaded(file_id, by) for file_id, _ in wanted]
        for channel in channels:
            self._talk.may_post(channel, by)
            self._talk.may_reply(channel, thread_ts)
        content = Content(
            text=comment or None,
            blocks=None if comment else blocks,
            file_ids=tuple(file.id for file in files),
            thread_ts=thread_ts,
        )
        check(content)
        for file, (_, title) in zip(files, wanted, strict=True):
            file.title = title or file.title
            file.is_complete = True
            self._by_key.pop(file.upload_key, None)
            self._core.happened(FileCreated(file, by))
        for channel in channels:
            self._talk.put(channel, content, by=by, wall=wall)
        return files

    def _uploaded(self, file_id: str, by: User) -> File:
        file = self._core.files.get(file_id)
        if file is None or file.user_id != by.id or not file.is_uploaded or file.is_complete:
            raise Refusal("file_not_found")
        return file

    def share(
        self, channel: Channel, name: str, content: bytes, *, by: User, wall: float, comment: str = ""
    ) -> Message:
        """The whole in one go, as a person does it."""
        self._talk.may_post(channel, by)
        file = self.ask(name, len(content), by=by, wall=wall)
        self.receive(file.upload_key, content)
        self.complete([(file.id, name)], by=by, wall=wall, channels=[channel], comment=comment)
        return channel.messages[file.shares[channel.id][-1]]

    def find(self, file_id: str, viewer: User) -> File:
        """A file that `viewer` may see: their own, or shared where they are.

        Refuses with `file_deleted` what was there once, and with `file_not_found` the rest.
        """
        file = self._core.files.get(file_id)
        if file_id in self._deleted:
            raise Refusal("file_deleted")
        if file is None or not file.is_complete or not self.is_visible(file, viewer):
            raise Refusal("file_not_found")
        return file

    def listed(self, viewer: User) -> list[File]:
        """Every file that `viewer` may see, the newest first."""
        files = [file for file in self._core.files.values() if file.is_complete and self.is_visible(file, viewer)]
        return files[::-1]

    def is_visible(self, file: File, viewer: User) -> bool:
        """Whether `viewer` owns it or is where it was shared; what is in a public channel is for everybody."""
        if file.user_id == viewer.id:
            return True
        places = (self._core.channels[channel_id] for channel_id in file.shares if channel_id in self._core.channels)
        return any(place.kind == "channel" or viewer.id in place.members for place in places)

    def delete(self, file: File, *, by: User) -> None:
        """Gone, and out of the messages that it was in."""
        if file.user_id != by.id and not (by.is_admin or by.is_owner):
            raise Refusal("cant_delete_file")
        del self._core.files[file.id]
        self._deleted.add(file.id)
        for channel_id, stamps in file.shares.items():
            channel = self._core.channels.get(channel_id)
            for message in (channel.messages.get(ts) for ts in stamps) if channel else ():
                if message is not None and file.id in message.file_ids:
                    message.file_ids.remove(file.id)
        self._core.happened(FileDeleted(file))
