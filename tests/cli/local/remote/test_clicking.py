from __future__ import annotations

from typing import Any


async def test_a_command(done: Any, app: Any) -> None:
    app.answers["/deploy"] = {"text": "on it", "blocks": [{"type": "divider"}]}
    assert await done("command", "/deploy api") == "ann: /deploy api (acked)\non it\n────\n"
    assert app.seen[-1]["payload"]["text"] == "api"


async def test_a_command_that_fails(failed: Any, run: Any) -> None:
    assert await failed("command", "/deploy") == (
        1,
        "/deploy failed: no app is connected (dispatch_failed).",
    )
    result = await run("command", "/deploy", "--json")
    assert (result.exit_code, '"error": "dispatch_failed"' in result.stdout) == (1, True)
    assert (await failed("command", "deploy"))[0] == 2


async def test_an_answer_that_slack_does_not_take(failed: Any, app: Any) -> None:
    app.answers["/deploy"] = {"text": "x", "blocks": [{"type": "nonsense"}]}
    code, said = await failed("command", "/deploy")
    assert (code, said.startswith("/deploy failed: ")) == (1, True)


async def test_clicks_and_choices(done: Any, failed: Any, app: Any, blocks: Any) -> None:
    first = (await app("chat.postMessage", channel="C0GENERAL", text="one", blocks=blocks))["ts"]
    await app("chat.postMessage", channel="C0GENERAL", text="two", blocks=blocks)
    assert await done("click", "Yes", "--ts", first) == "ann clicks Yes (acked)\n"
    assert app.seen[-1]["payload"]["container"]["message_ts"] == first
    await done("click", "stages", "--value", "Prod", "--value", "test", "--as", "bob")
    (action,) = app.seen[-1]["payload"]["actions"]
    assert [each["value"] for each in action["selected_options"]] == ["prod", "test"]
    await done("click", "stages", "--value", "prod")
    assert len(app.seen[-1]["payload"]["actions"][0]["selected_options"]) == 1
    assert await failed("click", "no") == (
        2,
        "no message in #general has 'no' to click on, but 'approve', 'stages'.",
    )
    assert (await failed("click", "x", "--in", "modal")) == (2, "ann has no modal open.")


async def test_a_form(done: Any, failed: Any, told: Any, app: Any, modal: Any) -> None:
    async def open_it(payload: dict[str, Any]) -> None:
        await app("views.open", trigger_id=payload["trigger_id"], view=modal)

    app.before["/release"] = open_it
    await done("command", "/release")
    assert await done("screen") == "modal 'Release' (release)\n    Version*: <plain_text_input number>\n"
    app.answers["view_submission"] = {"response_action": "errors", "errors": {"version": "no version"}}
    assert await failed("submit", "number=x") == (1, "the app does not take it: version: no version.")
    assert "    ! version: no version\n" in await done("screen")
    del app.answers["view_submission"]
    assert await done("submit", "Version=1.2") == "ann submits the modal (it is closed)\n"
    assert await done("screen") == "ann sees what everybody sees.\n"

    await done("command", "/release")
    assert await done("close") == "ann closes the modal\n"
    assert app.seen[-1]["payload"]["type"] == "view_closed"
    assert await failed("submit") == (2, "ann has no modal open.")


async def test_an_app_that_hears_nothing_of_the_end(failed: Any, done: Any, app: Any, slack: Any, modal: Any) -> None:
    async def open_it(payload: dict[str, Any]) -> None:
        await app("views.open", trigger_id=payload["trigger_id"], view=modal)

    app.before["/release"] = open_it
    await done("command", "/release")
    slack.drop()
    await slack.wait_connections(0)
    assert await failed("close") == (1, "the app was told of it in vain: dispatch_failed.")


async def test_shortcuts(done: Any, app: Any) -> None:
    assert await done("shortcut", "new_task") == "ann uses new_task (acked)\n"
    await done("say", "it broke")
    ts = (app.seen[-1]["payload"]["event"])["ts"]
    await done("shortcut", "file_bug", "--ts", ts)
    assert app.seen[-1]["payload"]["type"] == "message_action"


async def test_a_home(done: Any, app: Any, blocks: Any) -> None:
    assert await done("home") == "It shows nothing yet; tautwire local screen shows it later.\n"
    await app("views.publish", user_id="U0ANN", view={"type": "home", "blocks": blocks})
    assert await done("home") == "[Yes] (approve)  <checkboxes stages: Prod | Test>\n"
    assert "home of A0LOCAL01\n    [Yes] (approve)" in await done("screen")
    assert await done("click", "approve", "--in", "home") == "ann clicks approve (acked)\n"
    assert await done("home", "--messages")
    assert app.seen[-1]["payload"]["event"]["tab"] == "messages"
