"""`message` and `app_mention`: shapes word for word, and who is told."""

from __future__ import annotations

import pytest

from hearing import WALL, Town, types
from tautwire.local.workspace import Content, Message

BLOCK = {"type": "section", "text": {"type": "mrkdwn", "text": "for <@U0LOCALBOT>"}}
RICH = {
    "type": "rich_text",
    "elements": [{"type": "rich_text_section", "elements": [{"type": "user", "user_id": "U0LOCALBOT"}]}],
}


def rich(text: str, message: dict[str, object]) -> list[object]:
    """The block that comes with plain `text`."""
    section = {"type": "rich_text_section", "elements": [{"type": "text", "text": text}]}
    block = message["blocks"][0]  # type: ignore[index]
    return [{"type": "rich_text", "block_id": block["block_id"], "elements": [section]}]


def test_a_message_word_for_word(town: Town) -> None:
    said = town.says("hello")
    (event,) = town.heard()
    assert (event.type, event.inner) == (
        "message",
        {
            "type": "message",
            "user": "U0ANN",
            "text": "hello",
            "ts": "1795000000.000000",
            "client_msg_id": said.client_msg_id,
            "team": "T0LOCAL01",
            "blocks": rich("hello", event.inner),
            "channel": "C0GENERAL",
            "event_ts": "1795000000.000000",
            "channel_type": "channel",
        },
    )
    assert len(said.client_msg_id) == 36


@pytest.mark.parametrize(
    ("name", "kind"), [("C0GENERAL", "channel"), ("C0SECRET", "group"), ("D0ANN", "im"), ("G0TRIO", "mpim")]
)
def test_channel_type(town: Town, name: str, kind: str) -> None:
    place = town.workspace.channels[name]
    place.members[town.bot.id] = None
    town.says("hello", place)
    (event,) = town.heard()
    assert (event.inner["channel"], event.inner["channel_type"]) == (name, kind)


def test_who_hears_a_message(town: Town) -> None:
    everywhere = town.install("message")
    public = town.install("message.channel")
    elsewhere = town.install("message.im", "reaction_added")
    for place in (town.dev, town.secret):
        town.says("nobody's bot is in here", place)
    assert town.heard_by(town.app, everywhere, public, elsewhere) == [[], [], [], []]
    for app in (town.app, everywhere, public, elsewhere):
        town.secret.members[town.bot_of(app).id] = None
    town.says("now all are", town.secret)
    assert town.heard_by(town.app, everywhere, public, elsewhere) == [["message"], ["message"], [], []]
    town.says("all are here", town.general)
    assert town.heard_by(town.app, everywhere, public, elsewhere) == [["message"], ["message"], ["message"], []]


def test_direct_messages_are_heard_only_by_the_bot_in_them(town: Town) -> None:
    other = town.install("message.im")
    town.says("hi", town.direct)
    town.says("psst", town.workspace.channels["D0BOB"])
    assert town.heard_by(town.app, other) == [["message"], []]


def test_an_app_hears_itself(town: Town) -> None:
    town.says("done", by=town.bot)
    (event,) = town.heard()
    assert event.inner["user"] == "U0LOCALBOT"
    assert (event.inner["bot_id"], event.inner["app_id"]) == ("B0LOCALBOT", "A0LOCAL01")
    assert event.inner["bot_profile"]["name"] == "Local Bot"
    assert "client_msg_id" not in event.inner
    assert event.inner["blocks"] == rich("done", event.inner)


def test_a_bot_under_another_name_is_a_bot_message_without_a_user(town: Town) -> None:
    town.says("beep", by=town.bot, username="Robot", icons={"emoji": ":robot_face:"})
    (event,) = town.heard()
    assert (event.inner["subtype"], event.inner["username"]) == ("bot_message", "Robot")
    assert event.inner["icons"] == {"emoji": ":robot_face:"}
    assert not {"user", "team"} & event.inner.keys()


def test_blocks_that_were_given_are_left_as_they_are(town: Town) -> None:
    said = town.says("fallback", by=town.bot, blocks=[BLOCK])
    (event,) = town.heard()
    assert event.inner["blocks"] == said.blocks
    assert [each["type"] for each in said.blocks] == ["section"]


