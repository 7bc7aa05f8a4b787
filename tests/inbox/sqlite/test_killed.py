"""Killed at random moments, again and again: nothing that was stored is lost, and everything comes to an end."""

from __future__ import annotations

import os
import random
from typing import TYPE_CHECKING

import pytest

from killed import ATTEMPTS, WINDOW, Life, Nursery, Story
from killed.child import found

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")

#: Records that each life puts, at most: more than it has time for.
RECORDS = 400


def lives(path: Path, seed: int, kills: int, store: str = "SqliteInbox") -> tuple[Story, dict[int, str]]:
    """So many lives that end early, and one that does not; what they said, and what is there."""
    chance, story = random.Random(seed), Story()
    with Nursery() as nursery:
        for number in range(kills):
            life = Life(str(path), number * RECORDS, RECORDS, chance.getrandbits(32), store=store)
            nursery.raise_one(life, story, lines=chance.choice((0, chance.randrange(1, 20), chance.randrange(1, 400))))
        last = Life(str(path), kills * RECORDS, 10, chance.getrandbits(32), to_the_end=True, store=store)
        nursery.raise_one(last, story)
    return story, found(str(path))


def test_nothing_is_lost(path: Path, seed: int, request: pytest.FixtureRequest) -> None:
    kills = 1_000 if request.config.getoption("--long") else 60
    story, there = lives(path, seed, kills)
    assert story.look(there) == []
    assert story.kills == kills
    assert len(story.stored) > 10 * kills
    begun, first = story.begun.total(), len(story.begun)
    duplicates = begun - first - story.failed.total()
    assert duplicates <= story.kills * WINDOW * 2
    request.node.add_report_section("call", "counts", f"{len(there)} records, {kills} kills, {duplicates} duplicates")


@pytest.mark.parametrize("store", ["AcksBeforeCommit", "DedupesOnCompletion", "ForgetsLeases", "SaysDoneFirst"])
def test_a_store_that_breaks_its_promise_is_noticed(store: str, path: Path, seed: int) -> None:
    story, there = lives(path, seed, 15, store)
    assert story.look(there) != []


@pytest.mark.parametrize(
    ("lines", "there", "complaint"),
    [
        (["stored 1"], {}, "1 was stored and is lost"),
        (["stored 1"], {1: "leased"}, "1 is leased"),
        (["begun 1", "done 1"], {1: "dead"}, "1 was done and is dead"),
        (["begun 1", "done 1", "begun 1"], {1: "done"}, "begun 1, which was done"),
        (["begun 1", "begun 1"], {1: "done"}, "1 was begun 2 times, where 1 can be"),
        (["begun 1", "failed 1"] * (ATTEMPTS + 1), {1: "done"}, f"1 was begun {ATTEMPTS + 1} times, where 5 can be"),
        ([], {1: "done"}, "1 is done and was never begun"),
        (["twice 1"], {1: "done"}, "1 was stored twice"),
    ],
)
def test_what_is_wrong_is_seen(lines: list[str], there: dict[int, str], complaint: str) -> None:
    story = Story()
    for line in lines:
        story.hear(line)
    assert complaint in story.look(there)


def test_what_is_right_is_not_complained_of() -> None:
    story = Story()
    for line in ("stored 1", "begun 1", "failed 1", "begun 1"):
        story.hear(line)
    story.end(was_killed=True)
    for line in ("begun 1", "done 1"):
        story.hear(line)
    assert story.look({1: "done"}) == []
