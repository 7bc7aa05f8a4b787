"""The processes side by side, the flow that never ends, and what befalls the servers."""

from __future__ import annotations

import asyncio
import os
import random
import signal
from contextlib import AsyncExitStack, suppress
from typing import TYPE_CHECKING, Any

from mortal import Nursery
from mortal.flow import Flow
from natsservers.server import until
from scattered import COULD_NOT_OPEN, LEASE_SECONDS, Life
from scattered.oracle import look, rows_of
from tautwire.errors import InboxUnavailableError
from tautwire.inbox.jetstream import JetStreamInbox

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path
    from typing import Self

    from mortal.oracle import Verdict
    from natsservers import Cluster, Server
    from tautwire.local import LocalSlack

__all__ = ["Mishaps", "Stage"]

#: Seconds between the end of a life and the beginning of the next.
_PAUSE = 0.05
#: Seconds for everything to come to its end: the leases of the dead, elections, retries.
_PATIENCE = 90.0


class Slot:
    """Where one process lives after the other, as long as it is wanted."""

    def __init__(self, stage: Stage, role: str, nursery: Nursery) -> None:
        self.role = role
        self.is_wanted = asyncio.Event()
        self._stage, self._nursery = stage, nursery
        self._living = asyncio.create_task(self._live())

    async def _live(self) -> None:
        while True:
            await self.is_wanted.wait()
            if self._stage.ending.is_set():
                await self._last()
                return
            await self._one()
            await asyncio.sleep(_PAUSE)

    async def _one(self) -> None:
        chance = self._stage.chance
        match chance.choices(("up", "middle", "down", "stalled", "steady"), self._stage.ways[self.role])[0]:
            case "up":
                await self._stage.live(self, kill_after=chance.uniform(0, 0.3))
            case "middle":
                await self._stage.live(self, kill_after=chance.uniform(0.3, 2.5))
            case "down":
                closing = chance.uniform(0.3, 1.5)
                await self._stage.live(self, kill_after=closing + chance.uniform(0, 0.5), close_after=closing)
            case "stalled":
                # As a machine that sleeps: longer than its leases, and then it goes on.
                stall = (chance.uniform(0.5, 1.0), self._stage.lease_seconds + 1.5)
                await self._stage.live(self, stall=stall)
            case _:
                await self._stage.live(self, ended=self._stage.ending)

    async def _last(self) -> None:
        while not self._stage.is_over.is_set():
            await self._stage.live(self, ended=self._stage.is_over)

    async def end(self) -> None:
        self.is_wanted.set()
        await self._living

    def check(self) -> None:
        if self._living.done():
            self._living.result()

    async def abandon(self) -> None:
        self._living.cancel()
        await asyncio.wait({self._living})

    async def bear(self, life: Life) -> int:
        return await self._nursery.bear(life)

    async def bury(self) -> int:
        return await self._nursery.bury()


