from __future__ import annotations

import dataclasses

import pytest

from tautwire.protocol.messages import Disconnect, DisconnectReason, Envelope, Hello, Malformed, Message, Unknown

EXAMPLES: list[Message] = [
    Hello(num_connections=1),
    Disconnect(DisconnectReason.WARNING),
    Envelope("events_api", "e-1", b"{}"),
    Unknown("pong"),
    Malformed("not JSON", 3),
]


@pytest.mark.parametrize("message", EXAMPLES, ids=lambda message: type(message).__name__)
def test_messages_are_values(message: Message) -> None:
    assert message == dataclasses.replace(message)
    assert hash(message) == hash(dataclasses.replace(message))
    with pytest.raises(dataclasses.FrozenInstanceError):
        setattr(message, dataclasses.fields(message)[0].name, "other")
    assert not hasattr(message, "__dict__")


def test_an_envelope_shows_the_size_of_its_payload_and_nothing_of_it() -> None:
    envelope = Envelope("slash_commands", "e-1", b'{"text":"secret"}', accepts_response_payload=True)
    assert repr(envelope) == "Envelope(type='slash_commands', envelope_id='e-1', payload=17 bytes)"


def test_the_reasons_are_slacks_words() -> None:
    assert {reason.value for reason in DisconnectReason} == {
        "warning",
        "refresh_requested",
        "too_many_websockets",
        "link_disabled",
        "other",
    }
