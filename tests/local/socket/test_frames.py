"""Golden messages: the keys, and their order, are those of Slack's documentation and of captured traffic."""

from __future__ import annotations

import pytest

from tautwire.local.socket import frames


def test_hello_word_for_word() -> None:
    text = frames.dumps(frames.hello(app_id="A1", host="applink-7", num_connections=2, seconds=18060))
    assert text == (
        b'{"type":"hello","num_connections":2,"debug_info":{"host":"applink-7","build_number":14,'
        b'"approximate_connection_time":18060},"connection_info":{"app_id":"A1"}}'
    )


def test_disconnect_word_for_word() -> None:
    text = frames.dumps(frames.disconnect("warning", "applink-7"))
    assert text == b'{"type":"disconnect","reason":"warning","debug_info":{"host":"applink-7"}}'


def test_only_events_have_the_retry_keys() -> None:
    event = frames.envelope("events_api", {}, envelope_id="e", accepts=False)
    assert list(event) == [
        "envelope_id",
        "type",
        "accepts_response_payload",
        "retry_attempt",
        "retry_reason",
        "payload",
    ]
    assert (event["retry_attempt"], event["retry_reason"]) == (0, "")
    command = frames.envelope("slash_commands", {}, envelope_id="e", accepts=True)
    assert list(command) == ["envelope_id", "type", "accepts_response_payload", "payload"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('{"envelope_id":"e"}', frames.Ack("e", None)),
        ('{"envelope_id":"e","payload":{}}', frames.Ack("e", None)),
        ('{"envelope_id":"e","payload":{"a":1},"more":2}', frames.Ack("e", {"a": 1})),
        ('{"envelope_id":"e","payload":"text"}', frames.Ack("e", None)),
        ('{"envelope_id":null}', None),
        ("{}", None),
        ("[]", None),
        ("", None),
        ("[" * 100_000, None),
    ],
)
def test_reading_acks(text: str, expected: frames.Ack | None) -> None:
    assert frames.read_ack(text) == expected