class Stage:
    """Gateways and workers on one inbox."""

    def __init__(
        self,
        slack: LocalSlack,
        servers: Server | Cluster,
        folder: Path,
        seed: int,
        *,
        rate: float,
        slow: float = 4.0,
        lease_seconds: float = LEASE_SECONDS,
        flaw: str = "",
    ) -> None:
        self.chance = random.Random(seed)
        #: No more deaths; and nothing left to be done.
        self.ending, self.is_over = asyncio.Event(), asyncio.Event()
        self.lease_seconds = lease_seconds
        self.kills = self.closes = 0
        #: The lives that were stopped for a while.
        self.stopped: list[int] = []
        #: How lives go: killed on their way up, in the middle, on their way down; stopped for a while; to the end.
        self.ways: dict[str, list[float]] = {"gateway": [2, 6, 2, 0, 0], "worker": [2, 6, 2, 0.5, 0]}
        self._slack, self._servers, self._seed, self._slow, self._flaw = slack, servers, seed, slow, flaw
        self._journal, self._folder = folder / "journal", folder
        self._flow = Flow(slack, seed, rate)
        self._numbers = 0
        self._stack = AsyncExitStack()
        self.slots: list[Slot] = []

    async def __aenter__(self) -> Self:
        self._journal.touch()
        self._flowing = asyncio.create_task(self._flow.run())
        return self

    async def __aexit__(self, *_: object) -> None:
        self._flowing.cancel()
        await asyncio.wait({self._flowing})
        for slot in self.slots:
            await slot.abandon()
        await self._stack.aclose()

    async def staff(self, gateways: int, workers: int) -> None:
        """So many of each from now on; those that are too many live their life to its end."""
        for role, count in (("gateway", gateways), ("worker", workers)):
            there = [slot for slot in self.slots if slot.role == role]
            new = [Nursery("scattered") for _ in range(count - len(there))]
            await asyncio.gather(*(self._stack.enter_async_context(nursery) for nursery in new))
            there += [Slot(self, role, nursery) for nursery in new]
            self.slots += [slot for slot in there if slot not in self.slots]
            for place, slot in enumerate(there):
                (slot.is_wanted.set if place < count else slot.is_wanted.clear)()

    @property
    def sent(self) -> int:
        """Envelopes so far."""
        return len(self._flow.sent)

    async def until(self, is_so: Callable[[], bool]) -> None:
        """Let it go on until enough has happened."""

        async def is_enough() -> bool:
            self.check()
            return is_so()

        await until(is_enough, _PATIENCE, lambda: "enough to have happened")

    async def live(
        self,
        slot: Slot,
        *,
        stall: tuple[float, float] | None = None,
        ended: asyncio.Event | None = None,
        **times: float,
    ) -> None:
        """One life in a slot, to its end."""
        self._numbers += 1
        number = self._numbers
        pid = await slot.bear(self._life(slot.role, number, times))
        bystander = asyncio.create_task(self._stand_by(pid, stall, ended))
        code = await slot.bury()
        bystander.cancel()
        await asyncio.wait({bystander})
        with self._journal.open("a") as file:
            file.write(f"{number} gone -\n")
        assert code in (0, -signal.SIGKILL, COULD_NOT_OPEN), f"life {number} ended with {code}"
        self.kills += code == -signal.SIGKILL
        self.closes += code == 0
        if stall is not None:
            self.stopped.append(number)
        if code == COULD_NOT_OPEN:
            await asyncio.sleep(0.2)

    async def _stand_by(self, pid: int, stall: tuple[float, float] | None, end: asyncio.Event | None) -> None:
        if stall is not None:
            begin, seconds = stall
            await asyncio.sleep(begin)
            os.kill(pid, signal.SIGSTOP)
            await asyncio.sleep(seconds)
            os.kill(pid, signal.SIGCONT)
            await asyncio.sleep(begin)
            os.kill(pid, signal.SIGTERM)
        elif end is not None:
            await end.wait()
            os.kill(pid, signal.SIGTERM)

    def _life(self, role: str, number: int, times: dict[str, float]) -> Life:
        return Life(
            role=role,
            api_url=self._slack.api_url,
            app_token=self._slack.app_token,
            bot_token=self._slack.bot_token,
            servers=self._servers.urls,
            replicas=min(3, len(self._servers.urls)),
            journal=str(self._journal),
            number=number,
            seed=self._seed + number,
            slow=self._slow,
            lease_seconds=self.lease_seconds,
            flaw=self._flaw,
            folder=str(self._folder),
            **times,
        )

    def check(self) -> None:
        """Raise what a slot has failed with."""
        for slot in self.slots:
            slot.check()

    async def end(self) -> Verdict:
        """No more envelopes, no more deaths: let everything come to its end, and look at it."""
        self._flowing.cancel()
        await asyncio.wait({self._flowing})
        self.ending.set()
        await self.staff(1, 2)
        async with AsyncExitStack() as stack:
            inbox = await self._visit(stack)
            await self._slack.settled(timeout=_PATIENCE)

            async def is_empty() -> bool:
                self.check()
                with suppress(InboxUnavailableError):
                    stats = await inbox.stats()
                    return not stats.waiting + stats.delayed + stats.leased
                return False

            await until(is_empty, _PATIENCE, lambda: "an inbox in which everything has ended")
            self.is_over.set()
            for slot in self.slots:
                await slot.end()
            rows = await rows_of(inbox)
        sent = self._flow.sent
        numbers = {delivery: number for number, delivery in enumerate(sent)}
        return look(
            sent, self._journal, rows, lambda envelope_id: numbers[self._slack.ledger[envelope_id]], self.stopped
        )

    async def _visit(self, stack: AsyncExitStack) -> JetStreamInbox:
        async def opened() -> JetStreamInbox | None:
            inbox = JetStreamInbox(self._servers.urls, lease_seconds=self.lease_seconds, is_visitor=True)
            with suppress(InboxUnavailableError):
                return await stack.enter_async_context(inbox)
            return None

        found: JetStreamInbox = await until(opened, _PATIENCE, lambda: "an inbox that can be looked at")
        return found


class Mishaps:
    """What befalls a cluster. Each comes back when all servers are well again."""

    def __init__(self, cluster: Cluster, seed: int) -> None:
        self._cluster, self._chance = cluster, random.Random(seed)
        self.told: list[str] = []

    async def happen(self, name: str) -> None:
        """One of `leader`, `node`, `all`."""
        what: Any = getattr(self, f"_{name}")
        self.told.append(await what())
        await self._cluster.ready(60)
        for stream in ("tautwire-work", "tautwire-state"):
            await self._cluster.stream_leader(stream, 60)

    async def _leader(self) -> str:
        """The leader of the stream that the records are in dies, and stays away for a while."""
        leader = await self._cluster.stream_leader("tautwire-work")
        leader.kill()
        seconds = self._chance.uniform(0, 6)
        await asyncio.sleep(seconds)
        await leader.restart(60)
        return f"leader {leader.name} was dead for {seconds:.1f} s"

    async def _node(self) -> str:
        """Any server stops, and goes on later as if nothing had been."""
        server = self._chance.choice(self._cluster.servers)
        server.stop()
        seconds = self._chance.uniform(1, 6)
        await asyncio.sleep(seconds)
        server.resume()
        return f"{server.name} was stopped for {seconds:.1f} s"

    async def _all(self) -> str:
        """All of them die at once."""
        self._cluster.kill()
        seconds = self._chance.uniform(0, 3)
        await asyncio.sleep(seconds)
        await self._cluster.restart()
        return f"all were dead for {seconds:.1f} s"
