"""Modals, homes and what one person sees: brought up, filled in, sent, refused, updated, stacked, closed."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import pytest

from scripted import BUTTON, SILENCE, Scripted, actions, input_block, modal, plain, scripted
from tautwire.errors import ActionRefusedError, ConfigurationError
from tautwire.local import LocalSlack

if TYPE_CHECKING:
    from tautwire.local.actors import Person, Shown

OPTIONS = [{"text": plain("Red"), "value": "r"}, {"text": plain("Blue"), "value": "b"}]
TITLE = input_block({"type": "plain_text_input", "action_id": "title", "min_length": 3}, block_id="t", label="Title")
COLOUR = input_block({"type": "static_select", "action_id": "colour", "options": OPTIONS}, block_id="c", label="Colour")
NOTE = input_block({"type": "plain_text_input", "action_id": "note"}, block_id="n", label="Note", optional=True)


async def opens(app: Scripted, ann: Person, view: dict[str, Any] | None = None, method: str = "views.open") -> Shown:
    """The app opens a modal after a command of ann's."""

    async def open_it(app: Scripted, payload: dict[str, Any]) -> None:
        answer = await app.call(method, trigger_id=payload["trigger_id"], view=view or modal(TITLE, COLOUR, NOTE))
        assert answer["ok"], answer

    app.then["/open"] = open_it
    await ann.command("/open")
    return await ann.modal()


@pytest.fixture
async def form(app: Scripted, ann: Person) -> Shown:
    return await opens(app, ann)


# What is on the screen


async def test_a_modal_is_given_once(app: Scripted, ann: Person, form: Shown) -> None:
    assert ann.screen == form
    assert (form.title, form.callback_id, form.is_open) == ("Form", "form", True)
    with pytest.raises(TimeoutError) as caught:
        await ann.modal(timeout=0)
    words = (
        "no new modal on ann's screen; there is <modal 'Form'> with the callback_id 'form', given before (see `screen`)"
    )
    assert words in str(caught.value)
    other = await opens(app, ann, modal(TITLE, callback_id="other", title="Other"))
    assert (other.title, form.is_open, ann.screen) == ("Other", False, other)


async def test_it_is_waited_for_by_its_callback_id(app: Scripted, ann: Person) -> None:
    waiting = asyncio.create_task(ann.modal("second"))
    first = await opens(app, ann, modal(TITLE, callback_id="first"))
    assert not waiting.done()
    app.then["/push"] = lambda app, payload: app.call(
        "views.push", trigger_id=payload["trigger_id"], view=modal(TITLE, callback_id="second")
    )
    await ann.command("/push")
    second = await waiting
    assert (ann.screen, first.is_open, second.callback_id) == (second, True, "second")


async def test_without_any(ann: Person) -> None:
    assert ann.screen is None
    with pytest.raises(TimeoutError, match=r"^no new modal 'x' on ann's screen; nothing is open there; <local Slack"):
        await ann.modal("x", timeout=0)
    with pytest.raises(TimeoutError, match=r"^no new modal on ann's screen after 0\.01 s; nothing is open there"):
        await ann.modal(timeout=0.01)


async def test_an_update_is_seen_in_place(app: Scripted, ann: Person, form: Shown) -> None:
    await app.call("views.update", view_id=form.id, view=modal(NOTE, title="Shorter", private_metadata="42"))
    await form.until(lambda it: it.title == "Shorter")
    assert (ann.screen, form.private_metadata) == (form, "42")
    assert not form.offers("title")
    assert form.offers("Note")
    with pytest.raises(TimeoutError, match="no change of <modal 'Shorter'>; it is <modal 'Shorter'>"):
        await form.until(lambda it: it.title == "Longer", timeout=0)


# Submitting


