"""A storm is a timetable: the same from the same seed, another from another, and over when it says so."""

from __future__ import annotations

import hashlib
import json
import random
from typing import TYPE_CHECKING, Any

import pytest

from tautwire.errors import ConfigurationError
from tautwire.local.faults import KINDS, Fault, Storm
from tautwire.local.faults import storm as room

if TYPE_CHECKING:
    from collections.abc import Callable

#: Of `Storm(seed=1, seconds=600)`. It changes with every kind of fault that there is; then, and only then, change it.
GOLDEN = "a89be4b48006e9b6ba01fa1179ceecf5ca9198b72da3f10ba8252416bfbbd13e"


def is_repeatable(make: Callable[[], str]) -> bool:
    return len({make() for _ in range(5)}) == 1


def test_the_same_seed_gives_the_same_storm(seed: int) -> None:
    assert is_repeatable(lambda: Storm(seed=seed, seconds=300).lines())
    assert Storm(seed=seed, seconds=300).lines() != Storm(seed=seed + 1, seconds=300).lines()


def test_a_storm_with_chance_of_its_own_would_be_noticed(seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(room, "Random", lambda _seed: random.SystemRandom())
    assert not is_repeatable(lambda: Storm(seed=seed, seconds=300).lines())


def test_it_is_the_same_on_every_machine() -> None:
    lines = Storm(seed=1, seconds=600).lines()
    assert hashlib.sha256(lines.encode()).hexdigest() == GOLDEN


def test_asking_twice_and_elsewhere_changes_nothing(seed: int) -> None:
    storm = Storm(seed=seed, seconds=120)
    first = storm.plan()
    random.seed(seed)
    assert storm.plan() == first


@pytest.mark.parametrize("intensity", [0.2, 1.0, 20.0])
def test_everything_is_over_in_time(seed: int, intensity: float) -> None:
    for number in range(10):
        storm = Storm(seed=seed + number, seconds=45.5, intensity=intensity)
        gusts = storm.plan()
        assert [gust.at for gust in gusts] == sorted(gust.at for gust in gusts)
        for gust in gusts:
            assert gust.at >= 0
            assert round(gust.at + gust.lasts + gust.fault.delay, 3) <= 45.5
            assert gust.fault.count is not None
            assert (gust.lasts == 0) is (gust.fault.where == "connection") or gust.at > 35


def test_intensity_is_how_many_come(seed: int) -> None:
    def many(intensity: float) -> int:
        return sum(len(Storm(seed=seed + n, seconds=600, intensity=intensity).plan()) for n in range(4))

    # 300 in 600 s, of which few fall out at the end.
    assert 900 < many(1.0) < 1500
    assert many(0.1) * 4 < many(1.0) < many(10.0) / 4


def test_every_kind_comes_and_none_is_for_ever(seed: int) -> None:
    gusts = [gust for number in range(10) for gust in Storm(seed=seed + number, seconds=900).plan()]
    assert {(gust.fault.where, gust.fault.kind) for gust in gusts} == {
        (where, kind) for where, kinds in KINDS.items() for kind in kinds
    }
    for gust in gusts:
        if "delay" in KINDS[gust.fault.where][gust.fault.kind]:
            assert gust.fault.delay > 0


def test_nothing_says_that_the_app_is_unwanted(seed: int) -> None:
    text = "".join(Storm(seed=seed + number, seconds=900).lines() for number in range(3))
    assert "invalid_auth" not in text
    assert "link_disabled" not in text
    assert "too_many_websockets" in text


def test_what_is_left_out_does_not_come(seed: int) -> None:
    without = ("api", "upload", "connection/half_open", "envelope/half_open")
    gusts = Storm(seed=seed, seconds=600, without=without).plan()
    assert gusts
    assert not [gust for gust in gusts if gust.fault.where in ("api", "upload") or gust.fault.kind == "half_open"]
    assert Storm(seed=seed, without=tuple(KINDS)).plan() == ()


def test_the_lines_can_be_read_back(seed: int) -> None:
    storm = Storm(seed=seed, seconds=300)
    read = [json.loads(line) for line in storm.lines().splitlines()]
    assert [(each["at"], each["lasts"], Fault.from_dict(each["fault"])) for each in read] == [
        (gust.at, gust.lasts, gust.fault) for gust in storm.plan()
    ]


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({"seconds": 0}, "a storm lasts up to 86400 seconds, not 0"),
        ({"seconds": 1e9}, "a storm lasts up to"),
        ({"intensity": 0}, "a storm's intensity is up to 1000, not 0"),
        ({"intensity": 1001}, "a storm's intensity"),
        ({"without": ("tea",)}, "no storm has 'tea' to leave out; try 'ack/late', or api,"),
    ],
    ids=str,
)
def test_a_mistake_gets_one_sentence(wrong: dict[str, Any], sentence: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        Storm(seed=1, **wrong)
    assert str(caught.value).startswith(sentence)
