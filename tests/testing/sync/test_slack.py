"""The local Slack without `await`: every method of it, and of all that it hands out, does what its twin does."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any

import pytest

from scripted import BUTTON, Scripted, actions, input_block, modal, plain, scripted
from tautwire.errors import ActionRefusedError, ConfigurationError
from tautwire.local import Fault, LocalSlack
from tautwire.testing.sync import SyncPerson, SyncPlace, SyncSaid, SyncShown, SyncSlack

if TYPE_CHECKING:
    from collections.abc import Iterator
    from contextlib import AbstractAsyncContextManager

NOTE = input_block({"type": "plain_text_input", "action_id": "note"}, block_id="n", label="Note", optional=True)
OPTIONS = [{"text": plain("Night"), "value": "night"}]
OWNER = {"type": "external_select", "action_id": "owner", "min_query_length": 1}


@pytest.fixture
def slack(seed: int) -> Iterator[SyncSlack]:
    with SyncSlack(LocalSlack(seed=seed, time_scale=0.001)) as slack:
        yield slack
    assert "local-slack" not in [thread.name for thread in threading.enumerate()]


class Caller:
    """The scripted app, which lives in the Slack's loop, from outside of it."""

    def __init__(self, slack: SyncSlack) -> None:
        self._slack = slack
        self._context: AbstractAsyncContextManager[Scripted] = scripted(slack.local)
        self.app = slack.run(lambda _: self._context.__aenter__())

    def call(self, method: str, **args: Any) -> dict[str, Any]:
        answer = self._slack.run(lambda _: self.app.call(method, **args))
        assert answer["ok"], answer
        return answer

    def close(self) -> None:
        self._slack.run(lambda _: self._context.__aexit__(None, None, None))


@pytest.fixture
def app(slack: SyncSlack) -> Iterator[Caller]:
    caller = Caller(slack)
    yield caller
    caller.close()


@pytest.fixture
def ann(slack: SyncSlack) -> SyncPerson:
    return slack.user("ann")


@pytest.fixture
def general(slack: SyncSlack) -> SyncPlace:
    return slack.channel("general")


def test_where_it_is(slack: SyncSlack) -> None:
    assert slack.api_url == f"{slack.base_url}/api/" == f"http://127.0.0.1:{slack.local.port}/api/"
    assert (slack.app_token, slack.bot_token) == (slack.local.app_token, slack.local.bot_token)
    assert slack.environment({})["SLACK_API_URL"] == slack.api_url
    assert repr(slack) == "<local Slack, 0 connection(s), 0 envelope(s)>"


def test_who_and_where(slack: SyncSlack, ann: SyncPerson) -> None:
    eve = slack.add_user("eve", title="Tester")
    assert (eve.name, eve.record.title, eve.mention, repr(eve)) == ("eve", "Tester", f"<@{eve.id}>", "<eve>")
    assert ann == slack.user("U0ANN") != eve
    assert {ann, slack.user("ann")} == {ann}
    assert slack.bot.name == "localbot"
    assert [each.identity.app_name for each in slack.apps] == ["Local Bot"]
    assert ann.token() == "xoxp-local-ann"
    assert slack.direct("ann", "bob").members == ["ann", "bob"]
    with pytest.raises(ConfigurationError, match="nobody called 'mallory'"):
        slack.user("mallory")