async def test_a_submission_carries_everything(app: Scripted, ann: Person, form: Shown) -> None:
    assert await ann.submits(form, {"title": "Printer", "Colour": "Blue"})
    (told,) = app.said("view_submission")
    assert told["view"]["state"]["values"] == {
        "t": {"title": {"type": "plain_text_input", "value": "Printer"}},
        "c": {"colour": {"type": "static_select", "selected_option": OPTIONS[1]}},
        "n": {"note": {"type": "plain_text_input", "value": None}},
    }
    assert (form.is_open, ann.screen) == (False, None)
    with pytest.raises(ConfigurationError, match="is closed"):
        await ann.submits(form)


async def test_what_was_filled_in_stays_and_can_be_taken_back(app: Scripted, ann: Person, form: Shown) -> None:
    app.answers["view_submission"] = {"response_action": "errors", "errors": {"t": "Too dull"}}
    assert await ann.submits(form, {"t": "Printer", "c": "r", "n": "first"})
    assert (form.is_open, form.errors, form.trouble) == (True, {"t": "Too dull"}, "")
    app.answers["view_submission"] = None
    assert await ann.submits(form, {"title": "Printers", "note": None})
    values = app.said("view_submission")[1]["view"]["state"]["values"]
    assert (values["t"]["title"]["value"], values["n"]["note"]["value"]) == ("Printers", None)
    assert values["c"]["colour"]["selected_option"] == OPTIONS[0]


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"title": "Printer"}, "<modal 'Form'> cannot be submitted without 'Colour'"),
        ({}, "cannot be submitted without 'Title', 'Colour'"),
        ({"title": "", "colour": "r"}, "cannot be submitted without 'Title'"),
        ({"title": "ab"}, "'title' takes at least 3 characters, not 'ab'"),
        ({"colour": "g"}, "'colour' has no option 'g'; there is 'r', 'b'"),
        ({"colour": None, "title": "abc"}, "cannot be submitted without 'Colour'"),
        ({"size": "XL"}, "there is no 'size' here, but 'title', 'colour', 'note'"),
    ],
)
async def test_what_a_client_would_not_send(
    app: Scripted, ann: Person, form: Shown, values: dict[str, Any], words: str
) -> None:
    with pytest.raises(ConfigurationError, match=words):
        await ann.submits(form, values)
    assert app.said("view_submission") == []
    assert form.is_open


async def test_the_app_updates_pushes_and_clears(app: Scripted, ann: Person) -> None:
    first = await opens(app, ann, modal(NOTE, title="One"))
    app.answers["view_submission"] = {"response_action": "update", "view": modal(NOTE, title="Two")}
    assert await ann.submits(first)
    assert (first.title, ann.screen) == ("Two", first)

    app.answers["view_submission"] = {"response_action": "push", "view": modal(NOTE, title="Three")}
    assert await ann.submits(first)
    third = await ann.modal()
    assert (third.title, first.is_open) == ("Three", True)
    for act in (ann.submits(first), ann.closes(first), ann.clicks(first, "note", "x")):
        with pytest.raises(ConfigurationError, match="<modal 'Two'> lies under <modal 'Three'>; that has to be closed"):
            await act

    app.answers["view_submission"] = None
    assert await ann.submits(third)
    assert (third.is_open, ann.screen) == (False, first)
    app.answers["view_submission"] = {"response_action": "push", "view": modal(NOTE, title="Four")}
    await ann.submits(first)
    app.answers["view_submission"] = {"response_action": "clear"}
    assert await ann.submits(await ann.modal())
    assert (first.is_open, ann.screen) == (False, None)


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        ({"response_action": "errors", "errors": {"nowhere": "x"}}, "invalid_errors"),
        ({"response_action": "dance"}, "invalid_response_action"),
        ({"response_action": "update"}, "invalid_view"),
        ({"response_action": "push", "view": {"type": "home"}}, "invalid_arguments"),
    ],
)
async def test_an_answer_that_slack_does_not_take(
    app: Scripted, ann: Person, form: Shown, answer: dict[str, Any], error: str
) -> None:
    app.answers["view_submission"] = answer
    outcome = await ann.submits(form, {"title": "Printer", "colour": "r"})
    assert (bool(outcome), outcome.error) == (False, error)
    assert (form.is_open, form.trouble) == (True, "We had some trouble connecting. Try again?")


