"""Which delivery a client has, and what may be said of it."""

from __future__ import annotations

import json
import random
from typing import Any

import pytest

from tautwire.clock import SYSTEM_CLOCK
from tautwire.delivery.dispatcher import Dispatcher
from tautwire.delivery.durable import DurableDelivery
from tautwire.delivery.policy import AckPolicy, AckWhen, StoragePolicy
from tautwire.errors import ConfigurationError
from tautwire.inbox.memory import MemoryInbox
from tautwire.protocol.messages import Envelope
from tautwire.socket_mode.delivering import InboxOptions, delivery_of

PAYLOAD = {"team_id": "T1", "channel_id": "C1", "user_id": "U1"}


async def nowhere(text: str, *, within: float) -> int:
    raise NotImplementedError


async def nothing(*_: Any) -> bool:
    raise NotImplementedError


def delivery(inbox: Any, **options: Any) -> Any:
    handler: Any = object()
    return delivery_of(
        handler,
        inbox,
        InboxOptions(**options),
        answers=nothing,
        elsewhere=nowhere,
        clock=SYSTEM_CLOCK,
        chance=random.Random(0),
        emit=lambda fact: None,
        policy=AckPolicy(),
        concurrency=7,
    )


def group(serialize_by: Any, payload: Any = PAYLOAD) -> str:
    made = delivery(MemoryInbox(), serialize_by=serialize_by)
    envelope = Envelope("slash_commands", "e1", json.dumps(payload).encode(), True, 1, "timeout")
    return str(made._recording._group_of(envelope))


def test_without_an_inbox_it_is_the_one_in_memory() -> None:
    made = delivery(None)
    assert (type(made), made.concurrency) == (Dispatcher, 7)


def test_with_one_it_is_durable_and_has_a_name_of_its_own() -> None:
    one, other = delivery(MemoryInbox()), delivery(MemoryInbox())
    assert type(one) is DurableDelivery
    assert (one._storage, one._worker.slots.concurrency) == (StoragePolicy(), 7)
    assert one._worker.owner != other._worker.owner


def test_its_options_reach_it() -> None:
    made = delivery(
        MemoryInbox(), attempts=3, listener_timeout=None, ack_when={"shortcut": "handled"}, run_unacked=True
    )
    assert made._storage == StoragePolicy(3, None, {"shortcut": AckWhen.HANDLED}, True)


@pytest.mark.parametrize(
    ("option", "value"),
    [
        ("serialize_by", "channel"),
        ("attempts", 3),
        ("listener_timeout", None),
        ("ack_when", {}),
        ("run_unacked", True),
        ("handle_stored", False),
    ],
)
def test_an_option_of_the_inbox_without_one_is_a_mistake(option: str, value: Any) -> None:
    with pytest.raises(ConfigurationError, match=f"{option} says .* it needs inbox= as well"):
        delivery(None, **{option: value})


@pytest.mark.parametrize("inbox", ["events.db", MemoryInbox, object(), 7])
def test_what_is_no_inbox_is_refused(inbox: Any) -> None:
    with pytest.raises(ConfigurationError, match="SqliteInbox"):
        delivery(inbox)


@pytest.mark.parametrize("ack_when", [["slash_commands"], "handled", 7])
def test_ack_when_is_a_dict(ack_when: Any) -> None:
    with pytest.raises(ConfigurationError, match="ack_when is a dict"):
        delivery(MemoryInbox(), ack_when=ack_when)


def test_what_is_handled_one_after_the_other() -> None:
    assert group(None) == ""
    assert group("channel") == "channel:T1:C1"
    assert group("user") == "user:T1:U1"
    with pytest.raises(ConfigurationError, match="serialize_by is 'chanel'"):
        group("chanel")


def test_also_by_a_function_of_the_request() -> None:
    assert group(lambda request: request.payload["user_id"]) == "U1"
    assert group(lambda request: f"{request.type} {request.retry_attempt} {request.retry_reason}") == (
        "slash_commands 1 timeout"
    )
    assert group(lambda request: None) == ""
    assert group(lambda request: 7) == "7"
    assert group(lambda request: str(request.payload), payload=[]) == "{}"
