"""Trouble on demand."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from tautwire.local import LocalSlack


async def test_faults_come_and_go(control: Any, slack: LocalSlack, call: Any) -> None:
    assert await control.told("/faults") == {"faults": []}
    fault = {"where": "api", "kind": "error", "error": "fatal_error", "count": 1}
    added = await control.done("/faults", fault=fault)
    assert added == {"number": 1, "fault": fault, "fired": 0, "is_spent": False}
    await control.done("/faults", fault={"where": "ping", "kind": "missing"})
    assert (await call(slack, "auth.test"))[2]["error"] == "fatal_error"
    assert (await call(slack, "auth.test"))[2]["ok"]
    (spent, other) = (await control.told("/faults"))["faults"]
    assert ((spent["fired"], spent["is_spent"]), other["number"]) == ((1, True), 2)
    assert await control.done("/faults/remove", number=2) == {"removed": 1}
    assert await control.refused("/faults/remove", number=2) == (422, "there is no fault 2, but 1")
    assert await control.done("/faults/remove") == {"removed": 1}
    assert await control.refused("/faults/remove", number=2) == (422, "there is no fault 2, but none at all")
    assert await control.done("/faults/remove") == {"removed": 0}


async def test_a_fault_that_is_none(control: Any) -> None:
    status, words = await control.refused("/faults", fault={"where": "api", "kind": "boredom"})
    assert (status, words.startswith("'api' knows no 'boredom'; choose from ")) == (422, True)
    assert await control.refused("/faults") == (422, "faults needs fault")


async def test_a_storm(control: Any, slack: LocalSlack) -> None:
    answer = await control.done("/storm", seed=3, seconds=30)
    assert (answer["seed"], answer["seconds"], answer["faults"] > 3) == (3, 30.0, True)
    assert answer == await control.done("/storm", seed=3, seconds=30)
    fewer = await control.done("/storm", seed=3, seconds=30, intensity=0.1, without=["api"])
    assert fewer["faults"] < answer["faults"]
    assert (await control.refused("/storm", without=["sun"]))[0] == 422
    assert (await control.refused("/storm", seconds=0))[0] == 422
    assert (await control.refused("/storm", seed=-1)) == (422, "storm: seed must be a number >= 0")


async def test_connections_that_are_replaced(control: Any, app: Any, slack: LocalSlack) -> None:
    assert await control.done("/refresh") == {"connections": 1}
    await slack.wait_for(lambda _: [each for each in app.seen if each["type"] == "disconnect"])


@pytest.mark.parametrize("body", [{}, {"how": "close"}, {"how": "fin", "app": "A0LOCAL01"}])
async def test_connections_that_are_lost(body: dict[str, Any], control: Any, dial: Any, slack: LocalSlack) -> None:
    async with dial(slack) as wire:
        assert await control.done("/drop", **body) == {"connections": 1}
        await wire.closed()
    assert await control.done("/drop", **body) == {"connections": 0}


async def test_connections_that_go_dead(control: Any, dial: Any, slack: LocalSlack) -> None:
    async with dial(slack):
        assert await control.done("/half-open") == {"connections": 1}
        assert [each.phase.value for each in slack.connections] == ["half-open"]


async def test_how_and_whose(control: Any) -> None:
    words = "drop: how must be one of 'close', 'fin', 'rst', not 'softly'"
    assert await control.refused("/drop", how="softly") == (422, words)
    assert (await control.refused("/refresh", app="A9"))[0] == 422


async def test_socket_mode_off_and_on(control: Any, slack: LocalSlack) -> None:
    for body in ({}, {"app": "A0LOCAL01"}):
        assert await control.done("/socket-mode", on=False, **body) == {"on": False}
        assert (await control.told("/state"))["apps"][0]["socket_mode"] is False
        assert await control.done("/socket-mode", on=True, **body) == {"on": True}
        assert slack.line().is_socket_mode_on


async def test_time_passes_with_all_that_falls_due(control: Any, app: Any, slack: LocalSlack) -> None:
    due = int(slack.line().exchange.clock.wall()) + 600
    await app("chat.scheduleMessage", channel="C0GENERAL", text="it is time", post_at=due)
    assert await control.done("/advance", minutes=5) == {"seconds": 300.0}
    assert slack.channel("general").messages == []
    answer = await control.done("/advance", seconds=10, minutes=1, hours=1, days=1)
    assert answer == {"seconds": 90_070.0}
    assert [said.text for said in slack.channel("general").messages] == ["it is time"]
    assert await control.refused("/advance", seconds=-1) == (422, "advance: seconds must be a number >= 0")


async def test_the_journal_tells_of_orders(control: Any, slack: LocalSlack) -> None:
    await control.done("/drop", how="fin")
    await control.done("/refresh")
    await control.done("/faults", fault={"where": "ping", "kind": "missing"})
    await control.done("/faults/remove")
    await control.done("/trigger", type="team_join", event={"a": 1})
    await control.told("/faults")
    orders = slack.journal.search(kind="control")
    assert [(each.subject, each.data) for each in orders] == [
        ("drop", {"how": "fin"}),
        ("refresh", {}),
        ("faults", {"fault": {"where": "ping", "kind": "missing"}}),
        ("faults/remove", {}),
        ("trigger", {"type": "team_join", "event": {"a": 1}}),
    ]
    (envelope,) = slack.journal.search(kind="envelope")
    assert envelope.chain == orders[-1].chain
