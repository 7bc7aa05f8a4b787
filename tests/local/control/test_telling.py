"""What is told of the state of things."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from tautwire import __version__
from tautwire.local.workspace.loading import loads

if TYPE_CHECKING:
    from tautwire.local import LocalSlack


async def test_the_state_in_short(control: Any, app: Any, slack: LocalSlack) -> None:
    await control.done("/say", text="hi")
    state = await control.told("/state")
    assert (state["version"], state["api_url"], state["team"]["name"]) == (__version__, slack.api_url, "Acme")
    assert state["apps"] == [
        {
            "id": "A0LOCAL01",
            "name": "Local Bot",
            "bot": "localbot",
            "bot_id": "U0LOCALBOT",
            "connections": 1,
            "socket_mode": True,
        }
    ]
    assert {"id": "U0ANN", "name": "ann", "is_bot": False} in state["users"]
    general = next(each for each in state["channels"] if each["name"] == "general")
    assert (general["kind"], general["messages"]) == ("channel", 1)
    assert [each["phase"] for each in state["connections"]] == ["ready"]
    assert (state["deliveries"]["sent"], state["deliveries"]["acked_in_time"]) == (1, 1)
    assert state["journal"] == {"first": 1, "last": slack.journal.last}
    assert slack.bot_token not in str(state)


async def test_what_was_said(control: Any, app: Any) -> None:
    for number in range(3):
        await control.done("/say", text=f"{number} @bob")
    answer = await control.told("/messages", limit=2)
    assert answer["channel"] == {"id": "C0GENERAL", "name": "general", "topic": answer["channel"]["topic"]}
    assert [(each["name"], each["text"]) for each in answer["messages"]] == [
        ("ann", "1 <@U0BOB>"),
        ("ann", "2 <@U0BOB>"),
    ]
    assert answer["names"]["U0BOB"] == "bob"
    await control.done("/say", text="psst", channel="bob")
    assert [each["text"] for each in (await control.told("/messages", channel="bob"))["messages"]] == ["psst"]
    assert (await control.told("/messages", channel="cleo", user="bob"))["messages"] == []


async def test_what_one_person_sees(control: Any, app: Any) -> None:
    await app("chat.postEphemeral", channel="C0GENERAL", user="U0BOB", text="for bob")
    answer = await control.told("/screen", user="bob")
    assert [(each["text"], each["name"], each["channel"]) for each in answer["ephemerals"]] == [
        ("for bob", "localbot", "C0GENERAL")
    ]
    assert (await control.told("/screen"))["ephemerals"] == []


async def test_what_became_of_what_was_sent(control: Any, app: Any) -> None:
    await control.done("/say", text="hi @localbot")
    await control.done("/command", line="/deploy")
    every = (await control.told("/deliveries"))["deliveries"]
    assert [each["subject"] for each in every] == ["message", "app_mention", "/deploy"]
    (one,) = every[2]["attempts"]
    assert (one["connection"], one["in_time"], one["latency"] > 0) == ("c1", True, True)
    assert [each["subject"] for each in (await control.told("/deliveries", limit=1))["deliveries"]] == ["/deploy"]
    chosen = (await control.told("/deliveries", subject="events_api", state="acked"))["deliveries"]
    assert [each["subject"] for each in chosen] == ["message", "app_mention"]
    assert (await control.told("/deliveries", state="lost"))["deliveries"] == []


async def test_the_workspace_as_a_document(control: Any) -> None:
    await control.done("/say", text="keep this")
    document = await control.told("/workspace")
    assert "keep this" in str(document)
    again = loads(json.dumps(document))
    assert [each.text for each in again.channels["C0GENERAL"].messages.values()] == ["keep this"]
