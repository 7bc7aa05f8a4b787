"""The two deliveries are alike to whoever uses one."""

from __future__ import annotations

import inspect
from typing import Any

import pytest

from tautwire.delivery.api import Delivery
from tautwire.delivery.dispatcher import Dispatcher
from tautwire.delivery.durable import DurableDelivery

NAMES = [name for name in dir(Delivery) if not name.startswith("_")]


def test_the_protocol_has_what_the_surface_calls() -> None:
    assert {"open", "take", "ack", "is_acked", "settle", "drain", "close", "has_room"} <= set(NAMES)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("delivery", [Dispatcher, DurableDelivery])
def test_each_has_it_in_the_same_form(delivery: type[Any], name: str) -> None:
    wanted, found = inspect.getattr_static(Delivery, name), inspect.getattr_static(delivery, name, None)
    if isinstance(wanted, property):
        assert isinstance(found, property) or f"self.{name} = " in inspect.getsource(delivery)
        return
    assert inspect.signature(found) == inspect.signature(wanted)
    assert inspect.iscoroutinefunction(found) == inspect.iscoroutinefunction(wanted)
