"""`kill -9` at random moments while events flow: what was acked is not lost, and everything comes to an end.

Slack's view, the listeners' own journal and the rows of the inbox are compared when all is over. Clients die while they
start, while they recover what the last one has left, in the middle of it all, and while they close.
"""

from __future__ import annotations

import asyncio
import os
import random
import signal
from functools import partial
from typing import TYPE_CHECKING, Any

import pytest

from mortal import CONCURRENCY, Life, Nursery
from mortal.broken import FLAWS, NO_FENCE
from mortal.flow import Flow, local_slack
from mortal.oracle import Verdict, judge, rows, story
from tautwire import SqliteInbox
from tautwire.errors import InboxLockedError

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tautwire.local import LocalSlack

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")

#: Deaths in one file; with more, Slack's memory and the time of the oracle would grow.
MOST = 500


def moments(chance: random.Random) -> tuple[float, float | None]:
    """When it is killed and when it closes itself: on its way up, in the middle, on its way down."""
    match chance.choices(("up", "middle", "down"), (3, 5, 2))[0]:
        case "up":
            return chance.uniform(0, 0.06), None
        case "middle":
            return chance.uniform(0.04, 0.2), None
        case _:
            closing = chance.uniform(0.04, 0.12)
            return closing + chance.uniform(0, 0.06), closing


async def lives(folder: Path, seed: int, kills: int, flaw: str = "") -> tuple[Verdict, int]:
    """So many lives that are cut short, and one that is not: what they come to, and how many were killed."""
    chance, killed, number = random.Random(seed), 0, 0
    async with local_slack(seed) as slack, Nursery() as nursery:
        stage = Stage(slack, nursery, folder, seed, flaw=flaw)
        while killed < kills:
            number += 1
            kill_after, close_after = moments(chance)
            await stage.enter(number, kill_after=kill_after, close_after=close_after)
            killed += await stage.leave() != 0
        await stage.enter(number + 1)
        return await stage.end(), killed


class Stage:
    """One inbox, the clients that have it one after the other, and the flow that never ends."""

    def __init__(self, slack: LocalSlack, nursery: Nursery, folder: Path, seed: int, **life: Any) -> None:
        self.path, self._journal = folder / "events.db", folder / "journal"
        self._slack, self._nursery, self._seed = slack, nursery, seed
        self._flow = Flow(slack, seed)
        self._flowing = asyncio.create_task(self._flow.run())
        self._life: dict[str, Any] = {
            "api_url": slack.api_url,
            "app_token": slack.app_token,
            "bot_token": slack.bot_token,
            "path": str(self.path),
            "journal": str(self._journal),
            **life,
        }
        self._number = 0
        self.pid = 0

    async def enter(self, number: int, **life: Any) -> None:
        """The next client."""
        self._number = number
        self.pid = await self._nursery.bear(Life(**self._life, number=number, seed=self._seed + number, **life))

    async def leave(self) -> int:
        """It is gone; its exit code."""
        code = await self._nursery.bury()
        assert code in (0, -signal.SIGKILL), f"life {self._number} ended with {code}"
        with self._journal.open("a") as file:
            file.write(f"{self._number} gone -\n")
        return code

    async def end(self) -> Verdict:
        """Let the client that is there come to an end with everything, and look at it."""
        await self._slack.wait_connections(1)
        self._flowing.cancel()
        await asyncio.wait({self._flowing})
        await self._slack.settled(timeout=60)
        os.kill(self.pid, signal.SIGTERM)
        assert await self.leave() == 0
        sent = self._flow.sent
        numbers = {delivery: number for number, delivery in enumerate(sent)}

        def number_of(envelope_id: str) -> int:
            return numbers[self._slack.ledger[envelope_id]]

        there = [(number_of(row.envelope_id), row) for row in rows(self.path)]
        return judge(sent, story(self._journal, number_of), there)


async def test_nothing_that_was_acked_is_lost(
    tmp_path: Path,
    seed: int,
    kills: Callable[[int, int], int],
    request: pytest.FixtureRequest,
    caplog: pytest.LogCaptureFixture,
) -> None:
    left = kills(300, 5_000)
    while left:
        folder = tmp_path / str(left)
        folder.mkdir()
        seed += 1
        found, killed = await lives(folder, seed, min(left, MOST))
        counts = found.counts
        request.node.add_report_section("call", f"seed {seed}", f"{killed} kills: {dict(counts)}")
        assert found.complaints == [], found.counts
        assert counts["duplicates"] <= counts["broken_off"] <= CONCURRENCY * 2 * killed
        # That it was worth the while: all of it happened, and most came to a good end.
        assert min(counts[each] for each in ("redelivered", "known", "duplicates", "stored_and_not_acked")) > 0
        assert counts["done"] > counts["acked"] * 0.7
        left -= killed
    assert caplog.messages == []


@pytest.mark.parametrize("flaw", FLAWS)
async def test_a_client_that_breaks_its_promise_is_noticed(flaw: str, tmp_path: Path, seed: int) -> None:
    said: list[str] = []
    for more in range(5):  # Death has to come at the wrong moment, and may be kind so many times.
        folder = tmp_path / str(more)
        folder.mkdir()
        found, _ = await lives(folder, seed + more, 20, flaw)
        said += found.complaints
        if any(FLAWS[flaw][1] in complaint for complaint in said):
            return
    pytest.fail(f"nobody said that something {FLAWS[flaw][1]}: {said}")


def has_acked(enough: int, slack: Any) -> bool:
    return bool(slack.ledger.summary().acked_in_time >= enough)


async def stops(folder: Path, seed: int, times: int, flaw: str = "") -> Verdict:
    """A client that is stopped, by `SIGSTOP`, for longer than its leases last, and goes on."""
    async with local_slack(seed) as slack, Nursery() as nursery:
        stage = Stage(slack, nursery, folder, seed, flaw=flaw, lease_seconds=0.2, slow=10, concurrency=500)
        await stage.enter(1)
        await slack.wait_connections(1)
        for _ in range(times):
            enough = slack.ledger.summary().acked_in_time + 20
            await slack.wait_for(partial(has_acked, enough))
            os.kill(stage.pid, signal.SIGSTOP)
            with pytest.raises(InboxLockedError):
                await SqliteInbox(stage.path).open()
            await asyncio.sleep(0.3)  # What its leases last, and more: nothing else says when they have ended.
            os.kill(stage.pid, signal.SIGCONT)
        return await stage.end()


async def test_a_client_that_was_stopped_for_longer_than_its_leases_handles_nothing_twice(
    tmp_path: Path, seed: int
) -> None:
    """Nobody else can have had them meanwhile: the file is locked for as long as there is a process, stopped or not.

    What comes back to it by a claim of its own it is handling already. Two owners on one store, where the fence stands
    between them, are in the conformance suite and in the controls of the delivery.
    """
    found = await stops(tmp_path, seed, 5)
    assert found.complaints == [], found.counts
    assert found.counts["duplicates"] == 0


async def test_one_that_does_not_know_its_own_leases_is_noticed(tmp_path: Path, seed: int) -> None:
    found = await stops(tmp_path, seed, 5, NO_FENCE)
    assert any("was begun while it was at work" in complaint for complaint in found.complaints)
