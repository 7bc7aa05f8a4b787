from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tautwire.local.manifest import Manifest
from tautwire.local.workspace import Content, Refusal
from tautwire.local.workspace.changes import (
    FileShared,
    MessageChanged,
    MessageDeleted,
    MessagePosted,
    MessageShown,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from tautwire.local.workspace import App, Channel, Message, User, Workspace

WALL = 1_795_000_000.0
DIVIDER = {"type": "divider"}


@pytest.fixture
def say(workspace: Workspace, general: Channel, ann: User) -> Callable[..., Message]:
    def do(text: str = "a", by: User = ann, **more: Any) -> Message:
        said = workspace.talk.post(general, Content(text=text, **more), by=by, wall=WALL)
        workspace.take_changes()
        return said

    return do


def refusal(action: Callable[[], object]) -> str:
    with pytest.raises(Refusal) as caught:
        action()
    return caught.value.error


# Saying


def test_a_person_and_an_app_say_something(workspace: Workspace, general: Channel, ann: User, bot: User) -> None:
    mine = workspace.talk.post(general, Content(text="a"), by=ann, wall=WALL)
    its = workspace.talk.post(general, Content(text="b", blocks=[DIVIDER]), by=bot, wall=WALL)
    assert (mine.app_id, mine.bot_id, bool(mine.client_msg_id)) == ("", "", True)
    assert (its.app_id, its.bot_id, its.client_msg_id) == ("A0LOCAL01", "B0LOCALBOT", "")
    assert its.ts > mine.ts
    assert its.blocks[0]["block_id"]
    assert workspace.take_changes() == [MessagePosted(general, mine), MessagePosted(general, its)]


def test_an_app_speaks_in_a_persons_name(workspace: Workspace, general: Channel, ann: User, app: App) -> None:
    said = workspace.talk.post(general, Content(text="a"), by=ann, wall=WALL, app=app)
    assert (said.user_id, said.app_id, said.bot_id) == ("U0ANN", app.id, "B0LOCALBOT")


def test_a_conversation_that_was_put_away_comes_up_again(workspace: Workspace, ann: User, bot: User) -> None:
    direct = workspace.channels["D0ANN"]
    workspace.places.close_direct(direct, by=ann)
    workspace.talk.post(direct, Content(text="a"), by=bot, wall=WALL)
    assert direct.closed_by == {}


def test_who_may_not(workspace: Workspace, general: Channel, ann: User, bot: User) -> None:
    def post(place: str, by: User) -> str:
        return refusal(lambda: workspace.talk.post(workspace.channels[place], Content(text="a"), by=by, wall=WALL))

    dan = workspace.user("dan")
    assert post("C0DEV", dan) == "not_in_channel"
    assert post("C0SECRET", dan) == post("C0SECRET", bot) == "channel_not_found"
    workspace.talk.may_post(workspace.channel("dev"), bot)
    scopes = {"display_information": {"name": "A"}, "features": {"bot_user": {"display_name": "a"}}}
    plain = workspace.install(Manifest.from_dict(scopes | {"oauth_config": {"scopes": {"bot": ["chat:write"]}}}))
    assert post("C0DEV", workspace.core.bot_user(plain)) == "not_in_channel"
    direct = workspace.direct(ann, workspace.core.bot_user(plain))
    workspace.talk.may_post(direct, ann)
    assert post(direct.id, workspace.core.bot_user(plain)) == "messages_tab_disabled"
    workspace.places.archive(workspace.channel("dev"), by=ann, wall=WALL)
    assert post("C0DEV", ann) == "is_archived"
    assert refusal(lambda: workspace.talk.post(general, Content(), by=ann, wall=WALL)) == "no_text"


def test_files_are_shared(workspace: Workspace, general: Channel, ann: User) -> None:
    said = workspace.uploads.share(general, "a.txt", b"abc", by=ann, wall=WALL)
    file = workspace.core.files[said.file_ids[0]]
    assert (said.subtype, file.shares) == ("file_share", {"C0GENERAL": [said.ts]})
    assert workspace.take_changes()[1:] == [MessagePosted(general, said), FileShared(file, ann, general, said)]


# Threads


def test_replies(workspace: Workspace, general: Channel, say: Any) -> None:
    parent = say()
    first = say("b", thread_ts=parent.ts)
    second = say("c", thread_ts=first.ts, is_broadcast=True)
    assert (parent.thread_ts, first.thread_ts, second.thread_ts) == (parent.ts,) * 3
    assert not parent.is_reply
    assert second.is_broadcast
    assert not say("d", is_broadcast=True).is_broadcast
    assert workspace.talk.replies(general, parent) == [first, second]
    assert workspace.talk.replies(general, first) == []


def test_a_reply_to_what_is_not_there(workspace: Workspace, general: Channel, say: Any) -> None:
    assert say("b", thread_ts="1700000000.000001").thread_ts == "1700000000.000001"
    assert general.threads["1700000000.000001"]


def test_no_reply_under_slacks_own_lines(workspace: Workspace, ann: User) -> None:
    dev = workspace.channel("dev")
    workspace.places.join(dev, workspace.user("cleo"), wall=WALL)
    (joined,) = dev.messages
    content = Content(text="a", thread_ts=joined)
    post = lambda: workspace.talk.post(dev, content, by=ann, wall=WALL)  # noqa: E731
    assert refusal(post) == "cannot_reply_to_message"
    assert refusal(lambda: workspace.talk.may_reply(dev, joined)) == "cannot_reply_to_message"
    workspace.talk.may_reply(dev, "")


# What one person sees


def test_an_ephemeral_message(workspace: Workspace, general: Channel, ann: User, bot: User) -> None:
    shown = workspace.talk.show(general, ann, Content(text="a"), by=bot, wall=WALL)
    assert (shown.seen_by, general.messages) == ("U0ANN", {})
    workspace.talk.show_again(general, shown, Content(blocks=[DIVIDER], attachments=[{"text": "b"}]))
    assert (shown.text, shown.blocks[0]["type"], shown.attachments[0]["text"]) == ("", "divider", "b")
    assert workspace.take_changes() == [MessageShown(general, shown)] * 2
    assert refusal(lambda: workspace.talk.show(general, ann, Content(), by=bot, wall=WALL)) == "no_text"


# Changing


def test_an_edit_says_how_it_was_before(workspace: Workspace, general: Channel, ann: User, say: Any) -> None:
    said = say(blocks=[DIVIDER])
    workspace.talk.edit(general, said.ts, Content(text="b"), by=ann, wall=WALL)
    assert (said.text, said.blocks, said.edited_by) == ("b", [], "U0ANN")
    assert said.edited_ts > said.ts
    (change,) = workspace.take_changes()
    assert isinstance(change, MessageChanged)
    assert (change.message, change.previous.text, change.previous.edited_ts) == (said, "a", "")
    assert change.previous.blocks[0]["type"] == "divider"


@pytest.mark.parametrize(
    ("given", "shows"),
    [
        ({"blocks": [DIVIDER]}, ("a", 1, 1, False)),
        ({"text": "b", "blocks": [DIVIDER]}, ("b", 1, 1, False)),
        ({"text": "b"}, ("b", 0, 1, True)),
        ({"attachments": []}, ("a", 1, 0, False)),
        ({"metadata": {}}, ("a", 1, 1, False)),
        ({"text": "", "blocks": [DIVIDER]}, ("", 1, 1, False)),
        ({"text": "", "attachments": [{"text": "c"}] * 2}, ("", 0, 2, True)),
    ],
)
def test_what_an_edit_leaves(
    given: dict[str, Any], shows: tuple[Any, ...], workspace: Workspace, general: Channel, ann: User, say: Any
) -> None:
    said = say(blocks=[DIVIDER], attachments=[{"text": "c"}])
    workspace.talk.edit(general, said.ts, Content(**given), by=ann, wall=WALL)
    assert (said.text, len(said.blocks), len(said.attachments), bool(said.edited_ts)) == shows


@pytest.mark.parametrize("given", [{}, {"text": ""}, {"text": "", "blocks": []}, {"text": "", "attachments": []}])
def test_an_edit_leaves_something(
    given: dict[str, Any], workspace: Workspace, general: Channel, ann: User, say: Any
) -> None:
    said = say()
    assert refusal(lambda: workspace.talk.edit(general, said.ts, Content(**given), by=ann, wall=WALL)) == "no_text"
    assert said.text == "a"


def test_whose_it_is(workspace: Workspace, general: Channel, ann: User, bot: User, say: Any) -> None:
    said, content, talk = say(), Content(text="b"), workspace.talk
    assert refusal(lambda: talk.edit(general, said.ts, content, by=bot, wall=WALL)) == "cant_update_message"
    assert refusal(lambda: talk.delete(general, said.ts, by=bot, wall=WALL)) == "cant_delete_message"
    assert refusal(lambda: talk.edit(general, "1.000001", content, by=ann, wall=WALL)) == "message_not_found"
    its = say(by=bot)
    assert refusal(lambda: talk.edit(general, its.ts, content, by=ann, wall=WALL)) == "cant_update_message"
    talk.delete(general, its.ts, by=ann, wall=WALL)
    workspace.places.set_topic(general, "x", by=ann, wall=WALL)
    line = list(general.messages)[-1]
    assert refusal(lambda: talk.delete(general, line, by=ann, wall=WALL)) == "cant_delete_message"


def test_an_archived_channel_stays_as_it_is(workspace: Workspace, ann: User) -> None:
    dev, talk = workspace.channel("dev"), workspace.talk
    said = talk.post(dev, Content(text="a"), by=ann, wall=WALL)
    workspace.places.archive(dev, by=ann, wall=WALL)
    assert refusal(lambda: talk.edit(dev, said.ts, Content(text="b"), by=ann, wall=WALL)) == "is_inactive"
    assert refusal(lambda: talk.broadcast(dev, said.ts, by=ann)) == "is_inactive"
    assert refusal(lambda: talk.delete(dev, said.ts, by=ann, wall=WALL)) == "cant_delete_message"


def test_a_reply_is_broadcast_once(workspace: Workspace, general: Channel, ann: User, say: Any) -> None:
    parent = say()
    reply = say("b", thread_ts=parent.ts)
    workspace.talk.broadcast(general, reply.ts, by=ann)
    (change,) = workspace.take_changes()
    assert isinstance(change, MessageChanged)
    assert (change.previous.is_broadcast, reply.is_broadcast) == (False, True)
    for said in (reply, parent):
        with pytest.raises(Refusal, match="cant_broadcast_message"):
            workspace.talk.broadcast(general, said.ts, by=ann)


# Taking back


def test_a_message_is_gone_with_its_pin(workspace: Workspace, general: Channel, ann: User, say: Any) -> None:
    said = say()
    workspace.marks.pin(general, said, by=ann, wall=WALL)
    workspace.take_changes()
    assert workspace.talk.delete(general, said.ts, by=ann, wall=WALL) is said
    assert (general.messages, general.pins) == ({}, {})
    assert workspace.take_changes() == [MessageDeleted(general, said)]


def test_what_has_replies_leaves_a_tombstone(workspace: Workspace, general: Channel, ann: User, say: Any) -> None:
    parent = say(blocks=[DIVIDER])
    first, second = say("b", thread_ts=parent.ts), say("c", thread_ts=parent.ts)
    workspace.talk.delete(general, parent.ts, by=ann, wall=WALL)
    (change,) = workspace.take_changes()
    assert isinstance(change, MessageChanged)
    assert (change.previous.text, parent.subtype, parent.user_id, parent.blocks) == ("a", "tombstone", "USLACKBOT", [])
    assert refusal(lambda: workspace.talk.delete(general, parent.ts, by=ann, wall=WALL)) == "cant_delete_message"
    workspace.talk.delete(general, first.ts, by=ann, wall=WALL)
    assert list(general.messages) == [parent.ts, second.ts]
    workspace.talk.delete(general, second.ts, by=ann, wall=WALL)
    assert (general.messages, general.threads) == ({}, {})


def test_a_parent_outlives_its_last_reply(workspace: Workspace, general: Channel, ann: User, say: Any) -> None:
    parent = say()
    reply = say("b", thread_ts=parent.ts)
    workspace.talk.delete(general, reply.ts, by=ann, wall=WALL)
    assert list(general.messages) == [parent.ts]
    orphan = say("c", thread_ts="1700000000.000001")
    workspace.talk.delete(general, orphan.ts, by=ann, wall=WALL)
    assert list(general.messages) == [parent.ts]


def test_a_file_that_a_message_has_is_not_shared_in_it_again(workspace: Workspace, general: Channel, ann: User) -> None:
    said = workspace.uploads.share(general, "a.txt", b"x", by=ann, wall=WALL)
    workspace.take_changes()
    again = Content(text="look", file_ids=(said.file_ids[0],) * 2)
    workspace.talk.edit(general, said.ts, again, by=ann, wall=WALL)
    assert [type(each).__name__ for each in workspace.take_changes()] == ["MessageChanged"]
    file = workspace.core.files[said.file_ids[0]]
    assert (said.file_ids, file.shares) == ([file.id], {general.id: [said.ts]})
