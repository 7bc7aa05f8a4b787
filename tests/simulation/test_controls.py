"""Clients with one thing wrong. The oracle has to notice each of them, and to name the promise that it breaks."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING, Any, Final

import pytest

from simulated.life import Outcome, simulate
from tautwire.delivery.dispatcher import Dispatcher
from tautwire.delivery.window import Window
from tautwire.engine.runner import Receipt
from tautwire.engine.supervisor import Supervisor
from tautwire.protocol.backoff import FLOOR
from tautwire.protocol.coverage import Coverage
from tautwire.protocol.link import Link
from tautwire.protocol.pace import Pace
from tautwire.protocol.plan import Plan

if TYPE_CHECKING:
    from collections.abc import Callable

#: Within so many lives a defect has to be found.
MOST_SEEDS: Final = 200

Patch = pytest.MonkeyPatch


def close_before_dial(patch: Patch) -> None:
    on_leaving = Supervisor.on_leaving

    def close_at_once(self: Supervisor, runner: Any, departure: Any) -> None:
        on_leaving(self, runner, departure)
        runner.close()

    patch.setattr(Supervisor, "on_leaving", close_at_once)


def ack_on_the_current_link(patch: Patch) -> None:
    patch.setattr(Receipt, "is_open", property(lambda self: False))


def no_back_off(patch: Patch) -> None:
    patch.setattr("tautwire.protocol.pace.delays", lambda chance: itertools.repeat(0.0))


def back_off_reset_on_hello(patch: Patch) -> None:
    ready = Plan.ready

    def forgive(self: Plan, link: int, hello: Any, now: float) -> None:
        ready(self, link, hello, now)
        self._pace.stable()

    patch.setattr(Plan, "ready", forgive)


def deaf_to_retry_after(patch: Patch) -> None:
    patch.setattr(Pace, "rate_limited", lambda self, now, retry_after: None)


def no_bound_on_opens(patch: Patch) -> None:
    # With the shortest delays that the back-off may draw, only this bound is left.
    patch.setattr("tautwire.protocol.pace.delays", lambda chance: itertools.repeat(FLOOR))
    patch.setattr("tautwire.protocol.pace.OPEN_REFILL", 1e-9)


def dials_on_after_a_fatal_answer(patch: Patch) -> None:
    patch.setattr(Plan, "refused", lambda self, error, link=None: self._views.pop(link, None))


def several_dials_at_once(patch: Patch) -> None:
    dial = Plan._dial

    def dial_anyway(self: Plan, now: float) -> Any:
        views, self._views = self._views, {}
        decisions = dial(self, now)
        self._views = views | self._views
        return decisions

    patch.setattr(Plan, "_dial", dial_anyway)


def never_dials_again(patch: Patch) -> None:
    patch.setattr(Pace, "failed", lambda self, now: self._wait(now + 1e6))


def late_gaps(patch: Patch) -> None:
    patch.setattr(Link, "_last_good", lambda self, now: now)


def untold_gaps(patch: Patch) -> None:
    patch.setattr(Coverage, "ended", lambda self, key, last_good: self._ready_since.pop(key, None) and None)


def nobody_watches_the_deadlines(patch: Patch) -> None:
    patch.setattr(Dispatcher, "_sweep_soon", lambda self: None)


def forgets_what_was_acked(patch: Patch) -> None:
    patch.setattr(Window, "has", lambda self, key, now: False)


def leaves_its_links_behind(patch: Patch) -> None:
    async def shut(self: Supervisor) -> None:
        self.stop()

    patch.setattr(Supervisor, "shut", shut)


def closes_slowly(patch: Patch) -> None:
    patch.setattr("tautwire.socket_mode.aiohttp.DRAIN_WAIT", 40.0)


CONTROLS: Final[dict[Callable[[Patch], None], set[str]]] = {
    close_before_dial: {"never zero"},
    ack_on_the_current_link: {"own connection"},
    no_back_off: {"back-off"},
    back_off_reset_on_hello: {"back-off"},
    deaf_to_retry_after: {"rate limit"},
    no_bound_on_opens: {"opens"},
    dials_on_after_a_fatal_answer: {"no dial"},
    several_dials_at_once: {"one dial", "count"},
    never_dials_again: {"ready"},
    late_gaps: {"gap"},
    untold_gaps: {"gap"},
    nobody_watches_the_deadlines: {"ack"},
    forgets_what_was_acked: {"once"},
    leaves_its_links_behind: {"nothing left"},
    closes_slowly: {"close"},
}


@pytest.mark.parametrize("control", CONTROLS, ids=lambda control: control.__name__)
def test_a_broken_client_is_noticed(control: Callable[[Patch], None], monkeypatch: Patch) -> None:
    control(monkeypatch)
    outcome = first_failure(CONTROLS[control])
    assert outcome is not None, f"not noticed in {MOST_SEEDS} lives"
    told = str(outcome)
    assert f"--seed {outcome.seed} --seeds 1" in told
    assert len(outcome.trace) > 1
    assert "VIOLATION" in told


def first_failure(rules: set[str]) -> Outcome | None:
    """The first life in which one of these promises is broken, and no other one before it."""
    for seed in range(MOST_SEEDS):
        outcome = simulate(seed)
        if outcome.rule in rules:
            return outcome
    return None
