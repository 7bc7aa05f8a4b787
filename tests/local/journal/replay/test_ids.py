from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tautwire.local.journal.replay.ids import Ids

URL = "http://127.0.0.1:8000/commands/T0LOCAL01/8012345678901/•••"
UUID = "11111111-1111-4111-8111-000000000001"
EVENT = "Ev00000000001"
TRIGGER = "8012345678901.4012345678.00000000000000000000000000000001"


@pytest.fixture
def ids(fresh: Any) -> Ids:
    return Ids(fresh)


def test_each_id_gets_a_new_one_of_its_kind(ids: Ids, fresh: Any) -> None:
    payload = {"event_id": EVENT, "trigger_id": TRIGGER, "channel_id": "C1", "command": "/x", "response_url": URL}
    ids.learn(UUID, payload, "A1")
    assert ids.new == {
        UUID: "00000000-0000-4000-8000-000000000001",
        EVENT: "EvNEW000002",
        TRIGGER: "3.3.00000000000000000000000000000003",
        URL: "http://new/commands/T0LOCAL01/4/fresh4",
    }
    assert fresh.asked == [("commands", "C1", "A1")]
    ids.learn(UUID, payload, "A1")
    assert len(ids.new) == 4


@pytest.mark.parametrize(
    ("payload", "asked"),
    [
        ({"type": "block_actions", "channel": {"id": "C2"}, "response_url": "http://x/odd"}, ("actions", "C2", "A1")),
        ({"type": "message_action", "response_url": "http://x/odd"}, ("app-actions", "", "A1")),
        ({"type": "novelty", "response_url": "http://x/odd"}, ("actions", "", "A1")),
        ({"command": "/x", "channel_id": "C1", "response_url": "http://x/odd"}, ("commands", "C1", "A1")),
        ({"type": "x", "response_url": "http://x/app/T01/1/•••"}, ("app", "", "A1")),
        (
            {"response_urls": [{"channel_id": "C7", "response_url": "http://x/actions/T01/1/•••"}]},
            ("actions", "C7", "A1"),
        ),
    ],
)
def test_a_response_url_is_for_the_place_of_the_old_one(
    ids: Ids, fresh: Any, payload: dict[str, Any], asked: tuple[str, str, str]
) -> None:
    ids.learn(UUID, payload, "A1")
    assert fresh.asked == [asked]


def test_empty_and_odd_ones_are_left_alone(ids: Ids, fresh: Any) -> None:
    ids.learn(UUID, {"event_id": 7, "trigger_id": "", "response_url": None, "channel": 3, "list": [1, None]}, "A1")
    assert list(ids.new) == [UUID]
    assert fresh.asked == []


def test_an_id_of_ones_own_is_found_where_it_stands_alone(ids: Ids) -> None:
    ids.learn("mine", {}, "A1")
    assert ids.renewed({"id": "mine", "text": "mine too", "mine": ["mine"]}) == {
        "id": ids.new["mine"],
        "text": "mine too",
        ids.new["mine"]: [ids.new["mine"]],
    }


OLD = (UUID, EVENT, TRIGGER, URL)
around = st.sampled_from(["", " ", "(", ")", '"', ",", "<", "|", ">", "\n", "é", "見", ": ", "\\"])
texts = st.one_of(
    st.text(max_size=8),
    st.sampled_from(OLD),
    st.builds("{}{}{}".format, around, st.sampled_from(OLD), around),
    st.builds(lambda old, more: json.dumps({"a": old, "b": more}), st.sampled_from(OLD), st.sampled_from(OLD)),
)
documents = st.recursive(
    texts | st.integers() | st.none(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3),
)


@given(documents)
def test_no_old_id_is_left_and_nothing_else_is_touched(counting: Any, document: Any) -> None:
    ids = Ids(counting())
    ids.learn(UUID, {"event_id": EVENT, "trigger_id": TRIGGER, "response_url": URL}, "A1")
    renewed = ids.renewed(document)
    assert is_renewed(document, renewed, ids.new)


@pytest.mark.parametrize("break_", [lambda text: text, lambda text: text.replace(EVENT, "EvNEW000002", 1)])
def test_ids_that_were_forgotten_are_noticed(ids: Ids, break_: Any) -> None:
    """The control: what replaces none, or only the first, is found out."""
    ids.learn(UUID, {"event_id": EVENT}, "A1")
    document = {"text": f"{EVENT} {EVENT} {UUID}"}
    assert is_renewed(document, ids.renewed(document), ids.new)
    assert not is_renewed(document, {"text": break_(document["text"])}, ids.new)


@pytest.mark.parametrize("text", [f"x{EVENT}", f"{EVENT}9", f"1{TRIGGER}", f"{UUID}0", f"{URL[:-3]}other", "Ev", "7.8"])
def test_what_only_looks_like_an_id_stays(ids: Ids, text: str) -> None:
    ids.learn(UUID, {"event_id": EVENT, "trigger_id": TRIGGER, "response_url": URL}, "A1")
    assert ids.renewed(text) == text


def is_renewed(before: Any, after: Any, new: dict[str, str]) -> bool:
    """Whether `after` is `before` with the new ids for the old ones, and with nothing else changed."""
    written = json.dumps(after, ensure_ascii=False)
    if any(old in written for old in new):
        return False
    for old, fresh in new.items():
        written = written.replace(fresh, old)
    return bool(json.loads(written) == before)
