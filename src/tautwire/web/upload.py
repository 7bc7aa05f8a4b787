"""Files, in Slack's three steps: ask for an upload URL, send the bytes there, complete.

The URL comes from the answer, so it is checked before anything is sent to it: `https` on Slack's hosts, or the host
that the user pointed the client at. The token does not travel with the bytes; the URL itself is the permission.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol
from urllib.parse import urlsplit

from tautwire.errors import ConfigurationError, SlackRequestError
from tautwire.protocol.endpoint import is_slack_host
from tautwire.secret import Secret
from tautwire.web.files import encoded, load_file
from tautwire.web.response import ApiCaller

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from tautwire.web.arguments import FilePart
    from tautwire.web.response import AsyncSlackResponse

__all__ = ["Upload", "is_trusted_upload_url", "prepare_uploads", "upload_all"]


class Uploader(ApiCaller, Protocol):
    """What the three steps need of a client."""

    @property
    def base_url(self) -> str:
        """Where the client's API lives."""

    async def upload_bytes(self, url: Secret, content: bytes) -> None:
        """Send the content to its URL."""


@dataclass(frozen=True, slots=True)
class Upload:
    """One file on its way, with what Slack is told about it."""

    part: FilePart
    title: str
    extras: Mapping[str, str] = field(default_factory=dict)
    highlight_type: str | None = None


@dataclass(frozen=True, slots=True)
class _Slot:
    file_id: str
    url: Secret
    upload: Upload


async def prepare_uploads(single: Mapping[str, Any], several: Sequence[Mapping[str, Any]] | None) -> list[Upload]:
    """Read the files: those of `several`, or else the one that `single` describes.

    Each is a mapping of `file` or `content`, and optionally `filename`, `title`, `alt_txt`, `snippet_type`,
    `highlight_type`. Raises `ConfigurationError` when there is nothing to upload, or twice the same thing.
    """
    if several is not None and (single.get("file") is not None or single.get("content") is not None):
        raise ConfigurationError("files_upload_v2: give either file_uploads=, or file= or content=, not both")
    described = [single] if several is None else several
    if not described:
        raise ConfigurationError("files_upload_v2: file_uploads= is empty")
    return [await _prepare(one) for one in described]


async def upload_all(
    client: Uploader, uploads: Sequence[Upload], *, arguments: Mapping[str, Any], token: Secret | None
) -> AsyncSlackResponse:
    """Take the three steps and give the answer of the last one.

    `arguments` go to `files.completeUploadExternal`. A failure in between leaves nothing visible: Slack drops uploads
    that are not completed.
    """
    slots = [await _open_slot(client, upload, token) for upload in uploads]
    for slot in slots:
        await client.upload_bytes(slot.url, slot.upload.part.content)
    files = [_described(slot) for slot in slots]
    completion = await client.api_call(
        "files.completeUploadExternal", data={**arguments, "files": files, "token": token}
    )
    done = completion.get("files")
    if isinstance(done, list) and len(done) == 1 and isinstance(completion.data, dict):
        completion.data["file"] = done[0]
    return completion


def is_trusted_upload_url(url: str, base_url: str) -> bool:
    """Whether file contents may go to `url`: no credentials in it, and nothing that two parsers could read two ways."""
    if not (url.isascii() and url.isprintable()) or " " in url or "\\" in url:
        return False
    try:
        target, base = urlsplit(url), urlsplit(base_url)
        host, has_port = target.hostname or "", target.port != 0
    except ValueError:
        return False
    if "@" in target.netloc or not host or not has_port:
        return False
    if target.scheme == "https" and is_slack_host(host):
        return True
    return host == base.hostname and target.scheme in {"https", base.scheme}


async def _prepare(one: Mapping[str, Any]) -> Upload:
    file, content, filename = one.get("file"), one.get("content"), one.get("filename")
    if (file is None) == (content is None):
        raise ConfigurationError("files_upload_v2: each file needs either file= or content=")
    if isinstance(content, str):
        content = encoded(content)
    elif content is not None and not isinstance(content, bytes):
        raise ConfigurationError(f"files_upload_v2: content= is str or bytes, not {type(content).__name__}")
    part = await load_file(content if file is None else file, filename=filename)
    extras = {name: str(one[name]) for name in ("alt_txt", "snippet_type") if one.get(name) is not None}
    return Upload(part, one.get("title") or part.filename, extras, one.get("highlight_type"))


async def _open_slot(client: Uploader, upload: Upload, token: Secret | None) -> _Slot:
    length = len(upload.part.content)
    fields = {"filename": upload.part.filename, "length": length, **upload.extras, "token": token}
    answer = await client.api_call("files.getUploadURLExternal", data=fields)
    url, file_id = answer.get("upload_url"), answer.get("file_id")
    if not isinstance(url, str) or not isinstance(file_id, str):
        raise SlackRequestError("files.getUploadURLExternal: the answer lacks upload_url or file_id")
    if not is_trusted_upload_url(url, client.base_url):
        raise SlackRequestError("files.getUploadURLExternal: the upload URL is not https on a host of Slack's")
    return _Slot(file_id, Secret(url), upload)


def _described(slot: _Slot) -> dict[str, str]:
    named = {"id": slot.file_id, "title": slot.upload.title}
    return named if slot.upload.highlight_type is None else {**named, "highlight_type": slot.upload.highlight_type}
