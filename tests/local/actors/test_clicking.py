"""Commands, shortcuts and clicks: what the app is told, what the person sees, and what there is not to click on."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from scripted import BUTTON, SILENCE, Scripted, actions, input_block, modal, plain, scripted
from tautwire.errors import ActionRefusedError, ConfigurationError
from tautwire.local import LocalSlack
from tautwire.local.actors import Said, Shown

if TYPE_CHECKING:
    from tautwire.local.actors import Person, Place

OPTIONS = [{"text": plain("Red"), "value": "r"}, {"text": plain("Blue"), "value": "b"}]
COLOUR = {"type": "static_select", "action_id": "colour", "options": OPTIONS}
OWNER = {"type": "external_select", "action_id": "owner", "min_query_length": 1}

DESK = {
    "display_information": {"name": "Desk"},
    "features": {
        "bot_user": {"display_name": "desk"},
        "slash_commands": [
            {"command": "/plain", "description": "x"},
            {"command": "/escaped", "description": "x", "should_escape": True},
        ],
        "shortcuts": [
            {"name": "New", "type": "global", "callback_id": "new", "description": "x"},
            {"name": "File", "type": "message", "callback_id": "file", "description": "x"},
        ],
    },
    "oauth_config": {"scopes": {"bot": ["commands", "chat:write"]}},
}


async def posted(app: Scripted, *blocks: dict[str, Any], channel: str = "general", **more: Any) -> str:
    answer = await app.call("chat.postMessage", channel=channel, text="look", blocks=list(blocks), **more)
    assert answer["ok"], answer
    return str(answer["ts"])


@pytest.fixture
async def message(app: Scripted, general: Place) -> Said:
    await posted(app, actions(BUTTON, COLOUR, OWNER))
    assert general.last is not None
    return general.last


@pytest.fixture
async def shown(app: Scripted, ann: Person) -> Shown:
    """A modal on ann's screen, with something of each kind."""

    async def open_it(app: Scripted, payload: dict[str, Any]) -> None:
        view = modal(
            actions(BUTTON),
            input_block({"type": "plain_text_input", "action_id": "title"}, block_id="t", label="Title"),
            input_block(COLOUR, block_id="c", label="Colour", dispatch_action=True),
        )
        answer = await app.call("views.open", trigger_id=payload["trigger_id"], view=view)
        assert answer["ok"], answer

    app.then["/open"] = open_it
    assert await ann.command("/open")
    return await ann.modal()


# Commands


async def test_a_command(app: Scripted, ann: Person) -> None:
    outcome = await ann.command("  /deploy   api  prod ", channel="random")
    assert (bool(outcome), outcome.error, outcome.answer) == (True, "", None)
    (told,) = app.heard
    assert (told["command"], told["text"], told["channel_name"], told["user_id"]) == (
        "/deploy",
        "api  prod",
        "random",
        ann.id,
    )


async def test_its_answer_is_for_one_person_or_for_the_channel(app: Scripted, ann: Person, general: Place) -> None:
    app.answers["/deploy"] = {"text": "for you"}
    assert (await ann.command("/deploy")).answer == {"text": "for you"}
    said = await ann.next_ephemeral()
    assert (said.text, said.is_ephemeral, general.last) == ("for you", True, None)
    app.answers["/deploy"] = {"text": "for all", "response_type": "in_channel"}
    await ann.command("/deploy")
    answer = await general.next_message(from_="bot")
    assert (answer.text, answer.is_ephemeral) == ("for all", False)


async def test_an_answer_that_slack_does_not_take(app: Scripted, ann: Person) -> None:
    app.answers["/deploy"] = {"blocks": "none"}
    outcome = await ann.command("/deploy")
    assert (bool(outcome), outcome.error) == (False, "invalid_blocks_format")
    assert ann.ephemerals == []


async def test_nobody_there_and_no_answer(seed: int) -> None:
    async with LocalSlack(seed=seed, deadline=0.05) as slack:
        ann = slack.user("ann")
        outcome = await ann.command("/deploy")
        assert (outcome.is_ok, outcome.error, outcome.delivery) == (False, "dispatch_failed", slack.deliveries()[-1])
        async with scripted(slack) as app:
            app.answers["/deploy"] = SILENCE
            assert (await ann.command("/deploy")).error == "operation_timeout"


@pytest.mark.parametrize("line", ["deploy", "", "/", " / x"])
async def test_what_is_no_command(ann: Person, line: str) -> None:
    with pytest.raises(ConfigurationError, match="begins with a slash"):
        await ann.command(line)


