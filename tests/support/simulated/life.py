"""One life of a client, from its seed to its end."""

from __future__ import annotations

import asyncio
import contextlib
import gc
import logging
from dataclasses import dataclass
from random import Random
from typing import TYPE_CHECKING, Any, Final

from simulated.actions import Actions
from simulated.door import Network, WebApi
from simulated.inbox import SlowInbox
from simulated.listeners import USERS_OWN, Listeners
from simulated.loop import VirtualClock, VirtualLoop
from simulated.oracle import Oracle, ViolationError, tell
from simulated.scenario import CALM, Scenario, draw
from simulated.slack import Slack
from simulated.world import World
from tautwire.errors import ClientClosedError, FatalConnectionError
from tautwire.socket_mode.aiohttp import SocketModeClient

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["Life", "Outcome", "simulate", "sweep"]

#: The promises: seconds from the end of all faults to a ready connection, and for `close()`.
_READY: Final = 120.0
_CLOSE: Final = 15.0

_HIGH_ROLL: Final = 0.9
_LIVES_BETWEEN_COLLECTIONS: Final = 50
_SILENT: Final = logging.getLogger("simulated.silent")
_SILENT.disabled = True


@dataclass(frozen=True, slots=True)
class Outcome:
    """How it went. `failure` is `None` when every promise was kept."""

    seed: int
    scenario: Scenario
    failure: str | None
    rule: str | None
    trace: tuple[str, ...]
    seconds: float
    envelopes: int
    gaps: int

    def __str__(self) -> str:
        if self.failure is None:
            return f"seed {self.seed}: kept all promises"
        lines = "\n".join(self.trace)
        return (
            f"seed {self.seed} ({self.scenario.name}): {self.failure}\n{lines}\n{self.scenario}\n"
            f"replay: pytest tests/simulation --seed {self.seed} --seeds 1, "
            f"or, in tests/support: python -m simulated --seed {self.seed}"
        )


class _Dice:
    """The client's source of chance; a high roller gets only the uppermost tenth of any range."""

    def __init__(self, chance: Random, least: float) -> None:
        self._chance = chance
        self._least = least

    def uniform(self, a: float, b: float, /) -> float:
        return a + (b - a) * (self._least + (1 - self._least) * self._chance.random())


