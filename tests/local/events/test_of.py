"""That nothing is forgotten, and that nothing goes wrong."""

from __future__ import annotations

import json
from typing import get_args

import pytest

from hearing import WALL, Town, types
from tautwire.local.events import Event, events_of
from tautwire.local.events.of import TELLERS
from tautwire.local.workspace import changes
from tautwire.local.workspace.changes import Change, ChannelCreated, MessageShown, ViewChanged
from tautwire.local.workspace.model import Pin, View

#: What no event tells of, ever.
SILENT = {MessageShown, ViewChanged}


def test_every_change_has_somebody_who_tells_of_it_or_is_silent_on_purpose() -> None:
    assert set(TELLERS) == set(get_args(Change))
    assert {kind for kind, tellers in TELLERS.items() if not tellers} == SILENT


def test_every_public_change_is_part_of_the_union() -> None:
    assert {getattr(changes, name) for name in changes.__all__ if name != "Change"} == set(get_args(Change))


def test_every_change_can_be_told_and_becomes_json(town: Town) -> None:
    """One of each, about people and places that the workspace has forgotten."""
    core = town.workspace.core
    said, file = (
        town.says("<@U0LOCALBOT> https://example.com"),
        town.workspace.uploads.ask("a.txt", 1, by=town.ann, wall=WALL),
    )
    view = View("V1", town.app.id, "U0ANN", "home", {}, "h", "V1")
    ann, place, pin = town.ann, town.general, Pin("U0ANN", 1)
    for records in (core.users, core.channels, core.files):
        records.clear()
    one_of_each: list[Change] = [
        changes.MessagePosted(place, said),
        changes.MessageShown(place, said),
        changes.MessageChanged(place, said, said),
        changes.MessageDeleted(place, said),
        changes.ReactionAdded(ann, place, said, "eyes"),
        changes.ReactionRemoved(ann, place, said, "eyes"),
        changes.PinAdded(ann, place, said, pin),
        changes.PinRemoved(ann, place, said, pin),
        changes.MemberJoined(ann, place),
        changes.MemberLeft(ann, place),
        changes.ChannelCreated(place, ann),
        changes.ChannelOpened(place, ann, is_new=True),
        changes.ChannelClosed(place, ann),
        changes.ChannelRenamed(place, ann, "old"),
        changes.ChannelArchived(place, ann),
        changes.ChannelUnarchived(place, ann),
        changes.ChannelDeleted(place, ann),
        changes.UserJoined(ann),
        changes.UserChanged(ann, "profile"),
        changes.EmojiChanged("party", "https://e.test/x.gif", is_added=True),
        changes.FileCreated(file, ann),
        changes.FileShared(file, ann, place, said),
        changes.FileDeleted(file),
        changes.AppHomeOpened(ann, town.app, town.direct, "home", view),
        changes.ViewChanged(view),
    ]
    assert {type(each) for each in one_of_each} == set(get_args(Change))
    for change in one_of_each:
        for event in events_of(change, town.app, core, ts="1795000009.000001"):
            assert event.inner["type"] == event.type
            assert event.inner["event_ts"]
            json.dumps(event.inner)


@pytest.mark.parametrize("app_count", [1, 3])
def test_telling_changes_nothing(town: Town, app_count: int) -> None:
    """Every app is told the same, however many there are, and in whatever order."""
    town.says("<@U0LOCALBOT> hello")
    (change,) = town.workspace.take_changes()
    serial, core = town.workspace.ids.serial, town.workspace.core
    told = [events_of(change, town.app, core, ts="1795000009.000001") for _ in range(app_count)]
    assert all(each == told[0] for each in told)
    assert (town.workspace.ids.serial, town.workspace.take_changes()) == (serial, [])


def test_a_kind_of_change_that_nobody_knows_is_a_mistake_of_ours(town: Town) -> None:
    with pytest.raises(KeyError):
        events_of(object(), town.app, town.workspace.core, ts="1.000001")  # type: ignore[arg-type]


def test_an_event_says_what_it_is() -> None:
    assert repr(Event("message", {"subtype": "channel_join", "text": "…"})) == "<event message/channel_join>"
    assert repr(Event("team_join", {})) == "<event team_join>"


def test_deaf_apps_hear_nothing(town: Town) -> None:
    deaf = town.install()
    town.says("<@U0LOCALBOT2> https://example.com")
    town.workspace.core.happened(ChannelCreated(town.dev, town.ann))
    assert town.heard_by(deaf) == [[]]
    assert types(town.heard()) == []
