from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from tautwire.local.api.methods import METHODS
from tautwire.local.manifest import Manifest
from tautwire.local.workspace.uploads import MAX_BYTES

if TYPE_CHECKING:
    from collections.abc import Callable

    from tautwire.local.workspace import Workspace

WALL = 1_795_000_000.0


@pytest.fixture
def uploaded(ask: Any, workspace: Workspace) -> Callable[..., str]:
    """The id of an upload whose bytes are there."""

    def do(name: str = "a.txt", content: bytes = b"abc", who: Any = None, **more: Any) -> str:
        answer = (who or ask)("files.getUploadURLExternal", filename=name, length=len(content), **more)
        workspace.uploads.receive(answer["upload_url"].rpartition("/")[2], content)
        return str(answer["file_id"])

    return do


def test_an_upload_becomes_a_file_in_a_channel(ask: Any, uploaded: Any, workspace: Workspace) -> None:
    file_id = uploaded("a b.png", alt_txt="A")
    given = {"files": json.dumps([{"id": file_id, "title": "Ay", "highlight_type": None}]), "initial_comment": "look"}
    (file,) = ask("files.completeUploadExternal", channel_id="C0GENERAL", **given)["files"]
    assert (file["id"], file["title"], file["mimetype"], file["alt_txt"]) == (file_id, "Ay", "image/png", "A")
    assert file["url_private"].endswith(f"/files-pri/T0LOCAL01-{file_id}/a%20b.png")
    (said,) = workspace.channel("general").messages.values()
    assert (said.subtype, said.text, said.file_ids) == ("file_share", "look", [file_id])
    assert file["shares"] == {"public": {"C0GENERAL": [{"ts": said.ts, "team_id": "T0LOCAL01"}]}}
    answer = ask("files.info", file=file_id)
    assert answer == {"ok": True, "file": file, "comments": [], "response_metadata": {"next_cursor": ""}}


def test_several_files_in_several_places(ask: Any, uploaded: Any, workspace: Workspace) -> None:
    ids = [uploaded(name) for name in ("a.txt", "b.txt")]
    parent = ask("chat.postMessage", channel="C0GENERAL", text="a")["ts"]
    files = [{"id": file_id} for file_id in ids]
    given = {"channel_id": "C0GENERAL", "channels": "C0GENERAL,U0ANN", "thread_ts": parent}
    done = ask("files.completeUploadExternal", files=files, blocks=json.dumps([{"type": "divider"}]), **given)["files"]
    assert [file["title"] for file in done] == ["a.txt", "b.txt"]
    _, said = workspace.channel("general").messages.values()
    assert (said.thread_ts, said.blocks[0]["type"], said.file_ids) == (parent, "divider", ids)
    assert [each.file_ids for each in workspace.channels["D0ANN"].messages.values()] == [ids]


def test_blocks_give_way_to_a_comment(ask: Any, uploaded: Any, workspace: Workspace) -> None:
    given = {"blocks": [{"type": "divider"}], "initial_comment": "look", "channels": ["C0GENERAL"]}
    assert ask("files.completeUploadExternal", files=[{"id": uploaded()}], **given)["ok"]
    (said,) = workspace.channel("general").messages.values()
    assert (said.text, said.blocks) == ("look", [])


def test_without_a_channel_it_stays_private(ask: Any, bob: Any, uploaded: Any) -> None:
    file_id = uploaded()
    (file,) = ask("files.completeUploadExternal", files=[{"id": file_id}])["files"]
    assert (file["shares"], file["is_public"]) == ({}, False)
    assert bob.error("files.info", file=file_id) == "file_not_found"


def test_the_list(ask: Any, bob: Any, uploaded: Any, workspace: Workspace) -> None:
    ids = [
        uploaded("a.png"),
        uploaded("b.pdf"),
        uploaded("c.py", snippet_type="python"),
        uploaded("d.txt", who=bob),
    ]
    for file_id, who in zip(ids, (ask, ask, ask, bob), strict=True):
        assert who("files.completeUploadExternal", files=[{"id": file_id}], channel_id="C0RANDOM")["ok"]
    workspace.core.files[ids[0]].created = 100
    uploaded("never completed")

    def names(**given: Any) -> list[str]:
        return [each["name"] for each in ask("files.list", **given)["files"]]

    assert names() == ["d.txt", "c.py", "b.pdf", "a.png"]
    assert names(types="images,pdfs") == ["b.pdf", "a.png"]
    assert names(types="snippets") == ["c.py"]
    assert names(types="spaces") == []
    assert names(user="U0BOB") == ["d.txt"]
    assert names(channel="C0GENERAL") == []
    assert names(channel="C0RANDOM", ts_to="100") == ["a.png"]
    assert names(ts_from="101", count="2") == ["d.txt", "c.py"]
    answer = ask("files.list", count=3, page=2)
    assert [each["name"] for each in answer["files"]] == ["a.png"]
    assert answer["paging"] == {"count": 3, "total": 4, "page": 2, "pages": 2}
    assert ask("files.list", channel="C0GENERAL")["paging"]["pages"] == 1


def test_delete(ask: Any, uploaded: Any, workspace: Workspace) -> None:
    file_id = uploaded()
    assert ask("files.completeUploadExternal", files=[{"id": file_id}], channel_id="C0GENERAL")["ok"]
    assert ask("files.delete", file=file_id) == {"ok": True}
    (said,) = workspace.channel("general").messages.values()
    assert said.file_ids == []
    assert ask("files.list")["files"] == []


def test_the_old_upload_is_no_more(ask: Any) -> None:
    answer = ask("files.upload", content="abc", channels="C0GENERAL")
    assert answer["error"] == "method_deprecated"
    assert "getUploadURLExternal" in answer["response_metadata"]["messages"][0]