async def test_no_answer(seed: int) -> None:
    async with LocalSlack(seed=seed, deadline=0.05) as slack, scripted(slack) as app:
        ann = slack.user("ann")
        form = await opens(app, ann, modal(NOTE))
        app.answers["view_submission"] = SILENCE
        outcome = await ann.submits(form)
        assert (outcome.error, form.is_open) == ("operation_timeout", True)
        assert form.trouble
        app.answers["view_submission"] = None
        assert await ann.submits(form)
        assert (form.is_open, form.trouble) == (False, "")


async def test_files_and_places_in_a_form(slack: LocalSlack, app: Scripted, ann: Person) -> None:
    await ann.uploads("old.txt", "1")
    await ann.uploads("log.txt", "22")
    await ann.uploads("log.txt", "333")
    place = {"type": "conversations_select", "action_id": "where", "response_url_enabled": True}
    form = await opens(
        app,
        ann,
        modal(
            input_block({"type": "file_input", "action_id": "files"}, block_id="f", label="Files"),
            input_block(place, block_id="w", label="Where"),
            input_block(place | {"action_id": "also"}, block_id="a", label="Also", optional=True),
        ),
    )
    with pytest.raises(
        ConfigurationError, match=r"there is no file 'nope', but 'old.txt', 'log.txt', 'log.txt'; `uploads`"
    ):
        await ann.submits(form, {"files": "nope"})
    await ann.submits(form, {"files": ["log.txt", "old.txt"], "where": "dev"})
    (told,) = app.said("view_submission")
    files = told["view"]["state"]["values"]["f"]["files"]["files"]
    assert [(each["name"], each["size"]) for each in files] == [("log.txt", 3), ("old.txt", 1)]
    (answerable,) = told["response_urls"]
    assert (answerable["channel_id"], answerable["action_id"]) == ("C0DEV", "where")
    await app.respond(answerable, text="Noted", response_type="in_channel")
    assert (await slack.channel("dev").next_message(from_="bot")).text == "Noted"


# Closing


async def test_closing_is_told_to_those_who_asked(app: Scripted, ann: Person, form: Shown) -> None:
    assert await ann.closes(form) == []
    assert (form.is_open, app.said("view_closed")) == (False, [])
    form = await opens(app, ann, modal(NOTE, notify_on_close=True))
    (outcome,) = await ann.closes(form)
    assert outcome
    (told,) = app.said("view_closed")
    assert (told["view"]["id"], told["is_cleared"]) == (form.id, False)


async def test_its_cross_closes_the_whole_stack(app: Scripted, ann: Person) -> None:
    first = await opens(app, ann, modal(NOTE, title="One", notify_on_close=True))
    second = await opens(app, ann, modal(NOTE, title="Two", notify_on_close=True), method="views.push")
    outcomes = await ann.closes(second, everything=True)
    assert [bool(each) for each in outcomes] == [True, True]
    assert (first.is_open, second.is_open, ann.screen) == (False, False, None)
    assert [each["is_cleared"] for each in app.said("view_closed")] == [True, True]


# Homes


async def test_a_home(app: Scripted, ann: Person) -> None:
    assert (await ann.opens_home(), ann.home()) == (None, None)
    assert app.said("app_home_opened")[0]["event"]["tab"] == "home"
    waiting = asyncio.create_task(ann.sees_home(lambda home: "second" in home.text))
    for words in ("first", "second"):
        blocks = [{"type": "section", "text": plain(words)}, actions(BUTTON)]
        await app.call("views.publish", user_id=ann.id, view={"type": "home", "blocks": blocks})
    home = await waiting
    assert home == ann.home() == await ann.opens_home() == await ann.sees_home()
    assert (home.title, repr(home), home.text.splitlines()[0]) == ("", "<home ''>", "second")
    assert await ann.clicks(home, "go")
    with pytest.raises(ConfigurationError, match="has no submit button"):
        await ann.submits(home)
    with pytest.raises(ConfigurationError, match="cannot be closed"):
        await ann.closes(home)
    await ann.opens_home(tab="messages")
    assert app.said("app_home_opened")[-1]["event"]["tab"] == "messages"


