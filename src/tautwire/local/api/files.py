"""`files.*`: uploads in two calls with the bytes between them, and what there is."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from tautwire.local.api.method import Call, Family, optional, required
from tautwire.local.workspace import shapes
from tautwire.local.workspace.refusal import Refusal
from tautwire.local.workspace.uploads import MAX_CHANNELS

if TYPE_CHECKING:
    from tautwire.local.workspace import Channel, File
    from tautwire.local.workspace.model import Json

__all__ = ["family"]

family: Final = Family()

#: What `types` may name, and what of a file's `filetype` belongs to it.
_TYPES: Final = {
    "all": "",
    "spaces": "",
    "snippets": "",
    "images": "bmp gif heic jpeg jpg png svg tif tiff webp",
    "gdocs": "gdoc gsheet gpres",
    "zips": "zip",
    "pdfs": "pdf",
}
#: Later than any file.
_FAR: Final = 2**40
_FILE: Final = required("file", missing="file_not_found")


@family.method(
    "files.getUploadURLExternal",
    required("filename"),
    required("length", "integer"),
    optional("alt_txt"),
    optional("snippet_type"),
    scopes="files:write",
    errors="missing_argument file_upload_size_restricted snippet_too_large alt_txt_too_large",
    tier=4,
    takes_json=False,
    note="files are at most 64 MB, as they lie in memory",
)
def get_upload_url_external(call: Call) -> Json:
    """A URL to send the bytes of a file to."""
    if not call.text("filename"):
        raise Refusal("missing_argument")
    file = call.workspace.uploads.ask(
        call.text("filename"),
        call.integer("length", 0),
        by=call.user,
        wall=call.wall,
        alt_text=call.text("alt_txt"),
        snippet_type=call.text("snippet_type"),
    )
    return {"upload_url": f"{call.base_url}/upload/v1/{file.upload_key}", "file_id": file.id}


@family.method(
    "files.completeUploadExternal",
    required("files", "json"),
    optional("channel_id"),
    optional("channels", "list"),
    optional("initial_comment"),
    optional("thread_ts"),
    optional("blocks", "json"),
    scopes="files:write",
    errors="""file_not_found channel_not_found invalid_channel channels_limit_exceeded not_in_channel invalid_blocks
        is_archived messages_tab_disabled cannot_reply_to_message""",
    tier=4,
)
def complete_upload_external(call: Call) -> Json:
    """Make what was uploaded into files, and share them in channels."""
    blocks = call.structure("blocks", error="invalid_blocks")
    if blocks is not None and not isinstance(blocks, list):
        raise Refusal("invalid_blocks")
    done = call.workspace.uploads.complete(
        _wanted(call),
        by=call.user,
        wall=call.wall,
        channels=_places(call),
        thread_ts=call.text("thread_ts"),
        comment=call.text("initial_comment"),
        blocks=blocks,
    )
    return {"files": [_shape(call, file) for file in done]}


def _wanted(call: Call) -> list[tuple[str, str]]:
    given: Any = call.structure("files", error="invalid_arguments")
    if not isinstance(given, list) or not given:
        raise call.wrong("invalid_arguments", "must provide an array [json-pointer:/files]")
    for index, each in enumerate(given):
        if not isinstance(each, dict) or not isinstance(each.get("id"), str):
            raise call.wrong("invalid_arguments", f"missing required field: id [json-pointer:/files/{index}]")
        for name in each.keys() - {"id", "title", "highlight_type"}:
            raise call.wrong("invalid_arguments", f"invalid additional property: {name} [json-pointer:/files/{index}]")
    return [(each["id"], str(each.get("title") or "")) for each in given]


def _places(call: Call) -> list[Channel]:
    """`channel_id`, and `channels`, which may name people as well."""
    names = call.names("channels")
    if len(names) > MAX_CHANNELS:
        raise Refusal("channels_limit_exceeded")
    single = [call.conversation("channel_id")] if call.text("channel_id") else []
    places = [*single, *(_place(call, name) for name in names)]
    return list({place.id: place for place in places}.values())


def _place(call: Call, name: str) -> Channel:
    person = call.workspace.users.get(name)
    if person is not None:
        return call.workspace.direct(call.user, person, wall=call.wall)
    place = call.workspace.channels.get(name)
    if place is None or (place.is_private and call.user.id not in place.members):
        raise Refusal("invalid_channel")
    return place


def _shape(call: Call, file: File) -> Json:
    return shapes.file(call.workspace.core, file, base_url=call.base_url)


@family.method(
    "files.info",
    _FILE,
    optional("count", "integer"),
    optional("page", "integer"),
    optional("cursor"),
    optional("limit", "integer"),
    scopes="files:read",
    errors="file_not_found file_deleted",
    tier=4,
    takes_json=False,
    note="files have no comments",
)
def info(call: Call) -> Json:
    """Facts about a file."""
    file = call.workspace.uploads.find(call.text("file"), call.user)
    return {"file": _shape(call, file), "comments": [], "response_metadata": {"next_cursor": ""}}


@family.method(
    "files.list",
    optional("channel"),
    optional("user"),
    optional("types"),
    optional("ts_from"),
    optional("ts_to"),
    optional("count", "integer"),
    optional("page", "integer"),
    optional("show_files_hidden_by_limit", "flag"),
    optional("team_id"),
    scopes="files:read",
    errors="user_not_found unknown_type",
    takes_json=False,
)
def list_files(call: Call) -> Json:
    """Files that the caller may see, the newest first, in pages by number."""
    kinds, user, place = call.names("types") or ["all"], call.text("user"), call.text("channel")
    if any(kind not in _TYPES for kind in kinds):
        raise Refusal("unknown_type")
    owner = call.someone(user).id if user else ""
    oldest, latest = call.integer("ts_from", 0), call.integer("ts_to", _FAR)
    found = [
        file
        for file in call.workspace.uploads.listed(call.user)
        if owner in ("", file.user_id)
        and (not place or place in file.shares)
        and oldest <= file.created <= latest
        and any(_is(file, kind) for kind in kinds)
    ]
    count = min(max(call.integer("count", 100), 1), 1000)
    number = max(call.integer("page", 1), 1)
    part = found[(number - 1) * count : number * count]
    paging = {"count": count, "total": len(found), "page": number, "pages": max(1, -(-len(found) // count))}
    return {"files": [_shape(call, file) for file in part], "paging": paging}


def _is(file: File, kind: str) -> bool:
    if kind in ("all", "snippets"):
        return kind == "all" or bool(file.snippet_type)
    return file.filetype in _TYPES[kind].split()


@family.method("files.delete", _FILE, scopes="files:write", errors="file_not_found file_deleted cant_delete_file")
def delete(call: Call) -> Json:
    """Take a file away, and out of the messages that it was in."""
    call.workspace.uploads.delete(call.workspace.uploads.find(call.text("file"), call.user), by=call.user)
    return {}


@family.method(
    "files.upload",
    scopes="files:write",
    tier=2,
    note="Slack has switched it off on 12 November 2025; it answers `method_deprecated`",
)
def upload(call: Call) -> Json:
    """What `files.getUploadURLExternal` and `files.completeUploadExternal` have replaced."""
    raise call.wrong("method_deprecated", "use files.getUploadURLExternal and files.completeUploadExternal")
