"""A channel as a test sees it: who is in it, what was said, and what comes next, each message once."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest

from tautwire.errors import ConfigurationError
from tautwire.local import LocalSlack
from tautwire.local.workspace import Message

if TYPE_CHECKING:
    from scripted import Scripted
    from tautwire.local.actors import Person, Place


async def test_what_it_is(slack: LocalSlack, app: Scripted, general: Place) -> None:
    await app.call("conversations.setTopic", channel=general.id, topic="Rain")
    await app.call("conversations.setPurpose", channel=general.id, purpose="Weather")
    assert (general.name, general.topic, general.purpose) == ("general", "Rain", "Weather")
    assert (general.mention, general.is_archived) == ("<#C0GENERAL|general>", False)
    assert general.members == ["ann", "bob", "cleo", "dan", "localbot"]
    assert general == slack.channel("C0GENERAL")
    assert general != slack.channel("dev")
    assert {general, slack.channel("general")} == {general}


async def test_what_was_said(ann: Person, general: Place) -> None:
    assert (general.last, general.messages, repr(general)) == (None, [], "<#general, 0 message(s)>")
    first = await ann.says("one")
    reply = await ann.says("two", thread=first)
    assert (general.messages, general.last) == ([first, reply], reply)


async def test_each_message_is_given_once_in_order(ann: Person, bob: Person, general: Place) -> None:
    for person, words in ((ann, "one"), (bob, "two"), (ann, "three"), (bob, "four")):
        await person.says(words)
    assert (await general.next_message(from_="bob")).text == "two"
    assert (await general.next_message()).text == "one"
    assert (await general.next_message(from_="@bob")).text == "four"
    assert (await general.next_message(from_=ann.id, containing="re")).text == "three"
    with pytest.raises(TimeoutError) as caught:
        await general.next_message(from_="bob", containing="x", timeout=0)
    assert str(caught.value).startswith(
        "no message in #general from bob containing 'x'; the last there: <ann in general: 'one'> (given before); "
    )


async def test_it_waits(app: Scripted, ann: Person, general: Place) -> None:
    waiting = asyncio.create_task(general.next_message(from_="bot", containing="second"))
    await ann.says("second")
    for words in ("first", "second"):
        await app.call("chat.postMessage", channel="general", text=words)
    assert (await waiting).text == "second"
    assert (await general.next_message(from_="bot")).text == "first"


async def test_slacks_own_lines_count_only_if_asked_for(slack: LocalSlack, ann: Person, bob: Person) -> None:
    place = await ann.creates("plans")
    await bob.joins(place)
    assert [each.subtype for each in place.messages] == ["channel_join", "channel_join"]
    with pytest.raises(TimeoutError, match="no message in #plans; the last there: "):
        await place.next_message(timeout=0)
    said = await place.next_message(where=lambda each: each.subtype == "channel_join" and each.author.name == "bob")
    assert said.author is bob.record
    empty = slack.channel("random")
    with pytest.raises(
        TimeoutError, match=r"no message in #random after 0\.01 s; nothing was said there; <local Slack"
    ):
        await empty.next_message(timeout=0.01)


async def test_a_stranger_in_a_loaded_workspace_is_no_trouble(slack: LocalSlack, general: Place) -> None:
    general.record.members["U0GONE"] = None
    general.record.messages["1.000001"] = Message(ts="1.000001", channel_id=general.id, user_id="U0GONE", text="hi")
    general.record.messages["1.000001"].reactions["eyes"] = ["U0GONE"]
    said = await general.next_message(from_="U0GONE")
    assert (repr(said), said.author.name, said.reactions) == (
        "<u0gone in general: 'hi'>",
        "u0gone",
        {"eyes": ["U0GONE"]},
    )
    assert general.members[-1] == "U0GONE"


async def test_who_waits_in_a_slack_that_is_closed_is_told_so(seed: int) -> None:
    slack = LocalSlack(seed=seed)
    await slack.start()
    waiting = asyncio.create_task(slack.channel("general").next_message())
    await asyncio.sleep(0)
    await slack.close()
    with pytest.raises(
        ConfigurationError, match="no message in #general, and none can come: the local Slack is closed"
    ):
        await waiting
