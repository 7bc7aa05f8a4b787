from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tautwire.local.workspace import Content, Message, Refusal
from tautwire.local.workspace.changes import PinAdded, PinRemoved, ReactionAdded, ReactionRemoved
from tautwire.local.workspace.marks import MAX_PINS, MAX_REACTIONS, MAX_REACTIONS_EACH

if TYPE_CHECKING:
    from tautwire.local.workspace import Channel, User, Workspace


@pytest.fixture
def said(workspace: Workspace, general: Channel, ann: User) -> Message:
    message = workspace.talk.post(general, Content(text="hi"), by=ann, wall=1.0)
    workspace.take_changes()
    return message


def refused(doing: Any, *args: Any, **kwargs: Any) -> str:
    with pytest.raises(Refusal) as caught:
        doing(*args, **kwargs)
    return caught.value.error


@pytest.mark.parametrize("name", ["eyes", ":eyes:", "+1", "man-shrugging::skin-tone-3", "日本", "8ball", "o'clock"])
def test_react_once(workspace: Workspace, general: Channel, said: Message, ann: User, name: str) -> None:
    marks, bare = workspace.marks, name.strip(":")
    marks.react(general, said, name, by=ann)
    assert said.reactions == {bare: [ann.id]}
    assert refused(marks.react, general, said, bare, by=ann) == "already_reacted"
    marks.unreact(general, said, name, by=ann)
    assert said.reactions == {}
    assert refused(marks.unreact, general, said, name, by=ann) == "no_reaction"
    assert workspace.take_changes() == [
        ReactionAdded(ann, general, said, bare),
        ReactionRemoved(ann, general, said, bare),
    ]


@pytest.mark.parametrize("name", ["", ":", "two words", "👀", "a::skin-tone-7", "a:b"])
def test_what_is_no_emoji(workspace: Workspace, general: Channel, said: Message, ann: User, name: str) -> None:
    assert refused(workspace.marks.react, general, said, name, by=ann) == "invalid_name"


def test_others_keep_theirs(workspace: Workspace, general: Channel, said: Message, ann: User) -> None:
    bob = workspace.user("bob")
    for who in (ann, bob):
        workspace.marks.react(general, said, "eyes", by=who)
    workspace.marks.unreact(general, said, "eyes", by=ann)
    assert said.reactions == {"eyes": [bob.id]}


def test_so_many_and_no_more(workspace: Workspace, general: Channel, said: Message, ann: User) -> None:
    marks = workspace.marks
    for number in range(MAX_REACTIONS_EACH):
        marks.react(general, said, f"e{number}", by=ann)
    assert refused(marks.react, general, said, "more", by=ann) == "too_many_reactions"
    people = [workspace.user(name) for name in ("bob", "cleo")]
    for number in range(MAX_REACTIONS_EACH, MAX_REACTIONS):
        marks.react(general, said, f"e{number}", by=people[number % 2])
    dan = workspace.user("dan")
    assert refused(marks.react, general, said, "more", by=dan) == "too_many_emoji"
    marks.react(general, said, "e0", by=dan)
    assert len(said.reactions) == MAX_REACTIONS


def test_only_those_who_are_in_and_while_it_is_open(workspace: Workspace, ann: User) -> None:
    dev, dan = workspace.channel("dev"), workspace.user("dan")
    said = workspace.talk.post(dev, Content(text="x"), by=ann, wall=1.0)
    assert refused(workspace.marks.react, dev, said, "eyes", by=dan) == "not_in_channel"
    assert refused(workspace.marks.pin, dev, said, by=dan, wall=1.0) == "not_in_channel"
    dev.is_archived = True
    assert refused(workspace.marks.react, dev, said, "eyes", by=ann) == "is_archived"
    assert refused(workspace.marks.pin, dev, said, by=ann, wall=1.0) == "is_archived"


def test_pin_once(workspace: Workspace, general: Channel, said: Message, ann: User) -> None:
    marks = workspace.marks
    marks.pin(general, said, by=ann, wall=5.5)
    pin = general.pins[said.ts]
    assert (pin.user_id, pin.created) == (ann.id, 5)
    assert refused(marks.pin, general, said, by=ann, wall=1.0) == "already_pinned"
    bob = workspace.user("bob")
    marks.unpin(general, said, by=bob)
    assert refused(marks.unpin, general, said, by=bob) == "no_pin"
    assert workspace.take_changes() == [PinAdded(ann, general, said, pin), PinRemoved(bob, general, said, pin)]


def test_a_hundred_pins(workspace: Workspace, general: Channel, ann: User) -> None:
    said = [workspace.talk.post(general, Content(text="x"), by=ann, wall=1.0) for _ in range(MAX_PINS + 1)]
    for message in said[:-1]:
        workspace.marks.pin(general, message, by=ann, wall=1.0)
    assert refused(workspace.marks.pin, general, said[-1], by=ann, wall=1.0) == "too_many_pins"


def test_slacks_own_lines_are_not_pinned(workspace: Workspace, ann: User) -> None:
    channel = workspace.places.create("new", by=ann, wall=1.0)
    [joined] = channel.messages.values()
    assert refused(workspace.marks.pin, channel, joined, by=ann, wall=1.0) == "not_pinnable"
