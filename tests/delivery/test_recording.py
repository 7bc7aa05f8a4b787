"""What of an envelope is stored."""

from __future__ import annotations

from tautwire.delivery.policy import StoragePolicy
from tautwire.delivery.recording import Recording
from tautwire.engine.runner import Receipt, Received
from tautwire.protocol.messages import Envelope


def test_a_group_can_be_stored_whatever_a_function_makes_of_it() -> None:
    envelope = Envelope("events_api", "e1", b"{}")
    failed: list[str] = []
    recording = Recording(StoragePolicy(), lambda _: "C1 \ud83d", lambda what, *_: failed.append(what))
    record = recording.record_of(Received(envelope, "{}", Receipt("e1", 0, 0.0)))
    assert (record.group, failed) == ("C1 \\ud83d", [])
    assert record.group.encode("utf-8")
