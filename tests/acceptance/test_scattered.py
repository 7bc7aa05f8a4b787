"""Gateways, workers and a cluster of NATS servers that die at random moments while events flow.

What was acked is not lost, everything comes to an end, and what is handled more than once has a reason for each time.
"""

from __future__ import annotations

import asyncio
import os
import random
from typing import TYPE_CHECKING

import pytest

from mortal import CONCURRENCY
from mortal.flow import local_slack
from natsservers import Cluster, Server
from scattered.broken import FLAWS
from scattered.stage import Mishaps, Stage
from tautwire.local import Fault

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from mortal.oracle import Verdict

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")

#: Envelopes a second, while somebody is connected.
RATE = 100.0
#: Seconds of flow between two mishaps.
FLOW_SECONDS = 1.5
#: Deaths on one cluster; with more, Slack's memory and the time of the oracle would grow.
MOST = 400
#: Deaths between two rounds of mishaps, at most.
CALM = 250
#: More of what comes twice than usual.
TWICE = Fault(where="envelope", kind="duplicate_new_id", match="events_api", probability=0.1)


async def lives(folder: Path, seed: int, kills: int) -> tuple[Verdict, Stage, list[str]]:
    """Rounds in which each mishap happens once, with more and with fewer workers, and deaths in between."""
    chance = random.Random(seed)
    async with (
        Cluster(sync_interval="always") as cluster,
        local_slack(seed, time_scale=0.02) as slack,
        Stage(slack, cluster, folder, seed, rate=RATE) as stage,
    ):
        slack.faults.add(TWICE)
        mishaps = Mishaps(cluster, seed)
        await stage.staff(2, 2)
        await slack.wait_connections(1)
        while True:
            names = ["leader", "node", "all"]
            chance.shuffle(names)
            for name, workers in zip(names, (4, 1, 3), strict=True):
                await asyncio.sleep(FLOW_SECONDS)
                await mishaps.happen(name)
                await stage.staff(2, workers)
            last = min(kills, stage.kills + CALM)
            for goal in (*range(stage.kills, last, 50), last):
                await deaths(stage, goal)
            if stage.kills >= kills:
                break
        return await stage.end(), stage, mishaps.told


async def deaths(stage: Stage, goal: int) -> None:
    """So many in all."""
    await stage.until(lambda: stage.kills >= goal)


async def test_nothing_that_was_acked_is_lost(
    tmp_path: Path, seed: int, kills: Callable[[int, int], int], request: pytest.FixtureRequest
) -> None:
    left = kills(300, 5_000)
    while left > 0:
        folder = tmp_path / str(left)
        folder.mkdir()
        seed += 1
        found, stage, told = await lives(folder, seed, min(left, MOST))
        counts, ends = found.counts, f"{stage.kills} kills, {stage.closes} closes, {len(stage.stopped)} stops"
        request.node.add_report_section("call", f"seed {seed}", f"{ends}; {'; '.join(told)}; {dict(counts)}")
        assert found.complaints == []
        assert counts["duplicates"] <= counts["broken_off"]
        assert counts["broken_off"] - counts["outlived"] <= CONCURRENCY * stage.kills
        # That it was worth the while: all of it happened, and most came to a good end.
        assert min(counts[each] for each in ("acked", "redelivered", "known", "broken_off")) > 0
        assert counts["done"] > counts["acked"] * 0.7
        left -= stage.kills


#: How gateways and workers live where a flaw is to come to light, and what is enough for it.
BREACHES: dict[str, tuple[list[float], list[float], Callable[[Stage], bool]]] = {
    "AcksBeforePubAck": ([0, 1, 0, 0, 0], [0, 0, 0, 0, 1], lambda stage: stage.kills >= 5),
    "DedupesOnCompletion": ([0, 0, 0, 0, 1], [0, 0, 0, 0, 1], lambda stage: stage.sent >= 200),
    "HasNoFence": ([0, 0, 0, 0, 1], [0, 0, 0, 1, 0], lambda stage: bool(stage.stopped)),
}


async def breach(name: str, folder: Path, seed: int, flaw: str) -> Verdict:
    """Lives on one server that is well."""
    gateways, workers, is_enough = BREACHES[name]
    async with Server() as server, local_slack(seed) as slack:
        slack.faults.add(TWICE)
        async with Stage(slack, server, folder, seed, rate=RATE, slow=10.0, lease_seconds=1.5, flaw=flaw) as stage:
            stage.ways = {"gateway": gateways, "worker": workers}
            await stage.staff(2, 2)
            await stage.until(lambda: is_enough(stage))
            return await stage.end()


@pytest.mark.parametrize("flaw", FLAWS)
async def test_an_inbox_that_breaks_its_promise_is_noticed(flaw: str, tmp_path: Path, seed: int) -> None:
    found = await breach(flaw, tmp_path, seed, flaw)
    assert any(FLAWS[flaw][1] in complaint for complaint in found.complaints), found.counts


async def test_one_that_keeps_it_is_not(tmp_path: Path, seed: int) -> None:
    found = await breach("HasNoFence", tmp_path, seed, "")
    assert found.complaints == []
    assert found.counts["done"] > 0
