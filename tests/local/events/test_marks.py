"""Reactions and pins."""

from __future__ import annotations

from hearing import WALL, Town, types


def test_reactions_word_for_word(town: Town) -> None:
    said = town.says("ship it?", by=town.bob)
    town.heard()
    town.workspace.marks.react(town.general, said, "tada", by=town.ann)
    town.workspace.marks.unreact(town.general, said, "tada", by=town.ann)
    added, removed = town.heard()
    assert added.inner == {
        "type": "reaction_added",
        "user": "U0ANN",
        "reaction": "tada",
        "item": {"type": "message", "channel": "C0GENERAL", "ts": said.ts},
        "item_user": "U0BOB",
        "event_ts": added.inner["event_ts"],
    }
    assert removed.inner == added.inner | {"type": "reaction_removed", "event_ts": removed.inner["event_ts"]}
    assert removed.inner["event_ts"] > added.inner["event_ts"] > said.ts


def test_pins_word_for_word(town: Town) -> None:
    first, second = town.says("keep this"), town.says("and this", thread_ts="1.000000")
    (told, _) = town.heard()
    shape = {key: value for key, value in told.inner.items() if key not in ("channel", "event_ts", "channel_type")}
    town.workspace.marks.pin(town.general, first, by=town.bob, wall=WALL + 5)
    town.workspace.marks.pin(town.general, second, by=town.bob, wall=WALL + 5)
    (one, two) = town.heard()
    town.workspace.marks.unpin(town.general, first, by=town.ann)
    town.workspace.marks.unpin(town.general, second, by=town.ann)
    (gone, last) = town.heard()
    permalink = f"https://acme.slack.com/archives/C0GENERAL/p{first.ts.replace('.', '')}"
    assert one.inner == {
        "type": "pin_added",
        "user": "U0BOB",
        "channel_id": "C0GENERAL",
        "item": {
            "type": "message",
            "created": 1795000005,
            "created_by": "U0BOB",
            "channel": "C0GENERAL",
            "message": shape | {"pinned_to": ["C0GENERAL"], "permalink": permalink},
        },
        "item_user": "U0ANN",
        "pin_count": one.inner["pin_count"],
        "pinned_info": {"channel": "C0GENERAL", "pinned_by": "U0BOB", "pinned_ts": 1795000005},
        "event_ts": one.inner["event_ts"],
    }
    assert two.inner["item"]["message"]["permalink"].endswith("?thread_ts=1.000000&cid=C0GENERAL")
    assert (gone.type, gone.inner["user"], gone.inner["item"]["created_by"]) == ("pin_removed", "U0ANN", "U0BOB")
    assert gone.inner["item"]["message"] == shape | {"permalink": permalink}
    assert (last.inner["pin_count"], last.inner["has_pins"]) == (0, False)


def test_whether_pins_are_left(town: Town) -> None:
    first, second = town.says("keep this"), town.says("and this")
    marks = town.workspace.marks
    for each in (first, second):
        marks.pin(town.general, each, by=town.ann, wall=WALL)
    town.heard()
    marks.unpin(town.general, first, by=town.ann)
    (event,) = town.heard()
    assert (event.inner["pin_count"], event.inner["has_pins"]) == (1, True)


def test_marks_are_heard_where_the_app_is(town: Town) -> None:
    reactions, pins, absent = town.install("reaction_added"), town.install("pin_added", "pin_removed"), town.app
    for app in (reactions, pins):
        town.secret.members[town.bot_of(app).id] = None
    said, marks = town.says("hush", town.secret), town.workspace.marks
    marks.react(town.secret, said, "eyes", by=town.ann)
    marks.unreact(town.secret, said, "eyes", by=town.ann)
    marks.pin(town.secret, said, by=town.ann, wall=WALL)
    marks.unpin(town.secret, said, by=town.ann)
    assert town.heard_by(reactions, pins, absent) == [["reaction_added"], ["pin_added", "pin_removed"], []]


def test_a_mark_on_a_message_that_is_gone(town: Town) -> None:
    said = town.says("keep this")
    town.workspace.marks.react(town.general, said, "eyes", by=town.ann)
    town.workspace.marks.pin(town.general, said, by=town.ann, wall=WALL)
    town.workspace.talk.delete(town.general, said.ts, by=town.ann, wall=WALL)
    assert types(town.heard()) == ["message", "reaction_added", "pin_added", "message"]
