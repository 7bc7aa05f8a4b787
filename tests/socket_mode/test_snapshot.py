"""The frozen picture."""

from __future__ import annotations

import dataclasses
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, get_args

import pytest

from tautwire import facts
from tautwire.observe.counters import Counters
from tautwire.protocol import link
from tautwire.protocol.effects import Cause
from tautwire.protocol.messages import Disconnect, DisconnectReason, Hello
from tautwire.socket_mode.snapshot import _STATES, ConnectionSnapshot, take_snapshot

if TYPE_CHECKING:
    from collections.abc import Callable

NOW = 1000.0


def picture(runners: list[Any], counters: Counters | None = None, *, closed: bool = False) -> Any:
    supervisor: Any = SimpleNamespace(is_connected=True, is_recovering=False, runners=runners, dials=3)
    dispatcher: Any = SimpleNamespace(received=7, running=2, unsettled=4)
    clock: Any = SimpleNamespace(monotonic=lambda: NOW)
    return take_snapshot(supervisor, dispatcher, counters or Counters(), clock, closed=closed)


def runner(number: int, state: Any) -> Any:
    return SimpleNamespace(number=number, state=state, opened_at=NOW - 10 * number, last_heard=NOW - number)


def test_it_shows_what_is() -> None:
    counters = Counters()
    gap = facts.Gap(9.0, 0.0, 1.0, 1.0)
    counters(gap)
    counters(facts.EnvelopeStored(9.0, "e", "events_api", 0.25))
    shown = picture([runner(1, link.Draining(NOW)), runner(2, link.Ready(NOW))], counters, closed=True)
    assert shown.connections == (
        ConnectionSnapshot(1, "draining", 10.0, 1.0),
        ConnectionSnapshot(2, "ready", 20.0, 2.0),
    )
    assert (shown.is_connected, shown.is_recovering, shown.closed) == (True, False, True)
    assert (shown.dials, shown.received, shown.running, shown.unsettled) == (3, 7, 2, 4)
    assert (shown.counts.gaps, shown.last_gap, shown.slowest_put) == (1, gap, 0.25)


def test_it_is_frozen_and_stays_as_it_was() -> None:
    runners = [runner(1, link.Ready(NOW))]
    counters = Counters()
    shown = picture(runners, counters)
    runners.clear()
    counters(facts.Gap(9.0, 0.0, 1.0, 1.0))
    assert (len(shown.connections), shown.counts.gaps, shown.last_gap) == (1, 0, None)
    with pytest.raises(dataclasses.FrozenInstanceError):
        shown.closed = True
    with pytest.raises(dataclasses.FrozenInstanceError):
        shown.connections[0].state = "ready"


def test_every_state_of_a_link_has_a_word() -> None:
    assert set(_STATES) == set(get_args(link.State))
    assert all(word.isidentifier() for word in _STATES.values())


def test_a_connections_whole_life_can_be_shown() -> None:
    life = link.Link(5.0, 0.0)
    words = [_STATES[type(life.state)]]
    steps: tuple[Callable[[], object], ...] = (
        lambda: life.on_message(Hello(), 1.0),
        lambda: life.on_message(Disconnect(DisconnectReason.WARNING), 2.0),
        lambda: life.retire(3.0, 30.0),
        lambda: life.close(4.0),
        lambda: life.lost(Cause.LOST, 5.0),
    )
    for happen in steps:
        happen()
        words.append(_STATES[type(life.state)])
    assert words == ["awaiting_hello", "ready", "leaving", "draining", "closing", "ended"]