async def test_a_home_that_is_not_there(app: Scripted, ann: Person) -> None:
    with pytest.raises(TimeoutError, match="no home of Local Bot as ann waits for it; it shows nothing"):
        await ann.sees_home(timeout=0)
    view = {"type": "home", "blocks": [{"type": "section", "text": plain("Hello")}]}
    await app.call("views.publish", user_id=ann.id, view=view)
    with pytest.raises(TimeoutError, match="it shows 'Hello'"):
        await ann.sees_home(lambda home: "Bye" in home.text, timeout=0)


async def test_homes_of_several_apps(seed: int) -> None:
    names = [
        {"display_information": {"name": name}, "features": {"app_home": {"home_tab_enabled": True}}} for name in "AB"
    ]
    async with LocalSlack(seed=seed, manifests=names) as slack:
        second = slack.apps[1]
        async with scripted(slack, second) as app:
            ann = slack.user("ann")
            view = {"type": "home", "blocks": []}
            assert (await app.call("views.publish", user_id=ann.id, view=view))["ok"]
            assert ann.home("A") is None
            assert ann.home("B") == ann.home(second.id) == await ann.sees_home(app="B")
            with pytest.raises(ConfigurationError, match=r"there is no app 'C', but A \(A0LOCAL01\), B \(A0LOCAL02\)"):
                await ann.opens_home("C")
            assert ann.token("B") != ann.token() == ann.token("A")
            with pytest.raises(ConfigurationError, match="there is no app 'C'"):
                ann.token("C")


async def test_a_home_that_the_manifest_has_not(seed: int) -> None:
    async with LocalSlack(seed=seed, manifests=[{"display_information": {"name": "Bare"}}]) as slack:
        assert await slack.user("ann").opens_home() is None


# What one person sees


async def test_ephemeral_messages_are_given_once_in_order(app: Scripted, ann: Person, bob: Person) -> None:
    for words in ("one", "two", "three"):
        await app.call("chat.postEphemeral", channel="general", user=ann.id, text=words)
    assert (await ann.next_ephemeral(containing="two")).text == "two"
    assert (await ann.next_ephemeral()).text == "one"
    assert (await ann.next_ephemeral(where=lambda said: len(said.text) > 3)).text == "three"
    with pytest.raises(TimeoutError, match=r"no ephemeral message for ann containing 'x'; there are .*'three'"):
        await ann.next_ephemeral(containing="x", timeout=0)
    assert bob.ephemerals == []
    with pytest.raises(TimeoutError, match="no ephemeral message for bob; there are \\[\\]"):
        await bob.next_ephemeral(timeout=0)


async def test_who_waits_for_a_slack_that_is_closed_is_told_so(seed: int) -> None:
    slack = LocalSlack(seed=seed)
    await slack.start()
    ann = slack.user("ann")
    waits = [asyncio.create_task(act) for act in (ann.modal(), ann.next_ephemeral(), ann.sees_home())]
    await asyncio.sleep(0)
    await slack.close()
    for outcome in await asyncio.gather(*waits, return_exceptions=True):
        assert isinstance(outcome, ConfigurationError)
        assert "none can come: the local Slack is closed" in str(outcome)


async def test_an_app_without_interactivity_is_told_of_no_click(seed: int) -> None:
    async with LocalSlack(seed=seed, manifests=[{"display_information": {"name": "Bare"}}]) as slack:
        async with scripted(slack) as app:
            answer = await app.call("chat.postMessage", channel="general", blocks=[actions(BUTTON)], text="x")
            assert answer["ok"], answer
        said = slack.channel("general").last
        assert said is not None
        with pytest.raises(ActionRefusedError, match="ann cannot click on go: interactivity is switched off"):
            await slack.user("ann").clicks(said, "go")
