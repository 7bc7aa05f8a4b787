"""Events that nobody has brought about, and things that are sent again."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tautwire.local import LocalSlack

if TYPE_CHECKING:
    from collections.abc import Callable


async def test_any_event(control: Any, app: Any, slack: LocalSlack) -> None:
    answer = await control.done("/trigger", type="team_join", event={"user": {"id": "U9"}}, retry_attempt=1)
    await slack.settled()
    (seen,) = app.seen
    assert (answer["subject"], answer["envelope_id"]) == ("team_join", seen["envelope_id"])
    assert seen["payload"]["event"]["user"] == {"id": "U9"}
    assert (seen["retry_attempt"], seen["retry_reason"]) == (1, "timeout")


async def test_a_mention_needs_no_more_than_its_name(control: Any, app: Any, slack: LocalSlack) -> None:
    await control.done("/trigger", type="app_mention")
    await slack.settled()
    assert app.seen[0]["payload"]["event"]["text"] == "<@U0LOCALBOT> hello"


async def test_any_envelope(control: Any, app: Any, slack: LocalSlack) -> None:
    payload = {"type": "block_actions", "actions": []}
    answer = await control.done("/trigger", envelope="interactive", payload=payload, accepts_payload=True)
    await slack.settled()
    assert (answer["type"], answer["subject"]) == ("interactive", "block_actions")
    (seen,) = app.seen
    assert (seen["payload"], seen["accepts_response_payload"]) == (payload, True)
    assert (await control.done("/trigger", envelope="new_kind", payload={}))["subject"] == "new_kind"


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({}, "give either the type of an event, or the type of an envelope with its payload"),
        (
            {"type": "a", "envelope": "b"},
            "give either the type of an event, or the type of an envelope with its payload",
        ),
        ({"type": "a", "event": {"to": "c1"}}, "no event of Slack's has a field called 'to'"),
        ({"type": "a", "app": "A9"}, "no app 'A9' here; there are A0LOCAL01"),
        ({"type": "a", "retry_attempt": 4}, "trigger: retry_attempt must be a number <= 3"),
    ],
)
async def test_what_cannot_be_sent(given: dict[str, Any], said: str, control: Any, slack: LocalSlack) -> None:
    assert await control.refused("/trigger", **given) == (422, said)
    assert slack.deliveries() == []


async def test_for_one_of_several_apps(control_of: Callable[[LocalSlack], Any]) -> None:
    manifests = [{"display_information": {"name": name}} for name in ("One", "Two")]
    async with LocalSlack(manifests=manifests) as slack:
        control = control_of(slack)
        event = await control.done("/trigger", type="team_join", event={"ts": "1.2"}, app="A0LOCAL02")
        envelope = await control.done("/trigger", envelope="interactive", app="A0LOCAL02")
        assert [event["app_id"], envelope["app_id"]] == ["A0LOCAL02", "A0LOCAL02"]
        sent = slack.deliveries()[0]
        assert sent.payload["api_app_id"] == "A0LOCAL02"
        assert sent.payload["event"] == {"type": "team_join", "ts": "1.2", "event_ts": "1.2"}


async def test_once_more(control: Any, app: Any, slack: LocalSlack) -> None:
    assert await control.refused("/resend") == (422, "nothing was sent yet")
    first = await control.done("/trigger", type="app_mention")
    await control.done("/command", line="/deploy")
    assert (await control.done("/resend"))["subject"] == "/deploy"
    again = await control.done("/resend", id=first["event_id"])
    assert (again["event_id"], again["envelope_id"] == first["envelope_id"]) == (first["event_id"], False)
    same = await control.done("/resend", id=first["envelope_id"], same_id=True)
    assert same["envelope_id"] == first["envelope_id"]
    await slack.settled()
    assert app.subjects() == ["app_mention", "/deploy", "/deploy", "app_mention", "app_mention"]
    assert await control.refused("/resend", id="nope") == (422, "nothing was sent under 'nope'")
