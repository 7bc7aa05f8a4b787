"""What is acked when it is stored, what when it is handled, and what may be handled again."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tautwire.delivery.policy import AckWhen, Plan, StoragePolicy, kind_of, reads_answer
from tautwire.errors import ConfigurationError
from tautwire.inbox.api import Mode
from tautwire.protocol.messages import Envelope

STORED, HANDLED = AckWhen.STORED, AckWhen.HANDLED


def envelope(kind: str, *, accepts: bool = False) -> Envelope:
    """An envelope of a type, or of a kind of `interactive`."""
    if kind in {"events_api", "slash_commands", "something_new"}:
        return Envelope(kind, "e1", b"{}", accepts)
    return Envelope("interactive", "e1", json.dumps({"type": kind}).encode(), accepts)


@pytest.mark.parametrize(
    ("kind", "ack_when", "mode"),
    [
        ("events_api", STORED, Mode.AGAIN),
        ("slash_commands", STORED, Mode.ONCE_ACKED),
        ("block_actions", STORED, Mode.ONCE_ACKED),
        ("shortcut", STORED, Mode.ONCE_ACKED),
        ("message_action", STORED, Mode.ONCE_ACKED),
        ("view_closed", STORED, Mode.AGAIN),
        ("view_submission", HANDLED, Mode.NEVER),
        ("block_suggestion", HANDLED, Mode.NEVER),
        ("dialog_submission", HANDLED, Mode.NEVER),
        ("dialog_suggestion", HANDLED, Mode.NEVER),
    ],
)
@pytest.mark.parametrize("accepts", [False, True])
def test_the_contract(kind: str, ack_when: AckWhen, mode: Mode, accepts: bool) -> None:
    assert StoragePolicy().plan(envelope(kind, accepts=accepts)) == Plan(kind, ack_when, mode)


@pytest.mark.parametrize(
    ("kind", "stored_mode"), [("something_new", Mode.AGAIN), ("interaction_of_tomorrow", Mode.ONCE_ACKED)]
)
def test_of_what_nobody_knows_its_own_word_counts(kind: str, stored_mode: Mode) -> None:
    policy = StoragePolicy()
    assert policy.plan(envelope(kind)) == Plan(kind, STORED, stored_mode)
    assert policy.plan(envelope(kind, accepts=True)) == Plan(kind, HANDLED, Mode.NEVER)


def test_a_user_may_want_it_otherwise() -> None:
    policy = StoragePolicy.of(ack_when={"slash_commands": "handled", "view_submission": "stored"})
    assert policy.plan(envelope("slash_commands")) == Plan("slash_commands", HANDLED, Mode.NEVER)
    assert policy.plan(envelope("view_submission")) == Plan("view_submission", STORED, Mode.ONCE_ACKED)
    assert policy.plan(envelope("block_actions")).ack_when is STORED


def test_what_was_not_acked_may_be_run_on_request() -> None:
    policy = StoragePolicy.of(run_unacked=True)
    assert policy.plan(envelope("slash_commands")).mode is Mode.AGAIN
    assert policy.plan(envelope("block_actions")).mode is Mode.AGAIN
    assert policy.plan(envelope("view_submission")).mode is Mode.NEVER


@pytest.mark.parametrize("payload", [b"", b"[]", b'{"type":7}', b"{", b'{"type":"\xff"}', b"{}", b"[" * 100_000])
def test_an_interaction_that_cannot_be_read_is_one_all_the_same(payload: bytes) -> None:
    assert kind_of(Envelope("interactive", "e1", payload)) == "interactive"
    assert StoragePolicy().plan(Envelope("interactive", "e1", payload)).mode is Mode.ONCE_ACKED


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"attempts": 0}, "at least 1"),
        ({"attempts": True}, "at least 1"),
        ({"attempts": 2.5}, "at least 1"),
        ({"listener_timeout": 0}, "above 0, or None"),
        ({"listener_timeout": float("nan")}, "above 0, or None"),
        ({"listener_timeout": "60"}, "above 0, or None"),
        ({"ack_when": {"slash_command": "handled"}}, "'slash_command', which is no kind of request; it can have "),
        ({"ack_when": {"shortcut": "later"}}, "ack_when of shortcut is 'later'; it can be 'stored' or 'handled'"),
        ({"ack_when": {"events_api": "handled"}}, "which is what an inbox is for"),
    ],
)
def test_what_cannot_work_is_said(options: dict[str, Any], words: str) -> None:
    with pytest.raises(ConfigurationError, match=words):
        StoragePolicy.of(**options)


def test_the_usual() -> None:
    assert StoragePolicy.of() == StoragePolicy(attempts=5, listener_timeout=3600.0, ack_when={}, run_unacked=False)
    assert StoragePolicy.of(listener_timeout=None, attempts=1).listener_timeout is None
    assert StoragePolicy.of(ack_when={"events_api": "stored"}).plan(envelope("events_api")).ack_when is STORED


def test_whose_answer_slack_reads() -> None:
    kinds = ("events_api", "slash_commands", "block_actions", "shortcut", "message_action", "view_closed")
    assert [kind for kind in kinds if reads_answer(kind)] == ["slash_commands"]
    assert reads_answer("view_submission")
    assert reads_answer("something_new")