def test_talking(slack: SyncSlack, app: Caller, ann: SyncPerson, general: SyncPlace) -> None:
    bob = slack.user("bob")
    said = ann.says("@bob hi", blocks=None)
    assert isinstance(said, SyncSaid)
    assert (said.text, said.author.name, said.thread_ts, said.subtype) == (f"{bob.mention} hi", "ann", "", "")
    assert (said.channel_id, said.channel_name, said.record.ts) == (general.id, "general", said.ts)
    assert (said.is_ephemeral, said.is_deleted, said.is_edited) == (False, False, False)
    assert (said.attachments, said.files, said.offers("go")) == ([], [], False)
    assert said.as_dict()["text"] == said.text
    assert said.blocks == []
    assert repr(said) == f"<ann in general: '{bob.mention} hi'>"
    assert general.messages == [said]
    assert general.last == said
    assert {said, *general.messages} == {said}

    reply = bob.says("hello", thread=said, also_to_channel=True)
    assert said.replies == [reply] == [said.reply()]
    assert bob.says("again", thread=said.ts).thread_ts == said.ts
    bob.reacts(said, "eyes")
    assert said.reactions == {"eyes": ["bob"]}
    bob.unreacts(said, "eyes")
    ann.pins(said)
    ann.unpins(said)
    assert ann.edits(said, "bye") == said
    assert said.until(lambda it: it.text == "bye") is said
    ann.deletes(reply := ann.says("oops"))
    assert reply.is_deleted
    assert ann.uploads("a.txt", "x", channel=general, comment="look").files == ["a.txt"]
    with pytest.raises(ActionRefusedError, match="bob cannot edit that"):
        bob.edits(said, "no")


def test_coming_and_going(slack: SyncSlack, ann: SyncPerson) -> None:
    bob = slack.user("bob")
    place = ann.creates("plans")
    bob.joins(place)
    ann.invites("cleo", "plans")
    ann.kicks("cleo", place)
    bob.leaves(place)
    ann.renames(place, "schemes")
    assert (place.name, place.members, place.is_archived) == ("schemes", ["ann"], False)
    ann.archives(place)
    assert place.is_archived
    ann.changes(status_text="away")
    assert ann.record.status_text == "away"


def test_a_channel(slack: SyncSlack, app: Caller, ann: SyncPerson, general: SyncPlace) -> None:
    app.call("conversations.setTopic", channel=general.id, topic="Rain")
    app.call("conversations.setPurpose", channel=general.id, purpose="Weather")
    assert (general.topic, general.purpose, general.mention) == ("Rain", "Weather", "<#C0GENERAL|general>")
    assert (general.record.id, repr(general)) == (general.id, "<#general, 2 message(s)>")
    assert general == slack.channel("general") != slack.channel("dev")
    assert {general, slack.channel("general")} == {general}
    assert slack.channel("dev").last is None
    app.call("chat.postMessage", channel="general", text="one")
    app.call("chat.postMessage", channel="general", text="two")
    assert general.next_message(from_="bot", containing="two").text == "two"
    assert general.next_message(where=lambda said: len(said.text) == 3 and not said.subtype).text == "one"
    with pytest.raises(TimeoutError, match="no message in #general"):
        general.next_message(timeout=0)
    assert [each["text"] for each in slack.messages[-2:]] == ["one", "two"]
    assert 'chat.postMessage general "two"' in slack.conversation(limit=10, width=200)


def test_commands_and_clicks(slack: SyncSlack, app: Caller, ann: SyncPerson, general: SyncPlace) -> None:
    app.app.answers |= {"/deploy": {"text": "ok"}, "block_suggestion": {"options": OPTIONS}}
    outcome = ann.command("/deploy api", channel=general)
    assert (bool(outcome), outcome.answer) == (True, {"text": "ok"})
    said = ann.next_ephemeral(containing="o", where=lambda it: it.is_ephemeral)
    assert (said.text, ann.ephemerals) == ("ok", [said])
    assert ann.shortcut("new")
    app.call("chat.postMessage", channel="general", text="look", blocks=[actions(BUTTON, OWNER)])
    message = general.next_message()
    assert ann.message_shortcut("file", message)
    assert ann.types(message, "owner", "n") == OPTIONS
    assert ann.clicks(message, "owner", "night")
    assert [each.subject for each in slack.deliveries("interactive")] == [
        "shortcut", "message_action", "block_suggestion", "block_actions",
    ]  # fmt: skip


