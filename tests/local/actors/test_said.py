"""Messages and views, live: what changes in the workspace changes in the test's hands."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest

from scripted import BUTTON, Scripted, actions, input_block, modal, plain

if TYPE_CHECKING:
    from tautwire.local import LocalSlack
    from tautwire.local.actors import Person, Place


async def test_what_it_says_now(slack: LocalSlack, app: Scripted, general: Place) -> None:
    blocks = [{"type": "section", "text": plain("hi"), "accessory": BUTTON}]
    answer = await app.call("chat.postMessage", channel="general", text="hi", blocks=blocks)
    said = await general.next_message()
    assert (said.ts, said.text, said.thread_ts, said.subtype) == (answer["ts"], "hi", "", "")
    assert (said.is_ephemeral, said.is_deleted, said.is_edited, said.files) == (False, False, False, [])
    assert (said.offers("go"), said.offers("Go"), said.offers("stop")) == (True, True, False)
    assert said.as_dict() == answer["message"] | {"ts": answer["ts"]}
    assert said.author.is_bot
    assert said == general.messages[0]
    assert {said, general.messages[0]} == {said}
    assert said != general

    waiting = asyncio.create_task(said.until(lambda it: it.is_edited))
    await app.call("chat.update", channel=general.id, ts=said.ts, text="bye", attachments=[{"text": "more"}])
    assert await waiting is said
    assert (said.text, said.blocks, said.offers("go"), len(said.attachments)) == ("bye", [], False, 1)
    await app.call("chat.delete", channel=general.id, ts=said.ts)
    await said.until(lambda it: it.is_deleted)
    with pytest.raises(TimeoutError, match=r"^no change of .*'bye'>; it is .*'bye'>; <local Slack, 1 connection"):
        await said.until(lambda it: it.text == "hello", timeout=0)


async def test_replies(app: Scripted, ann: Person, bob: Person) -> None:
    root = await ann.says("root")
    first = await bob.says("first", thread=root)
    waiting = asyncio.create_task(root.reply(3)), asyncio.create_task(first.reply())
    for words in ("second", "third"):
        await app.call("chat.postMessage", channel="general", text=words, thread_ts=root.ts)
    third, second = [await each for each in waiting]
    assert (second.text, third.text) == ("second", "third")
    assert await root.reply() == first
    # What comes after a reply, in its thread.
    assert [each.text for each in first.replies] == ["second", "third"]
    assert third.replies == []
    with pytest.raises(TimeoutError, match=r"no reply 1 to <localbot in general: 'third'>; there are \[\]; <local"):
        await third.reply(timeout=0)


async def test_a_view_as_it_stands(app: Scripted, ann: Person) -> None:
    app.then["/open"] = lambda app, payload: app.call(
        "views.open",
        trigger_id=payload["trigger_id"],
        view=modal(
            {"type": "section", "block_id": "s", "text": {"type": "mrkdwn", "text": "*Careful*"}},
            actions(BUTTON),
            input_block(
                {"type": "plain_text_input", "action_id": "a"}, block_id="b", label="Name", hint=plain("Yours")
            ),
            private_metadata="42",
        ),
    )
    await ann.command("/open")
    view = await ann.modal()
    assert view.text.splitlines() == ["*Careful*", "Go", "Name", "Yours"]
    assert (view.id, view.private_metadata, view.errors, view.trouble) == (view.record.id, "42", {}, "")
    assert view.as_dict()["state"]["values"].keys() <= {"b"}
    assert (view.offers("a"), view.offers("Name"), view.offers("b"), view.offers("x")) == (True, True, True, False)
    assert view == ann.screen
    assert {view, ann.screen} == {view}
    assert view != ann
    waiting = asyncio.create_task(view.until(lambda it: not it.is_open))
    await ann.closes(view)
    assert await waiting is view
    assert repr(view) == "<modal 'Form'>"


async def test_a_view_without_a_title_is_called_by_its_id(app: Scripted, ann: Person) -> None:
    view = {"type": "home", "callback_id": "start", "blocks": []}
    await app.call("views.publish", user_id=ann.id, view=view)
    assert repr(ann.home()) == "<home 'start'>"
