from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tautwire.local.workspace import Content, Refusal
from tautwire.local.workspace.places import MAX_GROUP, check_name

if TYPE_CHECKING:
    from collections.abc import Callable

    from tautwire.local.workspace import Channel, User, Workspace

WALL = 1_795_000_000.5


def kinds(workspace: Workspace) -> list[str]:
    """What has happened since this was last asked."""
    return [type(each).__name__ for each in workspace.take_changes()]


def refused(doing: Callable[..., object], *args: Any, **kwargs: Any) -> str:
    with pytest.raises(Refusal) as caught:
        doing(*args, **kwargs)
    return caught.value.error


def lines(channel: Channel) -> list[tuple[str, str]]:
    return [(message.subtype, message.text) for message in channel.messages.values()]


@pytest.fixture
def bob(workspace: Workspace) -> User:
    return workspace.user("bob")


@pytest.fixture
def dev(workspace: Workspace) -> Channel:
    return workspace.channel("dev")


def test_a_new_channel_has_its_maker(workspace: Workspace, ann: User) -> None:
    channel = workspace.places.create("cakes", by=ann, wall=WALL, is_private=True)
    assert (channel.kind, channel.creator, channel.created) == ("group", ann.id, 1_795_000_000)
    assert list(channel.members) == [ann.id]
    assert lines(channel) == [("channel_join", f"<@{ann.id}> has joined the channel")]
    assert kinds(workspace) == ["ChannelCreated", "MessagePosted", "MemberJoined"]
    assert refused(workspace.places.create, "cakes", by=ann, wall=WALL) == "name_taken"


@pytest.mark.parametrize("name", ["a", "x" * 80, "käse", "a-b_c", "2026", "日本"])
def test_names_that_slack_takes(name: str) -> None:
    check_name(name)


@pytest.mark.parametrize(
    ("name", "error"),
    [
        ("", "invalid_name_required"),
        ("x" * 81, "invalid_name_maxlength"),
        ("A", "invalid_name_specials"),
        ("a.b", "invalid_name_specials"),
        ("a b", "invalid_name_specials"),
        ("_-_", "invalid_name_punctuation"),
    ],
)
def test_and_those_that_it_does_not(name: str, error: str) -> None:
    assert refused(check_name, name) == error


def test_another_name(workspace: Workspace, dev: Channel, ann: User) -> None:
    workspace.places.rename(dev, "devs", by=ann, wall=WALL)
    workspace.places.rename(dev, "makers", by=ann, wall=WALL)
    assert (dev.name, dev.previous_names) == ("makers", ["devs", "dev"])
    assert kinds(workspace) == ["MessagePosted", "ChannelRenamed"] * 2
    assert next(reversed(dev.messages.values())).extra == {"old_name": "devs", "name": "makers"}
    assert workspace.channel("#makers") is dev


def test_topic_and_purpose(workspace: Workspace, dev: Channel, ann: User, bob: User) -> None:
    workspace.places.set_topic(dev, "Tea", by=ann, wall=WALL)
    workspace.places.set_purpose(dev, "Tea, too", by=bob, wall=WALL)
    assert (dev.topic.value, dev.topic.creator, dev.topic.last_set) == ("Tea", ann.id, 1_795_000_000)
    assert (dev.purpose.value, dev.purpose.creator) == ("Tea, too", bob.id)
    assert [subtype for subtype, _ in lines(dev)] == ["channel_topic", "channel_purpose"]
    assert refused(workspace.places.set_topic, dev, "x" * 251, by=ann, wall=WALL) == "too_long"


def test_come_and_go(workspace: Workspace, dev: Channel, bot: User) -> None:
    assert workspace.places.join(dev, bot, wall=WALL)
    assert not workspace.places.join(dev, bot, wall=WALL)
    assert workspace.places.leave(dev, bot, wall=WALL)
    assert not workspace.places.leave(dev, bot, wall=WALL)
    assert kinds(workspace) == ["MessagePosted", "MemberJoined", "MessagePosted", "MemberLeft"]
    assert [subtype for subtype, _ in lines(dev)] == ["channel_join", "channel_leave"]