async def test_in_a_channel_that_one_cannot_see(bob: Person) -> None:
    with pytest.raises(ActionRefusedError, match="bob cannot type /deploy: channel_not_found"):
        await bob.command("/deploy", channel="secret-plans")


async def test_the_manifest_says_which_there_are_and_what_they_get(seed: int) -> None:
    async with LocalSlack(seed=seed, manifests=[DESK]) as slack, scripted(slack) as app:
        ann = slack.user("ann")
        await ann.command("/plain @bob #dev")
        await ann.command("/escaped @bob #dev")
        assert [each["text"] for each in app.heard] == ["@bob #dev", "<@U0BOB|bob> <#C0DEV|dev>"]
        words = "no installed app has the command /other; in their manifests there is /plain, /escaped"
        with pytest.raises(ConfigurationError, match=words):
            await ann.command("/other")


# Shortcuts


async def test_shortcuts(app: Scripted, ann: Person) -> None:
    assert await ann.shortcut("new")
    said = await ann.says("broken", channel="dev")
    assert await ann.message_shortcut("file", said)
    first, second = app.heard
    assert (first["type"], first["callback_id"]) == ("shortcut", "new")
    assert (second["type"], second["message"]["text"], second["channel"]["id"]) == ("message_action", "broken", "C0DEV")


async def test_shortcuts_of_a_manifest(seed: int) -> None:
    async with LocalSlack(seed=seed, manifests=[DESK]) as slack:
        ann = slack.user("ann")
        said = await ann.says("x")
        words = (
            r"no installed app has the global shortcut 'file'; in their manifests there is new \(global\), file \(mes"
        )
        with pytest.raises(ConfigurationError, match=words):
            await ann.shortcut("file")
        with pytest.raises(ConfigurationError, match="the message shortcut 'new'"):
            await ann.message_shortcut("new", said)
        with pytest.raises(ActionRefusedError, match="interactivity is switched off in the app's manifest"):
            await ann.shortcut("new")


async def test_a_manifest_without_any(seed: int) -> None:
    async with LocalSlack(seed=seed, manifests=[{"display_information": {"name": "Bare"}}]) as slack:
        with pytest.raises(ConfigurationError, match="in their manifests there is nothing of the kind"):
            await slack.user("ann").shortcut("new")


async def test_what_one_person_sees_has_no_menu(app: Scripted, ann: Person) -> None:
    app.answers["/deploy"] = {"text": "for you"}
    await ann.command("/deploy")
    with pytest.raises(ConfigurationError, match="is ephemeral, and so has no menu"):
        await ann.message_shortcut("file", ann.ephemerals[0])


# Clicks in messages


async def test_a_button(app: Scripted, ann: Person, message: Said) -> None:
    assert await ann.clicks(message, "go")
    (told,) = app.said("block_actions")
    (act,) = told["actions"]
    assert (act["action_id"], act["value"], act["block_id"]) == ("go", "1", "row")
    assert told["container"] == {
        "type": "message", "message_ts": message.ts, "channel_id": "C0GENERAL", "is_ephemeral": False,
    }  # fmt: skip
    assert told["message"]["text"] == "look"
    assert await app.respond(told, text="thanks") == "ok"
    assert (await ann.next_ephemeral()).text == "thanks"


async def test_a_link_is_told_too(app: Scripted, ann: Person, general: Place) -> None:
    await posted(app, actions(BUTTON | {"url": "https://acme.test", "style": "primary"}))
    assert general.last is not None
    assert await ann.clicks(general.last, "Go")
    (act,) = app.said("block_actions")[0]["actions"]
    assert (act["url"], act["style"]) == ("https://acme.test", "primary")


async def test_one_of_several_buttons(app: Scripted, ann: Person, general: Place) -> None:
    rows = [
        {"type": "section", "block_id": f"r{n}", "text": plain(f"Row {n}"), "accessory": BUTTON | {"value": str(n)}}
        for n in range(3)
    ]
    await posted(app, *rows)
    assert general.last is not None
    await ann.clicks(general.last, "go", "2")
    assert app.said("block_actions")[0]["actions"][0]["block_id"] == "r2"
    with pytest.raises(ConfigurationError, match="there are 3 'go' here; give the value of one: '0', '1', '2'"):
        await ann.clicks(general.last, "go")


