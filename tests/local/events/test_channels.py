"""Channels that are made, renamed, archived and deleted, and direct conversations."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hearing import WALL, Town, types
from tautwire.local.workspace.changes import ChannelDeleted

if TYPE_CHECKING:
    from tautwire.local.events import Event


def apart_from_messages(events: list[Event]) -> list[Event]:
    return [event for event in events if event.type != "message"]


def test_a_new_channel_word_for_word(town: Town) -> None:
    place = town.workspace.places.create("launch", by=town.ann, wall=WALL)
    (event,) = town.heard()
    assert (event.type, event.inner) == (
        "channel_created",
        {
            "type": "channel_created",
            "channel": {
                "id": place.id,
                "is_channel": True,
                "name": "launch",
                "name_normalized": "launch",
                "created": 1795000000,
                "creator": "U0ANN",
                "is_shared": False,
                "is_org_shared": False,
                "context_team_id": "T0LOCAL01",
                "is_archived": False,
                "is_general": False,
                "is_group": False,
                "is_private": False,
                "is_ext_shared": False,
                "is_im": False,
                "is_mpim": False,
                "is_pending_ext_shared": False,
                "updated": 1795000000000,
                "unlinked": 0,
                "previous_names": [],
                "topic": {"value": "", "creator": "", "last_set": 0},
                "purpose": {"value": "", "creator": "", "last_set": 0},
                "is_frozen": False,
            },
            "event_ts": event.inner["event_ts"],
        },
    )


def test_a_new_private_channel_is_told_to_nobody(town: Town) -> None:
    town.workspace.places.create("plot", by=town.ann, wall=WALL, is_private=True)
    assert town.heard() == []


def test_an_app_that_makes_a_channel_is_its_first_member(town: Town) -> None:
    town.workspace.places.create("launch", by=town.bot, wall=WALL)
    assert types(town.heard()) == ["channel_created", "message", "member_joined_channel"]


def test_what_becomes_of_a_public_channel_word_for_word(town: Town) -> None:
    places = town.workspace.places
    places.rename(town.dev, "builders", by=town.ann, wall=WALL)
    places.archive(town.dev, by=town.ann, wall=WALL)
    places.unarchive(town.dev, by=town.bob, wall=WALL)
    places.delete(town.dev, by=town.ann)
    told = town.heard()
    assert [{key: each.inner[key] for key in each.inner if key != "event_ts"} for each in told] == [
        {
            "type": "channel_rename",
            "channel": {
                "id": "C0DEV",
                "is_channel": True,
                "is_mpim": False,
                "name": "builders",
                "name_normalized": "builders",
                "created": 1790000000,
            },
        },
        {"type": "channel_archive", "channel": "C0DEV", "user": "U0ANN", "is_moved": 0},
        {"type": "channel_unarchive", "channel": "C0DEV", "user": "U0BOB"},
        {"type": "channel_deleted", "channel": "C0DEV", "actor_id": "U0ANN"},
    ]
    assert types(told) == [each.inner["type"] for each in told]
    assert len({each.inner["event_ts"] for each in told}) == 4


def test_what_becomes_of_a_private_channel_word_for_word(town: Town) -> None:
    places, secret = town.workspace.places, town.secret
    secret.members[town.bot.id] = None
    places.rename(secret, "open-secrets", by=town.ann, wall=WALL)
    places.archive(secret, by=town.ann, wall=WALL)
    places.unarchive(secret, by=town.ann, wall=WALL)
    places.delete(secret, by=town.ann)
    told = apart_from_messages(town.heard())
    assert types(told) == ["group_rename", "group_archive", "group_unarchive", "group_deleted"]
    rename, archive, unarchive, delete = (each.inner for each in told)
    assert (rename["channel"]["is_channel"], rename["channel"]["name"]) == (False, "open-secrets")
    assert (archive["user"], archive["is_moved"]) == ("U0ANN", 0)
    assert (unarchive["user"], unarchive["actor_id"]) == ("U0ANN", "U0ANN")
    assert delete == {
        "type": "group_deleted",
        "channel": "C0SECRET",
        "actor_id": "U0ANN",
        "date_deleted": 1795000000,
        "event_ts": delete["event_ts"],
    }


def test_a_private_channel_is_nobody_elses_business(town: Town) -> None:
    places, secret = town.workspace.places, town.secret
    places.rename(secret, "open-secrets", by=town.ann, wall=WALL)
    places.archive(secret, by=town.ann, wall=WALL)
    places.unarchive(secret, by=town.ann, wall=WALL)
    places.delete(secret, by=town.ann)
    assert town.heard() == []


def test_only_subscribers_hear_of_channels(town: Town) -> None:
    listener, deaf = town.install("channel_archive"), town.install("group_archive")
    town.workspace.places.archive(town.dev, by=town.ann, wall=WALL)
    assert town.heard_by(listener, deaf) == [["channel_archive"], []]


# Coming and going


def test_members_word_for_word(town: Town) -> None:
    places, general = town.workspace.places, town.workspace.channel("random")
    places.leave(general, town.bob, wall=WALL)
    places.join(general, town.bob, wall=WALL)
    places.kick(general, town.bob, by=town.ann, wall=WALL)
    places.invite(general, town.bob, by=town.ann, wall=WALL)
    left, joined, kicked, invited = (each.inner for each in apart_from_messages(town.heard()))
    who = {"user": "U0BOB", "channel": "C0RANDOM", "channel_type": "C", "team": "T0LOCAL01"}
    assert left == {"type": "member_left_channel"} | who | {"event_ts": left["event_ts"]}
    assert kicked == left | {"event_ts": kicked["event_ts"]}
    assert joined == {"type": "member_joined_channel"} | who | {"event_ts": joined["event_ts"]}
    assert invited == joined | {"inviter": "U0ANN", "event_ts": invited["event_ts"]}


def test_an_app_hears_of_its_own_coming_and_going(town: Town) -> None:
    places = town.workspace.places
    places.invite(town.secret, town.bot, by=town.ann, wall=WALL)
    message, joined = (each.inner for each in town.heard())
    assert (message["subtype"], joined["user"], joined["inviter"]) == ("channel_join", "U0LOCALBOT", "U0ANN")
    assert joined["channel_type"] == "G"
    places.kick(town.secret, town.bot, by=town.ann, wall=WALL)
    left, out = (each.inner for each in town.heard())
    assert (left["type"], left["user"]) == ("member_left_channel", "U0LOCALBOT")
    assert out == {"type": "group_left", "channel": "C0SECRET", "actor_id": "U0ANN", "event_ts": out["event_ts"]}


def test_an_app_that_leaves_a_public_channel(town: Town) -> None:
    other = town.install("member_left_channel", "channel_left")
    town.workspace.places.leave(town.workspace.channel("random"), town.bot, wall=WALL)
    changes = town.workspace.core.outbox[:]
    assert town.heard_by(town.app, other) == [["member_left_channel", "channel_left"], ["member_left_channel"]]
    town.workspace.core.outbox.extend(changes)
    assert town.heard()[1].inner["actor_id"] == "U0LOCALBOT"


def test_members_of_other_places_are_not_heard(town: Town) -> None:
    town.workspace.places.invite(town.dev, town.cleo, by=town.ann, wall=WALL)
    town.workspace.places.kick(town.dev, town.cleo, by=town.ann, wall=WALL)
    assert town.heard() == []


# Direct conversations


def test_a_new_direct_conversation(town: Town) -> None:
    direct, _ = town.workspace.places.open_direct([town.bot], by=town.bob, wall=WALL)
    (event,) = town.heard()
    assert (event.type, event.inner["user"]) == ("im_created", "U0BOB")
    assert event.inner["channel"]["id"] == direct.id
    assert (event.inner["channel"]["is_im"], event.inner["channel"]["user"]) == (True, "U0BOB")


def test_a_direct_conversation_that_the_app_opens_and_closes(town: Town) -> None:
    places = town.workspace.places
    direct, _ = places.open_direct([town.bob], by=town.bot, wall=WALL)
    places.close_direct(direct, by=town.bot)
    places.open_direct([town.bob], by=town.bot, wall=WALL)
    created, opened, closed, again = (each.inner for each in town.heard())
    assert created["type"] == "im_created"
    assert opened == {
        "type": "im_open",
        "user": "U0LOCALBOT",
        "channel": direct.id,
        "event_ts": opened["event_ts"],
    }
    assert closed == opened | {"type": "im_close", "event_ts": closed["event_ts"]}
    assert again == opened | {"event_ts": again["event_ts"]}


def test_a_conversation_of_several(town: Town) -> None:
    places = town.workspace.places
    several, _ = places.open_direct([town.ann, town.bob], by=town.bot, wall=WALL)
    places.close_direct(several, by=town.bot)
    assert types(town.heard()) == ["group_open", "group_close"]


def test_other_peoples_direct_conversations_are_theirs(town: Town) -> None:
    other, places = town.install("im_created", "im_open", "im_close"), town.workspace.places
    direct, _ = places.open_direct([town.cleo], by=town.bob, wall=WALL)
    places.close_direct(direct, by=town.bob)
    places.open_direct([town.bob], by=town.bot, wall=WALL)
    assert town.heard_by(other) == [[]]
    places.close_direct(town.direct, by=town.ann)
    places.open_direct([town.bot], by=town.ann, wall=WALL)
    assert town.heard() == []


def test_a_channel_that_the_workspace_no_longer_has(town: Town) -> None:
    del town.workspace.channels["C0DEV"], town.workspace.users["U0ANN"]
    town.workspace.core.happened(ChannelDeleted(town.dev, town.ann))
    assert types(town.heard()) == ["channel_deleted"]
