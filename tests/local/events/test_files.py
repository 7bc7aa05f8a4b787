"""Files."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hearing import WALL, Town, types

if TYPE_CHECKING:
    from tautwire.local.workspace import Channel, File, User


def upload(town: Town, by: User, *channels: Channel) -> File:
    uploads = town.workspace.uploads
    file = uploads.ask("run.log", 3, by=by, wall=WALL)
    uploads.receive(file.upload_key, b"abc")
    uploads.complete([(file.id, "")], by=by, wall=WALL, channels=list(channels), comment="look")
    return file


def test_a_shared_file_word_for_word(town: Town) -> None:
    file = upload(town, town.ann, town.general)
    message, shared, public = (each.inner for each in town.heard(base_url="http://127.0.0.1:1"))
    assert (message["type"], message["subtype"], message["text"]) == ("message", "file_share", "look")
    assert message["client_msg_id"]
    assert [each["id"] for each in message["files"]] == [file.id]
    assert message["files"][0]["url_private"] == f"http://127.0.0.1:1/files-pri/T0LOCAL01-{file.id}/run.log"
    assert shared == {
        "type": "file_shared",
        "file_id": file.id,
        "user_id": "U0ANN",
        "file": {"id": file.id},
        "channel_id": "C0GENERAL",
        "event_ts": shared["event_ts"],
    }
    assert public == {
        "type": "file_public",
        "file_id": file.id,
        "user_id": "U0ANN",
        "file": {"id": file.id},
        "event_ts": shared["event_ts"],
    }


def test_only_the_apps_own_uploads_are_created(town: Town) -> None:
    file = upload(town, town.bot)
    (event,) = town.heard()
    assert event.inner == {
        "type": "file_created",
        "file_id": file.id,
        "user_id": "U0LOCALBOT",
        "file": {"id": file.id},
        "event_ts": event.inner["event_ts"],
    }
    upload(town, town.ann)
    assert town.heard() == []


def test_files_are_shared_with_those_who_are_there(town: Town) -> None:
    absent = town.install("file_shared", "file_public")
    upload(town, town.ann, town.secret)
    assert town.heard_by(town.app, absent) == [[], []]
    upload(town, town.ann, town.direct)
    assert town.heard_by(town.app, absent) == [["message", "file_shared"], []]
    upload(town, town.ann, town.dev)
    assert town.heard_by(town.app, absent) == [["file_public"], ["file_public"]]


def test_a_file_becomes_public_once(town: Town) -> None:
    upload(town, town.ann, town.secret, town.dev, town.general)
    assert types(town.heard()) == ["file_public", "message", "file_shared"]


def test_a_deleted_file_and_where_it_was(town: Town) -> None:
    file = upload(town, town.ann, town.secret, town.dev, town.general)
    file.shares["C0GONE"] = ["1.000001"]
    town.heard()
    town.workspace.uploads.delete(file, by=town.ann)
    (event,) = town.heard()
    assert event.inner == {
        "type": "file_deleted",
        "file_id": file.id,
        "channel_ids": ["C0DEV", "C0GENERAL"],
        "event_ts": event.inner["event_ts"],
    }


def test_only_subscribers_hear_of_files(town: Town) -> None:
    shares, deletions = town.install("file_shared"), town.install("file_deleted")
    file = upload(town, town.ann, town.general)
    town.workspace.uploads.delete(file, by=town.ann)
    assert town.heard_by(shares, deletions) == [["file_shared"], ["file_deleted"]]