def test_the_last_one_stays(workspace: Workspace, ann: User) -> None:
    alone = workspace.places.create("alone", by=ann, wall=WALL)
    assert refused(workspace.places.leave, alone, ann, wall=WALL) == "last_member"


def test_bring_and_send_away(workspace: Workspace, dev: Channel, ann: User) -> None:
    cleo = workspace.user("cleo")
    workspace.places.invite(dev, cleo, by=ann, wall=WALL)
    [_, joined] = workspace.take_changes()
    assert (joined.user, joined.inviter) == (cleo, ann)  # type: ignore[union-attr]
    assert next(iter(dev.messages.values())).extra == {"inviter": ann.id}
    workspace.places.kick(dev, cleo, by=ann, wall=WALL)
    [_, left] = workspace.take_changes()
    assert (left.user, left.kicked_by) == (cleo, ann)  # type: ignore[union-attr]
    assert cleo.id not in dev.members


def test_close_for_good_and_again(workspace: Workspace, dev: Channel, ann: User) -> None:
    workspace.places.archive(dev, by=ann, wall=WALL)
    for doing in (
        lambda: workspace.talk.post(dev, Content(text="x"), by=ann, wall=WALL),
        lambda: workspace.places.join(dev, ann, wall=WALL),
        lambda: workspace.places.leave(dev, ann, wall=WALL),
        lambda: workspace.places.rename(dev, "x", by=ann, wall=WALL),
        lambda: workspace.places.set_topic(dev, "x", by=ann, wall=WALL),
        lambda: workspace.places.invite(dev, workspace.user("cleo"), by=ann, wall=WALL),
    ):
        assert refused(doing) == "is_archived"
    assert kinds(workspace) == ["MessagePosted", "ChannelArchived"]
    workspace.places.unarchive(dev, by=workspace.user("cleo"), wall=WALL)
    assert not dev.is_archived
    assert workspace.user("cleo").id in dev.members


def test_gone(workspace: Workspace, dev: Channel, ann: User) -> None:
    workspace.places.delete(dev, by=ann)
    assert kinds(workspace) == ["ChannelDeleted"]
    assert refused(workspace.channel, "dev") == "channel_not_found"


def test_the_general_channel_stays_as_it_is(workspace: Workspace, general: Channel, ann: User, bob: User) -> None:
    places = workspace.places
    assert refused(places.leave, general, ann, wall=WALL) == "cant_leave_general"
    assert refused(places.kick, general, bob, by=ann, wall=WALL) == "cant_kick_from_general"
    assert refused(places.archive, general, by=ann, wall=WALL) == "cant_archive_general"
    assert refused(places.rename, general, "x", by=ann, wall=WALL) == "not_authorized"
    assert refused(places.delete, general, by=ann) == "cant_delete_general"
    assert kinds(workspace) == []


def test_direct_conversations_are_found_again(workspace: Workspace, ann: User, bob: User) -> None:
    places, cleo = workspace.places, workspace.user("cleo")
    assert places.open_direct([bob], by=ann, wall=WALL) == (workspace.channels["D0BOB"], True)
    assert places.open_direct([ann, cleo], by=bob, wall=WALL) == (workspace.channels["G0TRIO"], True)
    fresh, was_open = places.open_direct([cleo], by=ann, wall=WALL)
    assert (fresh.kind, fresh.name, was_open) == ("im", "directmessage", False)
    assert workspace.direct(cleo, ann) is fresh
    alone, _ = places.open_direct([], by=ann, wall=WALL)
    assert list(alone.members) == [ann.id]
    group, _ = places.open_direct([cleo, workspace.user("dan")], by=ann, wall=WALL)
    assert (group.kind, group.name) == ("mpim", "mpdm-ann--cleo--dan-1")
    assert kinds(workspace) == ["ChannelOpened"] * 3


