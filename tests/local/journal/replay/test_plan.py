from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from tautwire.local.journal import Journal, read
from tautwire.local.journal.replay import Plan, Skipped, plan

if TYPE_CHECKING:
    from collections.abc import Callable

    Frames = Callable[..., bytes]


@pytest.fixture
def recorded(journal: Journal, ticking: Any, event: Frames, command: Frames) -> Journal:
    """A mention, acked late and so sent again; a command; the same event to another app."""
    journal.person("ann", "says", text="hi")
    first, second = event(1), command(1)
    journal.envelope(first, envelope_id=_id(first), subject="app_mention", connection="c1", app_id="A1")
    journal.envelope(first, envelope_id=_id(first), subject="app_mention", connection="c2", app_id="A2")
    ticking.now += 3.5
    again = event(1, envelope_id="33333333-3333-4333-8333-000000000001")
    journal.envelope(again, envelope_id=_id(again), subject="app_mention", connection="c1", app_id="A1")
    ticking.now += 0.5
    journal.envelope(second, envelope_id=_id(second), subject="/deploy", app_id="A1")
    journal.ack(_id(second), connection="c1", outcome="in time")
    return journal


def _id(message: bytes) -> str:
    return str(json.loads(message)["envelope_id"])


def test_each_delivery_is_repeated_once_at_its_time(recorded: Journal, fresh: Any) -> None:
    found = plan(recorded, fresh)
    assert [(each.number, each.offset, each.app_id, each.type, each.subject) for each in found.repeats] == [
        (2, 0.0, "A1", "events_api", "app_mention"),
        (3, 0.0, "A2", "events_api", "app_mention"),
        (5, 4.0, "A1", "slash_commands", "/deploy"),
    ]
    assert found.skipped == (Skipped(4, "it is entry 2 again"),)
    assert found.seconds == 4.0


def test_with_new_ids_nothing_of_the_old_ones_is_left(recorded: Journal, fresh: Any) -> None:
    found = plan(recorded, fresh)
    mention, elsewhere, deploy = found.repeats
    assert mention.envelope_id == elsewhere.envelope_id == found.ids[recorded[2].data["envelope_id"]]
    assert mention.event_id == mention.payload["event_id"] == elsewhere.event_id == found.ids["Ev00000000001"]
    assert (deploy.event_id, deploy.accepts, mention.accepts) == ("", True, False)
    assert deploy.payload["response_url"].startswith("http://new/commands/T0LOCAL01/")
    assert deploy.payload["trigger_id"] == found.ids[recorded[5].data["payload"]["trigger_id"]]
    assert [each.payload["token"] for each in found.repeats] == [
        f"verification-of-{app_id}" for app_id in ("A1", "A2", "A1")
    ]
    said = json.dumps([each.payload for each in found.repeats])
    assert [old for old in found.ids if old in said] == []
    assert "•••" not in said
    assert len(set(found.ids.values())) == len(found.ids)


def test_with_the_same_ids_everything_is_as_it_was(recorded: Journal, fresh: Any) -> None:
    found = plan(recorded, fresh, same_ids=True)
    assert found.ids == {}
    assert fresh.count == 0
    for each in found.repeats:
        written = recorded[each.number].data
        assert each.envelope_id == written["envelope_id"]
        assert each.payload == written["payload"] | {"token": f"verification-of-{each.app_id}"}


def test_of_one_app_only(recorded: Journal, fresh: Any) -> None:
    assert [each.number for each in plan(recorded, fresh, app_id="A2").repeats] == [3]
    assert plan(recorded, fresh, app_id="A9") == Plan(repeats=(), skipped=(), ids={})
    assert plan(recorded, fresh, app_id="A9").seconds == 0.0


def test_a_file_gives_the_same_plan(recorded: Journal, fresh: Any) -> None:
    assert plan(read(recorded.to_lines()).entries, fresh, same_ids=True) == plan(recorded, fresh, same_ids=True)


def test_an_id_that_is_spoken_of_before_it_is_handed_out(
    journal: Journal, fresh: Any, event: Frames, command: Frames
) -> None:
    trigger = json.loads(command(5))["payload"]["trigger_id"]
    journal.envelope(event(1, text=f"about {trigger}, Ev00000000002"), envelope_id="e1")
    journal.envelope(event(2), envelope_id="e2")
    journal.envelope(command(5), envelope_id="e3")
    found = plan(journal, fresh)
    assert found.repeats[0].payload["event"]["text"] == f"about {found.ids[trigger]}, {found.ids['Ev00000000002']}"


def test_a_clock_that_was_set_back_delays_nothing(journal: Journal, ticking: Any, fresh: Any, event: Frames) -> None:
    for number, at in enumerate((10.0, 12.0, 5.0, 6.0), start=1):
        ticking.now = at
        journal.envelope(event(number), envelope_id=f"e{number}")
    assert [each.offset for each in plan(journal, fresh).repeats] == [0.0, 2.0, 2.0, 3.0]


@pytest.mark.parametrize(
    ("message", "reason"),
    [
        (b'{"type":"events_api","envelope_id":"e1","payload":[]}', "it is no envelope of Slack's"),
        (b'{"type":7,"envelope_id":"e1","payload":{}}', "it is no envelope of Slack's"),
        (b'{"type":"events_api","payload":{}}', "it is no envelope of Slack's"),
        (b"not json", "it is no envelope of Slack's"),
        (
            b'{"type":"x","envelope_id":"e1","payload":{"a":' + b"[" * 120 + b"]" * 120 + b"}}",
            "its payload is nested more than 100 deep",
        ),
        (
            b'{"type":"x","envelope_id":"e1","payload":{"a":"' + b"a" * 2_000_000 + b'"}}',
            "it was too long for the journal to keep",
        ),
    ],
)
def test_what_cannot_be_repeated_is_named(journal: Journal, fresh: Any, message: bytes, reason: str) -> None:
    journal.envelope(message, envelope_id="e1")
    assert plan(journal, fresh) == Plan(repeats=(), skipped=(Skipped(1, reason),), ids={})


def test_a_payload_may_be_a_hundred_deep_and_without_a_token(journal: Journal, fresh: Any) -> None:
    payload = b'{"a":' + b"[" * 98 + b"]" * 98 + b',"event_id":7}'
    journal.envelope(b'{"type":"x","envelope_id":"e1","payload":' + payload + b"}", envelope_id="e1")
    (found,) = plan(journal, fresh).repeats
    assert (found.payload, found.event_id) == (json.loads(payload), "")
