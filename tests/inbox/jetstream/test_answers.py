"""JetStream's answers, as values and as errors of ours. Some of them only a cluster in trouble gives."""

from __future__ import annotations

import json

import pytest

from tautwire.errors import InboxError, InboxFullError, InboxUnavailableError
from tautwire.inbox.jetstream import broker
from tautwire.inbox.jetstream.broker import ApiError, WrongSequenceError


def said(**error: object) -> bytes:
    return json.dumps({"type": "io.nats.jetstream.api.v1.pub_ack_response", "error": error}).encode()


@pytest.mark.parametrize(
    ("answer", "kind", "text"),
    [
        (
            said(code=503, err_code=10008, description="system temporarily unavailable"),
            InboxUnavailableError,
            "cannot do",
        ),
        (said(code=503, err_code=10009, description="no leader"), InboxUnavailableError, "NATS cannot do this now"),
        (said(code=503, err_code=10039, description="jetstream not enabled"), ApiError, "NATS says: jetstream not"),
        (said(code=503, err_code=10077, description="maximum messages exceeded"), InboxFullError, "the inbox is full"),
        (said(code=400, err_code=10071, description="wrong last sequence: 7"), WrongSequenceError, "somebody else"),
        (said(code=404, err_code=10059, description="stream not found"), ApiError, "NATS says: stream not found"),
    ],
)
def test_what_is_no(answer: bytes, kind: type[InboxError], text: str) -> None:
    with pytest.raises(InboxError, match=text) as caught:
        broker._said(answer)
    assert type(caught.value) is kind


def test_what_is_yes() -> None:
    assert broker._said(b'{"stream":"work","seq":7}') == {"stream": "work", "seq": 7}
    assert broker._said(b"") == {}