GET = "files.getUploadURLExternal"
DONE = "files.completeUploadExternal"
FILES = {"files": [{"id": "{file}"}]}
REFUSED: list[tuple[str, dict[str, Any], str]] = [
    (GET, {}, "invalid_arguments"),
    (GET, {"filename": "a", "length": "many"}, "invalid_arguments"),
    (GET, {"filename": "", "length": 1}, "missing_argument"),
    (GET, {"filename": "a", "length": 0}, "missing_argument"),
    (GET, {"filename": "a", "length": MAX_BYTES + 1}, "file_upload_size_restricted"),
    (GET, {"filename": "a", "length": 1024 * 1024 + 1, "snippet_type": "python"}, "snippet_too_large"),
    (GET, {"filename": "a", "length": 1, "alt_txt": "x" * 1001}, "alt_txt_too_large"),
    (DONE, {}, "invalid_arguments"),
    (DONE, {"files": "{"}, "invalid_arguments"),
    (DONE, {"files": []}, "invalid_arguments"),
    (DONE, {"files": ["F1"]}, "invalid_arguments"),
    (DONE, {"files": [{"title": "a"}]}, "invalid_arguments"),
    (DONE, {"files": [{"id": "{file}", "initial_comment": "a"}]}, "invalid_arguments"),
    (DONE, {"files": [{"id": "F1"}]}, "file_not_found"),
    (DONE, {"files": [{"id": "{empty}"}]}, "file_not_found"),
    (DONE, {"files": [{"id": "{theirs}"}]}, "file_not_found"),
    (DONE, {"files": [{"id": "{done}"}]}, "file_not_found"),
    (DONE, FILES | {"channel_id": "C0NOWHERE"}, "channel_not_found"),
    (DONE, FILES | {"channels": "C0NOWHERE"}, "invalid_channel"),
    (DONE, FILES | {"channels": "C0SECRET"}, "invalid_channel"),
    (DONE, FILES | {"channels": ",".join(f"C{number}" for number in range(101))}, "channels_limit_exceeded"),
    (DONE, {"files": [{"id": "{dans}"}], "channel_id": "C0DEV", "as": "dan"}, "not_in_channel"),
    (DONE, FILES | {"channel_id": "C0RANDOM"}, "is_archived"),
    (DONE, FILES | {"channel_id": "C0DEV", "thread_ts": "{join}"}, "cannot_reply_to_message"),
    (DONE, FILES | {"channel_id": "C0GENERAL", "blocks": "{"}, "invalid_blocks"),
    (DONE, FILES | {"channel_id": "C0GENERAL", "blocks": {}}, "invalid_blocks"),
    (DONE, FILES | {"channel_id": "C0GENERAL", "blocks": [{"type": "shape"}]}, "invalid_blocks"),
    (DONE, {"files": [{"id": "{shys}"}], "channels": "U0ANN", "as": "shy"}, "messages_tab_disabled"),
    ("files.info", {}, "file_not_found"),
    ("files.info", {"file": "F1"}, "file_not_found"),
    ("files.info", {"file": "{file}"}, "file_not_found"),
    ("files.info", {"file": "{deleted}"}, "file_deleted"),
    ("files.list", {"user": "U0NOBODY"}, "user_not_found"),
    ("files.list", {"types": "all,songs"}, "unknown_type"),
    ("files.list", {"page": "x"}, "invalid_arguments"),
    ("files.delete", {}, "file_not_found"),
    ("files.delete", {"file": "{deleted}"}, "file_deleted"),
    ("files.delete", {"file": "{bobs}"}, "cant_delete_file"),
]


@pytest.mark.parametrize(("method", "given", "error"), REFUSED)
def test_what_is_refused(
    method: str, given: dict[str, Any], error: str, ask: Any, bob: Any, uploaded: Any, workspace: Workspace, asker: Any
) -> None:
    people = {"dan": asker(workspace.user_token(workspace.app, workspace.user("dan")))}
    manifest = {
        "display_information": {"name": "Shy"},
        "features": {"bot_user": {"display_name": "shy"}, "app_home": {"messages_tab_enabled": False}},
        "oauth_config": {"scopes": {"bot": ["chat:write"]}},
    }
    people["shy"] = asker(workspace.install(Manifest.from_dict(manifest)).bot_token)
    places = {"done": ask, "deleted": ask, "bobs": bob}
    known = {"file": uploaded(), "theirs": uploaded(who=bob), "dans": uploaded(who=people["dan"])}
    known |= {name: uploaded(who=who) for name, who in places.items()} | {"shys": uploaded(who=people["shy"])}
    for name, who in places.items():
        assert who(DONE, files=[{"id": known[name]}], channel_id="C0GENERAL")["ok"]
    assert ask("files.delete", file=known["deleted"])["ok"]
    known["empty"] = ask(GET, filename="a", length=1)["file_id"]
    workspace.places.archive(workspace.channel("random"), by=workspace.user("ann"), wall=WALL)
    workspace.places.join(workspace.channel("dev"), workspace.user("cleo"), wall=WALL)
    known["join"] = next(iter(workspace.channel("dev").messages))
    text = json.dumps({name: value for name, value in given.items() if name != "as"})
    for name, value in known.items():
        text = text.replace(f"{{{name}}}", value)
    who = people.get(str(given.get("as")), ask)
    assert who.error(method, **json.loads(text)) == error
    assert not workspace.core.files[known["file"]].is_complete


@pytest.mark.parametrize("method", [GET, DONE, "files.info", "files.list", "files.delete"])
def test_every_declared_error_is_provoked_above(method: str) -> None:
    provoked = {error for name, _, error in REFUSED if name == method} - {"invalid_arguments"}
    assert provoked == METHODS[method].errors
