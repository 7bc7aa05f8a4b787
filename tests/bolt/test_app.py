"""What people write with Bolt, unchanged, through our handler."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import pytest
from slack_bolt.request.payload_utils import is_event

from tautwire.local import State

if TYPE_CHECKING:
    from slack_bolt.app.async_app import AsyncApp

    from tautwire.local import LocalSlack

MODAL: dict[str, Any] = {
    "type": "modal",
    "callback_id": "ticket",
    "title": {"type": "plain_text", "text": "Ticket"},
    "submit": {"type": "plain_text", "text": "Send"},
    "blocks": [
        {
            "type": "input",
            "block_id": "summary",
            "label": {"type": "plain_text", "text": "Summary"},
            "element": {"type": "plain_text_input", "action_id": "text"},
        }
    ],
}


async def test_a_command_answers_in_its_ack(slack: LocalSlack, app: AsyncApp, serving: Any) -> None:
    @app.command("/deploy")
    async def deploy(ack: Any, command: dict[str, Any]) -> None:
        await ack(f"deploying {command['text']}")

    async with serving(slack, app):
        delivery = slack.send_command("/deploy", text="api")
        await slack.settled()
        assert (delivery.state, delivery.answer) == (State.ACKED, {"text": "deploying api"})


@pytest.mark.parametrize(
    ("given", "answer"),
    [
        ({}, None),
        ({"text": "héllo"}, {"text": "héllo"}),
        (
            {"text": "all", "response_type": "in_channel"},
            {"text": "all", "response_type": "in_channel"},
        ),
        (
            {"text": "b", "blocks": [{"type": "divider"}]},
            {"text": "b", "blocks": [{"type": "divider"}]},
        ),
    ],
)
async def test_each_kind_of_ack(
    slack: LocalSlack, app: AsyncApp, serving: Any, given: dict[str, Any], answer: dict[str, Any] | None
) -> None:
    @app.command("/deploy")
    async def deploy(ack: Any) -> None:
        await ack(**given)

    async with serving(slack, app):
        delivery = slack.send_command("/deploy")
        await slack.settled()
        assert (delivery.state, delivery.answer) == (State.ACKED, answer)


async def test_a_command_opens_a_modal_that_is_refused_once_and_then_taken(
    slack: LocalSlack, app: AsyncApp, serving: Any
) -> None:
    @app.command("/ticket")
    async def open_modal(ack: Any, body: dict[str, Any], client: Any) -> None:
        await ack()
        await client.views_open(trigger_id=body["trigger_id"], view=MODAL)

    @app.view("ticket")
    async def submit(ack: Any, view: dict[str, Any]) -> None:
        if view["state"]["values"]["summary"]["text"]["value"]:
            await ack()
        else:
            await ack(response_action="errors", errors={"summary": "say something"})

    def answers(value: str | None) -> dict[str, Any]:
        return {"summary": {"text": {"type": "plain_text_input", "value": value}}}

    async with serving(slack, app):
        command = slack.send_command("/ticket")
        await slack.wait_for(lambda slack: any(call.method == "views.open" for call in slack.api_calls))
        assert [call.outcome for call in slack.api_calls if call.method == "views.open"] == ["ok"]
        refused = slack.send_view_submission("ticket", values=answers(None))
        await slack.settled()
        assert refused.answer == {"response_action": "errors", "errors": {"summary": "say something"}}
        taken = slack.send_view_submission("ticket", values=answers("it broke"))
        await slack.settled()
        assert {each.state for each in (command, refused, taken)} == {State.ACKED}
        assert taken.answer is None


async def test_a_click_is_acked_and_answered_on_its_response_url(
    slack: LocalSlack, app: AsyncApp, serving: Any
) -> None:
    @app.action("approve")
    async def approve(ack: Any, respond: Any, action: dict[str, Any]) -> None:
        await ack()
        await respond(f"approved {action['value']}")

    def responses(slack: LocalSlack) -> list[dict[str, Any]]:
        return [body for url in slack.workspace.grants.response_urls.values() for body in url.received]

    async with serving(slack, app):
        click = slack.send_action("approve", value="42")
        await slack.settled()
        await slack.wait_for(responses)
        assert (click.state, click.answer) == (State.ACKED, None)
        assert [body["text"] for body in responses(slack)] == ["approved 42"]


async def test_events_reach_their_listeners(slack: LocalSlack, app: AsyncApp, serving: Any) -> None:
    @app.event("app_mention")
    async def mentioned(event: dict[str, Any], say: Any) -> None:
        await say(f"hello <@{event['user']}>", thread_ts=event["ts"])

    @app.message("deploy")
    async def said(say: Any) -> None:
        await say("which one?")

    async with serving(slack, app):
        events = [slack.send_event("app_mention"), slack.send_event("message", text="please deploy")]
        await slack.settled()
        await slack.wait_for(lambda slack: len(slack.messages) == 2)
        assert [each.state for each in events] == [State.ACKED, State.ACKED]
        assert {message["text"] for message in slack.messages} == {"hello <@U0ANN>", "which one?"}


async def test_shortcuts_and_options(slack: LocalSlack, app: AsyncApp, serving: Any) -> None:
    seen = []

    @app.shortcut("new_task")
    async def everywhere(ack: Any, shortcut: dict[str, Any]) -> None:
        seen.append(shortcut["callback_id"])
        await ack()

    @app.shortcut("file_bug")
    async def on_a_message(ack: Any, shortcut: dict[str, Any]) -> None:
        seen.append(shortcut["callback_id"])
        await ack()

    @app.options("pick")
    async def suggest(ack: Any, payload: dict[str, Any]) -> None:
        name = {"type": "plain_text", "text": payload["value"].upper()}
        await ack(options=[{"text": name, "value": payload["value"]}])

    @app.view_closed("ticket")
    async def closed(ack: Any) -> None:
        seen.append("closed")
        await ack()

    async with serving(slack, app):
        sent = [slack.send_shortcut("new_task"), slack.send_message_action("file_bug"), slack.send_view_closed()]
        typed = slack.send_options("pick", value="api")
        await slack.settled()
        assert {each.state for each in (*sent, typed)} == {State.ACKED}
        assert sorted(seen) == ["closed", "file_bug", "new_task"]
        assert typed.answer == {"options": [{"text": {"type": "plain_text", "text": "API"}, "value": "api"}]}


async def test_lazy_listeners_run_behind_their_ack(slack: LocalSlack, app: AsyncApp, serving: Any) -> None:
    go_on, done = asyncio.Event(), asyncio.Event()

    async def acknowledge(ack: Any) -> None:
        await ack("working on it")

    async def work(say: Any) -> None:
        await go_on.wait()
        await say("done")
        done.set()

    app.command("/build")(ack=acknowledge, lazy=[work])

    async with serving(slack, app):
        delivery = slack.send_command("/build")
        await slack.settled()
        assert (delivery.answer, slack.messages) == ({"text": "working on it"}, [])
        go_on.set()
        await done.wait()
        assert [message["text"] for message in slack.messages] == ["done"]


async def test_middleware_sees_a_redelivery_by_its_headers(hasty: LocalSlack, make_app: Any, serving: Any) -> None:
    """The first delivery fails, so Slack sends the event again; HTTP's headers tell the middleware so."""
    app, seen = make_app(hasty), []

    @app.use  # type: ignore[untyped-decorator]
    async def look(req: Any, next: Any) -> None:  # noqa: A002  Bolt's name for it
        if is_event(req.body):
            seen.append({name: value for name, value in req.headers.items() if name.startswith("x-slack-retry")})
            if len(seen) == 1:
                raise RuntimeError("not now")
        await next()

    @app.event("app_mention")  # type: ignore[untyped-decorator]
    async def mentioned() -> None: ...

    async with serving(hasty, app):
        event = hasty.send_event("app_mention")
        await hasty.settled()
        assert (event.state, len(event.attempts)) == (State.ACKED, 2)
        assert seen == [
            {"x-slack-retry-num": ["0"], "x-slack-retry-reason": [""]},
            {"x-slack-retry-num": ["1"], "x-slack-retry-reason": ["timeout"]},
        ]


async def test_two_hundred_commands_at_once(slack: LocalSlack, app: AsyncApp, serving: Any) -> None:
    @app.command("/echo")
    async def echo(ack: Any, command: dict[str, Any]) -> None:
        await ack(command["text"])

    async with serving(slack, app, connections=2):
        await slack.wait_connections(2)
        sent = [slack.send_command("/echo", text=str(number)) for number in range(200)]
        await slack.settled()
        assert [each.answer for each in sent] == [{"text": str(number)} for number in range(200)]
