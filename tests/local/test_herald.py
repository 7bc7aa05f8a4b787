"""What happens in the workspace reaches the apps, each on its own line, and scheduled messages come in time."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from tautwire.local import LocalSlack
from tautwire.local.workspace import Content

if TYPE_CHECKING:
    from tautwire.local.workspace import App


def subjects(slack: LocalSlack, app: App | None = None) -> list[str]:
    """The events that have been sent, to one app or to all."""
    return [each.subject for each in slack.ledger.entries if app is None or each.app_id == app.id]


async def test_a_call_becomes_an_event_on_the_wire(slack: LocalSlack, call: Any, dial: Any) -> None:
    async with dial(slack) as wire:
        answer = (await call(slack, "chat.postMessage", json={"channel": "general", "text": "hello"}))[2]
        message = await wire.message()
        await wire.ack(message)
        await slack.settled()
    payload = message["payload"]
    assert (message["type"], message["accepts_response_payload"], message["retry_attempt"]) == ("events_api", False, 0)
    assert (payload["type"], payload["api_app_id"], payload["team_id"]) == ("event_callback", "A0LOCAL01", "T0LOCAL01")
    assert payload["event"] | {"type": "message"} == payload["event"]
    assert {key: payload["event"][key] for key in answer["message"]} == answer["message"]
    assert payload["event"]["channel_type"] == "channel"
    (delivery,) = slack.ledger.entries
    assert (delivery.subject, delivery.app_id, delivery.event_id) == ("message", "A0LOCAL01", payload["event_id"])


async def test_a_mention_is_two_events_with_ids_of_their_own(slack: LocalSlack, dial: Any) -> None:
    async with dial(slack) as wire:
        slack.workspace.talk.post(
            slack.workspace.channel("general"),
            Content(text="<@U0LOCALBOT> hi"),
            by=slack.workspace.user("ann"),
            wall=1_795_000_000.0,
        )
        slack._herald.settle()
        first, second = await wire.message(), await wire.message()
        for each in (first, second):
            await wire.ack(each)
    assert [each["payload"]["event"]["type"] for each in (first, second)] == ["message", "app_mention"]
    assert first["payload"]["event_id"] != second["payload"]["event_id"]
    assert first["payload"]["event"]["ts"] == second["payload"]["event"]["ts"]


async def test_each_app_hears_with_its_own_identity_on_its_own_line(still: LocalSlack, call: Any, dial: Any) -> None:
    other = still.workspace.install()
    async with dial(still) as mine, dial(still, still.websocket_url(app_id=still.add_line(other.id).app_id)) as theirs:
        await call(still, "chat.postMessage", json={"channel": "general", "text": "hello"})
        heard = [await wire.message() for wire in (mine, theirs)]
    one, two = (each["payload"] for each in heard)
    assert (one["api_app_id"], two["api_app_id"]) == ("A0LOCAL01", other.id)
    assert [each["authorizations"][0]["user_id"] for each in (one, two)] == ["U0LOCALBOT", "U0LOCALBOT2"]
    assert one["event"] == two["event"]
    assert one["event_id"] != two["event_id"]


async def test_a_subscriber_of_nothing_is_sent_nothing(call: Any) -> None:
    deaf = {"display_information": {"name": "Deaf"}, "features": {"bot_user": {"display_name": "deaf"}}}
    async with LocalSlack(manifests=[deaf], lose_when_nobody=True) as slack:
        slack.workspace.install()
        await call(slack, "chat.postMessage", json={"channel": "general", "text": "hello"})
        first, second = slack.workspace.apps.values()
        assert (subjects(slack, first), subjects(slack, second)) == ([], ["message"])


async def test_what_nobody_was_there_to_hear_is_tried_again(
    still: LocalSlack, call: Any, dial: Any, clock: Any
) -> None:
    await call(still, "chat.postMessage", json={"channel": "general", "text": "hello"})
    (delivery,) = still.ledger.entries
    assert [each.connection_id for each in delivery.attempts] == [None]
    async with dial(still) as wire:
        await clock.advance(1.0)
        message = await wire.message()
    assert (message["payload"]["event_id"], message["retry_attempt"]) == (delivery.event_id, 1)


async def test_one_moment_for_all_apps_and_another_for_each_change(still: LocalSlack) -> None:
    other, workspace = still.workspace.install(), still.workspace
    general, ann = workspace.channel("general"), workspace.user("ann")
    said = workspace.talk.post(general, Content(text="hello"), by=ann, wall=1.0)
    workspace.marks.react(general, said, "eyes", by=ann)
    workspace.marks.react(general, said, "tada", by=ann)
    stamps = [(each.app_id, each.payload["event"]["event_ts"]) for each in still._herald.settle()]
    mine, theirs = ([ts for app_id, ts in stamps if app_id == app.id] for app in (workspace.app, other))
    assert mine == theirs == sorted(set(mine))
    assert len(mine) == 3
    assert still._herald.settle() == []


# Scheduled messages


async def test_a_scheduled_message_comes_when_its_time_has_come(still: LocalSlack, call: Any, clock: Any) -> None:
    at = int(clock.wall()) + 60
    asked = {"channel": "general", "text": "later", "post_at": at}
    assert (await call(still, "chat.scheduleMessage", json=asked))[2]["ok"]
    await clock.advance(59.0)
    assert subjects(still) == []
    await clock.advance(2.0)
    (delivery,) = still.ledger.entries
    assert (delivery.payload["event"]["text"], delivery.payload["event"]["user"]) == ("later", "U0LOCALBOT")
    assert float(delivery.payload["event"]["ts"]) >= at
    assert not still.workspace.core.scheduled


@pytest.mark.parametrize("order", [(60, 120), (120, 60)])
async def test_several_scheduled_messages_each_in_their_time(
    still: LocalSlack, clock: Any, order: tuple[int, int]
) -> None:
    workspace, now = still.workspace, int(clock.wall())
    for seconds in order:
        workspace.schedule.add(
            workspace.channel("general"), Content(text=str(seconds)), now + seconds, by=workspace.user("ann"), wall=now
        )
        still._herald.settle()
    await clock.advance(61.0)
    assert [each.payload["event"]["text"] for each in still.ledger.entries] == ["60"]
    await clock.advance(60.0)
    assert [each.payload["event"]["text"] for each in still.ledger.entries] == ["60", "120"]


async def test_what_was_taken_back_is_not_said(still: LocalSlack, clock: Any) -> None:
    workspace, now, ann = still.workspace, int(clock.wall()), still.workspace.user("ann")
    general = workspace.channel("general")
    later = workspace.schedule.add(general, Content(text="later"), now + 90, by=ann, wall=now)
    still._herald.settle()
    workspace.schedule.take_back(general, later.id, by=ann, wall=now)
    still._herald.settle()
    await clock.advance(200.0)
    assert subjects(still) == []


async def test_what_is_sent_is_json(still: LocalSlack) -> None:
    ann: Any = still.workspace.user("ann")
    still.workspace.people.change(ann, wall=1.0, title="Captain")
    assert [json.loads(json.dumps(each.payload)) for each in still._herald.settle()]