class Life:
    """Everything that belongs to one seed."""

    def __init__(self, seed: int, *, keep_all: bool = False, with_inbox: bool = False) -> None:
        self.seed = seed
        self._keeps_all = keep_all
        self.scenario = draw(Random(f"{seed} scenario"))
        self.world = World()
        self.oracle = Oracle(self.world, self.scenario, **({"kept": None} if keep_all else {}))
        self.slack = Slack(self.world, Random(f"{seed} slack"), self.oracle, self.scenario.latency)
        outside = Random(f"{seed} outside")
        self.api = WebApi(self.world, self.slack, self.oracle, outside)
        self.network = Network(self.world, self.slack, self.oracle, outside)
        self.loop = VirtualLoop(self.world, check=self.oracle.check)
        self.loop.set_exception_handler(self._on_loose_end)
        self.inbox = SlowInbox(self.world, Random(f"{seed} inbox")) if with_inbox else None
        self.oracle.acks.is_durable = with_inbox
        self.listeners = Listeners(Random(f"{seed} listeners"), self.oracle, self.close)
        self.client = self._make_client()
        self.actions = Actions(self)
        self._is_over = asyncio.Event()
        self._calm_since: float | None = None

    @property
    def is_closing(self) -> bool:
        """Whether the end has begun."""
        return self._is_over.is_set()

    def _make_client(self) -> SocketModeClient:
        scenario = self.scenario
        client = SocketModeClient(
            "xapp-1-A05BOTQX1-1-abc",
            logger=_SILENT,
            web_client=self.api,
            auto_reconnect_enabled=scenario.auto_reconnect,
            ping_interval=scenario.ping_interval,
            connections=scenario.connections,
            concurrency=scenario.concurrency,
            ack_deadline=scenario.ack_deadline,
            auto_ack=scenario.auto_ack,
            observers=[self.oracle.on_fact],
            inbox=self.inbox,
            clock=VirtualClock(self.world),
            chance=_Dice(Random(f"{self.seed} dice"), _HIGH_ROLL if scenario.is_high_roller else 0.0),
            dialer=self.network,
        )
        client.socket_mode_request_listeners.append(self.listeners)
        return client

    def live(self) -> Outcome:
        """Live it."""
        failure = rule = None
        try:
            self.loop.run_until_complete(self._main())
            self.oracle.check()
        except ViolationError as error:
            failure, rule = str(error), str(error).partition(":")[0]
        except Exception as error:  # noqa: BLE001  whatever breaks, its seed has to be told
            failure, rule = f"{type(error).__name__}: {error}", type(error).__name__
        finally:
            self._sweep_up()
        return Outcome(
            self.seed,
            self.scenario,
            failure,
            rule,
            tuple(map(tell, self.oracle.trace)) if failure or self._keeps_all else (),
            self.world.now,
            self.oracle.acks.read,
            self.oracle.gaps.found,
        )

    async def close(self) -> None:
        """`close()`, as the user calls it, measured."""
        self.oracle.on_user("close")
        self._is_over.set()
        await self.client.close()

    async def _main(self) -> None:
        self._foresee()
        user = asyncio.create_task(self._use(), name="the user")
        await self._is_over.wait()
        began = self.world.awake
        await self.close()
        if self.world.awake - began > _CLOSE + 1e-6:
            self.oracle.blame("close", f"close() took {self.world.awake - began:.2f} s")
        self.oracle.on_user_done("close")
        await asyncio.wait({user})
        await self.actions.finish()
        for task in set(self.listeners.spawned):
            task.cancel()
        await asyncio.sleep(0)
        self.oracle.acks.check(at_end=True)
        self._check_leftovers()
        self._check_kept()
        user.result()

    def _foresee(self) -> None:
        scenario = self.scenario
        for moment, weather in scenario.weather:
            self.world.at(moment, setattr, self.slack, "weather", weather)
        for fault in scenario.faults:
            self.world.at(fault.at, self.actions.happen, fault.kind)
        self.world.after(0.1, self._post)
        self.world.at(scenario.calm_at, self._calm)
        if scenario.close_at is not None:
            self.world.at(scenario.close_at, self._is_over.set)

    def _post(self) -> None:
        if not self.is_closing:
            self.slack.post()
            self.world.after(self.actions.chance.expovariate(1 / self.scenario.pause), self._post)

    def _calm(self) -> None:
        self.oracle.note("calm")
        self.slack.weather = CALM
        self.listeners.is_calm = True
        self.slack.exorcise()
        self.api.verdict = None
        self._calm_since = self.world.awake + 1.1 * self.oracle.dials.limited_for
        for wire in self.slack.open:
            wire.flow()
            wire.latency = self.scenario.latency
        self._look()

    def _look(self) -> None:
        """Whether it is ready again; if so, a while later it ends."""
        if self._is_over.is_set():
            return
        assert self._calm_since is not None
        if self._is_ready() or not self._can_recover():
            self.world.after(self.actions.chance.uniform(0.0, 8.0), self._is_over.set)
        elif self.world.awake - self._calm_since > _READY:
            self.oracle.blame("ready", f"not ready {_READY:.0f} s after the last fault")
        else:
            self.world.after(0.5, self._look)

    def _is_ready(self) -> bool:
        alive = {wire.number for wire in self.slack.routed if not wire.is_mute}
        return bool(alive & set(self.oracle.serving))

    def _can_recover(self) -> bool:
        return self.scenario.auto_reconnect and not self.oracle.links.is_off and not self.actions.is_down

    async def _use(self) -> None:
        """What a user's program does."""
        try:
            if self.scenario.uses_run:
                self.oracle.on_user("connect")
                await self.client.run()
            else:
                await self.actions.connect()
        except ClientClosedError:
            assert self.oracle.is_down
        except FatalConnectionError as error:
            self.oracle.note("user", "got", error)
            if not self.oracle.links.is_off:
                self.oracle.blame("fatal", f"a fatal error without reason: {error}")
            if self.scenario.uses_run:
                self._is_over.set()

    def _check_leftovers(self) -> None:
        left = [task.get_name() for task in asyncio.all_tasks() if task is not asyncio.current_task()]
        left = [name for name in left if name != USERS_OWN]
        if left:
            self.oracle.blame("nothing left", f"tasks after close(): {sorted(left)}")
        if self.oracle.open:
            self.oracle.blame("nothing left", f"connections after close(): {self.oracle.open}")

    def _check_kept(self) -> None:
        if self.inbox is not None:
            kept = {entry.record.envelope_id for entry in self.inbox.shelf.entries.values()}
            if lost := sorted(self.oracle.acks.acked - kept):
                self.oracle.blame("kept", f"acked, and not in the inbox: {lost}")

    def _on_loose_end(self, _: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
        self.oracle.blame("loose end", f"{context.get('message')}: {context.get('exception')!r}")

    def _sweep_up(self) -> None:
        """After a failure, too, nothing may outlive the test."""
        self.loop.set_exception_handler(lambda *_: None)
        self.oracle.complaints.clear()
        for task in asyncio.all_tasks(self.loop):
            task.cancel()
        with contextlib.suppress(Exception):
            for _ in range(50):
                if not asyncio.all_tasks(self.loop):
                    break
                self.loop.call_soon(self.loop.stop)
                self.loop.run_forever()
        self.loop.close()


def simulate(seed: int, *, keep_all: bool = False, with_inbox: bool = False) -> Outcome:
    """Live the life of `seed`."""
    return Life(seed, keep_all=keep_all, with_inbox=with_inbox).live()


def sweep(seeds: Sequence[int], *, with_inbox: bool = False) -> list[Outcome]:
    """Live them all; the lives in which a promise was broken."""
    failures = []
    was_enabled = gc.isenabled()
    gc.disable()  # Its turns would come at moments that the seed does not decide.
    try:
        for count, seed in enumerate(seeds):
            outcome = simulate(seed, with_inbox=with_inbox)
            if outcome.failure is not None:
                failures.append(outcome)
            if count % _LIVES_BETWEEN_COLLECTIONS == 0:
                gc.collect()
    finally:
        if was_enabled:
            gc.enable()
    return failures
