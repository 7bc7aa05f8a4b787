from __future__ import annotations

from typing import Any

import pytest

from tautwire.errors import ConfigurationError
from tautwire.local.journal import Entry, Journal, Kind, Query


@pytest.fixture
def full(journal: Journal) -> Journal:
    journal.socket_opened("c1", app_id="A1")
    journal.note(Kind.ENVELOPE, {"text": 'say "hi"'}, app_id="A1", subject="app_mention", envelope_id="e1")
    journal.note(Kind.ACK, {"outcome": "in time"}, app_id="A1", envelope_id="e1", connection="c1")
    journal.api_call("chat.postMessage", {"text": "Grüße, ANN"}, {"ok": True}, app_id="A1")
    journal.api_call("auth.test", {}, app_id="A2")
    journal.frame_out("c2", "{}", app_id="A2")
    return journal


@pytest.mark.parametrize(
    ("asked", "numbers"),
    [
        ({}, [1, 2, 3, 4, 5, 6]),
        ({"kind": "ack"}, [3]),
        ({"kind": Kind.ACK}, [3]),
        ({"kind": ""}, [1, 2, 3, 4, 5, 6]),
        ({"kind": "frame.*"}, [6]),
        ({"kind": ["ack", "socket.*"]}, [1, 3]),
        ({"app_id": "A2"}, [5, 6]),
        ({"subject": "chat.*"}, [4]),
        ({"subject": "auth.test"}, [5]),
        ({"subject": "auth"}, []),
        ({"text": 'SAY "hi"'}, [2]),
        ({"text": '"say \\"hi'}, [2]),
        ({"text": "grüsse"}, [4]),
        ({"text": "ann"}, [4]),
        ({"text": "app_MENTION"}, [2]),
        ({"text": "nowhere"}, []),
        ({"envelope_id": "e1"}, [2, 3]),
        ({"connection": "c1"}, [1, 3]),
        ({"connection": "c2"}, [6]),
        ({"since": 4}, [5, 6]),
        ({"until": 2}, [1, 2]),
        ({"since": 2, "until": 4}, [3, 4]),
        ({"limit": 2}, [1, 2]),
        ({"limit": 2, "latest": True}, [5, 6]),
        ({"limit": 9, "latest": True}, [1, 2, 3, 4, 5, 6]),
        ({"limit": 0, "latest": True}, []),
        ({"limit": 0}, []),
        ({"app_id": "A1", "kind": "api.call"}, [4]),
        ({"chain": 7}, []),
    ],
)
def test_what_fits_is_found(full: Journal, asked: dict[str, Any], numbers: list[int]) -> None:
    assert [entry.number for entry in full.search(**asked)] == numbers


def test_reading_on_from_the_last_number_misses_nothing(full: Journal) -> None:
    seen: list[Entry] = []
    while page := full.search(since=seen[-1].number if seen else 0, limit=4):
        seen += page
    assert seen == list(full)


@pytest.mark.parametrize("kind", ["acks", ["ack", "frame"], "*.*.*"])
def test_a_kind_that_does_not_exist_is_refused(kind: Any) -> None:
    with pytest.raises(ConfigurationError, match=r"no entry is of kind .*; choose from api\.call, "):
        Query(kind=kind)


def test_half_a_character_is_no_harm(journal: Journal) -> None:
    journal.control("odd", {"text": "a\ud800b"})
    assert len(journal.search(text="a\ufffdb")) == 1
    assert journal.search(text="\ud800") == []
