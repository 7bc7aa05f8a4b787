"""The two faces of the local Slack say the same: name for name, argument for argument."""

from __future__ import annotations

import inspect
from typing import Any

import pytest

from tautwire.local import LocalSlack
from tautwire.local.actors import Person, Place, Said, Shown
from tautwire.local.driving import Driver
from tautwire.testing.sync import SyncPerson, SyncPlace, SyncSaid, SyncShown, SyncSlack

PAIRS: list[tuple[type, type]] = [(Person, SyncPerson), (Place, SyncPlace), (Said, SyncSaid), (Shown, SyncShown)]

#: For clicking alone, which is done by people.
INSIDE = {"controls"}


def public(cls: type) -> dict[str, Any]:
    return {name: value for name, value in inspect.getmembers(cls) if not name.startswith("_")}


def arguments(function: Any) -> list[tuple[str, Any, Any]]:
    return [(each.name, each.kind, each.default) for each in inspect.signature(function).parameters.values()]


def differences(theirs: type, ours: type, names: set[str]) -> list[str]:
    found = []
    for name in sorted(names):
        one, other = public(theirs).get(name), public(ours).get(name)
        if one is None or other is None or isinstance(one, property) is not isinstance(other, property):
            found.append(name)
        elif inspect.iscoroutinefunction(other):
            found.append(f"{name} is async")
        elif not isinstance(one, property) and arguments(one) != arguments(other):
            found.append(f"{name}{arguments(other)}")
    return found


@pytest.mark.parametrize(("theirs", "ours"), PAIRS)
def test_every_name_is_there_with_its_arguments(theirs: type, ours: type) -> None:
    names = public(theirs).keys() - INSIDE
    assert differences(theirs, ours, set(names)) == []
    assert public(ours).keys() - {"record"} <= names


def test_the_slack_has_what_a_driver_has_and_nothing_of_another_form() -> None:
    driven = {*public(Driver).keys()} - {"line"}
    others = {"wait_for", "wait_connections", "settled", "inject", "advance"}
    assert differences(LocalSlack, SyncSlack, driven | others) == []
    own = {"ask", "run", "start", "close"}
    assert differences(LocalSlack, SyncSlack, set(public(SyncSlack).keys() - own)) == ["app_token", "bot_token"]


def test_a_difference_would_be_noticed() -> None:
    class Other:
        name = "no property"

        async def says(self, text: str) -> None:
            """Still async."""

        def edits(self, message: object, words: str) -> None:
            """Another name for an argument."""

    found = differences(Person, Other, {"name", "says", "edits", "deletes"})
    assert [each.partition("[")[0] for each in found] == ["deletes", "edits", "name", "says is async"]
