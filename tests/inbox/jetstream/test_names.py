"""What streams and subjects are called."""

from __future__ import annotations

import pytest

from tautwire.errors import ConfigurationError
from tautwire.inbox.jetstream.names import NO_GROUP, Names, group_of, id_of, is_id


def test_everything_begins_with_the_name() -> None:
    names = Names("shop")
    assert (names.work_stream, names.state_stream, names.dead_stream) == ("shop-work", "shop-state", "shop-dead")
    assert names.work("g", "r") == "shop.work.g.r"
    assert names.held("r") == "shop.held.r"
    assert names.state("r") == "shop.state.r"
    assert names.dead("r") == "shop.dead.r"
    assert names.turn("g") == "shop.turn.g"
    assert names.count == "shop.count"
    assert names.is_held("shop.held.r")
    assert not names.is_held("shop.work.held.r")


@pytest.mark.parametrize("name", ["", "a.b", "a b", "a*", "ä", "x" * 65, "a\n"])
def test_a_name_that_cannot_be_is_refused(name: str) -> None:
    with pytest.raises(ConfigurationError, match="name of an inbox"):
        Names(name)


@pytest.mark.parametrize("key", ["event/A1/T1/Ev1", "ünïcode ☃", "a.b *>", "\ud800"])
def test_any_key_has_an_id_that_a_subject_takes(key: str) -> None:
    assert is_id(id_of(key))
    assert id_of(key) == id_of(key) != id_of(f"{key}!")
    assert group_of(key).isalnum()


def test_what_is_no_id() -> None:
    for which in ("", "4711", "no id at all", "*", ">", "A" * 32, "a" * 31, f"{'a' * 32}\n"):
        assert not is_id(which)


def test_no_group_is_a_line_of_its_own() -> None:
    assert group_of("") == NO_GROUP
    assert group_of("-") != NO_GROUP
