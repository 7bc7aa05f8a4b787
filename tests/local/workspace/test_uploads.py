from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tautwire.local.workspace import Refusal
from tautwire.local.workspace.changes import FileCreated, FileDeleted, FileShared, MessagePosted
from tautwire.local.workspace.uploads import MAX_BYTES, MAX_SNIPPET, MAX_WAITING

if TYPE_CHECKING:
    from collections.abc import Callable

    from tautwire.local.workspace import Channel, File, User, Workspace

WALL = 1_795_000_000.0


def refusal(action: Callable[[], object]) -> str:
    with pytest.raises(Refusal) as caught:
        action()
    return caught.value.error


@pytest.fixture
def uploaded(workspace: Workspace, bot: User) -> Callable[..., File]:
    def do(name: str = "a.txt", content: bytes = b"abc", by: User = bot) -> File:
        file = workspace.uploads.ask(name, len(content), by=by, wall=WALL)
        return workspace.uploads.receive(file.upload_key, content)

    return do


@pytest.mark.parametrize(
    ("name", "snippet", "mimetype", "filetype"),
    [
        ("a.PNG", "", "image/png", "png"),
        ("a", "", "application/octet-stream", "binary"),
        ("a.py", "python", "text/x-python", "python"),
    ],
)
def test_asking(name: str, snippet: str, mimetype: str, filetype: str, workspace: Workspace, bot: User) -> None:
    file = workspace.uploads.ask(name, 3, by=bot, wall=WALL, snippet_type=snippet, alt_text="A")
    assert (file.mimetype, file.filetype, file.title, file.alt_text) == (mimetype, filetype, name, "A")
    assert len(file.upload_key) == 32
    assert not file.is_complete


@pytest.mark.parametrize(
    ("given", "error"),
    [
        ({"size": 0}, "missing_argument"),
        ({"size": MAX_BYTES + 1}, "file_upload_size_restricted"),
        ({"size": MAX_SNIPPET + 1, "snippet_type": "text"}, "snippet_too_large"),
        ({"size": 1, "alt_text": "x" * 1001}, "alt_txt_too_large"),
    ],
)
def test_asking_too_much(given: dict[str, Any], error: str, workspace: Workspace, bot: User) -> None:
    assert refusal(lambda: workspace.uploads.ask("a", by=bot, wall=WALL, **given)) == error


def test_receiving(workspace: Workspace, bot: User) -> None:
    file = workspace.uploads.ask("a", 3, by=bot, wall=WALL)
    assert workspace.uploads.expected(file.upload_key) is file
    assert refusal(lambda: workspace.uploads.receive(file.upload_key, b"ab")) == "length_mismatch"
    assert not file.is_uploaded
    for content in (b"abc", b"xyz"):
        assert workspace.uploads.receive(file.upload_key, content).content == content
    workspace.uploads.complete([(file.id, "")], by=bot, wall=WALL, channels=[])
    assert refusal(lambda: workspace.uploads.expected(file.upload_key)) == "not_found"
    assert refusal(lambda: workspace.uploads.receive("guessed", b"")) == "not_found"


def test_completing(workspace: Workspace, general: Channel, bot: User, uploaded: Any) -> None:
    first, second = uploaded(), uploaded("b.txt")
    wanted, random = [(first.id, "A"), (second.id, "")], workspace.channel("random")
    workspace.uploads.complete(wanted, by=bot, wall=WALL, channels=[general, random], comment="look")
    (said,), (again,) = general.messages.values(), random.messages.values()
    assert (first.title, second.title, said.text, said.subtype) == ("A", "b.txt", "look", "file_share")
    assert first.shares == second.shares == {"C0GENERAL": [said.ts], "C0RANDOM": [again.ts]}
    assert workspace.take_changes() == [
        FileCreated(first, bot),
        FileCreated(second, bot),
        MessagePosted(general, said),
        FileShared(first, bot, general, said),
        FileShared(second, bot, general, said),
        MessagePosted(random, again),
        FileShared(first, bot, random, again),
        FileShared(second, bot, random, again),
    ]