async def test_a_choice_is_remembered_for_the_next_click(
    app: Scripted, ann: Person, bob: Person, message: Said
) -> None:
    await ann.clicks(message, "colour", "Blue")
    await ann.clicks(message, "go")
    await bob.clicks(message, "go")
    choice, own, others = (each["state"]["values"]["row"]["colour"] for each in app.said("block_actions"))
    assert (choice["selected_option"], own["selected_option"], others["selected_option"]) == (
        OPTIONS[1],
        OPTIONS[1],
        None,
    )
    with pytest.raises(ConfigurationError, match="'colour' has no option 'green'; there is 'r', 'b'"):
        await ann.clicks(message, "colour", "green")


async def test_people_and_places_are_chosen_by_name(
    slack: LocalSlack, app: Scripted, ann: Person, general: Place
) -> None:
    kinds = ("users_select", "conversations_select", "channels_select", "multi_users_select")
    await posted(app, *(actions({"type": kind, "action_id": kind}, block_id=kind) for kind in kinds))
    said = general.last
    assert said is not None
    chosen: list[tuple[str, Any, Any]] = [
        ("users_select", "bob", "U0BOB"),
        ("users_select", slack.user("bob"), "U0BOB"),
        ("conversations_select", "dev", "C0DEV"),
        ("conversations_select", "secret-plans", "C0SECRET"),
        ("conversations_select", "bob", slack.direct("ann", "bob").id),
        ("channels_select", "#dev", "C0DEV"),
        ("channels_select", slack.channel("dev"), "C0DEV"),
        ("multi_users_select", ["bob", "@cleo"], ["U0BOB", "U0CLEO"]),
    ]
    for kind, given, expected in chosen:
        await ann.clicks(said, kind, given)
        (act,) = app.said("block_actions")[-1]["actions"]
        assert expected in act.values(), (kind, given)
    for kind, given in (
        ("users_select", "dev"),
        ("channels_select", "bob"),
        ("channels_select", "D0BOB"),
        ("users_select", "x"),
    ):
        with pytest.raises(ConfigurationError, match=f"is a {kind}, and there is no '{given}' for it here"):
            await ann.clicks(said, kind, given)


async def test_attachments_have_things_to_click_on(app: Scripted, ann: Person, general: Place) -> None:
    answer = await app.call(
        "chat.postMessage",
        channel="general",
        text="look",
        attachments=[{"text": "plain", "fallback": "x"}, {"blocks": [actions(BUTTON)], "color": "#00ff00"}],
    )
    assert answer["ok"], answer
    said = general.last
    assert said is not None
    assert said.offers("go")
    await ann.clicks(said, "go")
    container = app.said("block_actions")[0]["container"]
    assert (container["type"], container["attachment_id"]) == ("message_attachment", 2)


async def test_ephemeral_messages(app: Scripted, ann: Person, bob: Person) -> None:
    """Clicked on, replaced, deleted: by the one who sees it, in place."""
    app.answers["/ask"] = {"text": "Sure?", "blocks": [actions(BUTTON)]}
    await ann.command("/ask")
    said = await ann.next_ephemeral()
    with pytest.raises(ConfigurationError, match="is seen by ann alone, not by bob"):
        await bob.clicks(said, "go")
    await ann.clicks(said, "go")
    (told,) = app.said("block_actions")
    assert told["container"]["is_ephemeral"] is True

    await app.respond(told, text="Really?", replace_original=True)
    assert (await said.until(lambda it: it.text == "Really?")).blocks == []
    assert ann.ephemerals == [said]
    await app.respond(told, text="Last chance")
    assert (await ann.next_ephemeral()).text == "Last chance"
    await app.respond(told, delete_original=True)
    await said.until(lambda it: it.is_deleted)
    assert [each.text for each in ann.ephemerals] == ["Last chance"]
    with pytest.raises(ConfigurationError, match="was deleted, so nothing can be done with it"):
        await ann.clicks(said, "go")


async def test_a_message_is_replaced_deleted_and_answered_in_the_channel(
    app: Scripted, ann: Person, message: Said, general: Place
) -> None:
    await ann.clicks(message, "go")
    (told,) = app.said("block_actions")
    await app.respond(told, text="To all", response_type="in_channel", replace_original=False)
    assert (await general.next_message(containing="To all")).is_ephemeral is False
    await app.respond(told, text="Changed", replace_original=True)
    await message.until(lambda it: it.text == "Changed")
    await app.respond(told, delete_original=True)
    await message.until(lambda it: it.is_deleted)


