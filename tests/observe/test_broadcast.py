"""Every observer gets every fact, whatever the others do."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tautwire.facts import EngineFault, Stopped
from tautwire.observe.broadcast import Broadcast

if TYPE_CHECKING:
    from tautwire.facts import Fact, Observer

FACT = Stopped(12.5, None)


def check(kind: type[Broadcast]) -> None:
    heard: list[tuple[str, Fact]] = []
    error = ZeroDivisionError("no")

    def hears(name: str) -> Observer:
        return lambda fact: heard.append((name, fact))

    def raises(fact: Fact) -> None:
        raise error

    kind([raises, hears("counters")], [raises, hears("theirs")])(FACT)

    fault = EngineFault(12.5, "an observer", error)
    assert heard == [("counters", fault), ("counters", FACT), ("counters", fault), ("theirs", FACT)]


def test_an_observer_that_raises_costs_nobody_else_the_fact() -> None:
    check(Broadcast)


class Fragile(Broadcast):
    def __call__(self, fact: Fact) -> None:
        for observer in (*self._ours, *self._theirs):
            observer(fact)


class Silent(Broadcast):
    def _report(self, fault: EngineFault, culprit: Observer) -> None:
        pass


@pytest.mark.parametrize("kind", [Fragile, Silent])
def test_a_broken_one_is_noticed(kind: type[Broadcast]) -> None:
    with pytest.raises((AssertionError, ZeroDivisionError)):
        check(kind)


def test_even_the_news_of_it_may_raise() -> None:
    def raises(fact: Fact) -> None:
        raise ZeroDivisionError

    def other(fact: Fact) -> None:
        raise ZeroDivisionError

    Broadcast([raises, other], [raises])(FACT)


def test_one_that_raised_is_not_told_of_it() -> None:
    told: list[Fact] = []

    def raises(fact: Fact) -> None:
        told.append(fact)
        raise ZeroDivisionError

    Broadcast([raises], [])(FACT)
    assert told == [FACT]


def test_what_ends_the_program_goes_through() -> None:
    def interrupt(fact: Fact) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        Broadcast([], [interrupt])(FACT)


def test_the_list_may_change_at_any_time_also_by_an_observer() -> None:
    heard: list[Any] = []
    theirs: list[Observer] = []

    def once(fact: Fact) -> None:
        heard.append("once")
        theirs.remove(once)

    theirs += [once, heard.append]
    broadcast = Broadcast([], theirs)
    broadcast(FACT)
    broadcast(FACT)
    assert heard == ["once", FACT, FACT]