def test_direct_conversations_that_cannot_be(workspace: Workspace, ann: User, bob: User) -> None:
    crowd = [workspace.people.add(f"u{number}", wall=WALL) for number in range(MAX_GROUP + 1)]
    assert refused(workspace.places.open_direct, crowd, by=ann, wall=WALL) == "too_many_users"
    assert len(workspace.places.open_direct(crowd[1:], by=ann, wall=WALL)[0].members) == MAX_GROUP + 1
    bob.is_deleted = True
    assert refused(workspace.places.open_direct, [bob], by=ann, wall=WALL) == "user_disabled"


def test_put_away_and_up_again(workspace: Workspace, ann: User, bob: User, dev: Channel) -> None:
    places, direct = workspace.places, workspace.channels["D0BOB"]
    assert places.close_direct(direct, by=ann)
    assert not places.close_direct(direct, by=ann)
    assert places.reopen(direct, by=bob)
    assert places.open_direct([bob], by=ann, wall=WALL) == (direct, False)
    assert kinds(workspace) == ["ChannelClosed", "ChannelOpened"]
    assert places.close_direct(direct, by=ann)
    workspace.talk.post(direct, Content(text="hey"), by=bob, wall=WALL)
    assert direct.closed_by == {}
    for doing in (places.close_direct, places.reopen):
        assert refused(doing, dev, by=ann) == "method_not_supported_for_channel_type"


@pytest.mark.parametrize(
    "doing",
    [
        lambda places, here, ann, bob: places.rename(here, "x", by=ann, wall=WALL),
        lambda places, here, ann, bob: places.archive(here, by=ann, wall=WALL),
        lambda places, here, ann, bob: places.unarchive(here, by=ann, wall=WALL),
        lambda places, here, ann, bob: places.delete(here, by=ann),
        lambda places, here, ann, bob: places.join(here, bob, wall=WALL),
        lambda places, here, ann, bob: places.leave(here, ann, wall=WALL),
        lambda places, here, ann, bob: places.invite(here, bob, by=ann, wall=WALL),
        lambda places, here, ann, bob: places.kick(here, bob, by=ann, wall=WALL),
        lambda places, here, ann, bob: places.set_topic(here, "x", by=ann, wall=WALL),
    ],
)
def test_a_conversation_of_two_is_no_channel(workspace: Workspace, ann: User, bob: User, doing: Any) -> None:
    error = refused(doing, workspace.places, workspace.channels["D0BOB"], ann, bob)
    assert error == "method_not_supported_for_channel_type"
    assert kinds(workspace) == []


@pytest.mark.parametrize(
    "doing",
    [
        lambda places, here, dan, bob: places.rename(here, "x", by=dan, wall=WALL),
        lambda places, here, dan, bob: places.archive(here, by=dan, wall=WALL),
        lambda places, here, dan, bob: places.invite(here, bob, by=dan, wall=WALL),
        lambda places, here, dan, bob: places.kick(here, bob, by=dan, wall=WALL),
        lambda places, here, dan, bob: places.set_purpose(here, "x", by=dan, wall=WALL),
        lambda places, here, dan, bob: places.mark(here, "1795000000.000100", by=dan),
    ],
)
def test_who_is_not_in_changes_nothing(workspace: Workspace, dev: Channel, bob: User, doing: Any) -> None:
    assert refused(doing, workspace.places, dev, workspace.user("dan"), bob) == "not_in_channel"
    assert kinds(workspace) == []


def test_read_up_to_somewhere(workspace: Workspace, general: Channel, ann: User) -> None:
    workspace.places.mark(general, "1795000000.000100", by=ann)
    assert general.last_read == {ann.id: "1795000000.000100"}