async def test_what_cannot_be_clicked_on(app: Scripted, ann: Person, bob: Person, general: Place) -> None:
    said = await ann.says("words")
    with pytest.raises(ConfigurationError, match="is not an app's, so there is nothing to click on"):
        await ann.clicks(said, "go")
    await app.call("chat.postMessage", channel="general", text="bare")
    assert general.last is not None
    with pytest.raises(ConfigurationError, match="there is no 'go' here, but nothing to click on"):
        await ann.clicks(general.last, "go")
    await ann.invites("localbot", "secret-plans")
    await posted(app, actions(BUTTON), channel="secret-plans")
    secret = ann._stage.workspace.channel("secret-plans")
    with pytest.raises(ActionRefusedError, match="bob cannot see that message: channel_not_found"):
        await bob.clicks(Said(ann._stage, list(secret.messages.values())[-1]), "go")


# External selects


async def test_options_are_typed_for_and_then_chosen_by_name(
    app: Scripted, ann: Person, bob: Person, message: Said
) -> None:
    app.answers["block_suggestion"] = {"options": OPTIONS}
    assert await ann.types(message, "owner", "x") == OPTIONS
    (told,) = app.said("block_suggestion")
    assert (told["action_id"], told["block_id"], told["value"]) == ("owner", "row", "x")
    assert "response_url" not in told
    await ann.clicks(message, "owner", "b")
    assert app.said("block_actions")[0]["actions"][0]["selected_option"] == OPTIONS[1]
    # Others have typed nothing.
    with pytest.raises(ConfigurationError, match="'owner' has no option 'b'; the app offered nothing"):
        await bob.clicks(message, "owner", "b")
    await bob.clicks(message, "owner", OPTIONS[0])
    app.answers["block_suggestion"] = {"option_groups": [{"label": plain("All"), "options": OPTIONS[:1]}]}
    assert await ann.types(message, "owner", "y") == OPTIONS[:1]
    with pytest.raises(ConfigurationError, match="the app offered 'r'"):
        await ann.clicks(message, "owner", "b")


@pytest.mark.parametrize(
    ("answer", "error"),
    [({"options": "x"}, "invalid_options"), (None, "invalid_options"), (SILENCE, "operation_timeout")],
)
async def test_no_options_are_a_refusal(seed: int, answer: Any, error: str) -> None:
    async with LocalSlack(seed=seed, deadline=0.05) as slack, scripted(slack) as app:
        app.answers["block_suggestion"] = answer
        await posted(app, actions(OWNER))
        said = await slack.channel("general").next_message(from_="bot")
        with pytest.raises(ActionRefusedError, match=f"ann cannot look for 'x': {error}") as refused:
            await slack.user("ann").types(said, "owner", "x")
        assert refused.value.code == error


async def test_what_asks_nobody(app: Scripted, ann: Person, message: Said, general: Place) -> None:
    with pytest.raises(ConfigurationError, match="'colour' is a static_select, which asks no app for its options"):
        await ann.types(message, "colour", "x")
    with pytest.raises(ConfigurationError, match=r"'owner' asks its app from 1 letters on \(min_query_length\)"):
        await ann.types(message, "owner", "")
    await posted(app, actions({"type": "external_select", "action_id": "who"}))
    assert general.last is not None
    with pytest.raises(ConfigurationError, match="from 3 letters on"):
        await ann.types(general.last, "who", "ab")


# Clicks in views


async def test_clicks_in_a_modal(app: Scripted, ann: Person, bob: Person, shown: Shown) -> None:
    assert await ann.clicks(shown, "go")
    (told,) = app.said("block_actions")
    assert told["container"] == {"type": "view", "view_id": shown.id}
    assert "response_url" not in told
    with pytest.raises(ConfigurationError, match="is on the screen of ann, not of bob"):
        await bob.clicks(shown, "go")
    await ann.closes(shown)
    with pytest.raises(ConfigurationError, match="<modal 'Form'> is closed, so nothing can be done with it"):
        await ann.clicks(shown, "go")


async def test_an_input_is_told_at_once_only_if_it_says_so(app: Scripted, ann: Person, shown: Shown) -> None:
    outcome = await ann.clicks(shown, "title", "Words")
    assert (bool(outcome), outcome.delivery, outcome.answer) == (True, None, None)
    assert shown.values["t"]["title"] == {"type": "plain_text_input", "value": "Words"}
    assert app.said("block_actions") == []
    await ann.clicks(shown, "Colour", "Red")
    (told,) = app.said("block_actions")
    assert (
        told["state"]["values"]["t"]["title"]["value"]
        == told["view"]["state"]["values"]["t"]["title"]["value"]
        == "Words"
    )
    assert told["actions"][0]["selected_option"] == OPTIONS[0]
