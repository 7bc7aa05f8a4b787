"""Commands, clicks, choices and forms, when somebody tells a person to."""

from __future__ import annotations

from typing import Any

from tautwire.local import LocalSlack


async def test_a_command_and_its_answer(control: Any, app: Any) -> None:
    app.answers["/deploy"] = {"text": "on it"}
    answer = await control.done("/command", line="/deploy api prod", user="bob")
    assert {name: answer[name] for name in ("ok", "error", "answer", "state")} == {
        "ok": True,
        "error": "",
        "answer": {"text": "on it"},
        "state": "acked",
    }
    (seen,) = app.seen
    assert (seen["envelope_id"], seen["payload"]["text"]) == (answer["envelope_id"], "api prod")
    assert (await control.refused("/command", line="deploy"))[0] == 422


async def test_a_command_that_comes_to_nothing(control_of: Any, dial: Any) -> None:
    async with LocalSlack(deadline=0.05) as slack, dial(slack):
        answer = await control_of(slack).done("/command", line="/deploy")
        assert (answer["ok"], answer["error"], answer["state"]) == (False, "operation_timeout", "lost")


async def test_with_no_app_connected(control: Any) -> None:
    assert (await control.done("/command", line="/deploy"))["error"] == "dispatch_failed"


async def test_a_click_on_the_latest_message_that_has_it(control: Any, app: Any, blocks: Any) -> None:
    first = (await app("chat.postMessage", channel="C0GENERAL", text="one", blocks=blocks))["ts"]
    second = (await app("chat.postMessage", channel="C0GENERAL", text="two", blocks=blocks))["ts"]
    await control.done("/say", text="and now?")
    assert (await control.done("/click", target="approve"))["ok"]
    await control.done("/click", target="Yes", ts=first)
    await control.done("/click", target="stage", value="Production")
    clicks = [each["payload"] for each in app.seen if each["payload"]["type"] == "block_actions"]
    assert [each["container"]["message_ts"] for each in clicks] == [second, first, second]
    assert clicks[2]["actions"][0]["selected_option"]["value"] == "prod"
    words = "no message in #general has 'reject' to click on, but 'approve', 'stage', 'city'"
    assert await control.refused("/click", target="reject") == (422, words)
    assert (await control.refused("/click", target="stage", value="moon"))[0] == 422


async def test_a_click_on_what_one_person_sees(control: Any, app: Any, blocks: Any) -> None:
    await app("chat.postEphemeral", channel="C0GENERAL", user="U0BOB", text="psst", blocks=blocks)
    assert (await control.refused("/click", target="approve"))[0] == 422
    assert (await control.done("/click", target="approve", user="bob"))["ok"]
    (shown,) = (await control.told("/screen", user="bob"))["ephemerals"]
    assert (await control.done("/click", target="approve", user="bob", ts=shown["ts"]))["ok"]


async def test_a_click_in_a_direct_conversation(control: Any, app: Any, blocks: Any) -> None:
    await app("chat.postMessage", channel="U0ANN", text="one", blocks=blocks)
    assert (await control.done("/click", target="approve", channel="localbot"))["ok"]


async def test_options_from_the_app(control: Any, app: Any, blocks: Any) -> None:
    await app("chat.postMessage", channel="C0GENERAL", text="one", blocks=blocks)
    options = [{"text": {"type": "plain_text", "text": "Rome"}, "value": "rome"}]
    app.answers["block_suggestion"] = {"options": options}
    assert await control.done("/suggest", target="city", text="ro") == {"options": options}
    assert app.seen[-1]["payload"]["value"] == "ro"
    assert (await control.refused("/suggest", target="approve"))[0] == 422


async def test_a_form_from_the_beginning_to_the_end(control: Any, app: Any, modal: Any) -> None:
    async def open_it(payload: dict[str, Any]) -> None:
        await app("views.open", trigger_id=payload["trigger_id"], view=modal)

    app.before["/release"] = open_it
    assert await control.refused("/submit") == (422, "ann has no modal open")
    await control.done("/command", line="/release")
    (shown,) = (await control.told("/screen"))["modals"]
    assert (shown["callback_id"], shown["errors"], shown["trouble"]) == ("release", {}, "")

    assert (await control.done("/click", target="approve"))["ok"]
    assert app.seen[-1]["payload"]["container"]["type"] == "view"
    assert (await control.done("/click", target="approve", view="modal"))["ok"]

    app.answers["view_submission"] = {"response_action": "errors", "errors": {"version": "no version"}}
    wrong = await control.done("/submit", values={"Version": "x"})
    assert (wrong["ok"], wrong["is_open"], wrong["errors"]) == (True, True, {"version": "no version"})
    assert (await control.told("/screen"))["modals"][0]["errors"] == {"version": "no version"}
    assert (await control.refused("/submit", values={"Name": "x"}))[0] == 422

    del app.answers["view_submission"]
    right = await control.done("/submit", values={"number": "1.2"})
    assert (right["ok"], right["is_open"], right["errors"], right["trouble"]) == (True, False, {}, "")
    assert app.seen[-1]["payload"]["view"]["state"]["values"]["version"]["number"]["value"] == "1.2"

    await control.done("/command", line="/release")
    (told,) = (await control.done("/close"))["told"]
    assert (told["ok"], app.subjects()[-1]) == (True, "view_closed")
    assert (await control.told("/screen"))["modals"] == []


async def test_shortcuts(control: Any, app: Any) -> None:
    assert (await control.done("/shortcut", callback_id="new_task"))["ok"]
    ts = (await control.done("/say", text="it broke"))["message"]["ts"]
    assert (await control.done("/shortcut", callback_id="file_bug", ts=ts))["ok"]
    payloads = [each["payload"] for each in app.seen if each["payload"].get("callback_id")]
    assert [each["type"] for each in payloads] == ["shortcut", "message_action"]
    assert payloads[1]["message"]["text"] == "it broke"


async def test_a_home(control: Any, app: Any, blocks: Any) -> None:
    assert await control.refused("/click", target="approve", view="home") == (
        422,
        "the app has published no home for ann",
    )
    assert await control.done("/home") == {"view": None}
    assert app.subjects() == ["app_home_opened"]
    await app("views.publish", user_id="U0ANN", view={"type": "home", "blocks": blocks})
    assert (await control.done("/home", app="A0LOCAL01"))["view"]["type"] == "home"
    assert (await control.told("/screen"))["homes"][0]["blocks"][0]["block_id"] == "buttons"
    assert (await control.done("/click", target="approve", view="home", app="A0LOCAL01"))["ok"]
    assert (await control.done("/home", tab="messages"))["view"] is not None
