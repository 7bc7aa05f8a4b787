"""The key: the same event under another envelope is the same; another app's or workspace's is not."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from tautwire.delivery.key import Key, dedupe_key, stored_key
from tautwire.protocol import codec
from tautwire.protocol.messages import Envelope

if TYPE_CHECKING:
    from collections.abc import Callable

EVENT = {"event_id": "Ev1", "api_app_id": "A1", "team_id": "T1"}


def envelope(envelope_id: str = "e1", type_: str = "events_api", **payload: Any) -> Envelope:
    return Envelope(type_, envelope_id, json.dumps(payload).encode())


def check_redelivery(key: Callable[[Envelope], Key]) -> None:
    assert key(envelope("e1", **EVENT)) == key(envelope("e2", **EVENT))


def check_strangers(key: Callable[[Envelope], Key]) -> None:
    others = [
        EVENT,
        EVENT | {"event_id": "Ev2"},
        EVENT | {"api_app_id": "A2"},
        EVENT | {"team_id": "T2"},
        {"event_id": "Ev1"},
        {"event_id": "Ev1", "api_app_id": "A1", "enterprise_id": "E1"},
    ]
    assert len({key(envelope("e1", **other)) for other in others}) == len(others)


CHECKS = {"a redelivery is the same": check_redelivery, "a stranger is not": check_strangers}


@pytest.mark.parametrize("check", CHECKS.values(), ids=CHECKS.keys())
def test_the_key(check: Callable[[Callable[[Envelope], Key]], None]) -> None:
    check(dedupe_key)


BROKEN: dict[str, tuple[Callable[[Callable[[Envelope], Key]], None], Callable[[Envelope], Key]]] = {
    "by envelope": (check_redelivery, lambda envelope: (envelope.type, envelope.envelope_id)),
    "by event alone": (check_strangers, lambda envelope: (json.loads(envelope.payload)["event_id"],)),
    "without the team": (check_strangers, lambda envelope: dedupe_key(envelope)[:2] + dedupe_key(envelope)[3:]),
    "without the app": (check_strangers, lambda envelope: dedupe_key(envelope)[:1] + dedupe_key(envelope)[2:]),
}


@pytest.mark.parametrize(("check", "key"), BROKEN.values(), ids=BROKEN.keys())
def test_a_broken_key_is_noticed(
    check: Callable[[Callable[[Envelope], Key]], None], key: Callable[[Envelope], Key]
) -> None:
    with pytest.raises(AssertionError):
        check(key)


def test_the_team_goes_before_the_organisation() -> None:
    assert dedupe_key(envelope(**EVENT)) == dedupe_key(envelope(**EVENT, enterprise_id="E1"))
    null: dict[str, Any] = EVENT | {"team_id": None}
    assert dedupe_key(envelope(**null, enterprise_id="E1")) != dedupe_key(envelope(**null, enterprise_id="E2"))


@pytest.mark.parametrize("type_", ["slash_commands", "interactive", "something_new"])
def test_whatever_is_no_event_is_known_by_its_envelope(type_: str) -> None:
    first = dedupe_key(envelope("e1", type_, **EVENT))
    assert first == dedupe_key(envelope("e1", type_, **EVENT | {"event_id": "Ev9"}))
    assert first != dedupe_key(envelope("e2", type_, **EVENT))
    assert first != dedupe_key(envelope("e1", "another", **EVENT))


@pytest.mark.parametrize(
    "payload",
    [
        b"",
        b"null",
        b"[]",
        b"{",
        b"{}",
        b'"Ev1"',
        b'{"event_id": ""}',
        b'{"event_id": null}',
        b'{"event_id": 7}',
        b'{"event_id": "\xff"}',
        b'{"event_id": "\\ud83d"}',
        b'{"event": ' + b"[" * 100_000 + b"]" * 100_000 + b', "event_id": "Ev1"}',
    ],
    ids=lambda payload: repr(payload[:24]),
)
def test_an_event_without_a_usable_id_is_known_by_its_envelope(payload: bytes) -> None:
    first, again = (Envelope("events_api", "e1", payload) for _ in range(2))
    assert dedupe_key(first) == dedupe_key(again)
    assert dedupe_key(first) != dedupe_key(Envelope("events_api", "e2", payload))


@pytest.mark.parametrize("text", ["half an emoji: \\ud83d", "1e999", "\\u0000"])
def test_what_else_is_in_the_payload_does_not_count(text: str) -> None:
    content = '{"event_id":"Ev1","api_app_id":"A1","team_id":"T1","event":{"text":"' + text + '","n":1e999}}'
    message = codec.decode('{"type":"events_api","envelope_id":"e1","payload":' + content + "}")
    assert isinstance(message, Envelope)
    assert dedupe_key(message) == dedupe_key(envelope("e2", **EVENT))


def test_an_event_never_collides_with_an_envelope() -> None:
    event = dedupe_key(envelope("e1", **EVENT))
    assert event != dedupe_key(Envelope("event", "Ev1", b"{}"))
    assert len(event) != len(dedupe_key(Envelope("event", "Ev1", b"{}")))


def test_a_stored_key_is_one_word_and_different_keys_have_different_ones() -> None:
    keys: list[Key] = [
        ("event", "A1", "T1", "Ev1"),
        ("event", "A1:T1", "", "Ev1"),
        ("event", "A1", "T1:Ev1", ""),
        ("event", "A1%3AT1", "", "Ev1"),
        ("slash_commands", "e1"),
        ("slash_commands", "e/1 \u00e9\n"),
        ("slash_commands", ""),
    ]
    stored = [stored_key(key) for key in keys]
    assert stored[0] == "event:A1:T1:Ev1"
    assert len(set(stored)) == len(keys)
    assert all(text.isascii() and text.isprintable() and " " not in text for text in stored)
