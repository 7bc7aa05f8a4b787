"""People, custom emoji, and App Homes."""

from __future__ import annotations

import pytest

from hearing import WALL, Town, types
from tautwire.local.workspace import shapes
from tautwire.local.workspace.changes import EmojiChanged

HOME = {"type": "home", "blocks": [{"type": "divider"}]}


def test_somebody_new_word_for_word(town: Town) -> None:
    eve = town.workspace.people.add("eve", wall=WALL)
    joined, member = town.heard()
    assert joined.inner == {
        "type": "team_join",
        "user": shapes.user(town.workspace.core, eve),
        "cache_ts": 1795000000,
        "event_ts": joined.inner["event_ts"],
    }
    assert joined.inner["user"]["profile"]["email"] == "eve@acme.test"
    assert (member.type, member.inner["user"], member.inner["channel"]) == (
        "member_joined_channel",
        eve.id,
        "C0GENERAL",
    )
    assert "inviter" not in member.inner


@pytest.mark.parametrize(
    ("what", "second"),
    [
        ({"status_text": "riding a train"}, ["user_status_changed"]),
        ({"title": "Captain", "status_text": "on board"}, ["user_profile_changed"]),
        ({"is_deleted": True}, []),
    ],
)
def test_changes_of_a_person(town: Town, what: dict[str, object], second: list[str]) -> None:
    town.workspace.people.change(town.bob, wall=WALL, **what)
    told = town.heard()
    assert types(told) == ["user_change", *second]
    for each in told:
        assert each.inner["user"] == shapes.user(town.workspace.core, town.bob)
        assert each.inner["cache_ts"] == 1795000000
    assert len({each.inner["event_ts"] for each in told}) == 1


def test_coming_and_going_online_is_no_event(town: Town) -> None:
    town.workspace.people.change(town.bob, wall=WALL, presence="away")
    assert town.heard() == []


def test_mail_addresses_are_for_those_who_may_read_them(town: Town) -> None:
    app = town.install("user_change", scopes=["users:read"])
    town.workspace.people.change(town.bob, wall=WALL, title="Captain")
    (event,) = town.heard(app)
    assert "email" not in event.inner["user"]["profile"]
    assert event.inner["user"]["profile"]["title"] == "Captain"


def test_only_subscribers_hear_of_people(town: Town) -> None:
    joins, changes = town.install("team_join"), town.install("user_status_changed")
    town.workspace.people.add("eve", wall=WALL)
    town.workspace.people.change(town.bob, wall=WALL, status_text="away")
    assert town.heard_by(joins, changes) == [["team_join"], ["user_status_changed"]]


def test_custom_emoji_word_for_word(town: Town) -> None:
    town.workspace.core.happened(EmojiChanged("party", "https://e.test/party.gif", is_added=True))
    town.workspace.core.happened(EmojiChanged("party", "https://e.test/party.gif", is_added=False))
    added, removed = (each.inner for each in town.heard())
    assert added == {
        "type": "emoji_changed",
        "subtype": "add",
        "name": "party",
        "value": "https://e.test/party.gif",
        "event_ts": added["event_ts"],
    }
    assert removed == {
        "type": "emoji_changed",
        "subtype": "remove",
        "names": ["party"],
        "event_ts": removed["event_ts"],
    }


# App Homes


def test_an_app_home_word_for_word(town: Town) -> None:
    screens = town.workspace.screens
    screens.open_home(town.ann, town.app, town.direct, "home")
    (empty,) = town.heard()
    assert empty.inner == {
        "type": "app_home_opened",
        "user": "U0ANN",
        "channel": "D0ANN",
        "tab": "home",
        "event_ts": empty.inner["event_ts"],
    }
    view = screens.publish(town.app, town.ann, HOME, wall=WALL)
    screens.open_home(town.ann, town.app, town.direct, "home")
    screens.open_home(town.ann, town.app, town.direct, "messages")
    home, messages = (each.inner for each in town.heard())
    assert home == empty.inner | {
        "view": shapes.view(town.app.identity, view),
        "event_ts": home["event_ts"],
    }
    assert messages == empty.inner | {"tab": "messages", "event_ts": messages["event_ts"]}


def test_an_app_home_is_only_its_apps_business(town: Town) -> None:
    other, deaf = town.install("app_home_opened"), town.install("message")
    town.workspace.screens.open_home(town.ann, other, town.direct, "home")
    town.workspace.screens.open_home(town.ann, deaf, town.direct, "home")
    assert town.heard_by(town.app, other, deaf) == [[], ["app_home_opened"], []]
