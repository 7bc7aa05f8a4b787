"""What people say and do in channels, what comes of it, and what they are not allowed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from scripted import SILENCE, Scripted, scripted
from tautwire.errors import ActionRefusedError, ConfigurationError
from tautwire.local import LocalSlack

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from tautwire.local.actors import Person, Place


async def test_a_message_is_there_and_its_app_has_acked_it(
    slack: LocalSlack, app: Scripted, ann: Person, general: Place
) -> None:
    said = await ann.says("@localbot hi")
    assert general.last == said
    assert (said.text, said.author, said.channel_name) == (f"{slack.bot.mention} hi", ann.record, "general")
    assert [each["event"]["type"] for each in app.heard] == ["message", "app_mention"]
    assert slack.ledger.is_settled


async def test_nobody_waits_for_an_app_that_is_not_there(slack: LocalSlack, ann: Person) -> None:
    await ann.says("anybody?")
    assert slack.ledger.in_flight == 0


async def test_nor_for_one_that_does_not_ack_longer_than_slack_does(seed: int) -> None:
    async with LocalSlack(seed=seed, deadline=0.05) as slack, scripted(slack) as app:
        app.answers["message"] = SILENCE
        await slack.user("ann").says("hello?")
        assert slack.deliveries("message")[0].attempts[0].is_expired


async def test_where_it_is_said(slack: LocalSlack, ann: Person, bob: Person) -> None:
    dev = slack.channel("dev")
    assert [(await ann.says("x", channel=each)).channel_id for each in ("dev", "#dev", dev.id, dev, dev.record)] == [
        dev.id
    ] * 5
    direct = await ann.says("psst", channel="bob")
    assert slack.direct("ann", "bob").last == direct
    assert slack.direct("bob", "ann") == slack.direct("ann", "bob")
    to_bot = await bob.says("psst", channel="localbot")
    assert slack.direct("bob").last == to_bot
    with pytest.raises(
        ConfigurationError, match="no channel and nobody called 'nowhere'; the channels are dev, general"
    ):
        await ann.says("x", channel="nowhere")


async def test_threads(ann: Person, bob: Person, general: Place) -> None:
    root = await ann.says("root")
    first = await bob.says("first", thread=root)
    second = await ann.says("second", thread=first)
    third = await bob.says("third", thread=root.ts, also_to_channel=True)
    assert [each.thread_ts for each in (root, first, second, third)] == [root.ts] * 4
    assert root.replies == [first, second, third]
    assert third.record.is_broadcast


async def test_blocks(ann: Person) -> None:
    said = await ann.says("", blocks=[{"type": "divider"}])
    assert [block["type"] for block in said.blocks] == ["divider"]


async def test_edits_and_deletions(app: Scripted, ann: Person, bob: Person, general: Place) -> None:
    said = await ann.says("helo")
    assert await ann.edits(said, "hello @bob") is said
    assert (said.text, said.is_edited, said.is_deleted) == (f"hello {bob.mention}", True, False)
    with pytest.raises(ActionRefusedError, match="bob cannot edit that: cant_update_message") as refused:
        await bob.edits(said, "no")
    assert refused.value.code == "cant_update_message"
    await ann.deletes(said)
    assert (said.is_deleted, general.last) == (True, None)
    with pytest.raises(ActionRefusedError, match="ann cannot delete that: message_not_found"):
        await ann.deletes(said)
    assert [each["event"].get("subtype", "") for each in app.said("message")] == [
        "",
        "message_changed",
        "message_deleted",
    ]


@pytest.mark.parametrize("emoji", ["eyes", ":eyes:"])
async def test_reactions(app: Scripted, ann: Person, bob: Person, emoji: str) -> None:
    said = await ann.says("look")
    await bob.reacts(said, emoji)
    await ann.reacts(said, emoji)
    assert said.reactions == {"eyes": ["bob", "ann"]}
    with pytest.raises(ActionRefusedError, match="already_reacted"):
        await bob.reacts(said, "eyes")
    await bob.unreacts(said, emoji)
    assert said.reactions == {"eyes": ["ann"]}
    assert [each["event"]["type"] for each in app.heard[1:]] == ["reaction_added"] * 2 + ["reaction_removed"]


async def test_pins(app: Scripted, ann: Person, general: Place) -> None:
    said = await ann.says("keep this")
    await ann.pins(said)
    assert list(general.record.pins) == [said.ts]
    await ann.unpins(said)
    assert not general.record.pins
    with pytest.raises(ActionRefusedError, match="ann cannot unpin that: no_pin"):
        await ann.unpins(said)
    assert {"pin_added", "pin_removed"} <= {each["event"]["type"] for each in app.heard}


@pytest.mark.parametrize("content", ["words", b"words"])
async def test_files(slack: LocalSlack, app: Scripted, ann: Person, content: str | bytes) -> None:
    said = await ann.uploads("notes.txt", content, comment="have a look")
    assert (said.text, said.files) == ("have a look", ["notes.txt"])
    assert slack.workspace.core.files[said.record.file_ids[0]].content == b"words"
    assert app.said("file_shared")
    with pytest.raises(ActionRefusedError, match="bob cannot upload something to #secret-plans"):
        await slack.user("bob").uploads("x", b"", channel="secret-plans")


async def test_coming_and_going(slack: LocalSlack, app: Scripted, ann: Person, bob: Person) -> None:
    place = await ann.creates("plans")
    assert slack.channel("plans") == place
    await bob.joins(place)
    await ann.invites("cleo", "plans")
    await ann.invites("localbot", place)
    assert place.members == ["ann", "bob", "cleo", "localbot"]
    await bob.leaves("plans")
    await ann.kicks("cleo", place)
    await ann.renames(place, "schemes")
    assert (place.name, place.members) == ("schemes", ["ann", "localbot"])
    await ann.archives(place)
    assert place.is_archived
    with pytest.raises(ActionRefusedError, match="bob cannot join #schemes: is_archived"):
        await bob.joins(place)
    kinds = [each["event"]["type"] for each in app.heard]
    assert {"channel_created", "member_joined_channel", "channel_rename", "channel_archive"} <= set(kinds)


async def test_private_channels(slack: LocalSlack, ann: Person) -> None:
    place = await ann.creates("cabal", is_private=True)
    assert place.record.kind == "group"
    with pytest.raises(ActionRefusedError, match="bob cannot join #cabal"):
        await slack.user("bob").joins("cabal")


REFUSED: list[tuple[Callable[[Person], Awaitable[object]], str]] = [
    (lambda bob: bob.says("x", channel="secret-plans"), "cannot say something in #secret-plans: channel_not_found"),
    (lambda bob: bob.says(""), "cannot say something in #general: no_text"),
    (lambda bob: bob.creates("Loud"), "cannot create #Loud: invalid_name_specials"),
    (lambda bob: bob.creates("general"), "cannot create #general: name_taken"),
    (lambda bob: bob.leaves("general"), "cannot leave #general: cant_leave_general"),
    (lambda bob: bob.invites("nobody", "dev"), "cannot invite nobody to #dev: user_not_found"),
    (lambda bob: bob.kicks("cleo", "dev"), "cannot remove cleo from #dev: not_in_channel"),
    (lambda bob: bob.renames("general", "x"), "cannot rename #general: not_authorized"),
    (lambda bob: bob.archives("general"), "cannot archive #general: cant_archive_general"),
]


@pytest.mark.parametrize(("act", "words"), REFUSED)
async def test_what_slack_does_not_allow(bob: Person, act: Callable[[Person], Awaitable[object]], words: str) -> None:
    with pytest.raises(ActionRefusedError, match=f"^bob {words}$"):
        await act(bob)


async def test_changes_of_oneself(app: Scripted, ann: Person) -> None:
    with pytest.raises(ConfigurationError, match="'shoe_size' is nothing that a profile has; it has real_name, "):
        await ann.changes(shoe_size=44)
    await ann.changes(status_text="away", status_emoji=":palm_tree:")
    assert (ann.record.status_text, app.said("user_change")[0]["event"]["user"]["id"]) == ("away", ann.id)


async def test_a_channel_that_was_deleted(slack: LocalSlack, ann: Person) -> None:
    said = await ann.says("soon gone", channel="dev")
    slack.workspace.places.delete(said._stage.workspace.channel("dev"), by=ann.record)
    with pytest.raises(ActionRefusedError, match="a channel that was deleted: channel_not_found"):
        await ann.reacts(said, "eyes")
    assert said.is_deleted
    assert said.channel_name == "C0DEV"
    assert said.replies == []


def manifest(**app_home: bool) -> dict[str, Any]:
    return {
        "display_information": {"name": "Desk"},
        "features": {"bot_user": {"display_name": "desk"}, "app_home": {"home_tab_enabled": True} | app_home},
    }


@pytest.mark.parametrize(
    ("tab", "is_open"),
    [
        ({"messages_tab_enabled": True}, True),
        ({"messages_tab_enabled": True, "messages_tab_read_only_enabled": True}, False),
        ({"messages_tab_enabled": False}, False),
    ],
)
async def test_an_app_may_close_its_messages(tab: dict[str, bool], is_open: bool) -> None:
    async with LocalSlack(manifests=[manifest(**tab)]) as slack:
        bob = slack.user("bob")
        if is_open:
            assert (await bob.says("hi", channel="desk")).text == "hi"
            return
        with pytest.raises(ActionRefusedError, match="its manifest has turned it off") as refused:
            await bob.says("hi", channel="desk")
        assert refused.value.code == "messages_tab_disabled"


async def test_the_journal_tells_who_did_what_and_what_came_of_it(
    slack: LocalSlack, app: Scripted, ann: Person, bob: Person
) -> None:
    said = await ann.says("hi", channel="bob")
    await bob.reacts(said, "eyes")
    await bob.says("hello", channel="dev")
    told = slack.conversation()
    for words in ("ann in a direct conversation with bob: hi", "bob reacts :eyes: in a direct", "bob in #dev: hello"):
        assert words in told
    (deed,) = slack.journal.search(kind="person", text="hello")
    chain = slack.journal.search(chain=deed.chain)
    assert [each.kind.value for each in chain][:2] == ["person", "change"]
    assert deed.chain


async def test_a_thread_that_is_not_there(slack: LocalSlack, ann: Person, general: Place) -> None:
    with pytest.raises(ConfigurationError, match=r"^there is no message '123' in #general to reply to$"):
        await ann.says("hello?", thread="123")
    assert general.messages == []
    said = await ann.says("hello")
    assert await ann.says("yes?", thread=said.ts) == (await said.reply())


async def test_what_is_refused_does_not_look_as_if_it_had_been_done(slack: LocalSlack, ann: Person) -> None:
    with pytest.raises(ActionRefusedError):
        await ann.says("")
    assert slack.conversation().splitlines()[-1].endswith("ann is refused: no_text")
