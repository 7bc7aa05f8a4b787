from __future__ import annotations

import random
from typing import TYPE_CHECKING

from tautwire.local.journal import Journal, trail

if TYPE_CHECKING:
    from collections.abc import Callable

    Frames = Callable[..., bytes]


def numbers(journal: Journal, number: int) -> list[int]:
    return [entry.number for entry in journal.trail(number)]


def test_a_command_is_followed_from_the_person_to_the_last_call(journal: Journal, command: Frames) -> None:
    with journal.chain():
        journal.person("ann", "command", "/deploy", app_id="A1")  # 1
        journal.envelope(command(1), envelope_id="e1", subject="/deploy", connection="c1", app_id="A1")  # 2
    journal.control("something else")
    journal.ack("e1", connection="c1", outcome="in time", app_id="A1")  # 4
    journal.delivery("e1", state="acked", attempts=1, app_id="A1")  # 5
    trigger = journal[2].data["payload"]["trigger_id"]
    view = {"view": {"id": "V0000000001", "hash": "1795000030.aBcDeFgH"}}
    with journal.chain():
        journal.change("a view came up")  # 6
        journal.api_call("views.open", {"trigger_id": trigger}, view, app_id="A1")  # 7
    journal.api_call("auth.test", {}, {"ok": True}, app_id="A1")
    journal.api_call("views.update", {"view_id": "V0000000001"}, view, app_id="A1")  # 9
    path = "http://127.0.0.1:8000/commands/T0LOCAL01/8012345678901/s3cr3tpart1"
    journal.api_call("response_url", {"url": path, "text": "done"}, app_id="A1")  # 10
    journal.api_call("views.open", {"trigger_id": trigger}, app_id="A2")
    for each in (1, 2, 4, 5, 6, 7, 9, 10):
        assert numbers(journal, each) == [1, 2, 4, 5, 6, 7, 9, 10]
    for alone in (3, 8, 11):
        assert numbers(journal, alone) == [alone]


def test_a_reply_belongs_to_the_message_that_it_answers(journal: Journal, event: Frames) -> None:
    for number, channel in ((1, "C1"), (2, "C1"), (3, "C2")):
        journal.envelope(event(number, channel=channel), envelope_id=f"e{number}", app_id="A1")
    journal.api_call("chat.postMessage", {"channel": "C1", "thread_ts": "1795000001.000100"}, app_id="A1")  # 4
    journal.api_call("reactions.add", {"channel": "C1", "timestamp": "1795000002.000100"}, app_id="A1")  # 5
    journal.api_call("chat.postMessage", {"channel": "C2", "text": "no thread"}, app_id="A1")  # 6
    journal.api_call("chat.postMessage", {"channel": "C9", "text": "elsewhere"}, app_id="A1")  # 7
    assert [numbers(journal, each) for each in (1, 2, 3, 7)] == [[1, 4], [2, 5], [3, 6], [7]]


def test_the_latest_envelope_wins_and_answers_hand_on(journal: Journal, event: Frames) -> None:
    journal.envelope(event(1, channel="C1"), envelope_id="e1", app_id="A1")
    journal.api_call("chat.postMessage", {"channel": "C1"}, {"ts": "1795000099.000001"}, app_id="A1")  # 2
    journal.api_call("chat.update", {"channel": "C7", "ts": "1795000099.000001"}, app_id="A1")  # 3
    journal.envelope(event(2, channel="C7", item="1795000099.000001"), envelope_id="e2", app_id="A1")  # 4
    journal.api_call("chat.update", {"channel": "C7", "ts": "1795000099.000001"}, app_id="A1")  # 5
    assert [numbers(journal, each) for each in (1, 4)] == [[1, 2, 3], [4, 5]]


def test_a_retry_is_the_same_event_whatever_its_envelope_id(journal: Journal, event: Frames) -> None:
    journal.envelope(event(1, envelope_id="e1"), envelope_id="e1", app_id="A1")
    journal.envelope(event(1, envelope_id="e1"), envelope_id="e7", app_id="A2")
    journal.envelope(event(1, envelope_id="e2"), envelope_id="e2", app_id="A1")
    journal.ack("e2", connection="c1", outcome="in time", app_id="A1")
    assert numbers(journal, 1) == [1, 3, 4]


def test_odd_envelopes_and_calls_are_no_trouble(journal: Journal) -> None:
    for message in (b"{}", b'{"payload":7}', b'{"payload":{"event":7,"channel":{"id":3},"event_id":4}}'):
        journal.envelope(message, envelope_id="")
    journal.note(journal[1].kind.__class__.API_CALL, {"args": 7})
    assert [numbers(journal, each) for each in (1, 2, 3, 4)] == [[1], [2], [3], [4]]


def test_who_does_not_belong_is_never_taken_in(event: Frames, seed: int) -> None:
    """Many people at once, in any order that keeps each one's own: each trail is one person's."""
    random_ = random.Random(seed)
    journal, owner = Journal(), dict[int, int]()
    scripts = [[(person, step) for step in range(3)] for person in range(1, 40)]
    while scripts:
        script = random_.choice(scripts)
        person, step = script.pop(0)
        if not script:
            scripts.remove(script)
        ts = f"17950000{person:02d}.000100"
        if step == 0:
            with journal.chain():
                owner[journal.person(str(person), "says")] = person
                owner[journal.envelope(event(person, channel=f"C{person}"), envelope_id=f"e{person}")] = person
        elif step == 1:
            owner[journal.ack(f"e{person}", connection="c1", outcome="in time")] = person
        else:
            owner[journal.api_call("chat.postMessage", {"channel": "C0", "thread_ts": ts})] = person
    for person in (1, 20, 39):
        wanted = [number for number in owner if owner[number] == person]
        assert [numbers(journal, number) for number in wanted] == [wanted] * 4


def test_a_trail_can_be_had_from_any_entries(journal: Journal) -> None:
    with journal.chain():
        journal.control("one")
        journal.control("two")
    assert trail([journal[1], journal[2]], 2) == [journal[1], journal[2]]
    assert trail([journal[1]], 2) == []