def test_an_action_message(town: Town) -> None:
    town.says("waves", subtype="me_message")
    (event,) = town.heard()
    assert event.inner["subtype"] == "me_message"
    assert not {"client_msg_id", "team"} & event.inner.keys()
    assert event.inner["blocks"] == rich("waves", event.inner)


# Threads


def test_a_reply_is_told_once_and_its_parent_not_at_all(town: Town) -> None:
    parent = town.says("question")
    town.heard()
    town.says("answer", by=town.bob, thread_ts=parent.ts)
    (event,) = town.heard()
    assert (event.inner["thread_ts"], event.inner["parent_user_id"]) == (parent.ts, "U0ANN")
    assert not {"subtype", "reply_count", "root"} & event.inner.keys()


def test_a_reply_under_nothing_has_no_parent(town: Town) -> None:
    town.says("answer", thread_ts="1.000000")
    (event,) = town.heard()
    assert event.inner["thread_ts"] == "1.000000"
    assert "parent_user_id" not in event.inner


def test_a_broadcast_reply_carries_its_root(town: Town) -> None:
    parent = town.says("question")
    town.heard()
    reply = town.says("for everybody", thread_ts=parent.ts, is_broadcast=True)
    (event,) = town.heard()
    assert event.inner["subtype"] == "thread_broadcast"
    assert "team" not in event.inner
    assert event.inner["client_msg_id"] == reply.client_msg_id
    root = event.inner["root"]
    assert (root["ts"], root["thread_ts"], root["reply_count"]) == (parent.ts, parent.ts, 1)
    assert (root["latest_reply"], root["reply_users"]) == (reply.ts, ["U0ANN"])


# Edits and deletions


def test_an_edit_word_for_word(town: Town) -> None:
    said = town.says("helo")
    (before,) = town.heard()
    town.workspace.talk.edit(town.general, said.ts, Content(text="hello"), by=town.ann, wall=WALL)
    (event,) = town.heard()
    told = {"channel", "event_ts", "channel_type"}
    was = {key: value for key, value in before.inner.items() if key not in told}
    assert event.type == "message"
    assert event.inner == {
        "type": "message",
        "subtype": "message_changed",
        "message": was
        | {
            "text": "hello",
            "blocks": rich("hello", event.inner["message"]),
            "edited": {"user": "U0ANN", "ts": said.edited_ts},
        },
        "previous_message": was,
        "channel": "C0GENERAL",
        "hidden": True,
        "ts": event.inner["event_ts"],
        "channel_type": "channel",
        "event_ts": event.inner["event_ts"],
    }
    assert event.inner["event_ts"] > said.edited_ts > said.ts
    assert event.inner["message"]["blocks"] != event.inner["previous_message"]["blocks"]


def test_a_deletion_word_for_word(town: Town) -> None:
    said = town.says("oops")
    (before,) = town.heard()
    town.workspace.talk.delete(town.general, said.ts, by=town.ann, wall=WALL)
    (event,) = town.heard()
    was = {key: value for key, value in before.inner.items() if key not in ("channel", "event_ts", "channel_type")}
    assert event.inner == {
        "type": "message",
        "subtype": "message_deleted",
        "previous_message": was,
        "channel": "C0GENERAL",
        "hidden": True,
        "deleted_ts": said.ts,
        "ts": event.inner["event_ts"],
        "channel_type": "channel",
        "event_ts": event.inner["event_ts"],
    }
    assert event.inner["event_ts"] > said.ts


def test_edits_and_deletions_elsewhere_are_not_heard(town: Town) -> None:
    said = town.says("hush", town.secret)
    town.workspace.talk.edit(town.secret, said.ts, Content(text="hush!"), by=town.ann, wall=WALL)
    town.workspace.talk.delete(town.secret, said.ts, by=town.ann, wall=WALL)
    assert town.heard() == []
    assert len(town.secret.messages) == 0