def test_modals_and_homes(slack: SyncSlack, app: Caller, ann: SyncPerson) -> None:
    app.app.then["/open"] = lambda app, payload: app.call(
        "views.open", trigger_id=payload["trigger_id"], view=modal(NOTE, private_metadata="42", notify_on_close=True)
    )
    assert (ann.screen, ann.home(), ann.opens_home()) == (None, None, None)
    ann.command("/open")
    view = ann.modal("form")
    assert (view, {view}) == (ann.screen, {ann.screen})
    assert (view.title, view.callback_id, view.private_metadata, view.trouble) == ("Form", "form", "42", "")
    assert (view.id, repr(view), view.text) == (view.record.id, "<modal 'Form'>", "Note")
    assert (view.blocks[0]["block_id"], view.offers("note"), view.as_dict()["id"]) == ("n", True, view.id)
    ann.clicks(view, "note", "words")
    assert view.values["n"]["note"]["value"] == "words"
    app.app.answers["view_submission"] = {"response_action": "errors", "errors": {"n": "No"}}
    assert ann.submits(view, {"note": "other words"})
    assert (view.until(lambda it: it.errors).errors, view.is_open) == ({"n": "No"}, True)
    assert [bool(each) for each in ann.closes(view)] == [True]
    assert not view.is_open

    home = {"type": "home", "blocks": [{"type": "section", "text": plain("Hello")}]}
    app.call("views.publish", user_id=ann.id, view=home)
    shown = ann.sees_home(lambda it: "Hello" in it.text)
    assert isinstance(shown, SyncShown)
    assert shown == ann.home() == ann.opens_home(tab="home") == ann.sees_home()


def test_waiting_and_sending_again(slack: SyncSlack, app: Caller, ann: SyncPerson) -> None:
    assert [each.id for each in slack.wait_connections(1)] == ["c1"]
    ann.command("/deploy")
    again = slack.resend(slack.deliveries("/deploy")[0])
    slack.settled()
    slack.wait_for(lambda local: local.ledger.summary().sent == 2)
    assert again.is_settled
    rule = slack.inject(Fault(where="api", kind="error", match="auth.test", error="internal_error"))
    assert slack.run(lambda _: app.app.call("auth.test"))["error"] == "internal_error"
    slack.ask(lambda _: rule.remove())
    assert slack.ask(lambda local: local.api_calls[-1].method) == "auth.test"
    before = slack.ask(lambda local: local.line().exchange.clock.wall())
    slack.advance(minutes=5)
    assert slack.ask(lambda local: local.line().exchange.clock.wall()) >= before + 300
    with pytest.raises(TimeoutError, match="still waiting"):
        slack.wait_for(lambda _: False, timeout=0.01)


def test_a_condition_may_read_but_not_wait(slack: SyncSlack, ann: SyncPerson) -> None:
    said = ann.says("hi")
    with pytest.raises(ConfigurationError, match="where nobody can wait"):
        said.until(lambda it: it.reply())


def test_after_the_end_everything_can_still_be_read(seed: int) -> None:
    slack = SyncSlack(LocalSlack(seed=seed))
    slack.start()
    said = slack.user("ann").says("last words")
    slack.close()
    slack.close()
    assert (said.text, slack.channel("general").last) == ("last words", said)
    assert "last words" in slack.conversation()
    with pytest.raises(ConfigurationError, match="this local Slack is closed"):
        slack.user("ann").says("more")
    with pytest.raises(ConfigurationError, match="starts once"):
        slack.start()


def test_one_that_cannot_start_leaves_no_thread(slack: SyncSlack) -> None:
    other = SyncSlack(LocalSlack(port=slack.local.port))
    with pytest.raises(OSError, match=r"address|Address"):
        other.start()
    assert [thread.name for thread in threading.enumerate()].count("local-slack") == 1


def test_without_arguments_it_is_acme() -> None:
    with SyncSlack() as slack:
        assert slack.user("ann").record.real_name == "Ann Ode"


def test_who_waits_when_it_closes_is_told_so(seed: int) -> None:
    slack = SyncSlack(LocalSlack(seed=seed))
    slack.start()
    general, told = slack.channel("general"), []

    def wait() -> None:
        with pytest.raises(ConfigurationError, match="none can come: the local Slack is closed"):
            general.next_message()
        told.append(True)

    thread = threading.Thread(target=wait)
    thread.start()
    slack.wait_for(lambda local: local._bell._waiting)
    slack.close()
    thread.join()
    assert told == [True]