def test_what_is_refused_leaves_everything_as_it_was(
    workspace: Workspace, general: Channel, ann: User, bot: User, uploaded: Any
) -> None:
    file, empty = uploaded(), workspace.uploads.ask("a", 3, by=bot, wall=WALL)

    def complete(*ids: str, by: User = bot, channels: Any = (), **more: Any) -> str:
        wanted = [(each, "") for each in ids]
        complete = workspace.uploads.complete
        return refusal(lambda: complete(wanted, by=by, wall=WALL, channels=[general, *channels], **more))

    assert complete("F1") == complete(file.id, empty.id) == complete(file.id, by=ann) == "file_not_found"
    assert complete(file.id, channels=[workspace.channel("secret-plans")]) == "channel_not_found"
    assert complete(file.id, blocks=[{}]) == "invalid_blocks"
    workspace.places.join(general, workspace.people.add("new", wall=WALL, user_id="U0NEW"), wall=WALL)
    assert not file.is_complete
    assert workspace.uploads.listed(bot) == []
    assert not any(each.file_ids for each in general.messages.values())


def test_who_sees_it(workspace: Workspace, ann: User, bot: User) -> None:
    bob, cleo, dan = (workspace.user(name) for name in ("bob", "cleo", "dan"))
    uploads = workspace.uploads

    def share(place: str, by: User) -> File:
        said = uploads.share(workspace.channels[place], "a.txt", b"abc", by=by, wall=WALL)
        return workspace.core.files[said.file_ids[0]]

    public, private, direct = share("C0DEV", bob), share("C0SECRET", ann), share("D0BOB", ann)
    assert uploads.listed(dan) == [public]
    assert uploads.listed(cleo) == [private, public]
    assert uploads.listed(ann) == [direct, private, public]
    assert uploads.find(private.id, cleo) is private
    assert (
        refusal(lambda: uploads.find(private.id, dan)) == refusal(lambda: uploads.find("F1", dan)) == "file_not_found"
    )
    workspace.places.delete(workspace.channel("dev"), by=ann)
    assert uploads.listed(bot) == []
    assert uploads.listed(bob) == [direct, public]


def test_deleting(workspace: Workspace, general: Channel, ann: User, bot: User) -> None:
    said = workspace.uploads.share(general, "a.txt", b"abc", by=bot, wall=WALL, comment="look")
    file = workspace.core.files[said.file_ids[0]]
    dev = workspace.channel("dev")
    workspace.uploads.share(dev, "b.txt", b"abc", by=ann, wall=WALL)
    file.shares[dev.id] = ["1.000001"]
    workspace.places.delete(dev, by=ann)
    workspace.take_changes()
    assert refusal(lambda: workspace.uploads.delete(file, by=workspace.user("bob"))) == "cant_delete_file"
    workspace.uploads.delete(file, by=ann)
    assert said.file_ids == []
    assert workspace.take_changes() == [FileDeleted(file)]
    assert refusal(lambda: workspace.uploads.find(file.id, bot)) == "file_deleted"


def test_deleting_what_a_message_no_longer_has(workspace: Workspace, general: Channel, bot: User) -> None:
    said = workspace.uploads.share(general, "a.txt", b"abc", by=bot, wall=WALL)
    file = workspace.core.files[said.file_ids.pop()]
    file.shares[general.id].append("1.000001")
    workspace.uploads.delete(file, by=bot)
    assert workspace.core.files == {}


def test_the_same_file_twice_is_one_file(workspace: Workspace, general: Channel, bot: User, uploaded: Any) -> None:
    file = uploaded()
    workspace.take_changes()
    workspace.uploads.complete([(file.id, "a"), (file.id, "b")], by=bot, wall=WALL, channels=[general])
    assert [type(each).__name__ for each in workspace.take_changes()] == ["FileCreated", "MessagePosted", "FileShared"]
    assert file.title == "b"


def test_uploads_that_are_never_completed_are_given_up(workspace: Workspace, bot: User) -> None:
    first, *_, last = [workspace.uploads.ask("a.txt", 3, by=bot, wall=WALL) for _ in range(MAX_WAITING + 1)]
    assert workspace.uploads.expected(last.upload_key) is last
    assert refusal(lambda: workspace.uploads.expected(first.upload_key)) == "not_found"
    assert first.id not in workspace.core.files