def test_a_parent_that_is_deleted_leaves_a_tombstone_until_its_thread_is_gone(town: Town) -> None:
    parent = town.says("question")
    reply = town.says("answer", by=town.bob, thread_ts=parent.ts)
    town.heard()
    talk = town.workspace.talk
    talk.delete(town.general, parent.ts, by=town.ann, wall=WALL)
    (event,) = town.heard()
    stone = event.inner["message"]
    assert event.inner["subtype"] == "message_changed"
    assert event.inner["previous_message"]["text"] == "question"
    assert (stone["subtype"], stone["user"], stone["text"]) == ("tombstone", "USLACKBOT", "This message was deleted.")
    assert (stone["hidden"], stone["parent_user_id"], stone["reply_count"]) == (True, "USLACKBOT", 1)
    assert not {"client_msg_id", "blocks", "edited", "team"} & stone.keys()
    talk.delete(town.general, reply.ts, by=town.bob, wall=WALL)
    first, second = town.heard()
    assert [each.inner["deleted_ts"] for each in (first, second)] == [reply.ts, parent.ts]
    assert second.inner["previous_message"]["subtype"] == "tombstone"
    assert second.inner["previous_message"]["reply_count"] == 0
    assert not town.general.messages


def test_what_only_one_person_sees_is_told_to_nobody(town: Town) -> None:
    town.workspace.answers.show(town.general, town.ann, Content(text="psst"), by=town.bot, wall=WALL)
    assert town.heard() == []


# Slack's own lines


def test_slacks_own_lines(town: Town) -> None:
    places = town.workspace.places
    club = places.create("club", by=town.ann, wall=WALL, is_private=True)
    places.invite(club, town.bot, by=town.ann, wall=WALL)
    town.heard()
    places.invite(club, town.bob, by=town.ann, wall=WALL)
    places.rename(club, "clubhouse", by=town.ann, wall=WALL)
    places.set_topic(club, "tea", by=town.ann, wall=WALL)
    places.set_purpose(club, "to meet", by=town.ann, wall=WALL)
    places.leave(club, town.bob, wall=WALL)
    places.archive(club, by=town.ann, wall=WALL)
    places.unarchive(club, by=town.ann, wall=WALL)
    lines = [event.inner for event in town.heard() if event.type == "message"]
    assert [line["subtype"] for line in lines] == [
        "channel_join",
        "channel_name",
        "channel_topic",
        "channel_purpose",
        "channel_leave",
        "channel_archive",
        "channel_unarchive",
    ]
    join, name, topic, purpose, *_ = lines
    assert join == {
        "type": "message",
        "subtype": "channel_join",
        "user": "U0BOB",
        "text": "<@U0BOB> has joined the channel",
        "ts": join["ts"],
        "inviter": "U0ANN",
        "channel": club.id,
        "event_ts": join["ts"],
        "channel_type": "group",
    }
    assert (name["old_name"], name["name"]) == ("club", "clubhouse")
    assert (topic["topic"], purpose["purpose"]) == ("tea", "to meet")


# Mentions


def mentions(town: Town) -> list[str]:
    return [event.inner["text"] for event in town.heard() if event.type == "app_mention"]


def test_a_mention_comes_besides_the_message(town: Town) -> None:
    said = town.says("<@U0LOCALBOT> status?")
    message, mention = town.heard()
    assert types([message, mention]) == ["message", "app_mention"]
    assert mention.inner == {
        **{key: value for key, value in message.inner.items() if key != "channel_type"},
        "type": "app_mention",
    }
    assert mention.inner["event_ts"] == mention.inner["ts"] == said.ts
    assert mention.inner["blocks"][0]["elements"][0]["elements"] == [
        {"type": "user", "user_id": "U0LOCALBOT"},
        {"type": "text", "text": " status?"},
    ]


@pytest.mark.parametrize(
    "content",
    [
        {"text": "hey <@U0LOCALBOT>"},
        {"text": "hey <@U0LOCALBOT|localbot>!"},
        {"text": "x", "blocks": [BLOCK]},
        {"text": "x", "blocks": [RICH]},
        {"text": "x <@U0LOCALBOT>", "subtype": "me_message"},
    ],
)
def test_what_is_a_mention(town: Town, content: dict[str, object]) -> None:
    town.says(**content)  # type: ignore[arg-type]
    assert types(town.heard()) == ["message", "app_mention"]


@pytest.mark.parametrize(
    "content",
    [
        {"text": "hey <@U0LOCALBOT2>"},
        {"text": "hey @localbot, U0LOCALBOT"},
        {"text": "x", "blocks": [{"type": "divider"}]},
        {"text": "x", "attachments": [{"text": "<@U0LOCALBOT>"}]},
    ],
)
def test_what_is_none(town: Town, content: dict[str, object]) -> None:
    town.says(**content)  # type: ignore[arg-type]
    assert types(town.heard()) == ["message"]


def test_a_mention_in_a_thread(town: Town) -> None:
    parent = town.says("question")
    town.heard()
    town.says("<@U0LOCALBOT> help", thread_ts=parent.ts)
    assert [event.inner["thread_ts"] for event in town.heard()] == [parent.ts] * 2


def test_no_mention_where_the_app_is_not(town: Town) -> None:
    town.says("<@U0LOCALBOT> can you hear me?", town.dev)
    assert town.heard() == []


def test_no_mention_in_a_direct_message_but_in_one_of_several(town: Town) -> None:
    town.says("<@U0LOCALBOT> hi", town.direct)
    assert types(town.heard()) == ["message"]
    trio = town.workspace.channels["G0TRIO"]
    trio.members[town.bot.id] = None
    town.says("<@U0LOCALBOT> hi", trio)
    assert types(town.heard()) == ["message", "app_mention"]


def test_no_mention_of_oneself_but_by_another_app(town: Town) -> None:
    other = town.install("app_mention")
    town.says("I am <@U0LOCALBOT>, and you are <@U0LOCALBOT2>", by=town.bot)
    assert town.heard_by(town.app, other) == [["message"], ["app_mention"]]
    town.workspace.talk.post(town.general, Content(text="<@U0LOCALBOT>"), by=town.ann, wall=WALL, app=town.app)
    assert mentions(town) == []


def test_no_mention_in_slacks_own_lines(town: Town) -> None:
    town.workspace.places.invite(town.dev, town.bot, by=town.ann, wall=WALL)
    assert "<@U0LOCALBOT>" in next(iter(town.dev.messages.values())).text
    assert types(town.heard()) == ["message", "member_joined_channel"]


def test_only_who_has_subscribed_to_mentions(town: Town) -> None:
    listener, deaf = town.install("app_mention"), town.install("message")
    town.says("<@U0LOCALBOT2> <@U0LOCALBOT3>")
    assert town.heard_by(listener, deaf) == [["app_mention"], ["message"]]


def test_an_edited_mention_comes_again(town: Town) -> None:
    said = town.says("<@U0LOCALBOT> staus")
    town.heard()
    town.workspace.talk.edit(town.general, said.ts, Content(text="<@U0LOCALBOT> status"), by=town.ann, wall=WALL)
    change, mention = town.heard()
    assert (change.inner["subtype"], mention.type) == ("message_changed", "app_mention")
    assert "subtype" not in mention.inner
    assert (mention.inner["ts"], mention.inner["text"]) == (said.ts, "<@U0LOCALBOT> status")
    assert mention.inner["edited"] == {"user": "U0ANN", "ts": said.edited_ts}
    assert mention.inner["event_ts"] == change.inner["event_ts"] != said.ts


def test_a_change_of_something_else_is_no_new_mention(town: Town) -> None:
    said = town.says("<@U0LOCALBOT> https://example.com")
    town.heard()
    unfurled = Content(attachments=[{"text": "Example"}])
    town.workspace.talk.rewrite(town.general, said, unfurled, by=town.ann, wall=WALL)
    assert types(town.heard()) == ["message"]


def test_the_author_may_be_gone(town: Town) -> None:
    said = town.says("<@U0LOCALBOT> bye https://example.com")
    reply = town.says("bye", by=town.bob, thread_ts=said.ts)
    del town.workspace.users["U0ANN"], town.workspace.users["U0BOB"]
    town.general.messages.pop(reply.ts)
    stray = Message("9.000001", "C0NOWHERE", "U0GHOST", "boo", thread_ts="9.000001", file_ids=["F0GONE"])
    town.general.messages[stray.ts] = stray
    town.workspace.talk.rewrite(town.general, stray, Content(text="boo!"), by=town.bot, wall=WALL)
    assert types(town.heard()) == ["message", "app_mention", "link_shared", "message", "message"]
